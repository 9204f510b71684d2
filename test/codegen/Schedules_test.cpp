// Kernels with schedules given by hand: each one is emitted as it says, exactly one of several
// runs for given sizes, and whichever it is the result is the evaluator's.
#include "test/codegen/StreamRunner.h"

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;

namespace {

constexpr const char *kDense = "%x: tensor<?x40xf32, #dlc.dims<[B, 40]>>, %w: tensor<40x70xf32>, "
                               "%b: tensor<70xf32>";
constexpr const char *kDenseBody = R"(
  %y = dlc.contract %x, %w reduce [1] x [0]
      : (tensor<?x40xf32, #dlc.dims<[B, 40]>>, tensor<40x70xf32>)
      -> tensor<?x70xf32, #dlc.dims<[B, 70]>>
  %c = dlc.broadcast %b to [1] : tensor<70xf32> -> tensor<?x70xf32, #dlc.dims<[B, 70]>>
  %d = dlc.add %y, %c : tensor<?x70xf32, #dlc.dims<[B, 70]>>
  %r = dlc.relu %d : tensor<?x70xf32, #dlc.dims<[B, 70]>>
  dlc.yield %r : tensor<?x70xf32, #dlc.dims<[B, 70]>>)";

constexpr const char *kConvBody = R"(
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (tensor<?x5x6x4xf32, #dlc.dims<[B, 5, 6, 4]>>, tensor<3x3x4x20xf32>)
      -> tensor<?x5x6x20xf32, #dlc.dims<[B, 5, 6, 20]>>
  dlc.yield %y : tensor<?x5x6x20xf32, #dlc.dims<[B, 5, 6, 20]>>)";

constexpr const char *kFilterGradBody = R"(
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (tensor<?x5x6x4xf32, #dlc.dims<[B, 5, 6, 4]>>,
         tensor<?x5x6x20xf32, #dlc.dims<[B, 5, 6, 20]>>) -> tensor<3x3x4x20xf32>
  dlc.yield %f : tensor<3x3x4x20xf32>)";

constexpr const char *kSumBody = R"(
  %s = dlc.sum %x over [0] : tensor<?x40xf32, #dlc.dims<[B, 40]>> -> tensor<40xf32>
  dlc.yield %s : tensor<40xf32>)";

const std::vector<Bindings> kBatches{{{"B", 0}}, {{"B", 1}}, {{"B", 2}},  {{"B", 3}},
                                     {{"B", 4}}, {{"B", 7}}, {{"B", 13}}, {{"B", 40}}};

StreamCase scheduled(const char *name, const char *arguments, const char *body,
                     const char *schedules) {
  return {name, "\"B\"", arguments, body, kBatches, 1e-5, /*specials=*/false, {}, schedules};
}

// Tiles that every machine of the tests has registers for.
const StreamCase kCases[] = {
    scheduled("one tile", kDense, kDenseBody, "#dlc.gemm<tile = [3, 16], row_tiles = 1>"),
    scheduled("columns first", kDense, kDenseBody,
              "#dlc.gemm<tile = [1, 16], row_tiles = 2, split = n>"),
    scheduled("rows first, packed, in blocks", kDense, kDenseBody,
              "#dlc.gemm<tile = [2, 16], row_tiles = 3, split = m, b = pack, reduce_block = 7>"),
    scheduled("few rows", kDense, kDenseBody,
              "#dlc.when<B in [0, 2], #dlc.gemv<tile = [2, 16]>>, "
              "#dlc.gemm<tile = [3, 16], row_tiles = 2>"),
    // One schedule packs, the other does not; the ranges touch, overlap and leave a gap.
    scheduled("many guards", kDense, kDenseBody,
              "#dlc.when<B in [1, 2], #dlc.gemv<tile = [1, 16], b = pack>>, "
              "#dlc.when<2*B in [3, 8], #dlc.gemm<tile = [4, 16], row_tiles = 1>>, "
              "#dlc.when<B in [13, 13], #dlc.gemm<tile = [1, 16], row_tiles = 1, b = pack>>, "
              "#dlc.gemm<tile = [2, 16], row_tiles = 4, reduce_block = 16>"),
    scheduled("convolution", "%x: tensor<?x5x6x4xf32, #dlc.dims<[B, 5, 6, 4]>>, "
                             "%f: tensor<3x3x4x20xf32>",
              kConvBody,
              "#dlc.when<B in [0, 3], #dlc.conv<tile = [2, 16], row_tiles = 1>>, "
              "#dlc.conv<tile = [3, 16], row_tiles = 2, filter = pack>"),
    scheduled("filter gradient", "%x: tensor<?x5x6x4xf32, #dlc.dims<[B, 5, 6, 4]>>, "
                                 "%y: tensor<?x5x6x20xf32, #dlc.dims<[B, 5, 6, 20]>>",
              kFilterGradBody,
              "#dlc.when<B in [0, 3], #dlc.conv_filter_grad<tile = [2, 16], row_tiles = 1>>, "
              "#dlc.conv_filter_grad<tile = [3, 16], row_tiles = 2, pixel_block = 30, "
              "taps = several>"),
    scheduled("sums", "%x: tensor<?x40xf32, #dlc.dims<[B, 40]>>", kSumBody,
              "#dlc.when<B in [0, 3], #dlc.stream<tile_bytes = 64, map_unroll = 1, "
              "reduce_unroll = 1, chunk_rows = 2, chunk_elements = 16, column_vectors = 1>>, "
              "#dlc.stream<tile_bytes = 4096, map_unroll = 4, reduce_unroll = 4, "
              "chunk_rows = 5, chunk_elements = 64, column_vectors = 3>")};

class GivenSchedules : public ::testing::TestWithParam<StreamCase> {};

TEST_P(GivenSchedules, AgreeWithTheEvaluator) { StreamRunner(GetParam()).check(); }

INSTANTIATE_TEST_SUITE_P(Kernels, GivenSchedules, ::testing::ValuesIn(kCases));

// The numbers of the schedules whose phases have tiles.
std::vector<int> running(StreamRunner &runner, int64_t batch) {
  std::vector<int> found;
  for (const KernelPhase &phase : runner.info.phases) {
    int number = phase.function.at(phase.function.find(".s") + 2) - '0';
    bool known = !found.empty() && found.back() == number;
    if (runner.evaluate(phase.tiles, {{"B", batch}}) > 0 && !known)
      found.push_back(number);
  }
  return found;
}

TEST(Schedules, FirstGuardThatHoldsRuns) {
  const StreamCase &test = kCases[4];
  StreamRunner runner(test);
  ASSERT_TRUE(runner.emit());
  const std::pair<int64_t, int> table[] = {{1, 0}, {2, 0}, {3, 1}, {4, 1}, {5, 3}, {13, 2}, {14, 3}};
  for (auto [batch, schedule] : table)
    EXPECT_THAT(running(runner, batch), ::testing::ElementsAre(schedule)) << "B = " << batch;
  // Scratch is for the panels of who packs.
  EXPECT_GT(runner.evaluate(runner.info.scratchBytes, {{"B", 2}}), 0);
  EXPECT_EQ(runner.evaluate(runner.info.scratchBytes, {{"B", 4}}), 0);
}

// As where --bind made the symbol a number: only what can run is emitted.
TEST(Schedules, GuardsOnKnownSizesFold) {
  StreamCase test{"known",
                  "",
                  "%x: tensor<5x40xf32>, %w: tensor<40x70xf32>",
                  R"(%y = dlc.contract %x, %w reduce [1] x [0]
                         : (tensor<5x40xf32>, tensor<40x70xf32>) -> tensor<5x70xf32>
                     dlc.yield %y : tensor<5x70xf32>)"};
  test.tolerance = 1e-5;
  test.specials = false;
  test.schedules = "#dlc.when<1 in [2, 3], #dlc.gemv<tile = [1, 16]>>, "
                   "#dlc.when<5 in [2, 9], #dlc.gemm<tile = [3, 16], row_tiles = 1>>, "
                   "#dlc.gemm<tile = [2, 16], row_tiles = 1>";
  StreamRunner runner(test);
  runner.check();
  ASSERT_EQ(runner.info.phases.size(), 1u);
  EXPECT_EQ(runner.info.phases[0].function, "k.s1.p0");
}

// What the first diagnostic says when |schedules| are emitted for |cpu|.
std::string refusal(const char *schedules, const char *cpu) {
  StreamCase test = scheduled("refused", kDense, kDenseBody, schedules);
  StreamRunner runner(test, cpu);
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&runner.context, [&](mlir::Diagnostic &diagnostic) {
    message = message.empty() ? diagnostic.str() : message;
    return mlir::success();
  });
  auto func = *runner.source->getOps<dlc::ir::KernelFuncOp>().begin();
  if (!*schedules)
    func.removeSchedulesAttr();
  EXPECT_TRUE(mlir::failed(emitKernel(*runner.code, func, "k", {}, runner.target)));
  return message;
}

// Emitters choose nothing: what they cannot obey they refuse, also past the pass that would.
TEST(Schedules, EmittersRefuseWhatTheyCannotObey) {
  EXPECT_THAT(refusal("#dlc.gemm<tile = [6, 64], row_tiles = 1>", "x86-64-v3"),
              ::testing::HasSubstr("needs more than the 16 vector registers of x86-64-v3"));
  EXPECT_THAT(refusal("#dlc.gemm<tile = [6, 16], row_tiles = 1, b = panels>", "x86-64-v3"),
              ::testing::HasSubstr("B is not stored in panels"));
  EXPECT_THAT(refusal("#dlc.pack", "x86-64-v3"),
              ::testing::HasSubstr("a contraction takes #dlc.gemm or #dlc.gemv, not #dlc.pack"));
  EXPECT_THAT(refusal("", "x86-64-v3"), ::testing::HasSubstr("has no schedules"));
}

} // namespace
