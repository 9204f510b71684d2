"""The listings of docs/lit-tests.md, written to an empty folder, are a suite that passes there."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

root, build, lit = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
page = (root / "docs" / "lit-tests.md").read_text()
listings = re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", page, re.M | re.S)
assert len(listings) == 3, f"expected three listings with file names, found {len(listings)}"
with tempfile.TemporaryDirectory() as folder:
    for name, text in listings:
        (pathlib.Path(folder) / name).write_text(text)
    run = subprocess.run([lit, "-sv", folder], env=os.environ | {"DLC_BIN": str(build / "bin")},
                         capture_output=True, text=True)
    print(run.stdout, run.stderr)
    assert run.returncode == 0, "lit failed"
    assert re.search(r"Passed: 2 ", run.stdout), "not both tests ran"
