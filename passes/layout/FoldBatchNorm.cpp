// Multiplies filters by the factors of the batch normalisation behind them, where neither changes.
//
//   %c = dlc.conv %x, %W                                   %f = %scale * rsqrt(%variance + eps)
//   %d = dlc.add %c, broadcast(%b)                         %V = %W * broadcast(%f)
//   %y = dlc.batch_norm_inference %d, %scale,       ==>    %c = dlc.conv %x, %V
//          %offset, %mean, %variance                       %o = %offset + (%b - %mean) * %f
//                                                          %y = dlc.add %c, broadcast(%o)
//
// In an entry that assigns none of these variables, dlc-derive-variables later computes %V and %o
// once for all calls. What is left of the normalisation is a bias: one vector and one addition per
// element instead of four vectors and three operations, which a convolution of few channels spends
// as much time on as on its sums. Where a variable changes in the entry (a step of training), or
// the sums are read by somebody else, too, nothing is done.
//
// Filters of convolutions (of one channel each, too), of their input gradients in one group, which
// are transposed convolutions, and matrices of contractions. f32 and f64: a filter in less would be
// rounded once more where another rounding of the result was left out.
//
// Each weight is rounded once more, and so is each sum of bias and mean: the distance from the
// unfolded result is that of another order of sums. What overflows does so elsewhere: a scale that
// is infinite makes an infinite filter, and sums of both signs of it are NaN.
//
// Runs after dlc-differentiate, since gradients are those of what the model says, and before
// dlc-decompose. Tested by test/passes/layout/fold_batch_norm.mlir.
#include "ir/support/Statistics.h"
#include "passes/Passes.h"
#include "passes/layout/FixedValues.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_FOLDBATCHNORM
#include "passes/Passes.h.inc"

namespace {

/// A contraction or convolution, and the dimension of its second operand that is its result's last.
struct Sums {
  Operation *op = nullptr;
  int64_t channel = 0;
  OpOperand &filter() const { return op->getOpOperand(1); }
};

/// `value` as the sums of a filter whose dimension tells the channel, read by nobody else.
std::optional<Sums> sumsOf(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !op->hasOneUse())
    return std::nullopt;
  if (auto conv = dyn_cast<ConvOp>(op))
    return Sums{op, conv.getFilter().getType().getRank() - 1};
  if (auto transposed = dyn_cast<ConvInputGradOp>(op);
      transposed && transposed.getGeometry().groups == 1)
    return Sums{op, transposed.getFilter().getType().getRank() - 2};
  if (auto contract = dyn_cast<ContractOp>(op); contract && !contract.getBFree().empty())
    return Sums{op, contract.getBFree().back()};
  return std::nullopt;
}

class Folder {
public:
  Folder(ModuleOp module, EntryOp entry) : fixed(module, entry) {}

  void fold(BatchNormInferenceOp norm) {
    bias = nullptr;
    std::optional<Sums> sums = match(norm);
    auto element = cast<RankedTensorType>(norm.getType()).getElementType();
    if (!sums || !(element.isF32() || element.isF64()) || !isFixed(norm, *sums))
      return;
    OpBuilder builder(norm);
    Formula f(builder, norm.getLoc());
    Statistics channels(builder, norm.getLoc(), norm.getType(), {});
    Value deviation =
        channels.inverseDeviation(norm.getVariance(), norm.getEpsilon().convertToDouble());
    Value factor = f.mul(norm.getScale(), deviation);
    Value filter = sums->filter().get();
    Value scaled = f.mul(filter, f.broadcast(factor, filter.getType(), sums->channel));
    // Behind what they are made of; the normalisation stands behind them all.
    sums->op->moveBefore(norm);
    sums->filter().set(scaled);
    Value offset = bias ? f.add(norm.getOffset(), f.mul(f.sub(bias, norm.getMean()), factor))
                        : f.sub(norm.getOffset(), f.mul(norm.getMean(), factor));
    int64_t last = cast<RankedTensorType>(norm.getType()).getRank() - 1;
    Value y = f.add(sums->op->getResult(0), f.broadcast(offset, norm.getType(), last));
    Operation *biased = bias ? norm.getX().getDefiningOp() : nullptr;
    norm.replaceAllUsesWith(y);
    norm.erase();
    if (biased)
      biased->erase();
  }

private:
  /// The sums in front of the normalisation, and the bias between them.
  std::optional<Sums> match(BatchNormInferenceOp norm) {
    Value x = norm.getX();
    auto add = x.getDefiningOp<AddOp>();
    if (!add)
      return sumsOf(x);
    if (!add->hasOneUse())
      return std::nullopt;
    int64_t last = cast<RankedTensorType>(x.getType()).getRank() - 1;
    for (auto [sums, other] :
         {std::pair(add.getA(), add.getB()), std::pair(add.getB(), add.getA())}) {
      auto repeated = other.getDefiningOp<BroadcastOp>();
      if (!repeated || repeated.getDims() != ArrayRef<int64_t>{last})
        continue;
      bias = repeated.getX();
      if (auto found = sumsOf(sums))
        return found;
    }
    return std::nullopt;
  }

  bool isFixed(BatchNormInferenceOp norm, const Sums &sums) {
    auto parameters = norm->getOperands().drop_front();
    return fixed.isFixed(sums.filter().get()) && (!bias || fixed.isFixed(bias)) &&
           llvm::all_of(parameters, [&](Value value) { return fixed.isFixed(value); });
  }

  FixedValues fixed;
  Value bias;
};

struct FoldBatchNorm : impl::FoldBatchNormBase<FoldBatchNorm> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto entry : module.getOps<EntryOp>()) {
      Folder folder(module, entry);
      for (auto norm :
           llvm::make_early_inc_range(entry.getBody().front().getOps<BatchNormInferenceOp>()))
        folder.fold(norm);
    }
  }
};

} // namespace
} // namespace dlc::passes
