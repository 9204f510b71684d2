// Pooling and its gradients, one vector of results at a time (lanes along channels as a rule).
//
// Loops run over the taps of a window, clipped to the image where the position is uniform and by
// masks where it is not. A gradient of max pooling asks, for each window over its element, which
// tap won: that is kept (max_pool_scatter), or looked for among the taps anew (max_pool_grad).
#include "codegen/cpu/emit/ElementEmitter.h"
#include "codegen/cpu/emit/StreamPlan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;

namespace dlc::codegen::cpu {
namespace {

using F = arith::CmpFPredicate;

// The geometry of a pool and loops over taps and windows.
struct Windows {
  ElementEmitter &m;
  Elements &e;
  KernelBuilder &k;
  SmallVector<int64_t> window, strides;
  SmallVector<Size> padLow;
  SmallVector<Size> image, output; // spatial extents of x and y
  bool failedOnce = false;

  template <typename Op>
  Windows(ElementEmitter &m, Op op, Value x, Value y) : m(m), e(m.e), k(m.k) {
    ir::PoolGeometry geometry = op.getGeometry();
    window = SmallVector<int64_t>(geometry.window);
    strides = SmallVector<int64_t>(geometry.strides);
    for (ir::SizeAttr pad : geometry.padLow)
      padLow.push_back(e.sizeOf(pad));
    SmallVector<Size> xs = e.extentsOf(x), ys = e.extentsOf(y);
    image.append(xs.begin() + 1, xs.end() - 1);
    output.append(ys.begin() + 1, ys.end() - 1);
  }

  size_t rank() const { return window.size(); }

  // The position in the image of tap 0 of window |o| along dimension |d|.
  Coordinate origin(Coordinate o, size_t d) {
    return m.shifted(m.scaled(o, strides[d]), k.sub(0, padLow[d]));
  }

  bool isCertain(const Coordinate &start, size_t d) {
    return start.kind == Coordinate::Uniform && padLow[d].is(0) && neverOverhangs(d);
  }
  // No padding above: the last window ends inside the image. Known for fixed sizes only.
  bool neverOverhangs(size_t d) {
    if (!output[d].isConstant() || !image[d].isConstant() || !padLow[d].isConstant())
      return false;
    return (output[d].constant() - 1) * strides[d] - padLow[d].constant() + window[d] <=
           image[d].constant();
  }

  // Written out where the trips are known and few: windows are mostly 2 or 3 wide.
  SmallVector<Value> shortLoop(Size begin, Size end, ValueRange carried,
                               function_ref<SmallVector<Value>(Size, ValueRange)> body) {
    if (!begin.isConstant() || !end.isConstant() || end.constant() - begin.constant() > 3)
      return e.forLoop(begin, end, 1, carried,
                       [&](Value i, ValueRange state) { return body(Size(i), state); });
    SmallVector<Value> state(carried);
    for (int64_t i = begin.constant(); i < end.constant(); ++i)
      state = body(i, state);
    return state;
  }

  // Windows that do not overlap and leave no position of the image out: one holds each.
  bool coversOnce(size_t d) {
    return window[d] == strides[d] && output[d].isConstant() && image[d].isConstant() &&
           padLow[d].isConstant() &&
           output[d].constant() * strides[d] >= image[d].constant() + padLow[d].constant();
  }

  // Visits the taps of the window whose origin is |starts|: |body| gets the image coordinates, the
  // mask of lanes whose tap lies inside, and the tap's number as an i64 Size.
  using Body = function_ref<SmallVector<Value>(ArrayRef<Coordinate> at, Value mask, Size tap,
                                               ValueRange carried)>;
  SmallVector<Value> taps(ArrayRef<Coordinate> starts, Value mask, ValueRange carried, Body body,
                          SmallVector<Coordinate> at = {}, Size tap = 0) {
    size_t d = at.size();
    if (d == rank())
      return body(at, mask, tap, carried);
    Coordinate start = starts[d];
    Size low = 0, high = window[d];
    bool uniform = start.kind == Coordinate::Uniform;
    if (uniform && !isCertain(start, d)) {
      low = k.max(k.sub(0, start.base), 0);
      high = k.min(k.sub(image[d], start.base), window[d]);
    }
    return shortLoop(low, high, carried, [&](Size i, ValueRange state) {
      Coordinate c = m.shifted(start, i);
      Value inside = uniform ? Value() : m.within(c, 0, image[d]);
      SmallVector<Coordinate> next(at);
      next.push_back(c);
      return taps(starts, m.both(mask, inside), state, body, next, k.add(k.mul(tap, window[d]), i));
    });
  }

  // Visits the windows that hold image position |at|: |body| gets their numbers and the mask of
  // lanes for which the window exists.
  using WindowBody =
      function_ref<SmallVector<Value>(ArrayRef<Coordinate> o, Value mask, ValueRange carried)>;
  SmallVector<Value> covering(ArrayRef<Coordinate> at, Value mask, ValueRange carried,
                              WindowBody body, SmallVector<Coordinate> o = {}) {
    size_t d = o.size();
    if (d == rank())
      return body(o, mask, carried);
    // Windows o with o * stride <= position + pad < o * stride + window.
    Coordinate place = m.shifted(at[d], padLow[d]);
    Coordinate last = m.quotient(place, strides[d]);
    int64_t most = (window[d] + strides[d] - 1) / strides[d];
    if (place.kind == Coordinate::Uniform) {
      Size first = k.max(k.floorDiv(k.sub(place.base, window[d] - strides[d]), strides[d]), 0);
      Size end = k.min(k.add(last.base, 1), output[d]);
      if (coversOnce(d)) {
        SmallVector<Coordinate> next(o);
        next.push_back(Coordinate::uniform(last.base));
        return covering(at, mask, carried, body, next);
      }
      if (most == 1)
        first = last.base;
      return e.forLoop(first, end, 1, carried, [&](Value i, ValueRange state) {
        SmallVector<Coordinate> next(o);
        next.push_back(Coordinate::uniform(Size(i)));
        return onlyIfCovered(next.back(), place, d, mask, state, [&](Value m2, ValueRange s) {
          return covering(at, m2, s, body, next);
        });
      });
    }
    SmallVector<Value> state(carried);
    for (int64_t back = most; back-- > 0;) {
      Coordinate candidate = m.shifted(last, -back);
      Value exists = m.within(candidate, 0, output[d]);
      SmallVector<Coordinate> next(o);
      next.push_back(m.clamped(candidate, output[d]));
      state =
          onlyIfCovered(next.back(), place, d, m.both(mask, exists), state,
                        [&](Value m2, ValueRange s) { return covering(at, m2, s, body, next); });
    }
    return state;
  }

  // Windows narrower than their stride leave gaps: the position may lie in none.
  template <typename Inner>
  SmallVector<Value> onlyIfCovered(Coordinate o, Coordinate place, size_t d, Value mask,
                                   ValueRange state, Inner inner) {
    if (window[d] % strides[d] == 0 && place.kind == Coordinate::Uniform)
      return inner(mask, state);
    Value distance = k.difference(m.positions(place), m.positions(m.scaled(o, strides[d])));
    Value covered = m.within(Coordinate::positions(distance), 0, window[d]);
    return inner(m.both(mask, covered), state);
  }

  // The number of elements in the window with origin |starts|, as a vector of |element|.
  Value count(ArrayRef<Coordinate> starts, Type element) {
    VectorType wide = k.vectorType(k.i64(), e.lanes());
    Value product = k.intConstant(wide, 1);
    for (size_t d = 0; d < rank(); ++d) {
      Value start = m.positions(starts[d]);
      Value end = k.sum(start, k.intConstant(wide, window[d]));
      Value low = arith::MaxSIOp::create(k.builder(), k.loc(), start, k.intConstant(wide, 0));
      Value high = arith::MinSIOp::create(k.builder(), k.loc(), end, m.splat(k.value(image[d])));
      product = k.product(product, k.difference(high, low));
    }
    return emitCast(k.builder(), k.loc(), product, k.i64(), element);
  }
};

// Splits an index into batch, spatial.., channels.
struct Pixel {
  Coordinate batch, channel;
  SmallVector<Coordinate> spatial;

  explicit Pixel(const ElementIndex &apart)
      : batch(apart.coordinates.front()), channel(apart.coordinates.back()),
        spatial(apart.coordinates.begin() + 1, apart.coordinates.end() - 1) {}

  ElementIndex with(ArrayRef<Coordinate> places, Value mask) const {
    ElementIndex index{{batch}, mask};
    index.coordinates.append(places.begin(), places.end());
    index.coordinates.push_back(channel);
    return index;
  }
};

Type computeElement(KernelBuilder &k, Type element) {
  return element.isF16() || element.isBF16() ? k.f32() : element;
}

// The taps of all windows over one element, and what is asked of them.
struct Pooling {
  ElementEmitter &m;
  Elements &e;
  KernelBuilder &k;
  Windows windows;
  Pixel pixel; // of the result
  Type compute;

  template <typename Op>
  Pooling(ElementEmitter &m, Op op, Value x, Value y)
      : m(m), e(m.e), k(m.k), windows(m, op, x, y), pixel(m.allApart()),
        compute(computeElement(m.k, ElementEmitter::elementOf(x))) {}

  // The element of |tensor| in its computing type, or a zero after a failure.
  Value at(Value tensor, ArrayRef<Coordinate> place, Value mask) {
    FailureOr<Value> loaded = e.at(tensor, pixel.with(place, mask));
    windows.failedOnce |= failed(loaded);
    Type element = ElementEmitter::elementOf(tensor);
    if (failed(loaded))
      return k.zero(m.vectorOf(computeElement(k, element)));
    return isa<FloatType>(element) ? k.convert(*loaded, computeElement(k, element)) : *loaded;
  }

  SmallVector<Coordinate> origins(ArrayRef<Coordinate> window) {
    SmallVector<Coordinate> starts;
    for (auto [d, o] : llvm::enumerate(window))
      starts.push_back(windows.origin(o, d));
    return starts;
  }

  Value isEqual(Value a, Value b) {
    return arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::eq, a, b);
  }

  // The largest element of |x| under a window and the number of its tap, the first of equal ones
  // and of NaNs: {value, number as i32}; -infinity and -1 for none.
  SmallVector<Value> largest(Value x, ArrayRef<Coordinate> starts, Value mask) {
    VectorType taps = k.vectorType(k.i32(), e.lanes());
    Value lowest = k.floatConstant(m.vectorOf(compute), -std::numeric_limits<double>::infinity());
    auto compare = [&](F p, Value a, Value b) -> Value {
      return arith::CmpFOp::create(k.builder(), k.loc(), p, a, b);
    };
    return windows.taps(
        starts, mask, ValueRange{lowest, k.intConstant(taps, -1)},
        [&](ArrayRef<Coordinate> place, Value inside, Size tap, ValueRange best) {
          Value v = at(x, place, inside);
          Value first = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::slt,
                                              best[1], k.zero(taps));
          // Larger, or the first NaN: "not <=" holds for a NaN on either side.
          Value larger = k.both(compare(F::UGT, v, best[0]), compare(F::ORD, best[0], best[0]));
          Value take = m.both(inside, arith::OrIOp::create(k.builder(), k.loc(), first, larger));
          Value number = k.convert(m.splat(k.value(tap)), k.i32());
          return SmallVector<Value>{m.select(take, v, best[0]), m.select(take, number, best[1])};
        });
  }

  // The sum of what the windows over the pixel give to it; |giveOf| says for a window what it gives
  // and to which lanes (null: all).
  using Gift = std::pair<Value, Value>;
  FailureOr<Value> sumOf(Type result,
                         function_ref<Gift(ArrayRef<Coordinate> window, Value mask)> giveOf) {
    Value zero = k.zero(m.vectorOf(compute));
    Value dx = windows.covering(pixel.spatial, m.index.mask, ValueRange{zero},
                                [&](ArrayRef<Coordinate> o, Value mask, ValueRange sum) {
                                  auto [given, hit] = giveOf(o, mask);
                                  Value added = k.sum(sum[0], given);
                                  Value taken = hit ? m.both(mask, hit) : mask;
                                  return SmallVector<Value>{m.select(taken, added, sum[0])};
                                })[0];
    if (windows.failedOnce)
      return failure();
    return k.convert(dx, result);
  }

  // The tap of the window |o| that the pixel is, as i32: its distance from the window's origin.
  Value tapOfPixel(ArrayRef<Coordinate> starts) {
    Value mine = k.zero(k.vectorType(k.i64(), e.lanes()));
    for (auto [d, start] : llvm::enumerate(starts)) {
      Value distance = k.difference(m.positions(pixel.spatial[d]), m.positions(start));
      mine = k.sum(k.product(mine, k.intConstant(mine.getType(), windows.window[d])), distance);
    }
    return k.convert(mine, k.i32());
  }
};

} // namespace

// Who asks for the values and the winners of the same windows gets both at once.
static Value twinOf(Operation *pool) {
  for (Operation *user : pool->getOperand(0).getUsers())
    if (user != pool && isa<ir::MaxPoolOp, ir::MaxPoolWinnersOp>(user) && isSamePool(user, pool))
      return user->getResult(0);
  return Value();
}

FailureOr<Value> ElementEmitter::maxPool() {
  Value x = op->getOperand(0), y = op->getResult(0), twin = twinOf(op);
  bool isValue = isa<ir::MaxPoolOp>(op);
  Pooling p = isValue ? Pooling(*this, cast<ir::MaxPoolOp>(op), x, y)
                      : Pooling(*this, cast<ir::MaxPoolWinnersOp>(op), x, y);
  SmallVector<Coordinate> starts = p.origins(p.pixel.spatial);
  Type element = elementOf(x);
  if (isValue && !twin) {
    Value lowest = k.floatConstant(vectorOf(p.compute), -std::numeric_limits<double>::infinity());
    Value best = p.windows.taps(starts, index.mask, ValueRange{lowest},
                                [&](ArrayRef<Coordinate> at, Value mask, Size, ValueRange state) {
                                  Value next =
                                      emitLarger(k.builder(), k.loc(), p.at(x, at, mask), state[0]);
                                  return SmallVector<Value>{select(mask, next, state[0])};
                                })[0];
    return p.windows.failedOnce ? FailureOr<Value>() : FailureOr<Value>(k.convert(best, element));
  }
  SmallVector<Value> best = p.largest(x, starts, index.mask);
  if (p.windows.failedOnce)
    return failure();
  Value value = k.convert(best[0], element), number = k.convert(best[1], k.i8());
  if (twin)
    e.remember(twin, index, isValue ? number : value);
  return isValue ? value : number;
}

FailureOr<Value> ElementEmitter::avgPool(ir::AvgPoolOp op) {
  Pooling p(*this, op, op.getX(), op.getY());
  SmallVector<Coordinate> starts = p.origins(p.pixel.spatial);
  Value sum = p.windows.taps(starts, index.mask, ValueRange{k.zero(vectorOf(p.compute))},
                             [&](ArrayRef<Coordinate> at, Value mask, Size, ValueRange state) {
                               Value next = k.sum(state[0], p.at(op.getX(), at, mask));
                               return SmallVector<Value>{select(mask, next, state[0])};
                             })[0];
  if (p.windows.failedOnce)
    return failure();
  Value mean = arith::DivFOp::create(k.builder(), k.loc(), sum, p.windows.count(starts, p.compute));
  return k.convert(mean, resultElement());
}

FailureOr<Value> ElementEmitter::maxPoolScatter(ir::MaxPoolScatterOp op) {
  Pooling p(*this, op, op.getDx(), op.getDy());
  return p.sumOf(resultElement(), [&](ArrayRef<Coordinate> o, Value mask) {
    Value winner = k.convert(p.at(op.getWinners(), o, mask), k.i32());
    Value hit = p.isEqual(winner, p.tapOfPixel(p.origins(o)));
    return Pooling::Gift{p.at(op.getDy(), o, mask), hit};
  });
}

FailureOr<Value> ElementEmitter::maxPoolGrad(ir::MaxPoolGradOp op) {
  Pooling p(*this, op, op.getX(), op.getDy());
  return p.sumOf(resultElement(), [&](ArrayRef<Coordinate> o, Value mask) {
    SmallVector<Coordinate> starts = p.origins(o);
    Value winner = p.largest(op.getX(), starts, mask)[1];
    Value hit = p.isEqual(winner, p.tapOfPixel(starts));
    return Pooling::Gift{p.at(op.getDy(), o, mask), hit};
  });
}

FailureOr<Value> ElementEmitter::avgPoolGrad(ir::AvgPoolGradOp op) {
  Pooling p(*this, op, op.getDx(), op.getDy());
  return p.sumOf(resultElement(), [&](ArrayRef<Coordinate> o, Value mask) {
    Value share = arith::DivFOp::create(k.builder(), k.loc(), p.at(op.getDy(), o, mask),
                                        p.windows.count(p.origins(o), p.compute));
    return Pooling::Gift{share, Value()};
  });
}

} // namespace dlc::codegen::cpu
