// The evaluator's own ground: rounding, conversions, entries with state, and what it refuses.
#include "codegen/reference/Evaluator.h"
#include "mlir/Parser/Parser.h"
#include <cmath>
#include <gmock/gmock.h>

using namespace mlir;
using namespace dlc;
using namespace dlc::reference;

namespace {

Tensor tensorOf(DType type, Dims dims, std::vector<double> values) {
  Tensor tensor(type, std::move(dims));
  for (size_t i = 0; i < values.size(); ++i)
    tensor.setReal(int64_t(i), values[i]);
  return tensor;
}

std::vector<double> valuesOf(const Tensor &tensor) {
  std::vector<double> values;
  for (int64_t i = 0; i < tensor.count(); ++i)
    values.push_back(tensor.real(i));
  return values;
}

TEST(Tensor, rounds_halves_to_nearest_even) {
  // 2049 lies between two f16, 2051 too; 65519.9 is the last below the middle to infinity.
  Tensor f16 = tensorOf(DType::F16, {4}, {2049, 2051, 65519.9, 65520});
  EXPECT_THAT(valuesOf(f16), testing::ElementsAre(2048, 2052, 65504, INFINITY));
  // One rounding, not two: by way of f32 this would end at 1.0.
  Tensor once = tensorOf(DType::F16, {1}, {1 + 0x1p-11 + 0x1p-40});
  EXPECT_EQ(once.real(0), 1 + 0x1p-10);
  Tensor small = tensorOf(DType::F16, {3}, {0x1p-24, 0x1p-25, -0x1.8p-25});
  EXPECT_THAT(valuesOf(small), testing::ElementsAre(0x1p-24, 0, -0x1p-24));
}

TEST(Tensor, decodes_every_f16_and_bf16_that_it_encodes) {
  for (DType type : {DType::F16, DType::BF16})
    for (uint32_t bits = 0; bits < 65536; ++bits) {
      Tensor tensor(type, {2});
      std::memcpy(tensor.data(), &bits, 2);
      tensor.setReal(1, tensor.real(0));
      if (std::isnan(tensor.real(0)))
        EXPECT_TRUE(std::isnan(tensor.real(1)));
      else
        EXPECT_EQ(std::memcmp(tensor.data(), tensor.data() + 2, 2), 0) << bits;
    }
}

TEST(Tensor, saturates_floats_and_wraps_integers) {
  Tensor i8 = tensorOf(DType::I8, {4}, {300, -300, NAN, -1.9});
  EXPECT_THAT(valuesOf(i8), testing::ElementsAre(127, -128, 0, -1));
  Tensor i64 = tensorOf(DType::I64, {2}, {1e300, -1e300});
  EXPECT_EQ(i64.integer(0), INT64_MAX);
  EXPECT_EQ(i64.integer(1), INT64_MIN);
  Tensor u8(DType::U8, {1});
  u8.setInteger(0, -1);
  EXPECT_EQ(u8.integer(0), 255);
}

class EvaluatorTest : public testing::Test {
protected:
  EvaluatorTest() { context.loadDialect<ir::DlcDialect>(); }

  void load(StringRef text) {
    module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
    ASSERT_TRUE(module);
  }

  std::string errorOf(StringRef entry, const NamedTensors &inputs, Bindings bindings = {}) {
    State state;
    auto outputs = Evaluator(*module).run(entry, inputs, state, std::move(bindings));
    return outputs ? "" : llvm::toString(outputs.takeError());
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

const char *const training = R"(
!w = tensor<2x3xf32>
!wt = tensor<3x2xf32>
module {
  dlc.variable @w weight : !w
  dlc.variable @wt derived : !wt from @w by @transposes
  dlc.entry @transposes(%w: !w {dlc.name = "w"}) -> (!wt {dlc.name = "y"}) {
    %y = dlc.transpose %w [1, 0] : !w -> !wt
    dlc.return %y : !wt
  }
  dlc.entry @doubles(%w: !w {dlc.state = @w}) -> (!w {dlc.state = @w}) {
    %y = dlc.add %w, %w : !w
    dlc.return %y : !w
  }
  dlc.entry @reads(%wt: !wt {dlc.state = @wt}) -> (!wt {dlc.name = "y"}) {
    %y = dlc.neg %wt : !wt
    dlc.return %y : !wt
  }
})";

TEST_F(EvaluatorTest, derives_variables_anew_when_their_source_is_assigned) {
  load(training);
  Evaluator evaluator(*module);
  State state{{"w", tensorOf(DType::F32, {2, 3}, {1, 2, 3, 4, 5, 6})}};
  auto before = evaluator.run("reads", {}, state);
  ASSERT_TRUE(bool(before));
  EXPECT_THAT(valuesOf((*before)[0].second), testing::ElementsAre(-1, -4, -2, -5, -3, -6));
  EXPECT_TRUE(state.count("wt"));
  ASSERT_TRUE(bool(evaluator.run("doubles", {}, state)));
  EXPECT_FALSE(state.count("wt"));
  auto after = evaluator.run("reads", {}, state);
  ASSERT_TRUE(bool(after));
  EXPECT_THAT(valuesOf((*after)[0].second), testing::ElementsAre(-2, -8, -4, -10, -6, -12));
}

const char *const sized = R"(
!x = tensor<?x2xf32, #dlc.dims<[B, 2]>>
!y = tensor<?x2xf32, #dlc.dims<[B - 2, 2]>>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1, max = 8, divisor = 2>]} {
  dlc.entry @adds(%a: !x {dlc.name = "a"}, %b: !x {dlc.name = "b"}) -> (!x {dlc.name = "y"}) {
    %y = dlc.add %a, %b : !x
    dlc.return %y : !x
  }
})";

TEST_F(EvaluatorTest, binds_symbols_from_inputs_and_checks_them) {
  load(sized);
  Tensor two(DType::F32, {2, 2}), four(DType::F32, {4, 2});
  EXPECT_EQ(errorOf("adds", {{"a", two}, {"b", two}}), "");
  EXPECT_THAT(errorOf("adds", {{"a", two}, {"b", four}}),
              testing::HasSubstr("input \"b\": expected f32 (2, 2), got f32 (4, 2)"));
  EXPECT_THAT(errorOf("adds", {{"a", Tensor(DType::F64, {2, 2})}, {"b", two}}),
              testing::HasSubstr("input \"a\": expected f32 (2, 2), got f64 (2, 2)"));
  Tensor three(DType::F32, {3, 2}), ten(DType::F32, {10, 2});
  EXPECT_THAT(errorOf("adds", {{"a", three}, {"b", three}}),
              testing::HasSubstr("symbol B = 3 is not a multiple of 2"));
  EXPECT_THAT(errorOf("adds", {{"a", ten}, {"b", ten}}),
              testing::HasSubstr("symbol B = 10 is outside its declared range, 1 to 8"));
}

TEST_F(EvaluatorTest, says_what_is_missing) {
  load(sized);
  Tensor two(DType::F32, {2, 2});
  EXPECT_EQ(errorOf("subtracts", {}), "there is no entry \"subtracts\"");
  EXPECT_EQ(errorOf("adds", {{"a", two}}), "input \"b\" of entry \"adds\" is missing");
  EXPECT_THAT(errorOf("adds", {{"a", Tensor(DType::F32, {2})}, {"b", two}}),
              testing::HasSubstr("an input has shape (2), expected f32 (B, 2)"));
  load(training);
  EXPECT_EQ(errorOf("doubles", {}), "variable \"w\" has no value");
}

TEST_F(EvaluatorTest, refuses_sizes_below_zero_and_unexpanded_gradients) {
  load(R"(
module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @shrinks(%a: tensor<?xf32, #dlc.dims<[B]>> {dlc.name = "a"})
      -> (tensor<?xf32, #dlc.dims<[B - 2]>> {dlc.name = "y"}) {
    %y = dlc.slice %a from [2] to [B] by [1]
        : tensor<?xf32, #dlc.dims<[B]>> -> tensor<?xf32, #dlc.dims<[B - 2]>>
    dlc.return %y : tensor<?xf32, #dlc.dims<[B - 2]>>
  }
  dlc.entry @learns(%x: tensor<f32> {dlc.name = "x"}) -> (tensor<f32> {dlc.name = "dx"}) {
    %w = dlc.watch 0 %x : tensor<f32>
    %y = dlc.mul %w, %w : tensor<f32>
    %dx = dlc.gradient %y wrt(%w) : tensor<f32> -> (tensor<f32>)
    dlc.return %dx : tensor<f32>
  }
})");
  EXPECT_THAT(errorOf("shrinks", {{"a", Tensor(DType::F32, {1})}}),
              testing::HasSubstr("size B - 2 is -1"));
  EXPECT_THAT(errorOf("learns", {{"x", Tensor(DType::F32, {})}}),
              testing::HasSubstr("run --dlc-differentiate first"));
}

TEST_F(EvaluatorTest, stops_loops_without_end) {
  load(R"(
module {
  dlc.entry @runs(%x: tensor<f32> {dlc.name = "x"}) -> (tensor<f32> {dlc.name = "y"}) {
    %y = dlc.while inits(%x) invariants() : (tensor<f32>) -> tensor<f32> {
    ^bb0(%c: tensor<f32>):
      %t = dlc.constant dense<true> : tensor<i1>
      dlc.yield %t : tensor<i1>
    } do {
    ^bb0(%c: tensor<f32>):
      dlc.yield %c : tensor<f32>
    }
    dlc.return %y : tensor<f32>
  }
})");
  State state;
  Evaluator evaluator(*module, {.observer = {}, .maxTrips = 100});
  auto outputs = evaluator.run("runs", {{"x", Tensor(DType::F32, {})}}, state);
  EXPECT_EQ(llvm::toString(outputs.takeError()), "dlc.while: still running after 100 trips");
}

} // namespace
