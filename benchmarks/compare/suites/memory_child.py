"""One side of one network in a process of its own: prints its memory as JSON.

    memory_child.py SIDE NETWORK BATCH THREADS BUILD"""
import ctypes
import json
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import environment  # noqa: E402
import measure  # noqa: E402
import peers  # noqa: E402
from cases.case import arrays_of  # noqa: E402
from context import Context  # noqa: E402
from models.registry import NETWORKS  # noqa: E402
from ours.network import Side, compile_network  # noqa: E402
from ours.runtime import Compiler, Size, load_stick  # noqa: E402
from suites.networks import case_of, make  # noqa: E402


def resident(field):
    """Bytes of VmRSS (now) or VmHWM (at most)."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    return 0


def planned(context, side, network, batch):
    """What the compiler reserves; None where there is no plan."""
    if isinstance(side, Side):
        stick, bytes_ = context.stick, ctypes.c_int64()
        side.program.check(stick.dlc_artifact_arena_bytes(
            side.program.artifact, side.entry.number, (Size * 1)(Size(b"B", batch)),
            ctypes.c_size_t(1), ctypes.c_uint32(context.threads), ctypes.byref(bytes_)))
        return bytes_.value + stick.dlc_state_bytes(side.program.state)
    return side.planned() if hasattr(side, "planned") else None


def main():
    name, network_name, batch, threads, build = sys.argv[1:]
    network = next(n for n in NETWORKS if n.name == network_name)
    batch, threads, build = int(batch), int(threads), pathlib.Path(build)
    context = Context("memory", threads, True, measure.QUICK, "", environment.home(), build)
    context.stick = load_stick(environment.build_stick(build))
    context.stick.dlc_artifact_arena_bytes.restype = ctypes.c_void_p
    context.compiler = Compiler(build / "bin/dlc", context.home / "artifacts")
    arrays = arrays_of(case_of(network, "training", batch))
    artifact = compile_network(context, network)
    ours = Side(context, artifact, "train_step", batch, arrays)
    if name == "ours":
        ours.close()  # its weights stay, as a peer's source of weights does
        build_side = lambda: Side(context, artifact, "train_step", batch, arrays)  # noqa: E731
    else:
        weights = ours.weights
        ours.close()
        failures = {}
        loaded = peers.load(context, [name], failures.__setitem__)
        if failures:
            raise SystemExit(failures[name])
        build_side = lambda: make(loaded[name], network, "training", weights, arrays,  # noqa: E731
                                  True)
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
    before = resident("VmRSS")
    side = build_side()
    side.run(2)
    after = resident("VmHWM")
    start = time.perf_counter()
    side.run(1)
    print(json.dumps({"resident": after - before, "ms": 1e3 * (time.perf_counter() - start),
                      "planned": planned(context, side, network, batch)}))


if __name__ == "__main__":
    main()
