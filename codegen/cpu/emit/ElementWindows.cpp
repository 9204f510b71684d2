// Pooling and its gradients, one vector of results at a time (lanes along channels as a rule).
//
// Loops run over the taps of a window, clipped to the image where the position is uniform and by
// masks where it is not. The gradient of max pooling asks, for each window over its element, which
// tap is the first largest; nothing is stored between the passes.
#include "codegen/cpu/emit/ElementEmitter.h"
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
      return e.forLoop(begin, end, 1, carried, [&](Value i, ValueRange state) {
        return body(Size(i), state);
      });
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
      return taps(starts, m.both(mask, inside), state, body, next,
                  k.add(k.mul(tap, window[d]), i));
    });
  }

  // Visits the windows that hold image position |at|: |body| gets their numbers and the mask of
  // lanes for which the window exists.
  using WindowBody = function_ref<SmallVector<Value>(ArrayRef<Coordinate> o, Value mask,
                                                     ValueRange carried)>;
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
      state = onlyIfCovered(next.back(), place, d, m.both(mask, exists), state,
                            [&](Value m2, ValueRange s) {
                              return covering(at, m2, s, body, next);
                            });
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
      Value high = arith::MinSIOp::create(k.builder(), k.loc(), end,
                                          m.splat(k.value(image[d])));
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

} // namespace

FailureOr<Value> ElementEmitter::pool() {
  bool isMax = isa<ir::MaxPoolOp>(op);
  Value x = op->getOperand(0);
  Windows w = isMax ? Windows(*this, cast<ir::MaxPoolOp>(op), x, op->getResult(0))
                    : Windows(*this, cast<ir::AvgPoolOp>(op), x, op->getResult(0));
  Pixel pixel(allApart());
  SmallVector<Coordinate> starts;
  for (auto [d, o] : llvm::enumerate(pixel.spatial))
    starts.push_back(w.origin(o, d));
  Type compute = computeElement(k, elementOf(x));
  VectorType type = vectorOf(compute);
  double infinity = std::numeric_limits<double>::infinity();
  Value start = isMax ? k.floatConstant(type, -infinity) : k.zero(type);
  auto visit = [&](ArrayRef<Coordinate> at, Value mask, Size, ValueRange carried) {
    SmallVector<Value> state(carried);
    FailureOr<Value> loaded = e.at(x, pixel.with(at, mask));
    if (failed(loaded)) {
      w.failedOnce = true;
      return state;
    }
    Value v = k.convert(*loaded, compute);
    Value next = isMax ? emitMax(k.builder(), k.loc(), v, state[0]) : k.sum(state[0], v);
    state[0] = mask ? select(mask, next, state[0]) : next;
    return state;
  };
  Value y = w.taps(starts, index.mask, ValueRange{start}, visit)[0];
  if (w.failedOnce)
    return failure();
  if (!isMax)
    y = arith::DivFOp::create(k.builder(), k.loc(), y, w.count(starts, compute));
  return k.convert(y, resultElement());
}

FailureOr<Value> ElementEmitter::maxPoolGrad(ir::MaxPoolGradOp op) {
  Windows w(*this, op, op.getX(), op.getDy());
  Pixel pixel(allApart());
  Type compute = computeElement(k, elementOf(op.getX()));
  VectorType type = vectorOf(compute), taps = k.vectorType(k.i32(), e.lanes());
  double infinity = std::numeric_limits<double>::infinity();
  auto ofWindow = [&](ArrayRef<Coordinate> o, Value mask, ValueRange carried) {
    SmallVector<Value> sum(carried);
    SmallVector<Coordinate> starts;
    // The tap that is this element: its distance from the window's origin.
    Value mine = k.zero(k.vectorType(k.i64(), e.lanes()));
    for (auto [d, c] : llvm::enumerate(o)) {
      starts.push_back(w.origin(c, d));
      Value distance = k.difference(positions(pixel.spatial[d]), positions(starts.back()));
      mine = k.sum(k.product(mine, k.intConstant(mine.getType(), w.window[d])), distance);
    }
    SmallVector<Value> best = w.taps(
        starts, mask, ValueRange{k.floatConstant(type, -infinity), k.intConstant(taps, -1)},
        [&](ArrayRef<Coordinate> at, Value inside, Size tap, ValueRange state) {
          SmallVector<Value> next(state);
          FailureOr<Value> loaded = e.at(op.getX(), pixel.with(at, inside));
          if (failed(loaded)) {
            w.failedOnce = true;
            return next;
          }
          Value v = k.convert(*loaded, compute);
          auto cmp = [&](F p, Value a, Value b) -> Value {
            return arith::CmpFOp::create(k.builder(), k.loc(), p, a, b);
          };
          auto either = [&](Value a, Value b) -> Value {
            return arith::OrIOp::create(k.builder(), k.loc(), a, b);
          };
          Value first = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::slt,
                                              state[1], k.zero(taps));
          // Larger, or the first NaN: "not <=" holds for a NaN on either side.
          Value larger = k.both(cmp(F::UGT, v, state[0]), cmp(F::ORD, state[0], state[0]));
          Value take = both(inside, either(first, larger));
          Value number = k.convert(splat(k.value(tap)), k.i32());
          next[0] = select(take, v, state[0]);
          next[1] = select(take, number, state[1]);
          return next;
        });
    FailureOr<Value> dy = e.at(op.getDy(), pixel.with(o, mask));
    if (failed(dy)) {
      w.failedOnce = true;
      return sum;
    }
    Value hit = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::eq, best[1],
                                      k.convert(mine, k.i32()));
    Value added = k.sum(sum[0], k.convert(*dy, compute));
    sum[0] = select(both(mask, hit), added, sum[0]);
    return sum;
  };
  Value dx = w.covering(pixel.spatial, index.mask, ValueRange{k.zero(type)}, ofWindow)[0];
  if (w.failedOnce)
    return failure();
  return k.convert(dx, resultElement());
}

FailureOr<Value> ElementEmitter::avgPoolGrad(ir::AvgPoolGradOp op) {
  Windows w(*this, op, op.getDx(), op.getDy());
  Pixel pixel(allApart());
  Type compute = computeElement(k, elementOf(op.getDy()));
  auto ofWindow = [&](ArrayRef<Coordinate> o, Value mask, ValueRange carried) {
    SmallVector<Value> sum(carried);
    FailureOr<Value> dy = e.at(op.getDy(), pixel.with(o, mask));
    if (failed(dy)) {
      w.failedOnce = true;
      return sum;
    }
    SmallVector<Coordinate> starts;
    for (auto [d, c] : llvm::enumerate(o))
      starts.push_back(w.origin(c, d));
    Value share = arith::DivFOp::create(k.builder(), k.loc(), k.convert(*dy, compute),
                                        w.count(starts, compute));
    sum[0] = select(mask, k.sum(sum[0], share), sum[0]);
    return sum;
  };
  Value dx = w.covering(pixel.spatial, index.mask, ValueRange{k.zero(vectorOf(compute))},
                        ofWindow)[0];
  if (w.failedOnce)
    return failure();
  return k.convert(dx, resultElement());
}

} // namespace dlc::codegen::cpu
