// Absorbs transposes into the dimension lists of contractions.
//
//   %t = dlc.transpose %w [1, 0]
//   %y = dlc.contract %x, %t reduce [1] x [0]   ==>   %y = dlc.contract %x, %w reduce [1] x [1]
//
//   %y = dlc.contract %a, %b reduce [1] x [0]   ==>   %z = dlc.contract %b, %a reduce [0] x [1]
//   %z = dlc.transpose %y [1, 0]
//
// A contraction reads its operands in any orientation at the same speed, while a transpose of its
// own is a pass over memory. Legal where the result's dimensions keep their order: batch first,
// then the free ones of either operand, each in the operand's own order.
//
// Tested by test/passes/simplify/fold_transposes.mlir.
#include "ir/Ops.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

using Dims = SmallVector<int64_t>;

Dims through(ArrayRef<int64_t> dims, ArrayRef<int64_t> permutation) {
  return llvm::map_to_vector(dims, [&](int64_t dim) { return permutation[dim]; });
}

struct TransposedOperand : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    Value a = op.getA(), b = op.getB();
    Dims aBatch(op.getABatch()), aReduce(op.getAReduce());
    Dims bBatch(op.getBBatch()), bReduce(op.getBReduce());
    bool aChanged = absorb(a, aBatch, aReduce, op.getAFree());
    bool bChanged = absorb(b, bBatch, bReduce, op.getBFree());
    if (!aChanged && !bChanged)
      return rewriter.notifyMatchFailure(op, "no operand is a transpose that keeps free "
                                             "dimensions in order");
    rewriter.replaceOpWithNewOp<ContractOp>(op, a, b, aBatch, bBatch, aReduce, bReduce,
                                            op.getType().getElementType());
    return success();
  }

  static bool absorb(Value &operand, Dims &batch, Dims &reduce, ArrayRef<int64_t> free) {
    auto transpose = operand.getDefiningOp<TransposeOp>();
    if (!transpose || !llvm::is_sorted(through(free, transpose.getPermutation())))
      return false;
    operand = transpose.getX();
    batch = through(batch, transpose.getPermutation());
    reduce = through(reduce, transpose.getPermutation());
    return true;
  }
};

struct TransposedResult : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp transpose, PatternRewriter &rewriter) const override {
    auto op = transpose.getX().getDefiningOp<ContractOp>();
    if (!op || !op->hasOneUse())
      return rewriter.notifyMatchFailure(transpose, "not the only use of a contraction");
    int64_t batches = op.getABatch().size(), rank = op.getType().getRank();
    int64_t firstOfB = batches + int64_t(op.getAFree().size());
    Dims swapped = llvm::to_vector(llvm::seq<int64_t>(0, batches));
    llvm::append_range(swapped, llvm::seq(firstOfB, rank));
    llvm::append_range(swapped, llvm::seq(batches, firstOfB));
    if (!llvm::equal(transpose.getPermutation(), swapped))
      return rewriter.notifyMatchFailure(transpose, "does more than exchange the operands' parts");
    rewriter.replaceOpWithNewOp<ContractOp>(transpose, op.getB(), op.getA(), op.getBBatch(),
                                            op.getABatch(), op.getBReduce(), op.getAReduce(),
                                            op.getType().getElementType());
    return success();
  }
};

} // namespace

void addFoldTransposes(RewritePatternSet &patterns) {
  patterns.add<TransposedOperand, TransposedResult>(patterns.getContext());
}

} // namespace dlc::passes
