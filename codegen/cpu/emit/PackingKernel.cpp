// Kernels that write the panels of a matrix: how a derived variable is refreshed.
#include "codegen/cpu/emit/Contraction.h"
#include "codegen/cpu/emit/Kernel.h"
#include "ir/support/ShapeMath.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {

FailureOr<KernelInfo> emitPackingKernel(ModuleOp module, KernelFuncOp func, StringRef name,
                                        const CpuTarget &target) {
  Value panels = func.getBody().front().getTerminator()->getOperand(0);
  Value matrix = packedMatrix(panels);
  bool transposed = packsTransposed(panels);
  auto type = cast<RankedTensorType>(matrix.getType());
  int64_t k = type.getDimSize(transposed), n = type.getDimSize(!transposed);
  int64_t rowStride = type.getDimSize(1);
  PhaseSignature signature;
  signature.name = (name + ".p0").str();
  signature.pointers = 3; // the matrix, its panels, no scratch
  signature.sizes = 0;
  emitPhase(module, func.getLoc(), target, signature,
            [&](KernelBuilder &builder, const PhaseArguments &phase) {
              ContractionShape shape;
              shape.input = shape.accumulator = type.getElementType();
              shape.n = {{n, 0, transposed ? rowStride : 1}};
              shape.k = {{k, 0, transposed ? 1 : rowStride}};
              emitPackPanels(builder, phase, shape, phase.pointers[0], phase.pointers[1]);
            });
  KernelInfo info;
  MLIRContext *context = func.getContext();
  int64_t tiles = llvm::divideCeil(n, kPanelWidth) * llvm::divideCeil(k, kPackRows);
  info.phases.push_back({signature.name, sizeConstant(context, tiles)});
  info.scratchBytes = sizeConstant(context, 0);
  return info;
}

} // namespace dlc::codegen::cpu
