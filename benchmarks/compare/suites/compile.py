"""Suite `compile`: how long it takes until a training step can run.

Ours is `dlc compile` of the module (.mlirbc), cold, which compiles prediction and evaluation as
well; peers trace and compile the step in process. With one thread the figure is processor time,
compilers that are started included; with two it is wall time. `extra` has what else was measured of
ours: from C++ to the module, with a warm cache, and the compiler's peak memory; and the goal, which
is stated for two processors, so that it allows twice as much of their time.
"""
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import environment
import rows
from cases.case import arrays_of
from models.registry import NETWORKS
from ours.network import Side
from ours.runtime import CannotCompile
from suites.networks import case_of

PEERS = ("xla", "pytorch")
LAYERS = (10, 50, 200)  # cost should grow with them, not faster
QUICK = ("mlp", "fashion", "resnet50")
GOALS = {"mlp": 500, "fashion": 1500, "resnet50": 6000, "bert": 6000}  # ms on two processors


def run(context, report):
    # What earlier runs have compiled must not count. PyTorch finds the objects of its C++ on disk even
    # where its caches are disabled.
    os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder
        run_fresh(context, report)


def run_fresh(context, report):
    for network in NETWORKS:
        name = f"{network.name} training step"
        if context.wants(name) and (network.name in QUICK or not context.quick):
            report(row_of(context, network, name))
    for count in LAYERS[:2] if context.quick else LAYERS:
        if context.wants(f"{count} dense layers"):
            report(layers_row(context, count))


class Watch:
    """Processor time of this process and its children, or wall time."""

    def __init__(self, threads):
        self.threads = threads
        self.restart()

    def restart(self):
        self.start = self.now()

    def now(self):
        if self.threads > 1:
            return time.perf_counter()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    def milliseconds(self):
        return 1e3 * (self.now() - self.start)


def define(context, source, flags):
    """The module of a model file, as `dlc compile` makes it on the way."""
    library, module = (context.compiler.folder / f"{source.stem}.{kind}" for kind in
                       ("so", "mlirbc"))
    build = context.build
    compiler = os.environ.get("CXX", "c++")
    for command in (
            [compiler, "-std=c++20", "-O0", "-shared", "-fPIC", f"-I{build / 'include'}", *flags,
             source, "-o", library, f"-L{build / 'lib'}", "-ldlc", f"-Wl,-rpath,{build / 'lib'}"],
            [build / "bin/dlc-define", library, module]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise CannotCompile((done.stderr.strip().splitlines() or ["?"])[0])
    return module


def compile_ours(context, source, flags):
    """Milliseconds of each stage, and the artifact."""
    watch = Watch(context.threads)
    module = define(context, source, flags)
    extra = {"cpp_to_module_ms": watch.milliseconds()}
    artifact = module.with_suffix(".dlca")
    jobs = f"-j{context.threads}"
    # Peers are in memory when their time begins; so is the compiler after its first run.
    context.compiler.compile_file(module, artifact, "--no-cache", jobs)
    watch = Watch(context.threads)
    context.compiler.compile_file(module, artifact, "--no-cache", jobs)
    cold = watch.milliseconds()
    extra["peak_rss_bytes"] = 1024 * peak_of(
        [context.compiler.dlc, "compile", module, "-o", artifact, jobs])  # fills the cache, too
    watch = Watch(context.threads)
    context.compiler.compile_file(module, artifact, jobs)
    extra["warm_ms"] = watch.milliseconds()
    return cold, extra, artifact


# Runs in a process of its own: the kernel counts what a process was before it became the command,
# too, and this one holds every peer.
PEAK = """
import os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                                       (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
print(os.wait4(process, 0)[2].ru_maxrss)
"""


def peak_of(command):
    """Kilobytes of the largest moment of one process."""
    done = subprocess.run([sys.executable, "-c", PEAK, *map(str, command)], capture_output=True,
                          text=True, check=True)
    return int(done.stdout)


def row_of(context, network, name):
    row = rows.Row(context.suite, name, context.threads)
    batch = network.training[0]
    try:
        row.ours_ms, row.extra, artifact = compile_ours(
            context, environment.HERE / "models" / network.file, network.flags)
        arrays = arrays_of(case_of(network, "training", batch))
        side = Side(context, artifact, "train_step", batch, arrays)
        weights = side.weights
        side.close()
    except (CannotCompile, RuntimeError) as error:
        row.status, row.reason = rows.MISSING, str(error)
        return row
    if network.name in GOALS:
        row.extra["goal_ms"] = GOALS[network.name] * (2 if context.threads == 1 else 1)
    labels = arrays.pop("y")
    for peer_name, peer in context.peers.items():
        try:
            row.peers[peer_name] = peer.compile_training(
                network, weights, arrays, labels, Watch(context.threads))
        except Exception as error:
            row.peer_failures[peer_name] = str(error).splitlines()[0] if str(error) else "?"
    row.status = rows.MEASURED if row.peers else rows.NO_PEER
    return row


def layers_row(context, count):
    """A chain of dense layers, for our own growth."""
    source = context.compiler.folder / f"layers{count}.cpp"
    layers = "".join(f'      Dense({{.units = {64 + 8 * (i % 5)}, .activation = "relu"}}),\n'
                     for i in range(count))
    source.write_text(pathlib.Path(environment.HERE / "models/layers.txt").read_text().replace(
        "LAYERS", layers))
    row = rows.Row(context.suite, f"{count} dense layers", context.threads, status=rows.NO_PEER)
    try:
        row.ours_ms, row.extra, _ = compile_ours(context, source, ())
    except CannotCompile as error:
        row.status, row.reason = rows.MISSING, str(error)
    return row
