// Expands every gradient into the ops that compute it.
//
//   %w1 = dlc.watch 0 %w                      %y = dlc.mul %w, %x
//   %y = dlc.mul %w1, %x                      %l = dlc.sum %y over [0]
//   %l = dlc.sum %y over [0]           ==>    %one = dlc.constant dense<1.0>
//   %dw = dlc.gradient %l wrt(%w1)            %dy = dlc.broadcast %one to []
//                                             %dw = dlc.mul %dy, %x
//
// One walk backward from the loss to the targets; each op on the way states its own derivative
// (interface Differentiable), and what several users hand back to one value is added up in the
// order of the program. Gradients are expanded in the order of the program, those inside regions
// before those around them, so that a gradient of a gradient meets plain ops. When none is left,
// ops that only spoke to gradients (watch, stop_gradient, custom_gradient) make way for what they
// compute, and dead ops are removed: rules compute the derivative by every operand, wanted or
// not.
//
// Runs first: a rewrite before it could merge two equal targets or route around one. A gradient by
// a variable's value leaves this pass behind a `dlc.seam`, which stays until kernels are formed: a
// pass that sums gradients over machines or micro-batches finds its place there.
//
// Tested by test/passes/autodiff/.
#include "ir/Ops.h"
#include "ir/support/Formula.h"
#include "ir/support/ReverseMode.h"
#include "passes/Passes.h"

using namespace mlir;

namespace dlc::passes {

#define GEN_PASS_DEF_DIFFERENTIATE
#include "passes/Passes.h.inc"

namespace {

/// What a gradient's results become: the cotangents of its targets.
FailureOr<SmallVector<Value>> collectResults(ir::GradientOp gradient, ir::ReverseMode &walk,
                                             OpBuilder &builder) {
  SmallVector<Value> results;
  for (auto [i, target] : llvm::enumerate(gradient.getTargets())) {
    Value cotangent = walk.cotangentOf(target);
    if (!cotangent && !gradient.getAllowUnused()) {
      InFlightDiagnostic error = gradient.emitError("target ")
                                 << i << " has no influence on the loss; leave it out, or say "
                                         "allow_unused to get zeros";
      error.attachNote(target.getLoc()) << "the target";
      return error;
    }
    if (!cotangent)
      cotangent = ir::Formula(builder, gradient.getLoc()).zeros(target.getType());
    results.push_back(ir::markSeam(builder, gradient.getLoc(), cotangent, target));
  }
  return results;
}

LogicalResult expand(ir::GradientOp gradient) {
  SmallVector<Operation *> before;
  for (Operation &op : *gradient->getBlock()) {
    if (&op == gradient.getOperation())
      break;
    before.push_back(&op);
  }
  OpBuilder builder(gradient);
  Value loss = gradient.getLoss();
  ir::ReverseMode walk(builder, before, gradient.getTargets());
  walk.accumulate(loss, ir::Formula(builder, gradient.getLoc()).splat(loss, 1), loss.getLoc());
  if (failed(walk.run())) {
    emitRemark(gradient.getLoc(), "needed by this gradient");
    return failure();
  }
  FailureOr<SmallVector<Value>> results = collectResults(gradient, walk, builder);
  if (failed(results))
    return failure();
  gradient.replaceAllUsesWith(*results);
  gradient.erase();
  return success();
}

void dissolve(ir::GradientMarker marker) {
  OpBuilder builder(marker);
  marker->replaceAllUsesWith(marker.dissolve(builder));
  marker->erase();
}

/// Removes ops whose results nobody uses, users before what they use.
void removeDead(Region &region) {
  for (Block &block : region)
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
      if (isOpTriviallyDead(&op)) {
        op.erase();
        continue;
      }
      for (Region &inner : op.getRegions())
        removeDead(inner);
    }
}

struct Differentiate : impl::DifferentiateBase<Differentiate> {
  void runOnOperation() override {
    SmallVector<ir::GradientOp> gradients;
    getOperation()->walk([&](ir::GradientOp gradient) { gradients.push_back(gradient); });
    for (ir::GradientOp gradient : gradients)
      if (failed(expand(gradient)))
        return signalPassFailure();
    SmallVector<ir::GradientMarker> markers;
    getOperation()->walk([&](ir::GradientMarker marker) { markers.push_back(marker); });
    for (ir::GradientMarker marker : markers)
      dissolve(marker);
    if (!gradients.empty())
      for (Region &region : getOperation()->getRegions())
        removeDead(region);
  }
};

} // namespace

} // namespace dlc::passes
