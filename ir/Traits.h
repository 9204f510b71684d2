// Traits of dlc ops: what an op says about gradients and fusion.
#pragma once
#include "mlir/IR/OpDefinition.h"

namespace dlc::ir {

/// The op's derivative is zero wherever it exists (floor, compare, argmax).
template <typename Op> class ZeroGradient : public mlir::OpTrait::TraitBase<Op, ZeroGradient> {};

/// The op has no derivative here; a gradient whose path crosses it is an error.
template <typename Op>
class NonDifferentiable : public mlir::OpTrait::TraitBase<Op, NonDifferentiable> {};

/// The attribute is a schedule: how an emitter writes a kernel.
template <typename Attr>
class IsSchedule : public mlir::AttributeTrait::TraitBase<Attr, IsSchedule> {};

/// An op's part in a kernel. Only `Pointwise`, `View` and `Source` may be recomputed freely.
enum class FusionKind {
  Pointwise,   ///< result element i depends on operand elements i only
  View,        ///< result elements are operand elements at mapped indices (broadcast, slice)
  Source,      ///< no tensor operand is read (constant, iota, random)
  Gather,      ///< reads elements at data-dependent indices
  Reduce,      ///< folds axes away
  Contraction, ///< sums of products
  Convolution, ///< sums of products over windows
  Attention,   ///< attention and its gradient
  Window,      ///< pooling and its gradients
  Scatter,     ///< writes elements at data-dependent indices
  Update,      ///< replaces a part of its first operand
  Composite,   ///< expanded into other ops by dlc-decompose before kernels are formed
  Opaque,      ///< never fused (control, state, kernels)
};

/// Gives `getFusionKind()`, the one method of the interface Fusible.
template <FusionKind kind> struct FusesAs {
  template <typename Op> class Impl : public mlir::OpTrait::TraitBase<Op, Impl> {
  public:
    static FusionKind getFusionKind() { return kind; }
  };
};

} // namespace dlc::ir
