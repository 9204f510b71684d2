// Chunked reductions: partial states per chunk of rows (or elements), then their combination.
//
// A reduction over leading dimensions walks rows and keeps one vector of states per column block.
// Few columns stay in registers for the whole chunk; many columns are visited in blocks of eight
// rows, with the states in the partial buffer (hot in L1), so that memory is read in strictly
// increasing order: strided column blocks halve the bandwidth of large tensors.
#include "codegen/cpu/emit/StreamJobs.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

static constexpr int64_t kRowBlock = 8;

ChunkLoops::ChunkLoops(const StreamContext &context, const StreamJob &job, int64_t phase) {
  Operation *first = job.reductions.front();
  shape = ir::shapeOf(first->getOperand(0));
  all = reducesAll(first);
  int64_t rank = shape.size();
  llvm::BitVector cuts(rank + 1);
  for (Operation *op : job.reductions)
    cuts |= cutsOf(op->getOperand(0), [&](Value v) { return context.isMemoryIn(v, phase); });
  // The first kept dimension that is not of size 1 begins the columns.
  SmallVector<int64_t> axes = reducedAxes(first);
  int64_t split = rank;
  for (int64_t d = rank; d-- > 0;)
    if (!llvm::is_contained(axes, d) && !shape[d].isConstant(1))
      split = d;
  rows = groupDims(0, split, cuts);
  if (all) {
    columns = rows.pop_back_val();
    return;
  }
  outer = groupDims(split, rank, cuts);
  columns = outer.pop_back_val();
}

SizeAttr chunkTiles(const StreamContext &context, const StreamJob &job, int64_t) {
  return chunkCount(job.reductions.front(), context.schedule);
}

SizeAttr combineTiles(const StreamContext &context, const StreamJob &job) {
  Operation *op = job.reductions.front();
  MLIRContext *mlir = op->getContext();
  if (reducesAll(op))
    return ir::sizeConstant(mlir, 1);
  return ir::sizeCeilDiv(ir::elementCount(op->getResult(0).getType()),
                         ir::sizeConstant(mlir, 1024));
}

namespace {

// States of all reductions of a job, laid end to end.
struct JointState {
  SmallVector<Accumulator> accumulators;
  SmallVector<Value> buffers; // per component: the partial buffer

  size_t size() const { return buffers.size(); }
  SmallVector<Value> initial() {
    SmallVector<Value> state;
    for (Accumulator &a : accumulators)
      llvm::append_range(state, a.initial());
    return state;
  }
  SmallVector<Value> merge(ArrayRef<Value> x, ArrayRef<Value> y) {
    SmallVector<Value> merged;
    size_t at = 0;
    for (Accumulator &a : accumulators) {
      llvm::append_range(merged, a.merge(x.slice(at, a.size()), y.slice(at, a.size())));
      at += a.size();
    }
    return merged;
  }
  SmallVector<Value> acrossLanes(ArrayRef<Value> x) {
    SmallVector<Value> merged;
    size_t at = 0;
    for (Accumulator &a : accumulators) {
      llvm::append_range(merged, a.acrossLanes(Accumulator::State(x.slice(at, a.size()))));
      at += a.size();
    }
    return merged;
  }
};

struct ChunkEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  ChunkLoops loops;
  JointState joint;
  Size rowCount, width; // reduced rows; columns

  explicit ChunkEmitter(JobEmitter &j) : j(j), k(j.k), loops(j.context, j.job, j.phase) {
    SmallVector<Value> operands;
    for (Operation *op : j.job.reductions)
      operands.push_back(op->getOperand(0));
    SizeAttr columns = sizeOfGroup(loops.shape, *loops.columns);
    j.begin(j.lanesFor(operands, columns));
    for (Operation *op : j.job.reductions)
      joint.accumulators.emplace_back(k, op, j.e().lanes());
    for (SizeAttr offset : j.job.partials)
      joint.buffers.push_back(j.scratchAt(offset));
    MLIRContext *mlir = columns.getContext();
    rowCount = j.e().sizeOf(sizeOfGroups(mlir, loops.shape, loops.rows));
    width = j.e().sizeOf(columns);
  }

  // The element at |coordinates| of every operand enters |state|.
  SmallVector<Value> enter(ArrayRef<Coordinate> coordinates, Value mask, ArrayRef<Value> state) {
    SmallVector<Value> next;
    size_t at = 0;
    for (auto [op, a] : llvm::zip(j.job.reductions, joint.accumulators)) {
      ElementIndex index{SmallVector<Coordinate, 4>(coordinates.begin(), coordinates.end()), mask};
      Value x = j.at(op->getOperand(0), index);
      llvm::append_range(next, a.step(state.slice(at, a.size()), x, mask, [] { return Value(); }));
      at += a.size();
    }
    return next;
  }

  //===--------------------------------------------------------------------===//
  // Everything
  //===--------------------------------------------------------------------===//

  // Elements [first, last) of a chunk, in vectors with several accumulators.
  void everything(Value tile) {
    int64_t chunk = j.context.schedule.chunkElements;
    Size first = k.mul(Size(tile), chunk);
    int64_t ways = j.e().reductionWays(j.job.reductions.size());
    SmallVector<Value> state;
    for (int64_t way = 0; way < ways; ++way)
      llvm::append_range(state, joint.initial());
    unsigned dims = loops.columns->count;
    auto row = [&](ArrayRef<Coordinate> before, Size begin, Size end, ValueRange carried) {
      return j.e().vectorLoop(begin, end, ways, carried,
                              [&](Size at, Value mask, int64_t way, ValueRange state) {
                                SmallVector<Value> next(state);
                                SmallVector<Coordinate> place(before);
                                place.push_back(Coordinate::consecutive(at, dims));
                                size_t from = way * joint.size();
                                auto entered = enter(
                                    place, mask,
                                    ArrayRef<Value>(next).slice(from, joint.size()));
                                llvm::copy(entered, next.begin() + from);
                                return next;
                              });
    };
    if (loops.rows.empty()) {
      state = row({}, first, k.min(k.add(first, chunk), width), state);
    } else {
      // Rows that begin in the chunk: shape alone says which.
      Size safe = k.max(width, 1);
      Size begin = k.min(k.ceilDiv(first, safe), rowCount);
      Size end = k.min(k.ceilDiv(k.add(first, chunk), safe), rowCount);
      state = j.e().forLoop(begin, end, 1, state, [&](Value r, ValueRange carried) {
        return row(j.spread(Size(r), loops.shape, loops.rows), 0, width, carried);
      });
    }
    finishChunk(state, ways, tile);
  }

  void finishChunk(ArrayRef<Value> state, int64_t ways, Value tile) {
    SmallVector<SmallVector<Value>> parts;
    for (int64_t way = 0; way < ways; ++way)
      parts.emplace_back(state.slice(way * joint.size(), joint.size()));
    while (parts.size() > 1) {
      SmallVector<SmallVector<Value>> next;
      for (size_t i = 0; i + 1 < parts.size(); i += 2)
        next.push_back(joint.merge(parts[i], parts[i + 1]));
      if (parts.size() % 2)
        next.push_back(parts.back());
      parts = std::move(next);
    }
    SmallVector<Value> total = joint.acrossLanes(parts.front());
    for (auto [value, buffer] : llvm::zip(total, joint.buffers))
      j.storeScalar(value, buffer, Size(tile));
  }

  //===--------------------------------------------------------------------===//
  // Leading dimensions
  //===--------------------------------------------------------------------===//

  int64_t vectors = 1; // of columns in one block

  bool fitsRegisters() {
    return width.isConstant() && width.constant() <= vectors * j.e().lanes();
  }

  // Masks of the vectors of the block that starts at column |first|; null where all lanes exist.
  SmallVector<Value> masks(Size first) {
    SmallVector<Value> result;
    int64_t lanes = j.e().lanes();
    bool whole = width.isConstant() && width.constant() % (vectors * lanes) == 0;
    for (int64_t v = 0; v < vectors; ++v)
      result.push_back(whole ? Value()
                             : k.laneMask(k.sub(width, k.add(first, v * lanes)), lanes));
    return result;
  }

  // Rows [begin, end) of a block of columns.
  SmallVector<Value> rows(Size begin, Size end, Size first, ArrayRef<Coordinate> outer,
                          ArrayRef<Value> mask, ValueRange state) {
    unsigned dims = loops.columns->count;
    return j.e().forLoop(begin, end, 1, state, [&](Value r, ValueRange carried) {
      SmallVector<Value> current(carried), next;
      SmallVector<Coordinate> before = j.spread(Size(r), loops.shape, loops.rows);
      before.append(outer.begin(), outer.end());
      for (int64_t v = 0; v < vectors; ++v) {
        SmallVector<Coordinate> place(before);
        Size column = k.add(first, v * j.e().lanes());
        place.push_back(Coordinate::consecutive(column, dims));
        llvm::append_range(next, enter(place, mask[v],
                                       ArrayRef<Value>(current).slice(v * joint.size(),
                                                                      joint.size())));
      }
      return next;
    });
  }

  SmallVector<Value> blockInitial() {
    SmallVector<Value> state;
    for (int64_t v = 0; v < vectors; ++v)
      llvm::append_range(state, joint.initial());
    return state;
  }

  void storeBlock(ArrayRef<Value> state, Size cell, ArrayRef<Value> mask) {
    for (int64_t v = 0; v < vectors; ++v)
      for (size_t i = 0; i < joint.size(); ++i)
        k.maskedStore(state[v * joint.size() + i], joint.buffers[i],
                      k.add(cell, v * j.e().lanes()), mask[v]);
  }

  SmallVector<Value> loadBlock(Size cell, ArrayRef<Value> mask) {
    SmallVector<Value> state;
    SmallVector<Value> like = joint.initial();
    for (int64_t v = 0; v < vectors; ++v)
      for (size_t i = 0; i < joint.size(); ++i)
        state.push_back(k.maskedLoad(cast<VectorType>(like[i].getType()), joint.buffers[i],
                                     k.add(cell, v * j.e().lanes()), mask[v]));
    return state;
  }

  // |body| for each block of columns; |cell| counts states from |base|.
  void blocks(Size base, function_ref<void(Size first, Size cell, ArrayRef<Value> mask)> body) {
    j.e().forLoop(0, width, vectors * j.e().lanes(), [&](Value first) {
      SmallVector<Value> mask = masks(Size(first));
      body(Size(first), k.add(base, Size(first)), mask);
    });
  }

  void leading(Value tile) {
    int64_t chunk = j.context.schedule.chunkRows;
    Size begin = k.mul(Size(tile), chunk), end = k.min(k.add(begin, chunk), rowCount);
    SizeAttr outerSize =
        sizeOfGroups(loops.shape.front().getContext(), loops.shape, loops.outer);
    Size outerCount = j.e().sizeOf(outerSize);
    j.e().forLoop(0, outerCount, 1, [&](Value o) {
      SmallVector<Coordinate> outer = j.spread(Size(o), loops.shape, loops.outer);
      Size base = k.mul(k.add(k.mul(Size(tile), outerCount), Size(o)), width);
      if (fitsRegisters()) {
        blocks(base, [&](Size first, Size cell, ArrayRef<Value> mask) {
          storeBlock(rows(begin, end, first, outer, mask, blockInitial()), cell, mask);
        });
        return;
      }
      blocks(base, [&](Size, Size cell, ArrayRef<Value> mask) {
        storeBlock(blockInitial(), cell, mask);
      });
      j.e().forLoop(begin, end, kRowBlock, [&](Value r) {
        Size last = k.min(k.add(Size(r), kRowBlock), end);
        blocks(base, [&](Size first, Size cell, ArrayRef<Value> mask) {
          SmallVector<Value> state = loadBlock(cell, mask);
          storeBlock(rows(Size(r), last, first, outer, mask, state), cell, mask);
        });
      });
    });
  }

  void emit(Size begin, Size end) {
    vectors = std::max<int64_t>(
        1, j.context.schedule.columnVectors / static_cast<int64_t>(j.job.reductions.size()));
    if (width.isConstant())
      vectors = std::clamp<int64_t>((width.constant() + j.e().lanes() - 1) / j.e().lanes(), 1,
                                    vectors);
    j.e().forLoop(begin, end, 1,
                  [&](Value tile) { loops.all ? everything(tile) : leading(tile); });
  }
};

// Merges the partial states of one reduction in the order of chunks.
struct CombineEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  Operation *op;
  Accumulator accumulator;
  SmallVector<Value> buffers;
  Value result;
  Size chunks, cells, count;

  static int64_t beginWith(JobEmitter &j) {
    Operation *op = j.job.reductions.front();
    int64_t lanes = j.lanesFor({op->getOperand(0)},
                               reducesAll(op) ? SizeAttr() : ir::elementCount(
                                                                 op->getResult(0).getType()));
    j.begin(lanes);
    return lanes;
  }

  explicit CombineEmitter(JobEmitter &j)
      : j(j), k(j.k), op(j.job.reductions.front()), accumulator(k, op, beginWith(j)) {
    for (SizeAttr offset : j.job.partials)
      buffers.push_back(j.scratchAt(offset));
    result = j.pointerTo(j.job.stores.front().buffer);
    chunks = j.e().sizeOf(chunkCount(op, j.context.schedule));
    cells = j.e().sizeOf(ir::elementCount(op->getResult(0).getType()));
    SmallVector<Size> extents = j.e().extentsOf(op->getOperand(0));
    count = 1;
    for (int64_t axis : reducedAxes(op))
      count = k.mul(count, extents[axis]);
  }

  Accumulator::State load(Size cell, Value mask) {
    Accumulator::State state;
    for (auto [i, buffer] : llvm::enumerate(buffers))
      state.push_back(k.maskedLoad(k.vectorType(accumulator.element(i), j.e().lanes()), buffer,
                                   cell, mask));
    return state;
  }

  void everything() {
    SmallVector<Value> state = j.e().vectorLoop(
        0, chunks, 1, accumulator.initial(),
        [&](Size first, Value mask, int64_t, ValueRange carried) {
          SmallVector<Value> old(carried);
          SmallVector<Value> merged(accumulator.merge(old, load(first, mask)));
          if (mask)
            for (auto [m, o] : llvm::zip(merged, old))
              m = arith::SelectOp::create(k.builder(), k.loc(), mask, m, o);
          return merged;
        });
    Accumulator::State total = accumulator.acrossLanes(Accumulator::State(state.begin(), state.end()));
    j.storeScalar(accumulator.finish(total, count), result, 0);
  }

  void columns(Value tile) {
    Size begin = k.mul(Size(tile), 1024), end = k.min(k.add(begin, 1024), cells);
    j.e().vectorLoop(begin, end, 1, ValueRange(),
                     [&](Size first, Value mask, int64_t, ValueRange) {
                       SmallVector<Value> state = j.e().forLoop(
                           0, chunks, 1, accumulator.initial(), [&](Value q, ValueRange carried) {
                             Size cell = k.add(k.mul(Size(q), cells), first);
                             SmallVector<Value> old(carried);
                             return SmallVector<Value>(accumulator.merge(old, load(cell, mask)));
                           });
                       k.maskedStore(accumulator.finish(state, count), result, first, mask);
                       return SmallVector<Value>();
                     });
  }

  void emit(Size begin, Size end) {
    j.e().forLoop(begin, end, 1,
                  [&](Value tile) { reducesAll(op) ? everything() : columns(tile); });
  }
};

} // namespace

void JobEmitter::emitPartial(Size begin, Size end) { ChunkEmitter(*this).emit(begin, end); }

void JobEmitter::emitCombine(Size begin, Size end) { CombineEmitter(*this).emit(begin, end); }

} // namespace dlc::codegen::cpu
