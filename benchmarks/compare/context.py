"""What a suite needs: the sides, how much effort to make, where things lie."""
import dataclasses
import pathlib
import re

import measure
import rows
from limits import Limits


@dataclasses.dataclass
class Context:
    suite: str
    threads: int
    quick: bool
    effort: measure.Effort
    only: str  # regular expression; rows whose name it finds
    home: pathlib.Path
    build: pathlib.Path
    stick: object = None
    compiler: object = None
    limits: Limits = None
    peers: dict = dataclasses.field(default_factory=dict)
    missing: dict = dataclasses.field(default_factory=dict)  # peers that are not here, and why

    def wants(self, name):
        return re.search(self.only, name) is not None

    def measured(self, case, sides):
        """The row of a case, of its sides and the machine's limits in turns."""
        seconds = measure.in_turns(sides, self.effort, self.threads, self.limits.sides())
        return rows.measured_row(self.suite, case, self.threads, seconds,
                                 self.limits.rates(seconds))
