"""What runs models links no compiler: neither LLVM nor MLIR, and the C example not even C++."""
import re
import subprocess
import sys

readelf, dlc_run, open_c = sys.argv[1:]
COMPILER = r"LLVM|MLIR|clang|libdlc"
# CLI parsing, zlib and Abseil may appear in dlc-run; an embedder gets libc and its parts.
C_ONLY = r"^(libc|libm|libdl|libpthread|librt|ld-linux[\w-]*)\.so|^libclang_rt|^lib[at]san|^libubsan"


def needed(binary):
    text = subprocess.run([readelf, "-d", binary], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+)\]", text)


problems = []
for binary in (dlc_run, open_c):
    libraries = needed(binary)
    print(f"{binary.rsplit('/', 1)[-1]} needs {', '.join(libraries)}")
    if not libraries:
        problems.append(f"{binary}: no library at all: the reading is broken")
    problems += [f"{binary} links {library}" for library in libraries
                 if re.search(COMPILER, library)]
problems += [f"{open_c} links {library}, which is not part of C's" for library in needed(open_c)
             if not re.search(C_ONLY, library)]
print("\n".join(problems))
sys.exit(bool(problems))
