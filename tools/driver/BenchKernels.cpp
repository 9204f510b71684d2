// The rows of the promise: dense layers and a 3x3 convolution, forward and backward.
#include "tools/driver/BenchKernels.h"
#include "codegen/cpu/choose/Contraction.h"
#include "codegen/cpu/choose/Conv.h"
#include "codegen/cpu/choose/Kernel.h"
#include "codegen/cpu/emit/ContractionBlocks.h"
#include "tools/driver/BenchRoots.h"
#include "tools/driver/BenchStreams.h"

using namespace dlc::driver;
using namespace dlc::codegen::cpu;
using mlir::Value;

namespace {

int64_t ceilDiv(int64_t x, int64_t y) { return (x + y - 1) / y; }

enum class DenseKind { Forward, InputGrad, WeightGrad };

// One contraction of a dense layer: batch M is a run-time size, K features and N units are known.
//   Forward     y[m][n] = x[m][k] w[k][n]     w in panels, a derived variable, when it is large
//   InputGrad   dx[m][k] = dy[m][n] w[k][n]   w packed by a phase of the kernel
//   WeightGrad  dw[k][n] = x[m][k] dy[m][n]
struct DenseCase {
  DenseKind kind;
  int64_t m, k, n;
  bool bf16 = false; // the operands; sums and result are f32
};

ContractionShape denseShape(KernelBuilder &k, const DenseCase &c, Size batch) {
  Size x[] = {batch, c.k}, w[] = {c.k, c.n}, y[] = {batch, c.n};
  mlir::Type input = c.bf16 ? mlir::Type(k.builder().getBF16Type()) : k.f32();
  auto shape = [&](llvm::ArrayRef<Size> a, llvm::ArrayRef<Size> b, int64_t aReduce,
                   int64_t bReduce) {
    ContractionShape made =
        contractionShape(k, input, k.f32(), a, b, {}, {}, {aReduce}, {bReduce});
    made.panelWidth = panelWidthFor(k.target());
    return made;
  };
  switch (c.kind) {
  case DenseKind::Forward:
    return shape(x, w, 1, 0);
  case DenseKind::InputGrad:
    return shape(y, w, 1, 1);
  case DenseKind::WeightGrad:
    return shape(x, y, 0, 0);
  }
  llvm_unreachable("covered switch");
}

// As passes/layout has it: a weight that predictions read gets panels when its rows are many.
bool readsPanels(const DenseCase &c) {
  return c.kind == DenseKind::Forward && c.k > 512 && c.n > kPanelWidth;
}

ContractionSchedule denseSchedule(const DenseCase &c, const CpuTarget &target) {
  ContractionLoops loops;
  loops.batch = 1;
  loops.m = c.kind == DenseKind::WeightGrad ? std::optional(c.k) : std::nullopt;
  loops.n = c.kind == DenseKind::InputGrad ? c.k : c.n;
  if (c.kind != DenseKind::WeightGrad)
    loops.k = c.kind == DenseKind::Forward ? c.k : c.n;
  loops.bf16 = c.bf16;
  loops.inputBits = c.bf16 ? 16 : 32;
  loops.bPanels = readsPanels(c);
  loops.panelWidth = panelWidthFor(target);
  loops.bPairs = loops.bPanels && c.bf16;
  loops.bRowMajor = c.kind != DenseKind::InputGrad;
  loops.aRowsInside = c.kind == DenseKind::WeightGrad;
  loops.aReduceInside = c.kind != DenseKind::WeightGrad;
  loops.bReduceInside = c.kind == DenseKind::InputGrad;
  loops.partialAvailable = true;
  llvm::SmallVector<GuardedContraction> choices = chooseContraction(loops, target);
  int64_t rows = c.kind == DenseKind::WeightGrad ? c.k : c.m;
  bool flat = choices.front().maxM && rows <= *choices.front().maxM;
  bool outer = choices.front().maxK && c.m <= *choices.front().maxK;
  return (flat || outer ? choices.front() : choices.back()).schedule;
}

BenchKernel denseKernel(const std::string &name, DenseCase c, double floor,
                        const CpuTarget &target) {
  ContractionSchedule schedule = denseSchedule(c, target);
  int64_t m = c.m, n = c.n, reduce = c.k;
  if (c.kind == DenseKind::InputGrad)
    std::swap(n, reduce);
  if (c.kind == DenseKind::WeightGrad)
    std::swap(m, reduce);
  BenchKernel kernel;
  kernel.name = name;
  kernel.work = 2.0 * m * n * reduce;
  kernel.floor = floor;
  kernel.twoThreads = true;
  kernel.sizes = {c.m};
  // a, b, result, scratch
  int64_t width = panelWidthFor(target), scratch = ceilDiv(n, width) * width * reduce * 4;
  kernel.bufferBytes = {c.m * std::max(c.k, c.n) * 4, std::max(reduce, m) * n * 4 + scratch,
                        m * n * 4, scratch};
  ContractionGrid grid = contractionGrid(schedule, target.lanes(32));
  int64_t tiles = ceilDiv(m, grid.rowBlock) * ceilDiv(n, grid.columnBlock);
  bool packsBefore = schedule.b == OperandForm::Pack && !schedule.packsBlocks();
  if (packsBefore)
    kernel.phases.push_back({"pack", ceilDiv(n, width) * ceilDiv(reduce, kPackRows)});
  kernel.phases.push_back({"multiply", tiles});
  kernel.emit = [=](mlir::ModuleOp module, const CpuTarget &target, BenchKernel &) {
    emitPhase(module, module.getLoc(), target, {"pack", 4, 1, {}},
              [&](KernelBuilder &k, const PhaseArguments &phase) {
                emitPackPanels(k, phase, denseShape(k, c, phase.sizes[0]), phase.pointers[1],
                               phase.pointers[3]);
              });
    emitPhase(module, module.getLoc(), target, {"multiply", 4, 1, {}},
              [&](KernelBuilder &k, const PhaseArguments &phase) {
                ContractionOperands operands{phase.pointers[0], phase.pointers[packsBefore ? 3 : 1],
                                             phase.pointers[2], readsPanels(c),
                                             readsPanels(c) && c.bf16};
                emitContraction(k, phase, denseShape(k, c, phase.sizes[0]), operands, schedule,
                                [&](KernelBuilder &k, const Fragment &fragment) {
                                  storeFragment(k, fragment, phase.pointers[2], k.f32());
                                });
              });
    return true;
  };
  return kernel;
}

void addDense(std::vector<BenchKernel> &rows, int64_t m, int64_t k, int64_t n, double forward,
              double gradients, const CpuTarget &target, bool bf16 = false) {
  std::string size =
      std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n) + (bf16 ? " bf16" : "");
  rows.push_back(
      denseKernel("dense forward " + size, {DenseKind::Forward, m, k, n, bf16}, forward, target));
  rows.push_back(denseKernel("dense input gradient " + size, {DenseKind::InputGrad, m, k, n, bf16},
                             gradients, target));
  rows.push_back(denseKernel("dense weight gradient " + size,
                             {DenseKind::WeightGrad, m, k, n, bf16}, gradients, target));
}

// A 3x3 convolution with stride 1 that keeps the image size; the batch is a run-time size.
struct ConvCase {
  ConvKind kind;
  int64_t batch, size, channels, filters;
};

ConvShape convShape(KernelBuilder &k, const ConvCase &c, Size batch) {
  ConvShape shape;
  shape.batch = batch;
  shape.dims.assign(2, ConvDim{c.size, c.size, 3, 1, 1, 1});
  shape.channels = c.channels;
  shape.filters = c.filters;
  shape.input = shape.accumulator = k.f32();
  shape.panelWidth = panelWidthFor(k.target());
  return shape;
}

ConvSchedule convSchedule(const ConvCase &c, const CpuTarget &target) {
  ConvLoops loops;
  loops.kind = c.kind;
  loops.channels = c.channels;
  loops.filters = c.filters;
  loops.taps = 9;
  loops.innerWindow = 3;
  loops.panelWidth = panelWidthFor(target);
  loops.partialAvailable = c.kind == ConvKind::FilterGrad;
  if (c.kind == ConvKind::FilterGrad)
    loops.filterRows = FilterRows{c.size, c.size, c.size, c.size, 1, 3};
  return chooseConv(loops, target);
}

int64_t convTiles(const ConvCase &c, const ConvSchedule &schedule, const CpuTarget &target) {
  int64_t rowBlock = schedule.rows * schedule.rowTiles;
  int64_t columnBlock = schedule.vectors * target.lanes(32);
  int64_t pixelBlocks = ceilDiv(c.batch * c.size * c.size, rowBlock);
  switch (c.kind) {
  case ConvKind::Forward:
    return pixelBlocks * ceilDiv(c.filters, columnBlock);
  case ConvKind::InputGrad:
    return pixelBlocks * ceilDiv(c.channels, columnBlock);
  case ConvKind::FilterGrad:
    if (schedule.copiesBlocks())
      return ceilDiv(c.channels, rowBlock) *
             ceilDiv(c.filters, columnBlock * copiedColumnTiles(schedule, 9, target.lanes(32)));
    return (schedule.rowsAcrossTaps ? 3 : 9 * ceilDiv(c.channels, rowBlock)) *
           ceilDiv(c.filters, columnBlock);
  }
  llvm_unreachable("covered switch");
}

void emitConv(KernelBuilder &k, const PhaseArguments &phase, const ConvCase &c,
              const ConvSchedule &schedule) {
  ConvShape shape = convShape(k, c, phase.sizes[0]);
  Value first = phase.pointers[0], second = phase.pointers[1], result = phase.pointers[2];
  auto store = [&](KernelBuilder &k, const Fragment &fragment) {
    storeFragment(k, fragment, result, k.f32());
  };
  if (c.kind == ConvKind::FilterGrad)
    return emitConvFilterGrad(k, phase, shape, first, second, result, schedule, store);
  if (schedule.filter == OperandForm::Pack)
    second = phase.pointers[3];
  if (c.kind == ConvKind::Forward)
    emitConvForward(k, phase, shape, first, second, schedule, store);
  else
    emitConvInputGrad(k, phase, shape, first, second, schedule, store);
}

BenchKernel convKernel(const std::string &name, ConvCase c, double floor, const CpuTarget &target) {
  ConvSchedule schedule = convSchedule(c, target);
  bool transposed = c.kind == ConvKind::InputGrad;
  int64_t pixels = c.batch * c.size * c.size, widest = std::max(c.channels, c.filters);
  int64_t reduce = 9 * (transposed ? c.filters : c.channels);
  int64_t columns = transposed ? c.channels : c.filters, width = panelWidthFor(target);
  BenchKernel kernel;
  kernel.name = name;
  kernel.work = 2.0 * pixels * 9 * c.channels * c.filters;
  kernel.floor = floor;
  kernel.twoThreads = true;
  kernel.sizes = {c.batch};
  kernel.bufferBytes.assign(3, std::max(pixels * widest, 9 * widest * widest) * 4);
  kernel.bufferBytes.push_back(ceilDiv(columns, width) * width * reduce * 4);
  if (c.kind != ConvKind::FilterGrad && schedule.filter == OperandForm::Pack)
    kernel.phases.push_back({"pack", ceilDiv(columns, width) * ceilDiv(reduce, kPackRows)});
  kernel.phases.push_back({"conv", convTiles(c, schedule, target)});
  kernel.emit = [=](mlir::ModuleOp module, const CpuTarget &target, BenchKernel &) {
    emitPhase(module, module.getLoc(), target, {"pack", 4, 1, {}},
              [&](KernelBuilder &k, const PhaseArguments &phase) {
                ConvShape shape = convShape(k, c, phase.sizes[0]);
                emitPackPanels(k, phase, convFilterMatrix(k, shape, transposed), phase.pointers[1],
                               phase.pointers[3]);
              });
    emitPhase(
        module, module.getLoc(), target, {"conv", 4, 1, {}},
        [&](KernelBuilder &k, const PhaseArguments &phase) { emitConv(k, phase, c, schedule); });
    return true;
  };
  return kernel;
}

void addConv(std::vector<BenchKernel> &rows, int64_t batch, int64_t size, int64_t channels,
             int64_t filters, double forward, double gradients, const CpuTarget &target) {
  std::string name = "3x3 " + std::to_string(size) + "x" + std::to_string(size) + "x" +
                     std::to_string(channels) + "->" + std::to_string(filters) + " batch " +
                     std::to_string(batch);
  rows.push_back(convKernel("conv forward " + name,
                            {ConvKind::Forward, batch, size, channels, filters}, forward, target));
  rows.push_back(convKernel("conv input gradient " + name,
                            {ConvKind::InputGrad, batch, size, channels, filters}, gradients,
                            target));
  rows.push_back(convKernel("conv filter gradient " + name,
                            {ConvKind::FilterGrad, batch, size, channels, filters}, gradients,
                            target));
}

} // namespace

std::vector<BenchKernel> dlc::driver::promisedKernels(const CpuTarget &target) {
  std::vector<BenchKernel> rows;
  addDense(rows, 128, 784, 512, 0.85, 0.7, target);
  addDense(rows, 512, 768, 768, 0.85, 0.7, target);
  addConv(rows, 4, 56, 64, 64, 0.85, 0.6, target);
  addDepthwise(rows);
  addStreams(rows);
  // Not promised, but worth watching: one row, bf16, narrow heads, few channels, small images.
  addDense(rows, 1, 1024, 4096, 0, 0, target);
  addDense(rows, 512, 768, 768, 0, 0, target, /*bf16=*/true);
  addDense(rows, 128, 512, 10, 0, 0, target);
  addConv(rows, 32, 28, 1, 32, 0, 0, target);
  addConv(rows, 32, 14, 32, 64, 0, 0, target);
  addConv(rows, 4, 14, 256, 256, 0, 0, target);
  addAttention(rows);
  return rows;
}

bool dlc::driver::benchKernels(const BenchOptions &options, llvm::raw_ostream &out) {
  auto target = cpuTargetByName(options.cpu);
  if (!target) {
    llvm::errs() << llvm::toString(target.takeError()) << "\n";
    return false;
  }
  return runBench(promisedKernels(*target), options, out);
}
