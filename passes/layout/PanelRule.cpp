// What was measured for the rule stands at each condition.
#include "passes/layout/PanelRule.h"
#include "ir/support/Panels.h"

namespace dlc::passes {

bool packsInEveryCall(const PanelUse &use) {
  // As codegen/cpu/choose has it: a filter of one panel is read as it lies, and so is one that is
  // transposed and has fewer columns than lanes could be filled with. Of several groups, rows are
  // far apart: their distance, often a power of two, lets them push each other out of L1 (28x28x256
  // in 8 groups: 88 % of the peak, in panels 97 %).
  constexpr int64_t kFewColumns = 4;
  if (use.convolution && use.transposed && use.n <= kFewColumns)
    return false;
  bool wide = use.n > ir::kPanelWidth || (use.count > 1 && use.n >= ir::kPanelWidth / 4);
  return use.transposed || (use.convolution && wide);
}

bool panelsPay(const PanelUse &use) {
  // Once before the loop instead of once in each iteration.
  if (use.inLoop && packsInEveryCall(use))
    return true;
  // A small matrix stays in L1 in any form.
  constexpr int64_t kSmall = 64 * 64;
  if (use.count * use.k * use.n < kSmall)
    return false;
  if (packsInEveryCall(use))
    return true;
  if (use.transposed)
    return false;
  // Interleaving rows in every call costs 2 % of the time of 512 rows of A, 20 % of that of 32.
  if (use.pairs)
    return true;
  // Up to 512 rows a row-major matrix is read in place as fast as panels; beyond, the distance of
  // its rows costs TLB misses. One panel of a narrow matrix is the matrix itself.
  constexpr int64_t kDirectRows = 512;
  return use.k > kDirectRows && use.n > use.width;
}

} // namespace dlc::passes
