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
#include "llvm/ADT/MapVector.h"

namespace dlc::codegen::cpu {

// One call of a shared function, for one job.
struct SharedCall {
  std::string function;
  llvm::SmallVector<mlir::Value> leaves;        // memory that it reads; null: the next constant
  llvm::SmallVector<mlir::Attribute> constants; // splats, behind each other
  llvm::SmallVector<StreamBuffer> results;
  ir::SizeAttr elements;
  llvm::SmallVector<int64_t> streams; // as written in the ops
};

// The pointers and sizes of such calls, in two rows on the stack. Lists have hundreds of jobs, and
// code for each call would cost more to compile than the function itself: the calls of one function
// whose sizes are constants are a loop over a table.
class SharedArguments {
public:
  // |pointers|: the row that the phase was given. Reserves the rows at |k|'s insertion point.
  SharedArguments(const StreamContext &context, KernelBuilder &k, Elements &extents,
                  mlir::Value pointers, llvm::ArrayRef<std::optional<SharedCall>> calls);
  // Writes what |call| passes; the two rows.
  std::pair<mlir::Value, mlir::Value> write(const SharedCall &call);
  // Keeps a call for emitLoops(); false if it needs code of its own. |offset|: its first tile among
  // those of the phase.
  bool keep(const SharedCall &call, Size offset, Size count);
  // Makes the calls that were kept, for their share of [begin, end).
  void emitLoops(llvm::StringRef function, mlir::Value given, mlir::Value begin, mlir::Value end);
  // To be called behind the last write: the table that constants are read from.
  void defineConstants(llvm::StringRef function);

private:
  // A call in words: offset, count, elements; numbers of its streams among the sizes that the phase
  // was given; numbers of its pointers (leaves, then results); constants.
  struct Records {
    const SharedCall *first;
    llvm::SmallVector<int64_t> words;
  };
  void emitLoop(llvm::StringRef table, const Records &records, mlir::Value given, mlir::Value begin,
                mlir::Value end);
  std::optional<int64_t> pointerNumber(mlir::Value leaf);
  std::optional<int64_t> pointerNumber(const StreamBuffer &buffer);
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
  llvm::MapVector<llvm::StringRef, Records> kept; // by function
};

// Parts every plain loop over elements of |plan| whose results have nothing in common but scalars:
// the first values of forty weights of one shape are forty jobs, which share a function, and not a
// loop of forty generators. So are maps of short rows whose results fold different things, where
// registers are few.
void partJobs(const StreamContext &context, StreamPlan &plan);

// Emits functions for the jobs of |phase| that can share one; per job its call, if it has one.
// Jobs that are alone with their arithmetic, and those that cannot be flattened, have none. Fails
// with a diagnostic.
mlir::FailureOr<std::vector<std::optional<SharedCall>>> shareJobs(const StreamContext &context,
                                                                  int64_t phase);

} // namespace dlc::codegen::cpu
