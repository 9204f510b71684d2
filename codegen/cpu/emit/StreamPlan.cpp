// Times, buffers and jobs. See StreamPlan.h for the model.
#include "codegen/cpu/emit/StreamPlan.h"
#include "codegen/cpu/emit/Accumulator.h"
#include "codegen/cpu/emit/ElementEmitter.h"
#include "codegen/cpu/emit/StreamMaps.h"
#include "codegen/lower/Pointwise.h"
#include "ir/symbols/SizeExpr.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

static int64_t rankOf(Value v) { return cast<RankedTensorType>(v.getType()).getRank(); }

//===----------------------------------------------------------------------===//
// Planner
//===----------------------------------------------------------------------===//
namespace {

struct Planner {
  Block &body;
  ArrayRef<std::pair<unsigned, unsigned>> shared;
  const StreamSchedule &schedule;
  MLIRContext *context;
  StreamPlan plan;
  llvm::SetVector<Operation *> needed; // in the block's order
  llvm::SetVector<Value> materialised;
  DenseMap<Value, int64_t> time, available;
  DenseMap<Operation *, int64_t> combineTime;   // of chunked reductions
  DenseMap<Operation *, int64_t> notBefore;     // phases that reductions wait for
  llvm::SmallPtrSet<Operation *, 4> besideRows; // chunked reductions that a map takes
  int64_t lastPhase = 0;
  // Lists have hundreds of results: what is asked for each of them must not walk over all.
  DenseMap<Value, int64_t> resultNumbers;              // the first of each value
  llvm::DenseSet<std::pair<unsigned, unsigned>> pairs; // |shared|
  llvm::SmallDenseSet<unsigned> sharedResults;
  DenseMap<Value, SmallVector<Value, 4>> knownTies;
  std::vector<MapIndex> maps; // per phase

  Planner(Block &body, ArrayRef<std::pair<unsigned, unsigned>> shared,
          const StreamSchedule &schedule)
      : body(body), shared(shared), schedule(schedule),
        context(body.getTerminator()->getContext()) {
    plan.scratchBytes = ir::sizeConstant(context, 0);
    for (auto [i, result] : llvm::enumerate(body.getTerminator()->getOperands()))
      resultNumbers.try_emplace(result, i);
    for (auto [result, operand] : shared) {
      pairs.insert({result, operand});
      sharedResults.insert(result);
    }
  }

  // Memory at any time: what jobs never compute on the way.
  bool isStored(Value v) const {
    Operation *op = v.getDefiningOp();
    return !op || materialised.contains(v) || isChunked(op);
  }

  void findNeeded() {
    llvm::SetVector<Value> cone;
    for (Value result : body.getTerminator()->getOperands())
      collectCone(result, [](Value) { return false; }, cone);
    for (Operation &op : body)
      if (op.getNumResults() == 1 && cone.contains(op.getResult(0)))
        needed.insert(&op);
  }

  bool hasExpensive(Value v, unsigned *count = nullptr) {
    llvm::SetVector<Value> cone;
    collectCone(v, [&](Value x) { return isStored(x); }, cone);
    unsigned ops = 0;
    bool expensive = false;
    for (Value x : cone) {
      if (isStored(x) || x.getDefiningOp()->hasTrait<OpTrait::ConstantLike>())
        continue;
      ++ops;
      expensive |= isExpensive(x.getDefiningOp());
    }
    if (count)
      *count = ops;
    return expensive;
  }

  bool isSmaller(Value x, Value y) { return rankOf(x) > 0 && rankOf(x) < rankOf(y); }

  // |x| is repeated along a dimension that lies outside one of its own: each row would compute it
  // again, lane by lane.
  bool repeatsPerRow(ir::BroadcastOp op) {
    ir::Shape y = ir::shapeOf(op.getY());
    bool repeated = false;
    for (auto [d, size] : llvm::enumerate(y)) {
      if (size.isConstant(1))
        continue;
      if (!llvm::is_contained(op.getDims(), d))
        repeated = true;
      else if (repeated)
        return true;
    }
    return false;
  }

  // Rows reduced once more: asked for in vectors, each lane would go through a row of its own.
  bool isMadeOfRows(Value v) {
    return !isStored(v) && rankOf(v) > 0 &&
           rowReductionOf(v, [&](Value x) { return isStored(x); }) != nullptr;
  }

  // A chunked reduction visits its operand once per element: what is smaller than the operand and
  // costly is made before, and rows that are reductions themselves too.
  void materialiseBelow(Value v, Value operand) {
    if (isStored(v))
      return;
    Operation *op = v.getDefiningOp();
    if (isReduction(op)) {
      materialised.insert(operand);
      return;
    }
    if (auto broadcast = dyn_cast<ir::BroadcastOp>(op)) {
      Value x = broadcast.getX();
      if (isSmaller(x, v) && !isStored(x) && hasExpensive(x))
        materialised.insert(x);
      else if (rankOf(x) > 0)
        materialiseBelow(x, operand);
      return;
    }
    for (Value next : op->getOperands())
      materialiseBelow(next, operand);
  }

  // True if |reduction| folds the columns of |shape| whose leading |split| dimensions are rows.
  bool foldsRows(Operation *reduction, ArrayRef<SizeAttr> shape, int64_t split) {
    return reduction->getNumResults() == 1 &&
           ir::Shape(ir::shapeOf(reduction->getOperand(0))) == ir::Shape(shape) &&
           ir::Shape(ir::shapeOf(reduction->getResult(0))) == ir::Shape(shape.take_front(split)) &&
           reducesInnermost(reduction);
  }

  // |value| is computed row by row: reductions of rows of |shape| are in it, and nothing else that
  // a loop over rows would have to repeat.
  bool isByRows(Value value, ArrayRef<SizeAttr> shape, int64_t split) {
    llvm::SetVector<Value> cone;
    collectCone(value, [&](Value v) { return v != value && isStored(v); }, cone);
    bool any = false;
    for (Value v : cone) {
      Operation *op = v.getDefiningOp();
      if (!op || (v != value && isStored(v)) || isPointwise(op) ||
          isa<ir::BroadcastOp, ir::ConstantOp, ir::SizeOp, ir::IotaOp>(op))
        continue;
      if (!isReduction(op) || !foldsRows(op, shape, split))
        return false;
      any = true;
    }
    return any;
  }

  // A sum over the rows of what is computed row by row: the gradient of a layer norm's scale. The
  // loop over the rows takes it besides.
  bool isBesideRows(Operation *op) {
    if (!isChunked(op) || reducesAll(op))
      return false;
    Value x = op->getOperand(0);
    int64_t split = leadingDims(op);
    return split < rankOf(x) && !isStored(x) && isByRows(x, ir::shapeOf(x), split);
  }

  void chooseMaterialised() {
    for (Operation *op : needed) {
      if (isBesideRows(op))
        besideRows.insert(op);
      else if (isChunked(op))
        materialiseBelow(op->getOperand(0), op->getOperand(0));
      else if (isAxesReduction(op) && isMadeOfRows(op->getOperand(0)))
        materialised.insert(op->getOperand(0));
      if (auto broadcast = dyn_cast<ir::BroadcastOp>(op)) {
        Value x = broadcast.getX();
        if (isSmaller(x, broadcast.getY()) && !isStored(x) && repeatsPerRow(broadcast) &&
            hasExpensive(x))
          materialised.insert(x);
      }
      // Windows read every operand element several times, scatter_add all of them.
      if (isWindow(op))
        for (Value operand : op->getOperands()) {
          unsigned ops = 0;
          if (!isStored(operand) && (hasExpensive(operand, &ops) || ops > 4))
            materialised.insert(operand);
        }
      if (isa<ir::ScatterAddOp>(op))
        materialised.insert(op->getResult(0));
      if (isa<ir::RandomFoldOp>(op) || isSharedUpdate(op))
        materialised.insert(op->getResult(0));
    }
  }

  // The number of the result that |v| is the first time, or -1.
  int64_t resultOf(Value v) {
    auto found = resultNumbers.find(v);
    return found == resultNumbers.end() ? -1 : found->second;
  }
  bool isShared(int64_t result) { return sharedResults.contains(result); }
  bool isShared(unsigned result, Value operand) {
    auto argument = dyn_cast<BlockArgument>(operand);
    return argument && pairs.contains({result, argument.getArgNumber()});
  }
  // A dynamic_update_slice or scatter_add whose result lies where its first operand does.
  bool isInPlace(Operation *op) {
    int64_t result = resultOf(op->getResult(0));
    return result >= 0 && isShared(result, op->getOperand(0));
  }
  bool isSharedUpdate(Operation *op) { return isa<ir::DynamicUpdateSliceOp>(op) && isInPlace(op); }

  void computeTimes() {
    lastPhase = 0;
    plan.shifted.clear();
    for (Operation *op : needed) {
      int64_t t = notBefore.lookup(op);
      for (Value operand : op->getOperands())
        t = std::max(t, available.lookup(operand));
      Value v = op->getResult(0);
      time[v] = t;
      if (isChunked(op)) {
        combineTime[op] = t + 1;
        if (std::optional<ShiftedSquare> square = matchShiftedSquare(op)) {
          int64_t early = available.lookup(square->x), late = available.lookup(square->m);
          if (early < late && !hasExpensive(square->x)) {
            plan.shifted.insert(op);
            time[v] = early;
            combineTime[op] = std::max(early + 1, late);
          }
        }
        t = combineTime[op] + 1;
      } else if (isa<ir::ScatterAddOp>(op))
        t += isInPlace(op) ? 1 : 2;
      else if (materialised.contains(v))
        t += 1;
      available[v] = t;
      bool stored = isStored(v);
      lastPhase = std::max(lastPhase, stored ? t - 1 : t);
    }
  }

  // Tensors of |v|'s own shape that it is computed from; |v| itself is looked into.
  llvm::SetVector<Value> tensorsOf(Value v) {
    llvm::SetVector<Value> cone, tensors;
    collectCone(v, [&](Value x) { return x != v && isStored(x); }, cone);
    if (isa<BlockArgument>(v))
      tensors.insert(v);
    for (Value x : cone)
      if (x != v && isStored(x) && ir::Shape(ir::shapeOf(x)) == ir::Shape(ir::shapeOf(v)))
        tensors.insert(x);
    return tensors;
  }

  bool readsNoMoreThan(Value v, Value other) {
    llvm::SetVector<Value> theirs = tensorsOf(other);
    return llvm::all_of(tensorsOf(v), [&](Value x) { return theirs.contains(x); });
  }

  bool isPlainSum(Operation *op) {
    return !besideRows.contains(op) && !plan.shifted.contains(op) && isPlain(op->getOperand(0));
  }

  // A sum that could be taken at once waits for one of the same columns that reads all that it
  // does, where no phase more comes of it: sums of dy, and of dy (x - mean), in the gradient of a
  // batch norm whose statistics are taken in the same kernel.
  void delaySums() {
    SmallVector<Operation *> sums;
    llvm::copy_if(needed, std::back_inserter(sums),
                  [&](Operation *op) { return isChunked(op) && !reducesAll(op); });
    for (Operation *early : sums)
      for (Operation *late : sums) {
        int64_t from = time[early->getResult(0)], to = time[late->getResult(0)];
        if (from >= to || !isPlainSum(early) || !isPlainSum(late) || !canShareLoop(early, late) ||
            !readsNoMoreThan(early->getOperand(0), late->getOperand(0)))
          continue;
        int64_t last = lastPhase;
        notBefore[early] = to;
        computeTimes();
        if (lastPhase == last && time[late->getResult(0)] == to)
          break;
        notBefore.erase(early);
        computeTimes();
      }
  }

  // The phase that stores |result|, ready at |t|: with a later result that reads all that it does.
  int64_t storeTime(Value result, int64_t t) {
    if (t >= lastReady || rankOf(result) == 0 || !isPlain(result))
      return t;
    int64_t latest = t;
    for (Value other : body.getTerminator()->getOperands())
      if (available.lookup(other) > latest && !isStored(other) && isPlain(other) &&
          ir::Shape(ir::shapeOf(other)) == ir::Shape(ir::shapeOf(result)) &&
          areConnected(result, other) && readsNoMoreThan(result, other))
        latest = available.lookup(other);
    return latest;
  }

  SizeAttr allocate(SizeAttr elements, int64_t bytes) {
    SizeAttr offset = plan.scratchBytes;
    SizeAttr size = ir::sizeMul(elements, bytes);
    SizeAttr rounded = ir::sizeMul(ir::sizeCeilDiv(size, ir::sizeConstant(context, 64)), 64);
    plan.scratchBytes = ir::sizeAdd(plan.scratchBytes, rounded);
    return offset;
  }

  StreamBuffer bufferFor(Value v) {
    if (int64_t result = resultOf(v); result >= 0)
      return {result, {}};
    return {-1, allocate(ir::elementCount(v.getType()),
                         KernelBuilder::storedBytes(ElementEmitter::elementOf(v)))};
  }

  SmallVector<StreamJob> &phase(int64_t number) {
    if (plan.phases.size() <= static_cast<size_t>(number))
      plan.phases.resize(number + 1);
    return plan.phases[number];
  }

  void addChunked(Operation *op) {
    Value v = op->getResult(0);
    int64_t t = time[v];
    StreamJob partial;
    partial.kind = StreamJob::Partial;
    partial.reductions = {op};
    SizeAttr cells = ir::sizeMul(chunkCount(op, schedule), ir::elementCount(v.getType()));
    forEachState(op, [&](int64_t bytes) { partial.partials.push_back(allocate(cells, bytes)); });
    StreamJob combine = partial;
    combine.kind = StreamJob::Combine;
    combine.stores = {{v, bufferFor(v)}};
    plan.memory[v] = {combine.stores.front().buffer, combineTime[op] + 1};
    phase(combineTime[op]).push_back(combine);
    for (StreamJob &other : phase(t))
      if (other.kind == StreamJob::Partial && canShareLoop(other.reductions.front(), op)) {
        other.reductions.push_back(op);
        other.partials.append(partial.partials);
        return;
      }
    phase(t).push_back(partial);
  }

  // Sizes of the values that a state of |op| consists of; see Accumulator.
  void forEachState(Operation *op, function_ref<void(int64_t)> visit) {
    Type element = ElementEmitter::elementOf(op->getOperand(0));
    int64_t bytes = element.isF16() || element.isBF16() ? 4 : KernelBuilder::storedBytes(element);
    visit(bytes);
    if (plan.shifted.contains(op) ||
        (isa<ir::ReduceMaxOp, ir::ReduceMinOp>(op) && isa<FloatType>(element)))
      visit(bytes);
  }

  bool canShareLoop(Operation *a, Operation *b) {
    return ir::shapeOf(a->getOperand(0)) == ir::shapeOf(b->getOperand(0)) &&
           reducedAxes(a) == reducedAxes(b) &&
           areConnected(chunkedOperand(plan, a), chunkedOperand(plan, b));
  }

  bool areConnected(Value a, Value b) {
    ArrayRef<Value> left = tiesOf(a);
    llvm::SmallDenseSet<Value, 8> ties(left.begin(), left.end());
    return llvm::any_of(tiesOf(b), [&](Value v) { return ties.contains(v); });
  }

  ArrayRef<Value> tiesOf(Value value) {
    auto [known, isNew] = knownTies.try_emplace(value);
    if (isNew)
      known->second = cpu::tiesOf(value, [&](Value x) { return isStored(x); });
    return known->second;
  }

  bool isPlain(Value value) {
    return cpu::isPlain(value, [&](Value x) { return isStored(x); });
  }
  bool draws(Value value) {
    return cpu::draws(value, [&](Value x) { return isStored(x); });
  }

  // Stores |value| in phase |t|, in a job with others of its domain.
  void addMap(Value value, StreamBuffer buffer, int64_t t) {
    SmallVector<StreamJob> &jobs = phase(t);
    if (maps.size() <= static_cast<size_t>(t))
      maps.resize(t + 1);
    MapDomain domain = domainOf(value, [&](Value x) { return isStored(x); });
    size_t job = maps[t].jobFor(domain, tiesOf(value), jobs.size());
    if (job == jobs.size())
      jobs.emplace_back();
    jobs[job].stores.push_back({value, buffer});
  }

  void addStored() {
    for (Operation *op : needed) {
      Value v = op->getResult(0);
      if (isChunked(op)) {
        addChunked(op);
      } else if (auto scatter = dyn_cast<ir::ScatterAddOp>(op)) {
        addScatter(scatter);
      } else if (materialised.contains(v)) {
        StreamBuffer buffer = bufferFor(v);
        plan.memory[v] = {buffer, available[v]};
        if (isSharedUpdate(op)) {
          StreamJob job;
          job.kind = StreamJob::Update;
          job.stores = {{v, buffer}};
          phase(time[v]).push_back(job);
        } else {
          addMap(v, buffer, time[v]);
        }
      }
    }
  }

  void addScatter(ir::ScatterAddOp op) {
    StreamBuffer buffer = bufferFor(op.getY());
    int64_t t = time[op.getY()];
    StreamJob job;
    job.kind = StreamJob::Scatter;
    if (!isInPlace(op)) {
      StreamJob sort;
      sort.kind = StreamJob::Sort;
      sort.reductions = {op};
      sort.partials = {allocate(sortedScatterEnds(op), 8),
                       allocate(ir::elementCount(op.getIndices().getType()), 8)};
      job.kind = StreamJob::SortedScatter;
      job.partials = sort.partials;
      phase(t++).push_back(sort);
    }
    job.stores = {{op.getY(), buffer}};
    phase(t).push_back(job);
    plan.memory[op.getY()] = {buffer, available[op.getY()]};
  }

  int64_t lastReady = 0; // of the results

  void addResults() {
    for (Value result : body.getTerminator()->getOperands())
      lastReady = std::max(lastReady, available.lookup(result));
    for (auto [i, result] : llvm::enumerate(body.getTerminator()->getOperands())) {
      int64_t number = i;
      if (isShared(i, result))
        continue; // an operand handed on where it lies
      auto stored = plan.memory.find(result);
      if (stored != plan.memory.end() && stored->second.first.result == number)
        continue;
      int64_t t = storeTime(result, available.lookup(result));
      addMap(result, {number, {}}, isShared(number) ? std::max(lastPhase, t) : t);
    }
  }

  // Sums of columns that draw random numbers on the way, and nothing that only a loop over columns
  // can take. The map's loop along a row draws four vectors at once; one over few columns of
  // several rows would run the generator for each vector.
  bool drawsInRows(const StreamJob &partial) {
    auto takes = [&](Operation *op) { return !reducesAll(op) && !plan.shifted.contains(op); };
    return llvm::all_of(partial.reductions, takes) &&
           (llvm::any_of(partial.reductions,
                         [&](Operation *op) { return draws(op->getOperand(0)); }) ||
            llvm::any_of(partial.stores, [&](const StreamStore &s) { return draws(s.value); }));
  }

  // Elementwise values whose column sums are taken in the same phase are stored by the loop that
  // sums: a relu's gradient and the bias's gradient read their data once.
  bool joinsPartial(const StreamJob &map, const StreamJob &partial) {
    if (map.kind != StreamJob::Map || partial.kind != StreamJob::Partial)
      return false;
    Operation *sum = partial.reductions.front();
    Value operand = chunkedOperand(plan, sum);
    bool shifted =
        llvm::any_of(partial.reductions, [&](Operation *op) { return plan.shifted.contains(op); });
    return !reducesAll(sum) && llvm::all_of(map.stores, [&](const StreamStore &store) {
      return ir::Shape(ir::shapeOf(store.value)) == ir::Shape(ir::shapeOf(operand)) &&
             isPlain(store.value) && areConnected(store.value, operand) &&
             !(shifted && draws(store.value));
    });
  }

  void joinPartials() {
    for (SmallVector<StreamJob> &jobs : plan.phases)
      for (StreamJob &partial : jobs)
        for (StreamJob &map : jobs)
          if (joinsPartial(map, partial)) {
            partial.stores.append(map.stores);
            map.stores.clear();
          }
    eraseEmpty();
  }

  void eraseEmpty() {
    for (SmallVector<StreamJob> &jobs : plan.phases)
      llvm::erase_if(jobs, [](const StreamJob &job) {
        return (job.kind == StreamJob::Map || job.kind == StreamJob::Partial) &&
               job.stores.empty() && job.reductions.empty();
      });
  }

  // A map that walks the rows whose column sums |partial| takes, reading what they are made of.
  bool takesColumns(const StreamJob &map, const StreamJob &partial) {
    Operation *sum = partial.reductions.front();
    if (map.kind != StreamJob::Map || map.stores.empty() || reducesAll(sum) ||
        llvm::any_of(partial.reductions, [&](Operation *op) { return plan.shifted.contains(op); }))
      return false;
    Value operand = sum->getOperand(0);
    ir::Shape shape = ir::shapeOf(operand);
    int64_t split = leadingDims(sum);
    bool byRows = false, connected = false;
    for (const StreamStore &store : map.stores) {
      ir::Shape stored = ir::shapeOf(store.value);
      bool isRow = stored == ir::Shape(ArrayRef(shape).take_front(split));
      if (stored != shape && !isRow)
        return false;
      bool rows = isByRows(store.value, shape, split);
      if (!rows && (isRow || !isPlain(store.value)))
        return false;
      byRows |= rows && !isRow;
      connected |= areConnected(store.value, operand);
    }
    return byRows && connected;
  }

  // Column sums of what a map walks by rows are taken by it: the data is read once.
  void joinRows() {
    for (SmallVector<StreamJob> &jobs : plan.phases)
      for (StreamJob &partial : jobs) {
        if (partial.kind != StreamJob::Partial)
          continue;
        auto map = llvm::find_if(jobs, [&](const StreamJob &map) {
          return takesColumns(map, partial) &&
                 (map.reductions.empty() ||
                  canShareLoop(map.reductions.front(), partial.reductions.front()));
        });
        bool needsRows = llvm::any_of(partial.reductions,
                                      [&](Operation *op) { return besideRows.contains(op); });
        if (map != jobs.end()) {
          map->stores.append(partial.stores);
          map->reductions.append(partial.reductions);
          map->partials.append(partial.partials);
          partial = StreamJob{StreamJob::Partial, {}, {}, {}};
        } else if (needsRows || drawsInRows(partial)) {
          partial.kind = StreamJob::Map;
        }
      }
    eraseEmpty();
  }

  void run() {
    findNeeded();
    chooseMaterialised();
    computeTimes();
    delaySums();
    addStored();
    addResults();
    for (const MapIndex &index : maps)
      plan.comparisons += index.comparisons;
    joinPartials();
    joinRows();
  }
};

} // namespace

StreamPlan planStream(Block &body, ArrayRef<std::pair<unsigned, unsigned>> shared,
                      const StreamSchedule &schedule) {
  Planner planner(body, shared, schedule);
  planner.run();
  return planner.plan;
}

} // namespace dlc::codegen::cpu
