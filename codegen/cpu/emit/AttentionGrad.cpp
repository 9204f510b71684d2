// The gradient of attention: for a block of keys, all blocks of queries that see any of them; for
// each pair the scores and their gradients once more, then the three sums that need them. The sums
// of the keys' block stay in buffers on the stack, those of queries wait in memory.
#include "codegen/cpu/emit/AttentionScores.h"
#include "codegen/lower/EmptyAsm.h"
#include "codegen/lower/ExpandMath.h"
#include <limits>

using namespace mlir;
using namespace dlc::codegen;
using namespace dlc::codegen::cpu;

namespace {

constexpr double kLog2E = 0x1.71547652b82fep+0;

class Backward : AttentionScores {
public:
  Backward(KernelBuilder &k, const AttentionShape &shape, const AttentionGradOperands &operands,
           const AttentionSchedule &schedule)
      : AttentionScores(k, shape, schedule, operands.mask, operands.key), operands(operands),
        depth(padded(shape.depth)), width(padded(shape.width)),
        queryHeights(heightsOf(shape.queries, schedule.queries)),
        keyHeights(heightsOf(shape.keys, schedule.keys)) {
    keyPanels = panelsOnStack(shape.depth);
    valuePanels = panelsOnStack(shape.width);
    p = stack(schedule.queries * schedule.keys);
    ds = stack(schedule.queries * schedule.keys);
    if (operands.dk)
      dk = stack(schedule.keys * depth);
    if (operands.dv)
      dv = stack(schedule.keys * width);
  }

  void emit(const PhaseArguments &phase);

private:
  int64_t padded(int64_t extent) const { return (extent + lanes - 1) / lanes * lanes; }

  void batch(const Head &head);
  void clear(Value buffer, int64_t elements);
  void scoresAndGradients(const Block &block);
  void productRows(const Block &block, Size row, int64_t height);
  struct RowSums {
    Value lse, delta; // of a row, broadcast
  };
  void pointwise(const Block &block, Size row, Size count, const RowSums &of);
  void clearRow(const Block &block, Size row, Size from);
  void fetchNext(Size row, int64_t height);
  Value inRegister(Value scalar) { return throughEmptyAsm(k.builder(), k.loc(), scalar); }
  void addToKeys(const Block &block, Value factors, Value rows, Value sums, int64_t extent);
  void addToQueries(const Block &block);
  void storeKeys(const Block &block, Value sums, Value result, int64_t extent);
  void clearQueries(const Head &head);
  void convertQueries(const Head &head);
  bool convertsQueries() const { return operands.dq && operands.dq != operands.dqSums; }

  const AttentionGradOperands &operands;
  int64_t depth, width;
  SmallVector<int64_t> queryHeights, keyHeights;
  Value keyPanels, valuePanels; // of one block of keys
  Value p, ds, dk, dv;
  Head next; // the batch after this one
};

void Backward::clear(Value buffer, int64_t elements) {
  k.forLoop(0, elements, lanes, [&](Value at) { k.store(constant(0), buffer, at); });
}

// Rows [row, row + height) of the block, as far as they see keys: scores into p, products with v
// into ds.
void Backward::productRows(const Block &block, Size row, int64_t height) {
  Size query = k.add(block.query, row), seen = seenColumns(block, row, height);
  Value q =
      k.address(shape.input, operands.q, rowBegin(block.head, query, shape.queries, shape.depth));
  Value dy =
      k.address(shape.input, operands.dy, rowBegin(block.head, query, shape.queries, shape.width));
  k.forLoop(0, k.ceilDiv(seen, kPanelWidth), 1, [&](Value panel) {
    Size from = k.mul(panel, kPanelWidth), columns = k.min(k.sub(seen, from), kPanelWidth);
    auto each = [&](const Accumulators &sums, Size column,
                    function_ref<void(Value sum, int64_t r, Size key, Size place)> body) {
      for (int64_t r = 0; r < height; ++r)
        for (int64_t v = 0; v < schedule.vectors; ++v) {
          Size at = k.add(k.add(from, column), v * lanes);
          body(sums[r * schedule.vectors + v], r, k.add(block.key, at),
               k.add(k.mul(k.add(row, r), schedule.keys), at));
        }
    };
    Value keys = panelOf(keyPanels, panel, shape.depth);
    products(q, rowStride(shape.depth), height, keys, shape.depth, columns,
             [&](const Accumulators &sums, Size column) {
               byEdge(query, k.add(block.key, k.add(from, column)), [&](bool edge) {
                 each(sums, column, [&](Value sum, int64_t r, Size key, Size place) {
                   Value given = score(sum, block.head, k.add(query, r), key, edge, shape.scale);
                   k.store(given, p, place);
                 });
               });
             });
    Value values = panelOf(valuePanels, panel, shape.width);
    products(dy, rowStride(shape.width), height, values, shape.width, columns,
             [&](const Accumulators &sums, Size column) {
               each(sums, column,
                    [&](Value sum, int64_t, Size, Size place) { k.store(sum, ds, place); });
             });
  });
}

// One row: p = e^(score - lse), ds = p * (ds - delta) * scale; 0 where p is. Of p and of the ds
// that comes in, dropout leaves 0 or more.
void Backward::pointwise(const Block &block, Size row, Size count, const RowSums &of) {
  auto [lse, delta] = of;
  // Weights are 0 for a query that sees nothing, and for a key that it does not see.
  Value never = constant(-std::numeric_limits<double>::infinity());
  Value none = compare(arith::CmpFPredicate::OEQ, lse, never);
  Size begin = k.mul(row, schedule.keys);
  int64_t unroll = unrolled();
  if (drops())
    drawFlags(block.head, k.add(block.query, row), block.key, count);
  k.forLoop(0, count, unroll * lanes, [&](Value offset) {
    for (int64_t u = 0; u < unroll; ++u) {
      Size place = k.add(k.add(begin, offset), u * lanes);
      Value score = k.load(vector, p, place);
      Value unseen = compare(arith::CmpFPredicate::OEQ, score, never);
      unseen = arith::OrIOp::create(k.builder(), k.loc(), unseen, none);
      Value below = k.product(k.difference(score, lse), constant(kLog2E));
      Value given = select(unseen, constant(0), power(below, kNormalResults));
      Value weight = given, sum = k.load(vector, ds, place);
      if (drops()) {
        Value kept =
            compare(arith::CmpFPredicate::UNE, flag(k.add(offset, u * lanes)), constant(0));
        weight = select(kept, k.product(given, constant(scaledUp())), constant(0));
        sum = select(kept, k.product(sum, constant(scaledUp())), constant(0));
      }
      k.store(weight, p, place);
      Value change = k.difference(sum, delta);
      Value gradient = k.product(k.product(given, constant(shape.scale)), change);
      Value counts = compare(arith::CmpFPredicate::UNE, given, constant(0));
      k.store(select(counts, gradient, constant(0)), ds, place);
    }
  });
}

// No part for the keys of the block from |from| on, as far as tiles of keys meet the row.
void Backward::clearRow(const Block &block, Size row, Size from) {
  Size begin = k.mul(row, schedule.keys), end = k.roundUp(block.keys, columnsAtOnce());
  k.forLoop(from, end, lanes, [&](Value at) {
    for (Value buffer : {p, ds})
      k.store(constant(0), buffer, k.add(begin, at));
  });
}

// In loops of their own: among a row's arithmetic the addresses find no registers.
void Backward::fetchNext(Size row, int64_t height) {
  auto fetch = [&](Value operand, Size rows, int64_t depth) {
    Value first = inRegister(rowsOf(operand, next, rows, depth));
    k.forLoop(row, k.add(row, height), 1, [&](Value r) { fetchRow(first, r, rows, depth); });
  };
  fetch(operands.q, shape.queries, shape.depth);
  fetch(operands.dy, shape.queries, shape.width);
  fetch(operands.k, shape.keys, shape.depth);
  fetch(operands.v, shape.keys, shape.width);
}

void Backward::scoresAndGradients(const Block &block) {
  forRowTiles(block.queries, queryHeights, [&](Size first, int64_t height) {
    if (fetchesAhead())
      k.ifThen(k.equal(block.key, 0), [&] { fetchNext(k.add(block.query, first), height); });
    productRows(block, first, height);
    // What rows need is set here, or LLVM sets it before all loops and fetches it from the stack.
    Size count = inRegister(k.value(seenColumns(block, first, height)));
    Size at = rowBegin(block.head, k.add(block.query, first), shape.queries, 1);
    Value lse = inRegister(k.address(shape.accumulator, operands.lse, at));
    Value delta = inRegister(k.address(shape.accumulator, operands.delta, at));
    k.forLoop(0, height, 1, [&](Value r) {
      Size row = k.add(first, r), step = k.mul(r, inner);
      pointwise(block, row, count,
                {loadSplat(shape.accumulator, lse, step),
                 loadSplat(shape.accumulator, delta, step)});
      if (shape.causal)
        clearRow(block, row, count);
    });
  });
}

// sums[key] += factors[.., key] * rows[..] over the queries of the block that see the key.
void Backward::addToKeys(const Block &block, Value factors, Value rows, Value sums,
                         int64_t extent) {
  PartialSums memory{sums, shape.accumulator, lanes, padded(extent)};
  forRowTiles(block.keys, keyHeights, [&](Size start, int64_t height) {
    auto row = [&](Size r) { return k.add(start, r); };
    Size from = 0;
    if (shape.causal)
      from = k.min(k.max(k.sub(k.add(block.key, start), block.query), 0), block.queries);
    Value left = k.address(shape.accumulator, factors, k.add(start, k.mul(from, schedule.keys)));
    Value first = k.address(shape.input, rows,
                            rowBegin(block.head, k.add(block.query, from), shape.queries, extent));
    forColumns(extent, [&](const ColumnTile &columns) {
      auto soFar = [&](Size r) { return memory.load(k, 1, columns, [&](Size) { return row(r); }); };
      Accumulators values = weigh({left, 1, schedule.keys}, height, first, rowStride(extent),
                                  k.sub(block.queries, from), columns, soFar);
      memory.store(k, values, height, columns, row);
    });
  });
}

// dq[query] += ds[query, ..] * k[..] over the keys of the block that the query sees.
void Backward::addToQueries(const Block &block) {
  Value rows =
      k.address(shape.input, operands.k, rowBegin(block.head, block.key, shape.keys, shape.depth));
  Size first = rowBegin(block.head, block.query, shape.queries, shape.depth);
  PartialSums memory{k.address(shape.accumulator, operands.dqSums, first), shape.accumulator, lanes,
                     rowStride(shape.depth)};
  forRowTiles(block.queries, queryHeights, [&](Size start, int64_t height) {
    auto row = [&](Size r) { return k.add(start, r); };
    Value left = k.address(shape.accumulator, ds, k.mul(start, schedule.keys));
    forColumns(shape.depth, [&](const ColumnTile &columns) {
      auto soFar = [&](Size r) { return memory.load(k, 1, columns, [&](Size) { return row(r); }); };
      Accumulators values = weigh({left, schedule.keys, 1}, height, rows, rowStride(shape.depth),
                                  seen(block, start, height), columns, soFar);
      memory.store(k, values, height, columns, row);
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
  if (fetchesAhead())
    next = nextHead(head);
  if (operands.dqSums)
    clearQueries(head);
  k.forLoop(0, shape.keys, schedule.keys, [&](Value key) {
    Block block;
    block.head = head;
    block.key = key;
    block.keys = rowsFrom(key, shape.keys, schedule.keys);
    pack(block, operands.k, shape.depth, keyPanels);
    pack(block, operands.v, shape.width, valuePanels);
    if (dk)
      clear(dk, schedule.keys * depth);
    if (dv)
      clear(dv, schedule.keys * width);
    // Queries above the diagonal see none of these keys.
    Size from = shape.causal ? k.mul(k.div(key, schedule.queries), schedule.queries) : Size(0);
    k.forLoop(from, shape.queries, schedule.queries, [&](Value query) {
      block.query = query;
      block.queries = rowsFrom(query, shape.queries, schedule.queries);
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
