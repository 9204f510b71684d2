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

  // Where row |row| of an operand with |rows| rows per batch begins, in elements.
  Size rowBegin(const Head &head, Size row, Size rows, int64_t depth) {
    Size flat = k.add(k.mul(k.add(k.mul(head.before, rows), row), inner), head.behind);
    return k.mul(flat, depth);
  }
  Size rowStride(int64_t depth) { return k.mul(inner, depth); }
  // The panel of keys [panel * kPanelWidth, ..), of rows of |depth| elements.
  mlir::Value panelOf(mlir::Value panels, const Head &head, Size panel, int64_t depth) {
    Size number = k.add(k.mul(head.number, k.ceilDiv(shape.keys, kPanelWidth)), panel);
    return k.address(shape.input, panels, k.mul(number, depth * kPanelWidth));
  }

  // Writes the panels of one batch.
  void pack(const Head &head, mlir::Value source, int64_t depth, mlir::Value panels);

  // Products of |height| rows from |rows| on with the columns of a panel: calls |body| with the
  // sums of each column tile and the column where it begins.
  using ProductBody = llvm::function_ref<void(const Accumulators &sums, Size column)>;
  void products(mlir::Value rows, Size stride, int64_t height, mlir::Value panel, int64_t depth,
                ProductBody body);
  // Factors of the second product: of the accumulator type, at row * row + step * step.
  struct Factors {
    mlir::Value memory;
    Size row, step;
  };
  // Sums that a row begins with, for the vectors of some columns.
  using StartRow = llvm::function_ref<Accumulators(Size row)>;
  // start + factors * rows, for |height| rows of |factors|, |count| steps and the vectors of
  // |columns|. A factor of 0 leaves its row out, NaN and infinity included.
  Accumulators weigh(const Factors &factors, int64_t height, mlir::Value rows, Size stride,
                     Size count, const ColumnTile &columns, StartRow start);

  // Calls |body| for the column tiles of |extent| columns.
  void forColumns(int64_t extent, llvm::function_ref<void(const ColumnTile &)> body);

  // Keys [0, limit) are visible to query i but for the mask.
  Size limit(Size query) { return shape.causal ? k.min(shape.keys, k.add(query, 1)) : shape.keys; }
  // The score of the sums of query |query| with keys key .. key + lanes; -infinity where it does
  // not see them. |edge|: some may be behind the limit.
  mlir::Value score(mlir::Value sums, const Head &head, Size query, Size key, bool edge);
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
    return std::min<int64_t>(kPanelWidth / lanes, k.target().vectorRegisters >= 32 ? 4 : 1);
  }
  mlir::Value exp(mlir::Value x);
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
  // One row of weigh, without the steps whose factor is 0.
  Accumulators weighRow(const Factors &factors, Size row, mlir::Value rows, Size stride, Size count,
                        const ColumnTile &columns, StartRow start);
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
