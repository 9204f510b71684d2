// Round s swaps the off-diagonal s x s blocks of every 2s x 2s block: afterwards bit s of the row
// number and of the lane number have changed places. All bits swapped is the transpose.
#include "codegen/cpu/emit/Transpose.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

void dlc::codegen::cpu::transposeSquare(KernelBuilder &k, MutableArrayRef<Value> rows) {
  int64_t n = rows.size();
  for (int64_t s = 1; s < n; s *= 2) {
    // Lanes of the pair (upper row, lower row), the lower one counted from n on.
    SmallVector<int64_t> upper, lower;
    for (int64_t lane = 0; lane < n; ++lane) {
      bool second = lane & s;
      upper.push_back(second ? n + lane - s : lane);
      lower.push_back(second ? n + lane : lane + s);
    }
    for (int64_t row = 0; row < n; ++row) {
      if (row & s)
        continue;
      Value high = rows[row], low = rows[row + s];
      rows[row] = vector::ShuffleOp::create(k.builder(), k.loc(), high, low, upper);
      rows[row + s] = vector::ShuffleOp::create(k.builder(), k.loc(), high, low, lower);
    }
  }
}
