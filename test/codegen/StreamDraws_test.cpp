// Loops that draw random numbers beside sums of columns, and the work of planning a list of many
// tensors.
#include "codegen/cpu/emit/StreamPlan.h"
#include "test/codegen/AssemblyCheck.h"
#include "test/codegen/StreamRunner.h"

using namespace dlc::codegen::cpu::testing;
using namespace dlc::codegen::cpu;

namespace {

// The gradient of a dropout and that of the bias in front of it, beside what both are made of.
StreamCase dropoutGradient(const std::string &rows, int64_t columns) {
  std::string c = std::to_string(columns), shape = rows + "x" + c;
  auto tensor = [&](const char *element) { return "tensor<" + shape + "x" + element + ">"; };
  std::string f = tensor("f32"), p = tensor("i1"), sum = "tensor<" + c + "xf32>";
  std::string axes = llvm::StringRef(rows).contains('x') ? "[0, 1]" : "[0]";
  StreamCase test{"dropout", "", "%x: " + f + ", %y: " + f + ", %key: tensor<2xi64>",
                  "%d = dlc.sub %x, %y : " + f +
                      "\n%q = dlc.constant dense<0.9> : tensor<f32>"
                      "\n%m = dlc.random_bernoulli %key, %q stream 3 : (tensor<2xi64>, "
                      "tensor<f32>) -> " +
                      p + "\n%z = dlc.constant dense<0.0> : " + f +
                      "\n%s = dlc.select %m, %d, %z : (" + p + ", " + f + ", " + f + ") -> " + f +
                      "\n%b = dlc.sum %s over " + axes + " : " + f + " -> " + sum +
                      "\ndlc.yield %d, %s, %b : " + f + ", " + f + ", " + sum};
  test.specials = false;
  test.tolerance = 2e-5;
  return test;
}

// Each number is drawn once: for both results and the sum.
TEST(StreamDraws, OneLoopStoresAndSums) {
  StreamRunner runner(dropoutGradient("300", 64));
  StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
  ASSERT_EQ(plan.phases.front().size(), 1u);
  const StreamJob &job = plan.phases.front().front();
  EXPECT_EQ(job.kind, StreamJob::Map);
  EXPECT_EQ(job.stores.size(), 2u);
  EXPECT_EQ(job.reductions.size(), 1u);
}

// Whole steps of four vectors, remainders, rows that begin within a block of the generator.
TEST(StreamDraws, SumsAreThoseOfTheNumbers) {
  for (auto [rows, columns] : {std::pair("300", 64), std::pair("200", 10), std::pair("3x50", 132),
                               std::pair("130", 257), std::pair("65", 7)})
    for (const char *cpu : {"native", "x86-64-v3"})
      StreamRunner(dropoutGradient(rows, columns), cpu).check();
}

TEST(StreamDraws, LoopsStayInRegisters) {
  for (const char *cpu : {"x86-64-v3", "x86-64-v4", "neon"}) {
    StreamRunner runner(dropoutGradient("300", 256), cpu);
    ASSERT_TRUE(runner.emit());
    AssemblyReport report = checkInnermostLoops(runner.assembly());
    EXPECT_GT(report.innermostLoops, 0);
    EXPECT_THAT(report.violations, ::testing::IsEmpty()) << cpu;
  }
}

// A step of gradient descent for |count| tensors of five shapes.
StreamCase updates(int count) {
  std::string arguments = "%rate: tensor<f32>", body, names, types;
  for (int i = 0; i < count; ++i) {
    std::string n = std::to_string(i), t = "tensor<" + std::to_string(i % 5 + 4) + "00xf32>";
    arguments += ", %w" + n + ": " + t + ", %m" + n + ": " + t + ", %g" + n + ": " + t;
    body += "%r" + n + " = dlc.broadcast %rate to [] : tensor<f32> -> " + t + "\n%s" + n +
            " = dlc.mul %g" + n + ", %r" + n + " : " + t + "\n%n" + n + " = dlc.add %m" + n +
            ", %s" + n + " : " + t + "\n%v" + n + " = dlc.sub %w" + n + ", %n" + n + " : " + t +
            "\n";
    names += (i ? ", %n" : "%n") + n + ", %v" + n;
    types += (i ? ", " : "") + t + ", " + t;
  }
  return {"updates", "", arguments, body + "dlc.yield " + names + " : " + types};
}

// Of tensors that have nothing in common none is compared with the others.
TEST(StreamPlan, WorkGrowsAsTheList) {
  for (int count : {10, 200}) {
    StreamRunner runner(updates(count));
    StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
    EXPECT_EQ(plan.phases.front().size(), size_t(count));
    EXPECT_EQ(plan.comparisons, count); // of the second result of each with the first one's job
  }
}

} // namespace
