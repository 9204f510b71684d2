// Kernels whose root is a convolution or one of its gradients: shape, schedule, the packing phase
// that the filter may need, and the computing phase.
#include "codegen/cpu/choose/Conv.h"
#include "codegen/cpu/emit/FragmentBody.h"
#include "codegen/cpu/emit/Kernel.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

/// The three ops as one: what is convolved (x), with what (filter), to what (y).
struct ConvTypes {
  ConvKind kind;
  RankedTensorType x, filter, y;
  ConvGeometry geometry;
};

ConvTypes typesOf(Operation *op) {
  if (auto conv = dyn_cast<ConvOp>(op))
    return {ConvKind::Forward, conv.getX().getType(), conv.getFilter().getType(), conv.getType(),
            conv.getGeometry()};
  if (auto grad = dyn_cast<ConvInputGradOp>(op))
    return {ConvKind::InputGrad, grad.getType(), grad.getFilter().getType(),
            grad.getDy().getType(), grad.getGeometry()};
  auto grad = cast<ConvFilterGradOp>(op);
  return {ConvKind::FilterGrad, grad.getX().getType(), grad.getType(), grad.getDy().getType(),
          grad.getGeometry()};
}

class ConvKernel {
public:
  ConvKernel(ModuleOp module, KernelFuncOp func, Operation *root, StringRef name,
             const CpuTarget &target)
      : module(module), func(func), root(root), name(name), target(target), types(typesOf(root)),
        x(shapeOf(types.x)), filter(shapeOf(types.filter)), y(shapeOf(types.y)),
        body(func.getBody().front()), context(func.getContext()) {
    input = cast<ShapedType>(root->getOperand(0).getType()).getElementType();
    accumulator = input.isF16() || input.isBF16() ? Float32Type::get(context) : input;
    groups = types.geometry.groups;
    depthwise = groups > 1 && x.back().isConstant(groups) && y.back().isConstant(groups);
  }

  KernelInfo emit() {
    ConvSchedule schedule = chooseConv(loops(), target);
    info.scratchBytes = size(0);
    if (types.kind != ConvKind::FilterGrad && schedule.filter == OperandForm::Pack)
      emitPacking();
    emitCompute(schedule);
    return std::move(info);
  }

private:
  SizeAttr size(int64_t value) { return sizeConstant(context, value); }
  SizeAttr perGroup(SizeAttr channels) { return sizeFloorDiv(channels, groups); }
  SizeAttr spatial(ArrayRef<SizeAttr> shape) {
    return sizeProduct(context, shape.drop_front().drop_back());
  }
  SizeAttr taps() { return sizeProduct(context, ArrayRef(filter).drop_back(2)); }

  ConvLoops loops() {
    auto constant = [](SizeAttr size) {
      return size.isConstant() ? std::optional(size.getValue()) : std::nullopt;
    };
    ConvLoops loops;
    loops.kind = types.kind;
    loops.pixels = constant(sizeMul(y.front(), spatial(y)));
    loops.channels = constant(perGroup(x.back()));
    loops.filters = constant(perGroup(y.back()));
    loops.taps = constant(taps());
    loops.innerWindow = constant(filter[filter.size() - 3]);
    loops.depthwise = depthwise;
    loops.depthwiseChannels = constant(x.back());
    loops.partialAvailable = partialResult().has_value();
    loops.accumulatorBits = accumulator.getIntOrFloatBitWidth();
    return loops;
  }

  std::optional<unsigned> partialResult() {
    RankedTensorType wanted = withElementType(root->getResult(0).getType(), accumulator);
    for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands()))
      if (value.getType() == wanted)
        return body.getNumArguments() + i;
    return std::nullopt;
  }

  PhaseSignature signature() {
    PhaseSignature signature;
    signature.name = (name + ".p" + Twine(info.phases.size())).str();
    signature.pointers = body.getNumArguments() + body.getTerminator()->getNumOperands() + 1;
    signature.sizes = func.getSymbols().size();
    return signature;
  }

  ConvShape shapeIn(SizeScope &scope) {
    ConvShape shape;
    shape.batch = scope(x.front());
    for (size_t d = 0; d + 2 < x.size(); ++d) {
      ConvDim dim;
      dim.in = scope(x[d + 1]);
      dim.out = scope(y[d + 1]);
      dim.window = scope(filter[d]);
      dim.stride = types.geometry.strides[d];
      dim.dilation = types.geometry.dilations[d];
      dim.padLow = scope(types.geometry.padLow[d]);
      shape.dims.push_back(dim);
    }
    shape.channels = scope(x.back());
    shape.filters = scope(y.back());
    shape.groups = groups;
    shape.input = input;
    shape.accumulator = accumulator;
    return shape;
  }

  Value pointerOf(const PhaseArguments &phase, Value operand) {
    return phase.pointers[cast<BlockArgument>(operand).getArgNumber()];
  }

  bool transposedFilter() { return types.kind == ConvKind::InputGrad; }

  void emitPacking() {
    PhaseSignature packing = signature();
    emitPhase(module, func.getLoc(), target, packing,
              [&](KernelBuilder &k, const PhaseArguments &phase) {
                SizeScope scope(k, phase, func.getSymbols());
                ConvShape shape = shapeIn(scope);
                emitPackPanels(k, phase, convFilterMatrix(k, shape, transposedFilter()),
                               pointerOf(phase, root->getOperand(1)), phase.pointers.back());
              });
    SizeAttr in = perGroup(x.back()), out = perGroup(y.back());
    SizeAttr rows = sizeMul(taps(), transposedFilter() ? out : in);
    SizeAttr panels = sizeMul(sizeCeilDiv(transposedFilter() ? in : out, size(kPanelWidth)), groups);
    info.phases.push_back({packing.name, sizeMul(panels, sizeCeilDiv(rows, size(kPackRows)))});
    info.scratchBytes =
        sizeMul(sizeMul(panels, rows), kPanelWidth * KernelBuilder::storedBytes(input));
  }

  void emitCompute(const ConvSchedule &schedule) {
    PhaseSignature compute = signature();
    emitPhase(module, func.getLoc(), target, compute,
              [&](KernelBuilder &k, const PhaseArguments &phase) {
                SizeScope scope(k, phase, func.getSymbols());
                FragmentBody fragments(func, root, phase, scope);
                auto epilogue = [&](KernelBuilder &k, const Fragment &fragment) {
                  fragments.store(k, fragment);
                };
                emitRoot(k, phase, shapeIn(scope), schedule, epilogue);
              });
    info.phases.push_back({compute.name, tiles(schedule)});
  }

  void emitRoot(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                const ConvSchedule &schedule, Epilogue epilogue) {
    EpilogueMode mode = FragmentBody::modeFor(func);
    Value first = pointerOf(phase, root->getOperand(0));
    Value second = pointerOf(phase, root->getOperand(1));
    if (types.kind == ConvKind::FilterGrad) {
      auto partial = partialResult();
      return emitConvFilterGrad(k, phase, shape, first, second,
                                partial ? phase.pointers[*partial] : Value(), schedule, epilogue,
                                mode);
    }
    if (schedule.filter == OperandForm::Pack)
      second = phase.pointers.back();
    if (types.kind == ConvKind::Forward)
      emitConvForward(k, phase, shape, first, second, schedule, epilogue, mode);
    else
      emitConvInputGrad(k, phase, shape, first, second, schedule, epilogue, mode);
  }

  /// The grids that codegen/cpu/emit/Conv.h states.
  SizeAttr tiles(const ConvSchedule &schedule) {
    ContractionGrid grid = convGrid(schedule, accumulator, target);
    auto blocks = [&](SizeAttr extent, int64_t block) { return sizeCeilDiv(extent, size(block)); };
    switch (types.kind) {
    case ConvKind::Forward: {
      SizeAttr rows = blocks(sizeMul(y.front(), spatial(y)), grid.rowBlock);
      return depthwise ? sizeMul(rows, blocks(x.back(), grid.columnBlock))
                       : sizeMul(sizeMul(rows, blocks(perGroup(y.back()), grid.columnBlock)),
                                 groups);
    }
    case ConvKind::InputGrad: {
      SizeAttr pixels = x.front();
      int64_t phases = 1;
      for (auto [i, stride] : llvm::enumerate(types.geometry.strides)) {
        pixels = sizeMul(pixels, sizeCeilDiv(x[i + 1], size(stride)));
        phases *= stride;
      }
      SizeAttr rows = sizeMul(blocks(pixels, grid.rowBlock), phases);
      return depthwise ? sizeMul(rows, blocks(x.back(), grid.columnBlock))
                       : sizeMul(sizeMul(rows, blocks(perGroup(x.back()), grid.columnBlock)),
                                 groups);
    }
    case ConvKind::FilterGrad: {
      SizeAttr outerTaps = sizeProduct(context, ArrayRef(filter).drop_back(3));
      if (depthwise)
        return sizeMul(outerTaps, blocks(x.back(), grid.columnBlock));
      SizeAttr rows = schedule.rowsAcrossTaps
                          ? outerTaps
                          : sizeMul(taps(), blocks(perGroup(x.back()), grid.rowBlock));
      return sizeMul(sizeMul(rows, blocks(perGroup(y.back()), grid.columnBlock)), groups);
    }
    }
    llvm_unreachable("all kinds are handled");
  }

  ModuleOp module;
  KernelFuncOp func;
  Operation *root;
  StringRef name;
  const CpuTarget &target;
  ConvTypes types;
  Shape x, filter, y;
  Block &body;
  MLIRContext *context;
  Type input, accumulator;
  int64_t groups;
  bool depthwise;
  KernelInfo info;
};

} // namespace

FailureOr<KernelInfo> emitConvKernel(ModuleOp module, KernelFuncOp func, Operation *root,
                                     StringRef name, const CpuTarget &target) {
  return ConvKernel(module, func, root, name, target).emit();
}

} // namespace dlc::codegen::cpu
