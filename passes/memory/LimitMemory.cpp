// Runs kernels a second time instead of keeping what they made, until a plan takes no more than a
// given number of bytes.
//
//   %a = dlc.dispatch @k0(%x)                    %a = dlc.dispatch @k0(%x)
//   %b = dlc.dispatch @k1(%a)                    %b = dlc.dispatch @k1(%a)
//   .. the rest of the forward pass ..    ==>    .. the rest of the forward pass ..
//   %d = dlc.dispatch @k9(%b, %a)                %a2 = dlc.dispatch @k0(%x)
//                                                %d = dlc.dispatch @k9(%b, %a2)
//
// The typical case is the backward pass, which reads activations in the reverse order of their
// making: a few are kept, those between them are computed again a stretch at a time. Which ones is
// for Rematerialize.h to choose. dlc-recompute has done before what costs nothing.
//
// Always legal: kernels are pure, random numbers are functions of their key, and the same kernel on
// the same operands gives the same bits, so results do not change by one. A variable that was
// assigned by then is not read again. Loops and branches are not repeated, nor what is in them.
//
// For sizes that are constant or given by `value`; the plan holds for others, too, and takes there
// what it takes. Runs behind dlc-outline-kernels; replaces the plan. No CSE may run after it.
// Tested by test/passes/memory/limit_memory.mlir.
#include "passes/memory/LimitMemory.h"
#include "ir/support/KernelCost.h"
#include "ir/support/ShapeMath.h"
#include "passes/Passes.h"
#include "passes/memory/BufferPlan.h"
#include "passes/memory/Rematerialize.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_LIMITMEMORY
#include "passes/Passes.h.inc"

namespace {

/// One byte through memory takes as long as so many flops of a kernel of multiply-adds.
constexpr int64_t kFlopsPerByte = 6;
/// A plan of the IR may take some bytes more than that of the list: by what loops keep, mostly.
constexpr int kMostAttempts = 4;

/// An entry as a list of steps, and back.
class EntryList {
public:
  EntryList(EntryOp entry, SymbolValue value)
      : entry(entry), value(value), symbols(entry->getParentOfType<ModuleOp>()) {}

  /// False when a size is not known.
  bool read() {
    auto buffers = entry->getAttrOfType<ArrayAttr>(kEntryBuffersAttr);
    llvm::DenseMap<int64_t, int64_t> current;
    for (auto [id, attribute] : llvm::enumerate(buffers)) {
      auto buffer = cast<BufferAttr>(attribute);
      std::optional<int64_t> bytes = sizeEvaluate(buffer.getBytes(), value);
      if (!bytes || *bytes < 0)
        return false;
      values.push_back({*bytes, buffer.getKind() == BufferKind::temporary, -1});
      if (buffer.getKind() == BufferKind::state)
        current[buffer.getIndex()] = int64_t(id);
    }
    for (auto [id, attribute] : llvm::enumerate(buffers))
      if (auto buffer = cast<BufferAttr>(attribute); buffer.getKind() == BufferKind::state_next)
        if (auto found = current.find(buffer.getIndex()); found != current.end())
          values[found->second].next = int64_t(id);
    steps = stepsOf(entry.getBody().front(), &ops);
    return !isUnknown;
  }

  int64_t workOf(const std::vector<RematStep> &list, bool again) const {
    int64_t work = 0;
    for (const RematStep &step : list)
      work += step.again == again ? step.work.value_or(0) : 0;
    return work;
  }

  /// Adds the dispatches that `result` has more, and hands their results on.
  void write(const std::vector<RematStep> &result) {
    llvm::DenseMap<int64_t, Value> made;
    size_t given = 0;
    for (const RematStep &step : result) {
      if (!step.again) {
        readFrom(ops[given++], step, made);
        continue;
      }
      OpBuilder builder(ops[given]);
      Operation *copy = builder.clone(*ops[step.source]);
      readFrom(copy, step, made);
      for (auto [number, output] : llvm::zip_equal(step.writes, copy->getResults()))
        made[number] = output;
    }
  }

  std::vector<RematValue> values;
  std::vector<RematStep> steps;

private:
  static std::vector<int64_t> numbers(Operation *op, StringRef attribute) {
    ArrayRef<int64_t> ids = op->getAttrOfType<DenseI64ArrayAttr>(attribute).asArrayRef();
    return {ids.begin(), ids.end()};
  }

  std::vector<RematStep> stepsOf(Block &block, SmallVectorImpl<Operation *> *list) {
    std::vector<RematStep> result;
    llvm::DenseMap<Value, int64_t> location;
    for (Operation &op : block) {
      if (isa<ReshapeOp>(op))
        continue;
      RematStep step{int64_t(result.size()), {}, {}, std::nullopt};
      if (auto dispatch = dyn_cast<DispatchOp>(op)) {
        step.reads = numbers(&op, kBuffersAttr);
        step.writes.assign(step.reads.begin() + dispatch.getInputs().size(), step.reads.end());
        step.reads.resize(dispatch.getInputs().size());
        step.work = workOf(dispatch);
      } else if (isControl(&op)) {
        step.reads = numbers(&op, kBuffersAttr);
        step.writes = numbers(&op, kResultBuffersAttr);
        step.inner = innerBytes(&op);
      } else {
        for (Value operand : op.getOperands()) {
          auto found = location.find(source(operand));
          step.reads.push_back(found == location.end() ? -1 : found->second);
        }
      }
      for (auto [number, output] : llvm::zip(step.writes, op.getResults()))
        location[output] = number;
      result.push_back(std::move(step));
      if (list)
        list->push_back(&op);
    }
    return result;
  }

  static Value source(Value value) {
    while (auto reshape = value.getDefiningOp<ReshapeOp>())
      value = reshape.getX();
    return value;
  }

  /// The most bytes that live in one of the op's regions and not around it.
  int64_t innerBytes(Operation *op) {
    int64_t most = 0;
    for (Region &region : op->getRegions())
      most = std::max(
          most, Rematerializer(stepsOf(region.front(), nullptr), values).largestLiveSet());
    return most;
  }

  std::optional<int64_t> workOf(DispatchOp dispatch) {
    auto [known, inserted] = kernelWork.try_emplace(dispatch.getKernel(), std::nullopt);
    if (!inserted)
      return known->second;
    Block &body = symbols.lookup<KernelFuncOp>(dispatch.getKernel()).getBody().front();
    SizeAttr work = sizeConstant(entry.getContext(), 0);
    for (Type type : llvm::concat<const Type>(body.getArgumentTypes(),
                                              body.getTerminator()->getOperandTypes()))
      work = sizeAdd(work, storedBytesOf(type));
    work = sizeMul(work, kFlopsPerByte);
    for (Operation &op : body.without_terminator())
      work = sizeAdd(work, flopsOf(&op));
    known->second = sizeEvaluate(work, value);
    isUnknown |= !known->second;
    return known->second;
  }

  /// Makes `op` read values that were computed again.
  void readFrom(Operation *op, const RematStep &step,
                const llvm::DenseMap<int64_t, Value> &made) {
    for (auto [number, operand] : llvm::zip_equal(step.reads, op->getOpOperands())) {
      auto found = made.find(number);
      if (found == made.end())
        continue;
      Value again = found->second;
      if (again.getType() != operand.get().getType()) {
        OpBuilder builder(op);
        again = ReshapeOp::create(builder, op->getLoc(), operand.get().getType(), again);
      }
      operand.set(again);
    }
  }

  EntryOp entry;
  SymbolValue value;
  SymbolTable symbols;
  SmallVector<Operation *> ops;
  llvm::StringMap<std::optional<int64_t>> kernelWork;
  bool isUnknown = false;
};

struct LimitMemory : impl::LimitMemoryBase<LimitMemory> {
  using LimitMemoryBase::LimitMemoryBase;

  void runOnOperation() override {
    llvm::StringMap<int64_t> known;
    for (const std::string &binding : bindings) {
      auto [name, text] = StringRef(binding).split('=');
      if (name.empty() || text.getAsInteger(10, known[name])) {
        getOperation().emitError("binding \"")
            << binding << "\" is not of the form SYMBOL=SIZE, such as B=128";
        return signalPassFailure();
      }
    }
    auto value = [&](StringRef name) -> std::optional<int64_t> {
      auto found = known.find(name);
      return found == known.end() ? std::nullopt : std::optional(found->second);
    };
    for (auto entry : getOperation().getOps<EntryOp>()) {
      if (!entry->hasAttr(kEntryBuffersAttr)) {
        entry.emitOpError("has no plan; run dlc-plan-memory before dlc-limit-memory");
        return signalPassFailure();
      }
      std::optional<LimitedPlan> limited = limitMemory(entry, bytes, value);
      if (limited && limited->reached)
        continue;
      InFlightDiagnostic error = entry.emitOpError();
      if (limited)
        error << "takes " << limited->before.bytes << " bytes, and " << limited->after.bytes
              << " at least, of the " << int64_t(bytes) << " that it may";
      else
        error << "has sizes that no binding gives";
      return signalPassFailure();
    }
  }
};

} // namespace

std::optional<LimitedPlan> limitMemory(EntryOp entry, int64_t bytes, SymbolValue value) {
  std::optional<PlanSize> size = planSize(entry, value);
  if (!size)
    return std::nullopt;
  LimitedPlan plan{*size, *size, size->bytes <= bytes};
  int64_t target = bytes, given = 0;
  for (int attempt = 0; attempt < kMostAttempts && !plan.reached; ++attempt) {
    EntryList list(entry, value);
    if (!list.read())
      return std::nullopt;
    Rematerializer chooser(list.steps, list.values);
    bool found = chooser.reduceTo(target);
    given = given ? given : list.workOf(list.steps, false);
    int64_t added = list.workOf(chooser.result(), true);
    plan.repeated += int64_t(chooser.result().size() - list.steps.size());
    plan.work += double(added) / double(std::max<int64_t>(given, 1));
    list.write(chooser.result());
    planEntry(entry, /*together=*/false);
    plan.after = *planSize(entry, value);
    plan.reached = plan.after.bytes <= bytes;
    if (!found)
      break;
    target -= plan.after.bytes - bytes;
  }
  return plan;
}

} // namespace dlc::passes
