// From a plan to phase functions: each phase runs its jobs' tiles one after the other.
#include "codegen/cpu/emit/Stream.h"
#include "codegen/cpu/emit/StreamJobs.h"
#include "codegen/lower/Pointwise.h"
#include "ir/symbols/SizeExpr.h"

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

  LogicalResult emitPhaseCode(int64_t phase) {
    const StreamKernel &kernel = context.kernel;
    bool failedOnce = false;
    Location loc = kernel.body->getTerminator()->getLoc();
    emitPhase(context.module, loc, context.target, signature(phase),
              [&](KernelBuilder &k, const PhaseArguments &arguments) {
                ArrayRef<StreamJob> jobs = context.plan.phases[phase];
                // Tiles of all jobs are numbered through; each job takes its share of the call's.
                Elements sizes(k, context.module, kernel.symbols, arguments.sizes, 1);
                Size offset = 0;
                for (const StreamJob &job : jobs) {
                  Size begin = Size(arguments.begin), end = Size(arguments.end);
                  if (jobs.size() > 1) {
                    Size count = sizes.sizeOf(tilesOf(context, job, phase));
                    begin = k.max(k.sub(begin, offset), 0);
                    end = k.min(k.sub(end, offset), count);
                    offset = k.add(offset, count);
                  }
                  failedOnce |= failed(emitJob(context, job, phase, k, arguments, begin, end));
                }
              });
    return failure(failedOnce);
  }
};

} // namespace

FailureOr<KernelInfo> emitStreamKernel(ModuleOp module, const StreamKernel &kernel,
                                       const StreamSchedule &schedule, const CpuTarget &target) {
  StreamPlan plan = planStream(*kernel.body, kernel.shared, schedule);
  StreamEmitter emitter{{module, kernel, schedule, plan, target}, module.getContext()};
  KernelInfo info;
  info.scratchBytes = plan.scratchBytes;
  for (int64_t phase = 0, count = plan.phases.size(); phase < count; ++phase) {
    info.phases.push_back({kernel.name + ".p" + std::to_string(phase), emitter.phaseTiles(phase)});
    if (failed(emitter.emitPhaseCode(phase)))
      return failure();
  }
  return info;
}

bool isStreamOp(Operation *op) {
  return isPointwise(op) || isReduction(op) ||
         isa<ir::BroadcastOp, ir::ReshapeOp, ir::TransposeOp, ir::SliceOp, ir::DynamicSliceOp,
             ir::DynamicUpdateSliceOp, ir::PadOp, ir::ConcatOp, ir::ReverseOp, ir::ConstantOp,
             ir::SizeOp, ir::IotaOp, ir::OneHotOp, ir::GatherOp, ir::ScatterAddOp,
             ir::RandomUniformOp, ir::RandomNormalOp, ir::RandomBernoulliOp, ir::RandomFoldOp,
             ir::MaxPoolOp, ir::AvgPoolOp, ir::MaxPoolGradOp, ir::AvgPoolGradOp>(op);
}

//===----------------------------------------------------------------------===//
// Sharing buffers
//===----------------------------------------------------------------------===//

// Every use of |value| leads to results by elementwise ops alone (or into reductions, which are
// done reading before the results of their phase or row are written).
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
