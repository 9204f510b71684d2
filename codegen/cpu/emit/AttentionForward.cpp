// Attention: for a few queries at a time, scores with a block of keys, their exponentials, and the
// sums of values; see Attention.h.
//
// Of each query three numbers are kept from block to block: the largest score so far, the sum of
// e^(score - largest), and what the sums of values must be multiplied with since the largest score
// has grown. With one block of keys, as for short sequences, none of it is seen in the code.
#include "codegen/cpu/emit/AttentionScores.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace dlc::codegen::cpu;

namespace {

class Forward : AttentionScores {
public:
  Forward(KernelBuilder &k, const AttentionShape &shape, const AttentionOperands &operands,
          const AttentionSchedule &schedule)
      : AttentionScores(k, shape, schedule, operands.mask, operands.key), operands(operands) {
    width = (shape.width + lanes - 1) / lanes * lanes;
    scores = stack(schedule.rows * schedule.keys);
    // One vector each: as many queries as a register tile has rows.
    largest = stack(lanes * tallest());
    total = stack(lanes * tallest());
    grown = stack(lanes * tallest());
    if (!isOneBlock())
      sums = stack(schedule.rows * width);
  }

  void emit(const PhaseArguments &phase);

private:
  // A tile of queries, and the keys that any of them sees.
  struct Queries {
    Head head;
    Size first, count, keys;
  };
  bool isOneBlock() const {
    return shape.keys.isConstant() && shape.keys.constant() <= schedule.keys;
  }
  // Vectors that hold a number for each row of a tile.
  int64_t tallest() const { return (schedule.rows + lanes - 1) / lanes; }

  void tile(const Queries &queries, ArrayRef<int64_t> heights);
  void block(const Queries &queries, Size from, Size to, ArrayRef<int64_t> heights);
  void scoreRows(const Queries &queries, Size from, Size to, int64_t height);
  void exponentials(const Queries &queries, Size row, Size from, Size count);
  void sumValues(const Queries &queries, Size from, Size to, int64_t height);
  // Where the sums of values of a row and of a vector of |columns| wait.
  Size place(const ColumnTile &columns, Size row, int64_t v) {
    return k.add(k.add(columns.column, k.mul(row, width)), v * lanes);
  }
  void finish(const Queries &queries, const Accumulators &values, int64_t height,
              const ColumnTile &columns);
  void storeLse(const Queries &queries, int64_t height);
  void zeros(const Queries &queries);

  const AttentionOperands &operands;
  int64_t width;
  Value scores, largest, total, grown, sums;
};

// Raw scores of |height| queries with the keys of whole panels, -infinity where there is no key.
void Forward::scoreRows(const Queries &queries, Size from, Size to, int64_t height) {
  Size begin = rowBegin(queries.head, queries.first, shape.queries, shape.depth);
  Value rows = k.address(shape.input, operands.q, begin);
  Size firstPanel = k.div(from, kPanelWidth);
  k.forLoop(firstPanel, k.ceilDiv(to, kPanelWidth), 1, [&](Value number) {
    Value panel = panelOf(operands.keyPanels, queries.head, number, shape.depth);
    products(rows, rowStride(shape.depth), height, panel, shape.depth,
             [&](const Accumulators &products, Size column) {
               Size key = k.add(k.mul(number, kPanelWidth), column);
               byEdge(queries.first, key, [&](bool edge) {
                 for (int64_t r = 0; r < height; ++r)
                   for (int64_t v = 0; v < schedule.vectors; ++v) {
                     Value seen = score(products[r * schedule.vectors + v], queries.head,
                                        k.add(queries.first, r), k.add(key, v * lanes), edge);
                     k.store(seen, scores, k.add(k.sub(key, from), r * schedule.keys + v * lanes));
                   }
               });
             });
  });
}

// One row of scores becomes e^(score - largest), or 0 where that is dropped.
void Forward::exponentials(const Queries &queries, Size row, Size from, Size count) {
  int64_t unroll = unrolled();
  Value begin = k.address(shape.accumulator, scores, k.mul(row, schedule.keys));
  Value none = constant(-std::numeric_limits<double>::infinity());
  Value before = isOneBlock() ? Value() : loadSplat(shape.accumulator, largest, row);
  SmallVector<Value> most =
      k.forLoop(0, count, unroll * lanes, SmallVector<Value>(unroll, none),
                [&](Value at, ValueRange carried) {
                  SmallVector<Value> next;
                  for (int64_t u = 0; u < unroll; ++u)
                    next.push_back(larger(carried[u], k.load(vector, begin, k.add(at, u * lanes))));
                  return next;
                });
  for (Value other : ArrayRef(most).drop_front())
    most.front() = larger(most.front(), other);
  Value now = largestOf(most.front());
  if (before)
    now = larger(before, now);
  // Of nothing but -infinity every exponential is 0, not that of a NaN.
  Value nothing = compare(arith::CmpFPredicate::OEQ, now, none);
  Value shift = select(nothing, constant(0), now);
  if (drops())
    drawFlags(queries.head, k.add(queries.first, row), from, count);
  SmallVector<Value> parts =
      k.forLoop(0, count, unroll * lanes, SmallVector<Value>(unroll, constant(0)),
                [&](Value at, ValueRange carried) {
                  SmallVector<Value> next;
                  for (int64_t u = 0; u < unroll; ++u) {
                    Size place = k.add(at, u * lanes);
                    Value power = exp(k.difference(k.load(vector, begin, place), shift));
                    k.store(drops() ? k.product(power, flag(place)) : power, begin, place);
                    next.push_back(k.sum(carried[u], power));
                  }
                  return next;
                });
  for (Value other : ArrayRef(parts).drop_front())
    parts.front() = k.sum(parts.front(), other);
  Value added = k.horizontalSum(parts.front());
  if (before) {
    Value growth = k.extract(exp(k.difference(before, shift)), 0);
    k.store(growth, grown, row);
    added = k.fma(k.load(shape.accumulator, total, row), growth, added);
  }
  k.store(added, total, row);
  k.store(k.extract(now, 0), largest, row);
}

void Forward::sumValues(const Queries &queries, Size from, Size to, int64_t height) {
  Size begin = rowBegin(queries.head, from, shape.keys, shape.width);
  Value rows = k.address(shape.input, operands.v, begin);
  forColumns(shape.width, [&](const ColumnTile &columns) {
    // Sums so far, on the scale of the largest score so far.
    auto start = [&](Size row) {
      Accumulators values(columns.vectors, constant(0));
      if (isOneBlock())
        return values;
      Value factor = loadSplat(shape.accumulator, grown, row);
      for (int64_t v = 0; v < columns.vectors; ++v)
        values[v] = k.product(k.load(vector, sums, place(columns, row, v)), factor);
      return values;
    };
    Accumulators values = weigh({scores, schedule.keys, 1}, height, rows, rowStride(shape.width),
                                k.sub(to, from), columns, start);
    auto keep = [&] {
      for (int64_t r = 0; r < height; ++r)
        for (int64_t v = 0; v < columns.vectors; ++v)
          k.store(values[r * columns.vectors + v], sums, place(columns, r, v));
    };
    if (isOneBlock())
      finish(queries, values, height, columns);
    else
      k.ifElse(k.less(to, queries.keys), keep, [&] { finish(queries, values, height, columns); });
  });
}

void Forward::finish(const Queries &queries, const Accumulators &values, int64_t height,
                     const ColumnTile &columns) {
  if (!operands.y)
    return;
  for (int64_t r = 0; r < height; ++r) {
    Value sum = loadSplat(shape.accumulator, total, r), zero = constant(0);
    Value empty = compare(arith::CmpFPredicate::OEQ, sum, zero);
    Value factor = arith::DivFOp::create(k.builder(), k.loc(), constant(scaledUp()), sum);
    factor = select(empty, zero, factor);
    Size row = rowBegin(queries.head, k.add(queries.first, r), shape.queries, shape.width);
    for (int64_t v = 0; v < columns.vectors; ++v) {
      Value value = k.product(values[r * columns.vectors + v], factor);
      k.maskedStore(k.convert(value, shape.input), operands.y,
                    k.add(row, k.add(columns.column, v * lanes)), columns.masks[v]);
    }
  }
}

void Forward::storeLse(const Queries &queries, int64_t height) {
  for (int64_t first = 0; first < height; first += lanes) {
    Value sum = k.load(vector, total, first), most = k.load(vector, largest, first);
    Value lse = k.sum(most, math::LogOp::create(k.builder(), k.loc(), sum));
    for (int64_t r = first; r < std::min(height, first + lanes); ++r)
      k.store(k.extract(lse, r - first), operands.lse,
              rowBegin(queries.head, k.add(queries.first, r), shape.queries, 1));
  }
}

// The keys [from, to) of one block.
void Forward::block(const Queries &queries, Size from, Size to, ArrayRef<int64_t> heights) {
  forHeight(k, queries.count, heights,
            [&](int64_t height) { scoreRows(queries, from, to, height); });
  Size padded = k.mul(k.ceilDiv(k.sub(to, from), kPanelWidth), kPanelWidth);
  k.forLoop(0, queries.count, 1, [&](Value row) { exponentials(queries, row, from, padded); });
  forHeight(k, queries.count, heights,
            [&](int64_t height) { sumValues(queries, from, to, height); });
}

// Without keys.
void Forward::zeros(const Queries &queries) {
  Value zero = k.zero(shape.input);
  Value none = k.floatConstant(shape.accumulator, -std::numeric_limits<double>::infinity());
  k.forLoop(0, queries.count, 1, [&](Value r) {
    Size row = k.add(queries.first, r);
    if (operands.y)
      k.forLoop(0, shape.width, 1, [&](Value column) {
        k.store(zero, operands.y,
                k.add(rowBegin(queries.head, row, shape.queries, shape.width), column));
      });
    if (operands.lse)
      k.store(none, operands.lse, rowBegin(queries.head, row, shape.queries, 1));
  });
}

void Forward::tile(const Queries &queries, ArrayRef<int64_t> heights) {
  auto seen = [&] {
    if (isOneBlock()) {
      block(queries, 0, queries.keys, heights);
    } else {
      for (int64_t row = 0; row < tallest(); ++row) {
        k.store(constant(-std::numeric_limits<double>::infinity()), largest, row * lanes);
        k.store(constant(0), total, row * lanes);
      }
      k.forLoop(0, schedule.rows * width, lanes, [&](Value at) { k.store(constant(0), sums, at); });
      k.forLoop(0, queries.keys, schedule.keys, [&](Value from) {
        block(queries, from, k.min(k.add(from, schedule.keys), queries.keys), heights);
      });
    }
    if (operands.lse)
      forHeight(k, queries.count, heights, [&](int64_t height) { storeLse(queries, height); });
  };
  k.ifElse(k.less(0, queries.keys), seen, [&] { zeros(queries); });
}

void Forward::emit(const PhaseArguments &phase) {
  Size blocks = k.ceilDiv(shape.queries, schedule.queries);
  RowTiles tiles(k, shape.queries, schedule.rows);
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> at = k.delinearize(index, {batches, blocks});
    Head here = head(at[0]);
    k.ifThen(k.less(shape.queries, schedule.queries + 1),
             [&] { pack(here, operands.k, shape.depth, operands.keyPanels); });
    Size first = tiles.blockBegin(k, at[1], blocks);
    Size end = tiles.blockBegin(k, k.add(at[1], 1), blocks);
    k.forLoop(first, end, 1, [&](Value number) {
      Queries queries;
      queries.head = here;
      queries.first = tiles.start(k, number);
      queries.count = tiles.rows(k, number);
      queries.keys = limit(k.add(queries.first, k.sub(queries.count, 1)));
      tile(queries, tiles.heights());
    });
  });
}

} // namespace

void dlc::codegen::cpu::emitAttention(KernelBuilder &k, const PhaseArguments &phase,
                                      const AttentionShape &shape,
                                      const AttentionOperands &operands,
                                      const AttentionSchedule &schedule) {
  Forward(k, shape, operands, schedule).emit(phase);
}
