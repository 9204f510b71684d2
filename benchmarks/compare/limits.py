"""The machine's own limits, measured in turns with every row: the FMA peak and the copy bandwidth
of as many threads as the row has."""
import concurrent.futures
import ctypes

import numpy

COPY_BYTES = 64 << 20  # of each thread; far beyond the caches of a core
PEAK_STEPS = 100_000


class Limits:
    def __init__(self, stick, threads):
        self.stick = stick
        self.pool = concurrent.futures.ThreadPoolExecutor(threads) if threads > 1 else None
        self.threads = range(threads)
        self.buffers = [(numpy.zeros(COPY_BYTES, numpy.uint8), numpy.ones(COPY_BYTES, numpy.uint8))
                        for _ in self.threads]

    def sides(self):
        return {"limit:peak": Side(self, self.peak), "limit:copy": Side(self, self.copy)}

    def peak(self, _):
        self.stick.stick_peak(ctypes.c_int64(PEAK_STEPS))

    def copy(self, thread):
        to, source = self.buffers[thread]
        self.stick.stick_copy(to.ctypes.data_as(ctypes.c_void_p),
                              source.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(COPY_BYTES))

    def rates(self, seconds):
        """Takes the limits' times out of `seconds`; operations and bytes per second."""
        peak, copy = (min(seconds.pop(name)) for name in ("limit:peak", "limit:copy"))
        threads = len(self.threads)
        flops = threads * PEAK_STEPS * self.stick.stick_peak_flops()
        return flops / peak, threads * 2 * COPY_BYTES / copy


class Side:
    def __init__(self, limits, work):
        self.limits, self.work = limits, work

    def run(self, count):
        for _ in range(count):
            if self.limits.pool:
                list(self.limits.pool.map(self.work, self.limits.threads))
            else:
                self.work(0)
