#include "passes/memory/BufferPlan.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

RegionArgument ControlPlan::argument(int64_t number) const {
  if (passesCounter) {
    if (number == 0)
      return {RegionArgument::Counter};
    --number;
  }
  if (number < carries)
    return {RegionArgument::Carried, number};
  if (number < carries + slices)
    return {RegionArgument::Slice, number};
  return {RegionArgument::Operand, firstArgument + number};
}

void forEachChain(EntryOp entry, llvm::function_ref<void(ArrayRef<DispatchOp>)> chain) {
  SmallVector<DispatchOp> open;
  entry.walk<WalkOrder::PreOrder>([&](DispatchOp dispatch) {
    open.push_back(dispatch);
    if (dispatch->hasAttr(kTogetherAttr))
      return;
    chain(open);
    open.clear();
  });
}

bool isControl(Operation *op) { return isa<ScanOp, WhileOp, IfOp>(op); }

ControlPlan describeControl(Operation *op) {
  ControlPlan plan;
  if (auto scan = dyn_cast<ScanOp>(op)) {
    plan.loops = plan.passesCounter = true;
    plan.carries = scan.getInits().size();
    plan.slices = scan.getXs().size();
  } else if (auto loop = dyn_cast<WhileOp>(op)) {
    plan.loops = plan.hasCondition = true;
    plan.carries = loop.getInits().size();
  } else {
    plan.firstArgument = 1; // after the predicate
  }
  return plan;
}

} // namespace dlc::passes
