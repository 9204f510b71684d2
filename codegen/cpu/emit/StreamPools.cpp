// Gradients of pooling whose operands lie in memory, window by window.
//
// The generic map asks for dx element by element: each looks for the windows over it. Here a window
// is looked at once: its dy goes to all its taps' elements of dx, or to that of the winner.
//
//   complete windows    (stride = window, nothing left over) every element of dx lies in one
//   window:
//                       the taps are stored. A tile is some rows of windows.
//   overlapping ones    of max pooling, two dimensions of known sizes: every element of dx sums
//   what
//                       the windows over it give by their winners, and is written once, past the
//                       caches if dx is large. A tile is some rows of an image.
//   any other geometry  dx begins as zeros and windows add to it, in the order of their numbers. A
//                       tile owns a block of channels of one image, so nobody else adds to it. Rows
//                       are zeroed just before the first window that reaches them, while in cache;
//                       where every element has a first window, that one stores instead.
//
// All taps of a window inside the image stand at constant distances from one address where sizes
// are fixed. Windows that overhang the image go through a loop over their taps.
#include "codegen/cpu/emit/StreamPools.h"
#include "ir/symbols/SizeExpr.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

static constexpr int64_t kBlockChannels = 64; // of a tile that adds

// Every position of the image lies in exactly one window.
static bool isComplete(const ir::PoolGeometry &geometry, ArrayRef<SizeAttr> image,
                       ArrayRef<SizeAttr> output) {
  for (size_t d = 0; d < geometry.window.size(); ++d) {
    SizeAttr pad = geometry.padLow[d];
    if (geometry.window[d] != geometry.strides[d] || !image[d].isConstant() ||
        !output[d].isConstant() || !pad.isConstant() ||
        output[d].getValue() * geometry.strides[d] < image[d].getValue() + pad.getValue())
      return false;
  }
  return true;
}

// Every position lies in a window, and in one that no window before has in common with it: the
// first to reach a position can store. Windows of 3 with stride 2 and padding 1, for example.
static bool isCovered(const ir::PoolGeometry &geometry, ArrayRef<SizeAttr> image,
                      ArrayRef<SizeAttr> output) {
  for (size_t d = 0; d < geometry.window.size(); ++d) {
    int64_t window = geometry.window[d], stride = geometry.strides[d];
    SizeAttr pad = geometry.padLow[d];
    if (!image[d].isConstant() || !output[d].isConstant() || !pad.isConstant() || stride > window ||
        window - stride > pad.getValue() ||
        (output[d].getValue() - 1) * stride + window < image[d].getValue() + pad.getValue())
      return false;
  }
  return true;
}

// Overlapping windows of two dimensions and known sizes.
static bool gathersByWinners(Operation *op, const PoolGradLoops &loops) {
  ir::PoolGeometry geometry = poolGeometryOf(op);
  size_t rank = geometry.window.size();
  auto isKnown = [](SizeAttr size) { return size.isConstant(); };
  auto areKnown = [&](ArrayRef<SizeAttr> sizes) { return llvm::all_of(sizes, isKnown); };
  ArrayRef<SizeAttr> image = ArrayRef(loops.image).slice(1, rank);
  SizeAttr channels = loops.image.back();
  if (isa<ir::AvgPoolGradOp>(op) || loops.complete || rank != 2 || !areKnown(image) ||
      !areKnown(ArrayRef(loops.output).slice(1, rank)) || !areKnown(geometry.padLow) ||
      !channels.isConstant() || channels.getValue() % 16 != 0 ||
      geometry.strides[0] * geometry.strides[1] > 9)
    return false;
  PoolGroups groups(geometry, image);
  // Windows that lie in the padding as a whole are over no group.
  for (size_t d = 0; d < rank; ++d)
    if (loops.output[d + 1].getValue() > groups.counts[d])
      return false;
  return groups.reach[0] * groups.reach[1] <= 4;
}

int64_t poolRowsPerTile(const StreamContext &context, Operation *op, ArrayRef<SizeAttr> image,
                        Type element) {
  int64_t bytes = 4096;
  SizeAttr row = ir::sizeProduct(op->getContext(), image.drop_front(2));
  if (row.isConstant())
    bytes =
        row.getValue() * poolGeometryOf(op).strides[0] * 2 * KernelBuilder::storedBytes(element);
  return std::max<int64_t>(1, context.schedule.tileBytes / std::max<int64_t>(bytes, 1));
}

std::optional<PoolGradLoops> PoolGradLoops::match(const StreamContext &context,
                                                  const StreamJob &job, int64_t phase) {
  if (job.kind != StreamJob::Map || job.stores.size() != 1 || !job.reductions.empty())
    return std::nullopt;
  Operation *op = job.stores.front().value.getDefiningOp();
  if (!isa_and_nonnull<ir::MaxPoolScatterOp, ir::AvgPoolGradOp>(op) ||
      !llvm::all_of(op->getOperands(), [&](Value v) { return context.isMemoryIn(v, phase); }))
    return std::nullopt;
  PoolGradLoops loops;
  loops.op = op;
  loops.image = ir::shapeOf(op->getResult(0));
  loops.output = ir::shapeOf(op->getOperands().back());
  size_t rank = loops.image.size() - 2;
  loops.covered = isCovered(poolGeometryOf(op), ArrayRef<SizeAttr>(loops.image).slice(1, rank),
                            ArrayRef<SizeAttr>(loops.output).slice(1, rank));
  loops.complete = isComplete(poolGeometryOf(op), ArrayRef<SizeAttr>(loops.image).slice(1, rank),
                              ArrayRef<SizeAttr>(loops.output).slice(1, rank));
  // Sums of 16-bit floats are rounded once, at their end: they need registers.
  Type element = ElementEmitter::elementOf(op->getResult(0));
  if (!loops.complete && !element.isF32() && !element.isF64())
    return std::nullopt;
  if (ir::positionCount(poolGeometryOf(op).window) > kMostTaps)
    return std::nullopt;
  loops.gathered = gathersByWinners(op, loops);
  loops.rowsPerTile = poolRowsPerTile(context, op, loops.image, element);
  return loops;
}

SizeAttr PoolGradLoops::tiles() const {
  MLIRContext *context = op->getContext();
  auto ceilDiv = [&](SizeAttr size, int64_t by) {
    return ir::sizeCeilDiv(size, ir::sizeConstant(context, by));
  };
  if (complete)
    return ceilDiv(ir::sizeMul(output[0], output[1]), rowsPerTile);
  if (gathered) {
    PoolGroups groups(poolGeometryOf(op), ArrayRef(image).slice(1, 2));
    return ir::sizeMul(image[0],
                       ir::sizeConstant(context, llvm::divideCeil(groups.counts[0], kBandGroups)));
  }
  return ir::sizeMul(image[0], ceilDiv(image.back(), kBlockChannels));
}

namespace {

struct PoolScatterEmitter : PoolGradEmitter {
  using PoolGradEmitter::PoolGradEmitter;

  // Adds |dyValue| to the element at |at|; only where |hit|, if there is one. |fresh|: no window
  // has given to that element before.
  void give(Value dyValue, Value hit, Size at, Value mask, bool fresh) {
    Value part = hit ? select(hit, dyValue, k.zero(dyValue.getType())) : dyValue;
    store(fresh ? part : k.sum(load(dx, at, mask), part), dx, at, mask);
  }

  // Whether no window before this one has given to the element of |tap|: windows that overlap this
  // one from above or from the left reach its first taps only.
  bool isFresh(ArrayRef<Size> tap) {
    bool fresh = loops.complete || loops.covered;
    for (size_t d = 0; d < rank; ++d)
      fresh &= loops.complete || tap[d].constant() >= geometry.window[d] - geometry.strides[d];
    return fresh;
  }

  Value winnersOf(const Window &w, Size c, Value mask) {
    return isMax ? loadWinners(winners, k.add(w.result, c), mask) : Value();
  }
  Value hitOf(Value winner, Size tap) {
    return winner ? equals(winner, tapNumber(tap, winner)) : Value();
  }

  // All taps lie inside the image; |results|: the window's dy.
  void inside(const Window &w, Value results, Size c, Value mask) {
    SmallVector<Size> places = placesOf(k.add(w.base, c));
    SmallVector<bool> fresh;
    eachTap({}, [&](ArrayRef<Size> tap) { fresh.push_back(isFresh(tap)); });
    Value winner = winnersOf(w, c, mask);
    Value dyValue = load(results, c, mask);
    if (!isMax)
      dyValue = arith::DivFOp::create(k.builder(), k.loc(), dyValue,
                                      k.floatConstant(dyValue.getType(), places.size()));
    for (auto [number, at] : llvm::enumerate(places))
      give(dyValue, hitOf(winner, int64_t(number)), at, mask, fresh[number]);
  }

  // A tap whose number is known only when running.
  void giveClipped(Value dyValue, Value hit, ArrayRef<Size> tap, Size at, Value mask) {
    if (loops.complete || !loops.covered)
      return give(dyValue, hit, at, mask, loops.complete);
    Value fresh;
    for (size_t d = 0; d < rank; ++d) {
      Value here = k.less(geometry.window[d] - geometry.strides[d] - 1, tap[d]);
      fresh = fresh ? k.both(fresh, here) : here;
    }
    Value part = hit ? select(hit, dyValue, k.zero(dyValue.getType())) : dyValue;
    Value before = select(k.splat(fresh, lanes), k.zero(part.getType()), load(dx, at, mask));
    store(k.sum(before, part), dx, at, mask);
  }

  void clipped(const Window &w, Size c, Value mask) {
    Size from = k.add(w.base, c);
    Value dyValue = load(dy, k.add(w.result, c), mask), winner = winnersOf(w, c, mask);
    if (!isMax) {
      Size count = 1;
      for (size_t d = 0; d < rank; ++d)
        count = k.mul(count, k.sub(k.min(k.add(w.origin[d], geometry.window[d]), image[d]),
                                   k.max(w.origin[d], 0)));
      Value taps = k.splat(emitCast(k.builder(), k.loc(), k.value(count), k.i64(), compute), lanes);
      dyValue = arith::DivFOp::create(k.builder(), k.loc(), dyValue, taps);
    }
    clippedTaps(w, ValueRange(), [&](ArrayRef<Size> tap, Size number, ValueRange) {
      giveClipped(dyValue, hitOf(winner, number), tap, k.add(from, distance(tap)), mask);
      return SmallVector<Value>();
    });
  }

  //===--------------------------------------------------------------------===//
  // Loops
  //===--------------------------------------------------------------------===//

  // What a window gives to channels [begin, end).
  void window(const Window &w, Size begin, Size end) {
    auto whole = [&] {
      Value results = inRegister(k.address(element, dy, w.result)); // the window's dy
      eachVector(begin, end, [&](Size c, Value mask) { inside(w, results, c, mask); });
    };
    auto rolled = [&] { eachVector(begin, end, [&](Size c, Value mask) { clipped(w, c, mask); }); };
    if (hasFewRegisters())
      rolled();
    else if (Value fits = liesInside(w))
      k.ifElse(fits, whole, rolled);
    else
      whole();
  }

  // Rows of the image before the first one that only window rows from |o| on reach.
  Size frontier(Size o) {
    Size last = k.add(k.sub(k.mul(k.sub(o, 1), geometry.strides[0]), pads[0]), geometry.window[0]);
    return k.select(k.less(0, o), k.max(k.min(last, image[0]), 0), 0);
  }

  void zeroRows(Size n, Size from, Size to, Size begin, Size end) {
    Size pixels = 1;
    for (size_t d = 1; d < rank; ++d)
      pixels = k.mul(pixels, image[d]);
    Value zero = k.zero(k.vectorType(element, lanes));
    Size row = k.mul(n, image[0]);
    k.forLoop(k.mul(k.add(row, from), pixels), k.mul(k.add(row, to), pixels), 1, [&](Value p) {
      Size at = k.mul(Size(p), channels);
      eachVector(begin, end,
                 [&](Size c, Value mask) { k.maskedStore(zero, dx, k.add(at, c), mask); });
    });
  }

  void images(Size begin, Size end) {
    Size blocks = k.ceilDiv(channels, kBlockChannels);
    k.forLoop(begin, end, 1, [&](Value tile) {
      Size n = k.div(Size(tile), blocks);
      Size first = k.mul(k.rem(Size(tile), blocks), kBlockChannels);
      Size past = k.min(k.add(first, kBlockChannels), channels);
      k.forLoop(0, output[0], 1, [&](Value o) {
        if (!loops.covered)
          zeroRows(n, frontier(Size(o)), frontier(k.add(Size(o), 1)), first, past);
        eachWindow(n, {Size(o)}, [&](const Window &w) { window(w, first, past); });
      });
      if (!loops.covered)
        zeroRows(n, frontier(output[0]), image[0], first, past);
    });
  }
};

} // namespace

void JobEmitter::emitPoolGrad(const PoolGradLoops &loops, Size begin, Size end) {
  PoolScatterEmitter emitter(*this, loops);
  if (!loops.complete && !loops.gathered)
    return emitter.images(begin, end);
  SmallVector<Value> aligned;
  if (goesAround(job.stores.front()) && emitter.rowsAreAligned())
    aligned.push_back(emitter.dx);
  walkAround(aligned, begin, end, [&](Size from, Size to, bool around) {
    if (loops.gathered)
      return emitPoolWinners(*this, loops, from, to, around);
    emitter.around = around;
    emitter.eachRow(from, to, loops.rowsPerTile,
                    [&](const PoolEmitter::Window &w) { emitter.window(w, 0, emitter.channels); });
  });
}

} // namespace dlc::codegen::cpu
