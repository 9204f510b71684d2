"""Sets up what the comparison needs, outside the source tree: a Python environment with the
peers, and the native helpers.

All of it lies in one folder, $DLC_COMPARE_HOME, else dlc/compare below the user's cache folder;
removing that folder undoes everything. pip finds packages the way it is configured on this machine.
A package that cannot be had is remembered in `missing.json`, named in every run and not tried again
until `--update`.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Each line is installed by itself, so that one missing peer does not take others with it.
PACKAGES = {
    "base": ["numpy", "ml_dtypes"],
    "xla": ["jax"],
    "pytorch": ["torch", "onnxscript"],
    "onnxruntime": ["onnx", "onnxruntime"],
    "openvino": ["openvino"],
    "iree": ["iree-base-compiler[onnx]", "iree-base-runtime"],
    "onednn": ["onednn-cpu-gomp", "onednn-devel-cpu-gomp"],
    "openblas": ["scipy-openblas32"],
}


def home():
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(os.environ.get("DLC_COMPARE_HOME") or pathlib.Path(cache) / "dlc/compare")
    if ROOT in folder.resolve().parents:
        raise SystemExit(f"DLC_COMPARE_HOME must lie outside the source tree, not in {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def python():
    return home() / "venv/bin/python"


def install(update=False, say=print):
    """Makes the environment and installs every peer that is not there yet."""
    if not python().exists():
        say(f"making a Python environment in {home()}")
        venv.create(home() / "venv", with_pip=True)
    record = home() / "packages.json"
    state = json.loads(record.read_text()) if record.exists() and not update else {}
    for peer, packages in PACKAGES.items():
        if state.get(peer, {}).get("packages") == packages:
            continue
        say(f"installing {' '.join(packages)}")
        done = subprocess.run([python(), "-m", "pip", "install", "--quiet", "--upgrade", *packages],
                              capture_output=True, text=True)
        lines = done.stderr.strip().splitlines() or [""]
        state[peer] = {"packages": packages, "missing": lines[-1] if done.returncode else None}
        record.write_text(json.dumps(state, indent=1))
    if state["base"]["missing"]:
        raise SystemExit(f"numpy cannot be installed: {state['base']['missing']}")
    return {peer: entry["missing"] for peer, entry in state.items() if entry["missing"]}


def build_helper(sources, flags, name, language="cc"):
    """Compiles `sources` to a shared library, unless one of the same inputs lies there already."""
    files = [HERE / "native" / source for source in sources]
    key = hashlib.sha256(" ".join(map(str, flags)).encode())
    for file in files + [pathlib.Path(flag) for flag in flags if str(flag).endswith(".a")]:
        key.update(file.read_bytes())
    library = home() / f"lib{name}-{key.hexdigest()[:12]}.so"
    if not library.exists():
        compiler = os.environ.get("CXX" if language == "c++" else "CC", language)
        temporary = library.with_suffix(f".{os.getpid()}")
        done = subprocess.run([compiler, "-O3", "-march=native", "-shared", "-fPIC", *files,
                               "-o", temporary, *flags], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{compiler} cannot build {name}: " +
                               (done.stderr.strip().splitlines() or ["?"])[0])
        temporary.rename(library)
    return library


def build_stick(build):
    """The timing loops, with the runtime's core of the build tree `build` in the same library."""
    core = pathlib.Path(build) / "lib/libdlcRuntimeCore.a"
    return build_helper(["stick.c"], [f"-I{ROOT / 'runtime/include'}", "-Wl,--whole-archive", core,
                                      "-Wl,--no-whole-archive", "-lpthread", "-ldl", "-lm"],
                        "stick")


# Memory that was freed stays with the process. Frameworks that allocate their
# results in every call would otherwise be measured by the page faults of the kernel.
ALLOCATOR = ("glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=1099511627776:"
             "glibc.malloc.top_pad=67108864:glibc.malloc.arena_max=1")


# Processors that sides may be held to: bytes of a vector in which the peak is measured, 0 for the
# widest that there is. Peers read what they may use of the processor when they are loaded.
PROCESSORS = {"native": 0, "x86-64-v3": 32}
PEERS_LIMITS = {"native": {}, "x86-64-v3": {
    "ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "ATEN_CPU_CAPABILITY": "avx2", "OPENBLAS_CORETYPE": "Haswell",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2"}}


def enter(threads, script, arguments, keep_memory, cpu="native"):
    """Starts `script` again in the environment, on `threads` processors, and never returns. Several
    peers take their number of threads from the processors that the process may use, or from these
    variables when they are loaded."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < threads:
        raise SystemExit(f"--threads {threads}: this process may use {len(allowed)} processors")
    os.sched_setaffinity(0, allowed[-threads:])
    variables = {name: str(threads) for name in (
        "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "DLC_NUM_THREADS")}
    variables.update(DLC_COMPARE_INSIDE="1", PYTHONUNBUFFERED="1", PYTHONWARNINGS="ignore")
    variables.update(PEERS_LIMITS[cpu])
    if keep_memory:
        variables["GLIBC_TUNABLES"] = ALLOCATOR
    os.execve(python(), [str(python()), str(script), *arguments], {**os.environ, **variables})


def inside():
    return os.environ.get("DLC_COMPARE_INSIDE") == "1"


def machine():
    """The processor's name and size of memory, for the head of the JSON file."""
    text = pathlib.Path("/proc/cpuinfo").read_text()
    names = [line.split(":", 1)[1].strip() for line in text.splitlines()
             if line.startswith("model name")]
    return {"processor": names[0] if names else "?", "processors": os.cpu_count(),
            "python": sys.version.split()[0]}
