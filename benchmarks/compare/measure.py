"""Times the sides of a row in turns: A B C A B C ...

The cores may be shared and the clock may wander; whatever disturbs one side then disturbs the next
as well. Every turn of a side is a slice of many calls, and what counts is its best slice.

With one thread the clock is the processor time of the whole process: waiting for a core is
nobody's fault, and work that a peer hands to a helper thread counts. With several threads only wall
time says how well they work together. Where the machine takes a processor away for part of nearly
every slice, rounds go on until the best slice of each side is no accident: until two others come
near it, or there is no more time for the row.
"""
import dataclasses
import time


@dataclasses.dataclass
class Effort:
    slice_seconds: float = 0.05  # of one side in one round
    rounds: int = 15
    most_seconds: float = 60  # of all sides and rounds of a row
    most_rounds: int = 60  # of a row whose best slices stay alone
    more_seconds: float = 30  # for those rounds, of wall time


QUICK = Effort(0.012, 5, 8, 40, 3)
FULL = Effort()
# How near to a side's best slice two others come before it counts as found.
NEAR = 0.03
# Threads of OpenMP and OpenBLAS look for work in a loop for some milliseconds after a call; those
# of one side would take the processors of the next.
SLEEP = 0.03


def clock_for(threads):
    return time.process_time if threads == 1 else time.perf_counter


def calls_for(side, seconds, clock):
    """Calls that last about `seconds`, after two that warm caches and finish lazy compilation."""
    side.run(1)
    side.run(1)
    calls = 1
    while True:
        start = clock()
        side.run(calls)
        passed = clock() - start
        if passed >= seconds / 2 or calls >= 1 << 20:
            return max(1, min(1 << 20, round(calls * seconds / max(passed, 1e-9)))), passed / calls
        calls = max(calls * 2, min(calls * 16, int(calls * seconds / max(passed, 1e-6))))


def is_settled(times):
    """Whether two slices have come near the best one."""
    ordered = sorted(times)
    return len(ordered) > 2 and ordered[2] <= (1 + NEAR) * ordered[0]


def in_turns(sides, effort, threads, limits=None):
    """Seconds per call of every side (name to object with run(count)), one number per round. The
    machine's `limits` take turns too, but how long that goes on is for the sides to say."""
    clock = clock_for(threads)
    calls, total = {}, 0
    every = {**sides, **(limits or {})}
    for name, side in every.items():
        calls[name], once = calls_for(side, effort.slice_seconds, clock)
        total += calls[name] * once
    affordable = int(effort.most_seconds / max(total, 1e-9))
    rounds = max(2, min(effort.rounds, affordable))
    most = max(rounds, min(effort.most_rounds, affordable))
    seconds = {name: [] for name in every}
    for done in range(most):
        if done == rounds:
            end = time.perf_counter() + effort.more_seconds
        if done >= rounds and (time.perf_counter() >= end or
                               all(is_settled(seconds[name]) for name in sides)):
            break
        for name, side in every.items():
            if threads > 1:
                time.sleep(SLEEP)
            # The call before the clock starts wakes this side's threads; a long call does that by
            # itself.
            if calls[name] > 2 or threads > 1:
                side.run(1)
            start = clock()
            side.run(calls[name])
            seconds[name].append((clock() - start) / calls[name])
    return seconds
