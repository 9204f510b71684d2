#include "passes/fusion/Widenings.h"
#include "ir/Ops.h"
#include "ir/support/Splat.h"
#include "mlir/IR/TypeUtilities.h"
#include "passes/fusion/KernelGroups.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

unsigned bytesOf(Value value) {
  return std::max(getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth(), 8u);
}

/// Whether every element is a number of the narrower float type: one that was widened, a choice
/// among such, or its negative.
bool isOf(Type narrow, Value value, int depth = 0) {
  constexpr int kDeepest = 8;
  Operation *op = value.getDefiningOp();
  if (!op || depth == kDeepest)
    return false;
  if (isWidening(op))
    return getElementTypeOrSelf(op->getOperand(0).getType()) == narrow;
  if (auto constant = dyn_cast<ConstantOp>(op))
    return isSplatOf(constant.getValue(), 0);
  if (!isa<ReluOp, NegOp, AbsOp, MaxOp, MinOp, SelectOp, BroadcastOp>(op))
    return false;
  return llvm::all_of(op->getOperands().drop_front(isa<SelectOp>(op)),
                      [&](Value operand) { return isOf(narrow, operand, depth + 1); });
}

bool readsMemory(Operation *user) {
  return !KernelGroups::inlines(user) && !KernelGroups::isFree(user);
}

void readNarrow(CastOp narrow) {
  Value wide = narrow.getX();
  Operation *source = wide.getDefiningOp();
  Type element = getElementTypeOrSelf(narrow.getType());
  if (!isNarrowing(narrow) || !isa<FloatType>(element) || !source || !isOf(element, wide) ||
      !llvm::any_of(narrow->getUsers(), readsMemory))
    return;
  SmallVector<Operation *> others = llvm::filter_to_vector(wide.getUsers(), [&](Operation *user) {
    return user != narrow && user->getBlock() == narrow->getBlock() && !readsMemory(user);
  });
  if (others.empty())
    return;
  narrow->moveAfter(source);
  OpBuilder builder(narrow->getContext());
  builder.setInsertionPointAfter(narrow);
  Value again = CastOp::create(builder, narrow.getLoc(), narrow.getY(),
                               getElementTypeOrSelf(wide.getType()));
  for (Operation *user : others)
    user->replaceUsesOfWith(wide, again);
}

} // namespace

bool isWidening(Operation *op) {
  auto cast = dyn_cast_or_null<CastOp>(op);
  return cast && bytesOf(cast.getX()) < bytesOf(cast.getY());
}

bool isNarrowing(Operation *op) {
  auto cast = dyn_cast_or_null<CastOp>(op);
  return cast && bytesOf(cast.getX()) > bytesOf(cast.getY());
}

void readNarrowForms(Block &block) {
  for (auto narrow : llvm::make_early_inc_range(block.getOps<CastOp>()))
    readNarrow(narrow);
}

void repeatWidenings(Block &block, ArrayRef<SumRun> runs) {
  llvm::SmallPtrSet<Operation *, 16> settled;
  for (const SumRun &run : runs)
    settled.insert_range(run);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    if (!isWidening(&op) || settled.contains(&op))
      continue;
    llvm::SmallSetVector<Operation *, 4> own;
    bool shared = false; // by those who read memory
    for (Operation *user : op.getUsers())
      if (user->getBlock() == &block && KernelGroups::inlines(user))
        own.insert(user);
      else
        shared = true;
    OpBuilder builder(op.getContext());
    builder.setInsertionPointAfter(&op);
    for (Operation *user : own.getArrayRef().drop_front(!shared && !own.empty()))
      user->replaceUsesOfWith(op.getResult(0), builder.clone(op)->getResult(0));
  }
}

} // namespace dlc::passes
