// Attention: for a block of queries, scores with a block of keys, their exponentials, and the sums
// of values; see Attention.h.
//
// A panel of keys, and then as many values, stay in L1 while all register tiles of queries meet
// them: the scores of a block wait in L2 between. Of each query three numbers are kept from block
// to block: the largest score so far, the sum of e^(score - largest), and what the sums of values
// must be multiplied with since the largest score has grown. With one block of keys, as for short
// sequences, none of it is seen in the code.
#include "codegen/cpu/EmitObject.h"
#include "codegen/cpu/emit/AttentionScores.h"
#include "codegen/lower/EmptyAsm.h"
#include "codegen/lower/ExpandMath.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace dlc::codegen;
using namespace dlc::codegen::cpu;

namespace {

constexpr double kLog2E = 0x1.71547652b82fep+0;

// Beside a power of two, or the rows of a tile would meet in few places of L1: a percent.
constexpr int64_t kLineBytes = 64;

class Forward : AttentionScores {
public:
  Forward(KernelBuilder &k, const AttentionShape &shape, const AttentionOperands &operands,
          const AttentionSchedule &schedule)
      : AttentionScores(k, shape, schedule, operands.mask, operands.key), operands(operands),
        heights(heightsOf(shape.queries, schedule.queries)),
        pitch(schedule.keys + kLineBytes / KernelBuilder::storedBytes(shape.accumulator)) {
    width = (shape.width + lanes - 1) / lanes * lanes;
    int64_t rows = (schedule.queries + lanes - 1) / lanes * lanes;
    scores = stack(schedule.queries * pitch);
    largest = stack(rows);
    total = stack(rows);
    grown = stack(rows);
    added = stack(schedule.queries * width);
    sums = isOneBlock() ? added : stack(schedule.queries * width);
    bool shared =
        shape.queries.isConstant() && shape.queries.constant() > ownPanelQueries(schedule);
    if (!shared)
      ownPanels = panelsOnStack(shape.depth);
  }

  void emit(const PhaseArguments &phase);

private:
  bool isOneBlock() const {
    return shape.keys.isConstant() && shape.keys.constant() <= schedule.keys;
  }

  void tile(Block block);
  void begin(const Block &block);
  void add(const Block &block);
  bool keepsPanels() const;
  Value panelsFor(const Block &block);
  void scoreRows(const Block &block, Value panels, Size panel, Size row, int64_t height);
  void exponentials(const Block &block, Size row, Size count);
  void fetchNext(Size row);
  Value largestScore(Value begin, Size count);
  void keepNumbers(Size row, Value before, Value now, Value shift, Value sum);
  void sumValues(const Block &block, Size from, Size row, int64_t height);
  void addBlock(const Block &block, Size row, Size count);
  void invertTotals(const Block &block);
  void storeRow(const Block &block, Size row);
  void storeLse(const Block &block);
  void zeros(const Block &block);

  Value values(const Block &block, Size from) {
    return k.address(shape.input, operands.v,
                     rowBegin(block.head, k.add(block.key, from), shape.keys, shape.width));
  }
  // Row |row| of |memory|, the vectors of |columns|.
  Accumulators load(Value memory, Size row, const ColumnTile &columns) {
    Accumulators loaded;
    for (int64_t v = 0; v < columns.vectors; ++v)
      loaded.push_back(k.load(vector, memory, place(row, columns, v)));
    return loaded;
  }
  void store(const Accumulators &stored, Value memory, Size row, const ColumnTile &columns) {
    for (int64_t v = 0; v < columns.vectors; ++v)
      k.store(stored[v], memory, place(row, columns, v));
  }
  Size place(Size row, const ColumnTile &columns, int64_t v) {
    return k.add(k.add(columns.column, k.mul(row, width)), v * lanes);
  }

  const AttentionOperands &operands;
  SmallVector<int64_t> heights;
  int64_t pitch; // from one row of scores to the next
  int64_t width;
  Value scores, largest, total, grown;
  Value added, sums; // values of this block of keys, and of those before; one for a single block
  Value ownPanels;   // of one block of keys; null where queries come in many blocks
  Size packed = 0;   // keys that have them from the piece of work before
  Head next;         // the batch after this one
};

// Raw scores of |height| queries with the keys that they see of panel |panel| of the block,
// -infinity where there is no key.
void Forward::scoreRows(const Block &block, Value panels, Size panel, Size row, int64_t height) {
  Size query = k.add(block.query, row), from = k.mul(panel, kPanelWidth);
  Value rows =
      k.address(shape.input, operands.q, rowBegin(block.head, query, shape.queries, shape.depth));
  Size columns = k.min(k.sub(seenColumns(block, row, height), from), kPanelWidth);
  products(rows, rowStride(shape.depth), height, panelOf(panels, panel, shape.depth), shape.depth,
           columns, [&](const Accumulators &products, Size column) {
             Size place = k.add(from, column), key = k.add(block.key, place);
             byEdge(query, key, [&](bool edge) {
               for (int64_t r = 0; r < height; ++r)
                 for (int64_t v = 0; v < schedule.vectors; ++v) {
                   Value seen =
                       score(products[r * schedule.vectors + v], block.head, k.add(query, r),
                             k.add(key, v * lanes), edge, shape.scale / pendingScale());
                   k.store(seen, scores,
                           k.add(k.add(place, v * lanes), k.mul(k.add(row, r), pitch)));
                 }
             });
           });
}

Value Forward::largestScore(Value begin, Size count) {
  Value none = constant(-std::numeric_limits<double>::infinity());
  SmallVector<Value> most =
      k.forLoop(0, count, columnsAtOnce(), SmallVector<Value>(schedule.vectors, none),
                [&](Value at, ValueRange carried) {
                  SmallVector<Value> next;
                  for (int64_t v = 0; v < schedule.vectors; ++v)
                    next.push_back(larger(carried[v], k.load(vector, begin, k.add(at, v * lanes))));
                  return next;
                });
  for (Value other : ArrayRef(most).drop_front())
    most.front() = larger(most.front(), other);
  return largestOf(most.front());
}

// One row of scores becomes e^(score - largest), or 0 where that is dropped. |count| is a multiple
// of columnsAtOnce().
void Forward::exponentials(const Block &block, Size row, Size count) {
  Value begin = k.address(shape.accumulator, scores, k.mul(row, pitch));
  Value before = isOneBlock() ? Value() : loadSplat(shape.accumulator, largest, row);
  Value now = largestScore(begin, count);
  if (before)
    now = larger(before, now);
  // Of nothing but -infinity every exponential is 0, not that of a NaN.
  Value none = constant(-std::numeric_limits<double>::infinity());
  Value nothing = compare(arith::CmpFPredicate::OEQ, now, none);
  Value shift = select(nothing, constant(0), now);
  if (drops())
    drawFlags(block.head, k.add(block.query, row), block.key, count);
  Value scale = constant(pendingScale() * kLog2E);
  int64_t unroll = unrolled();
  SmallVector<Value> parts =
      k.forLoop(0, count, unroll * lanes, SmallVector<Value>(unroll, constant(0)),
                [&](Value at, ValueRange carried) {
                  SmallVector<Value> next;
                  for (int64_t u = 0; u < unroll; ++u) {
                    Size place = k.add(at, u * lanes);
                    Value below = k.difference(k.load(vector, begin, place), shift);
                    Value weight = power(k.product(below, scale), kNotPositive);
                    k.store(drops() ? k.product(weight, flag(place)) : weight, begin, place);
                    next.push_back(k.sum(carried[u], weight));
                  }
                  return next;
                });
  for (Value other : ArrayRef(parts).drop_front())
    parts.front() = k.sum(parts.front(), other);
  keepNumbers(row, before, now, shift, k.horizontalSum(parts.front()));
}

void Forward::fetchNext(Size row) {
  fetchRow(rowsOf(operands.q, next, shape.queries, shape.depth), row, shape.queries, shape.depth);
  fetchRow(rowsOf(operands.k, next, shape.keys, shape.depth), row, shape.keys, shape.depth);
  fetchRow(rowsOf(operands.v, next, shape.keys, shape.width), row, shape.keys, shape.width);
}

void Forward::keepNumbers(Size row, Value before, Value now, Value shift, Value sum) {
  if (before) {
    Value scale = constant(pendingScale() * kLog2E);
    Value growth = power(k.product(k.difference(before, shift), scale), kNotPositive);
    growth = k.extract(growth, 0);
    k.store(growth, grown, row);
    sum = k.fma(k.load(shape.accumulator, total, row), growth, sum);
  }
  k.store(sum, total, row);
  k.store(k.extract(now, 0), largest, row);
}

// Adds the values [from, from + kPanelWidth) of the block to the sums of |height| queries.
void Forward::sumValues(const Block &block, Size from, Size row, int64_t height) {
  Size count = k.min(k.sub(seen(block, row, height), from), kPanelWidth);
  Value first = values(block, from);
  Value left = k.address(shape.accumulator, scores, k.add(from, k.mul(row, pitch)));
  auto all = [&] {
    forColumns(shape.width, [&](const ColumnTile &columns) {
      Accumulators result =
          weighAll({left, pitch, 1}, height, first, rowStride(shape.width), count, columns,
                   [&](Size r) { return load(added, k.add(row, r), columns); });
      for (int64_t r = 0; r < height; ++r)
        store(Accumulators(ArrayRef(result).slice(r * columns.vectors, columns.vectors)), added,
              k.add(row, r), columns);
    });
  };
  if (shape.causal)
    k.ifThen(k.less(0, count), all);
  else
    all();
}

// Adds what a row has from this block to what it had. 0 times NaN or infinity shows as a NaN: then
// the row is summed again without the keys of weight 0.
void Forward::addBlock(const Block &block, Size row, Size count) {
  forColumns(shape.width, [&](const ColumnTile &columns) {
    Accumulators found = unlessNan(k, load(added, row, columns), [&] {
      return weighRow({scores, pitch, 1}, row, values(block, 0), rowStride(shape.width),
                      count, columns,
                      [&](Size) { return Accumulators(columns.vectors, constant(0)); });
    });
    if (!isOneBlock()) {
      Value factor = loadSplat(shape.accumulator, grown, row);
      Accumulators before = load(sums, row, columns);
      for (auto [value, old] : llvm::zip(found, before))
        value = k.fma(old, factor, value);
    }
    store(found, sums, row, columns);
  });
}

// One over the sum of each row, for the last time that it grows; 0 where that is 0.
void Forward::invertTotals(const Block &block) {
  k.forLoop(0, block.queries, lanes, [&](Value row) {
    Value sum = k.load(vector, total, row), zero = constant(0);
    Value empty = compare(arith::CmpFPredicate::OEQ, sum, zero);
    Value factor = arith::DivFOp::create(k.builder(), k.loc(), constant(scaledUp()), sum);
    k.store(select(empty, zero, factor), grown, row);
  });
}

void Forward::storeRow(const Block &block, Size row) {
  Value factor = loadSplat(shape.accumulator, grown, row);
  Size to = rowBegin(block.head, k.add(block.query, row), shape.queries, shape.width);
  forColumns(shape.width, [&](const ColumnTile &columns) {
    Accumulators found = load(sums, row, columns);
    for (int64_t v = 0; v < columns.vectors; ++v)
      k.maskedStore(k.convert(k.product(found[v], factor), shape.input), operands.y,
                    k.add(to, k.add(columns.column, v * lanes)), columns.masks[v]);
  });
}

void Forward::storeLse(const Block &block) {
  // Logarithms leave the allocator few registers: the address is not fetched for each of them.
  Value maxima = throughEmptyAsm(k.builder(), k.loc(), largest);
  k.forLoop(0, block.queries, lanes, [&](Value row) {
    Value sum = k.load(vector, total, row), most = k.load(vector, maxima, row);
    if (pendingScale() != 1)
      most = k.product(most, constant(pendingScale()));
    k.store(k.sum(most, math::LogOp::create(k.builder(), k.loc(), sum)), grown, row);
  });
  k.forLoop(0, block.queries, 1, [&](Value row) {
    k.store(k.load(shape.accumulator, grown, row), operands.lse,
            rowBegin(block.head, k.add(block.query, row), shape.queries, 1));
  });
}

// Whether a piece of work finds the panels that the one before has packed, of whole panels of keys
// of the same batch, and packs those of the other keys that it meets: packing all of them for each
// of four blocks of queries takes 5 to 8 % of the time.
bool Forward::keepsPanels() const {
  return ownPanels && isOneBlock() && shape.queries.isConstant() &&
         shape.queries.constant() > schedule.queries && shape.keys.constant() % kPanelWidth == 0;
}

// The panels of a block's keys: those of the batch, or, where few pieces of work read them, packed
// now, so that they are still in the cache when read.
Value Forward::panelsFor(const Block &block) {
  if (ownPanels && shape.queries.isConstant()) {
    Size whole = k.div(packed, kPanelWidth), keys = k.mul(whole, kPanelWidth);
    Block fresh = block;
    fresh.key = k.add(block.key, keys);
    fresh.keys = k.sub(block.keys, keys);
    pack(fresh, operands.k, shape.depth, panelOf(ownPanels, whole, shape.depth));
    return ownPanels;
  }
  Size panels = k.mul(block.head.number, k.ceilDiv(shape.keys, kPanelWidth));
  Size first = k.add(panels, k.div(block.key, kPanelWidth));
  Value shared = panelOf(operands.keyPanels, first, shape.depth);
  if (!ownPanels)
    return shared;
  Value alone = k.less(shape.queries, ownPanelQueries(schedule) + 1);
  k.ifThen(alone, [&] { pack(block, operands.k, shape.depth, ownPanels); });
  return select(alone, ownPanels, shared);
}

// What the keys of one block add.
void Forward::add(const Block &block) {
  Value panels = panelsFor(block);
  Size parts = k.ceilDiv(block.keys, kPanelWidth);
  k.forLoop(0, parts, 1, [&](Value panel) {
    forRowTiles(block.queries, heights,
                [&](Size row, int64_t height) { scoreRows(block, panels, panel, row, height); });
  });
  forRowTiles(block.queries, heights, [&](Size first, int64_t height) {
    Size count = seenColumns(block, first, height);
    k.forLoop(0, height, 1, [&](Value r) {
      Size row = k.add(first, r);
      if (fetchesAhead())
        fetchNext(k.add(block.query, row));
      if (operands.y && isOneBlock()) // written soon: 5 % of 128 queries and keys, causal
        fetchRow(rowsOf(operands.y, block.head, shape.queries, shape.width),
                 k.add(block.query, row), shape.queries, shape.width);
      exponentials(block, row, count);
    });
  });
  if (!operands.y)
    return;
  k.forLoop(0, k.mul(block.queries, width), lanes,
            [&](Value at) { k.store(constant(0), added, at); });
  k.forLoop(0, parts, 1, [&](Value part) {
    forRowTiles(block.queries, heights, [&](Size row, int64_t height) {
      sumValues(block, k.mul(part, kPanelWidth), row, height);
    });
  });
  forRowTiles(block.queries, heights, [&](Size first, int64_t height) {
    Size count = k.max(seen(block, first, height), 0);
    k.forLoop(0, height, 1, [&](Value r) { addBlock(block, k.add(first, r), count); });
  });
}

// Without keys.
void Forward::zeros(const Block &block) {
  Value zero = k.zero(shape.input);
  Value none = k.floatConstant(shape.accumulator, -std::numeric_limits<double>::infinity());
  k.forLoop(0, block.queries, 1, [&](Value r) {
    Size row = k.add(block.query, r);
    if (operands.y)
      k.forLoop(0, shape.width, 1, [&](Value column) {
        k.store(zero, operands.y,
                k.add(rowBegin(block.head, row, shape.queries, shape.width), column));
      });
    if (operands.lse)
      k.store(none, operands.lse, rowBegin(block.head, row, shape.queries, 1));
  });
}

// No key has been seen.
void Forward::begin(const Block &block) {
  k.forLoop(0, block.queries, lanes, [&](Value row) {
    k.store(constant(-std::numeric_limits<double>::infinity()), largest, row);
    k.store(constant(0), total, row);
  });
  k.forLoop(0, k.mul(block.queries, width), lanes,
            [&](Value at) { k.store(constant(0), sums, at); });
}

void Forward::tile(Block block) {
  // The keys that any of the queries sees.
  Size keys = limit(k.sub(k.add(block.query, block.queries), 1));
  auto seen = [&] {
    if (isOneBlock()) {
      block.key = 0, block.keys = keys;
      add(block);
    } else {
      begin(block);
      k.forLoop(0, keys, schedule.keys, [&](Value from) {
        block.key = from;
        block.keys = shape.causal ? k.min(k.sub(keys, from), schedule.keys)
                                  : rowsFrom(from, shape.keys, schedule.keys);
        add(block);
      });
    }
    if (operands.y) {
      invertTotals(block);
      k.forLoop(0, block.queries, 1, [&](Value row) { storeRow(block, row); });
    }
    if (operands.lse)
      storeLse(block);
  };
  k.ifElse(k.less(0, keys), seen, [&] { zeros(block); });
}

void Forward::emit(const PhaseArguments &phase) {
  Size blocks = k.ceilDiv(shape.queries, schedule.queries);
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> at = k.delinearize(index, {batches, blocks});
    Block block;
    block.head = head(at[0]);
    if (fetchesAhead())
      next = nextHead(block.head);
    block.query = k.mul(at[1], schedule.queries);
    if (keepsPanels()) {
      Value first = arith::OrIOp::create(k.builder(), k.loc(), k.equal(at[1], 0),
                                         k.equal(index, phase.begin));
      packed = k.select(first, 0, limit(k.sub(block.query, 1)));
    }
    block.queries = rowsFrom(block.query, shape.queries, schedule.queries);
    tile(block);
  });
}

} // namespace

void dlc::codegen::cpu::emitAttention(KernelBuilder &k, const PhaseArguments &phase,
                                      const AttentionShape &shape,
                                      const AttentionOperands &operands,
                                      const AttentionSchedule &schedule) {
  // Queries, keys, values, scores, mask and sums: more addresses than registers.
  auto function =
      k.builder().getInsertionBlock()->getParent()->getParentOfType<LLVM::LLVMFuncOp>();
  function.setPassthroughAttr(k.builder().getStrArrayAttr({kReduceStrength}));
  Forward(k, shape, operands, schedule).emit(phase);
}
