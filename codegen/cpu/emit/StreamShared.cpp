#include "codegen/cpu/emit/StreamShared.h"
#include "codegen/cpu/RandomStreams.h"
#include "codegen/lower/Pointwise.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

namespace {

constexpr StringRef kElements = "elements of the job"; // the symbol; no size can have this name

// (result, operand) pairs of the kernel that are one buffer.
using SharedPairs = llvm::DenseSet<std::pair<unsigned, unsigned>>;

SharedPairs sharedPairs(const StreamContext &context) {
  return SharedPairs(context.kernel.shared.begin(), context.kernel.shared.end());
}

// What one job consists of, taken apart: the ops of its cone in order, and text that is equal for
// jobs of equal arithmetic.
struct FlatJob {
  const StreamContext &context;
  const StreamJob &job;
  int64_t phase;
  ir::Shape shape;
  llvm::SetVector<Value> leaves;
  SmallVector<Operation *> ops; // constants not among them
  SmallVector<Operation *> constants;
  std::string text;

  const SharedPairs &shared;

  FlatJob(const StreamContext &context, const StreamJob &job, int64_t phase,
          const SharedPairs &shared)
      : context(context), job(job), phase(phase), shared(shared) {}

  bool isScalar(Value v) { return ElementEmitter::rankOf(v) == 0; }
  bool isFull(Value v) { return ir::Shape(ir::shapeOf(v)) == shape; }
  bool isMemory(Value v) { return context.isMemoryIn(v, phase); }

  // Takes the job apart; false if it is no plain loop over elements.
  bool take() {
    if (job.kind != StreamJob::Map || TransposeLoops::match(context, job, phase) ||
        MaxPoolLoops::match(context, job, phase) || PoolGradLoops::match(context, job, phase) ||
        ColumnLoops::match(context, job, phase))
      return false;
    MapLoops loops(context, job, phase);
    if (!loops.isLinear())
      return false;
    shape = loops.shape;
    llvm::SetVector<Value> cone;
    for (const StreamStore &store : job.stores)
      collectCone(store.value, [&](Value v) { return isMemory(v); }, cone);
    // In the block's order; the block itself may hold hundreds of such jobs.
    SmallVector<Operation *> inCone;
    for (Value v : cone)
      if (Operation *op = v.getDefiningOp(); op && op->getNumResults() == 1 && !isMemory(v))
        inCone.push_back(op);
    llvm::sort(inCone, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    if (!llvm::all_of(inCone, [&](Operation *op) { return takeOp(op); }))
      return false;
    for (const StreamStore &store : job.stores)
      if (isMemory(store.value)) // a copy
        if (!takeLeaf(store.value))
          return false;
    describe();
    return true;
  }

  bool takeLeaf(Value v) {
    leaves.insert(v);
    return isScalar(v) || isFull(v);
  }

  bool takeOp(Operation *op) {
    Value result = op->getResult(0);
    if (!isScalar(result) && !isFull(result))
      return false;
    if (auto constant = dyn_cast<ir::ConstantOp>(op)) {
      auto values = dyn_cast<DenseElementsAttr>(constant.getValue());
      constants.push_back(op);
      return values && values.isSplat() && !values.getElementType().isInteger(1);
    }
    ops.push_back(op);
    if (drawsNumbers(op)) {
      leaves.insert(op->getOperand(0));
      return isMemory(op->getOperand(0)) && op->getNumOperands() == 1 && isFull(result);
    }
    auto broadcast = dyn_cast<ir::BroadcastOp>(op);
    if (!isPointwise(op) && !(broadcast && isScalar(broadcast.getX())))
      return false;
    for (Value operand : op->getOperands()) {
      bool fits = broadcast || isScalar(operand) == isScalar(result);
      if (!fits || (isMemory(operand) && !takeLeaf(operand)))
        return false;
    }
    return true;
  }

  void describe() {
    llvm::DenseMap<Value, size_t> numbers;
    llvm::raw_string_ostream os(text);
    auto declare = [&](Value v) {
      numbers.try_emplace(v, numbers.size());
      os << (isScalar(v) ? "s" : isFull(v) ? "f" : "k") << ElementEmitter::elementOf(v) << ' ';
    };
    for (Value leaf : leaves)
      declare(leaf);
    for (Operation *op : constants)
      declare(op->getResult(0));
    for (Operation *op : ops) {
      os << op->getName();
      for (NamedAttribute attribute : op->getAttrs())
        if (attribute.getName() != "stream")
          os << attribute.getName().getValue() << attribute.getValue();
      for (Value operand : op->getOperands())
        os << ' ' << numbers.lookup(operand);
      declare(op->getResult(0));
    }
    for (const StreamStore &store : job.stores)
      os << "=>" << numbers.lookup(store.value);
    for (auto [result, leaf] : aliases())
      os << '|' << result << ',' << leaf;
  }

  // (store, leaf) pairs that may be one buffer.
  SmallVector<std::pair<unsigned, unsigned>> aliases() {
    SmallVector<std::pair<unsigned, unsigned>> pairs;
    for (auto [i, store] : llvm::enumerate(job.stores))
      for (auto [j, leaf] : llvm::enumerate(leaves)) {
        auto argument = dyn_cast<BlockArgument>(leaf);
        if (store.buffer.result >= 0 && argument &&
            shared.contains({unsigned(store.buffer.result), argument.getArgNumber()}))
          pairs.push_back({i, j});
      }
    return pairs;
  }

  Attribute splatOf(size_t constant) {
    auto values = cast<DenseElementsAttr>(cast<ir::ConstantOp>(constants[constant]).getValue());
    return values.getSplatValue<Attribute>();
  }
};

// Numbers [0, |count|) in groups: two are together if they share a value of |keysOf|.
std::vector<SmallVector<size_t>> groupBy(size_t count,
                                         function_ref<SmallVector<Value>(size_t)> keysOf) {
  llvm::EquivalenceClasses<size_t> classes;
  llvm::DenseMap<Value, size_t> owner;
  for (size_t i = 0; i < count; ++i) {
    classes.insert(i);
    for (Value key : keysOf(i))
      if (auto [known, isNew] = owner.try_emplace(key, i); !isNew)
        classes.unionSets(known->second, i);
  }
  std::vector<SmallVector<size_t>> groups;
  llvm::DenseMap<size_t, size_t> number;
  for (size_t i = 0; i < count; ++i) {
    size_t group = number.try_emplace(classes.getLeaderValue(i), groups.size()).first->second;
    if (group == groups.size())
      groups.emplace_back();
    groups[group].push_back(i);
  }
  return groups;
}

// The stores of a plain loop in groups that have no value of its shape in common.
std::vector<SmallVector<size_t>> partStores(FlatJob &flat) {
  return groupBy(flat.job.stores.size(), [&](size_t i) {
    llvm::SetVector<Value> cone;
    collectCone(flat.job.stores[i].value, [&](Value v) { return flat.isMemory(v); }, cone);
    SmallVector<Value> keys;
    for (Value v : cone) {
      Operation *op = flat.isMemory(v) ? nullptr : v.getDefiningOp();
      if (flat.isFull(v) && !isa_and_nonnull<ir::ConstantOp, ir::BroadcastOp>(op))
        keys.push_back(v);
    }
    return keys;
  });
}

constexpr int64_t kShortRow = 32; // elements: all passes over such a row are one loop's body

// The stores of a map of short rows in groups that have no fold of a row in common, such as a loss
// and what counts hits. In one loop LLVM would compute them side by side, and few registers hold no
// two of them. The number behind the last store stands for the sums of columns. Nothing where the
// loop must stay whole.
std::vector<SmallVector<size_t>> partRows(const StreamContext &context, const StreamJob &job,
                                          int64_t phase, const SharedPairs &shared) {
  auto isShared = [&](const StreamStore &store) {
    return llvm::any_of(
        shared, [&](auto pair) { return store.buffer.result == static_cast<int64_t>(pair.first); });
  };
  if (!context.target.fewRegisters() || job.kind != StreamJob::Map || job.stores.size() < 2 ||
      llvm::any_of(job.stores, isShared))
    return {};
  MapLoops loops(context, job, phase);
  if (!loops.byRows || !loops.rowElements.isConstant() || loops.rowElements.getValue() > kShortRow)
    return {};
  auto isMemory = [&](Value v) { return context.isMemoryIn(v, phase); };
  size_t sums = job.stores.size();
  auto parts = groupBy(sums + !job.reductions.empty(), [&](size_t i) {
    llvm::SetVector<Value> cone;
    if (i < sums)
      collectCone(job.stores[i].value, isMemory, cone);
    for (size_t r = 0; i == sums && r < job.reductions.size(); ++r)
      collectCone(job.reductions[r]->getOperand(0), isMemory, cone);
    SmallVector<Value> folds;
    for (Value v : cone)
      if (Operation *op = v.getDefiningOp();
          op && !isMemory(v) && isReduction(op) && !matchRowPick(op))
        folds.push_back(v);
    return folds;
  });
  if (parts.back().front() == sums) // of nothing that is stored
    parts.clear();
  return parts;
}

// The one function of several jobs.
class SharedFunction {
public:
  SharedFunction(ArrayRef<FlatJob *> jobs, StringRef name)
      : jobs(jobs), first(*jobs.front()), context(first.context), name(name),
        b(first.job.stores.front().value.getContext()) {}

  // Writes the body over tensors of a symbolic length and emits it.
  LogicalResult emit() {
    MLIRContext *mlir = b.getContext();
    body = std::make_unique<Block>();
    length = ir::sizeSymbol(mlir, kElements);
    b.setInsertionPointToStart(body.get());
    IRMapping map;
    for (Value leaf : first.leaves)
      map.map(leaf, body->addArgument(flat(leaf), leaf.getLoc()));
    addConstants(map);
    for (Operation *op : first.ops)
      copy(op, map);
    SmallVector<Value> results;
    for (const StreamStore &store : first.job.stores)
      results.push_back(map.lookup(store.value));
    ir::YieldOp::create(b, first.ops.empty() ? b.getUnknownLoc() : first.ops.back()->getLoc(),
                        results);
    return emitBody(results);
  }

  SharedCall callFor(FlatJob &job) {
    SharedCall call;
    call.function = name;
    call.leaves.append(job.leaves.begin(), job.leaves.end());
    for (size_t i = 0; i < job.constants.size(); ++i)
      if (differs[i])
        call.constants.push_back(job.splatOf(i));
    for (const StreamStore &store : job.job.stores)
      call.results.push_back(store.buffer);
    call.elements = ir::sizeProduct(b.getContext(), job.shape);
    for (Operation *op : job.ops)
      if (drawsNumbers(op))
        call.streams.push_back(op->getAttrOfType<IntegerAttr>("stream").getInt());
    return call;
  }

private:
  Type flat(Value v) {
    auto type = cast<RankedTensorType>(v.getType());
    if (first.isScalar(v) || !first.isFull(v))
      return type;
    return ir::tensorType(b.getContext(), length, type.getElementType());
  }

  // Constants that differ between the jobs become arguments; LLVM sees the others.
  void addConstants(IRMapping &map) {
    for (auto [i, op] : llvm::enumerate(first.constants)) {
      Attribute value = first.splatOf(i);
      differs.push_back(
          llvm::any_of(jobs, [&, i = i](FlatJob *job) { return job->splatOf(i) != value; }));
      auto type = ir::scalarType(cast<TypedAttr>(value).getType());
      Value scalar = differs.back() ? Value(body->addArgument(type, op->getLoc()))
                                    : ir::ConstantOp::create(b, op->getLoc(), type,
                                                             DenseElementsAttr::get(type, value))
                                          .getResult();
      Value result = op->getResult(0);
      map.map(result, first.isScalar(result)
                          ? scalar
                          : ir::BroadcastOp::create(b, op->getLoc(), flat(result), scalar,
                                                    b.getDenseI64ArrayAttr({}))
                                .getResult());
    }
  }

  void copy(Operation *op, IRMapping &map) {
    Operation *copied = b.clone(*op, map);
    copied->getResult(0).setType(flat(op->getResult(0)));
    if (drawsNumbers(op))
      copied->setAttr("stream", b.getI64IntegerAttr(streams++));
  }

  LogicalResult emitBody(ArrayRef<Value> results) {
    StreamKernel kernel{name, body.get(), {kElements.str()}, {}};
    for (int64_t i = 0; i < streams; ++i)
      kernel.symbols.push_back(streamSymbol(i));
    PhaseSignature signature;
    signature.name = name;
    signature.pointers = body->getNumArguments() + results.size() + 1;
    signature.sizes = kernel.symbols.size();
    for (auto [result, leaf] : first.aliases()) {
      kernel.shared.push_back({result, leaf});
      signature.mayAlias.append({leaf, body->getNumArguments() + result});
    }
    StreamPlan plan;
    plan.scratchBytes = ir::sizeConstant(b.getContext(), 0);
    StreamJob job;
    for (auto [i, value] : llvm::enumerate(results)) {
      StreamBuffer buffer;
      buffer.result = i;
      job.stores.push_back({value, buffer});
    }
    plan.phases.push_back({job});
    StreamContext inner{context.module, kernel, context.schedule, plan, context.target};
    assert(MapLoops(inner, job, 0).isLinear() &&
           MapLoops(inner, job, 0).tileElements ==
               MapLoops(context, first.job, first.phase).tileElements &&
           "a shared function cuts its elements into the tiles that its jobs count");
    LogicalResult done = success();
    emitPhase(context.module, body->getTerminator()->getLoc(), context.target, signature,
              [&](KernelBuilder &k, const PhaseArguments &arguments) {
                done = emitJob(inner, job, 0, k, arguments, Size(arguments.begin),
                               Size(arguments.end));
              });
    ModuleOp module = context.module;
    auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
    function.setLinkage(LLVM::Linkage::Internal);
    function.setNoInline(true);
    return done;
  }

  ArrayRef<FlatJob *> jobs;
  FlatJob &first;
  const StreamContext &context;
  std::string name;
  OpBuilder b;
  std::unique_ptr<Block> body;
  SizeAttr length;
  SmallVector<bool> differs; // per constant
  int64_t streams = 0;
};

} // namespace

void partJobs(const StreamContext &context, StreamPlan &plan) {
  SharedPairs shared = sharedPairs(context);
  for (int64_t phase = 0, count = plan.phases.size(); phase < count; ++phase) {
    SmallVector<StreamJob> jobs;
    for (const StreamJob &job : plan.phases[phase]) {
      FlatJob flat(context, job, phase, shared);
      std::vector<SmallVector<size_t>> parts = partRows(context, job, phase, shared);
      if (job.stores.size() > 1 && flat.take())
        parts = partStores(flat);
      if (parts.empty())
        jobs.push_back(job);
      for (ArrayRef<size_t> part : parts) {
        jobs.push_back(job);
        auto stored = part.take_while([&](size_t i) { return i < job.stores.size(); });
        jobs.back().stores = llvm::map_to_vector(stored, [&](size_t i) { return job.stores[i]; });
        if (stored.size() == part.size())
          jobs.back().reductions.clear(), jobs.back().partials.clear();
      }
    }
    plan.phases[phase] = std::move(jobs);
  }
}

FailureOr<std::vector<std::optional<SharedCall>>> shareJobs(const StreamContext &context,
                                                            int64_t phase) {
  ArrayRef<StreamJob> jobs = context.plan.phases[phase];
  SharedPairs shared = sharedPairs(context);
  std::vector<std::unique_ptr<FlatJob>> flat;
  llvm::MapVector<std::pair<StringRef, int64_t>, SmallVector<FlatJob *>> groups;
  for (const StreamJob &job : jobs) {
    flat.push_back(std::make_unique<FlatJob>(context, job, phase, shared));
    if (flat.back()->take()) // tiles are cut as the job alone would cut them
      groups[{flat.back()->text, MapLoops(context, job, phase).tileElements}].push_back(
          flat.back().get());
  }
  std::vector<std::optional<SharedCall>> calls(jobs.size());
  size_t count = 0;
  for (auto &[key, members] : groups) {
    if (members.size() < 2)
      continue;
    std::string name =
        context.kernel.name + ".p" + std::to_string(phase) + ".shared" + std::to_string(count++);
    SharedFunction function(members, name);
    if (failed(function.emit()))
      return failure();
    for (FlatJob *member : members)
      calls[&member->job - jobs.data()] = function.callFor(*member);
  }
  return calls;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

SharedArguments::SharedArguments(const StreamContext &context, KernelBuilder &k, Elements &extents,
                                 Value pointers, ArrayRef<std::optional<SharedCall>> calls)
    : context(context), k(k), extents(extents), pointers(pointers) {
  size_t most = 0, mostSizes = 0;
  bool constants = false;
  for (const std::optional<SharedCall> &call : calls) {
    if (!call)
      continue;
    most = std::max(most, call->leaves.size() + call->constants.size() + call->results.size() + 1);
    mostSizes = std::max(mostSizes, 1 + call->streams.size());
    constants |= !call->constants.empty();
  }
  if (most == 0)
    return;
  row = stackRow(most);
  sizes = stackRow(mostSizes);
  if (constants)
    table = LLVM::AddressOfOp::create(k.builder(), k.loc(), k.pointerType(), "constants");
}

Value SharedArguments::stackRow(size_t count) {
  return LLVM::AllocaOp::create(k.builder(), k.loc(), k.pointerType(), k.i64(),
                                k.intConstant(k.i64(), count), /*alignment=*/8);
}

Value SharedArguments::pointerAt(int64_t number) {
  Value place = k.pointerSlot(pointers, number);
  return LLVM::LoadOp::create(k.builder(), k.loc(), k.pointerType(), place);
}

Value SharedArguments::pointerTo(const StreamBuffer &buffer) {
  int64_t operands = context.kernel.body->getNumArguments();
  int64_t results = context.kernel.body->getTerminator()->getNumOperands();
  if (buffer.result >= 0)
    return pointerAt(operands + buffer.result);
  return k.address(k.i8(), pointerAt(operands + results), extents.sizeOf(buffer.offset));
}

Value SharedArguments::pointerTo(Value leaf) {
  if (auto argument = dyn_cast<BlockArgument>(leaf))
    return pointerAt(argument.getArgNumber());
  return pointerTo(context.plan.memory.find(leaf)->second.first);
}

// The bytes of |constant|, lowest first.
static int64_t wordOf(Attribute constant) {
  APInt bits = isa<FloatAttr>(constant) ? cast<FloatAttr>(constant).getValue().bitcastToAPInt()
                                        : cast<IntegerAttr>(constant).getValue();
  return static_cast<int64_t>(bits.getZExtValue());
}

Value SharedArguments::pointerTo(Attribute constant) {
  Value place = k.address(k.i64(), table, static_cast<int64_t>(words.size()));
  words.push_back(wordOf(constant));
  return place;
}

std::pair<Value, Value> SharedArguments::write(const SharedCall &call) {
  SmallVector<Value> all;
  for (Value leaf : call.leaves)
    all.push_back(pointerTo(leaf));
  for (Attribute constant : call.constants)
    all.push_back(pointerTo(constant));
  for (const StreamBuffer &result : call.results)
    all.push_back(pointerTo(result));
  for (auto [i, pointer] : llvm::enumerate(all))
    LLVM::StoreOp::create(k.builder(), k.loc(), pointer,
                          k.pointerSlot(row, static_cast<int64_t>(i)));
  k.store(k.value(extents.sizeOf(call.elements)), sizes, 0);
  for (auto [i, stream] : llvm::enumerate(call.streams)) {
    Value given = extents.streamNumber(stream);
    k.store(given ? given : k.intConstant(k.i64(), stream), sizes, static_cast<int64_t>(i) + 1);
  }
  return {row, sizes};
}

//===----------------------------------------------------------------------===//
// Loops over calls
//===----------------------------------------------------------------------===//

std::optional<int64_t> SharedArguments::pointerNumber(const StreamBuffer &buffer) {
  if (buffer.result < 0)
    return std::nullopt;
  return context.kernel.body->getNumArguments() + buffer.result;
}

std::optional<int64_t> SharedArguments::pointerNumber(Value leaf) {
  if (auto argument = dyn_cast<BlockArgument>(leaf))
    return argument.getArgNumber();
  return pointerNumber(context.plan.memory.find(leaf)->second.first);
}

bool SharedArguments::keep(const SharedCall &call, Size offset, Size count) {
  if (!offset.isConstant() || !count.isConstant() || !call.elements.isConstant())
    return false;
  SmallVector<int64_t> record{offset.constant(), count.constant(), call.elements.getValue()};
  for (int64_t stream : call.streams) {
    auto given = llvm::find(context.kernel.symbols, streamSymbol(stream));
    if (given == context.kernel.symbols.end())
      return false;
    record.push_back(given - context.kernel.symbols.begin());
  }
  auto add = [&](std::optional<int64_t> pointer) {
    record.push_back(pointer.value_or(0));
    return pointer.has_value();
  };
  for (Value leaf : call.leaves)
    if (!add(pointerNumber(leaf)))
      return false;
  for (const StreamBuffer &result : call.results)
    if (!add(pointerNumber(result)))
      return false;
  for (Attribute constant : call.constants)
    record.push_back(wordOf(constant));
  Records &records = kept.try_emplace(call.function, Records{&call, {}}).first->second;
  llvm::append_range(records.words, record);
  return true;
}

void SharedArguments::emitLoops(StringRef function, Value given, Value begin, Value end) {
  for (auto [i, group] : llvm::enumerate(kept)) {
    std::string name = (function + ".calls" + Twine(i)).str();
    const Records &records = group.second;
    emitLoop(name, records, given, begin, end);
    OpBuilder b = OpBuilder::atBlockBegin(ModuleOp(context.module).getBody());
    auto type = RankedTensorType::get({static_cast<int64_t>(records.words.size())}, b.getI64Type());
    LLVM::GlobalOp::create(b, k.loc(),
                           LLVM::LLVMArrayType::get(b.getI64Type(), records.words.size()),
                           /*isConstant=*/true, LLVM::Linkage::Internal, name,
                           DenseElementsAttr::get(type, ArrayRef<int64_t>(records.words)),
                           /*alignment=*/8);
  }
}

void SharedArguments::emitLoop(StringRef name, const Records &records, Value given, Value begin,
                               Value end) {
  const SharedCall &shape = *records.first;
  int64_t streams = shape.streams.size(), leaves = shape.leaves.size();
  int64_t results = shape.results.size(), constants = shape.constants.size();
  int64_t size = 3 + streams + leaves + results + constants;
  auto target = ModuleOp(context.module).lookupSymbol<LLVM::LLVMFuncOp>(shape.function);
  Value start = LLVM::AddressOfOp::create(k.builder(), k.loc(), k.pointerType(), name);
  k.forLoop(0, static_cast<int64_t>(records.words.size()) / size, 1, [&](Value i) {
    Value record = k.address(k.i64(), start, k.mul(Size(i), size));
    auto word = [&](int64_t at) { return k.load(k.i64(), record, at); };
    Size offset = word(0), count = word(1);
    Size from = k.max(k.sub(Size(begin), offset), 0);
    Size to = k.min(k.sub(Size(end), offset), count);
    k.ifThen(k.less(from, to), [&] {
      int64_t filled = 0;
      auto pass = [&](Value pointer) {
        LLVM::StoreOp::create(k.builder(), k.loc(), pointer, k.pointerSlot(row, filled++));
      };
      auto passNumbered = [&](int64_t at) {
        Value place = k.pointerSlot(pointers, Size(word(at)));
        pass(LLVM::LoadOp::create(k.builder(), k.loc(), k.pointerType(), place));
      };
      int64_t at = 3 + streams;
      for (int64_t leaf = 0; leaf < leaves; ++leaf)
        passNumbered(at + leaf);
      for (int64_t constant = 0; constant < constants; ++constant)
        pass(k.address(k.i64(), record, at + leaves + results + constant));
      for (int64_t result = 0; result < results; ++result)
        passNumbered(at + leaves + result);
      k.store(word(2), sizes, 0);
      for (int64_t s = 0; s < streams; ++s)
        k.store(k.load(k.i64(), given, Size(word(3 + s))), sizes, s + 1);
      LLVM::CallOp::create(k.builder(), k.loc(), target,
                           ValueRange{row, sizes, k.value(from), k.value(to)});
    });
  });
}

void SharedArguments::defineConstants(StringRef function) {
  if (!table)
    return;
  std::string name = (function + ".constants").str();
  table.setGlobalName(name);
  OpBuilder b = OpBuilder::atBlockBegin(ModuleOp(context.module).getBody());
  auto type = RankedTensorType::get({static_cast<int64_t>(words.size())}, b.getI64Type());
  LLVM::GlobalOp::create(b, k.loc(), LLVM::LLVMArrayType::get(b.getI64Type(), words.size()),
                         /*isConstant=*/true, LLVM::Linkage::Internal, name,
                         DenseElementsAttr::get(type, ArrayRef<int64_t>(words)), /*alignment=*/8);
}

} // namespace dlc::codegen::cpu
