// Composites against their parts: both forms run in the evaluator, which has formulas of its own
// for every composite, on ordinary values, NaN, infinities, far labels and empty dimensions.
#include "codegen/reference/Evaluator.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlir;
using namespace dlc;
using reference::Tensor;

namespace {

struct Case {
  const char *name;
  const char *signature; ///< arguments and results; labels are integers
  const char *body;
};

void PrintTo(const Case &c, std::ostream *os) { *os << c.name; }

constexpr const char *kPreamble = R"(
!x = tensor<?x5xf64, #dlc.dims<[B, 5]>>
!h = tensor<?x5xf16, #dlc.dims<[B, 5]>>
!r = tensor<?xf64, #dlc.dims<[B]>>
!l = tensor<?xi32, #dlc.dims<[B]>>
!c = tensor<5xf64>
!e = tensor<?x0xf64, #dlc.dims<[B, 0]>>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
)";

class Decompose : public testing::TestWithParam<Case> {
protected:
  void SetUp() override {
    context.loadDialect<ir::DlcDialect>();
    std::string text = std::string(kPreamble) + "dlc.entry @f" + GetParam().signature + "{\n" +
                       GetParam().body + "\n}}";
    composite = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(composite);
    parts = composite->clone();
    PassManager manager(&context);
    manager.addPass(passes::createDecompose());
    ASSERT_TRUE(succeeded(manager.run(*parts)));
  }

  double draw() {
    static const double specials[] = {0, 1, -0.0, 30, -700, 700, 1e4};
    int pick = std::uniform_int_distribution<int>(0, 19)(random);
    if (pick < 7)
      return specials[pick];
    if (allowNonFinite && pick == 7)
      return std::numeric_limits<double>::quiet_NaN();
    if (allowNonFinite && pick < 12)
      return pick == 8 ? std::numeric_limits<double>::infinity()
                       : -std::numeric_limits<double>::infinity();
    return std::normal_distribution<double>(0, 2)(random);
  }

  reference::NamedTensors makeInputs(int64_t rows) {
    reference::NamedTensors inputs;
    auto entry = *composite->getOps<ir::EntryOp>().begin();
    for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes())) {
      Tensor tensor(cantFail(reference::elementTypeOf(type)),
                    cantFail(reference::dimsOf(type, {{"B", rows}})));
      for (int64_t e = 0; e < tensor.count(); ++e) {
        if (tensor.isFloat())
          tensor.setReal(e, entry.getArgName(i) == "positive" ? std::abs(draw()) : draw());
        else
          tensor.setInteger(e, std::uniform_int_distribution<int64_t>(-1, 5)(random));
      }
      inputs.push_back({entry.getArgName(i).str(), tensor});
    }
    return inputs;
  }

  static reference::NamedTensors run(ModuleOp module, const reference::NamedTensors &inputs) {
    reference::State state;
    return cantFail(reference::Evaluator(module).run("f", inputs, state));
  }

  /// Equal up to rounding, or both NaN, or the same infinity.
  void compare(const Tensor &expected, const Tensor &actual) {
    ASSERT_EQ(expected.dims(), actual.dims());
    double epsilon = reference::epsilonOf(expected.type());
    for (int64_t i = 0; i < expected.count(); ++i) {
      double x = expected.real(i), y = actual.real(i);
      if (x == y || (std::isnan(x) && std::isnan(y)))
        continue;
      double scale = std::max(std::abs(x), std::abs(y));
      ASSERT_LE(std::abs(x - y), 64 * epsilon * std::max(scale, largest))
          << "element " << i << ": " << x << " became " << y;
    }
  }

  void compareAt(int64_t rows) {
    reference::NamedTensors inputs = makeInputs(rows);
    largest = 1;
    for (auto &[name, tensor] : inputs)
      for (int64_t i = 0; i < tensor.count(); ++i)
        if (std::isfinite(tensor.real(i)))
          largest = std::max(largest, std::abs(tensor.real(i)));
    auto expected = run(*composite, inputs), actual = run(*parts, inputs);
    ASSERT_EQ(expected.size(), actual.size());
    for (auto [a, b] : llvm::zip(expected, actual))
      compare(a.second, b.second);
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> composite, parts;
  std::mt19937_64 random{7};
  bool allowNonFinite = false;
  double largest = 1;
};

TEST_P(Decompose, LeavesNoComposite) {
  parts->walk([](Operation *op) {
    auto fusible = dyn_cast<ir::Fusible>(op);
    EXPECT_FALSE(fusible && fusible.getFusionKind() == ir::FusionKind::Composite);
    EXPECT_FALSE(isa<ir::MeanOp>(op));
  });
}

TEST_P(Decompose, KeepsTheValue) {
  for (int64_t rows : {1, 2, 3, 17, 64})
    compareAt(rows);
}

TEST_P(Decompose, KeepsNanAndInfinity) {
  allowNonFinite = true;
  for (int i = 0; i < 50; ++i)
    compareAt(1 + i % 4);
}

TEST_P(Decompose, KeepsEmptiness) { compareAt(0); }

#define ONE "(%x: !x {dlc.name = \"x\"}) -> (!x {dlc.name = \"y\"})"
#define TWO "(%x: !x {dlc.name = \"x\"}, %l: !x {dlc.name = \"l\"})"
#define BATCH_NORM                                                                                 \
  "(%x: !x {dlc.name = \"x\"}, %s: !c {dlc.name = \"s\"}, %o: !c {dlc.name = \"o\"}"

constexpr Case kCases[] = {
    {"softmax", ONE, "%y = dlc.softmax %x axis 1 : !x dlc.return %y : !x"},
    {"softmax_over_rows", ONE, "%y = dlc.softmax %x axis 0 : !x dlc.return %y : !x"},
    {"softmax_f16", "(%x: !h {dlc.name = \"x\"}) -> (!h {dlc.name = \"y\"})",
     "%y = dlc.softmax %x axis 1 : !h dlc.return %y : !h"},
    {"softmax_of_nothing", "(%x: !e {dlc.name = \"x\"}) -> (!e {dlc.name = \"y\"})",
     "%y = dlc.softmax %x axis 1 : !e dlc.return %y : !e"},
    {"log_softmax", ONE, "%y = dlc.log_softmax %x axis 1 : !x dlc.return %y : !x"},
    {"mean", "(%x: !x {dlc.name = \"x\"}) -> (!c {dlc.name = \"y\"}, !r {dlc.name = \"z\"})",
     "%y = dlc.mean %x over [0] : !x -> !c %z = dlc.mean %x over [1] : !x -> !r "
     "dlc.return %y, %z : !c, !r"},
    {"mean_of_nothing", "(%x: !e {dlc.name = \"x\"}) -> (!r {dlc.name = \"y\"})",
     "%y = dlc.mean %x over [1] : !e -> !r dlc.return %y : !r"},
    {"sparse_cross_entropy",
     "(%x: !x {dlc.name = \"x\"}, %l: !l {dlc.name = \"l\"}) -> (!r {dlc.name = \"y\"})",
     "%y = dlc.sparse_softmax_cross_entropy %x, %l : (!x, !l) -> !r dlc.return %y : !r"},
    {"cross_entropy", TWO " -> (!r {dlc.name = \"y\"})",
     "%y = dlc.softmax_cross_entropy %x, %l : (!x, !x) -> !r dlc.return %y : !r"},
    {"sigmoid_cross_entropy", TWO " -> (!x {dlc.name = \"y\"})",
     "%y = dlc.sigmoid_cross_entropy %x, %l : !x dlc.return %y : !x"},
    {"batch_norm_training",
     BATCH_NORM ") -> (!x {dlc.name = \"y\"}, !c {dlc.name = \"m\"}, !c {dlc.name = \"v\"})",
     "%y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3"
     " : (!x, !c, !c) -> (!x, !c, !c) dlc.return %y, %m, %v : !x, !c, !c"},
    {"batch_norm_inference",
     BATCH_NORM ", %m: !c {dlc.name = \"m\"}, %v: !c {dlc.name = \"positive\"})"
                " -> (!x {dlc.name = \"y\"})",
     "%y = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon 1.0e-3"
     " : (!x, !c, !c, !c, !c) -> !x dlc.return %y : !x"},
    {"layer_norm", BATCH_NORM ") -> (!x {dlc.name = \"y\"})",
     "%y = dlc.layer_norm %x, %s, %o epsilon 1.0e-3 : (!x, !c, !c) -> !x dlc.return %y : !x"},
};

INSTANTIATE_TEST_SUITE_P(Composites, Decompose, testing::ValuesIn(kCases),
                         [](const auto &info) { return std::string(info.param.name); });

} // namespace
