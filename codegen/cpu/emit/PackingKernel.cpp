// Kernels that write the panels of a tensor: how a derived variable is refreshed, and how a weight
// that a loop reads is packed before it.
#include "codegen/cpu/emit/Contraction.h"
#include "codegen/cpu/emit/Kernel.h"
#include "ir/support/ShapeMath.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

/// Dimensions `first` to `last` of a form as the emitter walks them: neighbours in memory are one,
/// and those of one element none.
SmallVector<ContractionDim> dimsOf(const PanelForm &form, ArrayRef<int64_t> strides, unsigned first,
                                   unsigned last) {
  SmallVector<std::pair<int64_t, int64_t>> merged; // extent, stride
  for (int64_t dim : ArrayRef(form.permutation).slice(first, last - first)) {
    int64_t extent = form.split[dim], stride = strides[dim];
    if (extent == 1)
      continue;
    if (!merged.empty() && merged.back().second == extent * stride)
      merged.back() = {merged.back().first * extent, stride};
    else
      merged.push_back({extent, stride});
  }
  return llvm::map_to_vector(merged,
                             [](auto dim) { return ContractionDim{dim.first, 0, dim.second}; });
}

/// The tensor as the B of a contraction.
ContractionShape shapeOfForm(const PanelForm &form, Type element) {
  SmallVector<int64_t> strides(form.split.size(), 1);
  for (size_t d = strides.size() - 1; d > 0; --d)
    strides[d - 1] = strides[d] * form.split[d];
  unsigned rows = form.outer, columns = rows + form.reduced;
  ContractionShape shape;
  shape.panelWidth = form.width;
  shape.input = shape.accumulator = element;
  shape.batch = dimsOf(form, strides, 0, rows);
  shape.k = dimsOf(form, strides, rows, columns);
  shape.n = dimsOf(form, strides, columns, form.permutation.size());
  return shape;
}

} // namespace

FailureOr<KernelInfo> emitPackingKernel(ModuleOp module, KernelFuncOp func, StringRef name,
                                        const CpuTarget &target) {
  Value panels = func.getBody().front().getTerminator()->getOperand(0);
  Type element = cast<RankedTensorType>(panels.getType()).getElementType();
  PanelForm form = packedForm(panels);
  PhaseSignature signature;
  signature.name = (name + ".p0").str();
  signature.pointers = 3; // the tensor, its panels, no scratch
  signature.sizes = 0;
  emitPhase(module, func.getLoc(), target, signature,
            [&](KernelBuilder &builder, const PhaseArguments &phase) {
              emitPackPanels(builder, phase, shapeOfForm(form, element), phase.pointers[0],
                             phase.pointers[1], form.pairs);
            });
  KernelInfo info;
  MLIRContext *context = func.getContext();
  int64_t tiles = form.slices() * llvm::divideCeil(form.columns(), form.width) *
                  llvm::divideCeil(form.rows(), kPackRows);
  info.phases.push_back({signature.name, sizeConstant(context, tiles)});
  info.scratchBytes = sizeConstant(context, 0);
  return info;
}

} // namespace dlc::codegen::cpu
