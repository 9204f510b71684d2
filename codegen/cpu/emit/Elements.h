// Elements of tensor expressions on demand: the value of any op's result at any index, as a vector.
//
//   Value v = elements.at(tensor, index);   // vector<lanes x element>
//
// An op answers by asking its operands: an elementwise op at the same index, a broadcast with
// dimensions dropped, a slice with offsets added, a reduction in a loop, and so on down to memory.
// An index has one coordinate per dimension, or per run of dimensions that nobody tells apart
// (their flattened position), and each coordinate is uniform, or consecutive over the lanes, or any
// vector of positions. So one description serves dense loads, broadcasts and gathers.
//
// A value is emitted in the outermost loop in which all parts of its index are known, and
// remembered there. That is what makes row kernels: asked for softmax at (row, columns), the
// maximum at (row) lands in the row loop, in a loop of its own, once.
//
// Used by streaming kernels for whole bodies and by epilogues for the ops behind a contraction:
// bind the operands to memory and the root's result to the fragment, then ask for the results.
#pragma once
#include "codegen/cpu/KernelBuilder.h"
#include "ir/Dlc.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include <map>

namespace dlc::codegen::cpu {

struct Coordinate {
  enum Kind { Uniform, Lanes, Vector };
  Kind kind = Uniform;
  unsigned dims = 1;  // consecutive dimensions that it covers, flattened in row-major order
  Size base;          // Uniform: the position; Lanes: that of lane 0, the others follow
  mlir::Value vector; // Vector: positions, vector<lanes x i64>

  static Coordinate uniform(Size position, unsigned dims = 1) {
    return {Uniform, dims, position, {}};
  }
  static Coordinate consecutive(Size first, unsigned dims = 1) { return {Lanes, dims, first, {}}; }
  static Coordinate positions(mlir::Value vector, unsigned dims = 1) {
    return {Vector, dims, {}, vector};
  }
};

struct ElementIndex {
  llvm::SmallVector<Coordinate, 4> coordinates;
  mlir::Value mask; // vector<lanes x i1> of lanes that exist; null when all do
};

// Positions (1 .. rank-1) at which |tensor|'s dimensions must not be flattened together, because
// some op of its expression treats the two sides differently. Dimensions of size 1 join any side.
llvm::BitVector cutsOf(mlir::Value tensor,
                       llvm::function_ref<bool(mlir::Value)> isMemory = nullptr);

class Elements {
public:
  // |sizes| holds the values of |symbols|. Everything is emitted at |k|'s insertion point, which
  // must be the end of its block, and so stay while this object is in use.
  Elements(KernelBuilder &k, mlir::ModuleOp module, llvm::ArrayRef<std::string> symbols,
           mlir::ValueRange sizes, int64_t lanes);
  ~Elements();

  KernelBuilder &kernel() { return k; }
  int64_t lanes() const { return width; }
  mlir::ModuleOp moduleOp() { return module; }

  // ---- Sizes.
  Size sizeOf(ir::SizeAttr size);
  // The number of a random stream that the kernel is given; null if it is written in the op. See
  // cpu/RandomStreams.h.
  mlir::Value streamNumber(int64_t number);
  llvm::SmallVector<Size> extentsOf(mlir::Value tensor);

  // ---- What is known.
  // |tensor| lies dense and row-major at |pointer|.
  void bindMemory(mlir::Value tensor, mlir::Value pointer);
  bool isMemory(mlir::Value tensor) const { return memory.count(tensor); }
  // |tensor| has |value| at |index| (exactly that index, as it will be asked for).
  void bindValue(mlir::Value tensor, const ElementIndex &index, mlir::Value value);

  // The same, known wherever the index is known.
  void remember(mlir::Value tensor, const ElementIndex &index, mlir::Value value);

  // ---- What is asked.
  // The elements of |tensor| at |index|: a vector of lanes() kernel elements (kernelElement), all
  // lanes equal when every coordinate is uniform; lanes outside the mask are unspecified. Fails with a
  // diagnostic on an op that has no elements to give.
  mlir::FailureOr<mlir::Value> at(mlir::Value tensor, const ElementIndex &index);
  // The element at an all-uniform index, as a scalar; integers of any width as a Size.
  mlir::FailureOr<mlir::Value> scalarAt(mlir::Value tensor, const ElementIndex &index);
  mlir::FailureOr<Size> positionAt(mlir::Value tensor, const ElementIndex &index);

  // ---- Loops, whose bodies get memories of their own. Use these instead of the builder's.
  llvm::SmallVector<mlir::Value> forLoop(Size begin, Size end, Size step, mlir::ValueRange initial,
                                         KernelBuilder::LoopBody body);
  void forLoop(Size begin, Size end, Size step, llvm::function_ref<void(mlir::Value)> body);
  // Visits [begin, end) in vectors: steps of |unroll| full ones, then single ones with a mask.
  // Carries |initial|; |body| gets the position of lane 0, the mask and which of the unroll steps
  // it is (the remainder counts as 0).
  using VectorBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      Size first, mlir::Value mask, int64_t step, mlir::ValueRange carried)>;
  llvm::SmallVector<mlir::Value> vectorLoop(Size begin, Size end, int64_t unroll,
                                            mlir::ValueRange initial, VectorBody body);

  // ---- Reductions that may share a row loop: each group is reduced in one pass. Set by whoever
  // knows which are wanted; a reduction outside any group is a pass of its own.
  void setReductionGroups(llvm::ArrayRef<llvm::SmallVector<mlir::Operation *>> groups);
  llvm::SmallVector<mlir::Operation *> groupOf(mlir::Operation *op) const;
  // How many vector accumulators a row reduction of |ops| reductions uses for each.
  void setReduceUnroll(int64_t vectors) { reduceUnroll = vectors; }
  int64_t reductionWays(int64_t ops) const { return std::max<int64_t>(1, reduceUnroll / ops); }

  // Scalars in memory that are repeated over a tensor are loaded where they are used, not in front
  // of the loops: where a loop needs all registers that there are, they would be spilled.
  void setScalarsInLoops(bool inLoops) { scalarsInLoops = inLoops; }

  // ---- Staging: |tensor| at [row coordinates.., columns] is kept in |row| (a pointer to the
  // row's first element) once it was computed by a whole pass over the row.
  void stage(mlir::Value tensor, mlir::Value row, llvm::ArrayRef<Coordinate> rowCoordinates);
  void unstageAll();
  // Says that a loop over a whole row has ended: what it stored in stages may be read from now on.
  void finishPass();
  // The row of |tensor|'s memory that begins |elements| behind |pointer| is wanted after this one.
  // The second loop over the row asks for its cache lines: the first is busy with memory anyway,
  // and rows of a page each would otherwise be found by the processor one page too late.
  void expectRow(mlir::Value tensor, mlir::Value pointer, Size elements);
  // Asks for the cache line of an element that will be read soon; it need not exist.
  void prefetch(mlir::Type element, mlir::Value pointer, Size at);

  // Splits coordinates so that none spans a position of |cuts|.
  ElementIndex refine(const ElementIndex &index, llvm::ArrayRef<Size> extents,
                      const llvm::BitVector &cuts);
  // One coordinate for all dimensions of |index|.
  Coordinate linear(const ElementIndex &index, llvm::ArrayRef<Size> extents);

  // The elements of a table shaped like |tensor|, dense at |pointer|.
  mlir::Value loadTable(mlir::Value tensor, mlir::Value pointer, const ElementIndex &index) {
    return loadMemory(tensor, pointer, index);
  }
  // Where a vector stands in an unrolled loop step: it begins at base + offset + number * lanes,
  // with base + offset a multiple of 4 and the same for all vectors of the step. The offset is
  // that of a row, row * width, as linear() makes it.
  struct StepVector {
    Size base, offset;
    int64_t number;
    // Equal for the vectors of one step: its loop variable, the row and the row's width.
    std::tuple<void *, void *, int64_t> key;
  };
  std::optional<StepVector> stepOf(Size first) const;
  // What was computed once for all vectors of a step, by whoever asked first.
  std::map<std::pair<mlir::Operation *, std::tuple<void *, void *, int64_t>>,
           llvm::SmallVector<mlir::Value>>
      stepValues;

  bool hadError() const { return failedOnce; }

private:
  friend struct ElementEmitter;
  struct Scope;
  struct Stage;
  using Key = std::vector<intptr_t>;

  Key keyOf(mlir::Value tensor, const ElementIndex &index) const;
  size_t depthOf(mlir::Value value) const;
  size_t depthOf(const ElementIndex &index) const;
  mlir::Value loadMemory(mlir::Value tensor, mlir::Value pointer, const ElementIndex &index);
  mlir::Value lookupStage(mlir::Value tensor, const ElementIndex &index);
  void storeStage(mlir::Value tensor, const ElementIndex &index, mlir::Value value);

  KernelBuilder &k;
  mlir::ModuleOp module;
  llvm::SmallVector<std::string> symbols;
  llvm::SmallVector<mlir::Value> symbolValues;
  int64_t width;
  int64_t reduceUnroll = 4;
  bool failedOnce = false;
  bool scalarsInLoops = false;
  struct ExpectedRow {
    mlir::Type element;
    mlir::Value pointer;
    Size start;
  };
  llvm::SmallVector<ExpectedRow> expectedRows;
  int64_t passesDone = 0; // over the row that expectRow was told about
  void prefetchRows(Size column);
  llvm::DenseMap<mlir::Value, mlir::Value> memory;
  llvm::DenseMap<mlir::Attribute, Size> knownSizes;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Operation *>> reductionGroup;
  std::vector<std::unique_ptr<Scope>> scopes;
  std::vector<Stage> stages;
  // Vectors of one loop step: base of vector j -> (base of vector 0, j). Lets generators that
  // make several vectors at once (random numbers) recognise that they are asked for neighbours.
  llvm::DenseMap<mlir::Value, std::pair<Size, int64_t>> stepVectors;
  std::optional<int64_t> onlyStep; // first column of a step that is not in a loop
};

} // namespace dlc::codegen::cpu
