// Depthwise convolutions whose results are pixels: the forward pass and the input gradient, which
// is a forward pass over dy with the taps in reverse order; with a stride, tiles begin at multiples
// of it and each of their pixels knows which taps it sees.
#include "codegen/cpu/emit/Depthwise.h"
#include "codegen/cpu/emit/RegisterTile.h"
#include "codegen/cpu/emit/Stencil.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

namespace {

class DepthwisePixels {
public:
  DepthwisePixels(KernelBuilder &k, const Stencil &stencil, Size batch, Value source, Value filter,
                  const DepthwiseSchedule &schedule, Epilogue epilogue, EpilogueMode mode)
      : k(k), stencil(stencil), batch(batch), source(source), filter(filter), schedule(schedule),
        lanes(k.lanes(stencil.type)),
        writer(k, epilogue, mode, stencil.type, lanes, schedule.columns, 1) {}

  void emit(const PhaseArguments &phase);

private:
  void block(Size image, Size rowBlock, Size channelBlock);
  // One vector of channels. Weights that stay in registers over several tiles are loaded ahead;
  // else each is loaded where a tile first needs it.
  struct Channels {
    Size first;
    Value mask, filter;
    SmallVector<Value> weights;
  };
  void forChannels(Size block, function_ref<void(const Channels &)> body);
  void tile(const StencilTile &tile, const Channels &channels);
  Value weight(const Channels &channels, int64_t tap);

  KernelBuilder &k;
  const Stencil &stencil;
  Size batch;
  Value source, filter;
  const DepthwiseSchedule &schedule;
  int64_t lanes;
  TileWriter writer;
};

Value DepthwisePixels::weight(const Channels &channels, int64_t tap) {
  Value loaded = k.maskedLoad(k.vectorType(stencil.stored, lanes), channels.filter,
                              k.mul(tap, stencil.channels), channels.mask);
  return k.convert(loaded, stencil.type);
}

// Vectors of channels; a last one that is not full masks all of them: masks are free, a second copy
// of the code is not.
void DepthwisePixels::forChannels(Size block, function_ref<void(const Channels &)> body) {
  int64_t extent = stencil.channels.constant();
  Size first = k.mul(block, schedule.vectors * lanes);
  Size end = k.min(k.add(first, schedule.vectors * lanes), extent);
  k.forLoop(first, end, lanes, [&](Value channel) {
    Value mask = extent % lanes ? k.laneMask(k.sub(extent, channel), lanes) : Value();
    Channels channels{channel, mask, k.address(stencil.stored, filter, channel), {}};
    if (!schedule.channelsInside)
      for (int64_t tap = 0; tap < stencil.rows.window * stencil.columns.window; ++tap)
        channels.weights.push_back(weight(channels, tap));
    body(channels);
  });
}

void DepthwisePixels::tile(const StencilTile &tile, const Channels &channels) {
  llvm::DenseMap<std::pair<Block *, int64_t>, Value> loaded;
  auto weightHere = [&](int64_t tap) {
    if (!channels.weights.empty())
      return channels.weights[tap];
    Value &value = loaded[{k.builder().getInsertionBlock(), tap}];
    return value ? value : value = weight(channels, tap);
  };
  Accumulators sums(tile.pixels(), k.zero(k.vectorType(stencil.type, lanes)));
  ColumnTile columns{channels.first, 1, {channels.mask}, stencil.channels};
  int64_t width = tile.columns.extent;
  auto meet = [&](Value x, int64_t pixel, int64_t tap, MutableArrayRef<Value> at) {
    at[pixel] = k.fma(x, weightHere(tap), at[pixel]);
  };
  auto finishRow = [&](int64_t row, ArrayRef<Value> all) {
    auto pixel = [&](Size c) { return stencil.resultPixel(k, tile, k.add(row * width, c)); };
    writer.finish(Accumulators(all.slice(row * width, width)), width, columns, stencil.channels,
                  pixel);
    writer.flush(width, columns, stencil.channels, pixel);
  };
  stencil.walk(k, tile, source, channels.first, channels.mask, 0, stencil.rows.window, sums, meet,
               finishRow);
}

void DepthwisePixels::block(Size image, Size rowBlock, Size channelBlock) {
  Size from = k.mul(rowBlock, schedule.rowBlock);
  Size to = k.min(k.add(from, schedule.rowBlock), stencil.rows.results);
  SmallVector<Stretch> rows = stretchesOf(k, stencil.rows, schedule.rows, from, to);
  SmallVector<Stretch> columns =
      stretchesOf(k, stencil.columns, schedule.columns, 0, stencil.columns.results);
  auto forColumns = [&](function_ref<void(Size, const Stretch &)> body) {
    forTiles(k, columns, {}, [&](Size at, const Stretch &stretch, ValueRange) {
      return body(at, stretch), SmallVector<Value>();
    });
  };
  forTiles(k, rows, {}, [&](Size row, const Stretch &down, ValueRange) {
    if (schedule.channelsInside)
      forColumns([&](Size column, const Stretch &along) {
        forChannels(channelBlock, [&](const Channels &channels) {
          tile({image, row, column, down, along}, channels);
        });
      });
    else
      forChannels(channelBlock, [&](const Channels &channels) {
        forColumns([&](Size column, const Stretch &along) {
          tile({image, row, column, down, along}, channels);
        });
      });
    return SmallVector<Value>();
  });
}

void DepthwisePixels::emit(const PhaseArguments &phase) {
  Size rowBlocks = k.ceilDiv(stencil.rows.results, schedule.rowBlock);
  Size channelBlocks = k.ceilDiv(stencil.channels, schedule.vectors * lanes);
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> at = k.delinearize(index, {batch, rowBlocks, channelBlocks});
    block(at[0], at[1], at[2]);
  });
}

} // namespace

void dlc::codegen::cpu::emitDepthwiseForward(KernelBuilder &k, const PhaseArguments &phase,
                                             const ConvShape &shape, Value x, Value filter,
                                             const DepthwiseSchedule &schedule, Epilogue epilogue,
                                             EpilogueMode mode) {
  Stencil stencil = forwardStencil(k, shape);
  DepthwisePixels(k, stencil, shape.batch, x, filter, schedule, epilogue, mode).emit(phase);
}

void dlc::codegen::cpu::emitDepthwiseInputGrad(KernelBuilder &k, const PhaseArguments &phase,
                                               const ConvShape &shape, Value dy, Value filter,
                                               const DepthwiseSchedule &schedule, Epilogue epilogue,
                                               EpilogueMode mode) {
  Stencil stencil = inputGradStencil(k, shape);
  DepthwisePixels(k, stencil, shape.batch, dy, filter, schedule, epilogue, mode).emit(phase);
}
