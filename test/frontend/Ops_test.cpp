// Every op function of the builder, on small numbers in the reference evaluator.
#include "Evaluate.h"
#include "dlc/dlc.h"
#include <gmock/gmock.h>

using namespace dlc;
using namespace dlc::test;
using testing::ElementsAre;

namespace {

class Ops : public testing::Test {
protected:
  Program program;
  Entry entry = program.entry("f");
  // 0 1 2 / 3 4 5
  Value x = reshape(cast(entry.iota({6}), DType::F32), {2, 3});

  // The elements of `value`, and its shape in front for those that ask.
  std::vector<double> elements(const Value &value) {
    EXPECT_TRUE(value.ok()) << (program.ok() ? "" : program.errors().front().str());
    if (!value.ok())
      return {};
    entry.output("y", value);
    Tensor y = Runner(program).run("f")["y"];
    std::vector<double> result;
    for (int64_t i = 0; i < y.count(); ++i)
      result.push_back(y.real(i));
    return result;
  }
};

TEST_F(Ops, numbers_take_the_type_of_values) {
  Value n = entry.constant(7, DType::I32);
  EXPECT_THAT(elements(2 * n + 1 - n / 2), ElementsAre(12));
}

TEST_F(Ops, broadcasting_stretches_ones) {
  EXPECT_THAT(elements(x + entry.constant({10, 20}, {2, 1})), ElementsAre(10, 11, 12, 23, 24, 25));
}

TEST_F(Ops, broadcast_to) {
  EXPECT_THAT(elements(broadcastTo(entry.constant({1, 2}, {2, 1}), {2, 2, 2})),
              ElementsAre(1, 1, 2, 2, 1, 1, 2, 2));
}

TEST_F(Ops, compare_select_clip) {
  EXPECT_THAT(elements(select(x > 2, clip(x, 0, 4), -1)), ElementsAre(-1, -1, -1, 3, 4, 4));
}

TEST_F(Ops, comparisons) {
  Value all = cast(equal(x, 3), DType::F32) + cast(notEqual(x, 3), DType::F32) * 2 +
              cast(x < 3, DType::F32) * 4 + cast(x <= 3, DType::F32) * 8 +
              cast(x >= 3, DType::F32) * 16;
  EXPECT_THAT(elements(slice(all, {0, 2}, {2, 3})), ElementsAre(2 + 4 + 8, 2 + 16));
}

TEST_F(Ops, transpose_reverse) {
  EXPECT_THAT(elements(reverse(transpose(x), {0})), ElementsAre(2, 5, 1, 4, 0, 3));
}

TEST_F(Ops, slice_with_strides) {
  EXPECT_THAT(elements(slice(x, {0, 0}, {2, 3}, {1, 2})), ElementsAre(0, 2, 3, 5));
}

TEST_F(Ops, dynamic_slices) {
  Value one = entry.constant(1, DType::I32);
  Value part = dynamicSlice(x, {one, one}, {1, 2});
  EXPECT_THAT(elements(dynamicUpdateSlice(x, part * 10, {one, one})),
              ElementsAre(0, 1, 2, 3, 40, 50));
}

TEST_F(Ops, pad_with_gaps) {
  EXPECT_THAT(elements(pad(entry.constant({1, 2}, {2}), {1}, {2}, 9, {1})),
              ElementsAre(9, 1, 9, 2, 9, 9));
}

TEST_F(Ops, concat_stack_squeeze) {
  Value row = slice(x, {0, 0}, {1, 3});
  Value both = concat({row, stack({squeeze(row, {0}), squeeze(row, {0})}, 0)}, 0);
  EXPECT_THAT(elements(expandDims(sum(both, {0}), 0)), ElementsAre(0, 3, 6));
}

TEST_F(Ops, reductions) {
  Value y = concat({sum(x, {1}), mean(x, {1}), prod(x + 1, {1}), reduceMax(x, {1}),
                    reduceMin(x, {-1})},
                   0);
  EXPECT_THAT(elements(y), ElementsAre(3, 12, 1, 4, 6, 120, 2, 5, 0, 3));
}

TEST_F(Ops, reductions_that_keep_dimensions) {
  EXPECT_THAT(elements(x - sum(x, {0}, true)), ElementsAre(-3, -4, -5, 0, -1, -2));
}

TEST_F(Ops, arguments_of_extremes) {
  EXPECT_THAT(elements(concat({argmax(x, 1), argmin(x, 1)}, 0)), ElementsAre(2, 2, 0, 0));
}

TEST_F(Ops, products) {
  Value batched = contract(expandDims(x, 0), expandDims(x, 0), {{0}, {0}, {2}, {2}});
  Value plain = matmul(x, transpose(x));
  EXPECT_THAT(elements(concat({squeeze(batched, {0}), plain}, 0)),
              ElementsAre(5, 14, 14, 50, 5, 14, 14, 50));
}

TEST_F(Ops, matmul_with_leading_dimensions) {
  Value a = reshape(x, {2, 1, 3}), b = reshape(x, {2, 3, 1});
  EXPECT_THAT(elements(matmul(a, b)), ElementsAre(5, 50));
}

TEST_F(Ops, convolution_and_pools) {
  Value line = reshape(x, {1, 6, 1});
  Value filter = entry.constant({1, 1}, {2, 1, 1});
  Value convolved = conv(line, filter, {.strides = {2}});             // 1 5 9
  Value padded = conv(line, filter, {.padding = "explicit", .padLow = {1}, .padHigh = {0}});
  Value pooled = concat({maxPool(line, {2}), avgPool(line, {2})}, 1); // 1 3 5 .5 2.5 4.5
  EXPECT_THAT(elements(concat({convolved, padded, pooled}, 1)),
              ElementsAre(1, 5, 9, 0, 1, 3, 5, 7, 9, 1, 3, 5, 0.5, 2.5, 4.5));
}

TEST_F(Ops, softmax_along_an_axis) {
  Value even = fullLike(x, 0.5);
  EXPECT_THAT(elements(softmax(even, 0) - exp(logSoftmax(even, 0))),
              ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST_F(Ops, indexing) {
  Value indices = entry.constant({2, 0}, {2}, DType::I32);
  Value taken = gather(x, indices, 1);                     // 2 0 / 5 3
  Value added = scatterAdd(fullLike(x, 0), indices, taken, 1); // 0 0 2 / 3 0 5
  EXPECT_THAT(elements(added + oneHot(indices, 3)), ElementsAre(0, 0, 3, 4, 0, 5));
}

TEST_F(Ops, sizes_and_iota) {
  Value i = cast(entry.iota({2, 3}, 1), DType::F32);
  EXPECT_THAT(elements(i * entry.size({2, 3})), ElementsAre(0, 6, 12, 0, 6, 12));
}

TEST_F(Ops, stop_gradient_stops) {
  Value w = entry.constant(3);
  EXPECT_THAT(elements(gradient(w * stopGradient(w), {w})[0]), ElementsAre(3));
}

TEST_F(Ops, an_unused_target_has_zero_gradient_when_allowed) {
  Value v = entry.constant(3), w = entry.constant(2);
  EXPECT_THAT(elements(gradient(v * v, {w}, /*allowUnused=*/true)[0]), ElementsAre(0));
}

TEST_F(Ops, scan_runs_backward_and_without_slices) {
  Values all = scan({entry.constant(1)}, {},
                    [](Value i, Values c, Values) {
                      Value next = c[0] * 2 + cast(i, DType::F32);
                      return Values{next, next};
                    },
                    {.trip = Dim(3), .reverse = true})
                   .stacked;
  EXPECT_THAT(elements(all[0]), ElementsAre(18, 9, 4));
}

TEST_F(Ops, random_numbers_of_an_entry_differ_and_a_scan_folds_its_index) {
  Value zero = entry.constant(0);
  Value a = randomUniform(zero, Shape{3}), b = randomUniform(zero, Shape{3});
  Values rolled = scan({}, {fullLike(a, 0)}, [](Value, Values, Values slices) {
                    return Values{randomNormal(slices[0])};
                  }).stacked;
  entry.output("a", a);
  entry.output("b", b);
  entry.output("r", rolled[0]);
  Runner runner(program);
  runner.initialize(4);
  auto first = runner.run("f"), second = runner.run("f");
  EXPECT_NE(first["a"].real(0), first["b"].real(0));
  EXPECT_NE(first["r"].real(0), first["r"].real(1));
  EXPECT_NE(first["a"].real(0), second["a"].real(0));
  EXPECT_EQ(runner.state["rng/state"].integer(1), 2); // one step for each run; nothing else drew
}

TEST(Dims, print_their_normal_form) {
  Dim b("B"), t("T");
  EXPECT_EQ((2 * b + b).str(), "3*B");
  EXPECT_EQ(str(Shape{b, t + 1, floorDiv(b + 1, 2), max(t - 3, 0)}),
            "(B, T + 1, (B + 1) floordiv 2, max(T - 3, 0))");
  EXPECT_EQ((b * 0 + 7).str(), "7");
}

} // namespace
