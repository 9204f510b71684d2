// Takes short runs of elements apart from the long dimensions folded or repeated with them.
//
// Statistics of groups of channels fold [N, pixels, groups, channels] over pixels and channels, and
// repeat over both. A row of a few channels fills no vector, and every vector would hold several
// groups. So the long dimension is folded first, whole rows at a time, and the statistics are
// repeated over the few channels before they are repeated over the pixels:
//
//   %s = dlc.sum %x over [1, 3]           %t = dlc.sum %x over [1]
//   %m = dlc.div %s, %n             ==>   %s = dlc.sum %t over [2]
//   %b = dlc.broadcast %m to [0, 2]       %m = dlc.div %s, %n
//                                         %c = a copy of dlc.broadcast %m to [0, 1]
//                                         %b = dlc.broadcast %c to [0, 2, 3]
//
// What is repeated over the channels lies in memory once per image, and is read in whole vectors.
// What is made of it and of one or two large tensors (centred values, the cotangent of what was
// normalised) is made by everyone who reads it.
// Sums of 16-bit floats stay as they are: they are rounded once.
//
// Part of dlc-form-kernels, since dlc-simplify repeats as late as it can. Tested by
// test/passes/fusion/short_runs.mlir.
#include "passes/fusion/ShortRuns.h"
#include "ir/Ops.h"
#include "ir/support/Formula.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "passes/fusion/Widenings.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

constexpr int64_t kShort = 64; // elements: at most four vectors of f32

/// Where the dimensions of `shape` that are in `some` form a short run at the end, with others
/// before it and one of `some` before those: the begin of the run. Else none.
std::optional<int64_t> shortRun(ArrayRef<SizeAttr> shape, ArrayRef<int64_t> some) {
  int64_t begin = shape.size(), length = 1;
  while (begin > 0 && llvm::is_contained(some, begin - 1)) {
    if (!shape[--begin].isConstant())
      return std::nullopt;
    length *= shape[begin].getValue();
  }
  bool before = llvm::any_of(some, [&](int64_t d) { return d < begin && !shape[d].isConstant(1); });
  if (length < 2 || length > kShort || !before)
    return std::nullopt;
  // Something that is not of size 1 stands between.
  int64_t last = begin - 1;
  while (last >= 0 && !llvm::is_contained(some, last) && shape[last].isConstant(1))
    --last;
  return last >= 0 && !llvm::is_contained(some, last) ? std::optional(begin) : std::nullopt;
}

SmallVector<SizeAttr> without(ArrayRef<SizeAttr> shape, ArrayRef<int64_t> axes) {
  SmallVector<SizeAttr> kept;
  for (auto [d, size] : llvm::enumerate(shape))
    if (!llvm::is_contained(axes, d))
      kept.push_back(size);
  return kept;
}

Operation *foldOver(OpBuilder &builder, Operation *op, Value x, ArrayRef<int64_t> axes) {
  Operation *fold = builder.clone(*op);
  fold->setOperand(0, x);
  fold->setAttr("axes", builder.getDenseI64ArrayAttr(axes));
  fold->getResult(0).setType(tensorType(op->getContext(), without(shapeOf(x), axes),
                                        getElementTypeOrSelf(x.getType())));
  return fold;
}

void splitFold(Operation *op) {
  Value x = op->getOperand(0);
  Type element = getElementTypeOrSelf(x.getType());
  Shape shape = shapeOf(x);
  SmallVector<int64_t> axes(op->getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef());
  std::optional<int64_t> begin = shortRun(shape, axes);
  if (!begin || element.isF16() || element.isBF16())
    return;
  SmallVector<int64_t> first, second;
  for (int64_t axis : axes)
    if (axis < *begin)
      first.push_back(axis);
  for (int64_t d = *begin, rank = shape.size(); d < rank; ++d)
    second.push_back(d - int64_t(first.size()));
  OpBuilder builder(op);
  Operation *rows = foldOver(builder, op, x, first);
  Operation *runs = foldOver(builder, op, rows->getResult(0), second);
  op->getResult(0).replaceAllUsesWith(runs->getResult(0));
  op->erase();
}

/// Small values repeated over short runs: by value and run, so that all who repeat one share it.
struct Repeated {
  DenseMap<std::pair<Value, Type>, Value> known;
  llvm::SmallPtrSet<Operation *, 8> made; // the broadcasts over long dimensions
};

void splitBroadcast(BroadcastOp op, Repeated &repetitions) {
  Operation *source = op.getX().getDefiningOp();
  ArrayRef<int64_t> dims = op.getDims();
  if (!source || isa<BroadcastOp>(source) || source->hasTrait<OpTrait::ConstantLike>() ||
      source->getBlock() != op->getBlock() || !llvm::is_sorted(dims))
    return;
  Shape shape = shapeOf(op.getY());
  int64_t rank = shape.size();
  SmallVector<int64_t> repeated;
  for (int64_t d = 0; d < rank; ++d)
    if (!llvm::is_contained(dims, d))
      repeated.push_back(d);
  std::optional<int64_t> begin = shortRun(shape, repeated);
  if (!begin)
    return;
  SmallVector<int64_t> inner = llvm::to_vector(llvm::seq<int64_t>(0, dims.size())), outer(dims);
  SmallVector<SizeAttr> sizes;
  for (int64_t d = *begin; d < rank; ++d)
    outer.push_back(d);
  for (int64_t d : outer)
    sizes.push_back(shape[d]);
  auto typeOf = [&](Value v) {
    return tensorType(op.getContext(), sizes, getElementTypeOrSelf(v.getType()));
  };
  Value &wide = repetitions.known[{op.getX(), typeOf(op.getX())}];
  if (!wide) {
    OpBuilder builder(op);
    builder.setInsertionPointAfter(source);
    Formula f(builder, op.getLoc());
    // A transpose that leaves all dimensions in place is a copy, which a broadcast alone is not: it
    // would be made anew by its readers.
    wide = f.transpose(f.broadcast(op.getX(), typeOf(op.getX()), inner),
                       llvm::to_vector(llvm::seq<int64_t>(0, sizes.size())));
  }
  OpBuilder builder(op);
  auto y = BroadcastOp::create(builder, op.getLoc(), op.getType(), wide, outer);
  repetitions.made.insert(y);
  op.getY().replaceAllUsesWith(y.getY());
  op.erase();
}

/// What is computed again for each reader: sums and products of large tensors in memory and of
/// repeated values, in the order of the block.
class Cone {
public:
  /// Whether there is something to gain: `op` reads what is repeated over long dimensions, or one
  /// of its readers does, which then belongs to a later kernel than the op.
  static std::optional<Cone> of(Operation *op, const Repeated &repetitions) {
    Cone cone;
    if (!isArithmetic(op) || !cone.collect(op) || cone.leaves.empty() ||
        !llvm::all_of(cone.leaves, isInMemory))
      return std::nullopt;
    auto isLate = [&](Operation *reader) { return readsRepeated(reader, repetitions); };
    bool pays = isLate(op) || llvm::any_of(op->getUsers(), isLate);
    return pays ? std::optional(std::move(cone)) : std::nullopt;
  }

  /// Written to memory, a centred value would be read in place of what it is made of, which is as
  /// large; what is made of two tensors costs one read more than that, but not the write.
  void repeatForUsers() {
    Operation *op = ops.back();
    llvm::SmallSetVector<Operation *, 4> users(op->user_begin(), op->user_end());
    for (Operation *user : users.getArrayRef().drop_front()) {
      if (user->getBlock() != op->getBlock() || user->hasTrait<OpTrait::IsTerminator>())
        continue;
      OpBuilder builder(user);
      IRMapping mapping;
      for (Operation *link : ops)
        builder.clone(*link, mapping);
      user->replaceUsesOfWith(op->getResult(0), mapping.lookup(op->getResult(0)));
    }
  }

private:
  static constexpr size_t kMostOps = 8, kMostLeaves = 2;

  static bool isArithmetic(Operation *op) {
    return isa_and_nonnull<AddOp, SubOp, MulOp, DivOp, NegOp>(op);
  }

  static bool readsRepeated(Operation *op, const Repeated &repetitions, size_t depth = 0) {
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      Operation *source = operand.getDefiningOp();
      return repetitions.made.contains(source) ||
             (isArithmetic(source) && depth < kMostOps &&
              readsRepeated(source, repetitions, depth + 1));
    });
  }

  static bool isInMemory(Value v) {
    if (isWidening(v.getDefiningOp())) // each reader widens what it loads
      return isInMemory(v.getDefiningOp()->getOperand(0));
    return isa<BlockArgument>(v) || v.getDefiningOp<ReshapeOp>() || !v.hasOneUse();
  }

  bool collect(Operation *op, size_t depth = 1) {
    if (depth > kMostOps) // before the walk goes down a chain that is too long anyway
      return false;
    for (Value operand : op->getOperands()) {
      Operation *source = operand.getDefiningOp();
      if (isa_and_nonnull<BroadcastOp>(source) || llvm::is_contained(ops, source))
        continue;
      if (!isArithmetic(source) || source->getBlock() != op->getBlock())
        leaves.insert(operand);
      else if (!collect(source, depth + 1))
        return false;
      if (leaves.size() > kMostLeaves)
        return false;
    }
    ops.push_back(op);
    return ops.size() <= kMostOps;
  }

  SmallVector<Operation *> ops;
  llvm::SmallSetVector<Value, 2> leaves;
};

} // namespace

void splitShortRuns(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block))
    if (isa<SumOp, ProdOp, ReduceMaxOp, ReduceMinOp>(op))
      splitFold(&op);
  Repeated repetitions;
  for (Operation &op : llvm::make_early_inc_range(block))
    if (auto broadcast = dyn_cast<BroadcastOp>(op))
      splitBroadcast(broadcast, repetitions);
  if (repetitions.made.empty())
    return;
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (std::optional<Cone> cone = Cone::of(&op, repetitions))
      cone->repeatForUsers();
}

} // namespace dlc::passes
