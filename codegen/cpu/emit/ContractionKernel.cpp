// Kernels whose root is a contraction: the schedule, the packing phase it may ask for, and one
// computing phase per guard. Where B is unpacked from panels in the body, the panels are read
// instead and the unpacking is not computed.
#include "codegen/cpu/choose/Contraction.h"
#include "codegen/cpu/emit/FragmentBody.h"
#include "codegen/cpu/emit/Kernel.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

/// Sizes of the four kinds of dimensions, for tile counts and choosers. `n` is the innermost run
/// of free dimensions of b that lie side by side, which is what the emitter vectorises.
struct Extents {
  SizeAttr outer, m, n, k; ///< outer: batch and the other free dimensions of b
};

Extents extentsOf(ContractOp op) {
  MLIRContext *context = op.getContext();
  Shape a = shapeOf(op.getA()), b = shapeOf(op.getB());
  SizeAttr one = sizeConstant(context, 1);
  Extents extents{one, one, one, one};
  for (int64_t dim : op.getABatch())
    extents.outer = sizeMul(extents.outer, a[dim]);
  for (int64_t dim : op.getAFree())
    extents.m = sizeMul(extents.m, a[dim]);
  for (int64_t dim : op.getAReduce())
    extents.k = sizeMul(extents.k, a[dim]);
  SmallVector<int64_t> free = op.getBFree();
  bool innermost = true;
  for (size_t i = free.size(); i-- > 0;) {
    innermost &= i + 1 == free.size() || free[i] + 1 == free[i + 1];
    SizeAttr &into = innermost ? extents.n : extents.outer;
    into = sizeMul(into, b[free[i]]);
  }
  return extents;
}

std::optional<int64_t> constantOf(SizeAttr size) {
  return size.isConstant() ? std::optional(size.getValue()) : std::nullopt;
}

/// 1 where m <= limit, else 0, for m >= 0.
SizeAttr atMost(SizeAttr m, int64_t limit) {
  MLIRContext *context = m.getContext();
  SizeAttr room = sizeSub(sizeConstant(context, limit + 1), m);
  return sizeMin(sizeMax(room, sizeConstant(context, 0)), sizeConstant(context, 1));
}

class ContractionKernel {
public:
  ContractionKernel(ModuleOp module, KernelFuncOp func, ContractOp root, StringRef name,
                    const CpuTarget &target)
      : module(module), func(func), root(root), name(name), target(target),
        extents(extentsOf(root)), body(func.getBody().front()) {
    Type element = root.getA().getType().getElementType();
    accumulator = element.isF16() || element.isBF16() ? Float32Type::get(func.getContext())
                                                      : element;
  }

  KernelInfo emit() {
    SmallVector<GuardedContraction> choices = chooseContraction(loops(), target);
    info.scratchBytes = sizeConstant(func.getContext(), 0);
    if (choices.back().schedule.b == OperandForm::Pack)
      emitPacking();
    SizeAttr taken = sizeConstant(func.getContext(), 0);
    for (const GuardedContraction &choice : choices) {
      SizeAttr one = sizeConstant(func.getContext(), 1);
      SizeAttr guard = choice.maxM ? atMost(extents.m, *choice.maxM) : one;
      emitCompute(choice.schedule, sizeSub(guard, taken));
      taken = guard;
    }
    return std::move(info);
  }

private:
  ContractionLoops loops() {
    ContractionLoops loops;
    loops.batch = constantOf(extents.outer);
    loops.m = constantOf(extents.m);
    loops.n = constantOf(extents.n);
    loops.k = constantOf(extents.k);
    SmallVector<int64_t> free = root.getBFree();
    loops.bPanels = bool(unpackedPanels(root.getB()));
    loops.bRowMajor = free.empty() || free.back() + 1 == root.getB().getType().getRank();
    loops.partialAvailable = partialResult().has_value();
    loops.accumulatorBits = accumulator.getIntOrFloatBitWidth();
    return loops;
  }

  /// A result that unfinished sums can live in: of the accumulator's type, as large as the root's.
  std::optional<unsigned> partialResult() {
    RankedTensorType wanted = withElementType(root.getType(), accumulator);
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

  ContractionShape shapeIn(KernelBuilder &k, SizeScope &scope) {
    return contractionShape(k, root.getA().getType().getElementType(), accumulator,
                            scope(shapeOf(root.getA())), scope(shapeOf(root.getB())),
                            root.getABatch(), root.getBBatch(), root.getAReduce(),
                            root.getBReduce());
  }

  Value pointerOf(const PhaseArguments &phase, Value operand) {
    return phase.pointers[cast<BlockArgument>(operand).getArgNumber()];
  }

  Value pointerOfB(const PhaseArguments &phase, OperandForm form) {
    if (form == OperandForm::Pack)
      return phase.pointers.back();
    return pointerOf(phase, form == OperandForm::Panels ? unpackedPanels(root.getB()) : root.getB());
  }

  void emitPacking() {
    PhaseSignature packing = signature();
    emitPhase(module, func.getLoc(), target, packing,
              [&](KernelBuilder &k, const PhaseArguments &phase) {
                SizeScope scope(k, phase, func.getSymbols());
                emitPackPanels(k, phase, shapeIn(k, scope), pointerOf(phase, root.getB()),
                               phase.pointers.back());
              });
    MLIRContext *context = func.getContext();
    SizeAttr panels = sizeMul(extents.outer,
                              sizeCeilDiv(extents.n, sizeConstant(context, kPanelWidth)));
    SizeAttr tiles = sizeMul(panels, sizeCeilDiv(extents.k, sizeConstant(context, kPackRows)));
    info.phases.push_back({packing.name, tiles});
    int64_t width = KernelBuilder::storedBytes(root.getB().getType().getElementType());
    info.scratchBytes = sizeMul(sizeMul(panels, extents.k), kPanelWidth * width);
  }

  void emitCompute(const ContractionSchedule &schedule, SizeAttr guard) {
    PhaseSignature compute = signature();
    emitPhase(module, func.getLoc(), target, compute,
              [&](KernelBuilder &k, const PhaseArguments &phase) {
                SizeScope scope(k, phase, func.getSymbols());
                FragmentBody fragments(func, root, phase, scope);
                ContractionOperands operands;
                operands.a = pointerOf(phase, root.getA());
                operands.b = pointerOfB(phase, schedule.b);
                if (auto partial = partialResult())
                  operands.partial = phase.pointers[*partial];
                emitContraction(
                    k, phase, shapeIn(k, scope), operands, schedule,
                    [&](KernelBuilder &k, const Fragment &fragment) {
                      fragments.store(k, fragment);
                    },
                    FragmentBody::modeFor(func));
              });
    MLIRContext *context = func.getContext();
    ContractionGrid grid = contractionGrid(schedule, accumulator, target);
    SizeAttr tiles = sizeMul(extents.outer,
                             sizeCeilDiv(extents.m, sizeConstant(context, grid.rowBlock)));
    tiles = sizeMul(tiles, sizeCeilDiv(extents.n, sizeConstant(context, grid.columnBlock)));
    info.phases.push_back({compute.name, sizeMul(tiles, guard)});
  }

  ModuleOp module;
  KernelFuncOp func;
  ContractOp root;
  StringRef name;
  const CpuTarget &target;
  Extents extents;
  Block &body;
  Type accumulator;
  KernelInfo info;
};

} // namespace

FailureOr<KernelInfo> emitContractionKernel(ModuleOp module, KernelFuncOp func, ContractOp root,
                                            StringRef name, const CpuTarget &target) {
  return ContractionKernel(module, func, root, name, target).emit();
}

} // namespace dlc::codegen::cpu
