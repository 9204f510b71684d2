// Column sums as results of a kernel around a convolution or contraction.
//
// Every piece of work adds what its register tiles hold to a row of the scratch of its own, and a
// last phase adds up those rows, in their order: the sums depend on the schedule, never on threads.
// A sum of squares of (y - mean) beside the sum of y needs no second pass over y. Each piece keeps
// the deviations from a shift, the mean of its first tile,
//
//   n, shift, d = sum(y - shift), q = sum((y - shift)^2), sum(y)
//
// and the last phase, which knows the mean, adds q + e (2 d + n e) with e = shift - mean. A shift
// as near to the mean as a few samples are leaves nothing large to cancel, however far from zero
// the mean is.
#pragma once
#include "codegen/cpu/emit/Fragment.h"
#include "ir/Ops.h"
#include "ir/support/ColumnSums.h"

namespace dlc::codegen::cpu {

class EpilogueSums {
public:
  /// The sums in the body around `root`.
  EpilogueSums(ir::KernelFuncOp func, mlir::Operation *root);

  bool empty() const { return entries.empty(); }
  /// The values of the body whose columns are summed.
  llvm::SmallVector<mlir::Value> terms() const;

  /// Bytes of the rows of `pieces` pieces.
  ir::SizeAttr bytes(ir::SizeAttr pieces) const;

  /// For the columns of `fragment`, in the row of its piece at `memory`: sums of nothing.
  void begin(KernelBuilder &k, const Fragment &fragment, mlir::Value memory) const;
  /// `values[i]` are the i-th term in all rows of a tile.
  void add(KernelBuilder &k, const Fragment &fragment, mlir::Value memory,
           llvm::ArrayRef<llvm::SmallVector<mlir::Value>> values) const;

  /// Tiles of the last phase.
  int64_t foldTiles(const CpuTarget &target) const;
  /// Adds the rows of `pieces` pieces up and stores the results of those columns.
  void fold(KernelBuilder &k, const PhaseArguments &phase, mlir::Value memory, Size pieces) const;

private:
  struct Entry {
    mlir::Value term;
    std::optional<unsigned> sum, squares; ///< pointers of results: of term, of (term - mean)^2
    bool centred = false;                 ///< the squares are wanted
    int64_t state = 0;                    ///< the first of its values per column
  };
  Entry &entryOf(mlir::Value term);
  int64_t rowElements() const { return states * stride; }
  /// Where state `i` of `column` lies in row `piece`.
  Size at(KernelBuilder &k, Size piece, int64_t i, Size column) const {
    return k.add(k.mul(piece, rowElements()), k.add(i * stride, column));
  }
  void addSquares(KernelBuilder &k, const Fragment &fragment, mlir::Value memory,
                  const Entry &entry, llvm::ArrayRef<mlir::Value> values, mlir::Value total) const;
  llvm::SmallVector<mlir::Value>
  overPieces(KernelBuilder &k, Size pieces, llvm::ArrayRef<mlir::Value> zeros,
             llvm::function_ref<llvm::SmallVector<mlir::Value>(Size)> terms) const;

  llvm::SmallVector<Entry> entries;
  mlir::Type element;   ///< of the sums
  int64_t columns = 0;
  int64_t states = 0;   ///< values per column of all entries
  int64_t stride = 0;   ///< elements from one state to the next: columns, in whole vectors
};

} // namespace dlc::codegen::cpu
