"""clang-tidy (.clang-tidy) over the sources that the last commit and the working tree change.

At most DLC_TIDY_FILES (4) files, since one that includes MLIR takes ten seconds; what was left out
is named. Without a git history, a fixed few. Headers are looked at through the sources they are
changed with, not by themselves.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

root, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
limit = int(os.environ.get("DLC_TIDY_FILES", "4"))
FIXED = ["runtime/core/Session.cpp", "runtime/data/Csv.cpp", "passes/simplify/SinkNegate.cpp"]


def changed():
    def diff(*revisions):
        git = subprocess.run(["git", "-C", str(root), "diff", "--name-only", "--diff-filter=d",
                              *revisions], capture_output=True, text=True)
        return git.stdout.split() if git.returncode == 0 else None
    committed, pending = diff("HEAD~1", "HEAD"), diff("HEAD")
    return None if committed is None else sorted({*committed, *(pending or [])})


tidy = shutil.which("clang-tidy-22")
if not tidy:
    print("clang-tidy-22 is not installed")
    sys.exit(77)
compiled = {entry["file"] for entry in json.loads((build / "compile_commands.json").read_text())}
names = changed()
if names is None:
    names = FIXED
names = [name for name in names if name.endswith(".cpp") and str(root / name) in compiled]
for name in names[limit:]:
    print(f"not looked at: {name}")
status = 0
for name in names[:limit]:
    print(f"looking at {name}", flush=True)
    run = subprocess.run([tidy, "--quiet", "-p", str(build), str(root / name)],
                         capture_output=True, text=True)
    if run.returncode:
        print(run.stdout, run.stderr)
        status = 1
sys.exit(status)
