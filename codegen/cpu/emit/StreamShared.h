// Jobs of a list that are one loop over the elements of their tensors, with the same arithmetic:
// an optimizer's update of every weight, the first values of every kernel. They share one function,
// which takes the number of elements as a size and a row of pointers of its own:
//
//   job 0   w0 - 0.1 * g0   tensor<784x512xf32>          shared   x0 - 0.1 * x1   tensor<?xf32>
//   job 1   w1 - 0.1 * g1   tensor<512xf32>         ==>  calls    (w0, g0) 401408, (w1, g1) 512
//
// What such jobs may differ in is their size, where their tensors lie, constants and the numbers of
// random streams. Internal to codegen/cpu/emit.
#pragma once
#include "codegen/cpu/emit/StreamJobs.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace dlc::codegen::cpu {

// One call of a shared function, for one job.
struct SharedCall {
  std::string function;
  llvm::SmallVector<mlir::Value> leaves;       // memory that it reads; null: the next constant
  llvm::SmallVector<mlir::Attribute> constants; // splats, behind each other
  llvm::SmallVector<StreamBuffer> results;
  ir::SizeAttr elements;
  llvm::SmallVector<int64_t> streams;          // as written in the ops
};

// The pointers and sizes of such calls, in two rows on the stack.
class SharedArguments {
public:
  // |pointers|: the row that the phase was given. Reserves the rows at |k|'s insertion point.
  SharedArguments(const StreamContext &context, KernelBuilder &k, Elements &extents,
                  mlir::Value pointers, llvm::ArrayRef<std::optional<SharedCall>> calls);
  // Writes what |call| passes; the two rows.
  std::pair<mlir::Value, mlir::Value> write(const SharedCall &call);
  // To be called behind the last write: the table that constants are read from.
  void defineConstants(llvm::StringRef function);

private:
  mlir::Value stackRow(size_t words);
  mlir::Value pointerAt(int64_t number);
  mlir::Value pointerTo(const StreamBuffer &buffer);
  mlir::Value pointerTo(mlir::Value leaf);
  mlir::Value pointerTo(mlir::Attribute constant);

  const StreamContext &context;
  KernelBuilder &k;
  Elements &extents;
  mlir::Value pointers, row, sizes;
  mlir::LLVM::AddressOfOp table; // null: no constants
  llvm::SmallVector<int64_t> words;
};

// Emits functions for the jobs of |phase| that can share one; per job its call, if it has one.
// Jobs that are alone with their arithmetic, and those that cannot be flattened, have none. Fails
// with a diagnostic.
mlir::FailureOr<std::vector<std::optional<SharedCall>>> shareJobs(const StreamContext &context,
                                                                  int64_t phase);

} // namespace dlc::codegen::cpu
