// Reductions in place: the value at one index of the result, by loops over the reduced dimensions.
//
// At a uniform index (a row) the innermost reduced dimensions are taken in vectors, with several
// accumulators, and the lanes are merged at the end; reductions of one group share the loops. At an
// index with lanes every lane reduces for itself, one element at a time.
#include "codegen/cpu/emit/Accumulator.h"
#include "codegen/cpu/emit/ElementEmitter.h"

using namespace mlir;

namespace dlc::codegen::cpu {
namespace {

// Consecutive dimensions of the operand that are all reduced or all kept.
struct Run {
  int64_t first, count;
  bool reduced;
  SmallVector<Coordinate> kept; // coordinates of a kept run
};

// Dimensions of size 1 count as what stands before them (leading ones: after them).
SmallVector<bool> classes(Value operand, ArrayRef<int64_t> axes) {
  ir::Shape shape = ir::shapeOf(operand);
  SmallVector<bool> reduced;
  std::optional<bool> last;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (!shape[d].isConstant(1) || !last) {
      size_t source = d;
      while (shape[source].isConstant(1) && source + 1 < shape.size())
        ++source;
      last = llvm::is_contained(axes, source);
    }
    reduced.push_back(*last);
  }
  return reduced;
}

struct RowReduction {
  ElementEmitter &m;
  Elements &e;
  KernelBuilder &k;
  SmallVector<Operation *> ops;
  SmallVector<int64_t> axes;
  SmallVector<Run> runs;
  SmallVector<Size> extents;
  SmallVector<Accumulator> accumulators;
  bool vectorised = false;
  int64_t ways = 1; // independent accumulators
  bool failedOnce = false;

  RowReduction(ElementEmitter &m, ArrayRef<Operation *> group)
      : m(m), e(m.e), k(m.k), ops(group), axes(reducedAxes(group.front())) {
    extents = e.extentsOf(ops.front()->getOperand(0));
    for (Operation *op : ops)
      accumulators.emplace_back(k, op, e.lanes());
  }

  void findRuns(const ElementIndex &index) {
    Value operand = ops.front()->getOperand(0);
    int64_t rank = extents.size();
    llvm::BitVector cuts(rank + 1);
    for (Operation *op : ops)
      cuts |= cutsOf(op->getOperand(0), [&](Value v) { return e.isMemory(v); });
    SmallVector<bool> reduced = classes(operand, axes);
    for (int64_t d = 0; d < rank; ++d) {
      if (runs.empty() || reduced[d] != reduced[d - 1] || cuts.test(d))
        runs.push_back({d, 0, reduced[d], {}});
      ++runs.back().count;
    }
    placeKept(index);
  }

  int64_t keptIn(const Run &run) {
    int64_t count = 0;
    for (int64_t d = run.first; d < run.first + run.count; ++d)
      count += !llvm::is_contained(axes, d);
    return count;
  }

  // Distributes the result's coordinates over the kept runs.
  void placeKept(const ElementIndex &index) {
    Value result = ops.front()->getResult(0);
    llvm::BitVector cuts(ElementEmitter::rankOf(result) + 1);
    int64_t position = 0;
    for (Run &run : runs) {
      cuts.set(position);
      position += keptIn(run);
      cuts.set(position);
    }
    SmallVector<Size> resultExtents = e.extentsOf(result);
    ElementIndex parts = e.refine(index, resultExtents, cuts);
    size_t next = 0;
    for (Run &run : runs) {
      int64_t wanted = keptIn(run), taken = 0;
      while (taken < wanted) {
        run.kept.push_back(parts.coordinates[next++]);
        taken += run.kept.back().dims;
      }
      if (run.reduced) {
        run.kept.clear(); // dimensions of size 1
        continue;
      }
      if (run.kept.empty())
        run.kept.push_back(Coordinate::uniform(0, 0));
      run.kept.back().dims += run.count - wanted;
    }
  }

  Size extentOf(const Run &run) {
    Size product = 1;
    for (int64_t d = run.first; d < run.first + run.count; ++d)
      product = k.mul(product, extents[d]);
    return product;
  }

  // The number of elements that are reduced.
  Size count() {
    Size product = 1;
    for (int64_t axis : axes)
      product = k.mul(product, extents[axis]);
    return product;
  }

  SmallVector<Value> initial() {
    SmallVector<Value> state;
    for (int64_t way = 0; way < ways; ++way)
      for (Accumulator &a : accumulators)
        llvm::append_range(state, a.initial());
    return state;
  }

  size_t stateSize() {
    size_t size = 0;
    for (Accumulator &a : accumulators)
      size += a.size();
    return size;
  }

  // Element at |coordinates| enters the accumulators of |way|.
  SmallVector<Value> enter(ArrayRef<Coordinate> coordinates, Value mask, int64_t way,
                           ValueRange carried) {
    SmallVector<Value> state(carried);
    size_t at = way * stateSize();
    for (auto [op, a] : llvm::zip(ops, accumulators)) {
      ElementIndex index{SmallVector<Coordinate, 4>(coordinates), mask};
      FailureOr<Value> x = e.at(op->getOperand(0), index);
      if (failed(x)) {
        failedOnce = true;
        return state;
      }
      auto next = a.step(ArrayRef<Value>(state).slice(at, a.size()), *x, mask, [&] {
        return m.positions(positionAlong(coordinates));
      });
      llvm::copy(next, state.begin() + at);
      at += a.size();
    }
    return state;
  }

  // The coordinate of the (one) reduced run, which is an axis and dimensions of size 1. An axis of
  // size 1 may itself stand in a kept run: its only position is 0.
  Coordinate positionAlong(ArrayRef<Coordinate> coordinates) {
    if (ir::shapeOf(ops.front()->getOperand(0))[axes.front()].isConstant(1))
      return Coordinate::uniform(0);
    int64_t dim = 0;
    for (const Coordinate &c : coordinates) {
      if (axes.front() < dim + c.dims)
        return c;
      dim += c.dims;
    }
    return Coordinate::uniform(0);
  }

  SmallVector<Value> nest(size_t depth, SmallVector<Coordinate> coordinates, Value mask,
                          ValueRange state) {
    if (depth == runs.size())
      return enter(coordinates, mask, 0, state);
    const Run &run = runs[depth];
    unsigned dims = run.count;
    if (!run.reduced) {
      coordinates.append(run.kept);
      return nest(depth + 1, coordinates, mask, state);
    }
    if (vectorised && depth + 1 == runs.size())
      return e.vectorLoop(0, extentOf(run), ways, state,
                          [&](Size first, Value tail, int64_t way, ValueRange carried) {
                            SmallVector<Coordinate> at(coordinates);
                            at.push_back(Coordinate::consecutive(first, dims));
                            return enter(at, tail, way, carried);
                          });
    return e.forLoop(0, extentOf(run), 1, state, [&](Value i, ValueRange carried) {
      SmallVector<Coordinate> at(coordinates);
      at.push_back(Coordinate::uniform(Size(i), dims));
      return nest(depth + 1, at, mask, carried);
    });
  }

  SmallVector<Value> run(const ElementIndex &index) {
    findRuns(index);
    bool uniform = llvm::all_of(index.coordinates, [](const Coordinate &c) {
      return c.kind == Coordinate::Uniform;
    });
    vectorised = uniform && !runs.empty() && runs.back().reduced;
    if (vectorised) {
      Size extent = extentOf(runs.back());
      ways = e.reductionWays(ops.size());
      if (extent.isConstant())
        ways = std::clamp<int64_t>(extent.constant() / e.lanes(), 1, ways);
    }
    SmallVector<Value> state = nest(0, {}, vectorised ? Value() : index.mask, initial());
    if (vectorised)
      e.finishPass();
    return merged(state);
  }

  // One finished value per op.
  SmallVector<Value> merged(ArrayRef<Value> state) {
    SmallVector<Value> results;
    size_t at = 0, stride = stateSize();
    for (Accumulator &a : accumulators) {
      SmallVector<Accumulator::State> parts;
      for (int64_t way = 0; way < ways; ++way)
        parts.emplace_back(state.slice(way * stride + at, a.size()));
      while (parts.size() > 1) {
        SmallVector<Accumulator::State> next;
        for (size_t i = 0; i + 1 < parts.size(); i += 2)
          next.push_back(a.merge(parts[i], parts[i + 1]));
        if (parts.size() % 2)
          next.push_back(parts.back());
        parts = std::move(next);
      }
      Accumulator::State total = parts.front();
      if (vectorised)
        total = a.acrossLanes(total);
      results.push_back(a.finish(total, count()));
      at += a.size();
    }
    return results;
  }
};

bool isZero(Value v) {
  while (auto broadcast = v.getDefiningOp<ir::BroadcastOp>())
    v = broadcast.getX();
  auto constant = v.getDefiningOp<ir::ConstantOp>();
  auto values = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  return values && values.isSplat() && isa<FloatType>(values.getElementType()) &&
         values.getSplatValue<APFloat>().isPosZero();
}

} // namespace

std::optional<RowPick> matchRowPick(Operation *reduction) {
  auto sum = dyn_cast<ir::SumOp>(reduction);
  auto choice = sum && sum.getAxes().size() == 1 ? sum.getX().getDefiningOp<ir::SelectOp>()
                                                 : ir::SelectOp();
  auto hit = choice ? choice.getPredicate().getDefiningOp<ir::CompareOp>() : ir::CompareOp();
  if (!hit || hit.getPredicate() != ir::ComparePredicate::eq || !isZero(choice.getOnFalse()))
    return std::nullopt;
  auto iota = hit.getA().getDefiningOp<ir::IotaOp>();
  auto label = hit.getB().getDefiningOp<ir::BroadcastOp>();
  int64_t axis = sum.getAxes()[0], rank = ElementEmitter::rankOf(sum.getX());
  ir::SizeAttr extent = ir::shapeOf(sum.getX())[axis];
  if (!extent.isConstant() || extent.getValue() == 0)
    return std::nullopt; // nothing may be there to pick
  if (!iota || static_cast<int64_t>(iota.getAxis()) != axis || !label || axis != rank - 1 ||
      !llvm::equal(label.getDims(), llvm::seq<int64_t>(0, axis)))
    return std::nullopt;
  return RowPick{choice.getOnTrue(), label.getX(), axis};
}

// At a row: the element itself, where the place exists.
FailureOr<Value> ElementEmitter::pick(const RowPick &pick) {
  FailureOr<Size> place = e.positionAt(pick.place, index);
  if (failed(place))
    return failure();
  Size extent = e.extentsOf(pick.x)[pick.axis];
  Value inside = splat(k.inside(*place, extent));
  ElementIndex at = index;
  at.coordinates.push_back(clamped(Coordinate::uniform(*place), extent));
  FailureOr<Value> value = e.at(pick.x, at);
  if (failed(value))
    return failure();
  return select(inside, *value, k.zero(value->getType()));
}

FailureOr<Value> ElementEmitter::reduce() {
  bool uniform = llvm::all_of(index.coordinates, [](const Coordinate &c) {
    return c.kind == Coordinate::Uniform;
  });
  if (std::optional<RowPick> wanted = matchRowPick(op); wanted && uniform)
    return pick(*wanted);
  SmallVector<Operation *> group{op};
  if (uniform)
    group = e.groupOf(op);
  RowReduction reduction(*this, group);
  SmallVector<Value> results = reduction.run(index);
  if (reduction.failedOnce)
    return failure();
  Value wanted;
  for (auto [member, value] : llvm::zip(group, results)) {
    if (member == op)
      wanted = value;
    else
      e.remember(member->getResult(0), index, value);
  }
  return wanted;
}

} // namespace dlc::codegen::cpu
