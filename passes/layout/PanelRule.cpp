// What was measured for the rule stands at each condition.
#include "passes/layout/PanelRule.h"
#include "ir/support/Panels.h"

namespace dlc::passes {

bool panelsPay(const PanelUse &use) {
  // A small matrix stays in L1 in any form.
  constexpr int64_t kSmall = 64 * 64;
  if (use.k * use.n < kSmall)
    return false;
  // Without panels every call would transpose into some first.
  if (use.transposed)
    return true;
  // Up to 512 rows a row-major matrix is read in place as fast as panels; beyond, the distance of
  // its rows costs TLB misses. One panel of a narrow matrix is the matrix itself.
  constexpr int64_t kDirectRows = 512;
  return use.k > kDirectRows && use.n > ir::kPanelWidth;
}

} // namespace dlc::passes
