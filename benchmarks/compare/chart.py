"""Draws the ratios of a run as SVG: one bar per row, green where we are faster than the best peer.

    python3 benchmarks/compare/chart.py rows.json > chart.svg
"""
import math
import sys
from xml.sax.saxutils import escape

import rows as rows_

BAR, LEFT, WIDTH = 14, 430, 420  # height of a line, place of the names, width of the scale
LOWEST, HIGHEST = 1 / 4, 8  # ratios at the ends of the logarithmic scale


def place(ratio):
    """Where a ratio lies on the scale, 0 to WIDTH."""
    clipped = min(max(ratio, LOWEST), HIGHEST)
    return WIDTH * math.log(clipped / LOWEST) / math.log(HIGHEST / LOWEST)


def draw(rows, title):
    shown = [row for row in rows if row.ratio_to_best_peer]
    height = BAR * len(shown) + 60
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 150}" '
             f'height="{height}" font-family="sans-serif" font-size="11">',
             f'<rect width="100%" height="100%" fill="white"/>',
             f'<text x="8" y="18" font-size="14">{escape(title)}: time of the best peer / ours'
             '</text>']
    for tick in (0.25, 0.5, 1, 2, 4, 8):
        x = LEFT + place(tick)
        stroke = "#333" if tick == 1 else "#ddd"
        parts.append(f'<line x1="{x:.1f}" y1="40" x2="{x:.1f}" y2="{height - 8}" '
                     f'stroke="{stroke}"/>')
        parts.append(f'<text x="{x:.1f}" y="35" text-anchor="middle">{tick:g}</text>')
    for index, row in enumerate(shown):
        parts += bar(row, 44 + BAR * index)
    return "\n".join(parts + ["</svg>"]) + "\n"


def bar(row, y):
    ratio = row.ratio_to_best_peer
    start, end = sorted((place(1), place(ratio)))
    colour = "#2a9d5c" if ratio >= 1 else "#c8553d"
    yield (f'<text x="{LEFT - 6}" y="{y + 10}" text-anchor="end">{escape(row.name)}</text>')
    yield (f'<rect x="{LEFT + start:.1f}" y="{y + 2}" width="{max(end - start, 1):.1f}" '
           f'height="{BAR - 4}" fill="{colour}"/>')
    yield (f'<text x="{LEFT + WIDTH + 8}" y="{y + 10}">{ratio:.2f} {escape(row.best_peer)}</text>')


if __name__ == "__main__":
    print(draw(rows_.read_json(sys.argv[1]), sys.argv[1]), end="")
