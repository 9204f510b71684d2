// Facts about ops that the plan of a streaming kernel and its jobs share.
#include "codegen/cpu/emit/Accumulator.h"
#include "codegen/cpu/emit/ElementEmitter.h"
#include "codegen/cpu/emit/StreamPlan.h"
#include "codegen/lower/Pointwise.h"
#include "ir/symbols/SizeExpr.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

static int64_t rankOf(Value v) { return cast<RankedTensorType>(v.getType()).getRank(); }

static std::optional<int64_t> constantProduct(ArrayRef<SizeAttr> sizes) {
  int64_t product = 1;
  for (SizeAttr size : sizes) {
    if (!size.isConstant())
      return std::nullopt;
    product *= size.getValue();
  }
  return product;
}

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

bool drawsNumbers(Operation *op) {
  return isa<ir::RandomUniformOp, ir::RandomNormalOp, ir::RandomBernoulliOp>(op);
}

bool isWindow(Operation *op) {
  auto fusible = dyn_cast<ir::Fusible>(op);
  return fusible && fusible.getFusionKind() == ir::FusionKind::Window;
}

bool isSamePool(Operation *a, Operation *b) {
  auto sameAttribute = [&](StringRef name) { return a->getAttr(name) == b->getAttr(name); };
  return isWindow(a) && isWindow(b) && a->getOperand(0) == b->getOperand(0) &&
         sameAttribute("window") && sameAttribute("strides") && sameAttribute("pad_low") &&
         sameAttribute("pad_high");
}

bool isExpensive(Operation *op) {
  return isReduction(op) || isWindow(op) ||
         isa<ir::ExpOp, ir::Expm1Op, ir::LogOp, ir::Log1pOp, ir::SqrtOp, ir::RsqrtOp,
             ir::ReciprocalOp, ir::TanhOp, ir::SigmoidOp, ir::ErfOp, ir::SinOp, ir::CosOp,
             ir::DivOp, ir::PowOp, ir::RemOp, ir::RandomUniformOp, ir::RandomNormalOp,
             ir::RandomBernoulliOp, ir::ScatterAddOp>(op);
}

void collectCone(Value value, function_ref<bool(Value)> isMemory, llvm::SetVector<Value> &cone) {
  if (!cone.insert(value) || isMemory(value))
    return;
  if (Operation *op = value.getDefiningOp())
    for (Value operand : op->getOperands())
      collectCone(operand, isMemory, cone);
}

bool reducesInnermost(Operation *op) {
  ir::Shape shape = ir::shapeOf(op->getOperand(0));
  SmallVector<int64_t> axes = reducedAxes(op);
  for (int64_t d = shape.size(); d-- > 0;)
    if (!shape[d].isConstant(1))
      return llvm::is_contained(axes, d);
  return true;
}

bool reducesAll(Operation *op) {
  ir::Shape shape = ir::shapeOf(op->getOperand(0));
  SmallVector<int64_t> axes = reducedAxes(op);
  for (auto [d, size] : llvm::enumerate(shape))
    if (!size.isConstant(1) && !llvm::is_contained(axes, d))
      return false;
  return true;
}

/// Whether the op's elements are made of something that is folded from rows, as the columns that
/// the gradient of a layer norm sums up: each column would fold the rows anew.
static bool needsRows(Operation *op) {
  llvm::SetVector<Value> cone;
  collectCone(op->getOperand(0), [](Value value) { return isa<BlockArgument>(value); }, cone);
  return llvm::any_of(cone, [](Value value) {
    Operation *made = value.getDefiningOp();
    return made && isAxesReduction(made) && reducesInnermost(made);
  });
}

bool isChunked(Operation *op) {
  if (!isAxesReduction(op))
    return false;
  ir::Shape shape = ir::shapeOf(op->getOperand(0));
  SmallVector<int64_t> axes = reducedAxes(op);
  SmallVector<SizeAttr> reduced;
  bool seenKept = false;
  for (auto [d, size] : llvm::enumerate(shape)) {
    if (size.isConstant(1))
      continue;
    if (!llvm::is_contained(axes, d)) {
      seenKept = true;
      continue;
    }
    if (seenKept)
      return false;
    reduced.push_back(size);
  }
  std::optional<int64_t> count = constantProduct(reduced);
  int64_t small = seenKept ? 64 : 4096;
  bool few = count && *count <= small && !(seenKept && needsRows(op));
  return !reduced.empty() && !few;
}

Operation *rowReductionOf(Value value, function_ref<bool(Value)> isMemory) {
  if (isMemory(value))
    return nullptr;
  Operation *op = value.getDefiningOp();
  if (!op)
    return nullptr;
  if (isReduction(op))
    return reducesInnermost(op) ? op : nullptr;
  if (!isPointwise(op))
    return nullptr;
  for (Value operand : op->getOperands())
    if (Operation *found = rowReductionOf(operand, isMemory))
      return found;
  return nullptr;
}

std::optional<ShiftedSquare> matchShiftedSquare(Operation *op) {
  if (!isa<ir::SumOp, ir::MeanOp>(op) || reducesAll(op))
    return std::nullopt;
  auto square = op->getOperand(0).getDefiningOp<ir::MulOp>();
  if (!square || square.getA() != square.getB())
    return std::nullopt;
  auto centered = square.getA().getDefiningOp<ir::SubOp>();
  auto center = centered ? centered.getB().getDefiningOp<ir::BroadcastOp>() : nullptr;
  Type element = ElementEmitter::elementOf(op->getOperand(0));
  if (!center || !(element.isF32() || element.isF64()))
    return std::nullopt;
  SmallVector<int64_t> axes = reducedAxes(op), kept;
  for (int64_t d = 0; d < rankOf(centered.getY()); ++d)
    if (!llvm::is_contained(axes, d))
      kept.push_back(d);
  if (kept != SmallVector<int64_t>(center.getDims()))
    return std::nullopt;
  return ShiftedSquare{centered.getA(), center.getX()};
}

Value chunkedOperand(const StreamPlan &plan, Operation *op) {
  return plan.shifted.contains(op) ? matchShiftedSquare(op)->x : op->getOperand(0);
}

int64_t leadingDims(Operation *op) {
  ir::Shape shape = ir::shapeOf(op->getOperand(0));
  SmallVector<int64_t> axes = reducedAxes(op);
  int64_t split = shape.size();
  for (int64_t d = split; d-- > 0;)
    if (!llvm::is_contained(axes, d) && !shape[d].isConstant(1))
      split = d;
  return split;
}

int64_t chunkRows(Operation *op, const StreamSchedule &schedule) {
  std::optional<int64_t> columns = constantProduct(ir::shapeOf(op->getResult(0)));
  if (!columns || *columns == 0)
    return schedule.chunkRows;
  int64_t least = std::min<int64_t>(64, schedule.chunkRows);
  return std::clamp(2 * schedule.chunkElements / *columns, least, schedule.chunkRows);
}

SizeAttr chunkCount(Operation *op, const StreamSchedule &schedule) {
  ir::Shape shape = ir::shapeOf(op->getOperand(0));
  MLIRContext *context = op->getContext();
  if (!reducesAll(op)) {
    SizeAttr rows = ir::sizeConstant(context, 1);
    for (int64_t axis : reducedAxes(op))
      rows = ir::sizeMul(rows, shape[axis]);
    return ir::sizeCeilDiv(rows, ir::sizeConstant(context, chunkRows(op, schedule)));
  }
  return ir::sizeCeilDiv(ir::sizeProduct(context, shape),
                         ir::sizeConstant(context, schedule.chunkElements));
}

} // namespace dlc::codegen::cpu
