// Which values of a phase are stored by one loop. Internal to codegen/cpu/emit.
//
// A map stores values of one domain: tensors of one shape, and values of its rows. They share it
// where they are tied, reading a tensor in common or drawing the same random numbers, so that one
// loop does that once. Lists have hundreds of results, so maps are found by what ties to them.
#pragma once
#include "codegen/cpu/emit/StreamPlan.h"
#include "ir/support/ShapeMath.h"
#include "llvm/ADT/DenseMap.h"

namespace dlc::codegen::cpu {

// What a value is computed over, and for a value of rows its own shape.
struct MapDomain {
  ir::Shape full;
  std::optional<ir::Shape> rows;
  // Made of reductions to this shape that leave a dimension of one element behind others: the loop
  // over these rows stores nothing that is not.
  bool apart = false;
  bool fits(const MapDomain &other) const {
    return full == other.full && apart == other.apart && (!rows || !other.rows || *rows == *other.rows);
  }
};

// Of |value|, made of what is |stored|.
MapDomain domainOf(mlir::Value value, llvm::function_ref<bool(mlir::Value)> stored);

// What ties |value| to others: tensors that it reads, random numbers that it draws. Scalars alone
// (a learning rate, repeated) are no tie: tensors that share nothing else would only fill each
// other's registers. If |value| is stored itself it is looked into: the question is how it is made.
llvm::SmallVector<mlir::Value, 4> tiesOf(mlir::Value value,
                                         llvm::function_ref<bool(mlir::Value)> stored);

// Nothing but elementwise ops on what is |stored|, random numbers and repeated values, which any
// loop can compute.
bool isPlain(mlir::Value value, llvm::function_ref<bool(mlir::Value)> stored);

// Random numbers are among what |value| is made of.
bool draws(mlir::Value value, llvm::function_ref<bool(mlir::Value)> stored);

// The maps of one phase.
class MapIndex {
public:
  // The number of the first job whose domain fits and that one of |ties| ties to; without one
  // |next|, which is then the number of a new job.
  size_t jobFor(const MapDomain &domain, llvm::ArrayRef<mlir::Value> ties, size_t next);

  // How often a job was asked whether it fits.
  int64_t comparisons = 0;

private:
  struct Entry {
    size_t job;
    MapDomain domain;
  };
  std::vector<Entry> entries;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<size_t, 2>> byTie; // numbers of |entries|
  llvm::SmallVector<size_t, 1> scalars;                            // those of rank 0
};

} // namespace dlc::codegen::cpu
