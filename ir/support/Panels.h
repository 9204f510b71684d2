// Panels: the physical form in which a contraction or convolution reads its matrix B fastest.
//
// A matrix of K rows (the reduction) and N columns lies in blocks of W columns, each with all of
// its rows one after the other: [ceil(N / W)][K][W], the last panel padded with zeros. A register
// tile then walks straight through memory, whatever N is. Several matrices (the groups of a
// convolution) lie one after the other. W is 64, or 16 for code that only ever runs with sixteen
// registers: a tile of 16 columns would read one line of four of wider panels, and those share a
// quarter of the sets of L1 and L2.
//
// A contraction reads bf16 in pairs, two rows interleaved, where its rows are an even number:
// [ceil(N / W)][K / 2][W][2], which is one row of 2 W for every two. That is what instructions that
// multiply pairs take, and others widen it as easily as single rows.
//
// Which dimensions of a tensor are rows and which are columns is a PanelForm: a kernel of attention
// [D, heads, depth] is a matrix of D rows, a filter [kh, kw, C, O] one of kh * kw * C rows, or of
// kh * kw * O rows for the gradient by its input.
//
// The language needs no op for it. Packing is transpose, reshape, pad, reshape, transpose, less the
// steps that change nothing; unpacking is the way back:
//
//   %0 = dlc.pad %W ... {dlc.panels = "pack"}              %0 = dlc.transpose %P [1, 0, 2]
//   %1 = dlc.reshape %0        K x N' -> K x P x W         %1 = dlc.reshape %0   -> K x N'
//   %P = dlc.transpose %1 [1, 0, 2]                        %W = dlc.slice %1     -> K x N
//
// so whoever knows ops knows what panels mean. The attribute says that the chain is one thing:
// fusion keeps an unpacking inside the kernel that reads it, where the emitter reads the panels
// themselves, and makes a kernel of its own of a packing.
#pragma once
#include "ir/Ops.h"

namespace dlc::ir {

/// Columns of a panel, for every element type: of variables that any processor reads, and of those
/// that only tiles of 16 columns read.
constexpr int64_t kPanelWidth = 64, kNarrowPanelWidth = 16;

/// On every op of a packing or an unpacking: which of the two it belongs to.
inline constexpr llvm::StringLiteral kPanelsAttr = "dlc.panels";

/// A static tensor as matrices: sizes that it is cut into, and which of them are what.
struct PanelForm {
  llvm::SmallVector<int64_t> split;       ///< sizes of the tensor, or factors of them, row-major
  llvm::SmallVector<int64_t> permutation; ///< dimensions of `split`: matrices, rows, columns
  unsigned outer = 0, reduced = 0;        ///< how many count matrices, how many rows
  bool pairs = false;                     ///< panels are rows of pairs
  int64_t width = kPanelWidth;            ///< columns of a panel

  int64_t slices() const { return product(0, outer); }
  int64_t rows() const { return product(outer, outer + reduced); }
  int64_t columns() const { return product(outer + reduced, permutation.size()); }
  /// Whether columns lie side by side in the tensor.
  bool isRowMajor() const { return permutation.back() + 1 == int64_t(split.size()); }
  bool isPermuted() const { return !llvm::is_sorted(permutation); }
  bool operator==(const PanelForm &other) const {
    return split == other.split && permutation == other.permutation && outer == other.outer &&
           reduced == other.reduced && pairs == other.pairs && width == other.width;
  }

private:
  int64_t product(unsigned first, unsigned last) const;
};

/// The form in which a contraction reads its B, a convolution or the gradient by its input its
/// filter; none for any other operand, for sizes that are symbolic, integers, vectors and depthwise
/// filters. Agrees with what the emitters compute of the op's dimensions. In panels of `width`.
std::optional<PanelForm> panelFormOf(mlir::OpOperand &operand, int64_t width);

/// The type of the panels: [panels, rows, width], or [panels, rows / 2, 2 width] for pairs, with
/// the number of matrices in front if not one.
mlir::RankedTensorType panelsType(const PanelForm &form, mlir::Type elementType);

/// The panels of `tensor`.
mlir::Value buildPacking(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tensor,
                         const PanelForm &form);
/// The tensor of this type whose panels are `panels`.
mlir::Value buildUnpacking(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value panels,
                           const PanelForm &form, mlir::RankedTensorType type);

/// Whether the op is part of a packing or of an unpacking.
bool isPacking(mlir::Operation *op);
bool isUnpacking(mlir::Operation *op);

/// The tensor whose panels `panels` are, or null when no packing made it.
mlir::Value packedTensor(mlir::Value panels);
/// Whether they are rows of pairs, and their columns: of 16, 32, 64 and 128 numbers in a row, every
/// other is of pairs.
bool arePairs(mlir::Value panels);
int64_t panelWidth(mlir::Value panels);
/// The form that a packing gives its tensor.
PanelForm packedForm(mlir::Value panels);
/// The panels that `tensor` is unpacked from, or null.
mlir::Value unpackedPanels(mlir::Value tensor);

} // namespace dlc::ir
