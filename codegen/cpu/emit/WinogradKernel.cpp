// Kernels whose root is a convolution by minimal filtering, or the transform of its filter.
#include "codegen/cpu/choose/Accept.h"
#include "codegen/cpu/choose/Winograd.h"
#include "codegen/cpu/emit/RootKernel.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

class WinogradConvKernel : public RootKernel {
public:
  WinogradConvKernel(ModuleOp module, KernelFuncOp func, WinogradConvOp conv, StringRef name,
                     const CpuTarget &target)
      : RootKernel(module, func, conv, name, target), conv(conv), x(shapeOf(conv.getX())),
        y(shapeOf(conv.getType())) {}

  WinogradLoops loops() {
    return {x[3].getValue(), y[3].getValue(), conv.getPanels().getType().getShape().back(),
            int64_t(input.getIntOrFloatBitWidth())};
  }

  FailureOr<KernelInfo> emit(Attribute given) {
    auto schedule = acceptWinograd(given, loops(), target, [&] { return refuseSchedule(func); });
    if (failed(schedule))
      return failure();
    auto compute = [&](KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope,
                       Epilogue epilogue) {
      emitWinogradConv(k, phase, shapeIn(scope), pointerOf(phase, conv.getX()),
                       pointerOf(phase, conv.getPanels()), *schedule, epilogue,
                       FragmentBody::modeFor(func));
    };
    int64_t columns = schedule->columnTiles * schedule->vectors *
                      target.lanes(input.getIntOrFloatBitWidth());
    SizeAttr blocks = sizeCeilDiv(winogradTiles(y), size(schedule->pixelTiles));
    emitCompute(compute, sizeMul(blocks, sizeCeilDiv(y[3], size(columns))), blocks);
    return std::move(info);
  }

private:
  WinogradShape shapeIn(SizeScope &scope) {
    WinogradShape shape;
    shape.batch = scope(x[0]);
    shape.inRows = scope(x[1]), shape.inColumns = scope(x[2]);
    shape.outRows = scope(y[1]), shape.outColumns = scope(y[2]);
    ArrayRef<SizeAttr> low = conv.getPadLow().getSizes();
    shape.padTop = scope(low[0]), shape.padLeft = scope(low[1]);
    shape.channels = scope(x[3]), shape.filters = scope(y[3]);
    shape.panelWidth = conv.getPanels().getType().getShape().back();
    shape.element = input;
    return shape;
  }

  WinogradConvOp conv;
  Shape x, y;
};

class WinogradFilterKernel : public RootKernel {
public:
  using RootKernel::RootKernel;

  KernelInfo emit() {
    auto filter = cast<RankedTensorType>(root->getOperand(0).getType());
    auto panels = cast<RankedTensorType>(root->getResult(0).getType());
    int64_t channels = filter.getShape()[2], width = panels.getShape()[3];
    auto transform = [&](KernelBuilder &k, const PhaseArguments &phase, SizeScope &,
                         Epilogue epilogue) {
      emitWinogradFilter(k, phase, channels, filter.getShape()[3], width, input,
                         pointerOf(phase, root->getOperand(0)), epilogue,
                         FragmentBody::modeFor(func));
    };
    emitCompute(transform, size(panels.getShape()[1] * ((channels + kFilterRows - 1) / kFilterRows)));
    return std::move(info);
  }
};

} // namespace

FailureOr<KernelInfo> emitWinogradKernel(ModuleOp module, KernelFuncOp func, Operation *root,
                                         StringRef name, Attribute schedule,
                                         const CpuTarget &target) {
  if (auto conv = dyn_cast<WinogradConvOp>(root))
    return WinogradConvKernel(module, func, conv, name, target).emit(schedule);
  if (failed(acceptPacking(schedule, [&] { return refuseSchedule(func); })))
    return failure();
  return WinogradFilterKernel(module, func, root, name, target).emit();
}

WinogradLoops winogradLoops(KernelFuncOp func, WinogradConvOp root, const CpuTarget &target) {
  return WinogradConvKernel(ModuleOp(), func, root, "", target).loops();
}

} // namespace dlc::codegen::cpu
