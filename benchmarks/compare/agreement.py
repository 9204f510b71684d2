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
# In bf16 such a gradient is the rounding of what it sums, of any size; f32 tells which ones they are.
VANISHING = 1e-4
# A gradient in bf16 may be farther from the one in f32 than the peer's by this factor, since we keep
# what lies between layers in bf16, too, where peers round the factors of products alone; and never
# so far that a missing one would do as well.
ROUNDING, USELESS = 2, 0.7


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


def check_gradients(stick, ours, theirs, peer, tolerance, exact=None):
    """Raises Disagreement when a gradient is missing or its difference is longer than `tolerance`
    times the gradient. Lengths, not elements: through many normalised layers single elements are
    differences of large sums, and no two f32 programs agree on them. Where they differ by more,
    `exact()`, gradients in f64, judges: ours must be at least as near to those as the peer's."""
    check_names(ours, theirs)
    due, truth = due_lengths(stick, theirs), None
    for name, buffer in theirs.items():
        length = squares(stick, buffer) ** 0.5 + LEAST_SHARE * due[name]
        apart = squares(stick, ours[name], buffer) ** 0.5
        if apart <= tolerance * length:
            continue
        differs = (f"the gradient of {name} differs from {peer}'s by {apart / length:.2g} of its "
                   f"length, allowed is {tolerance:.2g}")
        truth = truth or (exact and exact())
        if not truth:
            raise Disagreement(differs)
        error = squares(stick, ours[name], truth[name]) ** 0.5
        their_error = squares(stick, buffer, truth[name]) ** 0.5
        if not error <= min(their_error, USELESS * length):
            raise Disagreement(f"{differs}, and from f64 by {error / length:.2g}, {peer}'s by "
                               f"{their_error / length:.2g}")


def check_rounded_gradients(stick, ours, theirs, exact, peer, tolerance):
    """The same for gradients in bf16, given those in f32. Networks magnify rounding, of every
    program at other places: ours must be as near to f32 as the peer's are, or within `tolerance`.
    """
    check_names(ours, theirs)
    due = due_lengths(stick, exact)
    for name, buffer in exact.items():
        length = squares(stick, buffer) ** 0.5
        if length < VANISHING * due[name]:
            continue
        their_error = squares(stick, theirs[name], buffer) ** 0.5 / length
        error = squares(stick, ours[name], buffer) ** 0.5 / length
        allowed = min(max(tolerance, ROUNDING * their_error), USELESS)
        if not error <= allowed:
            raise Disagreement(f"the gradient of {name} differs from f32 by {error:.2g} of its "
                               f"length, {peer}'s by {their_error:.2g}, allowed is {allowed:.2g}")


def check_names(ours, theirs):
    if set(ours) != set(theirs):
        raise Disagreement(f"gradients of {', '.join(sorted(set(ours) ^ set(theirs)))} are not on "
                           f"both sides")


def due_lengths(stick, gradients):
    """What each gradient's length would be if all elements were of the same size."""
    whole = sum(squares(stick, buffer) for buffer in gradients.values())
    count = sum(size_of(buffer) for buffer in gradients.values())
    return {name: (whole * size_of(buffer) / count) ** 0.5 for name, buffer in gradients.items()}


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
