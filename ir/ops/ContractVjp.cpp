// Gradient of the general product: two more products.
#include "ir/ops/Contract.h"
#include "ir/support/Formula.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace dlc::ir {
namespace {

using Dims = SmallVector<int64_t>;

/// One side of the product, in the words of its own dimensions.
struct Side {
  Value value;
  Dims batch, reduce, free;
  int64_t firstFree; ///< where its free dimensions begin in the result
};

Dims countUp(int64_t first, int64_t count) {
  return llvm::to_vector(llvm::seq(first, first + count));
}

/// What is left of the other side's dimensions after the product with dy are its reduced ones,
/// in its own order. Each of them is paired with one reduced dimension of `side`.
Dims pairedWithSorted(const Side &side, const Side &other) {
  Dims sorted(other.reduce), paired;
  llvm::sort(sorted);
  for (int64_t dim : sorted)
    paired.push_back(side.reduce[llvm::find(other.reduce, dim) - other.reduce.begin()]);
  return paired;
}

/// dside = dy * other, with the result's dimensions in the order of `side`. The two factors
/// may stand in either order; the one that needs no transpose is taken.
Value gradientOfSide(OpBuilder &builder, Location loc, const Side &side, const Side &other,
                     Value dy) {
  int64_t batches = side.batch.size();
  Dims dyBatch = countUp(0, batches), dyReduce = countUp(other.firstFree, other.free.size());
  Dims otherLeft = pairedWithSorted(side, other);
  Dims freeFirst(side.batch), reducedFirst(side.batch);
  llvm::append_range(freeFirst, side.free);
  llvm::append_range(freeFirst, otherLeft);
  llvm::append_range(reducedFirst, otherLeft);
  llvm::append_range(reducedFirst, side.free);

  if (llvm::is_sorted(reducedFirst) && !llvm::is_sorted(freeFirst))
    return ContractOp::create(builder, loc, other.value, dy, other.batch, dyBatch, other.free,
                              dyReduce);
  Value product = ContractOp::create(builder, loc, dy, other.value, dyBatch, other.batch, dyReduce,
                                     other.free);
  if (llvm::is_sorted(freeFirst))
    return product;
  // Dimension i of the product is dimension freeFirst[i] of the operand.
  Dims permutation(freeFirst.size());
  for (auto [i, dim] : llvm::enumerate(freeFirst))
    permutation[dim] = i;
  return Formula(builder, loc).transpose(product, permutation);
}

} // namespace

SmallVector<Value> ContractOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // A widened result (f32 of f16 operands) comes back in the operands' type.
  Value dy = Formula(builder, getLoc())
                 .cast(cotangents[0], getElementTypeOrSelf(getA().getType()));
  int64_t batches = getABatch().size(), aFree = getAFree().size();
  Side a{getA(), Dims(getABatch()), Dims(getAReduce()), getAFree(), batches};
  Side b{getB(), Dims(getBBatch()), Dims(getBReduce()), getBFree(), batches + aFree};
  return {gradientOfSide(builder, getLoc(), a, b, dy), gradientOfSide(builder, getLoc(), b, a, dy)};
}

} // namespace dlc::ir
