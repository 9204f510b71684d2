// Gives every value of an entry a buffer, and every buffer the steps during which it is in use.
//
//   dlc.entry @e(...) {                      dlc.entry @e(...) attributes {dlc.buffers = [
//     %0 = dlc.dispatch @k0(%x, %W)    ==>     #dlc.buffer<input 0 ...>, ...]} {
//     dlc.return %0                            %0 = dlc.dispatch @k0(%x, %W) {buffers = [0, 1, 2]}
//
// The plan is symbolic: sizes are expressions and offsets are left to the runtime, which packs the
// temporaries of a binding by these lifetimes. Values that are returned take the place they are
// returned to: an output is written into the caller's memory, a variable's new value over its old
// one when nothing needs the old one any more. What cannot be in place is copied by the list
// `dlc.copies` of the terminator. Lists of copies are done in order; values that change places go
// through a buffer of their own.
//
// Dispatches that follow each other and share only what they read form a chain: they may run at the
// same time, so they are one step of every lifetime, and none writes over what another one reads.
// A layer's gradients by its input and by its weights, projections of one input, the branches of a
// network: each alone may have too few tiles for the threads.
//
// Inside a loop, slices of scanned operands and stacked results are `slice` buffers: part of
// another buffer at iteration * bytes. Carried values live in the buffers of the loop's results.
//
// Runs last of the graph passes. Tested by test/passes/memory/plan_memory.mlir.
#include "ir/Ops.h"
#include "ir/support/KernelCost.h"
#include "ir/support/ShapeMath.h"
#include "passes/Passes.h"
#include "passes/memory/BufferPlan.h"
#include "passes/memory/PlanSize.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_PLANMEMORY
#include "passes/Passes.h.inc"

namespace {

class Planner {
public:
  Planner(EntryOp entry, const llvm::StringMap<int64_t> &variables, bool together)
      : entry(entry), variables(variables), together(together),
        symbols(entry->getParentOfType<ModuleOp>()) {}

  void run() {
    Block &block = entry.getBody().front();
    int64_t inputs = 0;
    for (BlockArgument argument : block.getArguments()) {
      FlatSymbolRefAttr state = entry.getArgState(argument.getArgNumber());
      int64_t id =
          state ? stateBuffer(state) : add(BufferKind::input, inputs++, argument.getType());
      location[argument] = id;
      touch(id, 0);
      if (state)
        stateArguments[state.getValue()].push_back(argument);
    }
    placeResults(block);
    planBlock(block);
    returnValues(block);
    writeAttributes();
  }

private:
  int64_t add(BufferKind kind, int64_t index, SizeAttr bytes) {
    buffers.push_back({kind, index, bytes, -1, -1});
    return buffers.size() - 1;
  }
  int64_t add(BufferKind kind, int64_t index, Type type) {
    return add(kind, index, storedBytesOf(type));
  }

  int64_t stateBuffer(FlatSymbolRefAttr state) {
    auto [it, inserted] = stateBuffers.try_emplace(state.getValue(), 0);
    if (inserted) {
      auto variable = symbols.lookup<VariableOp>(state.getValue());
      it->second = add(BufferKind::state, variables.lookup(state.getValue()), variable.getType());
      stateBufferOf[buffers.back().index] = it->second;
    }
    return it->second;
  }

  void touch(int64_t id, int64_t at) {
    Buffer &buffer = buffers[id];
    if (buffer.kind == BufferKind::slice)
      touch(buffer.index, at);
    if (buffer.first < 0)
      buffer.first = at;
    // What lives around a loop is needed until the loop's last iteration.
    for (auto [begin, loop] : openLoops)
      if (buffer.first < begin)
        loopUses[loop].insert(id);
    buffer.last = std::max(buffer.last, at);
  }

  /// Looks through reshapes.
  static Value source(Value value) {
    while (auto reshape = value.getDefiningOp<ReshapeOp>())
      value = reshape.getX();
    return value;
  }

  int64_t bufferOf(Value value) { return location.lookup(source(value)); }

  /// Decides which results are written where they are returned to.
  void placeResults(Block &block) {
    auto ret = cast<ReturnOp>(block.getTerminator());
    DenseMap<Operation *, int64_t> order;
    int64_t count = 0;
    for (Operation &op : block)
      order[&op] = count++;
    int64_t outputs = 0;
    for (auto [i, operand] : llvm::enumerate(ret.getValues())) {
      FlatSymbolRefAttr state = entry.getResultState(i);
      int64_t output = state ? -1 : outputs++;
      Value value = source(operand);
      auto dispatch = value.getDefiningOp<DispatchOp>();
      bool free = dispatch && dispatch->getBlock() == &block && !placed.contains(value);
      if (!state) {
        int64_t id = add(BufferKind::output, output, operand.getType());
        if (free)
          placed[value] = id;
        results.push_back(id);
        continue;
      }
      int64_t current = stateBuffer(state);
      if (free && mayReplace(state, dispatch, order)) {
        int64_t id = add(BufferKind::state_next, buffers[current].index, operand.getType());
        placed[value] = id;
        results.push_back(id);
      } else {
        results.push_back(current);
      }
    }
  }

  /// Whether `value` may be written over the variable: everyone who reads the old value has done
  /// so, and the kernel that writes reads it at most at the element being written.
  bool mayReplace(FlatSymbolRefAttr state, DispatchOp dispatch,
                  DenseMap<Operation *, int64_t> &order) {
    for (BlockArgument argument : stateArguments[state.getValue()]) {
      SmallVector<Value> names{argument};
      while (!names.empty()) {
        for (OpOperand &use : names.pop_back_val().getUses()) {
          Operation *user = use.getOwner();
          if (isa<ReshapeOp>(user)) {
            names.push_back(user->getResult(0));
            continue;
          }
          if (user == dispatch) {
            if (!readsInPlace(dispatch, use.getOperandNumber()))
              return false;
            continue;
          }
          if (order[user] > order[dispatch] || isa<ReturnOp>(user))
            return false;
        }
      }
    }
    return true;
  }

  /// Whether the kernel reads its operand only at the element that it computes.
  bool readsInPlace(DispatchOp dispatch, unsigned operand) {
    auto func = symbols.lookup<KernelFuncOp>(dispatch.getKernel());
    if (func.getRoot() == KernelRoot::update)
      return operand == 0;
    if (func.getRoot() != KernelRoot::pointwise && func.getRoot() != KernelRoot::list)
      return false;
    // What is computed from it must stay at the element too: a broadcast would read it again
    // after the write.
    SmallVector<Value> names{func.getBody().getArgument(operand)};
    while (!names.empty()) {
      for (Operation *user : names.pop_back_val().getUsers()) {
        if (isa<YieldOp>(user))
          continue;
        auto fusible = dyn_cast<Fusible>(user);
        if (!fusible || fusible.getFusionKind() != FusionKind::Pointwise)
          return false;
        llvm::append_range(names, user->getResults());
      }
    }
    return true;
  }

  void planBlock(Block &block) {
    SmallVector<DispatchOp> chain;
    for (Operation &op : block.without_terminator()) {
      if (isa<ReshapeOp>(op))
        continue;
      auto dispatch = dyn_cast<DispatchOp>(op);
      if (dispatch && mayJoin(dispatch, chain)) {
        chain.back()->setAttr(kTogetherAttr, UnitAttr::get(entry.getContext()));
      } else {
        chain.clear();
        ++step;
      }
      if (!dispatch) {
        planControl(&op);
        continue;
      }
      planDispatch(dispatch);
      chain.push_back(dispatch);
    }
  }

  /// Whether the dispatch may run while those of the chain do.
  bool mayJoin(DispatchOp dispatch, ArrayRef<DispatchOp> chain) {
    if (!together || chain.empty() || chain.size() == kMostTogether)
      return false;
    for (Value operand : dispatch.getInputs())
      if (auto from = source(operand).getDefiningOp<DispatchOp>();
          from && llvm::is_contained(chain, from))
        return false;
    for (Value result : dispatch.getOutputs()) {
      auto found = placed.find(result);
      if (found != placed.end() && llvm::any_of(chain, [&](DispatchOp other) {
            return touchesVariable(other, buffers[found->second]);
          }))
        return false;
    }
    return true;
  }

  struct Buffer;
  /// Whether a planned dispatch reads or writes the variable whose new value `target` is.
  bool touchesVariable(DispatchOp dispatch, const Buffer &target) {
    if (target.kind != BufferKind::state_next)
      return false;
    return llvm::any_of(numbersOf(dispatch), [&](int64_t id) {
      const Buffer &other = buffers[id];
      return (other.kind == BufferKind::state || other.kind == BufferKind::state_next) &&
             other.index == target.index;
    });
  }

  static ArrayRef<int64_t> numbersOf(DispatchOp dispatch) {
    return dispatch->getAttrOfType<DenseI64ArrayAttr>(kBuffersAttr).asArrayRef();
  }

  void planDispatch(DispatchOp dispatch) {
    dispatch->removeAttr(kTogetherAttr);
    SmallVector<int64_t> ids;
    for (Value operand : dispatch.getInputs())
      ids.push_back(bufferOf(operand));
    for (Value result : dispatch.getOutputs())
      ids.push_back(define(result));
    for (int64_t id : ids)
      touch(id, step);
    dispatch->setAttr(kBuffersAttr, DenseI64ArrayAttr::get(entry.getContext(), ids));
  }

  int64_t define(Value result) {
    auto found = placed.find(result);
    int64_t id =
        found != placed.end() ? found->second : add(BufferKind::temporary, 0, result.getType());
    return location[result] = id;
  }

  void planControl(Operation *op) {
    int64_t begin = step;
    int64_t loop = loopUses.size();
    loopUses.emplace_back();
    openLoops.push_back({begin, loop});
    SmallVector<int64_t> inputs, outputs;
    for (Value operand : op->getOperands())
      inputs.push_back(bufferOf(operand));
    for (Value result : op->getResults())
      outputs.push_back(define(result));
    for (int64_t id : llvm::concat<int64_t>(inputs, outputs))
      touch(id, step);
    ControlPlan control = describeControl(op);
    int64_t counter = -1;
    if (control.loops) {
      counter = add(BufferKind::temporary, 0, sizeConstant(op->getContext(), 8));
      touch(counter, step);
    }
    SmallVector<int64_t> initial, slices;
    for (int64_t i = 0; i < control.carries; ++i)
      llvm::append_range(initial, ArrayRef<int64_t>{outputs[i], inputs[i]});
    SmallVector<Attribute> regions;
    for (Region &region : op->getRegions())
      regions.push_back(planRegion(region, control, counter, inputs, outputs, slices));
    ++step;
    for (int64_t id : llvm::concat<int64_t>(inputs, outputs))
      touch(id, step);
    if (counter >= 0)
      touch(counter, step);
    openLoops.pop_back();
    for (int64_t id : loopUses[loop])
      touch(id, step);
    MLIRContext *context = op->getContext();
    op->setAttr(kBuffersAttr, DenseI64ArrayAttr::get(context, inputs));
    op->setAttr(kResultBuffersAttr, DenseI64ArrayAttr::get(context, outputs));
    op->setAttr(kSliceBuffersAttr, DenseI64ArrayAttr::get(context, slices));
    op->setAttr(kInitialCopiesAttr, DenseI64ArrayAttr::get(context, initial));
    op->setAttr(kRegionCopiesAttr, ArrayAttr::get(context, regions));
    op->setAttr(kCounterBufferAttr, IntegerAttr::get(IntegerType::get(context, 64), counter));
  }

  /// Gives a region's arguments their buffers, plans its block, and returns the copies at its end.
  Attribute planRegion(Region &region, const ControlPlan &control, int64_t counter,
                       ArrayRef<int64_t> inputs, ArrayRef<int64_t> outputs,
                       SmallVectorImpl<int64_t> &slices) {
    Block &block = region.front();
    for (BlockArgument argument : block.getArguments()) {
      RegionArgument from = control.argument(argument.getArgNumber());
      switch (from.kind) {
      case RegionArgument::Counter:
        location[argument] = counter;
        break;
      case RegionArgument::Carried:
        location[argument] = outputs[from.index];
        break;
      case RegionArgument::Slice:
        location[argument] = add(BufferKind::slice, inputs[from.index], argument.getType());
        slices.push_back(location[argument]);
        break;
      case RegionArgument::Operand:
        location[argument] = inputs[from.index];
        break;
      }
      touch(location[argument], step);
    }
    planBlock(block);
    ++step;
    SmallVector<std::pair<int64_t, Value>> moves;
    for (auto [i, value] : llvm::enumerate(block.getTerminator()->getOperands())) {
      touch(bufferOf(value), step);
      if (control.isCondition(region.getRegionNumber()))
        return DenseI64ArrayAttr::get(entry.getContext(), bufferOf(value));
      int64_t target = outputs[i];
      if (control.loops && int64_t(i) >= control.carries) {
        target = add(BufferKind::slice, outputs[i], value.getType());
        slices.push_back(target);
      }
      touch(target, step);
      moves.push_back({target, value});
    }
    return DenseI64ArrayAttr::get(entry.getContext(), inSequence(moves));
  }

  /// Copies that give the result of doing all of them at once. A source that another copy
  /// overwrites is saved first.
  SmallVector<int64_t> inSequence(ArrayRef<std::pair<int64_t, Value>> moves) {
    auto memory = [&](int64_t id) {
      // A variable's new value lies where its old one does.
      Buffer &buffer = buffers[id];
      bool state = buffer.kind == BufferKind::state || buffer.kind == BufferKind::state_next;
      return state ? stateBufferOf.lookup(buffer.index) : id;
    };
    struct Copy {
      int64_t target, source;
      Type type;
      int64_t to, from; // memory of target and source
    };
    SmallVector<Copy> waiting;
    DenseMap<int64_t, int64_t> readers; // of memory, among those that wait
    for (auto [target, value] : moves) {
      Copy copy{target, bufferOf(value), value.getType(), memory(target), memory(bufferOf(value))};
      if (copy.from == copy.to)
        continue;
      waiting.push_back(copy);
      ++readers[copy.from];
    }
    SmallVector<int64_t> copies;
    while (!waiting.empty()) {
      // First the copies that overwrite nothing that is still to be read.
      auto *free =
          llvm::find_if(waiting, [&](const Copy &copy) { return readers.lookup(copy.to) == 0; });
      if (free != waiting.end()) {
        llvm::append_range(copies, ArrayRef<int64_t>{free->target, free->source});
        --readers[free->from];
        waiting.erase(free);
        continue;
      }
      // A ring: save what the first copy would overwrite.
      int64_t lost = waiting.front().to;
      auto *reader = llvm::find_if(waiting, [&](const Copy &copy) { return copy.from == lost; });
      int64_t saved = add(BufferKind::temporary, 0, reader->type);
      touch(saved, step);
      llvm::append_range(copies, ArrayRef<int64_t>{saved, reader->source});
      for (Copy &copy : waiting)
        if (copy.from == lost) {
          copy.source = copy.from = saved;
          ++readers[saved];
        }
      readers.erase(lost);
    }
    return copies;
  }

  void returnValues(Block &block) {
    auto ret = cast<ReturnOp>(block.getTerminator());
    ++step;
    SmallVector<std::pair<int64_t, Value>> moves;
    for (auto [i, operand] : llvm::enumerate(ret.getValues())) {
      touch(bufferOf(operand), step);
      touch(results[i], step);
      moves.push_back({results[i], operand});
    }
    SmallVector<int64_t> copies = inSequence(moves);
    ret->setAttr(kCopiesAttr, DenseI64ArrayAttr::get(entry.getContext(), copies));
  }

  void writeAttributes() {
    SmallVector<Attribute> list;
    for (const Buffer &buffer : buffers)
      list.push_back(BufferAttr::get(entry.getContext(), buffer.kind, buffer.index, buffer.bytes,
                                     std::max<int64_t>(buffer.first, 0),
                                     std::max<int64_t>(buffer.last, 0)));
    entry->setAttr(kEntryBuffersAttr, ArrayAttr::get(entry.getContext(), list));
  }

  struct Buffer {
    BufferKind kind;
    int64_t index;
    SizeAttr bytes;
    int64_t first, last;
  };

  EntryOp entry;
  const llvm::StringMap<int64_t> &variables;
  bool together;
  SymbolTable symbols;
  std::vector<Buffer> buffers;
  llvm::StringMap<int64_t> stateBuffers;
  DenseMap<int64_t, int64_t> stateBufferOf; ///< of a variable's number
  llvm::StringMap<SmallVector<BlockArgument, 1>> stateArguments;
  DenseMap<Value, int64_t> location; ///< of values that are not reshapes
  DenseMap<Value, int64_t> placed;   ///< results that are written where they are returned to
  SmallVector<int64_t> results;      ///< where each returned value belongs
  int64_t step = 0;
  SmallVector<std::pair<int64_t, int64_t>> openLoops;
  std::vector<llvm::SmallSetVector<int64_t, 8>> loopUses;
};

struct PlanMemory : impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    for (auto entry : getOperation().getOps<EntryOp>()) {
      WalkResult result = entry.walk([&](Operation *op) {
        if (isa<EntryOp, DispatchOp, ReshapeOp, ReturnOp, YieldOp>(op) || isControl(op))
          return WalkResult::advance();
        op->emitOpError("is not part of a kernel; run dlc-form-kernels and dlc-outline-kernels "
                        "before dlc-plan-memory");
        return WalkResult::interrupt();
      });
      if (result.wasInterrupted())
        return signalPassFailure();
      planEntry(entry);
    }
  }
};

} // namespace

void planEntry(EntryOp entry, bool together) {
  llvm::StringMap<int64_t> variables;
  for (auto variable : entry->getParentOfType<ModuleOp>().getOps<VariableOp>())
    variables.try_emplace(variable.getSymName(), variables.size());
  Planner(entry, variables, together).run();
}

} // namespace dlc::passes
