// The choosers as tables: what they are told, what they choose.
#include "codegen/cpu/choose/Contraction.h"
#include "codegen/cpu/choose/Conv.h"
#include "test/codegen/KernelRunner.h"

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;

namespace {

constexpr auto kDirect = OperandForm::Direct;
constexpr auto kPanels = OperandForm::Panels;
constexpr auto kPack = OperandForm::Pack;

ContractionLoops loops(std::optional<int64_t> m, std::optional<int64_t> n,
                       std::optional<int64_t> k) {
  ContractionLoops loops;
  loops.m = m;
  loops.n = n;
  loops.k = k;
  return loops;
}

TEST(ChooseContraction, FitsTheRegisters) {
  struct {
    const char *cpu;
    int64_t rows, vectors;
  } const table[] = {{"x86-64-v2", 4, 2}, {"x86-64-v3", 6, 2}, {"x86-64-v4", 6, 4}, {"neon", 7, 3}};
  for (const auto &row : table) {
    CpuTarget target = targetNamed(row.cpu);
    ContractionSchedule chosen = chooseContraction(loops(100, 512, 64), target).back().schedule;
    EXPECT_EQ(chosen.rows, row.rows) << row.cpu;
    EXPECT_EQ(chosen.vectors, row.vectors) << row.cpu;
    EXPECT_LT(chosen.rows * chosen.vectors + chosen.vectors, target.vectorRegisters) << row.cpu;
  }
}

TEST(ChooseContraction, NarrowsToTheColumns) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    int64_t n, rows, vectors;
  } const table[] = {{1, 8, 1},  {10, 8, 1}, {16, 8, 1},  {17, 8, 2},
                     {48, 8, 3}, {64, 6, 4}, {1000, 6, 4}};
  for (const auto &row : table) {
    ContractionSchedule chosen = chooseContraction(loops(100, row.n, 64), target).back().schedule;
    EXPECT_EQ(chosen.rows, row.rows) << row.n;
    EXPECT_EQ(chosen.vectors, row.vectors) << row.n;
  }
}

// A low tile leaves room in the processor for the next one, where the registers of both are many.
TEST(ChooseContraction, LowTilesOfShortReductions) {
  struct {
    const char *cpu;
    int64_t n, k, rows;
  } const table[] = {{"x86-64-v4", 512, 4, 4},  {"x86-64-v4", 512, 40, 4}, {"x86-64-v4", 512, 41, 6},
                     {"x86-64-v4", 48, 10, 8},  {"x86-64-v3", 512, 10, 6}, {"neon", 512, 10, 7}};
  for (const auto &row : table) {
    auto chosen = chooseContraction(loops(120, row.n, row.k), targetNamed(row.cpu));
    EXPECT_EQ(chosen.back().schedule.rows, row.rows) << row.cpu << " " << row.n << " " << row.k;
  }
}

// With lanes along what is summed: as many rows as fit, columns in parts where they leave no room
// for two; only where lanes along the columns would be empty, and rows enough to turn B around for.
TEST(ChooseContraction, LanesAlongTheReduction) {
  struct {
    const char *cpu;
    int64_t m, n, k, rows, columns; // 0: lanes along the columns
  } const table[] = {
      {"x86-64-v4", 128, 10, 512, 2, 10}, {"x86-64-v4", 128, 1, 512, 8, 1},
      {"x86-64-v4", 128, 3, 512, 8, 3},   {"x86-64-v4", 128, 12, 512, 4, 6},
      {"x86-64-v4", 128, 17, 512, 2, 9},  {"x86-64-v4", 128, 16, 512, 0, 0},
      {"x86-64-v4", 128, 8, 512, 0, 0},   {"x86-64-v4", 128, 20, 512, 0, 0},
      {"x86-64-v4", 128, 10, 40, 0, 0},   {"x86-64-v4", 4, 10, 512, 0, 0},
      {"x86-64-v4", 128, 10, 8192, 0, 0}, {"x86-64-v3", 128, 10, 512, 2, 5},
      {"x86-64-v3", 128, 8, 512, 0, 0},   {"neon", 128, 3, 512, 8, 3}};
  for (const auto &row : table) {
    ContractionLoops dense = loops(row.m, row.n, row.k);
    dense.batch = 1;
    dense.aReduceInside = true;
    auto chosen = chooseContraction(dense, targetNamed(row.cpu));
    ASSERT_EQ(chosen.size(), 1u) << row.cpu << " " << row.n;
    const ContractionSchedule &schedule = chosen[0].schedule;
    EXPECT_EQ(schedule.lanes == TileLanes::Reduction, row.rows > 0) << row.cpu << " " << row.n;
    if (row.rows == 0)
      continue;
    EXPECT_EQ(schedule.rows, row.rows) << row.cpu << " " << row.n;
    EXPECT_EQ(schedule.columns, row.columns) << row.cpu << " " << row.n;
    EXPECT_EQ(schedule.b, kPack) << row.cpu << " " << row.n;
  }
}

// Nothing to turn around: one row is enough, and a reduction of any length.
TEST(ChooseContraction, ReadsColumnsThatLieAlongTheReduction) {
  CpuTarget target = targetNamed("x86-64-v4");
  ContractionLoops dense = loops(std::nullopt, 10, std::nullopt);
  dense.batch = 1;
  dense.aReduceInside = dense.bReduceInside = true;
  dense.leastM = 1;
  auto chosen = chooseContraction(dense, target);
  ASSERT_EQ(chosen.size(), 1u);
  EXPECT_EQ(chosen[0].schedule.lanes, TileLanes::Reduction);
  EXPECT_EQ(chosen[0].schedule.b, kDirect);
  // Few rows of a symbolic batch are left to lanes along the columns while B must be turned.
  dense.bReduceInside = false;
  dense.k = 512;
  chosen = chooseContraction(dense, target);
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_GT(chosen[0].maxM.value_or(0), 4);
  EXPECT_LT(chosen[0].maxM.value_or(0), 32);
  EXPECT_EQ(chosen[0].schedule.lanes, TileLanes::Columns);
  EXPECT_EQ(chosen[1].schedule.lanes, TileLanes::Reduction);
}

// A weight gradient, with few registers; nothing that is small, and nothing whose sums cannot wait.
TEST(ChooseContraction, CopiesBlocksOfBothOperands) {
  struct {
    const char *cpu;
    int64_t m, n;
    std::optional<int64_t> k;
    bool copies;
  } const table[] = {{"x86-64-v3", 768, 768, 512, true}, {"x86-64-v3", 768, 768, std::nullopt, true},
                     {"x86-64-v3", 60, 768, 512, false}, {"x86-64-v3", 768, 60, 512, false},
                     {"x86-64-v2", 768, 768, 512, false}, {"x86-64-v4", 768, 768, 512, false},
                     {"neon", 768, 768, 512, false},
                     // What few steps read stays in L1 where it lies, unless its lines meet there.
                     {"x86-64-v3", 100, 100, 100, false}, {"x86-64-v3", 127, 129, 65, false},
                     {"x86-64-v3", 300, 300, 32, false}, {"x86-64-v3", 512, 512, 64, true},
                     {"x86-64-v3", 768, 3072, 32, true}, {"x86-64-v3", 300, 300, 250, true}};
  for (const auto &row : table) {
    CpuTarget target = targetNamed(row.cpu);
    ContractionLoops weight = loops(row.m, row.n, row.k);
    weight.batch = 1;
    weight.aRowsInside = weight.partialAvailable = true;
    ContractionSchedule chosen = chooseContraction(weight, target).back().schedule;
    EXPECT_EQ(chosen.a == kPack, row.copies) << row.cpu << " " << row.m << " x " << row.n;
    if (!row.copies)
      continue;
    EXPECT_EQ(chosen.b, kPack);
    EXPECT_LE(copiedBlockBytes(chosen, weight, target), kCopiedRowBytes);
    weight.partialAvailable = false;
    EXPECT_EQ(chooseContraction(weight, target).back().schedule.a, kDirect);
  }
}

TEST(ChooseContraction, GuardsFewRowsOfASymbolicBatch) {
  CpuTarget target = targetNamed("x86-64-v4");
  ContractionLoops dense = loops(std::nullopt, 512, 784);
  dense.partialAvailable = true;
  auto chosen = chooseContraction(dense, target);
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_EQ(chosen[0].maxM, 1);
  EXPECT_EQ(chosen[0].schedule.rows, 1);
  EXPECT_EQ(chosen[0].schedule.vectors, 8);
  EXPECT_EQ(chosen[1].maxM, std::nullopt);
  EXPECT_EQ(chooseContraction(loops(128, 512, 784), target).size(), 1u);
  EXPECT_EQ(chooseContraction(loops(1, 512, 784), target)[0].schedule.vectors, 8);
}

// A guard is code a second time: only where there may be one row, and where that gains.
TEST(ChooseContraction, GuardsOnlyWhereItPays) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    const char *what;
    int64_t leastM, n;
    bool rowMajor, partial;
    std::vector<OperandForm> forms; // of the schedules, in order
  } const table[] = {{"in blocks", 1, 512, true, true, {kDirect, kDirect}},
                     {"packed for many rows", 0, 512, true, false, {kDirect, kPack}},
                     {"packed for all", 0, 512, false, true, {kPack}},
                     {"never one", 2, 512, true, true, {kDirect}},
                     {"no wider than a tile", 0, 64, true, true, {kDirect}}};
  for (const auto &row : table) {
    ContractionLoops given = loops(std::nullopt, row.n, 784);
    given.leastM = row.leastM;
    given.bRowMajor = row.rowMajor;
    given.partialAvailable = row.partial;
    std::vector<OperandForm> forms;
    for (const GuardedContraction &choice : chooseContraction(given, target)) {
      forms.push_back(choice.schedule.b);
      EXPECT_EQ(choice.flat, choice.maxM.has_value()) << row.what;
    }
    EXPECT_EQ(forms, row.forms) << row.what;
  }
}

TEST(ChooseContraction, KeepsThreadsToColumnsWhileAIsSmall) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    std::optional<int64_t> m, n, k;
    GridOrder split;
  } const table[] = {{128, 512, 512, GridOrder::Columns},       // A has 256 KB
                     {128, 512, 784, GridOrder::BySize},        // a phase packs B
                     {4096, 512, 784, GridOrder::Rows},         // 12 MB
                     {128, 192, 784, GridOrder::Rows},          // three blocks of columns
                     {std::nullopt, 192, 784, GridOrder::Rows}, // whatever the rows
                     {std::nullopt, 512, 784, GridOrder::BySize},
                     {128, std::nullopt, 784, GridOrder::BySize},
                     {1, 512, 784, GridOrder::Columns}}; // one row has no blocks of rows
  for (const auto &row : table)
    EXPECT_EQ(chooseContraction(loops(row.m, row.n, row.k), target).back().schedule.split,
              row.split)
        << row.m.value_or(0) << "x" << row.k.value_or(0) << "x" << row.n.value_or(0);
}

TEST(ChooseContraction, FormOfB) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    std::optional<int64_t> n, k;
    bool panels, rowMajor, partial;
    OperandForm form;
    int64_t block;
  } const table[] = {{512, 784, true, true, true, kPanels, 0},   // a variable in panels
                     {512, 784, false, false, true, kPack, 400}, // transposed, in two blocks
                     {512, 768, false, false, false, kPack, 0},  // transposed, at once
                     {512, std::nullopt, false, false, true, kPack, 768},
                     {512, 300, false, true, false, kDirect, 0},  // few rows of B
                     {512, 784, false, true, true, kDirect, 512}, // blocked into the result
                     {512, 784, false, true, false, kPack, 0},    // nowhere to keep unfinished sums
                     {10, 784, false, true, false, kDirect, 0},   // one panel wide
                     {std::nullopt, std::nullopt, false, true, false, kPack, 0}};
  for (const auto &row : table) {
    ContractionLoops given = loops(128, row.n, row.k);
    given.bPanels = row.panels;
    given.bRowMajor = row.rowMajor;
    given.partialAvailable = row.partial;
    ContractionSchedule chosen = chooseContraction(given, target).back().schedule;
    EXPECT_EQ(chosen.b, row.form);
    EXPECT_EQ(chosen.reduceBlock, row.block);
  }
}

// Columns are packed by the thread that reads them where that pays.
TEST(ChooseContraction, PacksColumnsWhereTheyAreRead) {
  CpuTarget pairs = targetNamed("znver4");
  struct {
    const char *what;
    std::optional<int64_t> m, n, k;
    bool bf16, rowMajor, partial;
    bool packs;
    int64_t block;
  } const table[] = {
      {"transposed", std::nullopt, 512, 512, false, false, false, true, 0},
      {"too long, no place for sums", std::nullopt, 512, 4096, false, false, false, false, 0},
      {"too few columns for threads", std::nullopt, 192, 512, false, false, false, false, 0},
      {"pairs", std::nullopt, 768, 768, true, true, false, true, 0},
      {"pairs, long", std::nullopt, 768, 4096, true, true, true, true, 1376},
      {"pairs in blocks that fill the place", std::nullopt, 768, 3072, true, true, true, true,
       1536},
      {"pairs for few rows", 8, 768, 768, true, true, false, false, 0},
      {"pairs, long, sums on the stack", std::nullopt, 768, 4096, true, true, false, true, 1376},
      {"pairs of a long batch", 768, 768, std::nullopt, true, true, false, true, 1024},
      {"a long batch", 768, 768, std::nullopt, false, true, true, true, 768},
      {"a long batch for few rows", 100, 768, std::nullopt, false, true, true, false, 512}};
  for (const auto &row : table) {
    ContractionLoops given = loops(row.m, row.n, row.k);
    given.batch = 1;
    given.bf16 = row.bf16;
    given.inputBits = row.bf16 ? 16 : 32;
    given.bRowMajor = row.rowMajor;
    given.partialAvailable = row.partial;
    ContractionSchedule chosen = chooseContraction(given, pairs).back().schedule;
    EXPECT_EQ(chosen.packsBlocks(), row.packs) << row.what;
    EXPECT_EQ(chosen.reduceBlock, row.block) << row.what;
    if (row.packs) {
      EXPECT_LE(packedBlockBytes(chosen, given, pairs), kPackedBlock) << row.what;
    }
  }
}

// Rows of a large result that takes few steps are written one after the other.
TEST(ChooseContraction, StoresOuterProductsByRows) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    const char *what;
    int64_t m, n;
    std::optional<int64_t> k;
    int64_t leastK;
    std::vector<int64_t> rows; // of the schedules, in order
  } const table[] = {{"one step", 1024, 1024, 1, 0, {1}},
                     {"many", 1024, 1024, 48, 0, {6}},
                     {"maybe one", 784, 512, std::nullopt, 1, {1, 6}},
                     {"at least two", 784, 512, std::nullopt, 2, {6}},
                     {"small", 512, 10, std::nullopt, 1, {8}}};
  for (const auto &row : table) {
    ContractionLoops given = loops(row.m, row.n, row.k);
    given.leastK = row.leastK;
    std::vector<int64_t> rows;
    for (const GuardedContraction &choice : chooseContraction(given, target)) {
      rows.push_back(choice.schedule.rows);
      EXPECT_EQ(choice.maxK.has_value(), row.rows.size() == 2 && rows.size() == 1) << row.what;
    }
    EXPECT_EQ(rows, row.rows) << row.what;
  }
}

// A reduction so long that its columns fit no L2: packed before, for every block of rows. Where a
// line of A has elements of several row tiles, and many columns, steps are taken in blocks.
TEST(ChooseContraction, LongReductions) {
  struct {
    const char *what;
    int64_t m, n;
    std::optional<int64_t> k;
    bool aRowsInside, inBlocks, before;
  } const table[] = {{"rows of A one after the other", 768, 768, 4096, false, false, true},
                     {"a weight gradient", 768, 768, 4096, true, true, false},
                     {"of a batch that is not known", 768, 768, std::nullopt, true, true, false},
                     {"of few columns", 768, 128, 4096, true, false, true},
                     {"whose rows stay in L2", 768, 768, 512, true, false, false},
                     {"of few rows", 128, 768, 4096, true, false, false}};
  for (const auto &row : table) {
    ContractionLoops given = loops(row.m, row.n, row.k);
    given.partialAvailable = true;
    given.aRowsInside = row.aRowsInside;
    ContractionSchedule chosen =
        chooseContraction(given, targetNamed("x86-64-v4")).back().schedule;
    bool alongRows = chosen.split == GridOrder::Rows && chosen.reduceBlock > 0;
    EXPECT_EQ(alongRows && chosen.packsBlocks(), row.inBlocks) << row.what;
    EXPECT_EQ(chosen.b == kPack && !chosen.packsBlocks(), row.before) << row.what;
  }
}

// An A from beyond L2 that each of many narrow tiles of columns would read again.
TEST(ChooseContraction, KeepsRowsOfAFarA) {
  struct {
    const char *what, *cpu;
    int64_t m, k;
    bool partial, keeps;
    int64_t block;
  } const table[] = {{"in blocks of steps", "x86-64-v3", 4096, 768, true, true, 384},
                     {"of parts that are equal", "x86-64-v3", 4096, 800, true, true, 272},
                     {"without room for sums", "x86-64-v3", 4096, 768, false, true, 0},
                     {"of few rows", "x86-64-v3", 512, 768, true, false, 0},
                     {"wide tiles", "x86-64-v4", 4096, 768, true, false, 0}};
  for (const auto &row : table) {
    ContractionLoops given = loops(row.m, 768, row.k);
    given.batch = 1;
    given.aReduceInside = true;
    given.partialAvailable = row.partial;
    ContractionSchedule chosen = chooseContraction(given, targetNamed(row.cpu)).back().schedule;
    EXPECT_EQ(chosen.split == GridOrder::Rows, row.keeps) << row.what;
    EXPECT_EQ(chosen.reduceBlock, row.block) << row.what;
    if (row.keeps) {
      EXPECT_EQ(chosen.b, kPack) << row.what;
    }
  }
}

// Panels as wide as a tile are read where they lie; of wider ones a tile reads one line of several,
// and so it does of rows, which many rows of A pay for copying.
TEST(ChooseContraction, ReadsNarrowPanelsInPlace) {
  struct {
    const char *what;
    std::optional<int64_t> m;
    int64_t k;
    bool panels;
    int64_t width;
    OperandForm many;
    size_t lists;
  } const table[] = {{"narrow panels", 512, 768, true, 16, kPanels, 1},
                     {"of any number of rows", std::nullopt, 768, true, 16, kPanels, 2},
                     {"a far A", 4096, 768, true, 16, kPanels, 1},
                     {"wide panels", 512, 768, true, 64, kPack, 1},
                     {"of any number of rows, too", std::nullopt, 768, true, 64, kPack, 3},
                     {"rows", 128, 512, false, 16, kPack, 1},
                     {"few rows", 32, 512, false, 16, kDirect, 1},
                     {"any number", std::nullopt, 512, false, 16, kPack, 3}};
  for (const auto &row : table) {
    ContractionLoops given = loops(row.m, 768, row.k);
    given.batch = 1;
    given.aReduceInside = given.oneReduction = given.partialAvailable = given.bRowMajor = true;
    given.bPanels = row.panels;
    given.panelWidth = row.width;
    auto chosen = chooseContraction(given, targetNamed("x86-64-v3"));
    EXPECT_EQ(chosen.back().schedule.b, row.many) << row.what;
    EXPECT_EQ(chosen.size(), row.lists) << row.what;
    if (row.lists == 3)
      EXPECT_NE(chosen[1].schedule.b, kPack) << row.what;
  }
}

// Of a weight gradient, whose rows lie side by side in A.
TEST(ChooseContraction, LanesAlongTheRowsOfFewColumns) {
  struct {
    const char *cpu;
    int64_t m, n, k;
    int64_t rows, columns; // 0 columns: lanes along those
  } const table[] = {{"x86-64-v4", 512, 10, 128, 32, 10}, {"x86-64-v4", 512, 1, 128, 96, 1},
                     {"x86-64-v4", 40, 1, 128, 32, 1},    {"x86-64-v4", 512, 20, 128, 16, 20},
                     {"x86-64-v4", 512, 16, 128, 8, 0},   {"x86-64-v4", 512, 30, 128, 8, 0},
                     {"x86-64-v4", 10, 10, 128, 8, 0},    {"x86-64-v4", 512, 10, 8, 8, 0},
                     {"x86-64-v3", 512, 10, 128, 8, 10}};
  for (const auto &row : table) {
    ContractionLoops given = loops(row.m, row.n, row.k);
    given.batch = 1;
    given.aRowsInside = true;
    ContractionSchedule chosen = chooseContraction(given, targetNamed(row.cpu)).back().schedule;
    EXPECT_EQ(chosen.rows, row.rows) << row.m << " x " << row.n;
    EXPECT_EQ(chosen.columns, row.columns) << row.m << " x " << row.n;
    given.aRowsInside = false;
    EXPECT_EQ(chooseContraction(given, targetNamed(row.cpu)).back().schedule.columns, 0);
  }
}

// Few rows of B, so far apart that they meet in L1; many rows of A read them.
TEST(ChooseContraction, PacksColumnsThatCollide) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    int64_t m, n, k;
    OperandForm form;
  } const table[] = {{768, 3072, 32, kPack},
                     {768, 3000, 32, kDirect},
                     {64, 3072, 32, kDirect},
                     {768, 3072, 8, kDirect},
                     {768, 3072, 128, kDirect}};
  for (const auto &row : table) {
    ContractionLoops given = loops(row.m, row.n, row.k);
    given.batch = 1;
    given.partialAvailable = true;
    EXPECT_EQ(chooseContraction(given, target).back().schedule.b, row.form)
        << row.n << " " << row.k;
  }
}

TEST(ChooseConv, FilterForms) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    ConvKind kind;
    int64_t channels, filters;
    bool depthwise, panels;
    OperandForm form;
  } const table[] = {{ConvKind::Forward, 64, 64, false, false, kDirect},
                     {ConvKind::Forward, 64, 128, false, false, kPack},
                     {ConvKind::Forward, 64, 128, false, true, kPanels},
                     {ConvKind::InputGrad, 64, 64, false, false, kPack},
                     {ConvKind::InputGrad, 1, 1, true, false, kDirect}};
  for (const auto &row : table) {
    ConvLoops given;
    given.kind = row.kind;
    given.channels = row.channels;
    given.filters = row.filters;
    given.depthwise = row.depthwise;
    given.filterPanels = row.panels;
    EXPECT_EQ(chooseConv(given, target).filter, row.form);
  }
}

// A 3x3 window on square images.
TEST(ChooseConv, LinesWhereTheirTilesCostLess) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    const char *what;
    int64_t pixels, padding, channels, filters;
    TilePixels form;
    int64_t rows, vectors;
  } const table[] = {
      {"a line that 6 nearly divides", 56, 1, 64, 64, TilePixels::Lines, 6, 4},
      {"columns of 48 read less of the filter", 7, 1, 512, 512, TilePixels::Lines, 7, 3},
      {"two vectors, tall tiles", 28, 1, 32, 32, TilePixels::Lines, 14, 2},
      {"few steps, low tiles", 28, 1, 1, 32, TilePixels::Lines, 4, 2},
      {"few steps, all columns", 28, 1, 1, 64, TilePixels::Lines, 4, 4},
      {"steps enough", 28, 1, 3, 64, TilePixels::Lines, 6, 4},
      {"a middle tap alone", 1, 1, 64, 64, TilePixels::Lines, 1, 4},
      {"nothing to leave out, and lines that fill no tile", 7, 0, 64, 64, TilePixels::Flat, 6, 4}};
  for (const auto &row : table) {
    ConvLoops given;
    given.kind = ConvKind::Forward;
    given.channels = row.channels;
    given.filters = row.filters;
    given.taps = 9;
    given.innerWindow = 3;
    given.line = LineTaps{row.pixels, 3, 1, -row.padding, 1, row.pixels + 2 - 2 * row.padding};
    ConvSchedule chosen = chooseConv(given, target);
    EXPECT_EQ(chosen.pixels, row.form) << row.what;
    EXPECT_EQ(chosen.rows, row.rows) << row.what;
    EXPECT_EQ(chosen.vectors, row.vectors) << row.what;
  }
}

TEST(ChooseConv, LanesAlongTheReduction) {
  CpuTarget target = targetNamed("x86-64-v4");
  ConvLoops given;
  given.kind = ConvKind::InputGrad;
  given.channels = 3;
  given.filters = 64;
  EXPECT_EQ(chooseConv(given, target).lanes, TileLanes::Reduction);
  EXPECT_EQ(chooseConv(given, target).rows, 8);
  given.filters = 8; // would not fill a register
  EXPECT_EQ(chooseConv(given, target).lanes, TileLanes::Columns);
  given.filters = 64;
  given.kind = ConvKind::Forward;
  EXPECT_EQ(chooseConv(given, target).lanes, TileLanes::Columns);
  std::swap(given.channels, given.filters);
  given.filters = 1;
  EXPECT_EQ(chooseConv(given, target).lanes, TileLanes::Reduction);
}

TEST(ChooseConv, FilterGradientRows) {
  CpuTarget target = targetNamed("x86-64-v4");
  struct {
    std::optional<int64_t> channels, window;
    bool acrossTaps;
  } const table[] = {{1, 3, true},
                     {3, 7, true},
                     {32, 3, false},
                     {3, 15, false},
                     {std::nullopt, 3, false},
                     {1, std::nullopt, false}};
  for (const auto &row : table) {
    ConvLoops given;
    given.kind = ConvKind::FilterGrad;
    given.channels = row.channels;
    given.innerWindow = row.window;
    given.filters = 64;
    given.partialAvailable = true;
    ConvSchedule chosen = chooseConv(given, target);
    EXPECT_EQ(chosen.rowsAcrossTaps, row.acrossTaps);
    EXPECT_GT(chosen.pixelBlock, 0);
    EXPECT_EQ(chosen.parts, row.acrossTaps ? 4 : 1); // threads share pixels,
    given.pixels = 1000;
    EXPECT_EQ(chooseConv(given, target).parts, 1); // unless there are few
  }
}

// Two threads share the pieces of a gradient of bf16: nine taps are eighteen pieces.
TEST(ChooseConv, EvenPiecesOfPairs) {
  CpuTarget target = targetNamed("znver4");
  const std::pair<int64_t, int64_t> table[] = {{64, 6}, {128, 22}, {256, 43}}; // channels, row tiles
  for (auto [channels, rowTiles] : table) {
    ConvLoops given;
    given.kind = ConvKind::FilterGrad;
    given.channels = given.filters = channels;
    given.innerWindow = 3;
    given.taps = 9;
    given.linePixels = 56;
    given.filterRows = FilterRows{56, 56, 56, 56, 1, 3};
    given.bf16 = given.partialAvailable = true;
    given.inputBits = 16;
    EXPECT_EQ(chooseConv(given, target).rowTiles, rowTiles) << channels;
  }
}

// Copies of both operands, with few registers, where enough is computed with what is copied.
TEST(ChooseConv, FilterGradientOfCopiedBlocks) {
  struct {
    const char *cpu;
    int64_t size, channels, filters, window, stride;
    bool copies;
  } const table[] = {{"x86-64-v3", 56, 64, 64, 3, 1, true},  {"x86-64-v3", 7, 512, 512, 3, 1, true},
                     {"x86-64-v3", 56, 128, 128, 3, 2, true}, {"x86-64-v3", 28, 512, 128, 1, 1, true},
                     {"x86-64-v3", 28, 512, 128, 1, 2, false}, // a quarter of x is used
                     {"x86-64-v3", 28, 16, 16, 1, 1, false},   {"x86-64-v3", 2000, 64, 64, 3, 1, true},
                     {"x86-64-v3", 9000, 64, 64, 3, 1, false}, // a row of the image is too long
                     {"x86-64-v4", 56, 64, 64, 3, 1, false},   {"x86-64-v2", 56, 64, 64, 3, 1, false}};
  for (const auto &row : table) {
    CpuTarget target = targetNamed(row.cpu);
    ConvLoops given;
    given.kind = ConvKind::FilterGrad;
    given.channels = row.channels;
    given.filters = row.filters;
    given.innerWindow = row.window;
    given.taps = row.window * row.window;
    given.partialAvailable = true;
    int64_t out = row.size / row.stride;
    given.filterRows = FilterRows{row.size, out, row.size, out, row.stride, row.window};
    ConvSchedule chosen = chooseConv(given, target);
    EXPECT_EQ(chosen.copiesBlocks(), row.copies) << row.cpu << " " << row.size;
    if (!row.copies)
      continue;
    EXPECT_LE(copiedBytesOfX(chosen, given, target), kPackedBlock);
    EXPECT_LE(copiedBytesOfDy(chosen, given, target), kPackedBlock);
    given.inputBits = 16;
    EXPECT_FALSE(chooseConv(given, target).copiesBlocks());
  }
}

// As many pixels as are asked for, or the whole rows that hold fewer; images or parts of one.
TEST(ChooseConv, BlocksOfAFilterGradient) {
  struct {
    FilterRows rows;
    int64_t pixels, images, blockRows, sourceRows;
  } const table[] = {{{56, 56, 56, 56, 1, 3}, 256, 0, 4, 6},
                     {{14, 14, 14, 14, 1, 3}, 256, 1, 14, 14},
                     {{7, 7, 7, 7, 1, 3}, 256, 5, 35, 35},
                     {{57, 28, 57, 28, 2, 3}, 256, 0, 7, 15},
                     {{30, 30, 20, 20, 1, 3}, 256, 0, 10, 12}, // three parts of ten
                     {{std::nullopt, std::nullopt, 10, 10, 1, 3}, 256, 0, 25, 27},
                     {{56, 56, 56, 56, 1, 3}, 1, 0, 1, 3}};
  for (const auto &row : table) {
    FilterBlock block = filterBlock(row.rows, row.pixels);
    EXPECT_EQ(block.images, row.images);
    EXPECT_EQ(block.rows, row.blockRows);
    EXPECT_EQ(block.sourceRows, row.sourceRows);
  }
}

} // namespace
