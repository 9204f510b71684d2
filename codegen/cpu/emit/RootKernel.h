// What kernels around a contraction or convolution share: how their phases are called, where the
// root's operands lie, and the phase that packs operand 1 into panels.
#pragma once
#include "codegen/cpu/emit/EpilogueSums.h"
#include "codegen/cpu/emit/FragmentBody.h"
#include "codegen/cpu/emit/Kernel.h"

namespace dlc::codegen::cpu {

class RootKernel {
public:
  RootKernel(mlir::ModuleOp module, ir::KernelFuncOp func, mlir::Operation *root,
             llvm::StringRef name, const CpuTarget &target);

protected:
  ir::SizeAttr size(int64_t value) { return ir::sizeConstant(func.getContext(), value); }

  /// The panels that operand 1 of the root is unpacked from, or null.
  mlir::Value panels() { return ir::unpackedPanels(root->getOperand(1)); }
  /// Columns of those, or of what a phase packs.
  int64_t panelWidth();

  /// A result that unfinished sums can live in: of the accumulator's type, as large as the root's.
  std::optional<unsigned> partialResult();
  /// Room for such sums in the scratch, of some parts or where no result can hold them. After
  /// packing.
  void reservePartial(int64_t parts = 1);
  /// Where unfinished sums live: in what was reserved, else in a result, else null.
  mlir::Value partialOf(KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope);
  /// Of the next phase.
  PhaseSignature signature();
  mlir::Value pointerOf(const PhaseArguments &phase, mlir::Value operand);
  /// Operand 1, in the form that a schedule reads.
  mlir::Value pointerOfMatrix(const PhaseArguments &phase, OperandForm form);
  /// The same before any phase packs it.
  mlir::Value pointerOfStoredMatrix(const PhaseArguments &phase) {
    return pointerOf(phase, panels() ? panels() : root->getOperand(1));
  }

  using MatrixShape = llvm::function_ref<ContractionShape(KernelBuilder &, SizeScope &)>;
  /// The phase that packs operand 1, `matrix` as B of a contraction, into the scratch: `count`
  /// panels of `rows` rows.
  void emitPacking(MatrixShape matrix, ir::SizeAttr count, ir::SizeAttr rows, bool pairs = false);

  using PhaseBody =
      llvm::function_ref<void(KernelBuilder &, const PhaseArguments &, SizeScope &)>;
  /// A phase that leaves what it computes in the scratch.
  void emitFirst(PhaseBody emit, ir::SizeAttr tiles);

  using ComputeBody =
      llvm::function_ref<void(KernelBuilder &, const PhaseArguments &, SizeScope &, Epilogue)>;
  /// A phase whose epilogue is the body around the root. Where that sums columns, `pieces` are the
  /// pieces of work that share no rows, and a phase follows that adds up their sums.
  void emitCompute(ComputeBody compute, ir::SizeAttr tiles, ir::SizeAttr pieces = {});

  /// Bytes of the scratch until now, in whole lines.
  ir::SizeAttr alignedScratch();

  /// Where sums of pieces lie in the scratch.
  mlir::Value partialSums(KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope);
  void emitFold(ir::SizeAttr pieces);

  mlir::ModuleOp module;
  ir::KernelFuncOp func;
  mlir::Operation *root;
  llvm::StringRef name;
  const CpuTarget &target;
  mlir::Block &body;
  mlir::Type input, accumulator; ///< element types of the operands and of the sums
  EpilogueSums sums;
  ir::SizeAttr sumsBegin; ///< bytes of the scratch before them
  ir::SizeAttr partialBegin; ///< and before unfinished sums, if those are there
  KernelInfo info;
};

} // namespace dlc::codegen::cpu
