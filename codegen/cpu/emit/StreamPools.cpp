// Gradients of pooling whose operands lie in memory, window by window.
//
// The generic map asks for dx element by element: each looks for the windows over it and goes
// through all their taps, which reads every x as often as a window has taps. Here a window is looked
// at once: its largest tap is found in registers, and dy goes to that tap's element of dx.
//
//   complete windows    (stride = window, nothing left over) every element of dx lies in one window:
//                       the taps are stored. A tile is some rows of windows.
//   any other geometry  dx begins as zeros and windows add to it, in the order of their numbers. A
//                       tile owns a block of channels of one image, so nobody else adds to it. Rows
//                       are zeroed just before the first window that reaches them, while in cache;
//                       where every element has a first window, that one stores instead.
//
// All taps of a window inside the image stand at constant distances from one address where sizes
// are fixed. Windows that overhang the image go through a loop over their taps.
#include "codegen/cpu/emit/StreamJobs.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <limits>

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

static constexpr int64_t kBlockChannels = 64; // of a tile that adds

static ir::PoolGeometry geometryOf(Operation *op) {
  if (auto max = dyn_cast<ir::MaxPoolGradOp>(op))
    return max.getGeometry();
  return cast<ir::AvgPoolGradOp>(op).getGeometry();
}

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
    if (!image[d].isConstant() || !output[d].isConstant() || !pad.isConstant() ||
        stride > window || window - stride > pad.getValue() ||
        (output[d].getValue() - 1) * stride + window < image[d].getValue() + pad.getValue())
      return false;
  }
  return true;
}

std::optional<PoolGradLoops> PoolGradLoops::match(const StreamContext &context,
                                                  const StreamJob &job, int64_t phase) {
  if (job.kind != StreamJob::Map || job.stores.size() != 1 ||
      !job.reductions.empty())
    return std::nullopt;
  Operation *op = job.stores.front().value.getDefiningOp();
  if (!isa_and_nonnull<ir::MaxPoolGradOp, ir::AvgPoolGradOp>(op) ||
      !llvm::all_of(op->getOperands(), [&](Value v) { return context.isMemoryIn(v, phase); }))
    return std::nullopt;
  PoolGradLoops loops;
  loops.op = op;
  loops.image = ir::shapeOf(op->getResult(0));
  loops.output = ir::shapeOf(op->getOperands().back());
  size_t rank = loops.image.size() - 2;
  loops.covered = isCovered(geometryOf(op), ArrayRef<SizeAttr>(loops.image).slice(1, rank),
                            ArrayRef<SizeAttr>(loops.output).slice(1, rank));
  loops.complete = isComplete(geometryOf(op), ArrayRef<SizeAttr>(loops.image).slice(1, rank),
                              ArrayRef<SizeAttr>(loops.output).slice(1, rank));
  // Sums of 16-bit floats are rounded once, at their end: they need registers.
  Type element = ElementEmitter::elementOf(op->getResult(0));
  if (!loops.complete && !element.isF32() && !element.isF64())
    return std::nullopt;
  int64_t taps = 1;
  for (int64_t width : geometryOf(op).window)
    taps *= width;
  if (taps > 27)
    return std::nullopt; // written out, they would be more code than they are worth
  int64_t rowBytes = 4096;
  SizeAttr row = ir::sizeProduct(op->getContext(), ArrayRef<SizeAttr>(loops.image).drop_front(2));
  if (row.isConstant())
    rowBytes = row.getValue() * geometryOf(op).strides[0] * 2 *
               KernelBuilder::storedBytes(element);
  loops.rowsPerTile = std::max<int64_t>(1, context.schedule.tileBytes / std::max<int64_t>(rowBytes, 1));
  return loops;
}

SizeAttr PoolGradLoops::tiles() const {
  MLIRContext *context = op->getContext();
  auto ceilDiv = [&](SizeAttr size, int64_t by) {
    return ir::sizeCeilDiv(size, ir::sizeConstant(context, by));
  };
  if (complete)
    return ceilDiv(ir::sizeMul(output[0], output[1]), rowsPerTile);
  return ir::sizeMul(image[0], ceilDiv(image.back(), kBlockChannels));
}

namespace {

struct PoolGradEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  const PoolGradLoops &loops;
  ir::PoolGeometry geometry;
  size_t rank;
  bool isMax;
  Type element, compute;
  int64_t lanes;
  Value x, dy, dx;
  SmallVector<Size> image, output, pads; // spatial
  Size batch, channels;
  bool around = false; // dx is written past the caches

  PoolGradEmitter(JobEmitter &j, const PoolGradLoops &loops)
      : j(j), k(j.k), loops(loops), geometry(geometryOf(loops.op)), rank(geometry.window.size()),
        isMax(isa<ir::MaxPoolGradOp>(loops.op)) {
    element = ElementEmitter::elementOf(loops.op->getResult(0));
    compute = element.isF16() || element.isBF16() ? k.f32() : element;
    lanes = j.lanesFor({loops.op->getResult(0)}, loops.image.back());
    j.begin(lanes);
    x = isMax ? j.memoryOf(loops.op->getOperand(0)) : Value();
    dy = j.memoryOf(loops.op->getOperands().back());
    dx = j.pointerTo(j.job.stores.front().buffer);
    batch = j.e().sizeOf(loops.image.front());
    channels = j.e().sizeOf(loops.image.back());
    for (size_t d = 0; d < rank; ++d) {
      image.push_back(j.e().sizeOf(loops.image[d + 1]));
      output.push_back(j.e().sizeOf(loops.output[d + 1]));
      pads.push_back(j.e().sizeOf(geometry.padLow[d]));
    }
  }

  Value load(Value pointer, Size at, Value mask) {
    return k.convert(k.maskedLoad(k.vectorType(element, lanes), pointer, at, mask), compute);
  }
  void store(Value value, Size at, Value mask) {
    if (around && !mask)
      return k.storeNonTemporal(k.convert(value, element), dx, at);
    k.maskedStore(k.convert(value, element), dx, at, mask);
  }
  Value compare(arith::CmpFPredicate p, Value a, Value b) {
    return arith::CmpFOp::create(k.builder(), k.loc(), p, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return arith::SelectOp::create(k.builder(), k.loc(), condition, a, b);
  }
  Value tapNumber(Size tap) {
    return k.convert(k.splat(k.value(tap), lanes), k.i32());
  }

  //===--------------------------------------------------------------------===//
  // One window, one vector of channels
  //===--------------------------------------------------------------------===//

  int64_t tapCount() const {
    int64_t taps = 1;
    for (int64_t width : geometry.window)
      taps *= width;
    return taps;
  }

  struct Window {
    SmallVector<Size> origin; // of tap 0 in the image; may lie outside
    Size base, result;        // elements before tap 0 of channel 0, and before the window's dy
  };

  // The element |tap| (one number per dimension) of a window, relative to its tap 0.
  Size distance(ArrayRef<Size> tap) {
    Size flat = 0;
    for (size_t d = 0; d < rank; ++d)
      flat = k.add(k.mul(flat, image[d]), tap[d]);
    return k.mul(flat, channels);
  }

  // |v| is larger than |best|, or the first NaN ("not <=" holds for a NaN on either side).
  Value isBetter(Value v, Value best) {
    return k.both(compare(arith::CmpFPredicate::UGT, v, best),
                  compare(arith::CmpFPredicate::ORD, best, best));
  }

  Value equals(Value a, Value b) {
    return arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::eq, a, b);
  }

  // Adds |dyValue| to the element at |at|; only where |hit|, if there is one. |fresh|: no window has
  // given to that element before.
  void give(Value dyValue, Value hit, Size at, Value mask, bool fresh) {
    Value part = hit ? select(hit, dyValue, k.zero(dyValue.getType())) : dyValue;
    store(fresh ? part : k.sum(load(dx, at, mask), part), at, mask);
  }

  // Whether no window before this one has given to the element of |tap|: windows that overlap this
  // one from above or from the left reach its first taps only.
  bool isFresh(ArrayRef<Size> tap) {
    bool fresh = loops.complete || loops.covered;
    for (size_t d = 0; d < rank; ++d)
      fresh &= loops.complete ||
               tap[d].constant() >= geometry.window[d] - geometry.strides[d];
    return fresh;
  }

  template <typename Visit> void eachTap(SmallVector<Size> tap, Visit visit) {
    if (tap.size() == rank)
      return visit(tap);
    for (int64_t i = 0, width = geometry.window[tap.size()]; i < width; ++i) {
      SmallVector<Size> next(tap);
      next.push_back(i);
      eachTap(next, visit);
    }
  }

  // The window's dy, addressed by a register that is set here: through an empty asm, or LLVM would
  // step it along with the windows' number in all loops around and fetch it from the stack.
  Value resultsOf(const Window &w) {
    Value pointer = k.address(element, dy, w.result);
    return LLVM::InlineAsmOp::create(k.builder(), k.loc(), k.pointerType(), ValueRange{pointer}, "",
                                     "=r,0", /*has_side_effects=*/false, /*is_align_stack=*/false,
                                     LLVM::tailcallkind::TailCallKind::None,
                                     LLVM::AsmDialectAttr(), ArrayAttr())
        .getResult(0);
  }

  // All taps lie inside the image; |results|: the window's dy.
  void inside(const Window &w, Value results, Size c, Value mask) {
    Size from = k.add(w.base, c);
    Value best, largest;
    SmallVector<Size> places;
    SmallVector<bool> fresh;
    eachTap({}, [&](ArrayRef<Size> tap) {
      places.push_back(k.add(from, distance(tap)));
      fresh.push_back(isFresh(tap));
      if (!isMax)
        return;
      Value v = load(x, places.back(), mask), number = tapNumber(int64_t(places.size()) - 1);
      Value take = best ? isBetter(v, best) : Value();
      best = take ? select(take, v, best) : v;
      largest = take ? select(take, number, largest) : number;
    });
    Value dyValue = load(results, c, mask);
    if (!isMax)
      dyValue = arith::DivFOp::create(k.builder(), k.loc(), dyValue,
                                      k.floatConstant(dyValue.getType(), places.size()));
    for (auto [number, at] : llvm::enumerate(places))
      give(dyValue, isMax ? equals(largest, tapNumber(int64_t(number))) : Value(), at, mask,
           fresh[number]);
  }

  // One loop over all taps, leaving out those outside the image: a loop for each dimension would
  // need more bounds and addresses than there are registers.
  using TapBody =
      function_ref<SmallVector<Value>(ArrayRef<Size> tap, Size number, ValueRange carried)>;
  SmallVector<Value> clippedTaps(const Window &w, ValueRange carried, TapBody body) {
    return k.forLoop(0, tapCount(), 1, carried, [&](Value number, ValueRange state) {
      SmallVector<Size> widths(geometry.window.begin(), geometry.window.end());
      SmallVector<Size> tap = k.delinearize(Size(number), widths);
      Value valid;
      for (size_t d = 0; d < rank; ++d) {
        Value here = k.inside(k.add(w.origin[d], tap[d]), image[d]);
        valid = valid ? k.both(valid, here) : here;
      }
      return k.chooseValues(
          valid, [&] { return body(tap, Size(number), state); },
          [&] { return SmallVector<Value>(state); });
    });
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
    store(k.sum(before, part), at, mask);
  }

  void clipped(const Window &w, Size c, Value mask) {
    Size from = k.add(w.base, c);
    Value dyValue = load(dy, k.add(w.result, c), mask), largest;
    if (isMax) {
      Value lowest = k.floatConstant(k.vectorType(compute, lanes),
                                     -std::numeric_limits<double>::infinity());
      Value none = k.intConstant(k.vectorType(k.i32(), lanes), -1);
      largest = clippedTaps(
          w, ValueRange{lowest, none}, [&](ArrayRef<Size> tap, Size number, ValueRange state) {
            Value v = load(x, k.add(from, distance(tap)), mask);
            Value first = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::slt,
                                                state[1], k.zero(none.getType()));
            Value take = arith::OrIOp::create(k.builder(), k.loc(), first, isBetter(v, state[0]));
            return SmallVector<Value>{select(take, v, state[0]),
                                      select(take, tapNumber(number), state[1])};
          })[1];
    } else {
      Size count = 1;
      for (size_t d = 0; d < rank; ++d)
        count = k.mul(count, k.sub(k.min(k.add(w.origin[d], geometry.window[d]), image[d]),
                                   k.max(w.origin[d], 0)));
      Value taps = k.splat(emitCast(k.builder(), k.loc(), k.value(count), k.i64(), compute), lanes);
      dyValue = arith::DivFOp::create(k.builder(), k.loc(), dyValue, taps);
    }
    clippedTaps(w, ValueRange(), [&](ArrayRef<Size> tap, Size number, ValueRange) {
      Value hit = isMax ? equals(largest, tapNumber(number)) : Value();
      giveClipped(dyValue, hit, tap, k.add(from, distance(tap)), mask);
      return SmallVector<Value>();
    });
  }

  //===--------------------------------------------------------------------===//
  // Loops
  //===--------------------------------------------------------------------===//

  // Channels [begin, end) in vectors; a mask for the last.
  void eachVector(Size begin, Size end, function_ref<void(Size, Value)> body) {
    Size whole = k.add(begin, k.mul(k.div(k.sub(end, begin), lanes), lanes));
    k.forLoop(begin, whole, lanes, [&](Value c) { body(Size(c), Value()); });
    bool even = channels.isConstant() && channels.constant() % lanes == 0;
    if (!even)
      k.forLoop(whole, end, lanes,
                [&](Value c) { body(Size(c), k.laneMask(k.sub(end, c), lanes)); });
  }

  // Whether the window lies inside the image; null when that is certain.
  Value liesInside(const Window &w) {
    Value all;
    for (size_t d = 0; d < rank; ++d) {
      Size last = k.add(k.sub(k.mul(k.sub(output[d], 1), geometry.strides[d]), pads[d]),
                        geometry.window[d]);
      bool fits = last.isConstant() && image[d].isConstant() &&
                  last.constant() <= image[d].constant();
      SmallVector<Value> conditions;
      if (!pads[d].is(0))
        conditions.push_back(k.less(-1, w.origin[d]));
      if (!fits)
        conditions.push_back(k.less(k.add(w.origin[d], geometry.window[d] - 1), image[d]));
      for (Value condition : conditions)
        all = all ? k.both(all, condition) : condition;
    }
    return all;
  }

  // Windows whose leading numbers are |o|, of image |n|.
  void windows(Size n, SmallVector<Size> o, Size begin, Size end) {
    size_t d = o.size();
    if (d < rank) {
      k.forLoop(0, output[d], 1, [&](Value i) {
        SmallVector<Size> next(o);
        next.push_back(Size(i));
        windows(n, next, begin, end);
      });
      return;
    }
    Window w;
    w.base = w.result = n;
    for (size_t dim = 0; dim < rank; ++dim) {
      w.origin.push_back(k.sub(k.mul(o[dim], geometry.strides[dim]), pads[dim]));
      w.base = k.add(k.mul(w.base, image[dim]), w.origin.back());
      w.result = k.add(k.mul(w.result, output[dim]), o[dim]);
    }
    w.base = k.mul(w.base, channels);
    w.result = k.mul(w.result, channels);
    auto whole = [&] {
      Value results = resultsOf(w);
      eachVector(begin, end, [&](Size c, Value mask) { inside(w, results, c, mask); });
    };
    auto rolled = [&] {
      eachVector(begin, end, [&](Size c, Value mask) { clipped(w, c, mask); });
    };
    // The numbers of many taps do not fit in sixteen registers.
    bool fewRegisters = k.target().vectorRegisters < 32 && tapCount() > 4;
    if (fewRegisters)
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

  // Vectors of all pixels begin as aligned as the image does.
  bool rowsAreAligned() {
    int64_t bytes = KernelBuilder::storedBytes(element);
    return channels.isConstant() && channels.constant() * bytes % 64 == 0;
  }

  void rows(Size begin, Size end) {
    Size last = k.min(k.mul(end, loops.rowsPerTile), k.mul(batch, output[0]));
    k.forLoop(k.mul(begin, loops.rowsPerTile), last, 1, [&](Value row) {
      windows(k.div(Size(row), output[0]), {k.rem(Size(row), output[0])}, 0, channels);
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
        windows(n, {Size(o)}, first, past);
      });
      if (!loops.covered)
        zeroRows(n, frontier(output[0]), image[0], first, past);
    });
  }
};

} // namespace

void JobEmitter::emitPoolGrad(const PoolGradLoops &loops, Size begin, Size end) {
  PoolGradEmitter emitter(*this, loops);
  if (!loops.complete)
    return emitter.images(begin, end);
  SmallVector<Value> aligned;
  if (goesAround(job.stores.front()) && emitter.rowsAreAligned())
    aligned.push_back(emitter.dx);
  walkAround(aligned, begin, end, [&](Size from, Size to, bool around) {
    emitter.around = around;
    emitter.rows(from, to);
  });
}

} // namespace dlc::codegen::cpu
