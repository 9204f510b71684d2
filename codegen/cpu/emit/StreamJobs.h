// One job of a phase: how many tiles it has, and the code of one tile. Internal to
// codegen/cpu/emit.
#pragma once
#include "codegen/cpu/emit/Accumulator.h"
#include "codegen/cpu/emit/ElementEmitter.h"
#include "codegen/cpu/emit/StreamPlan.h"

namespace dlc::codegen::cpu {

// What all jobs of a kernel know.
struct StreamContext {
  mlir::ModuleOp module;
  const StreamKernel &kernel;
  const StreamSchedule &schedule;
  const StreamPlan &plan;
  const CpuTarget &target;

  bool isMemoryIn(mlir::Value value, int64_t phase) const {
    if (mlir::isa<mlir::BlockArgument>(value))
      return true;
    auto found = plan.memory.find(value);
    return found != plan.memory.end() && found->second.second <= phase;
  }
};

// The number of tiles of |job| in phase |phase|, over the kernel's symbols.
ir::SizeAttr tilesOf(const StreamContext &context, const StreamJob &job, int64_t phase);

// What all its tiles cost, in picoseconds; see cpu/choose/Grain.h.
ir::SizeAttr costOf(const StreamContext &context, const StreamJob &job, int64_t phase);

// Emits the tiles [begin, end) of |job|. Fails with a diagnostic.
mlir::LogicalResult emitJob(const StreamContext &context, const StreamJob &job, int64_t phase,
                            KernelBuilder &k, const PhaseArguments &arguments, Size begin, Size end);

// ---- Shared by the files of jobs.

// Consecutive dimensions that a loop runs over as one.
struct DimGroup {
  int64_t first, count;
};
// The dimensions [0, rank) of |shape| in groups that |cuts| allows.
llvm::SmallVector<DimGroup> groupDims(int64_t begin, int64_t end, const llvm::BitVector &cuts);
ir::SizeAttr sizeOfGroup(llvm::ArrayRef<ir::SizeAttr> shape, DimGroup group);
ir::SizeAttr sizeOfGroups(mlir::MLIRContext *context, llvm::ArrayRef<ir::SizeAttr> shape,
                          llvm::ArrayRef<DimGroup> groups);

struct TransposeLoops;
struct MaxPoolLoops;
struct PoolGradLoops;
struct ColumnLoops;

struct JobEmitter {
  const StreamContext &context;
  const StreamJob &job;
  int64_t phase;
  KernelBuilder &k;
  const PhaseArguments &arguments;
  std::unique_ptr<Elements> elements; // made by begin()
  mlir::Value firstLane;              // a mask of lane 0; see storeScalar
  bool failedOnce = false;

  JobEmitter(const StreamContext &context, const StreamJob &job, int64_t phase, KernelBuilder &k,
             const PhaseArguments &arguments)
      : context(context), job(job), phase(phase), k(k), arguments(arguments) {}

  Elements &e() { return *elements; }
  bool isMemory(mlir::Value v) const { return context.isMemoryIn(v, phase); }

  // Starts emitting with vectors of |lanes|; binds what lies in memory.
  void begin(int64_t lanes);
  // Lanes that suit |values| and a loop over |inner| columns.
  int64_t lanesFor(llvm::ArrayRef<mlir::Value> values, ir::SizeAttr inner);
  mlir::Value pointerTo(const StreamBuffer &buffer);
  mlir::Value scratchAt(ir::SizeAttr offset);
  // The value at |index|, or a zero after a failure.
  mlir::Value at(mlir::Value tensor, const ElementIndex &index);
  // Uniform coordinates for flat position |index| of |groups|.
  llvm::SmallVector<Coordinate> spread(Size index, llvm::ArrayRef<ir::SizeAttr> shape,
                                       llvm::ArrayRef<DimGroup> groups);
  // Stores lane 0 of |value|, whose lanes are all equal.
  void storeScalar(mlir::Value value, mlir::Value pointer, Size index);

  mlir::Value memoryOf(mlir::Value tensor); // of what isMemory()

  // Whether |store| is written past the caches, as far as its size says.
  bool goesAround(const StreamStore &store);
  // Calls |walk| for all tiles: with |around| if the buffers at |pointers| are aligned, else without.
  // One of the two calls gets no tiles when it runs. No pointers: one call, without.
  void walkAround(llvm::ArrayRef<mlir::Value> pointers, Size begin, Size end,
                  llvm::function_ref<void(Size begin, Size end, bool around)> walk);

  void emitMap(Size begin, Size end);
  void emitTranspose(const TransposeLoops &loops, Size begin, Size end);
  void emitColumns(const ColumnLoops &loops, Size begin, Size end);
  void emitMaxPool(const MaxPoolLoops &loops, Size begin, Size end);
  void emitPoolGrad(const PoolGradLoops &loops, Size begin, Size end);
  void emitPartial(Size begin, Size end);
  void emitCombine(Size begin, Size end);
  void emitScatter(Size begin, Size end);
  void emitSort(Size begin, Size end);
  void emitSortedScatter(Size begin, Size end);
  void emitUpdate(Size begin, Size end);
};

// How a Map job walks its domain: rows, then middle groups, then columns in vectors.
struct MapLoops {
  mlir::Value full;                     // a value of the whole domain; null if there are rows only
  ir::Shape shape;                      // of the domain
  llvm::SmallVector<DimGroup> rows, middle;
  std::optional<DimGroup> columns;      // none: values of rows only
  ir::SizeAttr rowElements;             // of the domain in one row, for the size of tiles
  int64_t tileElements;

  MapLoops(const StreamContext &context, const StreamJob &job, int64_t phase);
  bool byRows = false;                  // some values are rows
  int64_t chunkRows = 0;                // of column sums that are taken besides: rows in a tile
  bool isLinear() const { return !byRows && !chunkRows && rows.empty() && middle.empty() && columns; }
  ir::SizeAttr rowCount(mlir::MLIRContext *context) const {
    return sizeOfGroups(context, shape, rows);
  }
  ir::SizeAttr rowsPerTile() const;
};

// A map that is nothing but a transpose of memory, walked in square blocks.
struct TransposeLoops {
  mlir::Operation *op;
  ir::Shape shape;                    // of the result
  llvm::SmallVector<DimGroup> groups; // of the result; the last one is contiguous there
  size_t source = 0;                  // the group that is contiguous in the operand

  static std::optional<TransposeLoops> match(const StreamContext &context, const StreamJob &job,
                                             int64_t phase);
  ir::SizeAttr tiles() const;
};

// A map that is nothing but max pooling of memory, its winners, or both, walked window by window.
struct MaxPoolLoops {
  mlir::Operation *op = nullptr; // one of the two
  ir::Shape image, output;
  std::optional<size_t> values, winners; // numbers of their stores
  int64_t rowsPerTile = 1;               // rows of windows

  static std::optional<MaxPoolLoops> match(const StreamContext &context, const StreamJob &job,
                                           int64_t phase);
  ir::SizeAttr tiles() const;
};

// A map that is nothing but the gradient of pooling memory, walked window by window.
struct PoolGradLoops {
  mlir::Operation *op;
  ir::Shape image, output;
  bool complete = false;   // every element lies in exactly one window
  bool covered = false;    // every element lies in a window that can store it, others add
  bool gathered = false;   // elements ask for the winners of the windows over them
  int64_t rowsPerTile = 1; // rows of windows, if complete

  static std::optional<PoolGradLoops> match(const StreamContext &context, const StreamJob &job,
                                            int64_t phase);
  ir::SizeAttr tiles() const;
};

// A map of reductions over dimensions in the middle, several vectors of columns at a time.
struct ColumnLoops {
  llvm::SmallVector<mlir::Operation *> reductions; // of one shape, over the same dimensions
  ir::Shape shape;                                 // of their operands
  llvm::SmallVector<DimGroup> leading, rows, outer; // kept, reduced, kept and uniform
  DimGroup columns;                                 // kept, in vectors

  static std::optional<ColumnLoops> match(const StreamContext &context, const StreamJob &job,
                                          int64_t phase);
  ir::SizeAttr tiles() const;
};

// Columns of a leading reduction, or everything of a full one.
struct ChunkLoops {
  ir::Shape shape;
  bool all;                                   // reduces everything
  llvm::SmallVector<DimGroup> rows;           // reduced, uniform
  llvm::SmallVector<DimGroup> outer;          // kept, uniform
  std::optional<DimGroup> columns;            // kept (or reduced, if all), in vectors

  ChunkLoops(const StreamContext &context, const StreamJob &job, int64_t phase);
};

} // namespace dlc::codegen::cpu
