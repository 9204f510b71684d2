// What attention and its gradient give when every rounding inside them goes wrong by its bound.
//
// With u the distance of 1 to the next value of lse's type (f32 for f16 and bf16) and n the number
// of terms, a sum may be off by g(n) * sum|terms|, g(n) = 4 * sqrt(n) * u, as everywhere in checks.
//
// 1. A score is a sum over the depth, scaled, plus a mask's number. It is off by at most
//      e = |scale| * g(depth) * sum|q k| + 2 u (|score| + |mask|).
// 2. A weight is p = e^score / sum of e^score, so that to first order
//      |dp_j| <= p_j * sum over k of |[j = k] - p_k| e_k,
//    which is 0 where one key has all the weight, however large its score. First order does not
//    hold once e nears 1 (scores of 1e5), and which key wins is then a matter of rounding. So the
//    scores themselves are moved by e, each up or down at random, or all the same way, which moves
//    lse most; and weights follow from the moved ones. Where that changes the winner, or a 0 to a
//    NaN, runs differ by so much that nothing is compared; a key that wins by more stays compared.
// 3. The gradient computes the very same scores once more, so the same pair is moved the same way
//    there: lse and scores fit in every run, as they do in every correct implementation. Its own
//    weight e^(score - lse) is off by another (4 + |score - lse|) u of itself.
// 4. Sums of weights times rows: what the weights are off by, times |v|, plus g(keys) * sum|p v|;
//    those of the gradient likewise, with ds = p * (dy v - delta) off by what p, the product and
//    the subtraction are off by.
// 5. Where terms of both signs are large enough for partial sums to overflow, the sum may be
//    infinite or not, as the order wants: it is NaN in one run and not in others.
#pragma once
#include "codegen/reference/Evaluator.h"

namespace dlc::check {

/// Replaces the results by those of run |probe|, 1, 2, ..; the same probe moves the same scores.
void disturbAttention(const reference::Executed &executed, uint64_t probe);

} // namespace dlc::check
