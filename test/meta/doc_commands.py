"""The listings of README.md and docs/ work as they stand.

On each page, blocks marked `file=NAME` are written to an empty folder, next to links to what the
checkout holds, and blocks marked `run` are run there as one shell script. Each line of a block
marked `fails` must fail.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

root, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
page = root / sys.argv[3]
BLOCK = re.compile(r"^```(\w+) (run|fails|file=\S+)\n(.*?)^```$", re.M | re.S)

with tempfile.TemporaryDirectory() as folder:
    for entry in root.iterdir():
        if not entry.name.startswith((".", "build")):
            os.symlink(entry, f"{folder}/{entry.name}")
    os.symlink(build, f"{folder}/build")
    script = ["set -euo pipefail", f"PATH={build}/bin:$PATH"]
    for language, mark, text in BLOCK.findall(page.read_text()):
        if mark == "run":
            script.append(text)
        elif mark == "fails":
            script += [f"if {line}; then echo 'this should fail: {line}'; exit 1; fi"
                       for line in text.splitlines()]
        else:
            name = mark.removeprefix("file=")
            script.append(f"cat > {name} <<'end-of-listing'\n{text}end-of-listing")
    if len(script) == 2:
        sys.exit(f"{page} has no listing that runs")
    run = subprocess.run(["bash", "-c", "\n".join(script)], cwd=folder, capture_output=True,
                         text=True)
    print(run.stdout[-20000:], run.stderr[-20000:])
    sys.exit(run.returncode)
