"""Prints rows for people: one line each, worst last in the summary below."""
import rows as rows_


def figure(value, bytes_):
    if value is None:
        return "-"
    if bytes_:
        return f"{value / 2 ** 20:.0f}M"
    return f"{value:.4f}" if value < 1 else f"{value:.3f}" if value < 100 else f"{value:.0f}"


def line_of(row, names, width):
    ours, peers = row.compared()
    in_bytes = row.ours_bytes is not None
    cells = [figure(ours, in_bytes)] + [figure(peers.get(name), in_bytes) for name in names]
    ratio = row.ratio_to_best_peer
    line = f"{row.name:<{width}}" + "".join(f"{cell:>12}" for cell in cells)
    line += f"{ratio:>8.2f}" if ratio else f"{'-':>8}"
    line += f"{100 * row.share_of_peak:>7.0f}%" if row.share_of_peak else " " * 8
    line += f"{100 * row.share_of_bandwidth:>7.0f}%" if row.share_of_bandwidth else " " * 8
    line += f"{100 * row.noise:>7.0f}%" if row.noise is not None else " " * 8
    if row.status != rows_.MEASURED:
        line += f"  {row.status}" + (f": {row.reason}" if row.reason else "")
    return line


def head(names, width):
    cells = "".join(f"{name:>12}" for name in ("ours ms", *names))
    return f"{'':<{width}}{cells}{'ratio':>8}{'peak':>8}{'memory':>8}{'noise':>8}"


def summary(rows):
    """What the table comes to."""
    ratios = rows_.ratios_of(rows)
    below = [row for row in rows_.worst_first(rows) if row.ratio_to_best_peer < 1]
    lines = []
    if ratios:
        lines.append(f"{len(ratios)} rows compared, {len(below)} below 1.0; geometric mean "
                     f"{rows_.geometric_mean(ratios):.2f}")
    for row in below:
        lines.append(f"  {row.ratio_to_best_peer:5.2f}  {row.name}  (best: {row.best_peer})")
    for status in (rows_.DISAGREES, rows_.MISSING, rows_.NO_PEER):
        of_status = [row for row in rows if row.status == status]
        if of_status:
            lines.append(f"{len(of_status)} rows: {status}")
        lines += [f"         {row.name}  {row.reason}" for row in of_status]
    for row in rows:
        lines += [f"failed: {peer} on {row.name}: {reason}"
                  for peer, reason in row.peer_failures.items()]
    return "\n".join(lines)
