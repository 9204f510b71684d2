"""What a suite needs: the sides, how much effort to make, where things lie."""
import dataclasses
import pathlib
import re

import measure
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
