"""Whether two sides computed the same: asked before anything is timed.

A fast wrong kernel is worth nothing, and a slow peer that computes something else is no peer. The
distance of two outputs is the largest |a - b| / (|b| + rms(b)) over their elements, so that neither
a large neighbour hides a wrong element nor the rounding of a small one counts.
"""
import ctypes

# Sums of different order in f32; inputs of 8 bits of mantissa; outputs and losses of networks.
TOLERANCE = {"f32": 2e-4, "bf16": 3e-2, "network": 3e-3, "network bf16": 3e-2}
# A gradient below this share of what its size would have of the whole is rounding: biases before a
# normalisation have none.
LEAST_SHARE = 1e-3


class Disagreement(Exception):
    pass


def distance(stick, ours, theirs, count):
    """Of two ctypes or numpy buffers of `count` floats; `stick` is the helper library."""
    stick.stick_distance.restype = ctypes.c_double
    return stick.stick_distance(address(ours), address(theirs), ctypes.c_int64(count))


def address(buffer):
    if hasattr(buffer, "ctypes"):
        return ctypes.c_void_p(buffer.ctypes.data)
    return ctypes.cast(buffer, ctypes.c_void_p)


def check(stick, ours, theirs, peer, tolerance):
    """Raises Disagreement when an output of `theirs` (name to buffer of floats) is not in `ours`,
    has another size, or differs by more than `tolerance`. Outputs that a peer does not give are
    not compared."""
    if not theirs:
        raise Disagreement(f"{peer} gave no output to compare")
    for name, buffer in theirs.items():
        if name not in ours:
            raise Disagreement(f"{peer} has an output {name}, we have {', '.join(ours)}")
        if size_of(buffer) != size_of(ours[name]):
            raise Disagreement(f"{name}: {size_of(ours[name])} elements, {peer} has "
                               f"{size_of(buffer)}")
        apart = distance(stick, ours[name], buffer, size_of(buffer))
        if not apart <= tolerance:
            raise Disagreement(f"{name} differs from {peer}'s by {apart:.2g}, allowed is "
                               f"{tolerance:.2g}")


def squares(stick, a, b=None):
    stick.stick_squares.restype = ctypes.c_double
    return stick.stick_squares(address(a), address(b) if b is not None else None,
                               ctypes.c_int64(size_of(a)))


def check_gradients(stick, ours, theirs, peer, tolerance):
    """Raises Disagreement when a gradient is missing or its difference is longer than `tolerance`
    times the gradient. Lengths, not elements: through many normalised layers single elements are
    differences of large sums, and no two f32 programs agree on them."""
    whole = sum(squares(stick, buffer) for buffer in theirs.values())
    count = sum(size_of(buffer) for buffer in theirs.values())
    if set(ours) != set(theirs):
        raise Disagreement(f"gradients of {', '.join(sorted(set(ours) ^ set(theirs)))} are not on "
                           f"both sides")
    for name, buffer in theirs.items():
        least = LEAST_SHARE * (whole * size_of(buffer) / count) ** 0.5
        length = squares(stick, buffer) ** 0.5 + least
        apart = squares(stick, ours[name], buffer) ** 0.5
        if not apart <= tolerance * length:
            raise Disagreement(f"the gradient of {name} differs from {peer}'s by "
                               f"{apart / length:.2g} of its length, allowed is {tolerance:.2g}")


def size_of(buffer):
    return buffer.size if hasattr(buffer, "size") else len(buffer)


def check_dropout(outputs, inputs, rate):
    """Generators differ, so that only the law can be checked: each element is 0 or x / (1 - rate),
    and the share of zeros is the rate."""
    y, x = outputs["y"].ravel(), inputs["x"].ravel()
    kept = y != 0
    scaled = x[kept] / (1 - rate)
    if abs(1 - kept.mean() - rate) > 0.01 or abs(y[kept] - scaled).max() > 1e-4 * abs(scaled).max():
        raise Disagreement(f"dropout kept {kept.mean():.3f} of the elements at rate {rate}")
