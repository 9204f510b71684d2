#include "codegen/cpu/choose/Kernel.h"
#include "codegen/cpu/choose/Accept.h"
#include "codegen/cpu/choose/Stream.h"
#include "codegen/cpu/emit/Kernel.h"
#include "ir/support/Panels.h"
#include "ir/support/ShapeMath.h"
#include "ir/support/SymbolBounds.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

/// Whether a kernel of the program reads what `func` computes, rather than the caller.
bool isReadOn(KernelFuncOp func) {
  auto module = func->getParentOfType<ModuleOp>();
  WalkResult found = module.walk([&](DispatchOp dispatch) {
    auto reads = [](Operation *user) { return !isa<ReturnOp>(user); };
    return dispatch.getKernel() == func.getSymName() && llvm::any_of(dispatch->getUsers(), reads)
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return found.wasInterrupted();
}

SmallVector<Attribute> contractionSchedules(KernelFuncOp func, ContractOp root,
                                            const CpuTarget &target) {
  ContractionLoops loops = contractionLoops(func, root, target);
  auto leastOf = [&](SizeAttr size) { return leastValue(size, func).value_or(0); };
  loops.leastM = leastOf(loops.rows);
  loops.leastK = leastOf(loops.steps);
  loops.readOn = resultBytes(loops) >= kOutgrown && isReadOn(func);
  SmallVector<Attribute> schedules;
  for (const GuardedContraction &choice : chooseContraction(loops, target)) {
    Attribute schedule = scheduleAttr(func.getContext(), choice, loops, target);
    if (choice.maxM)
      schedule = WhenAttr::get(func.getContext(), loops.rows, 0, *choice.maxM, schedule);
    if (choice.maxK)
      schedule = WhenAttr::get(func.getContext(), loops.steps, 0, *choice.maxK, schedule);
    schedules.push_back(schedule);
  }
  return schedules;
}

bool isAttention(Operation *root) {
  return isa_and_nonnull<AttentionOp, AttentionGradOp>(root);
}

/// Whether the root is one of the ops that convLoops() describes.
bool isConvolution(Operation *root) {
  return isa_and_nonnull<ConvOp, ConvInputGradOp, ConvFilterGradOp>(root);
}

/// Of a convolution that is a stencil.
std::optional<DepthwiseSchedule> stencilOf(KernelFuncOp func, Operation *root,
                                           const CpuTarget &target) {
  if (!isConvolution(root))
    return std::nullopt;
  return chooseDepthwise(depthwiseLoops(func, root, target), target);
}

bool packs(KernelFuncOp func) {
  return isa_and_nonnull<WinogradFilterOp>(heavyRoot(func)) ||
         bool(packedTensor(func.getBody().front().getTerminator()->getOperand(0)));
}

LogicalResult acceptOne(KernelFuncOp func, Attribute schedule, const CpuTarget &target) {
  auto error = [&] { return refuseSchedule(func); };
  Operation *root = heavyRoot(func);
  if (auto contract = dyn_cast_or_null<ContractOp>(root))
    return acceptContraction(schedule, contractionLoops(func, contract, target), target, error);
  if (isAttention(root))
    return acceptAttention(schedule, attentionLoops(func, root, target), target, error);
  if (auto winograd = dyn_cast_or_null<WinogradConvOp>(root))
    return acceptWinograd(schedule, winogradLoops(func, winograd, target), target, error);
  if (isa_and_nonnull<DepthwiseScheduleAttr>(schedule) && isConvolution(root))
    return acceptDepthwise(schedule, depthwiseLoops(func, root, target), target, error);
  if (isConvolution(root))
    return acceptConv(schedule, convLoops(func, root, target), target, error);
  if (packs(func))
    return acceptPacking(schedule, error);
  return acceptStream(schedule, target, error);
}

} // namespace

ArrayAttr chooseSchedules(KernelFuncOp func, const CpuTarget &target) {
  MLIRContext *context = func.getContext();
  Operation *root = heavyRoot(func);
  SmallVector<Attribute> schedules;
  if (auto contract = dyn_cast_or_null<ContractOp>(root)) {
    schedules = contractionSchedules(func, contract, target);
  } else if (isAttention(root)) {
    AttentionLoops loops = attentionLoops(func, root, target);
    schedules.push_back(scheduleAttr(context, chooseAttention(loops, target), loops, target));
  } else if (auto stencil = stencilOf(func, root, target)) {
    schedules.push_back(scheduleAttr(context, *stencil));
  } else if (auto winograd = dyn_cast_or_null<WinogradConvOp>(root)) {
    WinogradLoops loops = winogradLoops(func, winograd, target);
    schedules.push_back(scheduleAttr(context, chooseWinograd(loops, target), loops, target));
  } else if (isConvolution(root)) {
    ConvLoops loops = convLoops(func, root, target);
    schedules.push_back(scheduleAttr(context, chooseConv(loops, target), loops, target));
  } else if (packs(func)) {
    schedules.push_back(PackScheduleAttr::get(context));
  } else {
    StreamSchedule chosen = chooseStream(func.getBody().front(), target);
    schedules.push_back(scheduleAttr(context, chosen));
  }
  return ArrayAttr::get(context, schedules);
}

LogicalResult scheduleKernel(KernelFuncOp func, const CpuTarget &target) {
  if (!func.getSchedulesAttr())
    func.setSchedulesAttr(chooseSchedules(func, target));
  for (Attribute schedule : func.getSchedulesAttr()) {
    auto guard = dyn_cast<WhenAttr>(schedule);
    if (failed(acceptOne(func, guard ? guard.getSchedule() : schedule, target)))
      return failure();
  }
  return success();
}

int64_t panelWidthFor(const CpuTarget &target) {
  return target.hasNarrowTiles() ? kNarrowPanelWidth : kPanelWidth;
}

int64_t panelWidthFor(StringRef target, ArrayRef<std::string> cpus) {
  auto names = cpusOfTarget(target, cpus);
  if (!names) {
    llvm::consumeError(names.takeError());
    return kPanelWidth;
  }
  int64_t widest = 0;
  for (const std::string &name : *names) {
    if (auto known = cpuTargetByName(name))
      widest = std::max(widest, panelWidthFor(*known));
    else
      llvm::consumeError(known.takeError());
  }
  return widest ? widest : kPanelWidth;
}

} // namespace dlc::codegen::cpu
