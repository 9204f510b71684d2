// What was measured for the rule stands at each condition.
#include "passes/layout/PanelRule.h"
#include "ir/support/Panels.h"

namespace dlc::passes {

bool packsInEveryCall(const PanelUse &use) {
  // As codegen/cpu/choose has it: a filter of one panel is read as it lies.
  return use.transposed || (use.convolution && use.n > ir::kPanelWidth);
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
  // Up to 512 rows a row-major matrix is read in place as fast as panels; beyond, the distance of
  // its rows costs TLB misses. One panel of a narrow matrix is the matrix itself.
  constexpr int64_t kDirectRows = 512;
  return use.k > kDirectRows && use.n > ir::kPanelWidth;
}

} // namespace dlc::passes
