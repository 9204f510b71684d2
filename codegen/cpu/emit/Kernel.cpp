#include "codegen/cpu/emit/Kernel.h"
#include "codegen/cpu/KernelBuilder.h"
#include "codegen/cpu/choose/Accept.h"
#include "codegen/cpu/choose/Grain.h"
#include "ir/support/KernelCost.h"
#include "ir/support/Panels.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

FusionKind kindOf(Operation *op) { return cast<Fusible>(op).getFusionKind(); }

/// Gives the phases of a contraction or convolution their cost: one that packs an operand into
/// scratch moves those bytes, one that multiplies does all the arithmetic. Schedules that exclude
/// each other at run time each count in full.
void estimateHeavyPhases(KernelInfo &info, const EmittedKernel &kernel, const CpuTarget &target) {
  SizeAttr arithmetic =
      sizeAdd(multiplyCost(kernel.flops, target), sizeMul(kernel.bytes, kPicosecondsPerByte));
  SizeAttr packing = sizeMul(info.scratchBytes, 2 * kPicosecondsPerByte);
  // A phase that adds up column sums has a cost of its own.
  size_t open = llvm::count_if(info.phases, [](const KernelPhase &phase) { return !phase.cost; });
  bool packs = !info.scratchBytes.isConstant(0) && open > 1;
  for (auto [i, phase] : llvm::enumerate(info.phases))
    if (!phase.cost)
      phase.cost = packs && i == 0 ? packing : arithmetic;
}

/// 1 where the guard holds, else 0.
SizeAttr holds(WhenAttr guard) {
  MLIRContext *context = guard.getContext();
  auto atLeastOne = [&](SizeAttr room) {
    return sizeMin(sizeMax(room, sizeConstant(context, 0)), sizeConstant(context, 1));
  };
  SizeAttr size = guard.getSize(), both = sizeConstant(context, 1);
  if (guard.getHigh() != std::numeric_limits<int64_t>::max())
    both = atLeastOne(sizeSub(sizeConstant(context, guard.getHigh() + 1), size));
  if (guard.getLow() != 0) // sizes are never negative
    both = sizeMul(both, atLeastOne(sizeSub(size, sizeConstant(context, guard.getLow() - 1))));
  return both;
}

FailureOr<KernelInfo> emitBySchedule(ModuleOp module, KernelFuncOp func, StringRef name,
                                     Attribute schedule, const SharedBuffers &shared,
                                     const CpuTarget &target) {
  auto error = [&] { return refuseSchedule(func); };
  Operation *root = heavyRoot(func);
  if (auto contract = dyn_cast_or_null<ContractOp>(root))
    return emitContractionKernel(module, func, contract, name, schedule, target);
  if (root && kindOf(root) == FusionKind::Attention)
    return emitAttentionKernel(module, func, root, name, schedule, target);
  if (isa_and_nonnull<WinogradConvOp, WinogradFilterOp>(root))
    return emitWinogradKernel(module, func, root, name, schedule, target);
  if (root)
    return emitConvKernel(module, func, root, name, schedule, target);
  Block &body = func.getBody().front();
  if (packedTensor(body.getTerminator()->getOperand(0))) {
    if (failed(acceptPacking(schedule, error)))
      return failure();
    return emitPackingKernel(module, func, name, target);
  }
  FailureOr<StreamSchedule> accepted = acceptStream(schedule, target, error);
  if (failed(accepted))
    return failure();
  StreamKernel kernel;
  kernel.name = name.str();
  kernel.body = &body;
  for (Attribute symbol : func.getSymbols())
    kernel.symbols.push_back(cast<StringAttr>(symbol).getValue().str());
  kernel.shared = shared;
  return emitStreamKernel(module, kernel, *accepted, target);
}

} // namespace

InFlightDiagnostic refuseSchedule(KernelFuncOp func) {
  InFlightDiagnostic diagnostic = func.emitOpError();
  diagnostic << "@" << func.getSymName() << ": ";
  return diagnostic;
}

MathOptions mathOptions(const CpuTarget &target) {
  StringRef triple = target.triple;
  MathOptions math;
  math.fusedMultiplyAdd = target.fusedMultiplyAdd;
  math.convertsHalf = (target.isa & (kIsaF16c | kIsaNeon)) != 0;
  math.avx512 = (target.isa & kIsaAvx512) != 0;
  math.avx2 = (target.isa & kIsaAvx2) != 0;
  math.constantsInMemory = target.fewRegisters();
  if (target.fewRegisters())
    math.registerClass = triple.starts_with("x86_64")    ? "x"
                         : triple.starts_with("aarch64") ? "w"
                                                         : "";
  math.registerBits = target.vectorBits;
  math.roundsBrain = (target.isa & kIsaAvx512Bf16) != 0;
  return math;
}

bool keepsConstantsInMemory(KernelRoot root, const CpuTarget &target) {
  // Register tiles take nearly all of 32, too.
  return target.fewRegisters() || root == KernelRoot::attention || root == KernelRoot::contract ||
         root == KernelRoot::conv;
}

Operation *heavyRoot(KernelFuncOp func) {
  for (Operation &op : func.getBody().front().without_terminator())
    if (kindOf(&op) == FusionKind::Contraction || kindOf(&op) == FusionKind::Convolution ||
        kindOf(&op) == FusionKind::Attention)
      return &op;
  return nullptr;
}

FailureOr<EmittedKernel> emitKernel(ModuleOp module, KernelFuncOp func, StringRef name,
                                    const SharedBuffers &shared, const CpuTarget &target) {
  ArrayAttr schedules = func.getSchedulesAttr();
  if (!schedules)
    return func.emitOpError("has no schedules; dlc-choose-schedules writes them");
  Block &body = func.getBody().front();
  SizeAttr zero = sizeConstant(func.getContext(), 0);
  EmittedKernel emitted{{{}, zero}, zero, zero};
  for (Operation &op : body.without_terminator())
    emitted.flops = sizeAdd(emitted.flops, flopsOf(&op));
  for (Type type :
       llvm::concat<const Type>(body.getArgumentTypes(), body.getTerminator()->getOperandTypes()))
    emitted.bytes = sizeAdd(emitted.bytes, storedBytesOf(type));
  SizeAttr left = sizeConstant(func.getContext(), 1); // 1 until a guard holds, then 0
  for (auto [i, schedule] : llvm::enumerate(schedules)) {
    auto guard = dyn_cast<WhenAttr>(schedule);
    SizeAttr turn = guard ? sizeMul(left, holds(guard)) : left;
    left = sizeSub(left, turn);
    if (turn.isConstant(0)) // by sizes that are known
      continue;
    std::string part = schedules.size() > 1 ? (name + ".s" + Twine(i)).str() : name.str();
    FailureOr<KernelInfo> info =
        emitBySchedule(module, func, part, guard ? guard.getSchedule() : schedule, shared, target);
    if (failed(info))
      return failure();
    estimateHeavyPhases(*info, emitted, target);
    emitted.info.scratchBytes =
        sizeAdd(emitted.info.scratchBytes, sizeMul(info->scratchBytes, turn));
    for (KernelPhase &phase : info->phases) {
      phase.tiles = sizeMul(phase.tiles, turn);
      emitted.info.phases.push_back(std::move(phase));
    }
  }
  return emitted;
}

} // namespace dlc::codegen::cpu
