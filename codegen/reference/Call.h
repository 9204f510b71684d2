// What an op's evaluation sees: the operands' tensors, and the results to fill.
#pragma once
#include "codegen/reference/Evaluator.h"

namespace dlc::reference {

/// One evaluation of one op. The results are there already, of the right type and sizes, zeroed.
struct Call {
  Evaluator &evaluator;
  const Bindings &bindings;
  mlir::Operation *op;
  llvm::SmallVector<const Tensor *, 4> operands;
  std::vector<Tensor> results;

  const Tensor &in(size_t i) const { return *operands[i]; }
  Tensor &out(size_t i = 0) { return results[i]; }
};

/// `dlc.add: ...`, with the op's name in front.
llvm::Error failure(const Call &call, const llvm::Twine &message);

/// The value of a size under the call's bindings.
llvm::Expected<int64_t> sizeOf(const Call &call, ir::SizeAttr size);
llvm::Expected<Dims> sizesOf(const Call &call, ir::DimsAttr dims);

inline Dims toDims(llvm::ArrayRef<int64_t> values) { return Dims(values.begin(), values.end()); }

#define DLC_EVALUATOR_DECLARATIONS
#include "codegen/reference/Evaluator.inc"

} // namespace dlc::reference
