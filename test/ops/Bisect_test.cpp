// Miscompiles made on purpose: random graphs must find each, and the reducer must cut the graph
// that shows it down to at most 6 ops and name the pass.
#include "mlir/Pass/Pass.h"
#include "passes/Pipelines.h"
#include "tools/check/Bisect.h"
#include "tools/check/RandomGraph.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace dlc;
using namespace dlc::check;

namespace {

/// A pass that changes every op that a wrong rule matches.
template <typename Mistake>
class MistakenPass : public PassWrapper<MistakenPass<Mistake>, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MistakenPass)
  StringRef getArgument() const override { return Mistake::argument; }
  void runOnOperation() override {
    this->getOperation().walk([](Operation *op) { Mistake::apply(op); });
  }
};

/// a*b - c becomes c - a*b.
struct SwapsDifferences {
  static constexpr const char *argument = "test-swap-differences";
  static void apply(Operation *op) {
    if (isa<ir::SubOp>(op) && op->getOperand(0).getDefiningOp<ir::MulOp>())
      op->setOperands({op->getOperand(1), op->getOperand(0)});
  }
};

/// tanh(tanh(x)) becomes tanh(x).
struct MergesTanh {
  static constexpr const char *argument = "test-merge-tanh";
  static void apply(Operation *op) {
    if (auto inner = isa<ir::TanhOp>(op) ? op->getOperand(0).getDefiningOp<ir::TanhOp>() : nullptr)
      op->setOperand(0, inner.getX());
  }
};

/// A reversal over several axes forgets the last.
struct ForgetsAxis {
  static constexpr const char *argument = "test-forget-axis";
  static void apply(Operation *op) {
    if (auto reverse = dyn_cast<ir::ReverseOp>(op); reverse && reverse.getAxes().size() > 1)
      reverse.setAxes(reverse.getAxes().drop_back());
  }
};

/// softmax along another axis than the last runs along the last.
struct MovesSoftmax {
  static constexpr const char *argument = "test-move-softmax";
  static void apply(Operation *op) {
    if (auto softmax = dyn_cast<ir::SoftmaxOp>(op))
      softmax.setAxis(softmax.getX().getType().getRank() - 1);
  }
};

/// A select on a >= b takes the wrong side.
struct SwapsSelect {
  static constexpr const char *argument = "test-swap-select";
  static void apply(Operation *op) {
    auto select = dyn_cast<ir::SelectOp>(op);
    auto compare = select ? select.getPredicate().getDefiningOp<ir::CompareOp>() : nullptr;
    if (compare && compare.getPredicate() == ir::ComparePredicate::ge)
      op->setOperands({compare, select.getOnFalse(), select.getOnTrue()});
  }
};

template <typename Mistake> class BisectTest : public testing::Test {};
using Mistakes =
    testing::Types<SwapsDifferences, MergesTanh, ForgetsAxis, MovesSoftmax, SwapsSelect>;
TYPED_TEST_SUITE(BisectTest, Mistakes);

TYPED_TEST(BisectTest, finds_and_reduces) {
  MLIRContext context;
  context.disableMultithreading();
  context.loadDialect<ir::DlcDialect>();
  Pipeline pipeline = [](OpPassManager &manager) {
    manager.addPass(std::make_unique<MistakenPass<TypeParam>>());
    passes::buildCompilePipeline(manager);
  };
  reference::Bindings bindings{{"B", 3}, {"T", 2}};
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    OwningOpRef<ModuleOp> module = makeRandomGraph(&context, seed);
    if (findMistake(*module, pipeline, bindings, seed).empty())
      continue;
    auto reduction = reduce(*module, pipeline, bindings, seed);
    ASSERT_TRUE(bool(reduction)) << llvm::toString(reduction.takeError());
    EXPECT_LE(countOps(*reduction->module), 6);
    EXPECT_EQ(reduction->firstWrongPass, TypeParam::argument);
    return;
  }
  ADD_FAILURE() << "no random graph shows the mistake";
}

// The reducer is as good as its oracle: with nothing wrong it says so.
TEST(Bisect, refuses_a_right_module) {
  MLIRContext context;
  context.loadDialect<ir::DlcDialect>();
  OwningOpRef<ModuleOp> module = makeRandomGraph(&context, 1);
  Pipeline pipeline = [](OpPassManager &manager) { passes::buildCompilePipeline(manager); };
  auto reduction = reduce(*module, pipeline, {{"B", 3}, {"T", 2}}, 1);
  EXPECT_FALSE(bool(reduction));
  llvm::consumeError(reduction.takeError());
}

} // namespace
