// The job that most kernels consist of: the map, which stores values of one domain.
//
// The domain is walked as it lies where nothing stands against it; else row by row, so that what
// belongs to a row (a softmax's maximum and sum, in passes over the row while it is in cache) is
// known in its loop. A map by rows may take column sums besides.
#include "codegen/cpu/emit/StreamJobs.h"
#include "ir/symbols/SizeExpr.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

MapLoops::MapLoops(const StreamContext &context, const StreamJob &job, int64_t phase) {
  auto isMemory = [&](Value v) { return context.isMemoryIn(v, phase); };
  MLIRContext *mlir = context.kernel.body->getTerminator()->getContext();
  Operation *row = nullptr;
  llvm::SetVector<Value> cone;
  bool expensive = false;
  for (const StreamStore &store : job.stores) {
    Operation *reduction = rowReductionOf(store.value, isMemory);
    if (reduction)
      row = reduction;
    else
      full = store.value;
    collectCone(store.value, isMemory, cone);
  }
  for (Operation *reduction : job.reductions) {
    full = reduction->getOperand(0);
    collectCone(full, isMemory, cone);
  }
  int64_t bytes = 0;
  for (Value v : cone) {
    bool touches = isMemory(v) && cast<RankedTensorType>(v.getType()).getRank() > 0;
    bytes += touches ? KernelBuilder::storedBytes(ElementEmitter::elementOf(v)) : 0;
    expensive |= !isMemory(v) && v.getDefiningOp() && isExpensive(v.getDefiningOp());
  }
  for (const StreamStore &store : job.stores)
    bytes += KernelBuilder::storedBytes(ElementEmitter::elementOf(store.value));
  tileElements = context.schedule.tileBytes / std::max<int64_t>(bytes, 1);
  if (expensive)
    tileElements = std::min<int64_t>(tileElements, 4096);
  tileElements = std::max<int64_t>(tileElements / 256 * 256, 256);

  byRows = row != nullptr;
  Value any = full ? full : row->getResult(0);
  shape = ir::shapeOf(any);
  int64_t rank = shape.size(),
          rowRank = row ? cast<RankedTensorType>(row->getResult(0).getType()).getRank() : 0;
  if (!job.reductions.empty()) {
    rowRank = leadingDims(job.reductions.front());
    chunkRows = cpu::chunkRows(job.reductions.front(), context.schedule);
  }
  bool rowsApart = row || chunkRows;
  llvm::BitVector cuts(rank + 1);
  for (const StreamStore &store : job.stores)
    if (!full || !rowReductionOf(store.value, isMemory))
      cuts |= cutsOf(store.value, isMemory);
  for (Operation *reduction : job.reductions)
    cuts |= cutsOf(reduction->getOperand(0), isMemory);
  if (rowsApart && full)
    cuts.set(rowRank);
  if (full) {
    SmallVector<DimGroup> groups = groupDims(0, rank, cuts);
    if (!groups.empty() && groups.back().first >= rowRank)
      columns = groups.pop_back_val();
    for (DimGroup group : groups)
      (!rowsApart || group.first < rowRank ? rows : middle).push_back(group);
  } else {
    rows = groupDims(0, rank, cuts);
  }
  rowElements = ir::sizeConstant(mlir, 1);
  if (columns)
    rowElements = ir::sizeMul(sizeOfGroups(mlir, shape, middle), sizeOfGroup(shape, *columns));
  if (row && !full) {
    ir::Shape whole = ir::shapeOf(row->getOperand(0));
    for (int64_t axis : reducedAxes(row))
      rowElements = ir::sizeMul(rowElements, whole[axis]);
  }
}

SizeAttr MapLoops::rowsPerTile() const {
  MLIRContext *context = rowElements.getContext();
  if (chunkRows)
    return ir::sizeConstant(context, chunkRows);
  SizeAttr one = ir::sizeConstant(context, 1), least = ir::sizeMax(rowElements, one);
  return ir::sizeMax(ir::sizeFloorDiv(ir::sizeConstant(context, tileElements), least), one);
}

namespace {

constexpr int64_t kStageBytes = 16 * 1024;  // of a row that is staged apart
constexpr int64_t kColumnBytes = 16 * 1024; // of column values beside rows: half of a first cache
constexpr int64_t kStripBytes = 4096; // of a row in a strip: the processor fetches ahead in a page

// Emits the tiles of a map. One object per job.
struct MapEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  MapLoops loops;
  SmallVector<StreamStore> full, rows;
  SmallVector<Value> fullPointers, rowPointers;
  SmallVector<bool> goesAround; // per value of |full|
  bool around = false;          // what does is written past the caches now
  int64_t unroll = 1;
  SmallVector<Value> drawn; // random numbers of the domain

  explicit MapEmitter(JobEmitter &j) : j(j), k(j.k), loops(j.context, j.job, j.phase) {
    auto isMemory = [&](Value v) { return j.isMemory(v); };
    SmallVector<Value> values;
    for (const StreamStore &store : j.job.stores) {
      bool isRow = rowReductionOf(store.value, isMemory) != nullptr;
      (isRow ? rows : full).push_back(store);
      values.push_back(store.value);
    }
    for (Operation *op : j.job.reductions)
      values.push_back(op->getOperand(0));
    SizeAttr inner = loops.columns ? sizeOfGroup(loops.shape, *loops.columns) : loops.rowElements;
    j.begin(j.lanesFor(values, inner));
    for (const StreamStore &store : full)
      fullPointers.push_back(j.pointerTo(store.buffer));
    for (const StreamStore &store : rows)
      rowPointers.push_back(j.pointerTo(store.buffer));
    unroll = chooseUnroll(values, inner);
    // Rows must begin as aligned as the first one does.
    SizeAttr width = loops.columns ? sizeOfGroup(loops.shape, *loops.columns) : SizeAttr();
    for (const StreamStore &store : full) {
      int64_t bytes = KernelBuilder::storedBytes(ElementEmitter::elementOf(store.value));
      bool alike = width && width.isConstant() && width.getValue() * bytes % 64 == 0;
      goesAround.push_back(j.goesAround(store) && (loops.isLinear() || alike));
    }
    groupReductions(values);
    for (Operation *op : j.job.reductions)
      sums.push_back({op->getOperand(0), Accumulator(k, op, j.e().lanes()), {}});
    size_t next = 0;
    for (ColumnSum &sum : sums)
      for (size_t i = 0; i < sum.accumulator.size(); ++i)
        sum.states.push_back(j.scratchAt(j.job.partials[next++]));
  }

  //===--------------------------------------------------------------------===//
  // Column sums besides: their states lie in the partial buffers, hot in the first cache, while a
  // tile's rows go by.
  //===--------------------------------------------------------------------===//

  struct ColumnSum {
    Value operand;
    Accumulator accumulator;
    SmallVector<Value> states; // pointers
  };
  SmallVector<ColumnSum> sums;
  Size firstState; // of the tile

  void startSums(Size tile) {
    if (sums.empty())
      return;
    Size width = j.e().sizeOf(loops.rowElements);
    firstState = k.mul(tile, width);
    j.e().vectorLoop(0, width, 1, ValueRange(), [&](Size at, Value mask, int64_t, ValueRange) {
      for (ColumnSum &sum : sums)
        for (auto [value, pointer] : llvm::zip(sum.accumulator.initial(), sum.states))
          k.maskedStore(value, pointer, k.add(firstState, at), mask);
      return SmallVector<Value>();
    });
  }

  // The elements at |index|, which is |column| of its row, enter.
  void enterSums(const ElementIndex &index, Size column) {
    Size cell = k.add(firstState, column);
    for (ColumnSum &sum : sums) {
      SmallVector<Value> state;
      for (auto [i, pointer] : llvm::enumerate(sum.states))
        state.push_back(k.maskedLoad(k.vectorType(sum.accumulator.element(i), j.e().lanes()),
                                     pointer, cell, index.mask));
      Value x = j.at(sum.operand, index);
      auto next = sum.accumulator.step(state, x, index.mask, [] { return Value(); });
      for (auto [value, pointer] : llvm::zip(next, sum.states))
        k.maskedStore(value, pointer, cell, index.mask);
    }
  }

  int64_t chooseUnroll(ArrayRef<Value> values, SizeAttr inner) {
    llvm::SetVector<Value> cone;
    for (Value v : values)
      collectCone(v, [&](Value x) { return j.isMemory(x); }, cone);
    int64_t wanted = j.context.schedule.mapUnroll;
    for (Value v : cone) {
      Operation *op = j.isMemory(v) ? nullptr : v.getDefiningOp();
      if (!op || !drawsNumbers(op))
        continue;
      wanted = 4; // vectors that one run of the generator fills
      if (ir::Shape(ir::shapeOf(v)) == loops.shape)
        drawn.push_back(v);
    }
    j.e().setScalarsInLoops(!drawn.empty() && k.target().fewRegisters());
    if (inner.isConstant())
      wanted = std::clamp<int64_t>(inner.getValue() / j.e().lanes(), 1, wanted);
    return wanted;
  }

  // Row reductions over one domain at one depth of dependence are made in one pass.
  SmallVector<SmallVector<Operation *>> passes;

  void groupReductions(ArrayRef<Value> values) {
    llvm::SetVector<Value> cone;
    for (Value v : values)
      collectCone(v, [&](Value x) { return j.isMemory(x); }, cone);
    DenseMap<Value, int64_t> depth;
    SmallVector<int64_t> depths;
    for (Operation &op : *j.context.kernel.body) {
      if (op.getNumResults() != 1 || !cone.contains(op.getResult(0)) || j.isMemory(op.getResult(0)))
        continue;
      int64_t d = 0;
      for (Value operand : op.getOperands())
        d = std::max(d, depth.lookup(operand));
      depth[op.getResult(0)] = d + isReduction(&op);
      if (!isReduction(&op) || !reducesInnermost(&op) || matchRowPick(&op))
        continue;
      bool placed = false;
      for (auto [pass, at] : llvm::zip(passes, depths))
        if (at == d && ir::shapeOf(pass.front()->getOperand(0)) == ir::shapeOf(op.getOperand(0)) &&
            reducedAxes(pass.front()) == reducedAxes(&op)) {
          pass.push_back(&op);
          placed = true;
          break;
        }
      if (!placed) {
        passes.push_back({&op});
        depths.push_back(d);
      }
    }
    j.e().setReductionGroups(passes);
  }

  //===--------------------------------------------------------------------===//
  // Staging: a costly value that several passes over a row need is kept in the row of a result.
  //===--------------------------------------------------------------------===//

  // Passes that ask for |v| when |kept| values are not looked into.
  int64_t usesOf(Value v, const llvm::SetVector<Value> &kept) {
    auto stop = [&](Value x) {
      return j.isMemory(x) || (x != v && kept.contains(x)) ||
             (x.getDefiningOp() && isReduction(x.getDefiningOp()));
    };
    int64_t count = 0;
    auto asks = [&](Value root) {
      llvm::SetVector<Value> cone;
      collectCone(root, stop, cone);
      return cone.contains(v);
    };
    for (ArrayRef<Operation *> pass : passes)
      count += llvm::any_of(pass, [&](Operation *op) { return asks(op->getOperand(0)); });
    count += llvm::any_of(full, [&](const StreamStore &s) { return asks(s.value); }) ||
             llvm::any_of(sums, [&](const ColumnSum &sum) { return asks(sum.operand); });
    return count;
  }

  bool isShared(int64_t result) {
    return llvm::any_of(j.context.kernel.shared, [&](auto p) { return p.first == result; });
  }

  // What is written past the caches holds nothing meanwhile: its stages are rows of their own.
  SmallVector<Value> stageRows;

  void placeStages(ArrayRef<std::pair<Value, size_t>> stages) {
    for (auto [value, result] : stages) {
      int64_t bytes = KernelBuilder::storedBytes(ElementEmitter::elementOf(value));
      bool fits =
          loops.rowElements.isConstant() && loops.rowElements.getValue() * bytes <= kStageBytes;
      goesAround[result] = goesAround[result] && fits;
      stageRows.push_back(goesAround[result] ? k.stackBuffer(loops.rowElements.getValue() * bytes)
                                             : Value());
    }
  }

  // (value, index into |full| of the result whose rows hold it)
  SmallVector<std::pair<Value, size_t>> chooseStages() {
    SmallVector<std::pair<Value, size_t>> stages;
    if (passes.empty() || !loops.middle.empty() || !loops.columns || loops.rows.empty())
      return stages;
    llvm::SetVector<Value> kept;
    llvm::SmallVector<bool> taken(full.size(), false);
    for (Operation &op : llvm::reverse(*j.context.kernel.body)) {
      if (op.getNumResults() != 1 || !isExpensive(&op) || isReduction(&op))
        continue;
      Value v = op.getResult(0);
      if (j.isMemory(v) || ir::shapeOf(v) != loops.shape || usesOf(v, kept) < 2)
        continue;
      for (size_t i = 0; i < full.size(); ++i) {
        bool fits = !taken[i] && full[i].value != v && full[i].buffer.result >= 0 &&
                    !isShared(full[i].buffer.result) &&
                    ElementEmitter::elementOf(full[i].value) == ElementEmitter::elementOf(v) &&
                    !ElementEmitter::elementOf(v).isInteger(1);
        if (!fits)
          continue;
        taken[i] = true;
        kept.insert(v);
        stages.push_back({v, i});
        break;
      }
    }
    return stages;
  }

  //===--------------------------------------------------------------------===//
  // Loops
  //===--------------------------------------------------------------------===//

  // Columns [begin, end) behind the uniform |coordinates|; |offset|: of column 0 in the domain,
  // |inRow|: in its row.
  void columns(ArrayRef<Coordinate> coordinates, Size begin, Size end, Size offset, Size inRow) {
    unsigned dims = loops.columns->count;
    j.e().vectorLoop(
        begin, end, unroll, ValueRange(), [&](Size first, Value mask, int64_t, ValueRange) {
          ElementIndex index{SmallVector<Coordinate, 4>(coordinates.begin(), coordinates.end()),
                             mask};
          index.coordinates.push_back(Coordinate::consecutive(first, dims));
          storeFull(index, k.add(offset, first), k.add(inRow, first));
          return SmallVector<Value>();
        });
  }

  // All values first, then all stores: a result may lie where an operand does. The generator takes
  // nearly all registers, so nothing is loaded before it has run.
  void storeFull(const ElementIndex &index, Size offset, Size inRow) {
    SmallVector<Value> values;
    for (Value v : drawn)
      j.at(v, index);
    for (const StreamStore &store : full)
      values.push_back(j.at(store.value, index));
    enterSums(index, inRow);
    for (auto [value, pointer, past] : llvm::zip(values, fullPointers, goesAround))
      if (around && past && !index.mask)
        k.storeNonTemporal(value, pointer, offset);
      else
        k.maskedStore(value, pointer, offset, index.mask);
  }

  void middle(size_t depth, SmallVector<Coordinate> coordinates, Size offset, Size inRow) {
    if (depth == loops.middle.size()) {
      Size width = j.e().sizeOf(sizeOfGroup(loops.shape, *loops.columns));
      columns(coordinates, 0, width, k.mul(offset, width), k.mul(inRow, width));
      return;
    }
    DimGroup group = loops.middle[depth];
    Size extent = j.e().sizeOf(sizeOfGroup(loops.shape, group));
    j.e().forLoop(0, extent, 1, [&](Value i) {
      SmallVector<Coordinate> next(coordinates);
      next.push_back(Coordinate::uniform(Size(i), group.count));
      middle(depth + 1, next, k.add(k.mul(offset, extent), Size(i)),
             k.add(k.mul(inRow, extent), Size(i)));
    });
  }

  // The reduction has one result per row of the loops.
  bool isOverRows(Operation *reduction) {
    int64_t dims = 0;
    for (DimGroup group : loops.rows)
      dims += group.count;
    ir::Shape result = ir::shapeOf(reduction->getResult(0));
    return ArrayRef<SizeAttr>(loops.shape).take_front(dims) == ArrayRef<SizeAttr>(result);
  }

  // The next row of every operand that is walked row by row as the results are.
  void expectNext(Size number) {
    if (passes.empty() || !loops.columns || !loops.middle.empty())
      return;
    // A single row has no next one, and its passes stand outside of the loop over rows, where the
    // number of a row is not known.
    SizeAttr count = sizeOfGroups(loops.rowElements.getContext(), loops.shape, loops.rows);
    if (count.isConstant() && count.getValue() == 1)
      return;
    llvm::SetVector<Value> cone;
    for (const StreamStore &store : full)
      collectCone(store.value, [&](Value v) { return j.isMemory(v); }, cone);
    // Rows of plain arithmetic wait for memory in every loop: more requests would only queue. Where
    // results go past the caches, their loop waits for nothing: the next row of one tensor might
    // come meanwhile.
    bool busy = llvm::any_of(cone, [&](Value v) {
      Operation *op = v.getDefiningOp();
      return op && !j.isMemory(v) && isExpensive(op) && !isReduction(op) &&
             ir::Shape(ir::shapeOf(v)) == loops.shape;
    });
    int64_t tensors = llvm::count_if(cone, [&](Value v) {
      return j.isMemory(v) && ir::Shape(ir::shapeOf(v)) == loops.shape;
    });
    if (!busy && !(around && tensors == 1))
      return;
    Size next = k.mul(k.add(number, 1), j.e().sizeOf(loops.rowElements));
    for (Value v : cone)
      if (j.isMemory(v) && ir::Shape(ir::shapeOf(v)) == loops.shape)
        j.e().expectRow(v, j.memoryOf(v), next);
  }

  void row(Size number, ArrayRef<std::pair<Value, size_t>> stages) {
    SmallVector<Coordinate> coordinates = j.spread(number, loops.shape, loops.rows);
    for (auto [i, stage] : llvm::enumerate(stages)) {
      auto [value, result] = stage;
      Type element = ElementEmitter::elementOf(value);
      Size start = k.mul(number, j.e().sizeOf(loops.rowElements));
      Value place = stageRows[i] ? stageRows[i]
                                 : k.address(kernelElement(element), fullPointers[result], start);
      j.e().stage(value, place, coordinates);
    }
    expectNext(number);
    SmallVector<Value> values;
    ElementIndex index{SmallVector<Coordinate, 4>(coordinates.begin(), coordinates.end()), {}};
    // Passes first: what they stage must be there when the last loop asks for it.
    for (ArrayRef<Operation *> pass : passes)
      if (isOverRows(pass.front()))
        j.at(pass.front()->getResult(0), index);
    for (const StreamStore &store : rows)
      values.push_back(j.at(store.value, index));
    if (loops.columns)
      middle(0, coordinates, number, 0);
    for (auto [value, pointer] : llvm::zip(values, rowPointers))
      j.storeScalar(value, pointer, number);
    j.e().unstageAll();
  }

  // The tiles of a call lie side by side: one loop over all of them needs the fewest registers.
  void linear(Size begin, Size end) {
    Size total = j.e().sizeOf(sizeOfGroup(loops.shape, *loops.columns));
    Size first = k.mul(begin, loops.tileElements);
    columns({}, first, k.min(k.mul(end, loops.tileElements), total), 0, 0);
  }

  // Values of rank 0 (or of one element whose dimensions nobody needs).
  // There is one tile: no loop, and what is computed for an empty call is not stored.
  void single(Size begin, Size end) {
    SmallVector<Value> values;
    for (const StreamStore &store : full)
      values.push_back(j.at(store.value, {}));
    for (auto [value, pointer] : llvm::zip(values, fullPointers))
      k.maskedStore(value, pointer, 0, j.firstLane);
    if (!rows.empty())
      j.e().forLoop(begin, end, 1, [&](Value) { row(0, {}); });
  }

  void emit(Size begin, Size end) {
    if (!loops.isLinear() && !loops.columns && loops.rows.empty())
      return single(begin, end);
    SmallVector<std::pair<Value, size_t>> stages;
    if (!loops.isLinear())
      stages = chooseStages();
    placeStages(stages);
    SmallVector<Value> aligned;
    for (auto [pointer, past] : llvm::zip(fullPointers, goesAround))
      if (past)
        aligned.push_back(pointer);
    j.walkAround(aligned, begin, end, [&](Size from, Size to, bool past) {
      around = past;
      walk(from, to, stages);
    });
  }

  void walk(Size begin, Size end, ArrayRef<std::pair<Value, size_t>> stages) {
    if (loops.isLinear())
      return linear(begin, end);
    Size perTile = j.e().sizeOf(loops.rowsPerTile());
    Size count = j.e().sizeOf(loops.rowCount(k.builder().getContext()));
    if (!sums.empty())
      return j.e().forLoop(begin, end, 1, [&](Value tile) {
        startSums(Size(tile));
        Size first = k.mul(Size(tile), perTile);
        j.e().forLoop(first, k.min(k.add(first, perTile), count), 1,
                      [&](Value i) { row(Size(i), stages); });
      });
    Size first = k.mul(begin, perTile), past = k.min(k.mul(end, perTile), count);
    if (int64_t strip = stripColumns())
      return strips(first, past, strip);
    j.e().forLoop(first, past, 1, [&](Value i) { row(Size(i), stages); });
  }

  // Columns of a strip where values of columns (a scale, an offset) would leave no room for rows in
  // the first cache; 0: rows are walked whole.
  int64_t stripColumns() {
    if (!passes.empty() || !rows.empty() || !loops.middle.empty() || !loops.columns ||
        loops.rows.empty())
      return 0;
    SizeAttr width = sizeOfGroup(loops.shape, *loops.columns);
    llvm::SetVector<Value> cone, ofColumns;
    for (const StreamStore &store : full)
      collectCone(store.value, [&](Value v) { return j.isMemory(v); }, cone);
    int64_t dims = loops.columns->first, bytes = 0;
    for (Value v : cone) {
      auto broadcast = v.getDefiningOp<ir::BroadcastOp>();
      if (broadcast && !j.isMemory(v) && j.isMemory(broadcast.getX()) &&
          !broadcast.getDims().empty() && broadcast.getDims().front() >= dims &&
          ofColumns.insert(broadcast.getX()))
        bytes += KernelBuilder::storedBytes(ElementEmitter::elementOf(v));
    }
    if (!width.isConstant() || width.getValue() * bytes <= kColumnBytes)
      return 0;
    return kStripBytes / KernelBuilder::storedBytes(ElementEmitter::elementOf(full.front().value));
  }

  // Rows [first, past), strip by strip.
  void strips(Size first, Size past, int64_t strip) {
    Size width = j.e().sizeOf(sizeOfGroup(loops.shape, *loops.columns));
    j.e().forLoop(0, width, strip, [&](Value column) {
      Size from = Size(column), to = k.min(k.add(from, strip), width);
      j.e().forLoop(first, past, 1, [&](Value number) {
        columns(j.spread(Size(number), loops.shape, loops.rows), from, to,
                k.mul(Size(number), width), 0);
      });
    });
  }
};

} // namespace

SizeAttr mapTiles(const StreamContext &context, const StreamJob &job, int64_t phase) {
  MapLoops loops(context, job, phase);
  MLIRContext *mlir = loops.rowElements.getContext();
  if (loops.isLinear())
    return ir::sizeCeilDiv(sizeOfGroup(loops.shape, *loops.columns),
                           ir::sizeConstant(mlir, loops.tileElements));
  return ir::sizeCeilDiv(loops.rowCount(mlir), loops.rowsPerTile());
}

void JobEmitter::emitMap(Size begin, Size end) { MapEmitter(*this).emit(begin, end); }

} // namespace dlc::codegen::cpu
