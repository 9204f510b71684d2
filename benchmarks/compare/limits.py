"""The machine's own limits, measured in turns with every row: the FMA peak and the copy bandwidth
of as many threads as the row has."""
import concurrent.futures
import ctypes
import os
import queue

import numpy

COPY_BYTES = 64 << 20  # of each thread; far beyond the caches of a core
PEAK_STEPS = 100_000  # of one thread: half a millisecond
# Of each of several, which Python starts a tenth of a millisecond one after the other.
PEAK_STEPS_TOGETHER = 2_000_000


class Limits:
    def __init__(self, stick, threads, vector=0):
        """`vector`: bytes of one in which the peak is measured; 0: the widest."""
        self.stick = stick
        self.peak_of = stick.stick_peak_256 if vector == 32 else stick.stick_peak
        self.flops = stick.stick_peak_flops() // (2 if vector == 32 else 1)
        self.pool = apart(threads) if threads > 1 else None
        self.threads = range(threads)
        self.steps = PEAK_STEPS if threads == 1 else PEAK_STEPS_TOGETHER
        self.buffers = [(numpy.zeros(COPY_BYTES, numpy.uint8), numpy.ones(COPY_BYTES, numpy.uint8))
                        for _ in self.threads]

    def sides(self):
        return {"limit:peak": Side(self, self.peak), "limit:copy": Side(self, self.copy)}

    def peak(self, _):
        self.peak_of(ctypes.c_int64(self.steps))

    def copy(self, thread):
        to, source = self.buffers[thread]
        self.stick.stick_copy(to.ctypes.data_as(ctypes.c_void_p),
                              source.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(COPY_BYTES))

    def rates(self, seconds):
        """Takes the limits' times out of `seconds`; operations and bytes per second."""
        peak, copy = (min(seconds.pop(name)) for name in ("limit:peak", "limit:copy"))
        threads = len(self.threads)
        flops = threads * self.steps * self.flops
        return flops / peak, threads * 2 * COPY_BYTES / copy


def apart(threads):
    """Threads that each stay on a processor of their own: waking two, the system may put both on
    the one where Python runs, and halve the limit."""
    free = queue.SimpleQueue()
    for processor in sorted(os.sched_getaffinity(0))[:threads]:
        free.put(processor)
    return concurrent.futures.ThreadPoolExecutor(
        threads, initializer=lambda: os.sched_setaffinity(0, {free.get()}))


class Side:
    def __init__(self, limits, work):
        self.limits, self.work = limits, work

    def run(self, count):
        for _ in range(count):
            if self.limits.pool:
                list(self.limits.pool.map(self.work, self.limits.threads))
            else:
                self.work(0)
