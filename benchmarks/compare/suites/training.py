"""Suite `training`: whole steps (forward, backward, Adam, statistics, dropout)."""
from suites import networks

PEERS = ("xla", "pytorch")


def run(context, report):
    networks.run(context, report, "training", "train_step")
