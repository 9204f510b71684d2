"""Who may lean on whom, from one table, over every #include and every link in CMake.

A room is a folder; the longest prefix in ROOMS that holds a file is the file's room. A room may use
itself and what ALLOWED lists. Tools, tests and benchmarks may use anything.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])

# Room: what it may include besides itself. A name ending in .h is one header, not a room.
ALLOWED = {
    "ir": [],
    # The compiler packs temporaries as the runtime does, to know what a plan takes.
    "passes": ["ir", "runtime/abi/arena.h"],
    # Names no op family: it asks the interfaces, and knows GradientOp alone.
    "passes/autodiff": ["ir", "passes"],
    # The plan reaches codegen as attributes; BufferPlan.h reads and writes them.
    "codegen": ["ir", "passes/Pipelines.h", "passes/memory/BufferPlan.h",
                "passes/memory/LimitMemory.h", "passes/memory/PlanSize.h", "runtime/abi",
                "runtime/train/manifest.pb.h", "codegen/cpu", "codegen/lower", "codegen/artifact",
                "codegen/include"],
    "codegen/include": [],
    "codegen/lower": ["ir"],
    "codegen/cpu": ["ir", "codegen/lower", "passes/memory/BufferPlan.h", "runtime/abi"],
    "codegen/artifact": ["ir", "codegen/cpu", "passes/memory/BufferPlan.h", "runtime/abi"],
    # The oracle shares no lowering with the targets.
    "codegen/reference": ["ir", "runtime/abi"],
    "frontend/include": ["runtime/include"],
    "frontend/builder": ["ir", "frontend/include"],
    "frontend/nn": ["ir", "frontend/builder", "frontend/include"],
    "frontend/model": ["frontend/builder", "frontend/nn", "frontend/include", "codegen/include",
                       "runtime/include"],
    "frontend/applications": ["frontend/builder", "frontend/include"],
    "runtime/abi": [],
    "runtime/include": ["runtime/abi"],
    "runtime/core": ["runtime/abi", "runtime/include", "runtime/device", "runtime/device/cpu"],
    "runtime/capi": ["runtime/abi", "runtime/include", "runtime/core", "runtime/device",
                     "runtime/device/cpu"],
    # The pool takes the core's memory and status; it knows no program.
    "runtime/device": ["runtime/abi", "runtime/core/Memory.h", "runtime/core/Status.h"],
    "runtime/device/cpu": ["runtime/device", "runtime/abi", "runtime/core/Memory.h",
                           "runtime/core/Status.h"],
    # Linked into every WebAssembly module, without any library.
    "runtime/wasm": ["runtime/abi"],
    "runtime/data": ["runtime/include"],
    "runtime/train": ["runtime/data", "runtime/include", "runtime/abi"],
    "examples": ["frontend/include", "runtime/include"],
}
FREE = ("tools", "test", "benchmarks", "cmake")

# Libraries of ours that a target may link, directly. Anything not listed here is free.
LINKS = {
    "dlcIR": [],
    "dlcPasses": ["dlcIR"],
    "dlcLower": ["dlcIR"],
    "dlcCpu": ["dlcIR", "dlcLower", "dlcPasses"],
    "dlcReference": ["dlcIR"],
    "dlcArtifact": ["dlcIR", "dlcCpu", "dlcPasses"],
    "dlcCodegen": ["dlcIR", "dlcPasses", "dlcLower", "dlcCpu", "dlcArtifact", "dlcManifest"],
    "dlcBuilder": ["dlcIR", "dlcFrontendHeaders"],
    "dlcNn": ["dlcBuilder", "dlcFrontendHeaders"],
    "dlcModel": ["dlcNn", "dlcBuilder", "dlcCodegen", "dlcRuntimeTrain", "dlcFrontendHeaders"],
    "dlcApplications": ["dlcModel"],
    "dlcRuntimeCore": [],
    "dlcRuntimeData": ["dlcRuntimeCore"],
    "dlcRuntimeTrain": ["dlcRuntimeData", "dlcRuntimeCore", "dlcManifest", "dlcEvents"],
    "dlcRunner": ["dlcRuntimeData", "dlcRuntimeCore"],
    "dlc-run": ["dlcRunner"],
    "open_c": ["dlcRuntimeCore"],
}
# Words that no file of these rooms may include: the runtime knows no compiler, and its core no
# library but libc.
FOREIGN = {
    "runtime": r"^(llvm|mlir|clang)/",
    "runtime/core": r"^(llvm|mlir|absl|google|nlohmann|CLI)/|^(iostream|fstream|sstream|regex)$",
    "runtime/capi": r"^(llvm|mlir|absl|google|nlohmann|CLI)/|^(iostream|fstream|sstream|regex)$",
    "runtime/device": r"^(llvm|mlir|absl|google|nlohmann|CLI)/|^(iostream|fstream|sstream|regex)$",
    "frontend/include": r"^(llvm|mlir|absl|google|nlohmann)/",
    "runtime/include": r"^(llvm|mlir|absl|google|nlohmann)/",
    "codegen/include": r"^(llvm|mlir|absl|google|nlohmann)/",
    "examples": r"^(llvm|mlir|absl|google|nlohmann)/",
}
PUBLIC = ("frontend/include", "runtime/include", "codegen/include")
GENERATED = {"elementwise.inc": "frontend/include", "Elementwise.inc": "frontend/builder"}


def sources(*suffixes):
    skip = re.compile(r"^(build|\.)")
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not skip.match(name) and path.is_file() and (path.suffix in suffixes or
                                                        path.name in suffixes):
            yield name, path


def room_of(name):
    parts = name.split("/")
    for length in range(len(parts) - 1, 0, -1):
        prefix = "/".join(parts[:length])
        if prefix in ALLOWED or prefix in FREE:
            return prefix
    return None


def resolve(name, included):
    """The file of ours that an include means, or None for one of somebody else."""
    beside = (pathlib.PurePosixPath(name).parent / included).as_posix()
    while re.search(r"[^/]+/\.\./", beside):
        beside = re.sub(r"[^/]+/\.\./", "", beside, count=1)
    for candidate in [included, beside] + [f"{folder}/{included}" for folder in PUBLIC]:
        if (root / candidate).is_file():
            return candidate
    last = included.split("/")[-1]
    if last in GENERATED:
        return f"{GENERATED[last]}/{last}"
    first = included.split("/")[0]  # generated: named from the root as if it lay there
    return included if (root / first).is_dir() and first in room_names() else None


def room_names():
    return {room.split("/")[0] for room in ALLOWED}


def allows(room, target):
    there = room_of(target)
    return there == room or there in ALLOWED[room] or target in ALLOWED[room]


def check_includes():
    count = 0
    for name, path in sources(".h", ".hpp", ".cpp", ".c", ".td"):
        room = room_of(name)
        if room is None:
            yield f"{name}: stands in no room of the table in test/meta/include_arrows.py"
            continue
        if room in FREE:
            continue
        for line, text in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#?\s*include\s+["<]([^">]+)[">]', text)
            if not found:
                continue
            count += 1
            target = resolve(name, found[1])
            if target is None:
                for prefix, words in FOREIGN.items():
                    if name.startswith(prefix + "/") and re.search(words, found[1]):
                        yield f"{name}:{line}: {prefix} may not include <{found[1]}>"
            elif not allows(room, target):
                yield (f"{name}:{line}: {room} may not include {target}; it leans on "
                       f"{', '.join(ALLOWED[room]) or 'nothing of ours'}")
    if count < 500:
        yield f"only {count} includes were read: the reading is broken"


def check_links():
    seen = set()
    call = re.compile(r"\b(dlc_add_compiler_library|dlc_add_runtime_library|dlc_add_tool|"
                      r"target_link_libraries)\(\s*([\w-]+)(.*?)\)", re.S)
    for name, path in sources("CMakeLists.txt"):
        if name.startswith("test/"):
            continue
        text = re.sub(r"#.*", "", path.read_text())
        for function, target, rest in call.findall(text):
            if target not in LINKS:
                continue
            seen.add(target)
            if function != "target_link_libraries":
                rest = re.split(r"\bDEPENDS\b", (rest.split("LINK", 1) + [""])[1])[0]
            for library in re.findall(r"\bdlc[A-Z]\w*", rest):
                if library not in LINKS[target] + ["dlcOptions", "dlcMlirHeaders"]:
                    yield f"{name}: {target} may not link {library}"
    for target in sorted(set(LINKS) - seen):
        yield f"no CMakeLists.txt declares {target}, which the table names"


def check_autodiff():
    for name, path in sources(".cpp", ".h"):
        if not name.startswith("passes/autodiff/"):
            continue
        code = re.sub(r"//.*", "", path.read_text())
        for op in sorted(set(re.findall(r"\b[A-Z]\w*Op\b", code)) - {"GradientOp", "ModuleOp"}):
            yield f"{name}: names {op}; ops say through their interface how they differentiate"


problems = [*check_includes(), *check_links(), *check_autodiff()]
print("\n".join(problems) or "every include and link follows the arrows")
sys.exit(bool(problems))
