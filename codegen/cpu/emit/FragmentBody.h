// The body of a kernel around its root: what happens to each fragment of a contraction's or
// convolution's result before it is stored.
#pragma once
#include "codegen/cpu/emit/EpilogueSums.h"
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
  /// `sums` are kept at `partial`.
  FragmentBody(ir::KernelFuncOp func, mlir::Operation *root, const PhaseArguments &phase,
               SizeScope &scope, const EpilogueSums &sums, mlir::Value partial)
      : func(func), root(root), phase(phase), scope(scope), sums(sums), partial(partial),
        pending(sums.terms().size()) {}

  void store(KernelBuilder &k, const Fragment &fragment);

  /// Column sums take columns one by one; where ops call math functions, a rolled loop over the
  /// tile pays.
  static EpilogueMode modeFor(ir::KernelFuncOp func);

private:
  /// Of an announced fragment: operands that lie as the result does, and the results.
  void fetchAhead(KernelBuilder &k, const Fragment &fragment);
  /// Whether a value has the sizes of the root's result.
  bool isFull(mlir::Value value);
  void addTerms(KernelBuilder &k, const Fragment &fragment, llvm::ArrayRef<mlir::Value> terms);
  using Known = llvm::DenseMap<mlir::Value, mlir::Value>;
  mlir::Value at(KernelBuilder &k, const Fragment &fragment, mlir::Value value, Known &known);
  mlir::Value broadcast(KernelBuilder &k, const Fragment &fragment, ir::BroadcastOp op,
                        Known &known);
  mlir::Value scalar(KernelBuilder &k, mlir::Value value, Known &known);

  ir::KernelFuncOp func;
  mlir::Operation *root;
  const PhaseArguments &phase;
  SizeScope &scope;
  const EpilogueSums &sums;
  mlir::Value partial;
  llvm::SmallVector<llvm::SmallVector<mlir::Value>> pending; ///< terms of rows of one tile so far
};

} // namespace dlc::codegen::cpu
