// Reductions over dimensions in the middle, such as a mean over the pixels of an image.
//
// The generic map asks for the results vector by vector, and each vector of columns walks down all
// rows for itself, one cache line of every row at a time. Here as many vectors of columns as the
// registers hold go down together, so that long pieces of rows are read as they lie. Whatever is
// computed of the reductions by elementwise ops (the division of a mean) follows at once.
#include "codegen/cpu/emit/ElementCuts.h"
#include "codegen/cpu/emit/StreamJobs.h"
#include "codegen/lower/Pointwise.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

// The reductions that the stores are made of by plain ops alone; false if anything else is there.
static bool collectReductions(const StreamContext &context, const StreamJob &job, int64_t phase,
                              llvm::SetVector<Operation *> &reductions) {
  auto stop = [&](Value v) {
    return context.isMemoryIn(v, phase) || (v.getDefiningOp() && isReduction(v.getDefiningOp()));
  };
  llvm::SetVector<Value> cone;
  for (const StreamStore &store : job.stores)
    collectCone(store.value, stop, cone);
  for (Value v : cone) {
    Operation *op = v.getDefiningOp();
    if (context.isMemoryIn(v, phase))
      continue;
    if (isAxesReduction(op))
      reductions.insert(op);
    else if (!isPointwise(op) && !isa<ir::BroadcastOp, ir::ConstantOp, ir::SizeOp>(op))
      return false;
  }
  return !reductions.empty();
}

static bool reducesMemory(const StreamContext &context, Operation *reduction, int64_t phase) {
  llvm::SetVector<Value> cone;
  collectCone(reduction->getOperand(0),
              [&](Value v) { return context.isMemoryIn(v, phase); }, cone);
  return llvm::all_of(cone, [&](Value v) {
    return context.isMemoryIn(v, phase) || isPointwise(v.getDefiningOp()) ||
           isa<ir::BroadcastOp, ir::ConstantOp, ir::SizeOp>(v.getDefiningOp());
  });
}

std::optional<ColumnLoops> ColumnLoops::match(const StreamContext &context, const StreamJob &job,
                                              int64_t phase) {
  if (job.kind != StreamJob::Map || !job.reductions.empty())
    return std::nullopt;
  llvm::SetVector<Operation *> reductions;
  if (!collectReductions(context, job, phase, reductions))
    return std::nullopt;
  Operation *first = reductions.front();
  ColumnLoops loops;
  loops.reductions.assign(reductions.begin(), reductions.end());
  loops.shape = ir::shapeOf(first->getOperand(0));
  SmallVector<int64_t> axes = reducedAxes(first);
  int64_t rank = loops.shape.size();
  bool adjacent = axes.back() - axes.front() + 1 == static_cast<int64_t>(axes.size());
  if (!llvm::is_sorted(axes) || !adjacent || axes.back() + 1 == rank)
    return std::nullopt;
  ir::Shape result = ir::shapeOf(first->getResult(0));
  auto isMemory = [&](Value v) { return context.isMemoryIn(v, phase); };
  llvm::BitVector cuts(rank + 1), resultCuts(result.size() + 1);
  for (Operation *op : reductions) {
    if (ir::Shape(ir::shapeOf(op->getOperand(0))) != loops.shape || reducedAxes(op) != axes ||
        !reducesMemory(context, op, phase))
      return std::nullopt;
    cuts |= cutsOf(op->getOperand(0), isMemory);
  }
  for (const StreamStore &store : job.stores) {
    if (ir::Shape(ir::shapeOf(store.value)) != result)
      return std::nullopt;
    resultCuts |= cutsOf(store.value, isMemory);
  }
  int64_t begin = axes.front(), reduced = axes.size();
  for (int64_t d = 0; d < static_cast<int64_t>(result.size()); ++d)
    if (resultCuts.test(d))
      cuts.set(d < begin ? d : d + reduced);
  loops.leading = groupDims(0, begin, cuts);
  loops.rows = groupDims(begin, begin + reduced, cuts);
  loops.outer = groupDims(begin + reduced, rank, cuts);
  loops.columns = loops.outer.pop_back_val();
  // Few columns would leave most of a vector empty.
  SizeAttr width = sizeOfGroup(loops.shape, loops.columns);
  if (width.isConstant() && width.getValue() < 4)
    return std::nullopt;
  return loops;
}

SizeAttr ColumnLoops::tiles() const {
  return sizeOfGroups(reductions.front()->getContext(), shape, leading);
}

namespace {

struct ColumnEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  const ColumnLoops &loops;
  SmallVector<Accumulator> accumulators;
  SmallVector<Value> pointers; // of the stores
  Size rowCount, width;
  int64_t vectors = 1, stateSize = 0;

  ColumnEmitter(JobEmitter &j, const ColumnLoops &loops) : j(j), k(j.k), loops(loops) {
    MLIRContext *mlir = loops.reductions.front()->getContext();
    SizeAttr columns = sizeOfGroup(loops.shape, loops.columns);
    SmallVector<Value> values;
    for (const StreamStore &store : j.job.stores)
      values.push_back(store.value);
    j.begin(j.lanesFor(values, columns));
    for (const StreamStore &store : j.job.stores)
      pointers.push_back(j.pointerTo(store.buffer));
    for (Operation *op : loops.reductions) {
      accumulators.emplace_back(k, op, j.e().lanes());
      stateSize += accumulators.back().size();
    }
    rowCount = j.e().sizeOf(sizeOfGroups(mlir, loops.shape, loops.rows));
    width = j.e().sizeOf(columns);
    llvm::SetVector<Value> cone;
    for (Value v : values)
      collectCone(v, [&](Value x) { return j.isMemory(x); }, cone);
    bool cheap = llvm::count_if(cone, [&](Value v) { return !j.isMemory(v); }) <= 6;
    int64_t registers = k.target().vectorRegisters / 2;
    // What is the same for all rows stays in registers beside the states.
    int64_t sameForRows = llvm::count_if(cone, [&](Value v) {
      return j.isMemory(v) && ElementEmitter::rankOf(v) > 0 &&
             ElementEmitter::rankOf(v) < static_cast<int64_t>(loops.shape.size());
    });
    vectors = std::max<int64_t>(1, registers / (stateSize + sameForRows + (cheap ? 0 : 4)));
    if (width.isConstant())
      vectors = std::clamp<int64_t>((width.constant() + j.e().lanes() - 1) / j.e().lanes(), 1,
                                    vectors);
  }

  SmallVector<Value> initial() {
    SmallVector<Value> state;
    for (int64_t v = 0; v < vectors; ++v)
      for (Accumulator &a : accumulators)
        llvm::append_range(state, a.initial());
    return state;
  }

  Coordinate columnsAt(Size first, int64_t v) {
    return Coordinate::consecutive(k.add(first, v * j.e().lanes()), loops.columns.count);
  }

  // Row |r| enters the states of all vectors.
  SmallVector<Value> enter(ArrayRef<Coordinate> leading, Size r, ArrayRef<Coordinate> outer,
                           Size first, ArrayRef<Value> masks, ValueRange state) {
    SmallVector<Value> next;
    SmallVector<Coordinate> row = j.spread(r, loops.shape, loops.rows);
    size_t at = 0;
    for (int64_t v = 0; v < vectors; ++v) {
      ElementIndex index{SmallVector<Coordinate, 4>(leading), masks[v]};
      index.coordinates.append(row);
      index.coordinates.append(outer.begin(), outer.end());
      index.coordinates.push_back(columnsAt(first, v));
      for (auto [op, a] : llvm::zip(loops.reductions, accumulators)) {
        SmallVector<Value> old(state.slice(at, a.size()));
        Value x = j.at(op->getOperand(0), index);
        llvm::append_range(next, a.step(old, x, masks[v], [] { return Value(); }));
        at += a.size();
      }
    }
    return next;
  }

  // Columns from |first| on, of the position that |leading| and |outer| stand for: number |place|.
  void block(ArrayRef<Coordinate> leading, ArrayRef<Coordinate> outer, Size place, Size first) {
    bool whole = width.isConstant() && width.constant() % (vectors * j.e().lanes()) == 0;
    SmallVector<Value> masks(vectors);
    for (int64_t v = 0; v < vectors && !whole; ++v)
      masks[v] = k.laneMask(k.sub(width, k.add(first, v * j.e().lanes())), j.e().lanes());
    SmallVector<Value> state =
        j.e().forLoop(0, rowCount, 1, initial(), [&](Value r, ValueRange carried) {
          return enter(leading, Size(r), outer, first, masks, carried);
        });
    size_t at = 0;
    for (int64_t v = 0; v < vectors; ++v) {
      ElementIndex index{SmallVector<Coordinate, 4>(leading), masks[v]};
      index.coordinates.append(outer.begin(), outer.end());
      index.coordinates.push_back(columnsAt(first, v));
      for (auto [op, a] : llvm::zip(loops.reductions, accumulators)) {
        Value total = a.finish(ArrayRef<Value>(state).slice(at, a.size()), rowCount);
        j.e().bindValue(op->getResult(0), index, total);
        at += a.size();
      }
      SmallVector<Value> values;
      for (const StreamStore &store : j.job.stores)
        values.push_back(j.at(store.value, index));
      Size to = k.add(k.mul(place, width), index.coordinates.back().base);
      for (auto [value, pointer] : llvm::zip(values, pointers))
        k.maskedStore(value, pointer, to, masks[v]);
    }
  }

  // |position| as a value of the tile's loop: what is computed at a known position would be emitted
  // in front of all loops, before the reductions that it is made of.
  Size within(Value tile, Value position) {
    if (!Size(position).isConstant())
      return Size(position);
    Value zero = arith::SubIOp::create(k.builder(), k.loc(), tile, tile);
    return Size(arith::AddIOp::create(k.builder(), k.loc(), position, zero).getResult());
  }

  void emit(Size begin, Size end) {
    MLIRContext *mlir = loops.reductions.front()->getContext();
    Size outerCount = j.e().sizeOf(sizeOfGroups(mlir, loops.shape, loops.outer));
    j.e().forLoop(begin, end, 1, [&](Value tile) {
      SmallVector<Coordinate> leading = j.spread(Size(tile), loops.shape, loops.leading);
      j.e().forLoop(0, outerCount, 1, [&](Value o) {
        SmallVector<Coordinate> outer = j.spread(Size(o), loops.shape, loops.outer);
        Size place = k.add(k.mul(Size(tile), outerCount), Size(o));
        j.e().forLoop(0, width, vectors * j.e().lanes(),
                      [&](Value first) { block(leading, outer, place, within(tile, first)); });
      });
    });
  }
};

} // namespace

void JobEmitter::emitColumns(const ColumnLoops &loops, Size begin, Size end) {
  ColumnEmitter(*this, loops).emit(begin, end);
}

} // namespace dlc::codegen::cpu
