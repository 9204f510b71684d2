// The running state of a reduction, in vectors: what it starts with, how an element enters, how two
// states merge. Used by row reductions, chunked reductions and their combination.
#pragma once
#include "codegen/cpu/KernelBuilder.h"
#include "mlir/IR/Operation.h"

namespace dlc::codegen::cpu {

// True for sum, mean, prod, reduce_max and reduce_min (over axes).
bool isAxesReduction(mlir::Operation *op);
// These, argmax and argmin.
bool isReduction(mlir::Operation *op);
llvm::SmallVector<int64_t> reducedAxes(mlir::Operation *op);

class Accumulator {
public:
  using State = llvm::SmallVector<mlir::Value, 2>;

  // Of |op| over |lanes| lanes. 16-bit floats accumulate in f32.
  Accumulator(KernelBuilder &k, mlir::Operation *op, int64_t lanes);

  // Number of values in a state, and the element type in which value |i| is kept.
  size_t size() const { return types.size(); }
  mlir::Type element(size_t i) const { return types[i]; }

  State initial();
  // |x| enters (in the operand's kernel element type), in the lanes of |mask| (null: all).
  // |position| gives its index along the axis for argmax and argmin (vector<lanes x i64>).
  State step(llvm::ArrayRef<mlir::Value> state, mlir::Value x, mlir::Value mask,
             llvm::function_ref<mlir::Value()> position);
  State merge(llvm::ArrayRef<mlir::Value> a, llvm::ArrayRef<mlir::Value> b);
  // Merges the lanes by halves; every lane holds the result.
  State acrossLanes(State state);
  // The op's result (in its kernel element type) for |count| elements.
  mlir::Value finish(llvm::ArrayRef<mlir::Value> state, Size count);

private:
  enum class Kind { Sum, Mean, Product, Max, Min, ArgMax, ArgMin };
  mlir::VectorType vectorOf(size_t i) { return k.vectorType(types[i], lanes); }
  mlir::Value neutral();
  mlir::Value select(mlir::Value mask, mlir::Value yes, mlir::Value no);
  mlir::Value beats(mlir::Value x, mlir::Value best); // strictly larger (smaller for min)
  mlir::Value isNan(mlir::Value x);
  bool isFloat() const { return mlir::isa<mlir::FloatType>(types.front()); }
  bool isArg() const { return kind == Kind::ArgMax || kind == Kind::ArgMin; }
  bool isMax() const { return kind == Kind::Max || kind == Kind::ArgMax; }
  bool isExtreme() const { return isArg() || kind == Kind::Max || kind == Kind::Min; }

  KernelBuilder &k;
  mlir::Operation *op;
  int64_t lanes;
  Kind kind;
  bool isUnsigned;
  llvm::SmallVector<mlir::Type, 2> types;
};

} // namespace dlc::codegen::cpu
