// Rows, panels, and what a query sees.
#include "codegen/cpu/emit/AttentionScores.h"
#include "codegen/cpu/emit/Philox.h"
#include "codegen/lower/ExpandMath.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <cmath>
#include <limits>
#include <set>

using namespace mlir;
using namespace dlc::codegen::cpu;

AttentionScores::Head AttentionScores::head(Size number) {
  Head head;
  head.number = number;
  head.before = k.div(number, inner);
  head.behind = k.rem(number, inner);
  head.mask = 0;
  SmallVector<Size> at = k.delinearize(number, shape.batch);
  if (mask)
    for (auto [i, coordinate] : llvm::enumerate(at))
      head.mask = k.add(head.mask, k.mul(coordinate, shape.maskStrides[i]));
  return head;
}

// ---- Blocks and their register tiles

SmallVector<int64_t> AttentionScores::heightsOf(Size extent, int64_t block) {
  if (!extent.isConstant())
    return RowTiles(k, extent, schedule.rows).heights();
  std::set<int64_t, std::greater<>> heights;
  for (int64_t rows : {std::min(block, extent.constant()), extent.constant() % block})
    for (int64_t height : RowTiles(k, rows, schedule.rows).heights())
      heights.insert(height);
  return SmallVector<int64_t>(heights.begin(), heights.end());
}

Size AttentionScores::rowsFrom(Size first, Size extent, int64_t block) {
  if (extent.isConstant() && (extent.constant() % block == 0 || extent.constant() < block))
    return std::min(extent.constant(), block);
  return k.min(k.sub(extent, first), block);
}

void AttentionScores::forRowTiles(Size count, ArrayRef<int64_t> heights,
                                  function_ref<void(Size row, int64_t height)> body) {
  RowTiles tiles(k, count, schedule.rows);
  k.forLoop(0, tiles.tiles, 1, [&](Value number) {
    Size row = tiles.start(k, number);
    forHeight(k, tiles.rows(k, number), heights, [&](int64_t height) { body(row, height); });
  });
}

Size AttentionScores::seen(const Block &block, Size row, int64_t height) {
  if (!shape.causal)
    return block.keys;
  Size last = k.add(k.add(block.query, row), height); // the key behind the last query's own
  return k.min(k.sub(last, block.key), block.keys);
}

Value AttentionScores::rowsOf(Value operand, const Head &head, Size rows, int64_t depth) {
  return k.address(shape.input, operand, rowBegin(head, 0, rows, depth));
}

void AttentionScores::fetchRow(Value first, Size row, Size rows, int64_t depth) {
  constexpr int64_t kLineBytes = 64;
  constexpr uint32_t kSecondLevel = 2, kData = 1;
  Size begin = k.mul(k.min(row, k.sub(rows, 1)), rowStride(depth));
  int64_t line = kLineBytes / KernelBuilder::storedBytes(shape.input);
  for (int64_t at = 0; at < depth; at += line)
    LLVM::Prefetch::create(k.builder(), k.loc(), k.address(shape.input, first, k.add(begin, at)),
                           /*rw=*/0, kSecondLevel, kData);
}

// Where the sequence ends with a whole panel all are packed as such: what stands behind the keys
// that a causal block sees is masked like any key beyond a query, and packing needs no masks.
void AttentionScores::pack(const Block &block, Value source, int64_t depth, Value panels) {
  if (!shape.keys.isConstant() || shape.keys.constant() % kPanelWidth != 0)
    return packKeys(block.head, block.key, block.keys, source, depth, panels);
  k.forLoop(0, k.ceilDiv(block.keys, kPanelWidth), 1, [&](Value panel) {
    Size key = k.add(block.key, k.mul(panel, kPanelWidth));
    packKeys(block.head, key, kPanelWidth, source, depth, panelOf(panels, panel, depth));
  });
}

void AttentionScores::packKeys(const Head &head, Size key, Size keys, Value source, int64_t depth,
                               Value panels) {
  AttentionShape part = shape;
  part.keys = keys;
  ContractionShape matrix = attentionMatrix(k, part, depth);
  matrix.batch.clear();
  Value from = k.address(shape.input, source, rowBegin(head, key, shape.keys, depth));
  PhaseArguments all;
  all.begin = k.value(0);
  all.end = k.value(k.mul(k.ceilDiv(keys, kPanelWidth), (depth + kPackRows - 1) / kPackRows));
  emitPackPanels(k, all, matrix, from, panels);
}

// ---- Products

void AttentionScores::products(Value rows, Size stride, int64_t height, Value panel, int64_t depth,
                               Size columns, ProductBody body) {
  k.forLoop(0, columns, columnsAtOnce(), [&](Value column) {
    RegisterTile tile;
    tile.input = shape.input, tile.accumulator = shape.accumulator, tile.lanes = lanes;
    Value first = k.address(shape.input, panel, column);
    for (int64_t v = 0; v < schedule.vectors; ++v)
      tile.columns.push_back({first, v * lanes});
    tile.masks.assign(schedule.vectors, Value());
    for (int64_t r = 0; r < height; ++r)
      tile.rows.push_back(Place::at(k, shape.input, rows, k.mul(r, stride)));
    Accumulators zeros(height * schedule.vectors, k.zero(vector));
    body(accumulate(k, tile, {{0, depth, 1, kPanelWidth}}, zeros), column);
  });
}

SmallVector<Value> AttentionScores::vectorsOf(Value row, const ColumnTile &columns) {
  VectorType stored = k.vectorType(shape.input, lanes);
  SmallVector<Value> vectors;
  for (int64_t v = 0; v < columns.vectors; ++v)
    vectors.push_back(
        k.convert(k.maskedLoad(stored, row, v * lanes, columns.masks[v]), shape.accumulator));
  return vectors;
}

Accumulators AttentionScores::weighAll(const Factors &factors, int64_t height, Value rows,
                                       Size stride, Size count, const ColumnTile &columns,
                                       StartRow start) {
  Accumulators initial;
  for (int64_t r = 0; r < height; ++r)
    initial.append(start(r));
  Value first = k.address(shape.input, rows, columns.column);
  return k.forLoop(0, count, 1, initial, [&](Value step, ValueRange carried) {
    SmallVector<Value> b = vectorsOf(k.address(shape.input, first, k.mul(step, stride)), columns);
    Value factor = k.address(shape.accumulator, factors.memory, k.mul(step, factors.step));
    Accumulators next;
    for (int64_t r = 0; r < height; ++r) {
      Value a = loadSplat(shape.accumulator, factor, k.mul(r, factors.row));
      for (int64_t v = 0; v < columns.vectors; ++v)
        next.push_back(k.fma(a, b[v], carried[r * columns.vectors + v]));
    }
    return next;
  });
}

Accumulators AttentionScores::weigh(const Factors &factors, int64_t height, Value rows, Size stride,
                                    Size count, const ColumnTile &columns, StartRow start) {
  Accumulators sums = weighAll(factors, height, rows, stride, count, columns, start);
  // 0 times NaN or infinity shows as a NaN.
  return unlessNan(k, sums, [&] {
    return rowByRow(k, height, exactRows, [&](Value row) {
      return weighRow(factors, row, rows, stride, count, columns, start);
    });
  });
}

Accumulators AttentionScores::weighRow(const Factors &factors, Size row, Value rows, Size stride,
                                       Size count, const ColumnTile &columns, StartRow start) {
  Value first = k.address(shape.input, rows, columns.column);
  return k.forLoop(0, count, 1, start(row), [&](Value step, ValueRange carried) {
    Size at = k.add(k.mul(row, factors.row), k.mul(step, factors.step));
    Value factor = loadSplat(shape.accumulator, factors.memory, at);
    Value counts = compare(arith::CmpFPredicate::UNE, factor, constant(0));
    Accumulators next;
    SmallVector<Value> b = vectorsOf(k.address(shape.input, first, k.mul(step, stride)), columns);
    for (auto [sum, value] : llvm::zip(carried, b))
      next.push_back(select(counts, k.fma(factor, value, sum), sum));
    return next;
  });
}

void AttentionScores::forColumns(int64_t extent, function_ref<void(const ColumnTile &)> body) {
  int64_t width = schedule.vectors * lanes;
  k.forLoop(0, (extent + width - 1) / width, 1,
            [&](Value tile) { forColumnTile(k, tile, extent, schedule.vectors, lanes, body); });
}

// ---- Scores

Value AttentionScores::score(Value sums, const Head &head, Size query, Size key, bool edge,
                             double scale) {
  Value score = scale == 1 ? sums : k.product(sums, constant(scale));
  Value never = constant(-std::numeric_limits<double>::infinity());
  if (mask) {
    Size at = k.add(head.mask, k.mul(query, shape.maskStrides[shape.batch.size()]));
    Value given;
    if (shape.maskStrides.back().is(0)) {
      given = k.splat(k.load(shape.maskElement, mask, at), lanes);
    } else {
      Value exists = edge ? k.laneMask(k.sub(shape.keys, key), lanes) : Value();
      given = k.maskedLoad(k.vectorType(shape.maskElement, lanes), mask, k.add(at, key), exists);
    }
    score = shape.maskElement == k.i1() ? select(given, score, never)
                                        : k.sum(score, k.convert(given, shape.accumulator));
  }
  return edge ? select(k.laneMask(k.sub(limit(query), key), lanes), score, never) : score;
}

void AttentionScores::byEdge(Size query, Size key, function_ref<void(bool)> body) {
  bool whole = shape.keys.isConstant() && shape.keys.constant() % kPanelWidth == 0;
  if (whole && !shape.causal)
    return body(false);
  Size end = k.add(key, columnsAtOnce());
  k.ifElse(k.less(limit(query), end), [&] { body(true); }, [&] { body(false); });
}

// ---- Dropout

namespace {

// A function of the kernel's module that writes 1 where a number that is drawn for it stays and 0
// where it is dropped: (key, flags, number of the first block, count). A loop of its own, since the
// generator takes all registers that there are, and attention keeps many busy around it.
LLVM::LLVMFuncOp flagFunction(KernelBuilder &around, ModuleOp module, double dropout) {
  constexpr StringRef kName = "dlc_draw_flags";
  if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(kName))
    return known;
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  Type pointer = around.pointerType(), i64 = b.getI64Type();
  auto none = LLVM::LLVMVoidType::get(b.getContext());
  auto function = LLVM::LLVMFuncOp::create(
      b, around.loc(), kName, LLVM::LLVMFunctionType::get(none, {pointer, pointer, i64, i64}),
      LLVM::Linkage::Internal);
  function.setNoInline(true);
  Block *body = function.addEntryBlock(b);
  b.setInsertionPointToStart(body);
  KernelBuilder k(b, around.loc(), around.target());
  int64_t width = k.lanes(k.f32());
  Philox philox(k, width);
  Value key = body->getArgument(0), first = body->getArgument(2);
  Value seed = k.load(k.i64(), key, 0), step = k.load(k.i64(), key, 1);
  auto word = [&](Value wide, int64_t shift) -> Value {
    Value part = arith::ShRUIOp::create(b, k.loc(), wide, k.intConstant(k.i64(), shift));
    return arith::TruncIOp::create(b, k.loc(), k.i32(), part);
  };
  VectorType flagged = k.vectorType(k.f32(), width);
  Value limit = k.intConstant(philox.words, int64_t(std::nearbyint(std::ldexp(1 - dropout, 24))));
  k.forLoop(0, body->getArgument(3), 4 * width, [&](Value at) {
    SmallVector<Value> counters = blockCounters(philox, k.add(first, k.div(at, 4)), width);
    SmallVector<Value> words =
        philox.run({counters[0], counters[1], philox.constant(0), k.splat(word(step, 0), width)},
                   word(seed, 0), word(seed, 32));
    for (auto [i, bits] : llvm::enumerate(interleaveBlocks(k, words, width))) {
      Value upper = arith::ShRUIOp::create(b, k.loc(), bits, k.intConstant(bits.getType(), 8));
      Value keep = arith::CmpIOp::create(b, k.loc(), arith::CmpIPredicate::ult, upper, limit);
      Value flag = arith::SelectOp::create(b, k.loc(), keep, k.floatConstant(flagged, 1),
                                           k.floatConstant(flagged, 0));
      k.store(flag, body->getArgument(1), k.add(at, int64_t(i) * width));
    }
  });
  LLVM::ReturnOp::create(b, k.loc(), ValueRange());
  return function;
}

} // namespace

void AttentionScores::drawFlags(const Head &head, Size query, Size from, Size count) {
  // Four elements to a block, and rows begin with one.
  Size row = k.mul(k.add(k.mul(head.number, shape.queries), query), k.ceilDiv(shape.keys, 4));
  Size first = k.add(row, k.div(from, 4));
  // The loop that is being written here hangs in no module yet; the buffer of flags does.
  auto module = flags.getParentRegion()->getParentOfType<ModuleOp>();
  LLVM::CallOp::create(k.builder(), k.loc(), flagFunction(k, module, shape.dropout),
                       ValueRange{key, flags, k.value(first), k.value(count)});
}

// ---- Values

Value AttentionScores::power(Value x, StringRef promise) {
  auto op = math::Exp2Op::create(k.builder(), k.loc(), x);
  op->setAttr(promise, k.builder().getUnitAttr());
  return op;
}

Value AttentionScores::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(k.builder(), k.loc(), condition, x, y);
}

Value AttentionScores::compare(arith::CmpFPredicate predicate, Value x, Value y) {
  return arith::CmpFOp::create(k.builder(), k.loc(), predicate, x, y);
}

Value AttentionScores::larger(Value x, Value y) {
  return select(compare(arith::CmpFPredicate::OGT, y, x), y, x);
}

Value AttentionScores::largestOf(Value x) {
  for (int64_t distance = lanes / 2; distance > 0; distance /= 2) {
    SmallVector<int64_t> rotated;
    for (int64_t lane = 0; lane < lanes; ++lane)
      rotated.push_back((lane + distance) % lanes);
    x = larger(x, vector::ShuffleOp::create(k.builder(), k.loc(), x, x, rotated));
  }
  return x;
}

// ---- Packing

ContractionShape dlc::codegen::cpu::attentionMatrix(KernelBuilder &k, const AttentionShape &shape,
                                                    int64_t depth) {
  Size inner = 1;
  for (const Size &extent : ArrayRef(shape.batch).drop_front(shape.outer))
    inner = k.mul(inner, extent);
  Size outer = 1;
  for (const Size &extent : ArrayRef(shape.batch).take_front(shape.outer))
    outer = k.mul(outer, extent);
  ContractionShape matrix;
  matrix.input = shape.input;
  matrix.accumulator = shape.accumulator;
  Size row = k.mul(inner, depth);
  matrix.batch = {{outer, 0, k.mul(shape.keys, row)}, {inner, 0, depth}};
  matrix.n = {{shape.keys, 0, row}};
  matrix.k = {{depth, 0, 1}};
  return matrix;
}
