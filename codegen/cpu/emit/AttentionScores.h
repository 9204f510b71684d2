// What attention and its gradient share: where rows lie, which keys a query sees, and products of
// rows with panels.
#pragma once
#include "codegen/cpu/emit/Attention.h"

namespace dlc::codegen::cpu {

class AttentionScores {
public:
  AttentionScores(KernelBuilder &k, const AttentionShape &shape, const AttentionSchedule &schedule,
                  mlir::Value mask, mlir::Value key)
      : k(k), shape(shape), schedule(schedule), mask(mask), lanes(k.lanes(shape.accumulator)),
        vector(k.vectorType(shape.accumulator, lanes)), inner(1), batches(1), key(key) {
    for (auto [i, extent] : llvm::enumerate(shape.batch)) {
      batches = k.mul(batches, extent);
      if (i >= shape.outer)
        inner = k.mul(inner, extent);
    }
    exactRows = stack(schedule.rows * schedule.vectors * lanes);
    if (key)
      flags = k.stackBuffer(schedule.keys * KernelBuilder::storedBytes(k.f32()));
  }

  // One batch: where it stands before and behind the rows, and its part of the mask's offset.
  struct Head {
    Size number, before, behind, mask;
  };
  Head head(Size number);

  // Queries and keys that meet: first ones and counts.
  struct Block {
    Head head;
    Size query, queries, key, keys;
  };
  // Heights of register tiles that cut |extent| rows taken |block| at a time.
  llvm::SmallVector<int64_t> heightsOf(Size extent, int64_t block);
  // The rows of block |first| / |block| of |extent|, a number where all blocks are whole.
  Size rowsFrom(Size first, Size extent, int64_t block);
  // Calls |body| for the register tiles of |count| rows.
  void forRowTiles(Size count, llvm::ArrayRef<int64_t> heights,
                   llvm::function_ref<void(Size row, int64_t height)> body);
  // The last of the keys of |block| that any of some of its queries sees, counted from its first;
  // not above 0: none. For whole register tiles of scores: rounded up.
  Size seen(const Block &block, Size row, int64_t height);
  Size seenColumns(const Block &block, Size row, int64_t height) {
    return k.roundUp(k.max(seen(block, row, height), 0), columnsAtOnce());
  }
  int64_t columnsAtOnce() const { return schedule.vectors * lanes; } // of a register tile

  // Where row |row| of an operand with |rows| rows per batch begins, in elements.
  Size rowBegin(const Head &head, Size row, Size rows, int64_t depth) {
    Size flat = k.add(k.mul(k.add(k.mul(head.before, rows), row), inner), head.behind);
    return k.mul(flat, depth);
  }
  Size rowStride(int64_t depth) { return k.mul(inner, depth); }
  // Whether rows of the next batch are fetched into L2 while this one is computed: where both have
  // room there. Else the products wait for what comes from beyond it, a tenth of the time of 128
  // queries and keys.
  bool fetchesAhead() const {
    constexpr int64_t kMostAhead = 256 * 1024;
    return shape.queries.isConstant() && shape.keys.isConstant() &&
           (shape.queries.constant() + shape.keys.constant()) * (shape.depth + shape.width) *
                   KernelBuilder::storedBytes(shape.input) <=
               kMostAhead;
  }
  Head nextHead(const Head &head) {
    return this->head(k.min(k.add(head.number, 1), k.sub(batches, 1)));
  }
  // Fetches row |row| of those from |first| on, or the last one of fewer.
  void fetchRow(mlir::Value first, Size row, Size rows, int64_t depth);
  // The first of a head's |rows| rows.
  mlir::Value rowsOf(mlir::Value operand, const Head &head, Size rows, int64_t depth);

  // Panel number |panel| of |panels|, of rows of |depth| elements.
  mlir::Value panelOf(mlir::Value panels, Size panel, int64_t depth) {
    return k.address(shape.input, panels, k.mul(panel, depth * kPanelWidth));
  }
  // Room on the stack for the panels of a block's keys.
  mlir::Value panelsOnStack(int64_t depth) {
    return k.stackBuffer(schedule.keys * depth * KernelBuilder::storedBytes(shape.input));
  }

  // Writes the panels of a block's keys.
  void pack(const Block &block, mlir::Value source, int64_t depth, mlir::Value panels);
  void packKeys(const Head &head, Size key, Size keys, mlir::Value source, int64_t depth,
                mlir::Value panels);

  // Products of |height| rows from |rows| on with the first |columns| columns of a panel, a
  // multiple of columnsAtOnce: calls |body| with the sums of each column tile and the column where
  // it begins.
  using ProductBody = llvm::function_ref<void(const Accumulators &sums, Size column)>;
  void products(mlir::Value rows, Size stride, int64_t height, mlir::Value panel, int64_t depth,
                Size columns, ProductBody body);
  // Factors of the second product: of the accumulator type, at row * row + step * step.
  struct Factors {
    mlir::Value memory;
    Size row, step;
  };
  // Sums that a row begins with, for the vectors of some columns.
  using StartRow = llvm::function_ref<Accumulators(Size row)>;
  // start + factors * rows, for |height| rows of |factors|, |count| steps and the vectors of
  // |columns|.
  Accumulators weighAll(const Factors &factors, int64_t height, mlir::Value rows, Size stride,
                        Size count, const ColumnTile &columns, StartRow start);
  // The same, but a factor of 0 leaves its row out, NaN and infinity included.
  Accumulators weigh(const Factors &factors, int64_t height, mlir::Value rows, Size stride,
                     Size count, const ColumnTile &columns, StartRow start);
  // One row of it: step after step, without those whose factor is 0.
  Accumulators weighRow(const Factors &factors, Size row, mlir::Value rows, Size stride, Size count,
                        const ColumnTile &columns, StartRow start);

  // Calls |body| for the column tiles of |extent| columns.
  void forColumns(int64_t extent, llvm::function_ref<void(const ColumnTile &)> body);

  // Keys [0, limit) are visible to query i but for the mask.
  Size limit(Size query) { return shape.causal ? k.min(shape.keys, k.add(query, 1)) : shape.keys; }
  // What all scores are still to be multiplied with when they are read: scaling them together with
  // the difference from the largest one spares a product each. Not where a mask is added, and not
  // where the largest would become the smallest.
  double pendingScale() const {
    bool added = mask && shape.maskElement != k.i1();
    return added || shape.scale <= 0 ? 1 : shape.scale;
  }
  // The score of the sums of query |query| with keys key .. key + lanes, times |scale|; -infinity
  // where it does not see them. |edge|: some may be behind the limit.
  mlir::Value score(mlir::Value sums, const Head &head, Size query, Size key, bool edge,
                    double scale);
  // Writes code for tiles without edge and with it, and branches.
  void byEdge(Size query, Size key, llvm::function_ref<void(bool edge)> body);

  // Whether weights are dropped: then drawFlags, for the scores of a query with |count| keys from
  // |from| on, whole panels, says which, and flag reads 0 or 1 for |lanes| of them.
  bool drops() const { return key != nullptr; }
  void drawFlags(const Head &head, Size query, Size from, Size count);
  mlir::Value flag(Size place) {
    return k.convert(k.load(k.vectorType(k.f32(), lanes), flags, place), shape.accumulator);
  }
  // What the weights that are left are multiplied with.
  double scaledUp() const { return 1 / (1 - shape.dropout); }

  // Vectors per step of a loop over scores; exponentials need registers for their constants.
  int64_t unrolled() {
    return std::min<int64_t>(schedule.vectors, k.target().vectorRegisters >= 32 ? 4 : 1);
  }
  // 2^x, with one of the promises of ExpandMath.h.
  mlir::Value power(mlir::Value x, llvm::StringRef promise);
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y);
  mlir::Value compare(mlir::arith::CmpFPredicate predicate, mlir::Value x, mlir::Value y);
  mlir::Value constant(double value) { return k.floatConstant(vector, value); }
  // The larger one; x where y is NaN.
  mlir::Value larger(mlir::Value x, mlir::Value y);
  // Every lane the largest of all.
  mlir::Value largestOf(mlir::Value x);
  mlir::Value loadSplat(mlir::Type element, mlir::Value pointer, Size index) {
    return k.splat(k.convert(k.load(element, pointer, index), shape.accumulator), lanes);
  }
  mlir::Value stack(int64_t elements) {
    return k.stackBuffer(elements * KernelBuilder::storedBytes(shape.accumulator));
  }

  KernelBuilder &k;
  const AttentionShape &shape;
  const AttentionSchedule &schedule;

private:
  llvm::SmallVector<mlir::Value> vectorsOf(mlir::Value row, const ColumnTile &columns);

protected:
  mlir::Value mask;
  int64_t lanes;
  mlir::VectorType vector;
  Size inner, batches;
  mlir::Value exactRows; // where the rows of a tile meet again; see rowByRow
  mlir::Value key, flags;
};

} // namespace dlc::codegen::cpu
