// The body of a kernel around its root: what happens to each fragment of a contraction's or
// convolution's result before it is stored.
#pragma once
#include "codegen/cpu/emit/Fragment.h"
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"

namespace dlc::codegen::cpu {

/// Values of size expressions inside a phase: symbols are the phase's `sizes`, by position.
class SizeScope {
public:
  SizeScope(KernelBuilder &k, const PhaseArguments &phase, mlir::ArrayAttr symbols)
      : k(k), phase(phase), symbols(symbols) {}

  Size operator()(ir::SizeAttr size);
  llvm::SmallVector<Size> operator()(llvm::ArrayRef<ir::SizeAttr> sizes);

private:
  KernelBuilder &k;
  const PhaseArguments &phase;
  mlir::ArrayAttr symbols;
};

/// Emits the elementwise ops around `root` for one fragment and stores the kernel's results.
///
/// Operands of the result's shape are read at the fragment's index, broadcast ones where their
/// dimensions say; constants and sizes become values. A phase uses one object.
class FragmentBody {
public:
  FragmentBody(ir::KernelFuncOp func, mlir::Operation *root, const PhaseArguments &phase,
               SizeScope &scope)
      : func(func), root(root), phase(phase), scope(scope) {}

  void store(KernelBuilder &k, const Fragment &fragment);

  /// Whether the ops call math functions: then a rolled loop over the tile pays.
  static EpilogueMode modeFor(ir::KernelFuncOp func);

private:
  /// Of an announced fragment: operands that lie as the result does, and the results.
  void fetchAhead(KernelBuilder &k, const Fragment &fragment);
  using Known = llvm::DenseMap<mlir::Value, mlir::Value>;
  mlir::Value at(KernelBuilder &k, const Fragment &fragment, mlir::Value value, Known &known);
  mlir::Value broadcast(KernelBuilder &k, const Fragment &fragment, ir::BroadcastOp op,
                        Known &known);
  mlir::Value scalar(KernelBuilder &k, mlir::Value value, Known &known);

  ir::KernelFuncOp func;
  mlir::Operation *root;
  const PhaseArguments &phase;
  SizeScope &scope;
};

} // namespace dlc::codegen::cpu
