// Convolutions and their gradients against plain loops in double precision: one to three spatial
// dimensions, strides, dilation, padding, groups, depthwise, sizes known and passed at run time.
#include "codegen/cpu/choose/Conv.h"
#include "test/codegen/KernelRunner.h"
#include <cmath>
#include <random>

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;
using mlir::Value;

namespace {

struct Dim {
  int64_t in, window, stride = 1, dilation = 1, padLow = 0, padHigh = 0;
  int64_t out() const { return (in + padLow + padHigh - (window - 1) * dilation - 1) / stride + 1; }
};

struct Case {
  int64_t batch;
  std::vector<Dim> dims;
  int64_t channels, filters, groups = 1;
  bool symbolic = false;
  EpilogueMode mode = EpilogueMode::Inline;
  int64_t copiedPixels = 0; // not 0: of a filter gradient whose operands are copied in such blocks

  int64_t pixels(bool output) const {
    int64_t product = batch;
    for (const Dim &dim : dims)
      product *= output ? dim.out() : dim.in;
    return product;
  }
  int64_t taps(size_t from = 0) const {
    int64_t product = 1;
    for (size_t d = 0; d < dims.size() - from; ++d)
      product *= dims[d].window;
    return product;
  }
};

// Calls |visit| with the flat index into x, filter and y of every product of the convolution.
template <typename Visit> void forEachProduct(const Case &c, Visit visit) {
  int64_t perGroup = c.channels / c.groups, filtersPerGroup = c.filters / c.groups;
  for (int64_t pixel = 0; pixel < c.pixels(true); ++pixel)
    for (int64_t tap = 0; tap < c.taps(); ++tap) {
      int64_t restPixel = pixel, restTap = tap, source = 0, scale = 1;
      bool inside = true;
      for (size_t d = c.dims.size(); d-- > 0;) {
        const Dim &dim = c.dims[d];
        int64_t o = restPixel % dim.out(), t = restTap % dim.window;
        restPixel /= dim.out();
        restTap /= dim.window;
        int64_t at = o * dim.stride + t * dim.dilation - dim.padLow;
        inside &= at >= 0 && at < dim.in;
        source += at * scale;
        scale *= dim.in;
      }
      if (!inside)
        continue;
      source += restPixel * scale;
      for (int64_t filter = 0; filter < c.filters; ++filter)
        for (int64_t channel = 0; channel < perGroup; ++channel)
          visit(source * c.channels + filter / filtersPerGroup * perGroup + channel,
                (tap * perGroup + channel) * c.filters + filter, pixel * c.filters + filter);
    }
}

int64_t ceilDiv(int64_t x, int64_t y) { return (x + y - 1) / y; }

// What pixels of a line see: of y going forward, of x for an input gradient.
std::optional<LineTaps> lineOf(const Case &c, ConvKind kind) {
  const Dim &dim = c.dims.back();
  if (c.symbolic || kind == ConvKind::FilterGrad)
    return std::nullopt;
  if (kind == ConvKind::Forward)
    return LineTaps{dim.out(), dim.window, dim.stride, -dim.padLow, dim.dilation, dim.in};
  if (dim.stride == 1)
    return LineTaps{dim.in, dim.window, 1, dim.padLow, -dim.dilation, dim.out()};
  return std::nullopt;
}

ConvSchedule scheduleFor(const Case &c, ConvKind kind, const CpuTarget &target, bool blocked) {
  ConvLoops loops;
  loops.kind = kind;
  loops.channels = c.channels / c.groups;
  loops.filters = c.filters / c.groups;
  loops.innerWindow = c.dims.back().window;
  loops.depthwise = c.groups > 1 && c.channels == c.groups && c.filters == c.groups;
  loops.depthwiseChannels = c.channels;
  loops.groups = c.groups;
  loops.partialAvailable = blocked;
  ConvSchedule schedule = chooseConv(loops, target);
  schedule.rowTiles = 2;
  if (blocked)
    schedule.pixelBlock = 40;
  if (c.copiedPixels) {
    schedule.dy = OperandForm::Pack;
    schedule.pixelBlock = c.copiedPixels;
    schedule.rowsAcrossTaps = false;
  }
  // By lines wherever that can be, worth it or not; symbolic sizes are for flat tiles.
  if (!loops.depthwise && lineOf(c, kind))
    schedule.pixels = TilePixels::Lines;
  return schedule;
}

// Tiles of the computing phase, as Conv.h states them.
int64_t tilesOf(const Case &c, ConvKind kind, const ConvSchedule &schedule, int64_t lanes) {
  int64_t rowBlock = schedule.rows * schedule.rowTiles;
  int64_t columnBlock = schedule.vectors * (schedule.lanes == TileLanes::Reduction ? 1 : lanes);
  bool depthwise = c.groups > 1 && c.channels == c.groups && c.filters == c.groups;
  int64_t groups = depthwise ? 1 : c.groups;
  int64_t channels = ceilDiv(c.channels / groups, columnBlock);
  int64_t filters = ceilDiv(c.filters / groups, columnBlock);
  if (schedule.pixels == TilePixels::Lines) {
    LineBlock block = lineBlock(lineOf(c, kind)->pixels, schedule.rows, schedule.rowTiles);
    int64_t lines = c.batch, phases = 1;
    for (const Dim &dim : llvm::ArrayRef(c.dims).drop_back()) {
      lines *= kind == ConvKind::Forward ? dim.out() : ceilDiv(dim.in, dim.stride);
      phases *= kind == ConvKind::Forward ? 1 : dim.stride;
    }
    return groups * phases * ceilDiv(lines, block.lines) * block.parts *
           (kind == ConvKind::Forward ? filters : channels);
  }
  if (kind == ConvKind::Forward)
    return groups * ceilDiv(c.pixels(true), rowBlock) * filters;
  if (kind == ConvKind::InputGrad) {
    int64_t phases = 1, rows = c.batch;
    for (const Dim &dim : c.dims) {
      phases *= dim.stride;
      rows *= ceilDiv(dim.in, dim.stride);
    }
    return groups * phases * ceilDiv(rows, rowBlock) * channels;
  }
  if (schedule.copiesBlocks())
    return groups * ceilDiv(c.channels / groups, rowBlock) *
           ceilDiv(c.filters / groups, columnBlock * copiedColumnTiles(schedule, c.taps(), lanes));
  if (depthwise || schedule.rowsAcrossTaps)
    return groups * c.taps(1) * filters;
  return groups * c.taps() * ceilDiv(c.channels / groups, rowBlock) * filters;
}

// Pointers: x, filter, y, panels. The kind says which of the first three is the result.
void check(const Case &c, ConvKind kind, bool blocked = false, const char *cpu = "native") {
  KernelRunner runner(cpu);
  ConvSchedule schedule = scheduleFor(c, kind, runner.target, blocked);
  std::vector<int64_t> sizes{c.batch};
  for (const Dim &dim : c.dims) {
    sizes.push_back(dim.in);
    sizes.push_back(dim.out());
    sizes.push_back(dim.padLow);
  }
  auto shapeIn = [&](KernelBuilder &k, const PhaseArguments &phase) {
    size_t next = 0;
    auto size = [&] {
      bool known = c.copiedPixels && next > 3; // all but the batch and the outermost dimension
      Size here = c.symbolic && !known ? Size(phase.sizes[next]) : Size(sizes[next]);
      ++next;
      return here;
    };
    ConvShape shape;
    shape.batch = size();
    for (const Dim &dim : c.dims) {
      Size in = size(), out = size(), pad = size();
      shape.dims.push_back({in, out, dim.window, dim.stride, dim.dilation, pad});
    }
    shape.channels = c.channels;
    shape.filters = c.filters;
    shape.groups = c.groups;
    shape.input = shape.accumulator = k.f32();
    return shape;
  };
  bool transposed = kind == ConvKind::InputGrad;
  emitPhase(runner.module, runner.loc(), runner.target, {"pack", 4, unsigned(sizes.size()), {}},
            [&](KernelBuilder &k, const PhaseArguments &phase) {
              emitPackPanels(k, phase, convFilterMatrix(k, shapeIn(k, phase), transposed),
                             phase.pointers[1], phase.pointers[3]);
            });
  emitPhase(
      runner.module, runner.loc(), runner.target, {"conv", 4, unsigned(sizes.size()), {}},
      [&](KernelBuilder &k, const PhaseArguments &phase) {
        ConvShape shape = shapeIn(k, phase);
        auto [x, filter, y] = std::tuple(phase.pointers[0], phase.pointers[1], phase.pointers[2]);
        Value result = kind == ConvKind::Forward ? y : kind == ConvKind::InputGrad ? x : filter;
        auto store = [&](KernelBuilder &k, const Fragment &fragment) {
          storeFragment(k, fragment, result, k.f32());
        };
        if (schedule.filter == OperandForm::Pack)
          filter = phase.pointers[3];
        if (kind == ConvKind::Forward)
          emitConvForward(k, phase, shape, x, filter, schedule, store, c.mode);
        else if (kind == ConvKind::InputGrad)
          emitConvInputGrad(k, phase, shape, y, filter, schedule, store, c.mode);
        else
          emitConvFilterGrad(k, phase, shape, x, y, phase.pointers[1], schedule, store, c.mode);
      });
  runner.load();

  int64_t perGroup = c.channels / c.groups;
  int64_t reduce = c.taps() * (transposed ? c.filters / c.groups : perGroup);
  int64_t columns = transposed ? perGroup : c.filters / c.groups;
  Buffer<float> x(c.pixels(false) * c.channels), filter(c.taps() * perGroup * c.filters),
      y(c.pixels(true) * c.filters), panels(c.groups * ceilDiv(columns, 64) * 64 * reduce);
  Buffer<float> *buffers[] = {&x, &filter, &y};
  std::mt19937 random(3);
  std::uniform_int_distribution<int> digits(-8, 8);
  for (Buffer<float> *buffer : buffers)
    for (size_t i = 0; i < buffer->size(); ++i)
      (*buffer)[i] = digits(random) * 0.125f;
  int resultIndex = kind == ConvKind::Forward ? 2 : kind == ConvKind::InputGrad ? 0 : 1;
  Buffer<float> &result = *buffers[resultIndex];
  std::vector<double> expected(result.size()), magnitude(result.size());
  std::vector<int64_t> terms(result.size());
  forEachProduct(c, [&](int64_t i, int64_t j, int64_t l) {
    double product = kind == ConvKind::Forward     ? double(x[i]) * filter[j]
                     : kind == ConvKind::InputGrad ? double(y[l]) * filter[j]
                                                   : double(x[i]) * y[l];
    int64_t at = resultIndex == 2 ? l : resultIndex == 0 ? i : j;
    expected[at] += product;
    magnitude[at] += std::abs(product);
    ++terms[at];
  });
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = 1e30f; // whatever is not written shows

  void *pointers[] = {x.data(), filter.data(), y.data(), panels.data()};
  if (kind != ConvKind::FilterGrad && schedule.filter == OperandForm::Pack)
    runner.find("pack")(pointers, sizes.data(), 0,
                        c.groups * ceilDiv(columns, 64) * ceilDiv(reduce, kPackRows));
  int64_t tiles = tilesOf(c, kind, schedule, runner.target.lanes(32));
  runner.find("conv")(pointers, sizes.data(), 0, tiles / 2);
  runner.find("conv")(pointers, sizes.data(), tiles / 2, tiles);
  for (size_t i = 0; i < result.size(); ++i) {
    double tolerance = 4 * std::sqrt(double(terms[i])) * 0x1p-24 * magnitude[i];
    ASSERT_LE(std::abs(result[i] - expected[i]), tolerance)
        << "element " << i << " of " << result.size() << ", kind " << int(kind);
  }
  EXPECT_TRUE(result.guardIntact());
  EXPECT_TRUE(panels.guardIntact());
}

void checkAll(Case c) {
  for (bool symbolic : {false, true}) {
    c.symbolic = symbolic;
    check(c, ConvKind::Forward);
    check(c, ConvKind::InputGrad);
    check(c, ConvKind::FilterGrad, /*blocked=*/symbolic);
  }
}

// Window 3, padded so that out = in.
Dim same(int64_t in) { return {in, 3, 1, 1, 1, 1}; }

TEST(Conv, SameThreeByThree) { checkAll({2, {same(9), same(20)}, 17, 70}); }

TEST(Conv, OneChannel) { checkAll({3, {same(8), same(8)}, 1, 32}); }

TEST(Conv, FewChannelsLargeWindow) {
  checkAll({1, {{23, 7, 2, 1, 3, 3}, {23, 7, 2, 1, 3, 3}}, 3, 64});
}

// Lanes along the reduction: of channels that fill no register, and a rest of them.
TEST(Conv, FewResultColumns) {
  checkAll({2, {same(9), same(21)}, 2, 37});
  checkAll({2, {same(9), {21, 4, 2, 1, 1, 1}}, 3, 20});
  checkAll({1, {same(6), same(9)}, 12, 68, 4});
  checkAll({2, {same(9), same(21)}, 37, 1});
}

// Taps that only some pixels of a tile see, at either end of a line and at both.
TEST(Conv, EndsOfLines) {
  checkAll({1, {same(4), {7, 5, 1, 1, 4, 4}}, 3, 20});
  checkAll({1, {same(4), {30, 3, 1, 5, 5, 5}}, 3, 20});
  checkAll({1, {{9, 3, 2, 1, 1, 1}, same(19)}, 18, 33});
  checkAll({1, {{1, 1}, {200, 3, 1, 1, 1, 1}}, 2, 20});
}

TEST(Conv, Strided) {
  checkAll({2, {{11, 3, 2, 1, 0, 1}, {15, 3, 2, 1, 0, 1}}, 20, 33});
  checkAll({1, {{10, 2, 3}, {13, 5, 3, 1, 2, 2}}, 8, 16});
}

TEST(Conv, Dilated) {
  checkAll({1, {{12, 3, 1, 2, 2, 2}, {14, 3, 1, 3, 3, 3}}, 12, 16});
  checkAll({1, {{12, 3, 2, 2, 2, 2}, {14, 3, 2, 3, 3, 3}}, 3, 16});
  checkAll({1, {{17, 2, 4, 2, 1, 1}, {16, 3, 4, 6, 1, 0}}, 7, 16});
}

TEST(Conv, Pointwise) {
  checkAll({2, {{7, 1}, {9, 1}}, 33, 20});
  checkAll({2, {{7, 1, 2}, {9, 1, 2}}, 33, 20});
}

TEST(Conv, OneDimensional) {
  checkAll({3, {{40, 5, 1, 1, 4, 0}}, 6, 24});
  checkAll({3, {{40, 5, 2, 1, 2, 2}}, 2, 24});
}

TEST(Conv, ThreeDimensional) {
  checkAll({1, {same(5), same(6), same(7)}, 4, 18});
  checkAll({2, {{5, 2, 2}, {6, 3, 1, 1, 1, 1}, {7, 2, 2, 1, 1, 0}}, 8, 18});
}

TEST(Conv, Grouped) {
  checkAll({2, {same(6), same(9)}, 24, 48, 4});
  checkAll({1, {same(6), same(9)}, 8, 24, 8}); // depth multiplier
}

TEST(Conv, Depthwise) {
  checkAll({2, {same(9), same(11)}, 70, 70, 70});
  checkAll({1, {{12, 3, 2, 1, 0, 1}, {13, 3, 2, 1, 1, 1}}, 16, 16, 16});
}

TEST(Conv, WindowLargerThanImage) { checkAll({2, {{2, 5, 1, 1, 4, 4}, {3, 5, 1, 1, 2, 2}}, 2, 9}); }

TEST(Conv, EmptyBatch) { checkAll({0, {same(9), same(9)}, 4, 16}); }

TEST(Conv, RolledEpilogue) {
  Case c{2, {same(9), same(10)}, 8, 70};
  c.mode = EpilogueMode::Rolled;
  checkAll(c);
}

// Blocks of whole images, of rows of one, and of what is left; halves of the pieces of work.
TEST(Conv, FilterGradientOfCopiedBlocks) {
  Case const cases[] = {{3, {same(9), same(20)}, 17, 70},
                        {2, {{11, 3, 2, 1, 0, 1}, {15, 3, 2, 1, 0, 1}}, 20, 33},
                        {1, {{12, 3, 2, 2, 2, 2}, {14, 3, 2, 3, 3, 3}}, 3, 16},
                        {1, {{13, 2, 3}, {13, 5, 3, 1, 2, 2}}, 8, 16},
                        {2, {{7, 1}, {9, 1}}, 33, 600},
                        {3, {{40, 5, 1, 1, 4, 0}}, 26, 24},
                        {2, {{5, 2, 2}, {6, 3, 1, 1, 1, 1}, {7, 2, 2, 1, 1, 0}}, 8, 18},
                        {2, {same(6), same(9)}, 24, 48, 4},
                        {2, {{2, 5, 1, 1, 4, 4}, {3, 5, 1, 1, 2, 2}}, 2, 9},
                        {0, {same(9), same(9)}, 4, 16}};
  for (Case c : cases)
    for (int64_t pixels : {1, 40, 130, 4000}) {
      c.copiedPixels = pixels;
      c.symbolic = pixels == 40;
      check(c, ConvKind::FilterGrad, /*blocked=*/true, pixels == 4000 ? "native" : "x86-64-v3");
    }
}

// Tiles narrower than the filter's panels; of the last filters there is room for the steps of one
// tap of the outermost dimension only, where the lines are known.
TEST(Conv, CopiedColumns) {
  Case const cases[] = {{2, {same(9), same(20)}, 17, 83},
                        {2, {same(9), same(20)}, 83, 17},
                        {2, {{11, 3, 2, 1, 0, 1}, {15, 3, 2, 1, 0, 1}}, 68, 150},
                        {1, {{12, 3, 1, 2, 2, 2}, {14, 3, 1, 3, 3, 3}}, 70, 70},
                        {3, {{7, 1}, {9, 1}}, 33, 90},
                        {2, {{40, 5, 1, 1, 4, 0}}, 66, 74},
                        {1, {{5, 2, 2}, {6, 3, 1, 1, 1, 1}, {7, 2, 2, 1, 1, 0}}, 8, 68},
                        {2, {same(6), same(9)}, 50, 150, 2},
                        {0, {same(9), same(9)}, 4, 80},
                        {1, {{4, 3, 2, 1, 1, 1}, same(7)}, 65, 605},
                        {2, {same(4), same(7)}, 605, 70}};
  for (Case c : cases)
    for (bool symbolic : {false, true}) {
      c.symbolic = symbolic;
      for (ConvKind kind : {ConvKind::Forward, ConvKind::InputGrad})
        check(c, kind, false, "x86-64-v3");
    }
}

TEST(Conv, OtherProcessors) {
  for (const char *cpu : {"x86-64-v2", "x86-64-v3", "x86-64-v4"})
    for (ConvKind kind : {ConvKind::Forward, ConvKind::InputGrad, ConvKind::FilterGrad})
      check({1, {same(7), same(9)}, 5, 20}, kind, false, cpu);
}

} // namespace
