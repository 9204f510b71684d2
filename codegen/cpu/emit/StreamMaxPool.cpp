// Max pooling of memory, its winners, or both at once, window by window.
//
// The generic map asks for a result at a time, and goes through the taps of each window in loops
// whose bounds the padding decides. Here windows inside the image are written out: their taps stand
// at constant distances from one address, each x is read from there once, and the largest and its
// number go through registers together. Windows that overhang the image go through a loop over
// their taps. Winners leave as bytes.
//
// A tile is some rows of windows.
#include "codegen/cpu/emit/StreamPools.h"
#include "codegen/lower/Pointwise.h"
#include "ir/symbols/SizeExpr.h"
#include <limits>

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

std::optional<MaxPoolLoops> MaxPoolLoops::match(const StreamContext &context, const StreamJob &job,
                                                int64_t phase) {
  if (job.kind != StreamJob::Map || job.stores.empty() || !job.reductions.empty())
    return std::nullopt;
  MaxPoolLoops loops;
  for (auto [i, store] : llvm::enumerate(job.stores)) {
    Operation *op = store.value.getDefiningOp();
    std::optional<size_t> *place = isa_and_nonnull<ir::MaxPoolOp>(op)          ? &loops.values
                                   : isa_and_nonnull<ir::MaxPoolWinnersOp>(op) ? &loops.winners
                                                                               : nullptr;
    if (!place || *place || (loops.op && !isSamePool(loops.op, op)))
      return std::nullopt;
    *place = i;
    loops.op = op;
  }
  Value x = loops.op->getOperand(0);
  ir::PoolGeometry geometry = poolGeometryOf(loops.op);
  loops.image = ir::shapeOf(x);
  loops.output = ir::shapeOf(loops.op->getResult(0));
  auto isKnown = [](SizeAttr size) { return size.isConstant(); };
  if (!context.isMemoryIn(x, phase) || ir::positionCount(geometry.window) > kMostTaps ||
      !llvm::all_of(ArrayRef(loops.image).drop_front().drop_back(), isKnown) ||
      !llvm::all_of(geometry.padLow, isKnown))
    return std::nullopt;
  loops.rowsPerTile = poolRowsPerTile(context, loops.op, loops.image, ElementEmitter::elementOf(x));
  return loops;
}

SizeAttr MaxPoolLoops::tiles() const {
  return ir::sizeCeilDiv(ir::sizeMul(output[0], output[1]),
                         ir::sizeConstant(op->getContext(), rowsPerTile));
}

namespace {

struct MaxPoolEmitter : PoolEmitter {
  Value x;
  Value values, winners; // where results go; null: not wanted
  bool around = false;   // values are written past the caches

  MaxPoolEmitter(JobEmitter &j, const MaxPoolLoops &loops)
      : PoolEmitter(j, loops.op, loops.op->getOperand(0), loops.image, loops.output) {
    x = j.memoryOf(loops.op->getOperand(0));
    auto pointerOf = [&](std::optional<size_t> store) {
      return store ? j.pointerTo(j.job.stores[*store].buffer) : Value();
    };
    values = pointerOf(loops.values);
    winners = pointerOf(loops.winners);
  }

  // |v| is larger than |best|, or the first NaN ("not <=" holds for a NaN on either side).
  Value isBetter(Value v, Value best) {
    return k.both(compare(arith::CmpFPredicate::UGT, v, best),
                  compare(arith::CmpFPredicate::ORD, best, best));
  }

  // The largest of a window's taps and its number: the first one of equal ones, and of NaNs.
  struct Largest {
    Value value, number;
  };

  // Of the taps at |places| behind |pointer|.
  Largest largestOf(Value pointer, ArrayRef<Size> places, Value mask) {
    Largest best;
    for (auto [i, at] : llvm::enumerate(places)) {
      Value v = load(pointer, at, mask), number = tapNumber(int64_t(i));
      Value take = best.value ? isBetter(v, best.value) : Value();
      best.value = take ? select(take, v, best.value) : v;
      best.number = take ? select(take, number, best.number) : number;
    }
    return best;
  }

  // The same of a window's taps that lie inside the image, behind |from|; -infinity and -1 for
  // none.
  Largest clippedLargest(const Window &w, Size from, Value mask) {
    Value lowest =
        k.floatConstant(k.vectorType(compute, lanes), -std::numeric_limits<double>::infinity());
    Value none = k.intConstant(k.vectorType(k.i32(), lanes), -1);
    SmallVector<Value> best = clippedTaps(
        w, ValueRange{lowest, none}, [&](ArrayRef<Size> tap, Size number, ValueRange state) {
          Value v = load(x, k.add(from, distance(tap)), mask);
          Value first = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::slt,
                                              state[1], k.zero(none.getType()));
          Value take = arith::OrIOp::create(k.builder(), k.loc(), first, isBetter(v, state[0]));
          return SmallVector<Value>{select(take, v, state[0]),
                                    select(take, tapNumber(number), state[1])};
        });
    return {best[0], best[1]};
  }

  // Where the results of a window lie.
  struct Results {
    Value values, winners;
  };

  void keep(const Largest &best, const Results &to, Size c, Value mask) {
    if (to.values && around && !mask)
      k.storeNonTemporal(k.convert(best.value, element), to.values, c);
    else if (to.values)
      k.maskedStore(k.convert(best.value, element), to.values, c, mask);
    if (to.winners)
      k.maskedStore(k.convert(hidden(best.number), k.i8()), to.winners, c, mask);
  }

  // The largest alone.
  Largest valueOf(Value pointer, ArrayRef<Size> places, Value mask) {
    Largest best;
    for (Size at : places) {
      Value v = load(pointer, at, mask);
      best.value = best.value ? emitLarger(k.builder(), k.loc(), v, best.value) : v;
    }
    return best;
  }

  void window(const Window &w) {
    auto placed = [&](Value pointer, Type type) {
      return pointer ? inRegister(k.address(type, pointer, w.result)) : Value();
    };
    Results to{placed(values, element), placed(winners, k.i8())};
    auto whole = [&] {
      Value from = inRegister(k.address(element, x, w.base));
      eachVector(0, channels, [&](Size c, Value mask) {
        SmallVector<Size> places = placesOf(c);
        keep(to.winners ? largestOf(from, places, mask) : valueOf(from, places, mask), to, c, mask);
      });
    };
    auto clipped = [&] {
      eachVector(0, channels, [&](Size c, Value mask) {
        keep(clippedLargest(w, k.add(w.base, c), mask), to, c, mask);
      });
    };
    if (Value fits = liesInside(w))
      k.ifElse(fits, whole, clipped);
    else
      whole();
  }
};

} // namespace

void JobEmitter::emitMaxPool(const MaxPoolLoops &loops, Size begin, Size end) {
  MaxPoolEmitter emitter(*this, loops);
  SmallVector<Value> aligned;
  if (loops.values && goesAround(job.stores[*loops.values]) && emitter.rowsAreAligned())
    aligned.push_back(emitter.values);
  walkAround(aligned, begin, end, [&](Size from, Size to, bool around) {
    emitter.around = around;
    emitter.eachRow(from, to, loops.rowsPerTile,
                    [&](const PoolEmitter::Window &w) { emitter.window(w); });
  });
}

} // namespace dlc::codegen::cpu
