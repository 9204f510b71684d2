"""Every numbered constraint of ir/**/*.td has a negative test, and every such test a constraint.

A constraint is written `- op_cN: text` in the op's description; its tests are functions, entries or
modules named `op_cN_reason` in test/ir/op_invalid.mlir. Those of the attributes in ir/DlcNames.td
are in test/ir/names_invalid.mlir.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])


def constraints():
    for path in sorted((root / "ir").glob("**/*.td")):
        for name in re.findall(r"^ +- ([a-z0-9_]+_c[0-9]+):", path.read_text(), re.M):
            yield name, path


def test_file(name):
    path = declared[name]
    of_op = path.parent.name == "ops"
    return name.rsplit("_c", 1)[0] if of_op else path.stem.removeprefix("Dlc").lower()


def tests():
    for path in sorted((root / "test" / "ir").glob("*_invalid.mlir")):
        op = path.name[: -len("_invalid.mlir")]
        for name in re.findall(r"@([a-z0-9_]+_c[0-9]+)_[a-z0-9_]+", path.read_text()):
            yield name, op, path.name


declared = dict(constraints())
problems = []
tested = set()
for name, op, path in tests():
    tested.add(name)
    if name not in declared:
        problems.append(f"{path}: tests {name}, which no op declares")
    elif test_file(name) != op:
        problems.append(f"{path}: {name} belongs into {test_file(name)}_invalid.mlir")
problems += [f"{path.name}: {name} has no negative test" for name, path in declared.items()
             if name not in tested]
numbers = {}
for name in declared:
    op, number = name.rsplit("_c", 1)
    numbers.setdefault(op, []).append(int(number))
problems += [f"{op}: constraints are numbered {found}, expected 1 to {len(found)}"
             for op, found in numbers.items() if found != list(range(1, len(found) + 1))]
print("\n".join(problems) or f"{len(declared)} constraints of {len(numbers)} ops and attributes, all tested")
sys.exit(bool(problems))
