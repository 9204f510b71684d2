// What counts as cheap to compute again, for blocks and for the bodies of scans.
#pragma once
#include "ir/ops/State.h"

namespace dlc::passes {

/// Ops copied for one use, broadcasts included. A gelu by erf takes 8, scaled dropout 3.
inline constexpr size_t kMaxChain = 16;

/// Elementwise ops, views and sources with one result: they fuse into whatever reads them. Seams are
/// marks of one place, which no copy may double.
inline bool isCheap(mlir::Operation *op) {
  auto fusible = mlir::dyn_cast<ir::Fusible>(op);
  if (!fusible || op->getNumResults() != 1 || op->getNumRegions() != 0 ||
      mlir::isa<ir::SeamOp>(op))
    return false;
  ir::FusionKind kind = fusible.getFusionKind();
  return kind == ir::FusionKind::Pointwise || kind == ir::FusionKind::View ||
         kind == ir::FusionKind::Source;
}

/// Lets the body of a later scan compute slices again that an earlier one would stack.
void shrinkStacks(mlir::Operation *root);

} // namespace dlc::passes
