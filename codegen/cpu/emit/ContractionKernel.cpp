// Kernels whose root is a contraction: the packing phase that a schedule may ask for and the
// computing phase. Where B is unpacked from panels in the body, the panels are read instead and the
// unpacking is not computed.
#include "codegen/cpu/choose/Accept.h"
#include "codegen/cpu/emit/RootKernel.h"

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

class ContractionKernel : public RootKernel {
public:
  ContractionKernel(ModuleOp module, KernelFuncOp func, ContractOp root, StringRef name,
                    const CpuTarget &target)
      : RootKernel(module, func, root, name, target), contract(root), extents(extentsOf(root)) {}

  FailureOr<KernelInfo> emit(Attribute given) {
    auto schedule = acceptContraction(given, loops(), target, [&] { return refuseSchedule(func); });
    if (failed(schedule))
      return failure();
    if (schedule->b == OperandForm::Pack && !schedule->packsBlocks())
      emitPacking([&](KernelBuilder &k, SizeScope &scope) { return shapeIn(k, scope); },
                  sizeMul(extents.outer, sizeCeilDiv(extents.n, size(panelWidth()))), extents.k);
    emitSchedule(*schedule);
    return std::move(info);
  }

  ContractionLoops loops() {
    ContractionLoops loops;
    loops.rows = extents.m;
    loops.steps = extents.k;
    loops.batch = constantOf(extents.outer);
    loops.m = constantOf(extents.m);
    loops.n = constantOf(extents.n);
    loops.k = constantOf(extents.k);
    SmallVector<int64_t> free = contract.getBFree();
    loops.bPanels = bool(panels());
    loops.bPairs = loops.bPanels && arePairs(panels());
    loops.panelWidth = panelWidth();
    loops.bRowMajor = free.empty() || free.back() + 1 == contract.getB().getType().getRank();
    loops.aRowsInside = rowsLieInside();
    loops.aReduceInside = reducesInside(contract.getAReduce(), contract.getA());
    loops.bReduceInside = reducesInside(contract.getBReduce(), contract.getB()) ||
                          (extents.n == size(1) && loops.batch == 1);
    loops.oneReduction = reducesOneRun();
    loops.partialAvailable = partialResult().has_value();
    loops.inputBits = 8 * KernelBuilder::storedBytes(input);
    loops.accumulatorBits = accumulator.getIntOrFloatBitWidth();
    loops.bf16 = input.isBF16();
    return loops;
  }

private:
  /// Whether the dimensions of the reduction, in B's order, follow each other in both operands.
  bool reducesOneRun() {
    SmallVector<std::pair<int64_t, int64_t>> axes; // of b, of a
    for (auto [x, y] : llvm::zip(contract.getAReduce(), contract.getBReduce()))
      axes.push_back({y, x});
    llvm::sort(axes);
    for (size_t i = 1; i < axes.size(); ++i)
      if (axes[i].first != axes[i - 1].first + 1 || axes[i].second != axes[i - 1].second + 1)
        return false;
    return !axes.empty();
  }

  /// Whether the innermost dimensions of `operand`, and no others, are summed.
  static bool reducesInside(ArrayRef<int64_t> reduced, Value operand) {
    int64_t outer = cast<RankedTensorType>(operand.getType()).getRank() - int64_t(reduced.size());
    return llvm::all_of(reduced, [&](int64_t dim) { return dim >= outer; });
  }

  /// Whether the innermost dimensions of A, and no others, are rows of the result.
  bool rowsLieInside() {
    SmallVector<int64_t> free = contract.getAFree();
    int64_t outer = contract.getA().getType().getRank() - int64_t(free.size());
    return !free.empty() && llvm::all_of(free, [&](int64_t dim) { return dim >= outer; });
  }

  ContractionShape shapeIn(KernelBuilder &k, SizeScope &scope) {
    ContractionShape shape = contractionShape(
        k, input, accumulator, scope(shapeOf(contract.getA())), scope(shapeOf(contract.getB())),
        contract.getABatch(), contract.getBBatch(), contract.getAReduce(), contract.getBReduce());
    shape.panelWidth = panelWidth();
    return shape;
  }

  void emitSchedule(const ContractionSchedule &schedule) {
    int64_t lanes = target.lanes(8 * KernelBuilder::storedBytes(accumulator));
    ContractionGrid grid = contractionGrid(schedule, lanes);
    SizeAttr tiles = sizeMul(extents.outer, sizeCeilDiv(extents.m, size(grid.rowBlock)));
    tiles = sizeMul(tiles, sizeCeilDiv(extents.n, size(grid.columnBlock)));
    auto compute = [&](KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope,
                       Epilogue epilogue) {
      ContractionOperands operands;
      operands.a = pointerOf(phase, contract.getA());
      operands.b = schedule.packsBlocks() ? pointerOfStoredMatrix(phase)
                                          : pointerOfMatrix(phase, schedule.b);
      operands.panels = bool(panels());
      operands.pairs = operands.panels && arePairs(panels());
      if (auto partial = partialResult())
        operands.partial = phase.pointers[*partial];
      emitContraction(k, phase, shapeIn(k, scope), operands, schedule, epilogue,
                      FragmentBody::modeFor(func));
    };
    emitCompute(compute, tiles);
  }

  ContractOp contract;
  Extents extents;
};

} // namespace

FailureOr<KernelInfo> emitContractionKernel(ModuleOp module, KernelFuncOp func, ContractOp root,
                                            StringRef name, Attribute schedule,
                                            const CpuTarget &target) {
  return ContractionKernel(module, func, root, name, target).emit(schedule);
}

ContractionLoops contractionLoops(KernelFuncOp func, ContractOp root, const CpuTarget &target) {
  return ContractionKernel(ModuleOp(), func, root, "", target).loops();
}

} // namespace dlc::codegen::cpu
