// Kernels whose root is a convolution or one of its gradients: shape, the packing phase that a
// schedule may ask for, and the computing phase.
#include "codegen/cpu/choose/Accept.h"
#include "codegen/cpu/choose/Grain.h"
#include "codegen/cpu/emit/RootKernel.h"

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
    return {ConvKind::InputGrad, grad.getType(), grad.getFilter().getType(), grad.getDy().getType(),
            grad.getGeometry()};
  auto grad = cast<ConvFilterGradOp>(op);
  return {ConvKind::FilterGrad, grad.getX().getType(), grad.getType(), grad.getDy().getType(),
          grad.getGeometry()};
}

class ConvKernel : public RootKernel {
public:
  ConvKernel(ModuleOp module, KernelFuncOp func, Operation *root, StringRef name,
             const CpuTarget &target)
      : RootKernel(module, func, root, name, target), types(typesOf(root)), x(shapeOf(types.x)),
        filter(shapeOf(types.filter)), y(shapeOf(types.y)), groups(types.geometry.groups),
        depthwise(groups > 1 && x.back().isConstant(groups) && y.back().isConstant(groups)) {}

  FailureOr<KernelInfo> emit(Attribute given) {
    if (isa<DepthwiseScheduleAttr>(given))
      return emitStencil(given);
    auto schedule = acceptConv(given, loops(), target, [&] { return refuseSchedule(func); });
    if (failed(schedule))
      return failure();
    if (types.kind != ConvKind::FilterGrad && schedule->filter == OperandForm::Pack)
      packFilter(filterPairs(*schedule));
    if (schedule->parts > 1)
      return emitInParts(*schedule);
    if (schedule->pixelBlock)
      reservePartial();
    auto compute = [&](KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope,
                       Epilogue epilogue) {
      ConvShape shape = shapeIn(scope);
      shape.filterPairs = filterPairs(*schedule);
      emitRoot(k, phase, shape, *schedule, epilogue, partialOf(k, phase, scope));
    };
    emitCompute(compute, tiles(*schedule), pieces(*schedule));
    return std::move(info);
  }

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
    loops.linePixels = constant(y[y.size() - 2]);
    loops.innerWindow = constant(filter[filter.size() - 3]);
    loops.line = line();
    loops.groups = groups;
    loops.depthwise = depthwise;
    loops.depthwiseChannels = constant(x.back());
    loops.bf16 = input.isBF16();
    loops.inputBits = 8 * KernelBuilder::storedBytes(input);
    loops.filterRows = filterRows();
    loops.filterPanels = types.kind != ConvKind::FilterGrad && panels();
    loops.panelWidth = panelWidth();
    loops.partialAvailable = types.kind == ConvKind::FilterGrad; // in the scratch, if need be
    loops.accumulatorBits = accumulator.getIntOrFloatBitWidth();
    return loops;
  }

  /// Of a depthwise convolution; of any other, nothing that a stencil could be made of.
  DepthwiseLoops stencilLoops() {
    auto constant = [](SizeAttr size) {
      return size.isConstant() ? std::optional(size.getValue()) : std::nullopt;
    };
    DepthwiseLoops loops;
    loops.kind = types.kind;
    for (size_t d = 0; depthwise && d + 2 < x.size(); ++d)
      loops.dims.push_back({constant(x[d + 1]), constant(y[d + 1]), constant(filter[d]),
                            constant(types.geometry.padLow[d]), types.geometry.strides[d],
                            types.geometry.dilations[d]});
    loops.channels = groups;
    loops.partialAvailable = types.kind == ConvKind::FilterGrad;
    loops.accumulatorBits = accumulator.getIntOrFloatBitWidth();
    return loops;
  }

private:
  FailureOr<KernelInfo> emitInParts(const ConvSchedule &schedule) {
    reservePartial(schedule.parts);
    auto first = [&](KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope) {
      emitConvFilterGradParts(k, phase, shapeIn(scope), pointerOf(phase, root->getOperand(0)),
                              pointerOf(phase, root->getOperand(1)), partialOf(k, phase, scope),
                              schedule);
    };
    emitFirst(first, size(schedule.parts));
    auto total = [&](KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope,
                     Epilogue epilogue) {
      emitSumOfParts(k, phase, shapeIn(scope), partialOf(k, phase, scope), schedule, epilogue,
                     FragmentBody::modeFor(func));
    };
    emitCompute(total, sizeProduct(func.getContext(), ArrayRef(filter).drop_back(3)));
    int64_t bytes = schedule.parts * KernelBuilder::storedBytes(accumulator);
    SizeAttr elements = sizeProduct(func.getContext(), filter);
    info.phases.back().cost = sizeMul(elements, bytes * kPicosecondsPerByte);
    return std::move(info);
  }

  FailureOr<KernelInfo> emitStencil(Attribute given) {
    auto schedule =
        acceptDepthwise(given, stencilLoops(), target, [&] { return func.emitOpError(); });
    if (failed(schedule))
      return failure();
    auto compute = [&](KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope,
                       Epilogue epilogue) {
      emitStencilRoot(k, phase, shapeIn(scope), *schedule, epilogue, partialOf(k, phase, scope));
    };
    if (schedule->rowTurn)
      reservePartial();
    emitCompute(compute, stencilTiles(*schedule));
    return std::move(info);
  }

  void emitStencilRoot(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                       const DepthwiseSchedule &schedule, Epilogue epilogue, Value sums) {
    EpilogueMode mode = FragmentBody::modeFor(func);
    Value first = pointerOf(phase, root->getOperand(0));
    Value second = pointerOf(phase, root->getOperand(1));
    switch (types.kind) {
    case ConvKind::Forward:
      return emitDepthwiseForward(k, phase, shape, first, second, schedule, epilogue, mode);
    case ConvKind::InputGrad:
      return emitDepthwiseInputGrad(k, phase, shape, first, second, schedule, epilogue, mode);
    case ConvKind::FilterGrad:
      return emitDepthwiseFilterGrad(k, phase, shape, first, second, sums, schedule, epilogue,
                                     mode);
    }
  }

  /// The grids that codegen/cpu/emit/Depthwise.h states.
  SizeAttr stencilTiles(const DepthwiseSchedule &schedule) {
    int64_t lanes = target.lanes(accumulator.getIntOrFloatBitWidth());
    SizeAttr channels = sizeCeilDiv(x.back(), size(schedule.vectors * lanes));
    if (types.kind == ConvKind::FilterGrad)
      return channels;
    const Shape &results = types.kind == ConvKind::Forward ? y : x;
    SizeAttr rows = results.size() == 4 ? results[1] : size(1);
    return sizeMul(sizeMul(x.front(), sizeCeilDiv(rows, size(schedule.rowBlock))), channels);
  }

  /// See ConvLoops::line.
  std::optional<LineTaps> line() {
    const ConvGeometry &geometry = types.geometry;
    SizeAttr in = x[x.size() - 2], out = y[y.size() - 2], window = filter[filter.size() - 3];
    SizeAttr padLow = geometry.padLow.back();
    for (SizeAttr size : {in, out, window, padLow})
      if (!size.isConstant())
        return std::nullopt;
    int64_t stride = geometry.strides.back(), dilation = geometry.dilations.back();
    if (types.kind == ConvKind::Forward)
      return LineTaps{out.getValue(),     window.getValue(), stride,
                      -padLow.getValue(), dilation,          in.getValue()};
    if (types.kind == ConvKind::InputGrad && stride == 1)
      return LineTaps{in.getValue(),     window.getValue(), 1,
                      padLow.getValue(), -dilation,         out.getValue()};
    return std::nullopt;
  }

  /// See ConvLoops::filterRows.
  std::optional<FilterRows> filterRows() {
    auto known = [](SizeAttr size) {
      return size.isConstant() ? std::optional(size.getValue()) : std::nullopt;
    };
    const ConvGeometry &geometry = types.geometry;
    MLIRContext *context = func.getContext();
    auto inPixels = known(sizeProduct(context, ArrayRef(x).drop_front(2).drop_back()));
    auto outPixels = known(sizeProduct(context, ArrayRef(y).drop_front(2).drop_back()));
    auto window = known(filter.front()), count = known(taps());
    if (types.kind != ConvKind::FilterGrad || !inPixels || !outPixels || !window || !count)
      return std::nullopt;
    bool plain = *count == 1 && spatial(x) == spatial(y) &&
                 llvm::all_of(geometry.strides, [](int64_t stride) { return stride == 1; });
    if (plain) { // one line of all pixels, as simplified() has it
      auto pixels = known(sizeMul(x.front(), spatial(x)));
      FilterRows rows{pixels, pixels};
      rows.oneLine = true;
      return rows;
    }
    return FilterRows{known(x[1]),
                      known(y[1]),
                      *inPixels,
                      *outPixels,
                      geometry.strides.front(),
                      (*window - 1) * geometry.dilations.front() + 1};
  }

  SizeAttr perGroup(SizeAttr channels) { return sizeFloorDiv(channels, groups); }
  SizeAttr spatial(ArrayRef<SizeAttr> shape) {
    return sizeProduct(func.getContext(), shape.drop_front().drop_back());
  }
  SizeAttr taps() { return sizeProduct(func.getContext(), ArrayRef(filter).drop_back(2)); }

  ConvShape shapeIn(SizeScope &scope) {
    ConvShape shape;
    shape.batch = scope(x.front());
    for (size_t d = 0; d + 2 < x.size(); ++d) {
      ConvDim dim;
      dim.in = scope(x[d + 1]);
      dim.out = y[d + 1] == x[d + 1] ? dim.in : scope(y[d + 1]); // equal sizes are one value
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
    shape.panelWidth = panelWidth();
    return shape;
  }

  /// Whether panels of the filter are rows of pairs: as it is stored, or where pairs are multiplied
  /// and none reaches beyond its tap.
  bool filterPairs(const ConvSchedule &schedule) {
    if (types.kind == ConvKind::FilterGrad || schedule.filter == OperandForm::Direct)
      return false;
    if (schedule.filter == OperandForm::Panels)
      return arePairs(panels());
    SizeAttr run = perGroup(types.kind == ConvKind::Forward ? x.back() : y.back());
    bool pairs = schedule.depth == 2 || (input.isBF16() && target.readsWords());
    return pairs && run.isConstant() && run.getValue() % 2 == 0;
  }

  void packFilter(bool pairs) {
    bool transposed = types.kind == ConvKind::InputGrad;
    SizeAttr in = perGroup(x.back()), out = perGroup(y.back());
    SizeAttr count = sizeMul(sizeCeilDiv(transposed ? in : out, size(panelWidth())), groups);
    auto matrix = [&](KernelBuilder &k, SizeScope &scope) {
      return convFilterMatrix(k, shapeIn(scope), transposed);
    };
    emitPacking(matrix, count, sizeMul(taps(), transposed ? out : in), pairs);
  }

  void emitRoot(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                const ConvSchedule &schedule, Epilogue epilogue, Value partial) {
    EpilogueMode mode = FragmentBody::modeFor(func);
    Value first = pointerOf(phase, root->getOperand(0));
    if (types.kind == ConvKind::FilterGrad) {
      Value dy = pointerOf(phase, root->getOperand(1));
      return emitConvFilterGrad(k, phase, shape, first, dy, partial, schedule, epilogue, mode);
    }
    Value matrix = pointerOfMatrix(phase, schedule.filter);
    if (types.kind == ConvKind::Forward)
      emitConvForward(k, phase, shape, first, matrix, schedule, epilogue, mode);
    else
      emitConvInputGrad(k, phase, shape, first, matrix, schedule, epilogue, mode);
  }

  /// Blocks of rows or of lines, over all phases of an input gradient.
  SizeAttr pixelBlocks(const ConvSchedule &schedule, int64_t rowBlock) {
    bool forward = types.kind == ConvKind::Forward;
    SizeAttr pixels = forward ? y.front() : x.front(), lineLength = size(1);
    int64_t phases = 1;
    for (auto [i, stride] : llvm::enumerate(types.geometry.strides)) {
      SizeAttr extent = forward ? y[i + 1] : sizeCeilDiv(x[i + 1], size(stride));
      if (i + 1 < types.geometry.strides.size() || schedule.pixels == TilePixels::Flat)
        pixels = sizeMul(pixels, extent);
      else
        lineLength = extent;
      phases *= forward ? 1 : stride;
    }
    if (schedule.pixels == TilePixels::Flat)
      return sizeMul(sizeCeilDiv(pixels, size(rowBlock)), phases);
    LineBlock block = lineBlock(lineLength.getValue(), schedule.rows, schedule.rowTiles);
    return sizeMul(sizeCeilDiv(pixels, size(block.lines)), phases * block.parts);
  }

  /// Pieces of work that share no rows of the result.
  SizeAttr pieces(const ConvSchedule &schedule) {
    if (types.kind == ConvKind::FilterGrad)
      return {};
    return pixelBlocks(schedule, convGrid(schedule, accumulator, target).rowBlock);
  }

  /// The grids that codegen/cpu/emit/Conv.h states.
  SizeAttr tiles(const ConvSchedule &schedule) {
    ContractionGrid grid = convGrid(schedule, accumulator, target);
    auto blocks = [&](SizeAttr extent, int64_t block) { return sizeCeilDiv(extent, size(block)); };
    switch (types.kind) {
    case ConvKind::Forward:
    case ConvKind::InputGrad: {
      const Shape &result = types.kind == ConvKind::Forward ? y : x;
      SizeAttr rows = pixelBlocks(schedule, grid.rowBlock);
      return depthwise ? sizeMul(rows, blocks(result.back(), grid.columnBlock))
                       : sizeMul(sizeMul(rows, blocks(perGroup(result.back()), grid.columnBlock)),
                                 groups);
    }
    case ConvKind::FilterGrad: {
      if (schedule.copiesBlocks()) {
        int64_t tiles = copiedColumnTiles(schedule, taps().getValue(),
                                          target.lanes(accumulator.getIntOrFloatBitWidth()));
        return sizeMul(sizeMul(blocks(perGroup(y.back()), grid.columnBlock * tiles), groups),
                       blocks(perGroup(x.back()), grid.rowBlock));
      }
      SizeAttr outerTaps = sizeProduct(func.getContext(), ArrayRef(filter).drop_back(3));
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

  ConvTypes types;
  Shape x, filter, y;
  int64_t groups;
  bool depthwise;
};

} // namespace

FailureOr<KernelInfo> emitConvKernel(ModuleOp module, KernelFuncOp func, Operation *root,
                                     StringRef name, Attribute schedule, const CpuTarget &target) {
  return ConvKernel(module, func, root, name, target).emit(schedule);
}

ConvLoops convLoops(KernelFuncOp func, Operation *root, const CpuTarget &target) {
  return ConvKernel(ModuleOp(), func, root, "", target).loops();
}

DepthwiseLoops depthwiseLoops(KernelFuncOp func, Operation *root, const CpuTarget &target) {
  return ConvKernel(ModuleOp(), func, root, "", target).stencilLoops();
}

} // namespace dlc::codegen::cpu
