"""Writes what runs have measured into a page: docs/performance.md.

    python3 benchmarks/compare/page.py docs/performance.md kernels.json training.json ...

The page's own text stays. Between `<!-- suite kernels 1 -->` and `<!-- end -->` stands the table of
the run of that suite with so many threads; a run without such a place is an error, and so is a
place for which no run is given, unless it is left as it is with --keep.
"""
import json
import pathlib
import re
import sys

import rows as rows_

PLACE = re.compile(r"(<!-- suite (\w+) (\d) -->\n).*?(<!-- end -->)", re.DOTALL)


def figure(row, value):
    if value is None:
        return ""
    if row.ours_bytes is not None:
        return f"{value / 2 ** 20:.0f} MB"
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def percent(share):
    return f"{100 * share:.0f}" if share else ""


def lines_of(run, rows):
    """The summary, and the table with the worst ratio first."""
    ratios = rows_.ratios_of(rows)
    below = sum(ratio < 1 for ratio in ratios)
    peers = ", ".join(f"{name} {version}" for name, version in run["peers"].items())
    unit = "bytes" if any(row.ours_bytes is not None for row in rows) else "ms"
    yield (f"{len(ratios)} rows, {below} below 1.0, geometric mean "
           f"{rows_.geometric_mean(ratios):.2f}; {'--quick, ' if run['quick'] else ''}peers: "
           f"{peers}.\n")
    yield f"| row | ours, {unit} | best peer | its {unit} | ratio | peak % | memory % |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows_.worst_first(rows):
        ours, peers = row.compared()
        best = row.best_peer
        yield (f"| {row.name} | {figure(row, ours)} | {best} | {figure(row, peers[best])} | "
               f"{row.ratio_to_best_peer:.2f} | {percent(row.share_of_peak)} | "
               f"{percent(row.share_of_bandwidth)} |")
    for row in rows:
        if row.ratio_to_best_peer is None:
            yield f"| {row.name} | {figure(row, row.compared()[0])} | {row.status} | | | | |"


def main():
    keep = "--keep" in sys.argv
    page, *files = [pathlib.Path(name) for name in sys.argv[1:] if name != "--keep"]
    runs = {}
    for file in files:
        run = json.loads(file.read_text())
        runs[run["suite"], str(run["threads"])] = run, rows_.read_json(file)

    def fill(place):
        key = place[2], place[3]
        if key not in runs and keep:
            return place[0]
        if key not in runs:
            raise SystemExit(f"error: {page} has a place for suite {key[0]} with {key[1]} threads; "
                             "give the run, or --keep what stands there")
        return place[1] + "\n".join(lines_of(*runs.pop(key))) + "\n" + place[4]

    text = PLACE.sub(fill, page.read_text())
    if runs:
        suite, threads = next(iter(runs))
        raise SystemExit(f"error: {page} has no place for suite {suite} with {threads} threads")
    page.write_text(text)


if __name__ == "__main__":
    main()
