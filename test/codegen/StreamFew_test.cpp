// Jobs that are cut where registers are few: a loss with its gradient and sums of columns beside
// what counts hits, which becomes a loop of its own, and sums of columns beside what all rows are
// combined with, which are taken a part of the columns at a time.
#include "test/codegen/StreamRunner.h"
#include "test/codegen/StreamWindows.h"

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;

namespace {

const std::initializer_list<int64_t> kRows = {0, 1, 3, 255, 600};

StreamCase lossAndHits() {
  return {"loss_and_hits",
          "\"B\"",
          "%x: f32[B, 10], %l: i32[B]",
          "%0 = dlc.reduce_max %x over [1] : f32[B, 10] -> f32[B]\n"
          "%1 = dlc.broadcast %0 to [0] : f32[B] -> f32[B, 10]\n"
          "%2 = dlc.sub %x, %1 : f32[B, 10]\n"
          "%3 = dlc.exp %2 : f32[B, 10]\n"
          "%4 = dlc.sum %3 over [1] : f32[B, 10] -> f32[B]\n"
          "%5 = dlc.log %4 : f32[B]\n"
          "%6 = dlc.add %5, %0 : f32[B]\n"
          "%loss = dlc.sum %6 over [0] : f32[B] -> f32[]\n"
          "%7 = dlc.argmax %x over 1 : f32[B, 10] -> i32[B]\n"
          "%8 = dlc.compare eq %l, %7 : (i32[B], i32[B]) -> i1[B]\n"
          "%9 = dlc.cast %8 : i1[B] -> f32[B]\n"
          "%hits = dlc.sum %9 over [0] : f32[B] -> f32[]\n"
          "%10 = dlc.reciprocal %4 : f32[B]\n"
          "%11 = dlc.broadcast %10 to [0] : f32[B] -> f32[B, 10]\n"
          "%dx = dlc.mul %3, %11 : f32[B, 10]\n"
          "%db = dlc.sum %dx over [0] : f32[B, 10] -> f32[10]\n"
          "dlc.yield %loss, %hits, %dx, %db : f32[], f32[], f32[B, 10], f32[10]",
          each("B", kRows),
          5e-6,
          false};
}

// |columns|: of whole parts, and where the last vector of the last one is not full.
StreamCase sumsBesideMeans(const std::string &columns) {
  std::string matrix = "f32[B, " + columns + "]", row = "f32[" + columns + "]";
  return {"sums_beside_means_" + columns,
          "\"B\"",
          "%x: " + matrix + ", %dy: " + matrix + ", %m: " + row,
          "%0 = dlc.broadcast %m to [1] : " + row + " -> " + matrix +
              "\n%1 = dlc.sub %x, %0 : " + matrix + "\n%2 = dlc.mul %dy, %1 : " + matrix +
              "\n%s = dlc.sum %2 over [0] : " + matrix + " -> " + row + "\ndlc.yield %s : " + row,
          each("B", kRows),
          5e-5,
          false};
}

class FewRegisters : public ::testing::TestWithParam<const char *> {};

TEST_P(FewRegisters, EqualsEvaluator) {
  StreamRunner(lossAndHits(), GetParam()).check();
  for (const char *columns : {"24", "60", "64", "90"})
    StreamRunner(sumsBesideMeans(columns), GetParam()).check();
}

INSTANTIATE_TEST_SUITE_P(Targets, FewRegisters,
                         ::testing::Values("x86-64-v2", "x86-64-v3", "native"));

} // namespace
