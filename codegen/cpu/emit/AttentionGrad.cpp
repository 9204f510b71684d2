// The gradient of attention: for a block of keys, all blocks of queries that see any of them; for
// each pair the scores and their gradients once more, then the three sums that need them. The sums
// of the keys' block stay in buffers on the stack, those of queries wait in memory.
#include "codegen/cpu/emit/AttentionScores.h"
#include <limits>

using namespace mlir;
using namespace dlc::codegen::cpu;

namespace {

class Backward : AttentionScores {
public:
  Backward(KernelBuilder &k, const AttentionShape &shape, const AttentionGradOperands &operands,
           const AttentionSchedule &schedule)
      : AttentionScores(k, shape, schedule, operands.mask, operands.key), operands(operands),
        depth(padded(shape.depth)), width(padded(shape.width)) {
    p = stack(schedule.queries * schedule.keys);
    ds = stack(schedule.queries * schedule.keys);
    if (operands.dk)
      dk = stack(schedule.keys * depth);
    if (operands.dv)
      dv = stack(schedule.keys * width);
  }

  void emit(const PhaseArguments &phase);

private:
  // Queries and keys that meet.
  struct Block {
    Head head;
    Size query, queries; // first, count
    Size key, keys;
  };
  int64_t padded(int64_t extent) const { return (extent + lanes - 1) / lanes * lanes; }

  void batch(const Head &head);
  void clear(Value buffer, int64_t elements);
  void scoresAndGradients(const Block &block);
  void productRows(const Block &block, Size row, int64_t height);
  void pointwise(const Block &block, Size row);
  void addToKeys(const Block &block, Value factors, Value rows, Value sums, int64_t extent);
  void addToQueries(const Block &block);
  void storeKeys(const Block &block, Value sums, Value result, int64_t extent);
  void clearQueries(const Head &head);
  void convertQueries(const Head &head);
  bool convertsQueries() const { return operands.dq && operands.dq != operands.dqSums; }

  const AttentionGradOperands &operands;
  int64_t depth, width;
  Value p, ds, dk, dv;
};

void Backward::clear(Value buffer, int64_t elements) {
  k.forLoop(0, elements, lanes, [&](Value at) { k.store(constant(0), buffer, at); });
}

// Rows [row, row + height) of the block: scores into p, products with v into ds.
void Backward::productRows(const Block &block, Size row, int64_t height) {
  Size query = k.add(block.query, row);
  Value q =
      k.address(shape.input, operands.q, rowBegin(block.head, query, shape.queries, shape.depth));
  Value dy =
      k.address(shape.input, operands.dy, rowBegin(block.head, query, shape.queries, shape.width));
  Size firstPanel = k.div(block.key, kPanelWidth);
  Size end = k.ceilDiv(k.add(block.key, block.keys), kPanelWidth);
  k.forLoop(firstPanel, end, 1, [&](Value number) {
    auto each = [&](const Accumulators &sums, Size column,
                    function_ref<void(Value sum, int64_t r, Size key, Size place)> body) {
      Size key = k.add(k.mul(number, kPanelWidth), column);
      for (int64_t r = 0; r < height; ++r)
        for (int64_t v = 0; v < schedule.vectors; ++v) {
          Size at = k.add(key, v * lanes), place = k.mul(k.add(row, r), schedule.keys);
          body(sums[r * schedule.vectors + v], r, at, k.add(place, k.sub(at, block.key)));
        }
    };
    Value keys = panelOf(operands.keyPanels, block.head, number, shape.depth);
    products(q, rowStride(shape.depth), height, keys, shape.depth,
             [&](const Accumulators &sums, Size column) {
               byEdge(query, k.add(k.mul(number, kPanelWidth), column), [&](bool edge) {
                 each(sums, column, [&](Value sum, int64_t r, Size key, Size place) {
                   k.store(score(sum, block.head, k.add(query, r), key, edge), p, place);
                 });
               });
             });
    Value values = panelOf(operands.valuePanels, block.head, number, shape.width);
    products(dy, rowStride(shape.width), height, values, shape.width,
             [&](const Accumulators &sums, Size column) {
               each(sums, column,
                    [&](Value sum, int64_t, Size, Size place) { k.store(sum, ds, place); });
             });
  });
}

// One row: p = e^(score - lse), ds = p * (ds - delta) * scale; 0 where p is. Of p and of the ds
// that comes in, dropout leaves 0 or more.
void Backward::pointwise(const Block &block, Size row) {
  Size at = rowBegin(block.head, k.add(block.query, row), shape.queries, 1);
  Value lse = loadSplat(shape.accumulator, operands.lse, at);
  Value delta = loadSplat(shape.accumulator, operands.delta, at);
  // Weights are 0 for a query that sees nothing, and for a key that it does not see.
  Value never = constant(-std::numeric_limits<double>::infinity());
  Value none = compare(arith::CmpFPredicate::OEQ, lse, never);
  Size begin = k.mul(row, schedule.keys);
  Size count = k.mul(k.ceilDiv(block.keys, kPanelWidth), kPanelWidth);
  int64_t unroll = unrolled();
  if (drops())
    drawFlags(block.head, k.add(block.query, row), block.key, count);
  k.forLoop(0, count, unroll * lanes, [&](Value offset) {
    for (int64_t u = 0; u < unroll; ++u) {
      Size place = k.add(k.add(begin, offset), u * lanes);
      Value score = select(none, never, k.load(vector, p, place));
      Value unseen = compare(arith::CmpFPredicate::OEQ, score, never);
      Value power = select(unseen, constant(0), exp(k.difference(score, lse)));
      Value weight = power, sum = k.load(vector, ds, place);
      if (drops()) {
        Value kept =
            compare(arith::CmpFPredicate::UNE, flag(k.add(offset, u * lanes)), constant(0));
        weight = select(kept, k.product(power, constant(scaledUp())), constant(0));
        sum = select(kept, k.product(sum, constant(scaledUp())), constant(0));
      }
      k.store(weight, p, place);
      Value change = k.difference(sum, delta);
      Value gradient = k.product(k.product(power, constant(shape.scale)), change);
      Value seen = compare(arith::CmpFPredicate::UNE, power, constant(0));
      k.store(select(seen, gradient, constant(0)), ds, place);
    }
  });
}

void Backward::scoresAndGradients(const Block &block) {
  RowTiles tiles(k, block.queries, schedule.rows);
  k.forLoop(0, tiles.tiles, 1, [&](Value number) {
    Size row = tiles.start(k, number);
    forHeight(k, tiles.rows(k, number), tiles.heights(),
              [&](int64_t height) { productRows(block, row, height); });
  });
  k.forLoop(0, block.queries, 1, [&](Value row) { pointwise(block, row); });
}

// sums[key] += factors[.., key] * rows[..] over the queries of the block.
void Backward::addToKeys(const Block &block, Value factors, Value rows, Value sums,
                         int64_t extent) {
  Value first =
      k.address(shape.input, rows, rowBegin(block.head, block.query, shape.queries, extent));
  RowTiles tiles(k, block.keys, schedule.rows);
  PartialSums memory{sums, shape.accumulator, lanes, padded(extent)};
  k.forLoop(0, tiles.tiles, 1, [&](Value number) {
    Size start = tiles.start(k, number);
    auto row = [&](Size r) { return k.add(start, r); };
    Value left = k.address(shape.accumulator, factors, start);
    forHeight(k, tiles.rows(k, number), tiles.heights(), [&](int64_t height) {
      forColumns(extent, [&](const ColumnTile &columns) {
        auto soFar = [&](Size r) {
          return memory.load(k, 1, columns, [&](Size) { return row(r); });
        };
        Accumulators values = weigh({left, 1, schedule.keys}, height, first, rowStride(extent),
                                    block.queries, columns, soFar);
        memory.store(k, values, height, columns, row);
      });
    });
  });
}

// dq[query] += ds[query, ..] * k[..] over the keys of the block.
void Backward::addToQueries(const Block &block) {
  Value rows =
      k.address(shape.input, operands.k, rowBegin(block.head, block.key, shape.keys, shape.depth));
  RowTiles tiles(k, block.queries, schedule.rows);
  Size first = rowBegin(block.head, block.query, shape.queries, shape.depth);
  PartialSums memory{k.address(shape.accumulator, operands.dqSums, first), shape.accumulator, lanes,
                     rowStride(shape.depth)};
  k.forLoop(0, tiles.tiles, 1, [&](Value number) {
    Size start = tiles.start(k, number);
    auto row = [&](Size r) { return k.add(start, r); };
    Value left = k.address(shape.accumulator, ds, k.mul(start, schedule.keys));
    forHeight(k, tiles.rows(k, number), tiles.heights(), [&](int64_t height) {
      forColumns(shape.depth, [&](const ColumnTile &columns) {
        auto soFar = [&](Size r) {
          return memory.load(k, 1, columns, [&](Size) { return row(r); });
        };
        Accumulators values = weigh({left, schedule.keys, 1}, height, rows, rowStride(shape.depth),
                                    block.keys, columns, soFar);
        memory.store(k, values, height, columns, row);
      });
    });
  });
}

void Backward::storeKeys(const Block &block, Value sums, Value result, int64_t extent) {
  k.forLoop(0, block.keys, 1, [&](Value row) {
    Size to = rowBegin(block.head, k.add(block.key, row), shape.keys, extent);
    forColumns(extent, [&](const ColumnTile &columns) {
      for (int64_t v = 0; v < columns.vectors; ++v) {
        Size column = k.add(columns.column, v * lanes);
        Value value = k.load(vector, sums, k.add(k.mul(row, padded(extent)), column));
        k.maskedStore(k.convert(value, shape.input), result, k.add(to, column), columns.masks[v]);
      }
    });
  });
}

void Backward::clearQueries(const Head &head) {
  k.forLoop(0, shape.queries, 1, [&](Value row) {
    Size to = rowBegin(head, row, shape.queries, shape.depth);
    forColumns(shape.depth, [&](const ColumnTile &columns) {
      for (int64_t v = 0; v < columns.vectors; ++v)
        k.maskedStore(constant(0), operands.dqSums, k.add(to, k.add(columns.column, v * lanes)),
                      columns.masks[v]);
    });
  });
}

void Backward::convertQueries(const Head &head) {
  k.forLoop(0, shape.queries, 1, [&](Value row) {
    Size at = rowBegin(head, row, shape.queries, shape.depth);
    forColumns(shape.depth, [&](const ColumnTile &columns) {
      for (int64_t v = 0; v < columns.vectors; ++v) {
        Size place = k.add(at, k.add(columns.column, v * lanes));
        Value value = k.maskedLoad(vector, operands.dqSums, place, columns.masks[v]);
        k.maskedStore(k.convert(value, shape.input), operands.dq, place, columns.masks[v]);
      }
    });
  });
}

void Backward::batch(const Head &head) {
  pack(head, operands.k, shape.depth, operands.keyPanels);
  pack(head, operands.v, shape.width, operands.valuePanels);
  if (operands.dqSums)
    clearQueries(head);
  k.forLoop(0, shape.keys, schedule.keys, [&](Value key) {
    Block block;
    block.head = head;
    block.key = key;
    block.keys = k.min(k.sub(shape.keys, key), schedule.keys);
    if (dk)
      clear(dk, schedule.keys * depth);
    if (dv)
      clear(dv, schedule.keys * width);
    // Queries above the diagonal see none of these keys.
    Size from = shape.causal ? k.mul(k.div(key, schedule.queries), schedule.queries) : Size(0);
    k.forLoop(from, shape.queries, schedule.queries, [&](Value query) {
      block.query = query;
      block.queries = k.min(k.sub(shape.queries, query), schedule.queries);
      scoresAndGradients(block);
      if (dv)
        addToKeys(block, p, operands.dy, dv, shape.width);
      if (dk)
        addToKeys(block, ds, operands.q, dk, shape.depth);
      if (operands.dqSums)
        addToQueries(block);
    });
    if (dk)
      storeKeys(block, dk, operands.dk, shape.depth);
    if (dv)
      storeKeys(block, dv, operands.dv, shape.width);
  });
  if (convertsQueries())
    convertQueries(head);
}

void Backward::emit(const PhaseArguments &phase) {
  k.forLoop(phase.begin, phase.end, 1, [&](Value number) { batch(head(number)); });
}

} // namespace

void dlc::codegen::cpu::emitAttentionGrad(KernelBuilder &k, const PhaseArguments &phase,
                                          const AttentionShape &shape,
                                          const AttentionGradOperands &operands,
                                          const AttentionSchedule &schedule) {
  Backward(k, shape, operands, schedule).emit(phase);
}
