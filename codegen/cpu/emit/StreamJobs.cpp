// What all jobs share, and the job that most kernels consist of: the map.
#include "codegen/cpu/emit/StreamJobs.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

SmallVector<DimGroup> groupDims(int64_t begin, int64_t end, const llvm::BitVector &cuts) {
  SmallVector<DimGroup> groups;
  for (int64_t d = begin; d < end; ++d) {
    if (groups.empty() || cuts.test(d))
      groups.push_back({d, 0});
    ++groups.back().count;
  }
  return groups;
}

SizeAttr sizeOfGroup(ArrayRef<SizeAttr> shape, DimGroup group) {
  SizeAttr product = shape[group.first];
  for (int64_t d = group.first + 1; d < group.first + group.count; ++d)
    product = ir::sizeMul(product, shape[d]);
  return product;
}

SizeAttr sizeOfGroups(MLIRContext *context, ArrayRef<SizeAttr> shape, ArrayRef<DimGroup> groups) {
  SizeAttr product = ir::sizeConstant(context, 1);
  for (DimGroup group : groups)
    product = ir::sizeMul(product, sizeOfGroup(shape, group));
  return product;
}

void JobEmitter::begin(int64_t lanes) {
  const StreamKernel &kernel = context.kernel;
  elements = std::make_unique<Elements>(k, context.module, kernel.symbols, arguments.sizes, lanes);
  elements->setReduceUnroll(context.schedule.reduceUnroll);
  firstLane = k.laneMask(k.min(k.sub(Size(arguments.end), Size(arguments.begin)), 1), lanes);
  for (BlockArgument argument : kernel.body->getArguments())
    elements->bindMemory(argument, arguments.pointers[argument.getArgNumber()]);
  for (auto &[value, where] : context.plan.memory)
    if (where.second <= phase)
      elements->bindMemory(value, pointerTo(where.first));
}

Value JobEmitter::scratchAt(SizeAttr offset) {
  return k.address(k.i8(), arguments.pointers.back(), e().sizeOf(offset));
}

Value JobEmitter::pointerTo(const StreamBuffer &buffer) {
  if (buffer.result < 0)
    return scratchAt(buffer.offset);
  return arguments.pointers[context.kernel.body->getNumArguments() + buffer.result];
}

Value JobEmitter::memoryOf(Value tensor) {
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return arguments.pointers[argument.getArgNumber()];
  return pointerTo(context.plan.memory.find(tensor)->second.first);
}

static int64_t computeBytes(Type element) {
  return element.isF16() || element.isBF16() ? 4 : KernelBuilder::storedBytes(element);
}

// The widest float decides; integers beside floats take several registers where they are wider.
int64_t JobEmitter::lanesFor(ArrayRef<Value> values, SizeAttr inner) {
  llvm::SetVector<Value> cone;
  for (Value v : values)
    collectCone(v, [&](Value x) { return isMemory(x); }, cone);
  int64_t floats = 0, integers = 1;
  for (Value v : cone) {
    Type element = ElementEmitter::elementOf(v);
    int64_t &bytes = isa<FloatType>(element) ? floats : integers;
    bytes = std::max(bytes, computeBytes(element));
  }
  int64_t lanes = k.target().lanes(8 * (floats ? floats : integers));
  if (inner && inner.isConstant())
    while (lanes > 4 && lanes / 2 >= inner.getValue())
      lanes /= 2;
  return lanes;
}

Value JobEmitter::at(Value tensor, const ElementIndex &index) {
  FailureOr<Value> value = e().at(tensor, index);
  if (succeeded(value))
    return *value;
  failedOnce = true;
  return k.zero(k.vectorType(kernelElement(ElementEmitter::elementOf(tensor)), e().lanes()));
}

SmallVector<Coordinate> JobEmitter::spread(Size index, ArrayRef<SizeAttr> shape,
                                           ArrayRef<DimGroup> groups) {
  SmallVector<Size> extents;
  for (DimGroup group : groups)
    extents.push_back(e().sizeOf(sizeOfGroup(shape, group)));
  SmallVector<Coordinate> coordinates;
  for (auto [group, position] : llvm::zip(groups, k.delinearize(index, extents)))
    coordinates.push_back(Coordinate::uniform(position, group.count));
  return coordinates;
}

// LLVM must not know that one lane is wanted: it would compute all that led to the value in scalar
// registers, in the loop over rows. An empty asm hides it where the value is one whole register;
// elsewhere a mask that leaves lane 0 does.
void JobEmitter::storeScalar(Value value, Value pointer, Size index) {
  auto type = cast<VectorType>(value.getType());
  int64_t bits = type.getElementTypeBitWidth();
  bool whole = bits * type.getNumElements() == k.target().vectorBits && bits >= 32;
  if (!whole || !StringRef(k.target().triple).starts_with("x86_64"))
    return k.maskedStore(value, pointer, index, firstLane);
  Value hidden = LLVM::InlineAsmOp::create(
                     k.builder(), k.loc(), type, ValueRange{value}, /*asm_string=*/"",
                     /*constraints=*/k.target().isa & kIsaAvx512 ? "=v,0" : "=x,0",
                     /*has_side_effects=*/false, /*is_align_stack=*/false,
                     LLVM::tailcallkind::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr())
                     .getResult(0);
  k.store(k.extract(hidden, 0), pointer, index);
}

//===----------------------------------------------------------------------===//
// Map
//===----------------------------------------------------------------------===//

MapLoops::MapLoops(const StreamContext &context, const StreamJob &job, int64_t phase) {
  auto isMemory = [&](Value v) { return context.isMemoryIn(v, phase); };
  MLIRContext *mlir = job.stores.front().value.getContext();
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
  int64_t rank = shape.size(), rowRank = row ? cast<RankedTensorType>(
                                                   row->getResult(0).getType()).getRank()
                                             : 0;
  llvm::BitVector cuts(rank + 1);
  for (const StreamStore &store : job.stores)
    if (!full || !rowReductionOf(store.value, isMemory))
      cuts |= cutsOf(store.value, isMemory);
  if (row && full)
    cuts.set(rowRank);
  if (full) {
    SmallVector<DimGroup> groups = groupDims(0, rank, cuts);
    if (!groups.empty() && groups.back().first >= rowRank)
      columns = groups.pop_back_val();
    for (DimGroup group : groups)
      (!row || group.first < rowRank ? rows : middle).push_back(group);
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
  SizeAttr one = ir::sizeConstant(context, 1), least = ir::sizeMax(rowElements, one);
  return ir::sizeMax(ir::sizeFloorDiv(ir::sizeConstant(context, tileElements), least), one);
}

namespace {

// Emits the tiles of a map. One object per job.
struct MapEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  MapLoops loops;
  SmallVector<StreamStore> full, rows;
  SmallVector<Value> fullPointers, rowPointers;
  int64_t unroll = 1;

  explicit MapEmitter(JobEmitter &j)
      : j(j), k(j.k), loops(j.context, j.job, j.phase) {
    auto isMemory = [&](Value v) { return j.isMemory(v); };
    SmallVector<Value> values;
    for (const StreamStore &store : j.job.stores) {
      bool isRow = rowReductionOf(store.value, isMemory) != nullptr;
      (isRow ? rows : full).push_back(store);
      values.push_back(store.value);
    }
    SizeAttr inner = loops.columns ? sizeOfGroup(loops.shape, *loops.columns) : loops.rowElements;
    j.begin(j.lanesFor(values, inner));
    for (const StreamStore &store : full)
      fullPointers.push_back(j.pointerTo(store.buffer));
    for (const StreamStore &store : rows)
      rowPointers.push_back(j.pointerTo(store.buffer));
    unroll = chooseUnroll(values, inner);
    groupReductions(values);
  }

  int64_t chooseUnroll(ArrayRef<Value> values, SizeAttr inner) {
    llvm::SetVector<Value> cone;
    for (Value v : values)
      collectCone(v, [&](Value x) { return j.isMemory(x); }, cone);
    int64_t wanted = j.context.schedule.mapUnroll;
    for (Value v : cone)
      if (isa_and_nonnull<ir::RandomUniformOp, ir::RandomNormalOp, ir::RandomBernoulliOp>(
              v.getDefiningOp()))
        wanted = 4; // vectors that one run of the generator fills
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
      if (op.getNumResults() != 1 || !cone.contains(op.getResult(0)) ||
          j.isMemory(op.getResult(0)))
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
    count += llvm::any_of(full, [&](const StreamStore &s) { return asks(s.value); });
    return count;
  }

  bool isShared(int64_t result) {
    return llvm::any_of(j.context.kernel.shared, [&](auto p) { return p.first == result; });
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

  // Columns [begin, end) behind the uniform |coordinates|; |offset|: of column 0 in the domain.
  void columns(ArrayRef<Coordinate> coordinates, Size begin, Size end, Size offset) {
    unsigned dims = loops.columns->count;
    j.e().vectorLoop(begin, end, unroll, ValueRange(),
                     [&](Size first, Value mask, int64_t, ValueRange) {
                       ElementIndex index{SmallVector<Coordinate, 4>(coordinates.begin(),
                                                                     coordinates.end()),
                                          mask};
                       index.coordinates.push_back(Coordinate::consecutive(first, dims));
                       storeFull(index, k.add(offset, first));
                       return SmallVector<Value>();
                     });
  }

  // All values first, then all stores: a result may lie where an operand does.
  void storeFull(const ElementIndex &index, Size offset) {
    SmallVector<Value> values;
    for (const StreamStore &store : full)
      values.push_back(j.at(store.value, index));
    for (auto [value, pointer] : llvm::zip(values, fullPointers))
      k.maskedStore(value, pointer, offset, index.mask);
  }

  void middle(size_t depth, SmallVector<Coordinate> coordinates, Size offset) {
    if (depth == loops.middle.size()) {
      Size width = j.e().sizeOf(sizeOfGroup(loops.shape, *loops.columns));
      columns(coordinates, 0, width, k.mul(offset, width));
      return;
    }
    DimGroup group = loops.middle[depth];
    Size extent = j.e().sizeOf(sizeOfGroup(loops.shape, group));
    j.e().forLoop(0, extent, 1, [&](Value i) {
      SmallVector<Coordinate> next(coordinates);
      next.push_back(Coordinate::uniform(Size(i), group.count));
      middle(depth + 1, next, k.add(k.mul(offset, extent), Size(i)));
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
    llvm::SetVector<Value> cone;
    for (const StreamStore &store : full)
      collectCone(store.value, [&](Value v) { return j.isMemory(v); }, cone);
    // Rows of plain arithmetic wait for memory in every loop: more requests would only queue.
    bool busy = llvm::any_of(cone, [&](Value v) {
      Operation *op = v.getDefiningOp();
      return op && !j.isMemory(v) && isExpensive(op) && !isReduction(op) &&
             ir::Shape(ir::shapeOf(v)) == loops.shape;
    });
    if (!busy)
      return;
    Size next = k.mul(k.add(number, 1), j.e().sizeOf(loops.rowElements));
    for (Value v : cone)
      if (j.isMemory(v) && ir::Shape(ir::shapeOf(v)) == loops.shape)
        j.e().expectRow(v, j.memoryOf(v), next);
  }

  void row(Size number, ArrayRef<std::pair<Value, size_t>> stages) {
    SmallVector<Coordinate> coordinates = j.spread(number, loops.shape, loops.rows);
    for (auto [value, result] : stages) {
      Type element = ElementEmitter::elementOf(value);
      Size start = k.mul(number, j.e().sizeOf(loops.rowElements));
      j.e().stage(value, k.address(kernelElement(element), fullPointers[result], start),
                  coordinates);
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
      middle(0, coordinates, number);
    for (auto [value, pointer] : llvm::zip(values, rowPointers))
      j.storeScalar(value, pointer, number);
    j.e().unstageAll();
  }

  // The tiles of a call lie side by side: one loop over all of them needs the fewest registers.
  void linear(Size begin, Size end) {
    Size total = j.e().sizeOf(sizeOfGroup(loops.shape, *loops.columns));
    columns({}, k.mul(begin, loops.tileElements), k.min(k.mul(end, loops.tileElements), total), 0);
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
    if (loops.isLinear())
      return linear(begin, end);
    if (!loops.columns && loops.rows.empty())
      return single(begin, end);
    SmallVector<std::pair<Value, size_t>> stages = chooseStages();
    Size perTile = j.e().sizeOf(loops.rowsPerTile());
    Size count = j.e().sizeOf(loops.rowCount(k.builder().getContext()));
    j.e().forLoop(k.mul(begin, perTile), k.min(k.mul(end, perTile), count), 1,
                  [&](Value i) { row(Size(i), stages); });
  }
};

SizeAttr mapTiles(const StreamContext &context, const StreamJob &job, int64_t phase) {
  MapLoops loops(context, job, phase);
  MLIRContext *mlir = loops.rowElements.getContext();
  if (loops.isLinear())
    return ir::sizeCeilDiv(sizeOfGroup(loops.shape, *loops.columns),
                           ir::sizeConstant(mlir, loops.tileElements));
  return ir::sizeCeilDiv(loops.rowCount(mlir), loops.rowsPerTile());
}

} // namespace

void JobEmitter::emitMap(Size begin, Size end) { MapEmitter(*this).emit(begin, end); }

//===----------------------------------------------------------------------===//
// All kinds
//===----------------------------------------------------------------------===//

SizeAttr chunkTiles(const StreamContext &context, const StreamJob &job, int64_t phase);
SizeAttr combineTiles(const StreamContext &context, const StreamJob &job);
SizeAttr scatterTiles(const StreamContext &context, const StreamJob &job);
SizeAttr updateTiles(const StreamContext &context, const StreamJob &job);

SizeAttr tilesOf(const StreamContext &context, const StreamJob &job, int64_t phase) {
  if (std::optional<TransposeLoops> loops = TransposeLoops::match(context, job, phase))
    return loops->tiles();
  if (std::optional<PoolGradLoops> loops = PoolGradLoops::match(context, job, phase))
    return loops->tiles();
  if (std::optional<ColumnLoops> loops = ColumnLoops::match(context, job, phase))
    return loops->tiles();
  switch (job.kind) {
  case StreamJob::Map:
    return mapTiles(context, job, phase);
  case StreamJob::Partial:
    return chunkTiles(context, job, phase);
  case StreamJob::Combine:
    return combineTiles(context, job);
  case StreamJob::Scatter:
    return scatterTiles(context, job);
  case StreamJob::Update:
    return updateTiles(context, job);
  }
  llvm_unreachable("all kinds are handled");
}

LogicalResult emitJob(const StreamContext &context, const StreamJob &job, int64_t phase,
                      KernelBuilder &k, const PhaseArguments &arguments, Size begin, Size end) {
  JobEmitter emitter(context, job, phase, k, arguments);
  switch (job.kind) {
  case StreamJob::Map:
    if (std::optional<TransposeLoops> loops = TransposeLoops::match(context, job, phase))
      emitter.emitTranspose(*loops, begin, end);
    else if (std::optional<PoolGradLoops> pools = PoolGradLoops::match(context, job, phase))
      emitter.emitPoolGrad(*pools, begin, end);
    else if (std::optional<ColumnLoops> columns = ColumnLoops::match(context, job, phase))
      emitter.emitColumns(*columns, begin, end);
    else
      emitter.emitMap(begin, end);
    break;
  case StreamJob::Partial:
    emitter.emitPartial(begin, end);
    break;
  case StreamJob::Combine:
    emitter.emitCombine(begin, end);
    break;
  case StreamJob::Scatter:
    emitter.emitScatter(begin, end);
    break;
  case StreamJob::Update:
    emitter.emitUpdate(begin, end);
    break;
  }
  return failure(emitter.failedOnce);
}

} // namespace dlc::codegen::cpu
