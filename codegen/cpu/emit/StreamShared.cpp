#include "codegen/cpu/emit/StreamShared.h"
#include "codegen/cpu/RandomStreams.h"
#include "codegen/lower/Pointwise.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

namespace {

constexpr StringRef kElements = "elements of the job"; // the symbol; no size can have this name

bool draws(Operation *op) {
  return isa<ir::RandomUniformOp, ir::RandomNormalOp, ir::RandomBernoulliOp>(op);
}

// What one job consists of, taken apart: the ops of its cone in order, and text that is equal for
// jobs of equal arithmetic.
struct FlatJob {
  const StreamContext &context;
  const StreamJob &job;
  int64_t phase;
  ir::Shape shape;
  llvm::SetVector<Value> leaves;
  SmallVector<Operation *> ops;      // constants not among them
  SmallVector<Operation *> constants;
  std::string text;

  FlatJob(const StreamContext &context, const StreamJob &job, int64_t phase)
      : context(context), job(job), phase(phase) {}

  bool isScalar(Value v) { return ElementEmitter::rankOf(v) == 0; }
  bool isFull(Value v) { return ir::Shape(ir::shapeOf(v)) == shape; }
  bool isMemory(Value v) { return context.isMemoryIn(v, phase); }

  // Takes the job apart; false if it is no plain loop over elements.
  bool take() {
    if (job.kind != StreamJob::Map || TransposeLoops::match(context, job, phase) ||
        PoolGradLoops::match(context, job, phase) || ColumnLoops::match(context, job, phase))
      return false;
    MapLoops loops(context, job, phase);
    if (!loops.isLinear())
      return false;
    shape = loops.shape;
    llvm::SetVector<Value> cone;
    for (const StreamStore &store : job.stores)
      collectCone(store.value, [&](Value v) { return isMemory(v); }, cone);
    for (Operation &op : context.kernel.body->without_terminator())
      if (op.getNumResults() == 1 && cone.contains(op.getResult(0)) && !isMemory(op.getResult(0)) &&
          !takeOp(&op))
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
    if (draws(op)) {
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
      for (auto [result, operand] : context.kernel.shared)
        for (auto [j, leaf] : llvm::enumerate(leaves)) {
          auto argument = dyn_cast<BlockArgument>(leaf);
          if (store.buffer.result == int64_t(result) && argument &&
              argument.getArgNumber() == operand)
            pairs.push_back({i, j});
        }
    return pairs;
  }

  Attribute splatOf(size_t constant) {
    auto values = cast<DenseElementsAttr>(cast<ir::ConstantOp>(constants[constant]).getValue());
    return values.getSplatValue<Attribute>();
  }
};

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
      if (draws(op))
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
      Value scalar =
          differs.back()
              ? Value(body->addArgument(type, op->getLoc()))
              : ir::ConstantOp::create(b, op->getLoc(), type, DenseElementsAttr::get(type, value))
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
    if (draws(op))
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

FailureOr<std::vector<std::optional<SharedCall>>> shareJobs(const StreamContext &context,
                                                            int64_t phase) {
  ArrayRef<StreamJob> jobs = context.plan.phases[phase];
  std::vector<std::unique_ptr<FlatJob>> flat;
  llvm::MapVector<std::pair<StringRef, int64_t>, SmallVector<FlatJob *>> groups;
  for (const StreamJob &job : jobs) {
    flat.push_back(std::make_unique<FlatJob>(context, job, phase));
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
  Value place = k.address(k.i64(), pointers, number);
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

Value SharedArguments::pointerTo(Attribute constant) {
  APInt bits = isa<FloatAttr>(constant) ? cast<FloatAttr>(constant).getValue().bitcastToAPInt()
                                        : cast<IntegerAttr>(constant).getValue();
  Value place = k.address(k.i64(), table, static_cast<int64_t>(words.size()));
  words.push_back(static_cast<int64_t>(bits.getZExtValue()));
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
                          k.address(k.i64(), row, static_cast<int64_t>(i)));
  k.store(k.value(extents.sizeOf(call.elements)), sizes, 0);
  for (auto [i, stream] : llvm::enumerate(call.streams)) {
    Value given = extents.streamNumber(stream);
    k.store(given ? given : k.intConstant(k.i64(), stream), sizes, static_cast<int64_t>(i) + 1);
  }
  return {row, sizes};
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
