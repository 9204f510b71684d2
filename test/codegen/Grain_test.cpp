// From how many tiles on other threads take part: by the estimated cost, as numbers and as
// expressions over a symbolic batch.
#include "codegen/cpu/choose/Grain.h"
#include "ir/symbols/SizeExpr.h"
#include "test/codegen/KernelRunner.h"

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;
using namespace dlc::ir;

namespace {

class Grain : public ::testing::Test {
protected:
  Grain() { context.loadDialect<DlcDialect>(); }
  SizeAttr size(int64_t value) { return sizeConstant(&context, value); }
  mlir::MLIRContext context;
};

TEST_F(Grain, followsTheCostOfATile) {
  struct {
    int64_t tiles, cost, grain; // cost in picoseconds, of all tiles
  } rows[] = {
      {8, 160'000'000, 0}, // 20 us each: every tile is worth a fork
      {8, 16'000'000, 0},  // just less than 2 us each, rounded down
      {8, 8'000'000, 1},   // 1 us each
      {8, 800'000, 19},    // 0.1 us each: the caller runs fewer than 38 alone
      {4, 0, 8'000'000},   // nothing to do
  };
  for (const auto &row : rows)
    EXPECT_EQ(chooseGrain(size(row.tiles), size(row.cost)), size(row.grain)) << row.cost;
}

// A phase of ceil(B / 96) tiles of a dense layer: its grain depends on the tile alone, but for the
// last one.
TEST_F(Grain, isAnExpressionOverSymbols) {
  SizeAttr batch = sizeSymbol(&context, "B");
  SizeAttr tiles = sizeCeilDiv(batch, size(96));
  SizeAttr grain = chooseGrain(tiles, multiplyCost(sizeMul(batch, 2 * 64 * 10), targetNamed("x86-64-v4")));
  for (int64_t b : {96, 960, 96000}) {
    std::optional<int64_t> value =
        sizeEvaluate(grain, [&](llvm::StringRef) { return std::optional<int64_t>(b); });
    ASSERT_TRUE(value);
    EXPECT_EQ(*value, 3) << "a tile takes .6 microseconds; B = " << b;
  }
}

} // namespace
