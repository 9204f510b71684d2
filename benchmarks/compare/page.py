"""Writes what runs have measured into a page: docs/performance.md.

    python3 benchmarks/compare/page.py docs/performance.md kernels.json training.json ...

The page's own text stays. Between `<!-- suite kernels 1 -->` and `<!-- end -->` stands the table of
the run of that suite with so many threads (`<!-- suite kernels 1 x86-64-v3 -->`: and held to that
processor); a run without such a place is an error, and so is a
place for which no run is given, unless it is left as it is with --keep. A suite may come in several
files: rows of a later one stand in place of those of the same name.
"""
import json
import pathlib
import re
import sys

import rows as rows_

PLACE = re.compile(r"(<!-- suite (\w+) (\d)(?: (\S+))? -->\n).*?(<!-- end -->)", re.DOTALL)


def number(value):
    if value is None:
        return ""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def percent(share):
    return f"{100 * share:.0f}" if share else ""


def megabytes(value):
    return "" if value is None else f"{value / 2 ** 20:.0f}"


def seconds(milliseconds):
    return "" if milliseconds is None else number(milliseconds / 1e3)


def ratio(row):
    return f"{row.ratio_to_best_peer:.2f}" if row.ratio_to_best_peer else ""


def peers_of(rows):
    """All that were compared with, in the order in which rows name them."""
    return list(dict.fromkeys(name for row in rows for name in row.compared()[1]))


def best_figure(row):
    return row.compared()[1].get(row.best_peer)


def timed(rows):
    """Title and cell of each column, of suites that compare times of calls."""
    return [("ours, ms", lambda row: number(row.ours_ms)),
            ("best peer", lambda row: row.best_peer or row.status),
            ("its ms", lambda row: number(best_figure(row))),
            ("ratio", ratio),
            ("peak %", lambda row: percent(row.share_of_peak)),
            ("memory %", lambda row: percent(row.share_of_bandwidth))]


def each_peer(rows, unit, show):
    """A column for every peer, since no peer is the best at all rows."""
    return [(f"{name}, {unit}", lambda row, name=name: show(row.compared()[1].get(name)))
            for name in peers_of(rows)]


def compiled(rows):
    return [("ours, s", lambda row: seconds(row.ours_ms)),
            ("goal, s", lambda row: seconds(row.extra.get("goal_ms"))),
            *each_peer(rows, "s", seconds),
            ("ratio", ratio),
            ("warm cache, s", lambda row: seconds(row.extra.get("warm_ms"))),
            ("from C++ to module, s", lambda row: seconds(row.extra.get("cpp_to_module_ms"))),
            ("peak MB", lambda row: megabytes(row.extra.get("peak_rss_bytes")))]


def reserved(rows):
    return [("ours, MB", lambda row: megabytes(row.ours_bytes)),
            *each_peer(rows, "MB", megabytes),
            ("best peer", lambda row: row.best_peer or row.status),
            ("ratio", ratio),
            ("ours of the best", lambda row: f"{1 / row.ratio_to_best_peer:.2f}"
             if row.ratio_to_best_peer else "")]


def called(rows):
    """Calls one by one: see suites/latency.py."""
    return [*timed(rows)[:4],
            *((title, lambda row, key=key: number(row.extra.get(key))) for title, key in (
                ("median, ns", "median_ns"), ("p99, ns", "p99_ns"),
                ("beyond kernels, ns", "beyond_kernels_ns")))]


COLUMNS = {"compile": compiled, "memory": reserved, "latency": called}


def lines_of(run, rows):
    """The summary, and the table with the worst ratio first."""
    ratios = rows_.ratios_of(rows)
    below = sum(one < 1 for one in ratios)
    peers = ", ".join(f"{name} {version}" for name, version in run["peers"].items())
    mean = f", geometric mean {rows_.geometric_mean(ratios):.2f}" if ratios else ""
    quick = {False: "", True: "--quick, ", "partly": "partly --quick, "}[run["quick"]]
    yield f"{len(ratios)} rows, {below} below 1.0{mean}; {quick}peers: {peers}.\n"
    columns = [("row", lambda row: row.name), *COLUMNS.get(run["suite"], timed)(rows)]
    yield "| " + " | ".join(title for title, _ in columns) + " |"
    yield "|---" * len(columns) + "|"
    alone = [row for row in rows if not row.ratio_to_best_peer]
    for row in rows_.worst_first(rows) + alone:
        yield "| " + " | ".join(cell(row) for _, cell in columns) + " |"


def said(key):
    suite, threads, cpu = key
    return f"suite {suite} with {threads} threads{'' if cpu == 'native' else f' for {cpu}'}"


def merged(before, run, rows):
    """A run of a suite and one of some more of its rows, as one."""
    if not before:
        return run, rows
    first, known = before
    fresh = {row.name: row for row in rows}
    kept = [fresh.pop(row.name, row) for row in known]
    return {**run, "peers": {**first["peers"], **run["peers"]},
            "quick": first["quick"] if first["quick"] == run["quick"] else "partly"}, kept + list(fresh.values())


def main():
    keep = "--keep" in sys.argv
    page, *files = [pathlib.Path(name) for name in sys.argv[1:] if name != "--keep"]
    runs = {}
    for file in files:
        run = json.loads(file.read_text())
        key = run["suite"], str(run["threads"]), run.get("cpu", "native")
        runs[key] = merged(runs.get(key), run, rows_.read_json(file))

    def fill(place):
        key = place[2], place[3], place[4] or "native"
        if key not in runs and keep:
            return place[0]
        if key not in runs:
            raise SystemExit(f"error: {page} has a place for {said(key)}; "
                             "give the run, or --keep what stands there")
        return place[1] + "\n".join(lines_of(*runs.pop(key))) + "\n" + place[5]

    text = PLACE.sub(fill, page.read_text())
    if runs:
        raise SystemExit(f"error: {page} has no place for {said(next(iter(runs)))}")
    page.write_text(text)


if __name__ == "__main__":
    main()
