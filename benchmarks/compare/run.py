#!/usr/bin/env python3
"""Compares dlc with other frameworks on this machine. See README.md beside this file.

    benchmarks/compare/run.py --suite kernels --quick --threads 1 --json kernels.json
"""
import argparse
import importlib
import pathlib
import sys
import time

sys.dont_write_bytecode = True  # nothing is written into the source tree

import environment  # noqa: E402

SUITES = ["kernels", "inference", "training", "latency", "compile", "memory", "tuned"]


def arguments():
    parser = argparse.ArgumentParser(description="Compare dlc with other frameworks")
    parser.add_argument("--suite", choices=SUITES, required=True)
    parser.add_argument("--json", required=True, type=pathlib.Path, help="the file to write")
    parser.add_argument("--threads", type=int, default=1, choices=[1, 2])
    parser.add_argument("--quick", action="store_true", help="fewer rows, less time for each")
    parser.add_argument("--only", default="", metavar="REGEX", help="only rows with such a name")
    parser.add_argument("--peers", default="", metavar="A,B", help="only these peers")
    parser.add_argument("--cpu", default="native", choices=list(environment.PROCESSORS),
                        help="what every side, and the peak, may use of this processor")
    parser.add_argument("--svg", type=pathlib.Path, help="draw the ratios")
    parser.add_argument("--build", type=pathlib.Path, default=environment.ROOT / "build",
                        help="the build tree to measure")
    parser.add_argument("--update", action="store_true",
                        help="install the newest peers, and those that were missing")
    return parser.parse_args()


def prepare(options):
    """The context with everything that all suites need; says which peers are missing."""
    import measure
    from context import Context
    from limits import Limits
    from ours.runtime import Compiler, load_stick
    import peers

    dlc = options.build.resolve() / "bin/dlc"
    if not dlc.exists():
        raise SystemExit(f"{dlc} is not there: build first, or name the build tree by --build")
    context = Context(options.suite, options.threads, options.quick,
                      measure.QUICK if options.quick else measure.FULL, options.only,
                      environment.home(), options.build.resolve())
    context.stick = load_stick(environment.build_stick(context.build))
    context.compiler = Compiler(dlc, context.home / "artifacts", options.cpu)
    context.limits = Limits(context.stick, options.threads, environment.PROCESSORS[options.cpu])
    names = options.peers.split(",") if options.peers else list(peers.PEERS)
    suite = importlib.import_module(f"suites.{options.suite}")
    names = [name for name in names if name in getattr(suite, "PEERS", peers.PEERS)]
    context.peers = peers.load(context, names, context.missing.__setitem__)
    return context, suite


def measure_all(options):
    import chart
    import rows
    import table

    context, suite = prepare(options)
    for name, reason in context.missing.items():
        print(f"missing peer {name}: {reason}")
    names = list(context.peers)
    print("peers:", ", ".join(f"{name} {peer.version}" for name, peer in context.peers.items()))
    width = 64
    print(table.head(names, width))
    done, started = [], time.time()
    about = {"suite": options.suite, "threads": options.threads, "quick": options.quick,
             "cpu": options.cpu, "machine": environment.machine(), "missing_peers": context.missing,
             "peers": {name: peer.version for name, peer in context.peers.items()}}

    def report(row):
        done.append(row)
        print(table.line_of(row, names, width))
        # Written after every row: a run that is stopped leaves what it has measured.
        rows.write_json(options.json, done, about)

    suite.run(context, report)
    rows.write_json(options.json, done, about)
    print(table.summary(done))
    print(f"{time.time() - started:.0f} s")
    if options.svg:
        options.svg.write_text(chart.draw(done, f"{options.suite}, {options.threads} thread"
                                          f"{'s' * (options.threads > 1)}"))
    return any(row.status == rows.DISAGREES for row in done)


def main():
    options = arguments()
    if environment.inside():
        return measure_all(options)
    for peer, reason in environment.install(options.update).items():
        print(f"missing package for {peer}: {reason}")
    sys.stdout.flush()
    environment.enter(options.threads, pathlib.Path(__file__).resolve(), sys.argv[1:],
                      options.suite != "memory", options.cpu)


if __name__ == "__main__":
    sys.exit(main())
