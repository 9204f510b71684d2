#include "ir/support/Window.h"

using namespace mlir;

namespace dlc::ir {

// A builder asks without wanting a report: its `emitError` makes inactive diagnostics, which
// convert to success. So every refusal here returns failure() by itself.

LogicalResult checkSpatialRank(EmitError emitError, int64_t rank) {
  if (rank >= 3 && rank <= 5)
    return success();
  emitError() << "operand of rank " << rank
              << " has no 1 to 3 spatial dimensions between batch and channels";
  return failure();
}

LogicalResult checkSpatialCount(EmitError emitError, StringRef what, size_t count, int64_t rank) {
  if (int64_t(count) == rank - 2)
    return success();
  emitError() << "has " << count << " " << what << " for " << rank - 2 << " spatial dimensions";
  return failure();
}

static LogicalResult checkAtLeastOne(EmitError emitError, StringRef what,
                                     ArrayRef<int64_t> values) {
  for (auto [i, value] : llvm::enumerate(values)) {
    if (value >= 1)
      continue;
    emitError() << what << " " << value << " in spatial dimension " << i << ", expected at least 1";
    return failure();
  }
  return success();
}

FailureOr<Shape> slideWindow(EmitError emitError, ArrayRef<SizeAttr> spatial,
                             const Window &window) {
  if (failed(checkAtLeastOne(emitError, "window", window.sizes)) ||
      failed(checkAtLeastOne(emitError, "stride", window.strides)) ||
      failed(checkAtLeastOne(emitError, "dilation", window.dilations)))
    return failure();
  Shape output;
  for (auto [i, size] : llvm::enumerate(spatial)) {
    for (SizeAttr amount : {window.padLow[i], window.padHigh[i]})
      if (amount.isConstant() && amount.getValue() < 0) {
        emitError() << "padding " << amount.getValue() << " in spatial dimension " << i
                    << " is negative";
        return failure();
      }
    output.push_back(windowOutput(size, window.sizes[i], window.strides[i], window.dilations[i],
                                  window.padLow[i], window.padHigh[i]));
    if (!output.back().isConstant() || output.back().getValue() >= 0)
      continue;
    emitError() << "window of " << (window.sizes[i] - 1) * window.dilations[i] + 1
                << " elements does not fit spatial dimension " << i << " of size "
                << sizeToString(size) << " with padding " << sizeToString(window.padLow[i])
                << " and " << sizeToString(window.padHigh[i]);
    return failure();
  }
  return output;
}

} // namespace dlc::ir
