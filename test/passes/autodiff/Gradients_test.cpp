// Gradients against central differences of the evaluator in f64, for what no per-op check covers:
// loops, branches, bounded whiles, user-defined derivatives, gradients of gradients, and the
// elementwise rules at their awkward points.
//
// Each case is an entry with an output "loss" and, for an input x, an output "d.x".
#include "codegen/reference/Evaluator.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace dlc;
using reference::Tensor;

namespace {

struct Case {
  const char *name;
  const char *text;
  reference::Bindings bindings = {};
  std::vector<double> values = {}; ///< of the first input, where it matters
};

void PrintTo(const Case &c, std::ostream *os) { *os << c.name; }

class Gradients : public testing::TestWithParam<Case> {
protected:
  void SetUp() override {
    context.loadDialect<ir::DlcDialect>();
    module = parseSourceString<ModuleOp>(std::string(preamble) + GetParam().text, &context);
    ASSERT_TRUE(module);
    PassManager manager(&context);
    manager.addPass(passes::createDifferentiate());
    ASSERT_TRUE(succeeded(manager.run(*module)));
  }

  static constexpr const char *preamble = R"(
    !s = tensor<f64>
    !v = tensor<3xf64>
    !x = tensor<?x3xf64, #dlc.dims<[T, 3]>>
    !p = tensor<i1>
    !i = tensor<i64>
  )";

  reference::NamedTensors makeInputs(ir::EntryOp entry) {
    reference::NamedTensors inputs;
    double next = 0.3;
    for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes())) {
      Tensor tensor(cantFail(reference::elementTypeOf(type)),
                    cantFail(reference::dimsOf(type, GetParam().bindings)));
      for (int64_t e = 0; e < tensor.count(); ++e, next = next > 1.2 ? next - 0.97 : next + 0.17)
        tensor.setReal(e, next);
      for (size_t e = 0; i == 0 && e < GetParam().values.size(); ++e)
        tensor.setReal(int64_t(e), GetParam().values[e]);
      inputs.push_back({entry.getArgName(i).str(), tensor});
    }
    return inputs;
  }

  Tensor output(const reference::NamedTensors &inputs, StringRef name) {
    reference::Evaluator evaluator(*module);
    reference::State state;
    auto outputs = cantFail(evaluator.run("f", inputs, state, GetParam().bindings));
    for (auto &[output, tensor] : outputs)
      if (output == name)
        return tensor;
    return {};
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_P(Gradients, agreeWithFiniteDifferences) {
  auto entry = *module->getOps<ir::EntryOp>().begin();
  reference::NamedTensors inputs = makeInputs(entry);
  int checked = 0;
  for (auto &[name, input] : inputs) {
    Tensor gradient = output(inputs, "d." + name);
    if (!gradient.count() || !input.isFloat())
      continue;
    for (int64_t e = 0; e < input.count(); ++e, ++checked) {
      double at = input.real(e), step = 1e-5;
      auto lossAt = [&](double value) {
        input.setReal(e, value);
        return output(inputs, "loss").real(0);
      };
      double difference = (lossAt(at + step) - lossAt(at - step)) / (2 * step);
      input.setReal(e, at);
      EXPECT_NEAR(gradient.real(e), difference, 1e-6 * (1 + std::abs(difference)))
          << name << "[" << e << "]";
    }
  }
  EXPECT_GT(checked, 0);
}

// What simplification leaves computes the same, up to the rounding of reassociated factors.
TEST_P(Gradients, surviveSimplification) {
  auto entry = *module->getOps<ir::EntryOp>().begin();
  reference::NamedTensors inputs = makeInputs(entry);
  std::vector<Tensor> before;
  for (unsigned i = 0; i < entry.getNumResults(); ++i)
    before.push_back(output(inputs, entry.getResultName(i)));
  PassManager manager(&context);
  manager.addPass(passes::createDecompose());
  manager.addPass(passes::createSimplify());
  manager.addPass(passes::createRecompute());
  ASSERT_TRUE(succeeded(manager.run(*module)));
  for (auto [i, expected] : llvm::enumerate(before)) {
    Tensor actual = output(inputs, entry.getResultName(i));
    ASSERT_EQ(actual.dims(), expected.dims());
    for (int64_t e = 0; e < expected.count(); ++e)
      EXPECT_NEAR(actual.real(e), expected.real(e), 1e-12 * (1 + std::abs(expected.real(e))));
  }
}

const Case cases[] = {
    {"scan", R"(
dlc.entry @f(%x0: !x {dlc.name = "x"}, %w0: !v {dlc.name = "w"}, %h0: !v {dlc.name = "h"})
    -> (!s {dlc.name = "loss"}, !x {dlc.name = "d.x"}, !v {dlc.name = "d.w"},
        !v {dlc.name = "d.h"}) {
  %x = dlc.watch 0 %x0 : !x
  %w = dlc.watch 1 %w0 : !v
  %h = dlc.watch 2 %h0 : !v
  %c, %ys = dlc.scan inits(%h) xs(%x) invariants(%w) trip T : (!v, !x, !v) -> (!v, !x) {
  ^bb0(%i: !i, %k: !v, %xi: !v, %u: !v):
    %a = dlc.mul %k, %u : !v
    %b = dlc.add %a, %xi : !v
    %t = dlc.tanh %b : !v
    %y = dlc.mul %t, %xi : !v
    dlc.yield %t, %y : !v, !v
  }
  %l0 = dlc.sum %c over [0] : !v -> !s
  %l1 = dlc.sum %ys over [0, 1] : !x -> !s
  %l = dlc.mul %l0, %l1 : !s
  %dx, %dw, %dh = dlc.gradient %l wrt(%x, %w, %h) : !s -> (!x, !v, !v)
  dlc.return %l, %dx, %dw, %dh : !s, !x, !v, !v
})", {{"T", 4}}},
    {"reverse_scan_of_scan", R"(
dlc.entry @f(%x0: !x {dlc.name = "x"}, %h0: !s {dlc.name = "h"})
    -> (!s {dlc.name = "loss"}, !x {dlc.name = "d.x"}, !s {dlc.name = "d.h"}) {
  %x = dlc.watch 0 %x0 : !x
  %h = dlc.watch 1 %h0 : !s
  %l = dlc.scan inits(%h) xs(%x) invariants() trip T reverse : (!s, !x) -> !s {
  ^bb0(%i: !i, %k: !s, %xi: !v):
    %m = dlc.scan inits(%k) xs(%xi) invariants() trip 3 : (!s, !v) -> !s {
    ^bb0(%j: !i, %q: !s, %e: !s):
      %a = dlc.mul %q, %e : !s
      %b = dlc.sin %a : !s
      %n = dlc.add %b, %e : !s
      dlc.yield %n : !s
    }
    dlc.yield %m : !s
  }
  %dx, %dh = dlc.gradient %l wrt(%x, %h) : !s -> (!x, !s)
  dlc.return %l, %dx, %dh : !s, !x, !s
})", {{"T", 3}}},
    {"gradient_inside_scan", R"(
dlc.entry @f(%h0: !s {dlc.name = "h"}) -> (!s {dlc.name = "loss"}, !s {dlc.name = "d.h"}) {
  %h = dlc.watch 0 %h0 : !s
  %l = dlc.scan inits(%h) xs() invariants() trip 3 : (!s) -> !s {
  ^bb0(%i: !i, %k0: !s):
    %k = dlc.watch 0 %k0 : !s
    %s = dlc.sin %k : !s
    %c = dlc.mul %s, %k : !s
    %d = dlc.gradient %c wrt(%k) : !s -> (!s)
    dlc.yield %d : !s
  }
  %dh = dlc.gradient %l wrt(%h) : !s -> (!s)
  dlc.return %l, %dh : !s, !s
})"},
    {"second_order_through_scan", R"(
dlc.entry @f(%x0: !v {dlc.name = "x"}, %w0: !s {dlc.name = "w"})
    -> (!s {dlc.name = "loss"}, !v {dlc.name = "d.x"}, !s {dlc.name = "d.w"}) {
  %x = dlc.watch 0 %x0 : !v
  %w = dlc.watch 1 %w0 : !s
  %l = dlc.scan inits(%w) xs(%x) invariants(%w) trip 3 : (!s, !v, !s) -> !s {
  ^bb0(%i: !i, %k: !s, %e: !s, %u: !s):
    %a = dlc.mul %k, %e : !s
    %b = dlc.exp %a : !s
    %n = dlc.mul %b, %u : !s
    dlc.yield %n : !s
  }
  %g = dlc.gradient %l wrt(%w) : !s -> (!s)
  %dx, %dw = dlc.gradient %g wrt(%x, %w) : !s -> (!v, !s)
  dlc.return %g, %dx, %dw : !s, !v, !s
})"},
    {"taken_branch", R"(
dlc.entry @f(%a0: !s {dlc.name = "a"}, %b0: !s {dlc.name = "b"})
    -> (!s {dlc.name = "loss"}, !s {dlc.name = "d.a"}, !s {dlc.name = "d.b"}) {
  %a = dlc.watch 0 %a0 : !s
  %b = dlc.watch 1 %b0 : !s
  %p = dlc.compare gt %a, %b : (!s, !s) -> !p
  %q = dlc.not %p : !p
  %l0 = dlc.if %p(%a, %b) : (!p, !s, !s) -> !s then {
  ^bb0(%u: !s, %v: !s):
    %e = dlc.exp %u : !s
    dlc.yield %e : !s
  } else {
  ^bb0(%u: !s, %v: !s):
    %e = dlc.tanh %v : !s
    %f = dlc.mul %e, %u : !s
    dlc.yield %f : !s
  }
  %l1 = dlc.if %q(%a, %l0) : (!p, !s, !s) -> !s then {
  ^bb0(%u: !s, %v: !s):
    dlc.yield %v : !s
  } else {
  ^bb0(%u: !s, %v: !s):
    %e = dlc.log %u : !s
    dlc.yield %e : !s
  }
  %l = dlc.mul %l0, %l1 : !s
  %da, %db = dlc.gradient %l wrt(%a, %b) : !s -> (!s, !s)
  dlc.return %l, %da, %db : !s, !s, !s
})"},
    {"bounded_while_twice", R"(
dlc.entry @f(%a0: !s {dlc.name = "a"}, %w0: !s {dlc.name = "w"})
    -> (!s {dlc.name = "loss"}, !s {dlc.name = "d.a"}, !s {dlc.name = "d.w"}) {
  %a = dlc.watch 0 %a0 : !s
  %w = dlc.watch 1 %w0 : !s
  %l = dlc.while inits(%a) invariants(%w) max_trip 12 : (!s, !s) -> !s {
  ^bb0(%c: !s, %u: !s):
    %ten = dlc.constant dense<2.0> : !s
    %p = dlc.compare lt %c, %ten : (!s, !s) -> !p
    dlc.yield %p : !p
  } do {
  ^bb0(%c: !s, %u: !s):
    %e = dlc.exp %u : !s
    %n = dlc.mul %c, %e : !s
    dlc.yield %n : !s
  }
  %g = dlc.gradient %l wrt(%w) : !s -> (!s)
  %da, %dw = dlc.gradient %g wrt(%a, %w) : !s -> (!s, !s)
  dlc.return %g, %da, %dw : !s, !s, !s
})"},
    {"custom_gradient_twice", R"(
dlc.entry @f(%x0: !s {dlc.name = "x"}) -> (!s {dlc.name = "loss"}, !s {dlc.name = "d.x"}) {
  %x = dlc.watch 0 %x0 : !s
  %y = dlc.custom_gradient (%x) : (!s) -> !s forward {
  ^bb0(%a: !s):
    %r = dlc.exp %a : !s
    dlc.yield %r : !s
  } backward {
  ^bb0(%a: !s, %r: !s, %dr: !s):
    %d = dlc.mul %dr, %r : !s
    dlc.yield %d : !s
  }
  %g = dlc.gradient %y wrt(%x) : !s -> (!s)
  %d = dlc.gradient %g wrt(%x) : !s -> (!s)
  dlc.return %g, %d : !s, !s
})"},
    // 144 positions are more than bytes number: the winners are looked for anew.
    {"large_pool", R"(
dlc.entry @f(%x0: tensor<1x10x18x1xf64> {dlc.name = "x"}, %c: tensor<1x2x2x1xf64> {dlc.name = "c"})
    -> (!s {dlc.name = "loss"}, tensor<1x10x18x1xf64> {dlc.name = "d.x"}) {
  %x = dlc.watch 0 %x0 : tensor<1x10x18x1xf64>
  %y = dlc.max_pool %x window [8, 18] strides [3, 5] low [0, 0] high [1, 5]
    : (tensor<1x10x18x1xf64>) -> tensor<1x2x2x1xf64>
  %z = dlc.mul %y, %c : tensor<1x2x2x1xf64>
  %l = dlc.sum %z over [0, 1, 2, 3] : tensor<1x2x2x1xf64> -> !s
  %d = dlc.gradient %l wrt(%x) : !s -> (tensor<1x10x18x1xf64>)
  dlc.return %l, %d : !s, tensor<1x10x18x1xf64>
})"},
    // The gradient of a squared gradient of a pool of squares: the places stay, the numbers move.
    {"overlapping_pool_twice", R"(
dlc.entry @f(%x0: tensor<2x7x3xf64> {dlc.name = "x"}, %c: tensor<2x4x3xf64> {dlc.name = "c"})
    -> (!s {dlc.name = "loss"}, tensor<2x7x3xf64> {dlc.name = "d.x"}) {
  %x = dlc.watch 0 %x0 : tensor<2x7x3xf64>
  %q = dlc.mul %x, %x : tensor<2x7x3xf64>
  %y = dlc.max_pool %q window [3] strides [2] low [1] high [1]
    : (tensor<2x7x3xf64>) -> tensor<2x4x3xf64>
  %z = dlc.mul %y, %y : tensor<2x4x3xf64>
  %p = dlc.mul %z, %c : tensor<2x4x3xf64>
  %s = dlc.sum %p over [0, 1, 2] : tensor<2x4x3xf64> -> !s
  %g = dlc.gradient %s wrt(%x) : !s -> (tensor<2x7x3xf64>)
  %gg = dlc.mul %g, %g : tensor<2x7x3xf64>
  %l = dlc.sum %gg over [0, 1, 2] : tensor<2x7x3xf64> -> !s
  %d = dlc.gradient %l wrt(%x) : !s -> (tensor<2x7x3xf64>)
  dlc.return %l, %d : !s, tensor<2x7x3xf64>
})"},
    {"pool_in_scan", R"(
dlc.entry @f(%x0: tensor<1x6x2xf64> {dlc.name = "x"})
    -> (!s {dlc.name = "loss"}, tensor<1x6x2xf64> {dlc.name = "d.x"}) {
  %x = dlc.watch 0 %x0 : tensor<1x6x2xf64>
  %r = dlc.scan inits(%x) xs() invariants() trip 3 : (tensor<1x6x2xf64>) -> tensor<1x6x2xf64> {
  ^bb0(%i: !i, %k: tensor<1x6x2xf64>):
    %n = dlc.max_pool %k window [2] strides [1] low [1] high [0]
      : (tensor<1x6x2xf64>) -> tensor<1x6x2xf64>
    %m = dlc.sin %n : tensor<1x6x2xf64>
    dlc.yield %m : tensor<1x6x2xf64>
  }
  %l = dlc.sum %r over [0, 1, 2] : tensor<1x6x2xf64> -> !s
  %d = dlc.gradient %l wrt(%x) : !s -> (tensor<1x6x2xf64>)
  dlc.return %l, %d : !s, tensor<1x6x2xf64>
})"},
    {"products_with_zeros", R"(
dlc.entry @f(%x0: !x {dlc.name = "x"}) -> (!s {dlc.name = "loss"}, !x {dlc.name = "d.x"}) {
  %x = dlc.watch 0 %x0 : !x
  %y = dlc.prod %x over [1] : !x -> tensor<?xf64, #dlc.dims<[T]>>
  %l = dlc.sum %y over [0] : tensor<?xf64, #dlc.dims<[T]>> -> !s
  %d = dlc.gradient %l wrt(%x) : !s -> (!x)
  dlc.return %l, %d : !s, !x
})", {{"T", 4}}, {0, 2, 3, 1.5, 0, 0, 0.5, 2, -3, 0, 0, 0}},
    {"products_with_zeros_twice", R"(
dlc.entry @f(%x0: !x {dlc.name = "x"}, %c: !x {dlc.name = "c"})
    -> (!s {dlc.name = "loss"}, !x {dlc.name = "d.x"}) {
  %x = dlc.watch 0 %x0 : !x
  %y = dlc.prod %x over [1] : !x -> tensor<?xf64, #dlc.dims<[T]>>
  %s = dlc.sum %y over [0] : tensor<?xf64, #dlc.dims<[T]>> -> !s
  %g = dlc.gradient %s wrt(%x) : !s -> (!x)
  %gc = dlc.mul %g, %c : !x
  %l = dlc.sum %gc over [0, 1] : !x -> !s
  %d = dlc.gradient %l wrt(%x) : !s -> (!x)
  dlc.return %l, %d : !s, !x
})", {{"T", 4}}, {0, 2, 3, 1.5, 0, 0, 0.5, 2, -3, 0, 0, 0}},
    {"products_with_zeros_over_all_axes", R"(
dlc.entry @f(%x0: !x {dlc.name = "x"}, %c: !x {dlc.name = "c"})
    -> (!s {dlc.name = "loss"}, !x {dlc.name = "d.x"}) {
  %x = dlc.watch 0 %x0 : !x
  %s = dlc.prod %x over [0, 1] : !x -> !s
  %g = dlc.gradient %s wrt(%x) : !s -> (!x)
  %gc = dlc.mul %g, %c : !x
  %l = dlc.sum %gc over [0, 1] : !x -> !s
  %d = dlc.gradient %l wrt(%x) : !s -> (!x)
  dlc.return %l, %d : !s, !x
})", {{"T", 2}}, {0, 2, 3, 1.5, 0, 0.5}},
    {"powers_and_remainders", R"(
dlc.entry @f(%a0: !v {dlc.name = "a"}, %b0: !v {dlc.name = "b"})
    -> (!s {dlc.name = "loss"}, !v {dlc.name = "d.a"}, !v {dlc.name = "d.b"}) {
  %a = dlc.watch 0 %a0 : !v
  %b = dlc.watch 1 %b0 : !v
  %p = dlc.pow %a, %b : !v
  %c = dlc.constant dense<4.1> : !s
  %cb = dlc.broadcast %c to [] : !s -> !v
  %q = dlc.mul %cb, %b : !v
  %r = dlc.rem %q, %a : !v
  %y = dlc.mul %p, %r : !v
  %l = dlc.sum %y over [0] : !v -> !s
  %da, %db = dlc.gradient %l wrt(%a, %b) : !s -> (!v, !v)
  dlc.return %l, %da, %db : !s, !v, !v
})"},
    {"contractions_of_any_order", R"(
!a = tensor<2x3x?x4xf64, #dlc.dims<[2, 3, T, 4]>>
!b = tensor<4x?x2x5xf64, #dlc.dims<[4, T, 2, 5]>>
!y = tensor<?x3x5xf64, #dlc.dims<[T, 3, 5]>>
dlc.entry @f(%a0: !a {dlc.name = "a"}, %b0: !b {dlc.name = "b"})
    -> (!s {dlc.name = "loss"}, !a {dlc.name = "d.a"}, !b {dlc.name = "d.b"}) {
  %a = dlc.watch 0 %a0 : !a
  %b = dlc.watch 1 %b0 : !b
  %y = dlc.contract %a, %b batch [2] x [1] reduce [0, 3] x [2, 0] : (!a, !b) -> !y
  %yy = dlc.mul %y, %y : !y
  %l = dlc.sum %yy over [0, 1, 2] : !y -> !s
  %da, %db = dlc.gradient %l wrt(%a, %b) : !s -> (!a, !b)
  dlc.return %l, %da, %db : !s, !a, !b
})", {{"T", 2}}},
    {"symbolic_slices_and_pads", R"(
!xs = tensor<?xf64, #dlc.dims<[2*T]>>
!h = tensor<?xf64, #dlc.dims<[T]>>
!q = tensor<?xf64, #dlc.dims<[T + 2*max(T - 1, 0) + 3]>>
dlc.entry @f(%x0: !xs {dlc.name = "x"}, %v0: !s {dlc.name = "v"})
    -> (!s {dlc.name = "loss"}, !xs {dlc.name = "d.x"}, !s {dlc.name = "d.v"}) {
  %x = dlc.watch 0 %x0 : !xs
  %v = dlc.watch 1 %v0 : !s
  %e = dlc.slice %x from [0] to [2*T] by [2] : !xs -> !h
  %p = dlc.pad %e, %v low [1] high [2] interior [2] : (!h, !s) -> !q
  %i = dlc.iota 0 : !q
  %w = dlc.mul %i, %p : !q
  %t = dlc.sin %w : !q
  %l = dlc.sum %t over [0] : !q -> !s
  %dx, %dv = dlc.gradient %l wrt(%x, %v) : !s -> (!xs, !s)
  dlc.return %l, %dx, %dv : !s, !xs, !s
})", {{"T", 3}}},
};

INSTANTIATE_TEST_SUITE_P(All, Gradients, testing::ValuesIn(cases),
                         [](const auto &info) { return info.param.name; });

} // namespace
