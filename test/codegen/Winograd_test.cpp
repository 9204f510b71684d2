// Convolutions by minimal filtering: what is chosen for them, what is refused, and that they are no
// less exact than the direct form.
#include "codegen/cpu/choose/Conv.h"
#include "codegen/cpu/choose/Winograd.h"
#include "codegen/cpu/emit/Contraction.h"
#include "test/codegen/KernelRunner.h"
#include <cmath>
#include <random>

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;
using mlir::Value;

namespace {

TEST(ChooseWinograd, Tiles) {
  struct {
    const char *cpu;
    int64_t channels, filters;
    int64_t rows, vectors, pixelTiles, channelBlock;
  } const table[] = {{"x86-64-v4", 64, 64, 6, 4, 12, 64},
                     {"x86-64-v4", 256, 256, 6, 4, 12, 256},
                     {"x86-64-v4", 512, 512, 6, 4, 18, 256}};
  for (const auto &row : table) {
    WinogradSchedule chosen =
        chooseWinograd({row.channels, row.filters}, targetNamed(row.cpu));
    EXPECT_EQ(chosen.rows, row.rows) << row.channels;
    EXPECT_EQ(chosen.vectors, row.vectors) << row.channels;
    EXPECT_EQ(chosen.pixelTiles, row.pixelTiles) << row.channels;
    EXPECT_EQ(chosen.channelBlock, row.channelBlock) << row.channels;
  }
}

// What is chosen is accepted, on every kind of machine.
TEST(ChooseWinograd, IsAccepted) {
  mlir::MLIRContext context;
  context.loadDialect<dlc::ir::DlcDialect>();
  for (const char *cpu : {"x86-64-v2", "x86-64-v3", "x86-64-v4", "neon", "rv64gcv", "wasm-simd128"})
    for (int64_t channels : {1, 16, 100, 700})
      for (int64_t filters : {1, 24, 512})
        for (int64_t bits : {32, 64}) {
          CpuTarget target = targetNamed(cpu);
          WinogradLoops loops{channels, filters, kPanelWidth, bits};
          auto error = [&] { return mlir::emitError(mlir::UnknownLoc::get(&context)); };
          EXPECT_TRUE(mlir::succeeded(acceptWinograd(
              scheduleAttr(&context, chooseWinograd(loops, target), loops, target), loops, target,
              error)))
              << cpu << " " << channels << " " << filters << " " << bits;
        }
}

struct Errors {
  double direct = 0, filtered = 0; // root mean squares
};

// Both forms beside sums in double: one image of normal numbers, padded all around.
Errors errorsOf(int64_t side, int64_t channels, int64_t filters, float mean) {
  constexpr int64_t kWindow = 3;
  KernelRunner runner;
  int64_t width = kPanelWidth, count = (filters + width - 1) / width;
  WinogradSchedule winograd = chooseWinograd({channels, filters}, runner.target);
  auto direct = [&](KernelBuilder &k) {
    ConvShape shape;
    shape.batch = 1;
    for (int d = 0; d < 2; ++d)
      shape.dims.push_back({side, side, kWindow, 1, 1, 1});
    shape.channels = channels, shape.filters = filters;
    shape.input = shape.accumulator = k.f32();
    return shape;
  };
  auto storeTo = [](Value result) {
    return [result](KernelBuilder &k, const Fragment &fragment) {
      storeFragment(k, fragment, result, k.f32());
    };
  };
  emitPhase(runner.module, runner.loc(), runner.target, {"direct", 3, 0, {}},
            [&](KernelBuilder &k, const PhaseArguments &phase) {
              emitConvForward(k, phase, direct(k), phase.pointers[0], phase.pointers[1], {},
                              storeTo(phase.pointers[2]), EpilogueMode::Inline);
            });
  emitPhase(runner.module, runner.loc(), runner.target, {"transform", 2, 0, {}},
            [&](KernelBuilder &k, const PhaseArguments &phase) {
              emitWinogradFilter(k, phase, channels, filters, width, k.f32(), phase.pointers[0],
                                 storeTo(phase.pointers[1]), EpilogueMode::Inline);
            });
  emitPhase(runner.module, runner.loc(), runner.target, {"winograd", 3, 0, {}},
            [&](KernelBuilder &k, const PhaseArguments &phase) {
              WinogradShape shape{1, side, side, side, side, 1, 1, channels, filters, width, k.f32()};
              emitWinogradConv(k, phase, shape, phase.pointers[0], phase.pointers[1], winograd,
                               storeTo(phase.pointers[2]), EpilogueMode::Inline);
            });
  runner.load();

  Buffer<float> x(side * side * channels), filter(9 * channels * filters),
      panels(16 * count * channels * width), first(side * side * filters),
      second(side * side * filters);
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = normal(random) + mean;
  for (size_t i = 0; i < filter.size(); ++i)
    filter[i] = normal(random);
  auto ceilDiv = [](int64_t a, int64_t b) { return (a + b - 1) / b; };
  ConvSchedule schedule;
  void *one[] = {&x[0], &filter[0], &first[0]};
  ContractionGrid grid = convGrid(schedule, mlir::Float32Type::get(&runner.context), runner.target);
  runner.find("direct")(one, nullptr, 0,
                        ceilDiv(side * side, grid.rowBlock) * ceilDiv(filters, grid.columnBlock));
  void *two[] = {&filter[0], &panels[0]};
  runner.find("transform")(two, nullptr, 0, count * ceilDiv(channels, kFilterRows));
  void *three[] = {&x[0], &panels[0], &second[0]};
  int64_t tiles = ceilDiv(side, 2) * ceilDiv(side, 2);
  runner.find("winograd")(three, nullptr, 0,
                          ceilDiv(tiles, winograd.pixelTiles) *
                              ceilDiv(filters, winograd.vectors * runner.target.lanes(32)));
  Errors errors;
  for (int64_t row = 0; row < side; ++row)
    for (int64_t column = 0; column < side; ++column)
      for (int64_t o = 0; o < filters; ++o) {
        double sum = 0;
        for (int64_t tap = 0; tap < 9; ++tap) {
          int64_t i = row + tap / 3 - 1, j = column + tap % 3 - 1;
          if (i < 0 || j < 0 || i >= side || j >= side)
            continue;
          for (int64_t c = 0; c < channels; ++c)
            sum += double(x[(i * side + j) * channels + c]) *
                   filter[(tap * channels + c) * filters + o];
        }
        size_t at = size_t((row * side + column) * filters + o);
        errors.direct += std::pow(first[at] - sum, 2);
        errors.filtered += std::pow(second[at] - sum, 2);
      }
  errors.direct = std::sqrt(errors.direct / double(first.size()));
  errors.filtered = std::sqrt(errors.filtered / double(first.size()));
  return errors;
}

TEST(Winograd, IsAsExactAsTheDirectForm) {
  for (int64_t channels : {16, 64, 256})
    for (float mean : {0.f, 3.f}) {
      Errors errors = errorsOf(14, channels, 64, mean);
      EXPECT_GT(errors.filtered, 0);
      EXPECT_LE(errors.filtered, errors.direct) << channels << " channels, mean " << mean;
      std::printf("%lld channels, mean %g: error %.3g, direct %.3g\n",
                  static_cast<long long>(channels), mean, errors.filtered, errors.direct);
    }
}

} // namespace
