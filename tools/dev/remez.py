#!/usr/bin/env python3
"""Computes the polynomial coefficients of codegen/lower/MathCoefficients.h.

Each entry is a weighted linear minimax fit (Remez exchange on a Chebyshev
grid). Coefficients are rounded to the type one by one, from the lowest order,
and the rest is fitted again: the rounding of a low order term is absorbed by
its neighbours. Needs mpmath. Prints the header's body; the fit's own error
stands behind every row as a power of two.
"""
import math
import struct

from mpmath import mp, mpf, matrix, lu_solve, erf, erfc, log, exp, tanh, log1p, sin, cos, sqrt, pi

mp.dps = 60


def round_f32(x):
    return struct.unpack('<f', struct.pack('<f', float(x)))[0]


def chebyshev_points(a, b, n):
    a, b = mpf(a), mpf(b)
    return [(a + b) / 2 - (b - a) / 2 * mp.cos(mp.pi * (i + mpf(1) / 2) / n) for i in range(n)]


def extrema(error, wanted):
    """One index of largest error per run of equal sign, trimmed to |wanted|."""
    found, i = [], 0
    while i < len(error):
        j = best = i
        while j < len(error) and (error[j] >= 0) == (error[i] >= 0):
            if abs(error[j]) > abs(error[best]):
                best = j
            j += 1
        found.append(best)
        i = j
    while len(found) > wanted:
        found.pop(0 if abs(error[found[0]]) < abs(error[found[-1]]) else -1)
    return found


def exchange(points, targets, weights, powers):
    """Minimax fit of |targets| by the monomials |powers| under |weights|."""
    n, grid = len(powers), len(points)
    chosen = [int((grid - 1) * (1 - math.cos(math.pi * i / n)) / 2) for i in range(n + 1)]
    for _ in range(25):
        system, right = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for row, i in enumerate(chosen):
            for column, p in enumerate(powers):
                system[row, column] = points[i] ** p
            system[row, n] = (-1) ** row / weights[i]
            right[row] = targets[i]
        solution = lu_solve(system, right)
        coefficients = [solution[k] for k in range(n)]
        error = [(t - sum(c * x ** p for c, p in zip(coefficients, powers))) * w
                 for x, t, w in zip(points, targets, weights)]
        found = extrema(error, n + 1)
        if len(found) < n + 1 or max(map(abs, error)) <= abs(solution[n]) * mpf(1.001):
            break
        chosen = found
    return coefficients


def fit(target, weight, a, b, degree, rounding, refit, grid):
    points = chebyshev_points(a, b, grid)
    targets, weights = [target(x) for x in points], [weight(x) for x in points]
    rest, fixed, powers = list(targets), [], list(range(degree + 1))
    coefficients = exchange(points, rest, weights, powers)
    while powers:
        c = mpf(rounding(coefficients[0]))
        fixed.append(float(c))
        rest = [t - c * x ** powers[0] for x, t in zip(points, rest)]
        powers = powers[1:]
        if powers:
            coefficients = exchange(points, rest, weights, powers) if refit else coefficients[1:]
    return fixed, max(abs(t * w) for t, w in zip(rest, weights))


def emit(name, target, weight, a, b, degree, single, refit=True, grid=600):
    coefficients, error = fit(target, weight, a, b, degree, round_f32 if single else float, refit,
                              grid)
    values = ', '.join(c.hex() if single else c.hex() for c in coefficients)
    print(f'// |error| <= 2^{math.log2(float(error)):.1f}\nconstexpr double {name}[] = {{{values}}};',
          flush=True)


half_ln2 = math.log(2) / 2 + 1e-4
tiny = mpf(10) ** -30


def exp_tail(x):
    return (exp(x) - 1 - x) / x ** 2 if abs(x) > 1e-12 else mpf(1) / 2 + x / 6


def log_tail(f):
    return (log1p(f) - f + f * f / 2) / f ** 3 if abs(f) > 1e-12 else mpf(1) / 3 - f / 4


def atanh_tail(z):
    """(log((1+s)/(1-s)) - 2s) / s^3 with z = s*s."""
    s = sqrt(z)
    return (log((1 + s) / (1 - s)) - 2 * s) / s ** 3 if z > 1e-20 else mpf(2) / 3 + z * 2 / 5


def atanh_tail2(z):
    """What is left of atanh_tail after its first term 2/3."""
    return (atanh_tail(z) - mpf(2) / 3) / z if z > 1e-12 else mpf(2) / 5 + z * 2 / 7


def tanh_tail(u):
    x = sqrt(u)
    return (tanh(x) - x) / x ** 3


def erf_tail(u):
    return erf(sqrt(u)) / sqrt(u) - 1


def sin_tail(u):
    x = sqrt(u)
    return (sin(x) - x) / x ** 3


def cos_tail(u):
    return (cos(sqrt(u)) - 1 + u / 2) / u ** 2


def log_erfc(t):
    return log(erfc(t))


root_lo, root_hi = math.sqrt(0.5) - 1, math.sqrt(2) - 1
s_max2 = ((math.sqrt(2) - 1) / (math.sqrt(2) + 1)) ** 2 * 1.0001
quarter2 = float((pi / 4 + mpf('1e-3')) ** 2)

emit('kExp32', exp_tail, lambda x: x * x / exp(x) + tiny, -half_ln2, half_ln2, 4, True)
emit('kLog32', log_tail, lambda f: abs(f ** 3 / log1p(f)) + mpf('1e-9'), root_lo, root_hi, 8, True,
     refit=False)  # zero lies inside: monomials without a constant are no Haar system
emit('kTanh32', tanh_tail, lambda u: sqrt(u) ** 3 / tanh(sqrt(u)), 1e-8, 0.625 ** 2, 4, True)
emit('kErfSmall32', erf_tail, lambda u: sqrt(u) / erf(sqrt(u)), 1e-10, 0.93 ** 2, 5, True)
emit('kErfLarge32', log_erfc, lambda t: erfc(t) / erf(t), 0.92, 3.95, 6, True)
# f32 functions that are computed in f64: 2^-36 is plenty.
emit('kSin32', sin_tail, lambda u: u, 1e-10, quarter2, 3, False)
emit('kCos32', cos_tail, lambda u: u * u + tiny, 1e-10, quarter2, 3, False)
emit('kPowLog32', atanh_tail, lambda z: z, 1e-10, s_max2, 4, False)
emit('kPowExp32', exp_tail, lambda x: x * x / exp(x) + tiny, -half_ln2, half_ln2, 5, False)
emit('kExp64', exp_tail, lambda x: x * x / exp(x) + tiny, -half_ln2, half_ln2, 10, False)
emit('kLog64', atanh_tail, lambda z: z, 1e-12, s_max2, 7, False)
emit('kPowLog64', atanh_tail2, lambda z: z * z, 1e-12, s_max2, 8, False)
emit('kErfSmall64', erf_tail, lambda u: sqrt(u) / erf(sqrt(u)), 1e-12, 0.9 ** 2, 12, False)
emit('kSin64', sin_tail, lambda u: u, 1e-12, quarter2, 5, False)
emit('kCos64', cos_tail, lambda u: u * u + tiny, 1e-12, quarter2, 6, False)
for index, (lo, hi, degree) in enumerate([(0.85, 1.5, 16), (1.5, 2.75, 16), (2.75, 6.0, 16)]):
    mid = (lo + hi) / 2
    emit(f'kErfLarge64_{index}', lambda x: log_erfc(x + mid), lambda x: erfc(x + mid),
         lo - 0.01 - mid, hi + 0.01 - mid, degree, False, refit=False)


class ErfPieces:
    """erf around |count| middles |width| apart, so many as a register of coefficients has lanes.

    Held at |end|, where arguments are: erf there rounds to 1, or is bent to rise to 1.
    """

    def __init__(self, count, width, degree, bend):
        self.count, self.width, self.degree, self.bend = count, mpf(width), degree, bend

    def value(self, i, t):
        if not self.bend or i < self.count - 1:
            return erf(t)
        end = (i + mpf(1) / 2) * self.width
        return erf(t) + erfc(end) * ((t - end) / self.width + 1) ** 4

    def middles(self, i):
        """Numbers near i * width whose erf and slope of erf are nearly floats, best first."""
        if i == 0:
            return [mpf(0)]
        centre = float(self.width) * i
        reach, step = (8192, 1) if centre < 3.5 else (60000, 7)
        found = []
        for k in range(-reach, reach + 1, step):
            c = centre + k / 2 ** 20
            y, slope = math.erf(c), 2 / math.sqrt(math.pi) * math.exp(-c * c)
            found.append(((abs(round_f32(y) - y) + abs(round_f32(slope) - slope) / 8) / y, c))
        return [mpf(c) for _, c in sorted(found)[:12]]

    def piece(self, i, middle):
        base = mpf(round_f32(self.value(i, middle)))

        def rest(d):
            if i == 0:
                return erf(d) / d - 1
            if abs(d) < 1e-12:
                return 2 / sqrt(pi) * exp(-middle * middle)
            return (self.value(i, middle + d) - base) / d

        low = (i - mpf(1) / 2) * self.width - middle if i else mpf(10) ** -9
        high = (i + mpf(1) / 2) * self.width - middle
        rest, error = fit(rest, lambda d: d / erf(middle + d), low, high, self.degree, round_f32,
                          False, 200)
        return [float(middle), float(base)] + rest, error

    def emit(self, name):
        pieces = [min((self.piece(i, c) for c in self.middles(i)), key=lambda p: p[1])
                  for i in range(self.count)]
        print(f'// |error| <= 2^{math.log2(float(max(p[1] for p in pieces))):.1f}')
        print(f'constexpr double {name}[{self.degree + 3}][{self.count}] = {{')
        for row in zip(*(p[0] for p in pieces)):
            print('    {' + ', '.join(c.hex() for c in row) + '},')
        print('};', flush=True)


ErfPieces(16, 0.25, 5, bend=True).emit('kErfSixteen32')
ErfPieces(8, 0.53125, 7, bend=False).emit('kErfEight32')
