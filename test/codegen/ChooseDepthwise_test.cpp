// Depthwise convolutions: what the chooser is told, what it chooses.
#include "codegen/cpu/choose/Depthwise.h"
#include "test/codegen/KernelRunner.h"

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;

namespace {

TEST(ChooseDepthwise, Tiles) {
  struct {
    const char *cpu;
    ConvKind kind;
    int64_t size, channels, window, stride;
    int64_t rows, columns; // of the tile
  } const table[] = {{"x86-64-v4", ConvKind::Forward, 56, 128, 3, 1, 2, 7},
                     {"x86-64-v4", ConvKind::Forward, 14, 512, 3, 1, 14, 7}, // pixels 2 KiB apart
                     {"x86-64-v4", ConvKind::InputGrad, 14, 512, 3, 1, 14, 7},
                     {"neon", ConvKind::Forward, 14, 512, 3, 1, 3, 7},
                     {"x86-64-v4", ConvKind::Forward, 28, 512, 3, 1, 3, 7}, // and larger than L2
                     {"x86-64-v4", ConvKind::Forward, 14, 480, 3, 1, 2, 7},
                     {"x86-64-v4", ConvKind::InputGrad, 14, 512, 3, 2, 4, 8},
                     {"x86-64-v4", ConvKind::Forward, 10, 16, 3, 1, 2, 5},
                     {"x86-64-v4", ConvKind::Forward, 28, 192, 7, 1, 1, 7},
                     {"x86-64-v4", ConvKind::InputGrad, 56, 32, 3, 2, 2, 8},
                     {"x86-64-v4", ConvKind::FilterGrad, 56, 128, 3, 1, 2, 4},
                     {"x86-64-v3", ConvKind::Forward, 56, 128, 3, 1, 1, 4},
                     {"x86-64-v3", ConvKind::FilterGrad, 56, 128, 3, 1, 2, 2},
                     {"x86-64-v3", ConvKind::FilterGrad, 56, 128, 3, 2, 2, 2}};
  for (const auto &row : table) {
    DepthwiseLoops given;
    given.kind = row.kind;
    given.dims.assign(2, {row.size, row.size / row.stride, row.window, 1, row.stride, 1});
    given.channels = row.channels;
    given.partialAvailable = true;
    auto chosen = chooseDepthwise(given, targetNamed(row.cpu));
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->rows, row.rows) << row.size;
    EXPECT_EQ(chosen->columns, row.columns) << row.size;
    EXPECT_EQ(chosen->rowBlock % chosen->rows, 0);
  }
}

// Rows are stored when they have met all that they see, or loaded when they are met, so that tall
// tiles fit.
TEST(ChooseDepthwise, HoldsUnfinishedRows) {
  struct {
    ConvKind kind;
    int64_t window, stride, dilation, rows, held;
  } const table[] = {{ConvKind::Forward, 3, 1, 1, 14, 3},   {ConvKind::Forward, 3, 1, 1, 2, 2},
                     {ConvKind::Forward, 3, 2, 1, 14, 2},   {ConvKind::Forward, 3, 1, 2, 14, 5},
                     {ConvKind::InputGrad, 3, 1, 1, 14, 3}, {ConvKind::InputGrad, 3, 2, 1, 14, 4},
                     {ConvKind::FilterGrad, 3, 1, 1, 4, 3}};
  for (const auto &row : table) {
    DepthwiseLoops given;
    given.kind = row.kind;
    given.dims.assign(2, {14, 14, row.window, 1, row.stride, row.dilation});
    EXPECT_EQ(heldRows(given, row.rows), row.held) << row.window << " " << row.stride;
  }
}

TEST(ChooseDepthwise, WhereTheSumsWait) {
  CpuTarget target = targetNamed("x86-64-v4");
  DepthwiseLoops given;
  given.kind = ConvKind::FilterGrad;
  given.channels = 480;
  given.partialAvailable = true;
  given.dims.assign(2, {14, 14, 3, 1, 1, 1});
  EXPECT_EQ(chooseDepthwise(given, target)->rowTurn, 0); // an image's channels fit in L1
  given.dims.assign(2, {56, 56, 3, 1, 1, 1});
  EXPECT_GT(chooseDepthwise(given, target)->rowTurn, 0);
  given.partialAvailable = false;
  EXPECT_EQ(chooseDepthwise(given, target)->rowTurn, 0);
}

// A filter gradient of pixels that meet in L1: high tiles read a line seldom; where they would be
// torn (unknown heights) or images shrink, channels take turns.
TEST(ChooseDepthwise, ReadsLinesSeldomWherePixelsMeet) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    std::optional<int64_t> size;
    int64_t channels, stride, rows, columns, rowTurn;
  } const table[] = {{14, 512, 1, 14, 4, 0}, {14, 480, 1, 2, 4, 0},   {7, 1024, 1, 7, 4, 0},
                     {56, 256, 1, 14, 4, 0}, {19, 1024, 1, 10, 4, 0}, {28, 512, 2, 5, 4, 5},
                     {std::nullopt, 512, 1, 5, 4, 5}};
  for (const auto &row : table) {
    DepthwiseLoops given;
    given.kind = ConvKind::FilterGrad;
    std::optional<int64_t> out = row.size ? std::optional(*row.size / row.stride) : std::nullopt;
    given.dims.assign(2, {row.size, out, 3, 1, row.stride, 1});
    given.channels = row.channels;
    given.partialAvailable = true;
    auto chosen = chooseDepthwise(given, target);
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->rows, row.rows) << row.channels;
    EXPECT_EQ(chosen->columns, row.columns) << row.channels;
    EXPECT_EQ(chosen->rowTurn, row.rowTurn) << row.channels;
    EXPECT_EQ(chosen->rowBlock % chosen->rows, 0);
    auto few = chooseDepthwise(given, targetNamed("x86-64-v3"));
    EXPECT_EQ(few->rowTurn, row.channels == 480 ? 0 : 2);
  }
}

TEST(ChooseDepthwise, DeclinesWhatIsNoStencil) {
  CpuTarget target = targetNamed("x86-64-v4");
  DepthwiseLoops given;
  given.channels = 16;
  EXPECT_FALSE(chooseDepthwise(given, target));
  given.dims.assign(3, {9, 9, 3, 1, 1, 1});
  EXPECT_FALSE(chooseDepthwise(given, target)); // three dimensions
  given.dims.assign(2, {9, 9, 8, 1, 1, 1});
  EXPECT_FALSE(chooseDepthwise(given, target)); // 64 taps
  given.dims.assign(2, {std::nullopt, std::nullopt, 3, 1, 2, 1});
  EXPECT_TRUE(chooseDepthwise(given, target));
  given.kind = ConvKind::InputGrad;
  EXPECT_FALSE(chooseDepthwise(given, target)); // strided, of unknown size
}

} // namespace
