// Ops that only move elements: the index of a result element becomes an index of an operand.
//
// Each function first refines the index so that no coordinate spans dimensions that the op treats
// differently (the same positions that cutsOf reports, so that a loop nest chosen by cutsOf never
// pays for a division here), then maps coordinate by coordinate.
#include "codegen/cpu/emit/ElementCuts.h"
#include "codegen/cpu/emit/ElementEmitter.h"
#include "codegen/lower/EmptyAsm.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace dlc::codegen::cpu {

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

ElementIndex ElementEmitter::apart(ArrayRef<int64_t> dims) {
  llvm::BitVector cuts(rankOf(op->getResult(0)) + 1);
  for (int64_t d : dims) {
    cuts.set(d);
    cuts.set(d + 1);
  }
  return e.refine(index, e.extentsOf(op->getResult(0)), cuts);
}

ElementIndex ElementEmitter::allApart() {
  return apart(llvm::to_vector(llvm::seq(rankOf(op->getResult(0)))));
}

Value ElementEmitter::positions(const Coordinate &c) {
  if (c.kind == Coordinate::Vector)
    return c.vector;
  Value base = splat(k.value(c.base));
  return c.kind == Coordinate::Uniform ? base : k.sum(base, k.iota(e.lanes(), k.i64()));
}

Coordinate ElementEmitter::shifted(Coordinate c, Size offset) {
  if (offset.is(0))
    return c;
  if (c.kind == Coordinate::Vector)
    c.vector = k.sum(c.vector, splat(k.value(offset)));
  else
    c.base = k.add(c.base, offset);
  return c;
}

Coordinate ElementEmitter::scaled(Coordinate c, Size factor) {
  if (factor.is(1))
    return c;
  if (c.kind == Coordinate::Uniform) {
    c.base = k.mul(c.base, factor);
    return c;
  }
  return Coordinate::positions(k.product(positions(c), splat(k.value(factor))), c.dims);
}

Coordinate ElementEmitter::mirrored(Coordinate c, Size extent) {
  if (c.kind == Coordinate::Uniform) {
    c.base = k.sub(k.sub(extent, 1), c.base);
    return c;
  }
  return Coordinate::positions(k.difference(splat(k.value(k.sub(extent, 1))), positions(c)),
                               c.dims);
}

Coordinate ElementEmitter::quotient(Coordinate c, Size divisor) {
  if (divisor.is(1))
    return c;
  if (c.kind == Coordinate::Uniform) {
    c.base = k.div(c.base, divisor);
    return c;
  }
  Value q = arith::DivUIOp::create(k.builder(), k.loc(), positions(c), splat(k.value(divisor)));
  return Coordinate::positions(q, c.dims);
}

Coordinate ElementEmitter::remainder(Coordinate c, Size divisor) {
  if (divisor.is(1))
    return Coordinate::uniform(0, c.dims);
  if (c.kind == Coordinate::Uniform) {
    c.base = k.rem(c.base, divisor);
    return c;
  }
  Value r = arith::RemUIOp::create(k.builder(), k.loc(), positions(c), splat(k.value(divisor)));
  return Coordinate::positions(r, c.dims);
}

Coordinate ElementEmitter::clamped(Coordinate c, Size extent) {
  Size last = k.max(k.sub(extent, 1), 0);
  if (c.kind == Coordinate::Uniform) {
    c.base = k.max(k.min(c.base, last), 0);
    return c;
  }
  Value top = splat(k.value(last)), zero = splat(k.value(0));
  Value v = arith::MinSIOp::create(k.builder(), k.loc(), positions(c), top);
  return Coordinate::positions(arith::MaxSIOp::create(k.builder(), k.loc(), v, zero), c.dims);
}

Value ElementEmitter::within(const Coordinate &c, Size low, Size high) {
  using P = arith::CmpIPredicate;
  if (c.kind == Coordinate::Uniform) {
    Value inside = k.both(k.compare(P::sge, c.base, low), k.less(c.base, high));
    return splat(inside);
  }
  if (c.kind == Coordinate::Lanes) {
    Value below = k.laneMask(k.sub(high, c.base), e.lanes());
    if (low.is(0) && c.base.isConstant() && c.base.constant() >= 0)
      return below;
    Value before = k.laneMask(k.sub(low, c.base), e.lanes());
    Value full = k.intConstant(before.getType(), 1);
    return k.both(below, arith::XOrIOp::create(k.builder(), k.loc(), before, full));
  }
  auto compare = [&](P p, Size bound) -> Value {
    return arith::CmpIOp::create(k.builder(), k.loc(), p, c.vector, splat(k.value(bound)));
  };
  return k.both(compare(P::sge, low), compare(P::slt, high));
}

Value ElementEmitter::both(Value mask, Value other) {
  if (!mask || !other)
    return mask ? mask : other;
  return k.both(mask, other);
}

Value ElementEmitter::select(Value mask, Value yes, Value no) {
  if (!mask)
    return yes;
  return arith::SelectOp::create(k.builder(), k.loc(), mask, yes, no);
}

Value ElementEmitter::sizeAs(Size size, Type element) {
  return splat(emitCast(k.builder(), k.loc(), k.value(size), k.i64(), element));
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

// |pointer| as LLVM must not see it: what is read through it is not known before the loop.
static Value hidden(KernelBuilder &k, Value pointer) {
  return throughEmptyAsm(k.builder(), k.loc(), pointer, "=r,0", /*moves=*/false);
}

FailureOr<Value> ElementEmitter::broadcast(ir::BroadcastOp op) {
  ElementIndex y = e.refine(index, e.extentsOf(op.getY()), ownCuts(op));
  SmallVector<Coordinate> x;
  int64_t dim = 0;
  for (const Coordinate &c : y.coordinates) {
    if (llvm::is_contained(op.getDims(), dim))
      x.push_back(c);
    dim += c.dims;
  }
  if (auto scalar = e.memory.find(op.getX());
      e.scalarsInLoops && scalar != e.memory.end() && rankOf(op.getX()) == 0)
    return splat(k.load(kernelElement(elementOf(op.getX())), hidden(k, scalar->second), 0));
  return e.at(op.getX(), at(x));
}

// Both shapes are cut where their prefixes have equal products; between two cuts positions are
// linear in both.
FailureOr<Value> ElementEmitter::reshape(ir::ReshapeOp op) {
  ReshapeSegments segments(op.getX(), op.getY());
  llvm::BitVector cuts(rankOf(op.getY()) + 1);
  llvm::BitVector wanted = cutsOf(op.getX(), [&](Value v) { return e.isMemory(v); });
  SmallVector<Size> extents = e.extentsOf(op.getY());
  if (wanted.none() && index.coordinates.size() == 1 && rankOf(op.getX()) > 0) {
    Coordinate c = index.coordinates.front();
    c.dims = rankOf(op.getX());
    return e.at(op.getX(), at(c));
  }
  for (auto [x, y] : segments.starts)
    cuts.set(y);
  ElementIndex y = e.refine(index, extents, cuts);
  SmallVector<Coordinate> mapped;
  size_t next = 0;
  int64_t dim = 0;
  for (auto [i, start] : llvm::enumerate(segments.starts)) {
    auto end = i + 1 < segments.starts.size()
                   ? segments.starts[i + 1]
                   : std::pair<int64_t, int64_t>(rankOf(op.getX()), rankOf(op.getY()));
    ElementIndex part;
    while (dim < end.second && next < y.coordinates.size()) {
      part.coordinates.push_back(y.coordinates[next]);
      dim += y.coordinates[next++].dims;
    }
    if (end.first == start.first)
      continue; // only dimensions of size 1 in the result
    Coordinate c = part.coordinates.empty()
                       ? Coordinate::uniform(0)
                       : e.linear(part, ArrayRef<Size>(extents).slice(start.second,
                                                                      end.second - start.second));
    c.dims = end.first - start.first;
    mapped.push_back(c);
  }
  return e.at(op.getX(), at(mapped));
}

FailureOr<Value> ElementEmitter::transpose(ir::TransposeOp op) {
  ElementIndex y = e.refine(index, e.extentsOf(op.getY()), ownCuts(op));
  // (first operand dimension, coordinate), then in the operand's order.
  SmallVector<std::pair<int64_t, Coordinate>> x;
  int64_t dim = 0;
  for (const Coordinate &c : y.coordinates) {
    x.push_back({op.getPermutation()[dim], c});
    dim += c.dims;
  }
  llvm::sort(x, [](const auto &a, const auto &b) { return a.first < b.first; });
  SmallVector<Coordinate> sorted;
  for (auto &entry : x)
    sorted.push_back(entry.second);
  return e.at(op.getX(), at(sorted));
}

FailureOr<Value> ElementEmitter::slice(ir::SliceOp op) {
  ElementIndex y = e.refine(index, e.extentsOf(op.getY()), ownCuts(op));
  SmallVector<Size> extents = e.extentsOf(op.getX());
  SmallVector<Coordinate> x;
  int64_t dim = 0;
  for (Coordinate c : y.coordinates) {
    // In a run only the first dimension is cut short; a strided one stands alone.
    Size inner = 1;
    for (int64_t d = dim + 1; d < dim + c.dims; ++d)
      inner = k.mul(inner, extents[d]);
    Size offset = k.mul(e.sizeOf(op.getStarts().getSizes()[dim]), inner);
    int64_t stride = op.getStrides()[dim];
    x.push_back(shifted(scaled(c, stride), offset));
    dim += c.dims;
  }
  return e.at(op.getX(), at(x));
}

FailureOr<Value> ElementEmitter::dynamicSlice(ir::DynamicSliceOp op) {
  ElementIndex y = allApart();
  SmallVector<Size> whole = e.extentsOf(op.getX()), part = e.extentsOf(op.getY());
  for (auto [d, c] : llvm::enumerate(y.coordinates)) {
    FailureOr<Size> start = e.positionAt(op.getIndices()[d], {});
    if (failed(start))
      return failure();
    c = shifted(c, k.max(k.min(*start, k.sub(whole[d], part[d])), 0));
  }
  return e.at(op.getX(), y);
}

FailureOr<Value> ElementEmitter::dynamicUpdate(ir::DynamicUpdateSliceOp op) {
  ElementIndex y = allApart(), inner = y;
  SmallVector<Size> whole = e.extentsOf(op.getX()), part = e.extentsOf(op.getUpdate());
  Value inside;
  for (auto [d, c] : llvm::enumerate(inner.coordinates)) {
    FailureOr<Size> start = e.positionAt(op.getIndices()[d], {});
    if (failed(start))
      return failure();
    Size at = k.max(k.min(*start, k.sub(whole[d], part[d])), 0);
    c = shifted(c, k.sub(0, at));
    inside = both(inside, within(c, 0, part[d]));
    if (c.kind == Coordinate::Uniform)
      c = clamped(c, part[d]);
  }
  inner.mask = both(index.mask, inside);
  FailureOr<Value> x = e.at(op.getX(), index), update = e.at(op.getUpdate(), inner);
  if (failed(x) || failed(update))
    return failure();
  return select(inside, *update, *x);
}

FailureOr<Value> ElementEmitter::pad(ir::PadOp op) {
  ElementIndex x = e.refine(index, e.extentsOf(op.getY()), ownCuts(op));
  SmallVector<Size> extents = e.extentsOf(op.getX());
  Value inside;
  int64_t dim = 0;
  for (Coordinate &c : x.coordinates) {
    int64_t d = dim;
    dim += c.dims;
    if (!isPadded(op, d))
      continue;
    c = shifted(c, k.sub(0, e.sizeOf(op.getLow().getSizes()[d])));
    int64_t gap = op.getInterior()[d] + 1;
    Size span = k.add(k.mul(k.sub(extents[d], 1), gap), 1);
    inside = both(inside, within(c, 0, extents[d].is(0) ? Size(0) : span));
    if (gap > 1) {
      // Elements stand at multiples of the gap; a mask keeps the division's negatives out.
      Coordinate safe = clamped(c, k.max(span, 1));
      Value hit = within(remainder(safe, gap), 0, 1);
      inside = both(inside, hit);
      c = quotient(safe, gap);
    }
    if (c.kind == Coordinate::Uniform)
      c = clamped(c, extents[d]);
  }
  x.mask = both(index.mask, inside);
  FailureOr<Value> value = e.at(op.getX(), x), border = e.at(op.getValue(), {});
  if (failed(value) || failed(border))
    return failure();
  return select(inside, *value, *border);
}

FailureOr<Value> ElementEmitter::concat(ir::ConcatOp op) {
  ElementIndex y = e.refine(index, e.extentsOf(op.getY()), ownCuts(op));
  int64_t dim = 0, axis = op.getAxis();
  size_t which = 0;
  while (dim + y.coordinates[which].dims <= axis)
    dim += y.coordinates[which++].dims;
  Coordinate along = y.coordinates[which];
  FailureOr<Value> result = failure();
  Size offset = 0;
  for (Value input : op.getInputs()) {
    // The run covers the axis and what follows it: positions count elements of all of them.
    Size span = 1;
    SmallVector<Size> extents = e.extentsOf(input);
    for (int64_t d = dim; d < dim + along.dims; ++d)
      span = k.mul(span, extents[d]);
    ElementIndex x = y;
    Coordinate c = shifted(along, k.sub(0, offset));
    Value inside = within(c, 0, span);
    x.mask = both(index.mask, inside);
    x.coordinates[which] = c.kind == Coordinate::Uniform ? clamped(c, span) : c;
    FailureOr<Value> value = e.at(input, x);
    if (failed(value))
      return failure();
    result = failed(result) ? *value : select(inside, *value, *result);
    offset = k.add(offset, span);
  }
  return result;
}

FailureOr<Value> ElementEmitter::reverse(ir::ReverseOp op) {
  ElementIndex x = e.refine(index, e.extentsOf(op.getY()), ownCuts(op));
  SmallVector<Size> extents = e.extentsOf(op.getX());
  int64_t dim = 0;
  for (Coordinate &c : x.coordinates) {
    if (llvm::is_contained(op.getAxes(), dim))
      c = mirrored(c, extents[dim]);
    dim += c.dims;
  }
  return e.at(op.getX(), x);
}

} // namespace dlc::codegen::cpu
