// Chunked reductions: partial states per chunk of rows (or elements), then their combination.
//
// A reduction over leading dimensions walks rows and keeps one vector of states per column block.
// Few columns stay in registers for the whole chunk; many columns are visited a few rows at a time,
// with the states in the partial buffer: a load and a store of them for each row would cost more
// than the row. More rows at a time would read from more places than the processor fetches ahead.
//
// A variance (ShiftedSquare) sums d = x - x0 and d^2, and turns them into mean and M2 at the chunk's
// end. What cancels in d^2 - (sum d)^2 / n is (x0 - mean)^2 / variance, up to the number of the
// chunk's rows if x0 is one that lies far from the others, such as the border of an image. So x0 is
// the mean of a few rows, or one in the middle where columns are many and chunks short.
#include "codegen/cpu/emit/StreamJobs.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

ChunkLoops::ChunkLoops(const StreamContext &context, const StreamJob &job, int64_t phase) {
  Operation *first = job.reductions.front();
  shape = ir::shapeOf(first->getOperand(0));
  all = reducesAll(first);
  int64_t rank = shape.size();
  llvm::BitVector cuts(rank + 1);
  for (Operation *op : job.reductions)
    cuts |= cutsOf(chunkedOperand(context.plan, op),
                   [&](Value v) { return context.isMemoryIn(v, phase); });
  for (const StreamStore &store : job.stores)
    cuts |= cutsOf(store.value, [&](Value v) { return context.isMemoryIn(v, phase); });
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

// Rows whose elements enter the states of a block of columns between a load and a store of those.
static constexpr int64_t kRowsTogether = 4;
static constexpr int64_t kRowsStored = 2; // where values of the rows are stored as well

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
  struct Member {
    Value operand;
    Accumulator accumulator;
    bool shifted; // sums of d and d^2 instead of the accumulator's state
    size_t size() const { return shifted ? 2 : accumulator.size(); }
  };
  SmallVector<Member> members;
  SmallVector<Value> buffers; // per component: the partial buffer

  size_t size() const { return buffers.size(); }
  SmallVector<Value> initial() {
    SmallVector<Value> state;
    for (Member &m : members) {
      Accumulator::State start = m.accumulator.initial();
      llvm::append_range(state, start);
      if (m.shifted) // a sum starts at zero
        state.push_back(start.front());
    }
    return state;
  }
  SmallVector<Value> merge(ArrayRef<Value> x, ArrayRef<Value> y) {
    SmallVector<Value> merged;
    size_t at = 0;
    for (Member &m : members) {
      llvm::append_range(merged, m.accumulator.merge(x.slice(at, m.size()), y.slice(at, m.size())));
      at += m.size();
    }
    return merged;
  }
  SmallVector<Value> acrossLanes(ArrayRef<Value> x) {
    SmallVector<Value> merged;
    size_t at = 0;
    for (Member &m : members) {
      llvm::append_range(merged,
                         m.accumulator.acrossLanes(Accumulator::State(x.slice(at, m.size()))));
      at += m.size();
    }
    return merged;
  }
};

struct ChunkEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  ChunkLoops loops;
  JointState joint;
  Size rowCount, outerCount, width; // reduced rows; what stands between; columns
  SmallVector<Value> storePointers; // of the job's stores

  explicit ChunkEmitter(JobEmitter &j) : j(j), k(j.k), loops(j.context, j.job, j.phase) {
    SmallVector<Value> operands;
    for (Operation *op : j.job.reductions)
      operands.push_back(chunkedOperand(j.context.plan, op));
    SizeAttr columns = sizeOfGroup(loops.shape, *loops.columns);
    SmallVector<Value> values(operands);
    for (const StreamStore &store : j.job.stores)
      values.push_back(store.value);
    j.begin(j.lanesFor(values, columns));
    for (const StreamStore &store : j.job.stores)
      storePointers.push_back(j.pointerTo(store.buffer));
    for (auto [op, operand] : llvm::zip(j.job.reductions, operands))
      joint.members.push_back({operand, Accumulator(k, op, j.e().lanes()),
                               j.context.plan.shifted.contains(op)});
    for (SizeAttr offset : j.job.partials)
      joint.buffers.push_back(j.scratchAt(offset));
    MLIRContext *mlir = columns.getContext();
    rowCount = j.e().sizeOf(sizeOfGroups(mlir, loops.shape, loops.rows));
    width = j.e().sizeOf(columns);
    outerCount = j.e().sizeOf(sizeOfGroups(mlir, loops.shape, loops.outer));
  }

  // The element at |coordinates| of every operand enters |state|; |origins| are what variances among
  // them are shifted by.
  SmallVector<Value> enter(ArrayRef<Coordinate> coordinates, Value mask, ArrayRef<Value> state,
                           ArrayRef<Value> origins = {}) {
    SmallVector<Value> next;
    size_t at = 0;
    for (auto [number, m] : llvm::enumerate(joint.members)) {
      Value x = valueAt(m.operand, coordinates, mask);
      if (m.shifted) {
        Value d = k.difference(x, origins[number]);
        next.push_back(k.sum(state[at], d));
        next.push_back(k.sum(state[at + 1], k.product(d, d)));
      } else {
        llvm::append_range(next, m.accumulator.step(state.slice(at, m.size()), x, mask,
                                                    [] { return Value(); }));
      }
      at += m.size();
    }
    return next;
  }

  Value valueAt(Value operand, ArrayRef<Coordinate> coordinates, Value mask) {
    return j.at(operand, {SmallVector<Coordinate, 4>(coordinates.begin(), coordinates.end()), mask});
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

  // Rows of a chunk.
  struct Chunk {
    Size begin, count;
  };

  int64_t vectors = 1;      // of columns in one block
  bool inRegisters = false; // the states of a block stay there while all rows go by

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

  // Columns of vector |v| of the block that starts at |first|, behind row |r|.
  SmallVector<Coordinate> placeOf(Size r, ArrayRef<Coordinate> outer, Size first, int64_t v) {
    SmallVector<Coordinate> place = j.spread(r, loops.shape, loops.rows);
    place.append(outer.begin(), outer.end());
    place.push_back(Coordinate::consecutive(k.add(first, v * j.e().lanes()),
                                            loops.columns->count));
    return place;
  }

  // What the job stores besides, at the elements that row |r| has just entered.
  void storeRow(Size r, Size outerIndex, ArrayRef<Coordinate> outer, Size first,
                ArrayRef<Value> mask) {
    Size row = k.mul(k.add(k.mul(r, outerCount), outerIndex), width);
    for (int64_t v = 0; v < vectors; ++v)
      for (auto [store, pointer] : llvm::zip(j.job.stores, storePointers)) {
        Value value = valueAt(store.value, placeOf(r, outer, first, v), mask[v]);
        Size at = k.add(row, k.add(first, v * j.e().lanes()));
        if (around && !mask[v] && goesAround(store))
          k.storeNonTemporal(value, pointer, at);
        else
          k.maskedStore(value, pointer, at, mask[v]);
      }
  }

  bool around = false; // what goes around the caches does so now

  bool goesAround(const StreamStore &store) {
    int64_t bytes = KernelBuilder::storedBytes(ElementEmitter::elementOf(store.value));
    return j.goesAround(store) && width.isConstant() && width.constant() * bytes % 64 == 0;
  }

  // Rows [begin, end) of a block of columns.
  SmallVector<Value> rows(Size begin, Size end, Size first, ArrayRef<Coordinate> outer,
                          ArrayRef<Value> mask, ArrayRef<Value> origins) {
    return j.e().forLoop(begin, end, 1, blockInitial(), [&](Value r, ValueRange carried) {
      return oneRow(Size(r), first, outer, mask, SmallVector<Value>(carried), origins);
    });
  }

  // Rows [begin, end), |together| at a time, whose number divides theirs; the states of the chunk
  // start at |base|.
  void rowBlocks(Size begin, Size end, int64_t together, const Chunk &chunk, Size base,
                 ArrayRef<Coordinate> outer) {
    j.e().forLoop(begin, end, together, [&](Value r) {
      blocks(base, [&](Size first, Size cell, ArrayRef<Value> mask) {
        SmallVector<Value> state = loadBlock(cell, mask);
        SmallVector<Value> origins = originsOf(chunk, first, outer, mask);
        for (int64_t i = 0; i < together; ++i)
          state = oneRow(k.add(Size(r), i), first, outer, mask, state, origins);
        storeBlock(state, cell, mask);
      });
    });
  }

  Size outerIndex; // of the position that is being visited

  SmallVector<Value> oneRow(Size r, Size first, ArrayRef<Coordinate> outer, ArrayRef<Value> mask,
                            ArrayRef<Value> state, ArrayRef<Value> origins) {
    SmallVector<Value> next;
    size_t members = joint.members.size();
    for (int64_t v = 0; v < vectors; ++v)
      llvm::append_range(next, enter(placeOf(r, outer, first, v), mask[v],
                                     state.slice(v * joint.size(), joint.size()),
                                     origins.slice(v * members, members)));
    storeRow(r, outerIndex, outer, first, mask);
    return next;
  }

  bool anyShifted() {
    return llvm::any_of(joint.members, [](const JointState::Member &m) { return m.shifted; });
  }

  // What the members are shifted by, null for others: for each vector of the block that starts at
  // column |first|, the mean of some rows of the chunk. Each is scaled before it is added, so that no
  // sum overflows.
  SmallVector<Value> originsOf(const Chunk &chunk, Size first, ArrayRef<Coordinate> outer,
                               ArrayRef<Value> mask) {
    int64_t rows = chunkRows(j.job.reductions.front(), j.context.schedule);
    int64_t sampled = inRegisters ? std::clamp<int64_t>(rows / 32, 1, 8) : 1;
    SmallVector<Value> origins;
    for (int64_t v = 0; v < vectors; ++v)
      for (JointState::Member &m : joint.members) {
        Value &origin = origins.emplace_back();
        for (int64_t i = 0; m.shifted && i < sampled; ++i) {
          Size row = k.add(chunk.begin, k.div(k.mul(chunk.count, 2 * i + 1), 2 * sampled));
          Value x = valueAt(m.operand, placeOf(row, outer, first, v), mask[v]);
          Value share = k.floatConstant(m.accumulator.element(0), 1.0 / double(sampled));
          if (sampled > 1)
            x = k.product(x, k.splat(share, j.e().lanes()));
          origin = origin ? k.sum(origin, x) : x;
        }
      }
    return origins;
  }

  // The chunk is complete: sums of d and d^2 become mean and M2.
  SmallVector<Value> settled(ArrayRef<Value> state, Size count, ArrayRef<Value> origins) {
    SmallVector<Value> out(state);
    for (int64_t v = 0; v < vectors; ++v) {
      size_t at = v * joint.size();
      for (auto [number, m] : llvm::enumerate(joint.members)) {
        if (m.shifted) {
          Type element = m.accumulator.element(0);
          Value n = k.splat(emitCast(k.builder(), k.loc(), k.value(count), k.i64(), element),
                            j.e().lanes());
          Value origin = origins[v * joint.members.size() + number];
          Value mean = arith::DivFOp::create(k.builder(), k.loc(), state[at], n);
          out[at] = k.sum(origin, mean);
          out[at + 1] = k.difference(state[at + 1], k.product(state[at], mean));
        }
        at += m.size();
      }
    }
    return out;
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
    int64_t chunk = chunkRows(j.job.reductions.front(), j.context.schedule);
    Size begin = k.mul(Size(tile), chunk), end = k.min(k.add(begin, chunk), rowCount);
    j.e().forLoop(0, outerCount, 1, [&](Value o) {
      SmallVector<Coordinate> outer = j.spread(Size(o), loops.shape, loops.outer);
      outerIndex = Size(o);
      Size base = k.mul(k.add(k.mul(Size(tile), outerCount), Size(o)), width);
      Size count = k.sub(end, begin);
      if (inRegisters) {
        blocks(base, [&](Size first, Size cell, ArrayRef<Value> mask) {
          SmallVector<Value> origins = originsOf({begin, count}, first, outer, mask);
          SmallVector<Value> state = rows(begin, end, first, outer, mask, origins);
          storeBlock(settled(state, count, origins), cell, mask);
        });
        return;
      }
      blocks(base, [&](Size, Size cell, ArrayRef<Value> mask) {
        storeBlock(blockInitial(), cell, mask);
      });
      // Registers full of coefficients have no room for sums of a second row, and memory is slower
      // where two are written past the caches in turns.
      bool one = around || (j.context.schedule.columnVectors == 1 && !k.target().fewRegisters());
      int64_t together = j.job.stores.empty() ? kRowsTogether : one ? 1 : kRowsStored;
      Size whole = k.add(begin, k.mul(k.div(count, together), together));
      rowBlocks(begin, whole, together, {begin, count}, base, outer);
      if (together > 1)
        rowBlocks(whole, end, 1, {begin, count}, base, outer);
      if (anyShifted())
        blocks(base, [&](Size first, Size cell, ArrayRef<Value> mask) {
          SmallVector<Value> origins = originsOf({begin, count}, first, outer, mask);
          storeBlock(settled(loadBlock(cell, mask), count, origins), cell, mask);
        });
    });
  }

  // Little is computed on the way: a few operations a reduction, nothing costly, nothing stored.
  bool isCheap() {
    llvm::SetVector<Value> cone;
    for (JointState::Member &m : joint.members)
      collectCone(m.operand, [&](Value v) { return j.isMemory(v); }, cone);
    return j.job.stores.empty() && cone.size() <= 8 && llvm::none_of(cone, [&](Value v) {
      return !j.isMemory(v) && v.getDefiningOp() && isExpensive(v.getDefiningOp());
    });
  }

  // Vectors of memory that are the same for all rows, per vector of columns.
  int64_t sameForRows() {
    llvm::SetVector<Value> cone;
    for (JointState::Member &m : joint.members)
      collectCone(m.operand, [&](Value v) { return j.isMemory(v); }, cone);
    return llvm::count_if(cone, [&](Value v) {
      int64_t rank = ElementEmitter::rankOf(v);
      return j.isMemory(v) && rank > 0 && rank < static_cast<int64_t>(loops.shape.size());
    });
  }

  // All columns in registers, or else few at a time: their states go to memory and back. Where few
  // registers hold the states, but not what rows are combined with beside them, in equal parts.
  void chooseVectors() {
    constexpr int64_t kTemporaries = 3;
    int64_t reductions = j.job.reductions.size(), registers = k.target().vectorRegisters * 3 / 4;
    // What a variance is shifted by stays in registers, too.
    int64_t temporaries = (isCheap() ? 0 : 4) + anyShifted();
    auto ceilDiv = [](int64_t x, int64_t y) { return (x + y - 1) / y; };
    vectors = std::clamp<int64_t>(registers / (joint.size() + temporaries), 1, 16);
    int64_t all = width.isConstant() ? ceilDiv(width.constant(), j.e().lanes()) : 0;
    inRegisters = width.isConstant() && all <= vectors;
    if (!inRegisters)
      vectors = std::max<int64_t>(1, j.context.schedule.columnVectors / reductions);
    if (width.isConstant())
      vectors = std::clamp<int64_t>(all, 1, vectors);
    if (int64_t same = sameForRows(); inRegisters && same && k.target().fewRegisters()) {
      int64_t each = joint.size() + same, room = k.target().vectorRegisters - kTemporaries;
      vectors = ceilDiv(vectors, ceilDiv(vectors, std::max<int64_t>(room / each, 1)));
    }
  }

  void emit(Size begin, Size end) {
    chooseVectors();
    SmallVector<Value> aligned;
    for (auto [store, pointer] : llvm::zip(j.job.stores, storePointers))
      if (goesAround(store))
        aligned.push_back(pointer);
    j.walkAround(aligned, begin, end, [&](Size from, Size to, bool past) {
      around = past;
      j.e().forLoop(from, to, 1, [&](Value tile) { loops.all ? everything(tile) : leading(tile); });
    });
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
    for (size_t i = 0; i < accumulator.size(); ++i)
      state.push_back(loadPart(i, cell, mask));
    return state;
  }
  Value loadPart(size_t part, Size cell, Value mask) {
    Type element = accumulator.element(std::min(part, accumulator.size() - 1));
    return k.maskedLoad(k.vectorType(element, j.e().lanes()), buffers[part], cell, mask);
  }

  bool isShifted() { return j.context.plan.shifted.contains(op); }

  // M2 + n (mean - m)^2 of chunks [from, to), which have |rows| rows each.
  SmallVector<Value> addShifted(Size from, Size to, Size rows, Size first, Value mask, Value m,
                                ValueRange carried) {
    Value n = k.splat(emitCast(k.builder(), k.loc(), k.value(rows), k.i64(),
                               accumulator.element(0)),
                      j.e().lanes());
    return j.e().forLoop(from, to, 1, carried, [&](Value q, ValueRange sum) {
      Size cell = k.add(k.mul(Size(q), cells), first);
      Value distance = k.difference(loadPart(0, cell, mask), m);
      Value term = k.sum(loadPart(1, cell, mask), k.product(n, k.product(distance, distance)));
      return SmallVector<Value>{k.sum(sum[0], term)};
    });
  }

  // All chunks but the last are full.
  SmallVector<Value> shifted(Size first, Value mask, Value m) {
    Size chunk = chunkRows(op, j.context.schedule), last = k.max(k.sub(chunks, 1), 0);
    SmallVector<Value> sum = addShifted(0, last, chunk, first, mask, m, accumulator.initial());
    return addShifted(last, chunks, k.sub(count, k.mul(last, chunk)), first, mask, m, sum);
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

  SmallVector<Value> merged(Size first, Value mask) {
    return j.e().forLoop(0, chunks, 1, accumulator.initial(), [&](Value q, ValueRange carried) {
      Size cell = k.add(k.mul(Size(q), cells), first);
      SmallVector<Value> old(carried);
      return SmallVector<Value>(accumulator.merge(old, load(cell, mask)));
    });
  }

  void columns(Value tile) {
    Size begin = k.mul(Size(tile), 1024), end = k.min(k.add(begin, 1024), cells);
    unsigned dims = ElementEmitter::rankOf(op->getResult(0));
    j.e().vectorLoop(begin, end, 1, ValueRange(),
                     [&](Size first, Value mask, int64_t, ValueRange) {
                       SmallVector<Value> state =
                           isShifted() ? shifted(first, mask,
                                                 j.at(matchShiftedSquare(op)->m,
                                                      {{Coordinate::consecutive(first, dims)}, mask}))
                                       : merged(first, mask);
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
