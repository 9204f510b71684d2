// `dlc bench --kernels`: every promised row is there with its floor, and one of them is measured.
// Whether a floor is reached depends on the machine and on what else it does: not tested here.
#include "test/codegen/KernelRunner.h"
#include "tools/driver/BenchKernels.h"
#include "llvm/Support/JSON.h"

using namespace dlc::driver;
using namespace dlc::codegen::cpu::testing;

namespace {

TEST(KernelBench, PromisesEveryRow) {
  std::map<std::string, double> floors;
  for (const BenchKernel &row : promisedKernels(targetNamed("native")))
    if (row.floor > 0)
      floors[row.name] = row.floor;
  std::map<std::string, double> expected = {{"dense forward 128x784x512", 0.85},
                                            {"dense input gradient 128x784x512", 0.7},
                                            {"dense weight gradient 128x784x512", 0.7},
                                            {"dense forward 512x768x768", 0.85},
                                            {"dense input gradient 512x768x768", 0.7},
                                            {"dense weight gradient 512x768x768", 0.7},
                                            {"conv forward 3x3 56x56x64->64 batch 4", 0.85},
                                            {"conv input gradient 3x3 56x56x64->64 batch 4", 0.6},
                                            {"conv filter gradient 3x3 56x56x64->64 batch 4", 0.6},
                                            {"depthwise forward 3x3 s1 56x56x128", 0.7},
                                            {"depthwise input gradient 3x3 s1 56x56x128", 0.7},
                                            {"depthwise filter gradient 3x3 s1 56x56x128", 0.6},
                                            {"depthwise forward 3x3 s1 112x112x32", 0.7},
                                            {"depthwise input gradient 3x3 s1 112x112x32", 0.7},
                                            {"depthwise filter gradient 3x3 s1 112x112x32", 0.6},
                                            {"depthwise forward 3x3 s1 14x14x480", 0.8},
                                            {"depthwise input gradient 3x3 s1 14x14x480", 0.8},
                                            {"depthwise filter gradient 3x3 s1 14x14x480", 0.7},
                                            {"softmax 32768x1024", 0.6},
                                            {"layer norm 40960x768", 0.6},
                                            {"batch norm training 128x56x56x64", 0.6},
                                            {"adam 9437184", 0.6},
                                            {"gelu 262144", 0.65}};
  EXPECT_EQ(floors, expected);
}

TEST(KernelBench, MeasuresARowAsJson) {
  BenchOptions options;
  options.filter = "dense weight gradient 128x784x512";
  options.rounds = 1;
  options.json = true;
  std::string text;
  llvm::raw_string_ostream stream(text);
  ASSERT_TRUE(benchKernels(options, stream));
  auto document = llvm::json::parse(text);
  ASSERT_TRUE(bool(document)) << text;
  const llvm::json::Array *rows = document->getAsObject()->getArray("rows");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3u); // the two limits and the row
  const llvm::json::Object &row = *rows->back().getAsObject();
  EXPECT_EQ(row.getString("name"), options.filter);
  EXPECT_GT(*row.getNumber("gflops"), 0.0);
  EXPECT_GT(*row.getNumber("share"), 0.0);
  EXPECT_GT(*row.getNumber("two_thread_speedup"), 0.0);
  EXPECT_EQ(*row.getNumber("floor"), 0.7);
  EXPECT_TRUE(row.getBoolean("reached").has_value());
}

TEST(KernelBench, RefusesUnknownProcessor) {
  BenchOptions options;
  options.cpu = "pentium9000";
  EXPECT_FALSE(benchKernels(options, llvm::nulls()));
}

} // namespace
