// What streaming kernels share between their parts: loops that read the same data, functions of a
// list's tensors, and what windows of a pooling gradient give to one position. Speed in the first
// place, and each of them computed against the evaluator.
#include "codegen/cpu/RandomStreams.h"
#include "codegen/cpu/emit/StreamPlan.h"
#include "test/codegen/AssemblyCheck.h"
#include "test/codegen/StreamRunner.h"

using namespace dlc::codegen::cpu::testing;
using namespace dlc::codegen::cpu;

namespace {

// Statistics, results and gradients of a batch norm without scale and offset, in one kernel.
StreamCase batchNorm(int64_t rows) {
  std::string n = std::to_string(rows), t = "tensor<" + n + "x70xf32>", c = "tensor<70xf32>";
  auto over = [&](const char *from, const char *to) {
    return std::string("\n%") + to + " = dlc.broadcast %" + from + " to [1] : " + c + " -> " + t;
  };
  auto sum = [&](const char *from, const char *to) {
    return std::string("\n%") + to + " = dlc.sum %" + from + " over [0] : " + t + " -> " + c;
  };
  std::string body =
      "%k = dlc.constant dense<" + n + ".0> : " + c + sum("x", "s") +
      "\n%m = dlc.div %s, %k : " + c + over("m", "mb") + "\n%z = dlc.sub %x, %mb : " + t +
      sum("dy", "a") + "\n%p = dlc.mul %dy, %z : " + t + sum("p", "b") +
      "\n%r = dlc.rsqrt %k : " + c + over("r", "rb") + "\n%y = dlc.mul %z, %rb : " + t +
      "\n%am = dlc.div %a, %k : " + c + "\n%bm = dlc.div %b, %k : " + c + over("am", "ab") +
      over("bm", "bb") + "\n%d0 = dlc.sub %dy, %ab : " + t + "\n%d1 = dlc.mul %z, %bb : " + t +
      "\n%d = dlc.sub %d0, %d1 : " + t + "\ndlc.yield %y, %a, %b, %d : " + t + ", " + c + ", " + c +
      ", " + t;
  return {"norm", "", "%x: " + t + ", %dy: " + t, body, {{}}, 2e-5, false};
}

// x for the mean; x and dy for both sums; x and dy for both results.
TEST(StreamPlan, ReadsABatchNormThreeTimes) {
  StreamRunner runner(batchNorm(1000));
  StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
  std::vector<size_t> sums, results;
  for (const auto &phase : plan.phases)
    for (const StreamJob &job : phase) {
      if (job.kind == StreamJob::Partial)
        sums.push_back(job.reductions.size());
      size_t large = llvm::count_if(job.stores, [](const StreamStore &store) {
        return mlir::cast<mlir::ShapedType>(store.value.getType()).getRank() == 2;
      });
      if (large)
        results.push_back(large);
    }
  EXPECT_THAT(sums, ::testing::ElementsAre(1, 2));
  EXPECT_THAT(results, ::testing::ElementsAre(2));
  for (int64_t rows : {1, 255, 1000})
    StreamRunner(batchNorm(rows)).check();
}

// A step of gradient descent for |count| tensors, with noise from streams from |stream| on.
StreamCase list(int count, int stream) {
  std::string arguments = "%key: tensor<2xi64>, %rate: tensor<f32>", body, names, types;
  const std::string t = "tensor<300xf32>";
  body = "%r = dlc.broadcast %rate to [] : tensor<f32> -> " + t;
  for (int i = 0; i < count; ++i) {
    std::string n = std::to_string(i);
    arguments += ", %w" + n + ": " + t + ", %g" + n + ": " + t;
    body += "\n%u" + n + " = dlc.random_uniform %key stream " + std::to_string(stream + i) +
            " : (tensor<2xi64>) -> " + t + "\n%n" + n + " = dlc.add %g" + n + ", %u" + n + " : " +
            t + "\n%s" + n + " = dlc.mul %n" + n + ", %r : " + t + "\n%v" + n + " = dlc.sub %w" +
            n + ", %s" + n + " : " + t;
    names += (i ? ", %v" : "%v") + n;
    types += (i ? ", " : "") + t;
  }
  return {"list", "", arguments, body + "\ndlc.yield " + names + " : " + types};
}

std::string codeOf(const StreamCase &test, bool streamsAsSizes) {
  StreamRunner runner(test, "x86-64-v4");
  if (streamsAsSizes)
    takeStreamsAsSizes(mlir::cast<dlc::ir::KernelFuncOp>(runner.body().getParentOp()));
  EXPECT_TRUE(runner.emit());
  return runner.assembly();
}

TEST(StreamShared, EqualTensorsOfAListShareTheirCode) {
  // A loop over the calls comes to the loop over the elements, and no more with more tensors.
  int three = checkInnermostLoops(codeOf(list(3, 0), true)).innermostLoops;
  int twelve = checkInnermostLoops(codeOf(list(12, 0), true)).innermostLoops;
  EXPECT_GT(three, 0);
  EXPECT_EQ(twelve, three);
  StreamRunner(list(5, 2)).check();
}

TEST(StreamShared, NumbersOfStreamsAreNoPartOfTheCode) {
  EXPECT_EQ(codeOf(list(3, 0), true), codeOf(list(3, 40), true));
  EXPECT_NE(codeOf(list(3, 0), false), codeOf(list(3, 40), false));
}

// Windows that overlap, known sizes, whole vectors of channels: every position of a group, groups
// at the image's borders, windows that step further than they reach, more rows than a tile has.
TEST(StreamPools, GatherWhatWindowsGiveByTheirWinners) {
  struct {
    const char *x, *y, *attributes;
  } pools[] = {{"2x9x7x16", "2x5x4x16", "window [3, 3] strides [2, 2] low [1, 1] high [1, 1]"},
               {"1x8x10x32", "1x4x5x32", "window [3, 3] strides [2, 2] low [0, 0] high [1, 1]"},
               {"3x70x5x16", "3x35x3x16", "window [3, 2] strides [2, 2] low [1, 0] high [0, 1]"},
               {"1x6x6x16", "1x5x5x16", "window [2, 2] strides [1, 1] low [0, 0] high [0, 0]"},
               {"2x9x9x48", "2x3x5x48", "window [2, 3] strides [3, 2] low [0, 1] high [0, 1]"},
               {"1x7x7x16", "1x4x4x16", "window [4, 4] strides [2, 2] low [2, 1] high [1, 2]"}};
  for (auto [xs, ys, attributes] : pools) {
    std::string x = std::string("tensor<") + xs + "xf32>",
                y = std::string("tensor<") + ys + "xf32>";
    std::string w = std::string("tensor<") + ys + "xi8>";
    StreamCase test{"pool", "", "%w: " + w + ", %dy: " + y,
                    std::string("%d = dlc.max_pool_scatter %w, %dy ") + attributes + " : (" + w +
                        ", " + y + ") -> " + x + "\ndlc.yield %d : " + x};
    test.specials = false;
    for (const char *cpu : {"native", "x86-64-v3"})
      StreamRunner(test, cpu).check();
  }
}

} // namespace
