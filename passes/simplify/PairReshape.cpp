// Moves elementwise ops and reductions to the other side of a reshape where that joins them with
// what they are computed from.
//
//   %r = dlc.reshape %z : (8, 9, 4, 2) -> (8, 3, 3, 8)     %y = dlc.mul %z, broadcast(reshape %s)
//   %y = dlc.mul %r, broadcast(%s)                   ==>   %r = dlc.reshape %y
//
// A reshape ends a kernel. Group normalisation computes in the sizes of its groups between a scale
// and an offset in the sizes of the image: each step across was a tensor in memory. Dimensions of
// both sides fall into pairs of equal size: (8)(3 3)(8) and (8)(9)(4 2). A broadcast or a reduction
// that takes each pair whole or not at all is as well said in the other sizes; what is in memory
// anyway, an argument, is had there for nothing. So
//
//   op(reshape(computed), arguments and broadcasts)    becomes   reshape(op(computed, ..))
//   reduce(reshape(computed))                          becomes   reshape(reduce(computed))
//   reshape(op(arguments and broadcasts)), used once   becomes   op(reshape(argument), ..)
//
// Broadcasts of scalars alone are left to SinkReshape.cpp. Exact.
//
// Tested by test/passes/simplify/pair_reshape.mlir.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/TypeUtilities.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

/// Dimensions of two shapes with as many elements: [first, end) of either side.
struct DimPair {
  int64_t hereFirst, hereEnd, thereFirst, thereEnd;
};
using DimPairs = SmallVector<DimPair>;

/// The shortest pairs; nothing where symbols stand in dimensions that differ between the sides.
std::optional<DimPairs> pairDims(ArrayRef<SizeAttr> here, ArrayRef<SizeAttr> there) {
  DimPairs pairs;
  size_t i = 0, j = 0;
  while (i < here.size() && j < there.size()) {
    DimPair pair{int64_t(i), 0, int64_t(j), 0};
    SizeAttr p = here[i++], q = there[j++];
    while (p != q) {
      if (!p.isConstant() || !q.isConstant())
        return std::nullopt;
      bool shorter = p.getValue() < q.getValue();
      if (shorter ? i == here.size() : j == there.size())
        return std::nullopt;
      (shorter ? p : q) = shorter ? sizeMul(p, here[i++]) : sizeMul(q, there[j++]);
    }
    pair.hereEnd = i;
    pair.thereEnd = j;
    pairs.push_back(pair);
  }
  bool whole = i == here.size() && j == there.size();
  return whole && !pairs.empty() ? std::optional(pairs) : std::nullopt;
}

/// Two ways to say the sizes of one tensor.
struct View {
  Shape here, there;
  DimPairs pairs;

  static std::optional<View> of(Type here, Type there) {
    View view{shapeOf(here), shapeOf(there), {}};
    std::optional<DimPairs> pairs = pairDims(view.here, view.there);
    if (!pairs)
      return std::nullopt;
    view.pairs = *pairs;
    return view;
  }

  RankedTensorType typeThere(Value like) const {
    return tensorType(like.getContext(), there, getElementTypeOrSelf(like.getType()));
  }

  /// The dimensions over there that |dims| become; nothing if they take some pair in part.
  std::optional<SmallVector<int64_t>> moved(ArrayRef<int64_t> dims) const {
    SmallVector<int64_t> result;
    int64_t taken = 0;
    for (const DimPair &pair : pairs) {
      int64_t held = llvm::count_if(
          dims, [&](int64_t d) { return d >= pair.hereFirst && d < pair.hereEnd; });
      if (held != 0 && held != pair.hereEnd - pair.hereFirst)
        return std::nullopt;
      taken += held;
      for (int64_t d = pair.thereFirst; held && d < pair.thereEnd; ++d)
        result.push_back(d);
    }
    return taken == int64_t(dims.size()) && llvm::is_sorted(dims) ? std::optional(result)
                                                                  : std::nullopt;
  }

  Shape sizesThere(ArrayRef<int64_t> dims) const {
    Shape sizes;
    for (int64_t d : dims)
      sizes.push_back(there[d]);
    return sizes;
  }
};

bool isArgument(Value value) { return isa<BlockArgument>(value); }

BroadcastOp repeated(Value value) { return value.getDefiningOp<BroadcastOp>(); }

bool isRepeatedVector(Value value) {
  auto broadcast = repeated(value);
  return broadcast && !broadcast.getDims().empty();
}

/// Whether |operand| is to be had in the sizes over there for nothing.
bool canMove(const View &view, Value operand) {
  if (isArgument(operand))
    return true;
  auto broadcast = repeated(operand);
  if (!broadcast)
    return false;
  std::optional<SmallVector<int64_t>> dims = view.moved(broadcast.getDims());
  // A vector that is computed would end a kernel where it changes its sizes.
  return dims && (isArgument(broadcast.getX()) ||
                  view.sizesThere(*dims) == shapeOf(broadcast.getX()));
}

Value move(const View &view, Value operand, PatternRewriter &rewriter) {
  Location loc = operand.getLoc();
  auto broadcast = repeated(operand);
  if (!broadcast)
    return ReshapeOp::create(rewriter, loc, view.typeThere(operand), operand);
  SmallVector<int64_t> dims = *view.moved(broadcast.getDims());
  Value x = broadcast.getX();
  RankedTensorType narrow =
      tensorType(x.getContext(), view.sizesThere(dims), getElementTypeOrSelf(x.getType()));
  if (narrow != x.getType())
    x = ReshapeOp::create(rewriter, loc, narrow, x);
  return BroadcastOp::create(rewriter, loc, view.typeThere(operand), x, dims);
}

/// |op| over there, with |operands|.
Value remade(const View &view, Operation *op, ArrayRef<Value> operands, PatternRewriter &rewriter) {
  OperationState state(op->getLoc(), op->getName(), operands,
                       {view.typeThere(op->getResult(0))}, op->getAttrs());
  return rewriter.create(state)->getResult(0);
}

bool isPointwise(Fusible fusible) {
  return fusible.getFusionKind() == FusionKind::Pointwise && fusible->getNumResults() == 1 &&
         fusible->getNumOperands() != 0;
}

/// What a reshape of something computed takes; null for other values.
Value computedBelow(Value value) {
  auto reshape = value.getDefiningOp<ReshapeOp>();
  return reshape && !isArgument(reshape.getX()) ? Value(reshape.getX()) : Value();
}

struct SinkBesideVectors : OpInterfaceRewritePattern<Fusible> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(Fusible fusible, PatternRewriter &rewriter) const override {
    Operation *op = fusible;
    if (!isPointwise(fusible))
      return rewriter.notifyMatchFailure(op, "not an elementwise op");
    auto found = llvm::find_if(op->getOperands(), computedBelow);
    if (found == op->operand_end())
      return rewriter.notifyMatchFailure(op, "nothing computed is reshaped");
    Type from = computedBelow(*found).getType();
    std::optional<View> view = View::of(op->getResultTypes().front(), from);
    auto isThere = [&](Value x) {
      Value below = computedBelow(x);
      return below && shapeOf(below) == view->there;
    };
    if (!view || !llvm::all_of(op->getOperands(),
                               [&](Value x) { return isThere(x) || canMove(*view, x); }))
      return rewriter.notifyMatchFailure(op, "an operand is at hand in the result's sizes only");
    if (llvm::none_of(op->getOperands(),
                      [](Value x) { return isArgument(x) || isRepeatedVector(x); }))
      return rewriter.notifyMatchFailure(op, "left to SinkReshape");
    SmallVector<Value> operands;
    for (Value x : op->getOperands())
      operands.push_back(isThere(x) ? computedBelow(x) : move(*view, x, rewriter));
    Value moved = remade(*view, op, operands, rewriter);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op->getResultTypes().front(), moved);
    return success();
  }
};

template <typename Op> struct SinkBelowReduction : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Value x = computedBelow(op.getX());
    std::optional<View> view;
    if (x)
      view = View::of(op.getX().getType(), x.getType());
    std::optional<SmallVector<int64_t>> axes;
    if (view)
      axes = view->moved(op.getAxes());
    if (!axes || axes->empty())
      return rewriter.notifyMatchFailure(op, "no reshape, or one across reduced dimensions");
    Value reduced = Op::create(rewriter, op.getLoc(), x, *axes);
    if (reduced.getType() != op.getType())
      reduced = ReshapeOp::create(rewriter, op.getLoc(), op.getType(), reduced);
    rewriter.replaceOp(op, reduced);
    return success();
  }
};

struct LiftAboveArguments : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp reshape, PatternRewriter &rewriter) const override {
    auto fusible = reshape.getX().getDefiningOp<Fusible>();
    if (!fusible || !isPointwise(fusible) || !reshape.getX().hasOneUse())
      return rewriter.notifyMatchFailure(reshape, "not of an elementwise op for it alone");
    Operation *op = fusible;
    std::optional<View> view = View::of(reshape.getX().getType(), reshape.getType());
    if (!view || !llvm::all_of(op->getOperands(), [&](Value x) { return canMove(*view, x); }) ||
        llvm::none_of(op->getOperands(), isArgument) ||
        llvm::none_of(op->getOperands(), isRepeatedVector))
      return rewriter.notifyMatchFailure(reshape, "not of an argument and a vector");
    SmallVector<Value> operands;
    for (Value x : op->getOperands())
      operands.push_back(move(*view, x, rewriter));
    rewriter.replaceOp(reshape, remade(*view, op, operands, rewriter));
    return success();
  }
};

} // namespace

void addPairReshape(RewritePatternSet &patterns) {
  patterns.add<SinkBesideVectors, LiftAboveArguments, SinkBelowReduction<SumOp>,
               SinkBelowReduction<MeanOp>, SinkBelowReduction<ProdOp>,
               SinkBelowReduction<ReduceMaxOp>, SinkBelowReduction<ReduceMinOp>>(
      patterns.getContext());
}

} // namespace dlc::passes
