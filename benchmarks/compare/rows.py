"""What one measurement says: the rows of the JSON file, and the ratios in them.

Times are milliseconds of one call. A ratio is the best peer's time over ours: above 1.0 we are
faster. A row that could not be measured keeps its place and says why (`status`, `reason`), so that
what is missing is seen and not forgotten.
"""
import dataclasses
import json
import math

# What became of a row.
MEASURED = "measured"
MISSING = "missing"  # our compiler cannot express or compile it
DISAGREES = "disagrees"  # an output is not what a peer computes: nothing was timed
NO_PEER = "no peer"  # only we can run it


@dataclasses.dataclass
class Row:
    suite: str
    name: str
    threads: int
    ours_ms: float | None = None
    peers: dict[str, float] = dataclasses.field(default_factory=dict)
    flops: int = 0
    share_of_peak: float | None = None
    bytes: int = 0
    share_of_bandwidth: float | None = None
    noise: float | None = None  # how far a side's typical round lies above its best one
    status: str = MEASURED
    reason: str = ""
    # In the suite `memory`, bytes are compared instead of times.
    ours_bytes: int | None = None
    peers_bytes: dict[str, int] = dataclasses.field(default_factory=dict)
    peer_failures: dict[str, str] = dataclasses.field(default_factory=dict)
    extra: dict[str, float] = dataclasses.field(default_factory=dict)

    def compared(self):
        """Our figure and the peers', of what this row compares."""
        if self.ours_bytes is not None:
            return self.ours_bytes, self.peers_bytes
        return self.ours_ms, self.peers

    @property
    def best_peer(self):
        peers = self.compared()[1]
        return min(peers, key=peers.get) if peers else None

    @property
    def ratio_to_best_peer(self):
        ours, peers = self.compared()
        return min(peers.values()) / ours if peers and ours else None

    def to_json(self):
        record = dataclasses.asdict(self)
        record["best_peer"] = self.best_peer
        record["ratio_to_best_peer"] = self.ratio_to_best_peer
        return record


def measured_row(suite, case, threads, seconds, limits=None):
    """The row of `case` from the seconds per call of each side, one number per round. `limits` has
    the operations and the bytes per second that the machine did in the same rounds."""
    best = {name: min(times) for name, times in seconds.items()}
    peers = {name: 1e3 * time for name, time in best.items() if name != "ours"}
    row = Row(suite, case.name, threads, 1e3 * best["ours"], peers, case.flops, None, case.bytes)
    row.noise = max(noise_of(times) for times in seconds.values())
    row.status = MEASURED if peers else NO_PEER
    if limits:
        peak, bandwidth = limits
        # The peak was taken in f32; bf16 dot products do twice as much.
        peak *= 2 if case.dtype == "bf16" else 1
        row.share_of_peak = case.flops / best["ours"] / peak if case.flops else None
        row.share_of_bandwidth = case.bytes / best["ours"] / bandwidth if case.bytes else None
    return row


def noise_of(times):
    """The median's distance from the least, as a share of the least."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2] / ordered[0] - 1 if ordered[0] > 0 else math.inf


def ratios_of(rows):
    return [row.ratio_to_best_peer for row in rows if row.ratio_to_best_peer]


def geometric_mean(values):
    """Of positive numbers; None of none."""
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def worst_first(rows):
    """Rows with a ratio, the lowest first."""
    return sorted((row for row in rows if row.ratio_to_best_peer),
                  key=lambda row: row.ratio_to_best_peer)


def write_json(path, rows, about):
    """One document: `about` describes machine and versions, `rows` the measurements."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**about, "rows": [row.to_json() for row in rows]}, file, indent=1)
        file.write("\n")


def read_json(path):
    """The rows of a file that write_json wrote."""
    with open(path, encoding="utf-8") as file:
        records = json.load(file)["rows"]
    fields = {field.name for field in dataclasses.fields(Row)}
    return [Row(**{key: value for key, value in record.items() if key in fields})
            for record in records]
