"""Scaled dot-product attention, forward and with all gradients.

Queries, keys and values are [batch, heads, sequence, 64]. Flops count the two products (and the
five of the backward pass) over all pairs; causal rows do half of them and count half.
"""
from cases.case import Case, Tensor

WIDTH = 64
# Batch, heads, sequence.
SHAPES = [(8, 12, 128), (2, 12, 512), (1, 4, 2048)]


def case_of(batch, heads, sequence, causal, padding, both):
    x = Tensor((batch, heads, sequence, WIDTH))
    inputs = {"q": x, "k": x, "v": x}
    if padding:
        inputs["lengths"] = Tensor((batch,), "i32", f"below {sequence // 2}")
    outputs = {"y": x}
    products = 2
    if both:
        inputs["dy"] = x
        outputs = {"y": x, "dq": x, "dk": x, "dv": x}
        products = 7
    flops = products * 2 * batch * heads * sequence * sequence * WIDTH // (2 if causal else 1)
    kind = " causal" * causal + " key padding" * padding
    return Case(f"attention {batch}x{heads}x{sequence}x{WIDTH}{kind} "
                f"{'forward+backward' if both else 'forward'}",
                "attention_both" if both else "attention_forward", inputs, outputs, flops,
                {"causal": causal, "padding": padding}, quick=sequence < 2048 or not both)


def cases():
    for shape in SHAPES:
        for both in (False, True):
            yield case_of(*shape, False, False, both)
            yield case_of(*shape, True, False, both)
            yield case_of(*shape, False, True, both)
