"""Every kernel of a compiled example knows the lines of the model that it computes.

Reads the planned module with its locations. Only the module itself, and constants, which the folder
shares among their users and strips of a place on purpose, may have none.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

root, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
EXAMPLES = ["digits_convnet", "gan"]


def tool(name, *arguments):
    run = subprocess.run([str(build / "bin" / name), *arguments], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{name} {' '.join(arguments)} failed:\n{run.stderr}")
    return run.stdout


def check_module(example, text):
    operations = 0
    for line in text.splitlines():
        found = re.search(r"loc\((.*)\)$", line)
        if not found:
            continue
        operations += 1
        unknown = "loc(unknown)" in line
        if unknown and not re.search(r"= dlc\.constant ", line) and line != "} loc(unknown)":
            yield f"{example}: no location: {line.strip()}"
        if "dlc.dispatch" in line and not re.search(rf'{example}\.cpp":\d+:\d+', found[1]):
            yield f"{example}: names no line of the model: {line.strip()}"
    if operations < 100:
        yield f"{example}: only {operations} locations were read: the reading is broken"


def check_manifest(example, described):
    for kernel in described["kernels"]:
        if not any(place.get("line", 0) > 0 for place in kernel["source"]):
            yield f"{example}: dlc inspect shows no line for kernel {kernel['name']}"


problems = []
with tempfile.TemporaryDirectory() as folder:
    for example in EXAMPLES:
        model, out = str(root / "examples" / f"{example}.cpp"), pathlib.Path(folder) / example
        tool("dlc", "compile", model, "--emit=mlirbc", "-o", f"{out}.mlirbc")
        tool("dlc", "compile", model, "-o", f"{out}.dlca")
        problems += check_module(example, tool("dlc-opt", f"{out}.mlirbc", "--mlir-print-debuginfo",
                                               "--mlir-print-local-scope"))
        problems += check_manifest(example, json.loads(tool("dlc", "inspect", f"{out}.dlca",
                                                            "--json")))
print("\n".join(problems))
sys.exit(bool(problems))
