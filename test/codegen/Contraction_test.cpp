// Contractions of every orientation against plain loops in double precision.
//
// The kernels run with all sizes known and with all sizes passed at run time; tails, guards behind
// the results and every operand form are covered. Tolerance as docs/determinism.md states it:
// |difference| <= 4 sqrt(K) eps sum |terms|.
#include "codegen/cpu/choose/Contraction.h"
#include "test/codegen/KernelRunner.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;
using mlir::Value;

namespace {

struct Case {
  std::vector<int64_t> a, b;                             // dimensions of the operands
  std::vector<int64_t> aBatch, bBatch, aReduce, bReduce; // as dlc.contract has them
  ContractionSchedule schedule;
  bool symbolic = false;
  EpilogueMode mode = EpilogueMode::Inline;
  bool bias = false; // starts the sums from a vector over the last dimension
  bool panels = false; // a schedule that packs blocks takes them from panels
  bool pairs = false;  // panels hold rows of pairs
};

int64_t volume(const std::vector<int64_t> &dims) {
  int64_t product = 1;
  for (int64_t dim : dims)
    product *= dim;
  return product;
}

bool holds(const std::vector<int64_t> &axes, int64_t axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

// Every output element visited with plain index arithmetic; nothing shared with the emitter.
struct Reference {
  std::vector<double> sums, magnitudes;
  int64_t columns = 1, terms = 1;

  template <typename T> Reference(const Case &c, T *a, T *b, const double *bias) {
    std::vector<int64_t> extents; // batch, m, n, k
    std::vector<std::pair<int64_t, int64_t>> axes;
    auto add = [&](int64_t x, int64_t y) {
      axes.push_back({x, y});
      extents.push_back(x >= 0 ? c.a[x] : c.b[y]);
    };
    for (size_t i = 0; i < c.aBatch.size(); ++i)
      add(c.aBatch[i], c.bBatch[i]);
    for (int64_t i = 0; i < int64_t(c.a.size()); ++i)
      if (!holds(c.aBatch, i) && !holds(c.aReduce, i))
        add(i, -1);
    for (int64_t i = 0; i < int64_t(c.b.size()); ++i)
      if (!holds(c.bBatch, i) && !holds(c.bReduce, i)) {
        add(-1, i);
        columns = c.b[i];
      }
    size_t outer = axes.size();
    for (size_t i = 0; i < c.aReduce.size(); ++i) {
      add(c.aReduce[i], c.bReduce[i]);
      terms *= c.a[c.aReduce[i]];
    }
    int64_t outputs = 1;
    for (size_t i = 0; i < outer; ++i)
      outputs *= extents[i];
    sums.assign(outputs, 0);
    magnitudes.assign(outputs, 0);
    for (int64_t flat = 0; flat < outputs * terms; ++flat) {
      int64_t rest = flat;
      std::vector<int64_t> x(c.a.size()), y(c.b.size());
      for (size_t i = axes.size(); i-- > 0;) {
        int64_t at = rest % extents[i];
        rest /= extents[i];
        if (axes[i].first >= 0)
          x[axes[i].first] = at;
        if (axes[i].second >= 0)
          y[axes[i].second] = at;
      }
      int64_t p = 0, q = 0;
      for (size_t i = 0; i < x.size(); ++i)
        p = p * c.a[i] + x[i];
      for (size_t i = 0; i < y.size(); ++i)
        q = q * c.b[i] + y[i];
      double term = double(a[p]) * double(b[q]);
      sums[flat / terms] += term;
      magnitudes[flat / terms] += std::abs(term);
    }
    for (int64_t i = 0; bias && i < outputs; ++i) {
      sums[i] += bias[i % columns];
      magnitudes[i] += std::abs(bias[i % columns]);
    }
  }
};

// bfloat16 by hand: the values here are exact in it, so truncation is conversion.
struct BFloat16 {
  BFloat16() = default;
  explicit BFloat16(double value) {
    float narrow = float(value);
    uint32_t word;
    std::memcpy(&word, &narrow, 4);
    bits = word >> 16;
  }
  explicit operator double() const {
    uint32_t word = uint32_t(bits) << 16;
    float wide;
    std::memcpy(&wide, &word, 4);
    return wide;
  }
  bool operator==(const BFloat16 &) const = default;
  uint16_t bits;
};

struct Types {
  mlir::Type input, accumulator;
};

Types typesOf(KernelBuilder &k, float) { return {k.f32(), k.f32()}; }
Types typesOf(KernelBuilder &k, double) { return {k.f64(), k.f64()}; }
Types typesOf(KernelBuilder &k, int32_t) { return {k.i32(), k.i32()}; }
Types typesOf(KernelBuilder &k, BFloat16) { return {k.builder().getBF16Type(), k.f32()}; }
Types typesOf(KernelBuilder &k, _Float16) { return {k.builder().getF16Type(), k.f32()}; }

int64_t ceilDiv(int64_t x, int64_t y) { return (x + y - 1) / y; }

template <typename T, typename R = T> void check(const Case &c, const char *cpu = "native") {
  KernelRunner runner(cpu);
  int64_t tiles = 0, packTiles = 0, packElements = 0;
  std::vector<int64_t> sizes(c.a);
  sizes.insert(sizes.end(), c.b.begin(), c.b.end());
  // Pointers: a, b, bias, result, panels.
  auto shapeIn = [&](KernelBuilder &k, llvm::ArrayRef<Value> values) {
    llvm::SmallVector<Size> all;
    for (size_t i = 0; i < sizes.size(); ++i)
      all.push_back(c.symbolic ? Size(values[i]) : Size(sizes[i]));
    Types types = typesOf(k, T());
    llvm::ArrayRef<Size> dims(all);
    return contractionShape(k, types.input, types.accumulator, dims.take_front(c.a.size()),
                            dims.drop_front(c.a.size()), c.aBatch, c.bBatch, c.aReduce, c.bReduce);
  };
  emitPhase(runner.module, runner.loc(), runner.target, {"pack", 5, unsigned(sizes.size()), {}},
            [&](KernelBuilder &k, const PhaseArguments &phase) {
              emitPackPanels(k, phase, shapeIn(k, phase.sizes), phase.pointers[1],
                             phase.pointers[4], c.pairs);
            });
  emitPhase(runner.module, runner.loc(), runner.target, {"multiply", 5, unsigned(sizes.size()), {}},
            [&](KernelBuilder &k, const PhaseArguments &phase) {
              ContractionShape shape = shapeIn(k, phase.sizes);
              bool direct = c.schedule.b == OperandForm::Direct ||
                            (c.schedule.packsBlocks() && !c.panels);
              ContractionOperands operands{phase.pointers[0], phase.pointers[direct ? 1 : 4],
                                           phase.pointers[3], c.panels, c.pairs};
              auto store = [&](KernelBuilder &k, const Fragment &fragment) {
                storeFragment(k, fragment, phase.pointers[3], shape.accumulator);
              };
              auto bias = [&](KernelBuilder &k, mlir::VectorType type, Size column, Value mask) {
                return k.maskedLoad(type, phase.pointers[2], column, mask);
              };
              emitContraction(k, phase, shape, operands, c.schedule, store, c.mode,
                              c.bias ? InitialValue(bias) : InitialValue(nullptr));
              int64_t m = 1, n = 1, p = 1, reduce = 1;
              for (int64_t i = 0; i < int64_t(c.a.size()); ++i)
                if (!holds(c.aBatch, i) && !holds(c.aReduce, i))
                  m *= c.a[i];
              for (int64_t axis : c.aBatch)
                p *= c.a[axis];
              for (int64_t axis : c.aReduce)
                reduce *= c.a[axis];
              int64_t all = 1;
              for (int64_t i = 0; i < int64_t(c.b.size()); ++i)
                if (!holds(c.bBatch, i) && !holds(c.bReduce, i))
                  all *= c.b[i];
              // Inner n: the last run of free axes of b that lie side by side.
              for (int64_t i = int64_t(c.b.size()); i-- > 0;) {
                bool isFree = !holds(c.bBatch, i) && !holds(c.bReduce, i);
                if (isFree)
                  n *= c.b[i];
                else if (n > 1)
                  break;
              }
              p *= n ? all / n : 1;
              int64_t lanes = k.lanes(shape.accumulator);
              ContractionGrid grid = contractionGrid(c.schedule, lanes);
              tiles = p * ceilDiv(m, grid.rowBlock) * ceilDiv(n, grid.columnBlock);
              packTiles = p * ceilDiv(n, kPanelWidth) * ceilDiv(reduce, kPackRows);
              packElements = p * ceilDiv(n, kPanelWidth) * kPanelWidth * reduce;
            });
  runner.load();

  std::mt19937 random(7);
  std::uniform_int_distribution<int> digits(-8, 8);
  Buffer<T> a(volume(c.a)), b(volume(c.b)), panels(packElements);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = T(double(digits(random)) * (std::is_integral_v<T> ? 1 : 0.125));
  for (size_t i = 0; i < b.size(); ++i)
    b[i] = T(double(digits(random)) * (std::is_integral_v<T> ? 1 : 0.0625));
  std::vector<double> biasValues(volume(c.b), 0.0);
  for (double &value : biasValues)
    value = digits(random);
  Reference reference(c, a.data(), b.data(), c.bias ? biasValues.data() : nullptr);
  Buffer<R> result(reference.sums.size()), bias(volume(c.b));
  for (size_t i = 0; i < bias.size(); ++i)
    bias[i] = R(biasValues[i]);

  void *pointers[] = {a.data(), b.data(), bias.data(), result.data(), panels.data()};
  if (c.schedule.b != OperandForm::Direct)
    runner.find("pack")(pointers, sizes.data(), 0, packTiles);
  // In two calls, as two threads would.
  runner.find("multiply")(pointers, sizes.data(), 0, tiles / 2);
  runner.find("multiply")(pointers, sizes.data(), tiles / 2, tiles);

  double epsilon = std::is_same_v<R, double> ? 0x1p-53 : 0x1p-24;
  for (size_t i = 0; i < reference.sums.size(); ++i) {
    double tolerance = 4 * std::sqrt(double(reference.terms)) * epsilon * reference.magnitudes[i];
    ASSERT_LE(std::abs(double(result[i]) - reference.sums[i]), tolerance)
        << "element " << i << " of " << reference.sums.size();
  }
  EXPECT_TRUE(result.guardIntact());
  EXPECT_TRUE(panels.guardIntact());
}

ContractionSchedule tile(int64_t rows, int64_t vectors, OperandForm b, int64_t rowTiles = 2) {
  ContractionSchedule schedule;
  schedule.rows = rows;
  schedule.vectors = vectors;
  schedule.rowTiles = rowTiles;
  schedule.b = b;
  return schedule;
}

constexpr auto kDirect = OperandForm::Direct;
constexpr auto kPack = OperandForm::Pack;

class Matrix : public ::testing::TestWithParam<std::tuple<int, bool>> {};

// X[m][k] W[k][n], read directly and from panels.
TEST_P(Matrix, Forward) {
  auto [number, symbolic] = GetParam();
  int64_t const sizes[][3] = {{65, 127, 129}, {100, 100, 100}, {1, 70, 200}, {37, 64, 10},
                              {6, 5, 64},     {13, 1, 1},      {2, 33, 16}};
  auto [m, k, n] = sizes[number];
  for (OperandForm form : {kDirect, kPack}) {
    Case c{{m, k}, {k, n}, {}, {}, {1}, {0}, tile(6, 4, form), symbolic};
    check<float>(c);
    c.mode = EpilogueMode::Rolled;
    c.bias = true;
    check<float>(c);
  }
}

// dY[m][n] W[k][n]: B is transposed.
TEST_P(Matrix, TransposedB) {
  auto [number, symbolic] = GetParam();
  int64_t const sizes[][3] = {{65, 127, 129}, {100, 100, 100}, {1, 70, 200}, {37, 64, 10},
                              {6, 5, 64},     {13, 1, 1},      {2, 33, 16}};
  auto [m, k, n] = sizes[number];
  check<float>({{m, n}, {k, n}, {}, {}, {1}, {1}, tile(6, 4, kPack), symbolic});
  check<float>({{m, n}, {k, n}, {}, {}, {1}, {1}, tile(4, 2, kDirect), symbolic});
}

// X[m][k]^T dY[m][n], whole and with blocked reduction.
TEST_P(Matrix, TransposedA) {
  auto [number, symbolic] = GetParam();
  int64_t const sizes[][3] = {{65, 127, 129}, {100, 100, 100}, {1, 70, 200}, {37, 64, 10},
                              {6, 5, 64},     {13, 1, 1},      {2, 33, 16}};
  auto [m, k, n] = sizes[number];
  Case c{{m, k}, {m, n}, {}, {}, {0}, {0}, tile(6, 4, kDirect), symbolic};
  check<float>(c);
  c.schedule.reduceBlock = 16;
  check<float>(c);
}

// Each call packs the columns that it reads: from every form of B, whole and in blocks.
Case packing(Case c, int64_t reduceBlock = 0, bool panels = false) {
  c.schedule.b = kPack;
  c.schedule.split = GridOrder::Columns;
  c.schedule.reduceBlock = reduceBlock;
  c.panels = panels;
  return c;
}

TEST_P(Matrix, PackedByWhoReads) {
  auto [number, symbolic] = GetParam();
  int64_t const sizes[][3] = {{65, 127, 129}, {100, 100, 100}, {1, 70, 200}, {37, 64, 10},
                              {6, 5, 64},     {13, 1, 1},      {2, 33, 16}};
  auto [m, k, n] = sizes[number];
  int64_t block = symbolic ? 32 : 0; // a whole reduction must be known
  Case forward{{m, k}, {k, n}, {}, {}, {1}, {0}, tile(4, 4, kPack), symbolic};
  check<float>(packing(forward, block));
  check<float>(packing(forward, block, /*panels=*/true));
  check<float>(packing({{m, n}, {k, n}, {}, {}, {1}, {1}, tile(4, 3, kPack), symbolic}, block));
  check<float>(packing({{m, k}, {m, n}, {}, {}, {0}, {0}, tile(4, 4, kPack), symbolic}, block));
}

INSTANTIATE_TEST_SUITE_P(Sizes, Matrix,
                         ::testing::Combine(::testing::Range(0, 7), ::testing::Bool()));

TEST(Contraction, SeveralPanelsForOneRow) {
  for (int64_t m : {1, 2})
    for (int64_t n : {128, 300})
      check<float>({{m, 65}, {65, n}, {}, {}, {1}, {0}, tile(2, 8, kPack), false});
}

// Attention: [batch, head, query, depth] x [batch, head, key, depth], then times values.
TEST(Contraction, Batched) {
  for (bool symbolic : {false, true}) {
    check<float>(
        {{2, 3, 7, 20}, {2, 3, 9, 20}, {0, 1}, {0, 1}, {3}, {3}, tile(6, 4, kPack), symbolic});
    check<float>(
        {{2, 3, 7, 9}, {2, 3, 9, 20}, {0, 1}, {0, 1}, {3}, {2}, tile(6, 4, kDirect), symbolic});
    // Heads in the middle: batch dimensions that do not merge.
    check<float>(
        {{2, 7, 3, 20}, {2, 9, 3, 20}, {0, 2}, {0, 2}, {3}, {3}, tile(6, 4, kPack), symbolic});
  }
}

TEST(Contraction, SeveralDimensionsOfEachKind) {
  for (bool symbolic : {false, true}) {
    // Free dimensions of a that do not merge, two reductions in another order.
    check<float>({{4, 5, 3, 6}, {6, 5, 17}, {}, {}, {1, 3}, {1, 0}, tile(6, 4, kDirect), symbolic});
    // The reduction lies between free dimensions of b.
    check<float>({{7, 9}, {3, 9, 33}, {}, {}, {1}, {1}, tile(6, 4, kDirect), symbolic});
    check<float>({{7, 9}, {3, 9, 33}, {}, {}, {1}, {1}, tile(6, 4, kPack), symbolic});
    // Vectors and scalars.
    check<float>({{19}, {19, 5}, {}, {}, {0}, {0}, tile(6, 4, kDirect), symbolic});
    check<float>({{5, 19}, {19}, {}, {}, {1}, {0}, tile(6, 4, kPack), symbolic});
    check<float>({{19}, {19}, {}, {}, {0}, {0}, tile(6, 4, kDirect), symbolic});
    check<float>({{4}, {7}, {}, {}, {}, {}, tile(6, 4, kDirect), symbolic});
  }
}

TEST(Contraction, PackedByWhoReadsInBatches) {
  check<float>(
      packing({{2, 3, 7, 20}, {2, 3, 9, 20}, {0, 1}, {0, 1}, {3}, {3}, tile(6, 4, kPack)}));
  check<float>(
      packing({{2, 7, 3, 20}, {2, 9, 3, 20}, {0, 2}, {0, 2}, {3}, {3}, tile(6, 4, kPack)}));
  check<float>(packing({{4, 5, 3, 6}, {6, 5, 17}, {}, {}, {1, 3}, {1, 0}, tile(6, 4, kPack)}));
  check<float>(packing({{7, 9}, {3, 9, 33}, {}, {}, {1}, {1}, tile(6, 4, kPack)}));
  check<float>(packing({{5, 19}, {19}, {}, {}, {1}, {0}, tile(6, 4, kPack)}));
  check<float>(packing({{4}, {7}, {}, {}, {}, {}, tile(6, 4, kPack)}));
}

// Blocks of both operands, copied.
TEST(Contraction, CopiesOfBothOperands) {
  // 500 columns are one piece of work, which copies them in two groups.
  int64_t const sizes[][3] = {{65, 127, 129}, {1, 70, 600}, {7, 70, 500},
                              {13, 1, 1},     {100, 0, 40}, {0, 9, 9}};
  for (auto [m, k, n] : sizes)
    for (bool symbolic : {false, true}) {
      Case c{{k, m}, {k, n}, {}, {}, {0}, {0}, tile(6, 2, kPack), symbolic};
      c.schedule.a = kPack;
      c.schedule.rowTiles = 3;
      c.schedule.reduceBlock = 48;
      check<float>(c, "x86-64-v3");
      c.mode = EpilogueMode::Rolled;
      symbolic ? check<double>(c, "x86-64-v3") : check<float>(c);
    }
}

// Along rows a piece of work has several tiles of columns for each block of the reduction.
TEST(Contraction, BlocksOfAReductionAlongRows) {
  int64_t const sizes[][3] = {{65, 127, 129}, {20, 70, 1000}, {13, 1, 1}, {100, 0, 40}, {0, 9, 9}};
  for (auto [m, k, n] : sizes)
    for (OperandForm form : {kDirect, kPack})
      for (bool symbolic : {false, true}) {
        Case c{{k, m}, {k, n}, {}, {}, {0}, {0}, tile(6, 4, form), symbolic};
        c.schedule.split = GridOrder::Rows;
        c.schedule.rowTiles = 3;
        c.schedule.reduceBlock = 48;
        check<float>(c);
        c.mode = EpilogueMode::Rolled;
        symbolic ? check<double>(c) : check<float>(c, "x86-64-v3");
      }
}

TEST(Contraction, EmptySizes) {
  for (bool symbolic : {false, true}) {
    check<float>(packing({{0, 5}, {5, 7}, {}, {}, {1}, {0}, tile(6, 4, kPack)}));
    check<float>(packing({{0, 5}, {0, 7}, {}, {}, {0}, {0}, tile(6, 4, kPack), symbolic}, 16));
    check<float>({{0, 5}, {5, 7}, {}, {}, {1}, {0}, tile(6, 4, kPack), symbolic});
    check<float>({{3, 0}, {0, 7}, {}, {}, {1}, {0}, tile(6, 4, kDirect), symbolic});
    Case c{{0, 5}, {0, 7}, {}, {}, {0}, {0}, tile(6, 4, kDirect), symbolic};
    c.schedule.reduceBlock = 16;
    check<float>(c);
  }
}

TEST(Contraction, OtherElementTypes) {
  for (OperandForm form : {kDirect, kPack}) {
    check<double>({{25, 40}, {40, 37}, {}, {}, {1}, {0}, tile(6, 4, form), false});
    check<int32_t>({{25, 40}, {40, 37}, {}, {}, {1}, {0}, tile(6, 4, form), false});
    check<BFloat16, float>({{25, 40}, {40, 37}, {}, {}, {1}, {0}, tile(6, 4, form), true});
    check<_Float16, float>({{25, 40}, {40, 37}, {}, {}, {1}, {0}, tile(6, 4, form), false});
  }
  for (const char *cpu : {"native", "x86-64-v4"}) { // with and without arithmetic on bf16
    Case transposed{{25, 40}, {37, 40}, {}, {}, {1}, {1}, tile(6, 4, kPack)};
    check<BFloat16, float>(transposed, cpu);
    check<BFloat16, float>(packing(transposed), cpu);
    check<_Float16, float>(packing(transposed), cpu);
    check<double>(packing(transposed), cpu);
  }
}

// Panels of pairs, by tiles of either depth.
TEST(Contraction, PanelsOfPairs) {
  struct {
    const char *cpu;
    int64_t rows, vectors, depth;
  } const table[] = {{"native", 4, 4, 2}, {"native", 1, 8, 2}, {"x86-64-v4", 4, 4, 1},
                     {"x86-64-v3", 4, 2, 1}};
  for (const auto &row : table) {
    CpuTarget target = targetNamed(row.cpu);
    ContractionSchedule schedule = tile(row.rows, row.vectors, OperandForm::Panels);
    schedule.depth = hasPairs(target) ? row.depth : 1;
    auto checkPairs = [&](Case c) {
      c.schedule = schedule;
      c.pairs = true;
      check<BFloat16, float>(c, row.cpu);
    };
    for (bool symbolic : {false, true}) {
      checkPairs({{9, 70}, {70, 200}, {}, {}, {1}, {0}, {}, symbolic});
      checkPairs({{9, 200}, {70, 200}, {}, {}, {1}, {1}, {}, symbolic});
    }
    checkPairs({{2, 7, 20}, {2, 20, 9}, {0}, {0}, {2}, {1}, {}});
    checkPairs({{4, 5, 3, 6}, {6, 5, 17}, {}, {}, {3}, {0}, {}}); // columns of two dimensions
    checkPairs({{4, 6, 3, 5}, {5, 6, 17}, {}, {}, {1, 3}, {1, 0}, {}});
  }
}

// Pairs of bf16: odd and even reductions, tails, several loops, every orientation, blocks.
class Pairs : public ::testing::TestWithParam<bool> {
protected:
  void SetUp() override {
    if (!hasPairs(targetNamed("native")))
      GTEST_SKIP() << "this processor does not multiply pairs of bf16";
  }
  void checkPairs(Case c) {
    c.schedule.depth = 2;
    c.symbolic = GetParam();
    check<BFloat16, float>(c);
  }
};

TEST_P(Pairs, EveryOrientation) {
  int64_t const sizes[][3] = {{65, 127, 129}, {1, 70, 200}, {37, 64, 10}, {13, 1, 1}, {2, 33, 16}};
  for (auto [m, k, n] : sizes) {
    for (OperandForm form : {kDirect, kPack}) {
      Case forward{{m, k}, {k, n}, {}, {}, {1}, {0}, tile(6, 4, form)};
      checkPairs(forward);
      forward.mode = EpilogueMode::Rolled;
      forward.bias = true;
      checkPairs(forward);
    }
    checkPairs({{m, n}, {k, n}, {}, {}, {1}, {1}, tile(6, 4, kPack)});
    checkPairs({{m, n}, {k, n}, {}, {}, {1}, {1}, tile(4, 2, kDirect)});
    Case weight{{m, k}, {m, n}, {}, {}, {0}, {0}, tile(6, 4, kDirect)};
    checkPairs(weight);
    weight.schedule.reduceBlock = 16;
    checkPairs(weight);
  }
}

TEST_P(Pairs, PackedByWhoReads) {
  int64_t const sizes[][3] = {{65, 127, 129}, {1, 70, 200}, {13, 1, 1}, {20, 91, 48}};
  for (auto [m, k, n] : sizes) {
    int64_t block = GetParam() ? 32 : 0;
    Case forward{{m, k}, {k, n}, {}, {}, {1}, {0}, tile(4, 4, kPack)};
    checkPairs(packing(forward, block));
    checkPairs(packing(forward, block, /*panels=*/true));
    checkPairs(packing({{m, n}, {k, n}, {}, {}, {1}, {1}, tile(4, 3, kPack)}, block));
    checkPairs(packing({{m, k}, {m, n}, {}, {}, {0}, {0}, tile(4, 4, kPack)}, block));
  }
  if (GetParam())
    return;
  // Several loops: pairs where none ends within one, else rows as they are.
  checkPairs(packing({{4, 5, 3, 6}, {6, 5, 17}, {}, {}, {1, 3}, {1, 0}, tile(6, 4, kPack)}));
  checkPairs(packing({{4, 6, 3, 5}, {5, 6, 17}, {}, {}, {1, 3}, {1, 0}, tile(6, 4, kPack)}));
  checkPairs(packing({{2, 7, 3, 20}, {2, 9, 3, 20}, {0, 2}, {0, 2}, {3}, {3}, tile(6, 4, kPack)}));
  checkPairs(packing({{4}, {7}, {}, {}, {}, {}, tile(6, 4, kPack)}));
}

TEST_P(Pairs, SeveralLoopsAndNone) {
  checkPairs({{4, 5, 3, 6}, {6, 5, 17}, {}, {}, {1, 3}, {1, 0}, tile(6, 4, kDirect)});
  checkPairs({{2, 7, 3, 20}, {2, 9, 3, 20}, {0, 2}, {0, 2}, {3}, {3}, tile(6, 4, kPack)});
  checkPairs({{1, 65}, {65, 300}, {}, {}, {1}, {0}, tile(1, 8, kDirect)});
  checkPairs({{4}, {7}, {}, {}, {}, {}, tile(6, 4, kDirect)});
  checkPairs({{3, 0}, {0, 7}, {}, {}, {1}, {0}, tile(6, 4, kDirect)});
}

INSTANTIATE_TEST_SUITE_P(Sizes, Pairs, ::testing::Bool());

// Tiles narrower than the panels that they copy, down the columns and, where A is large, along rows;
// blocks of columns below each other share a copy in the first order only.
TEST(Contraction, CopiedPanels) {
  for (int64_t m : {25, 130, 700})
    for (int64_t block : {0, 208}) {
      Case c{{m, 200}, {200, 150}, {}, {}, {1}, {0}, tile(6, 2, kPack, 3), false};
      c = packing(c, block, /*panels=*/true);
      if (block)
        c.schedule.split = GridOrder::BySize;
      c.bias = true;
      check<float>(c, "x86-64-v3");
    }
}

TEST(Contraction, OtherProcessors) {
  struct {
    const char *cpu;
    int64_t rows, vectors;
  } const table[] = {{"x86-64-v2", 4, 2}, {"x86-64-v3", 6, 2}, {"x86-64-v4", 6, 4}};
  for (const auto &row : table)
    for (OperandForm form : {kDirect, kPack}) {
      check<float>({{25, 40}, {40, 37}, {}, {}, {1}, {0}, tile(row.rows, row.vectors, form), false},
                   row.cpu);
      check<float>({{25, 40}, {40, 37}, {}, {}, {1}, {0}, tile(row.rows, row.vectors, form), true},
                   row.cpu);
    }
}

} // namespace
