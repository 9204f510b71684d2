// Panels: the physical form in which a contraction reads the matrix B fastest.
//
// A matrix of K rows (the reduction) and N columns lies in blocks of kPanelWidth columns, each with
// all of its rows one after the other: [ceil(N / 64)][K][64], the last panel padded with zeros. A
// register tile then walks straight through memory, whatever N is.
//
// The language needs no op for it. Packing is pad, reshape, transpose; unpacking is transpose,
// reshape, slice:
//
//   %0 = dlc.pad %W ... {dlc.panels = "pack"}              %0 = dlc.transpose %P [1, 0, 2]
//   %1 = dlc.reshape %0        K x N' -> K x P x 64        %1 = dlc.reshape %0   -> K x N'
//   %P = dlc.transpose %1 [1, 0, 2]                        %W = dlc.slice %1     -> K x N
//
// so whoever knows ops knows what panels mean. The attribute says that the chain is one thing:
// fusion keeps an unpacking inside the contraction that reads it, where the emitter reads the
// panels themselves, and makes a kernel of its own of a packing.
#pragma once
#include "ir/Ops.h"

namespace dlc::ir {

/// Columns of a panel, for every element type and processor: the layout of a variable must not
/// depend on what reads it.
constexpr int64_t kPanelWidth = 64;

/// On every op of a packing or an unpacking: which of the two it belongs to.
inline constexpr llvm::StringLiteral kPanelsAttr = "dlc.panels";

/// The type of the panels of a static matrix [K, N], or of one [N, K] that is `transposed`.
mlir::RankedTensorType panelsType(mlir::RankedTensorType matrix, bool transposed);

/// The panels of `matrix`.
mlir::Value buildPacking(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value matrix,
                         bool transposed);
/// The matrix [K, columns] of `panels`.
mlir::Value buildUnpacking(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value panels,
                           int64_t columns);

/// Whether the op is part of a packing or of an unpacking.
bool isPacking(mlir::Operation *op);
bool isUnpacking(mlir::Operation *op);

/// The matrix whose panels `panels` are, or null when no packing made it.
mlir::Value packedMatrix(mlir::Value panels);
/// Whether a packing reads its matrix as [N, K].
bool packsTransposed(mlir::Value panels);
/// The panels that `matrix` is unpacked from, or null.
mlir::Value unpackedPanels(mlir::Value matrix);

} // namespace dlc::ir
