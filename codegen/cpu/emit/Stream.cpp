// From a plan to phase functions: each phase runs its jobs' tiles one after the other.
#include "codegen/cpu/emit/Stream.h"
#include "codegen/cpu/emit/StreamJobs.h"
#include "codegen/cpu/emit/StreamShared.h"
#include "codegen/lower/Pointwise.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

namespace {

struct StreamEmitter {
  StreamContext context;
  MLIRContext *mlir;

  SizeAttr phaseTiles(int64_t phase) {
    SizeAttr total = ir::sizeConstant(mlir, 0);
    for (const StreamJob &job : context.plan.phases[phase])
      total = ir::sizeAdd(total, tilesOf(context, job, phase));
    return total;
  }

  SizeAttr phaseCost(int64_t phase) {
    SizeAttr total = ir::sizeConstant(mlir, 0);
    for (const StreamJob &job : context.plan.phases[phase])
      total = ir::sizeAdd(total, costOf(context, job, phase));
    return total;
  }

  PhaseSignature signature(int64_t phase) {
    const StreamKernel &kernel = context.kernel;
    unsigned operands = kernel.body->getNumArguments();
    PhaseSignature signature;
    signature.name = kernel.name + ".p" + std::to_string(phase);
    signature.pointers = operands + kernel.body->getTerminator()->getNumOperands() + 1;
    signature.sizes = kernel.symbols.size();
    for (auto [result, operand] : kernel.shared) {
      signature.mayAlias.push_back(operand);
      signature.mayAlias.push_back(operands + result);
    }
    return signature;
  }

  // One job: it is the phase. Several: each is a function of its own, which loads the few pointers
  // that it needs; in one function the pointers of a long list would push each other out of the
  // registers, inside the loops. Jobs of equal arithmetic share theirs.
  LogicalResult emitPhaseCode(int64_t phase) {
    ArrayRef<StreamJob> jobs = context.plan.phases[phase];
    PhaseSignature whole = signature(phase);
    if (jobs.size() == 1)
      return emitJobCode(jobs.front(), phase, whole);
    auto shared = shareJobs(context, phase);
    if (failed(shared))
      return failure();
    SmallVector<std::string> names;
    for (auto [i, job] : llvm::enumerate(jobs)) {
      if ((*shared)[i]) {
        names.push_back((*shared)[i]->function);
        continue;
      }
      PhaseSignature part = whole;
      part.name += ".job" + std::to_string(i);
      names.push_back(part.name);
      if (failed(emitJobCode(job, phase, part)))
        return failure();
      auto function = context.module.lookupSymbol<LLVM::LLVMFuncOp>(part.name);
      function.setLinkage(LLVM::Linkage::Internal);
      function.setNoInline(true);
    }
    emitSwitch(phase, names, *shared, whole.name);
    return success();
  }

  LogicalResult emitJobCode(const StreamJob &job, int64_t phase, const PhaseSignature &signature) {
    LogicalResult result = success();
    emitPhase(context.module, context.kernel.body->getTerminator()->getLoc(), context.target,
              signature, [&](KernelBuilder &k, const PhaseArguments &arguments) {
                result = emitJob(context, job, phase, k, arguments, Size(arguments.begin),
                                 Size(arguments.end));
              });
    return result;
  }

  // Tiles of all jobs are numbered through; each job is called for its share of [begin, end).
  void emitSwitch(int64_t phase, ArrayRef<std::string> jobs,
                  ArrayRef<std::optional<SharedCall>> shared, StringRef name) {
    Location loc = context.kernel.body->getTerminator()->getLoc();
    OpBuilder b(mlir);
    b.setInsertionPointToEnd(context.module.getBody());
    auto first = context.module.lookupSymbol<LLVM::LLVMFuncOp>(jobs.front());
    auto function = LLVM::LLVMFuncOp::create(b, loc, name, first.getFunctionType());
    Block *block = function.addEntryBlock(b);
    b.setInsertionPointToStart(block);
    KernelBuilder k(b, loc, context.target);
    Value sizes = block->getArgument(1);
    SmallVector<Value> symbols;
    for (size_t i = 0; i < context.kernel.symbols.size(); ++i)
      symbols.push_back(k.load(k.i64(), sizes, static_cast<int64_t>(i)));
    Elements extents(k, context.module, context.kernel.symbols, symbols, 1);
    SharedArguments own(context, k, extents, block->getArgument(0), shared);
    Size offset = 0;
    for (auto [job, callee, call] : llvm::zip(context.plan.phases[phase], jobs, shared)) {
      Size count = extents.sizeOf(tilesOf(context, job, phase));
      if (call && own.keep(*call, offset, count)) {
        offset = k.add(offset, count);
        continue;
      }
      Size from = k.max(k.sub(Size(block->getArgument(2)), offset), 0);
      Size to = k.min(k.sub(Size(block->getArgument(3)), offset), count);
      auto target = context.module.lookupSymbol<LLVM::LLVMFuncOp>(callee);
      k.ifThen(k.less(from, to), [&] {
        std::pair<Value, Value> rows(block->getArgument(0), sizes);
        if (call)
          rows = own.write(*call);
        auto [row, values] = rows;
        LLVM::CallOp::create(b, loc, target, ValueRange{row, values, k.value(from), k.value(to)});
      });
      offset = k.add(offset, count);
    }
    own.emitLoops(name, sizes, block->getArgument(2), block->getArgument(3));
    LLVM::ReturnOp::create(b, loc, ValueRange());
    own.defineConstants(name);
  }
};

} // namespace

FailureOr<KernelInfo> emitStreamKernel(ModuleOp module, const StreamKernel &kernel,
                                       const StreamSchedule &schedule, const CpuTarget &target) {
  StreamPlan plan = planStream(*kernel.body, kernel.shared, schedule);
  partJobs({module, kernel, schedule, plan, target}, plan);
  StreamEmitter emitter{{module, kernel, schedule, plan, target}, module.getContext()};
  KernelInfo info;
  info.scratchBytes = plan.scratchBytes;
  for (int64_t phase = 0, count = plan.phases.size(); phase < count; ++phase) {
    info.phases.push_back({kernel.name + ".p" + std::to_string(phase), emitter.phaseTiles(phase),
                           emitter.phaseCost(phase)});
    if (failed(emitter.emitPhaseCode(phase)))
      return failure();
  }
  return info;
}

bool isStreamOp(Operation *op) {
  return isPointwise(op) || isReduction(op) || isWindow(op) ||
         isa<ir::BroadcastOp, ir::ReshapeOp, ir::TransposeOp, ir::SliceOp, ir::DynamicSliceOp,
             ir::DynamicUpdateSliceOp, ir::PadOp, ir::ConcatOp, ir::ReverseOp, ir::ConstantOp,
             ir::SizeOp, ir::IotaOp, ir::OneHotOp, ir::GatherOp, ir::ScatterAddOp,
             ir::RandomUniformOp, ir::RandomNormalOp, ir::RandomBernoulliOp, ir::RandomFoldOp>(op);
}

//===----------------------------------------------------------------------===//
// Sharing buffers
//===----------------------------------------------------------------------===//

// Every use of |value| leads to results by elementwise ops alone. Reductions count as a refusal: in
// a later phase they might read what an earlier tile has overwritten.
static bool isReadInPlace(Value value, ArrayRef<SizeAttr> shape, DenseMap<Value, bool> &known) {
  if (auto found = known.find(value); found != known.end())
    return found->second;
  known[value] = true;
  bool fine = true;
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    if (user->hasTrait<OpTrait::IsTerminator>())
      continue;
    if (!isPointwise(user) || ir::Shape(ir::shapeOf(user->getResult(0))) != ir::Shape(shape))
      fine = false;
    else
      fine &= isReadInPlace(user->getResult(0), shape, known);
  }
  return known[value] = fine;
}

bool mayShareBuffer(Block &body, unsigned result, unsigned operand) {
  Value out = body.getTerminator()->getOperand(result), in = body.getArgument(operand);
  if (out.getType() != in.getType())
    return false;
  // Each result has a buffer of its own.
  if (llvm::count(body.getTerminator()->getOperands(), out) != 1)
    return false;
  if (out == in)
    return true;
  Operation *producer = out.getDefiningOp();
  if (producer && isa<ir::DynamicUpdateSliceOp, ir::ScatterAddOp>(producer))
    return producer->getOperand(0) == in && in.hasOneUse() && out.hasOneUse();
  DenseMap<Value, bool> known;
  if (!isReadInPlace(in, ir::shapeOf(in), known))
    return false;
  // Written in the last phase, where nothing may still read the operand in another job.
  std::pair<unsigned, unsigned> pair{result, operand};
  StreamPlan plan = planStream(body, pair, StreamSchedule());
  bool written = false;
  for (const StreamJob &job : plan.phases.back()) {
    bool writes = false, reads = false;
    for (const StreamStore &store : job.stores) {
      writes |= store.buffer.result == static_cast<int64_t>(result);
      llvm::SetVector<Value> cone;
      collectCone(store.value, [](Value) { return false; }, cone);
      reads |= cone.contains(in);
    }
    if (job.kind != StreamJob::Map && writes)
      return false;
    if (reads && !writes)
      return false;
    written |= writes;
  }
  return written;
}

} // namespace dlc::codegen::cpu
