"""No file over 600 lines, no marker of unfinished work, no path of one machine: over every file of
the checkout that people write."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
CODE = {".h", ".hpp", ".cpp", ".c", ".td", ".py", ".sh", ".cmake", ".proto"}
TEXT = CODE | {".md", ".mlir", ".txt", ".json", ".test", ".in"}
# Put together here, so that this file does not hold what it looks for.
MARKERS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]) +
                     r")\b|not (yet )?" + r"implemented|\bDIS" + r"ABLED_")
MACHINE = re.compile(r"(?<![\w.$}/-])/(" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me",
                                                   "Us" + "ers"]) + r")/\w")


def files():
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not re.match(r"(build[^/]*|\.(?!ci)[^/]*)(/|$)", name) and path.is_file():
            if path.suffix in TEXT or name.startswith(".ci/"):
                yield name, path


def problems_of(name, path):
    text = path.read_text()
    lines = text.splitlines()
    if path.suffix in CODE and len(lines) > 600:
        yield f"{name}: {len(lines)} lines, at most 600"
    for number, line in enumerate(lines, 1):
        if MARKERS.search(line) and "X" * 6 not in line:
            yield f"{name}:{number}: a marker of unfinished work: {line.strip()}"
        if MACHINE.search(line):
            yield f"{name}:{number}: a path of one machine: {line.strip()}"


checked = list(files())
problems = [problem for name, path in checked for problem in problems_of(name, path)]
if len(checked) < 300:
    problems.append(f"only {len(checked)} files were read: the reading is broken")
print("\n".join(problems) or f"{len(checked)} files")
sys.exit(bool(problems))
