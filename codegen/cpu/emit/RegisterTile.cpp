// The register tile: reduction loops, tails of columns, heights of rows, hand-over of results.
#include "codegen/cpu/emit/RegisterTile.h"
#include "codegen/cpu/emit/Contraction.h"
#include "codegen/cpu/emit/ReductionLanes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

// ---- Places

Place Place::at(KernelBuilder &k, Type element, Value base, Size offset) {
  if (offset.isConstant())
    return {base, offset.constant()};
  return {k.address(element, base, offset), 0};
}

RegisterTile RegisterTile::moved(KernelBuilder &k, Size a, Size b) const {
  // Places that share a pointer go on sharing one.
  auto move = [&](SmallVector<Place> &places, Size by) {
    Value from, to;
    for (Place &place : places) {
      if (place.pointer != from) {
        from = place.pointer;
        to = k.address(input, from, by);
      }
      place.pointer = to;
    }
  };
  RegisterTile tile = *this;
  move(tile.rows, a);
  move(tile.columns, b);
  if (ahead)
    tile.ahead = k.address(input, ahead, b);
  return tile;
}

// ---- Reduction

// What row |r| contributes to vector |v|: its element in every lane, or lanes of its own.
static Value rowOperand(KernelBuilder &k, const RegisterTile &tile, size_t r, int64_t v) {
  VectorType type = k.vectorType(tile.input, tile.lanes);
  Value loaded =
      k.maskedLoad(type, tile.rows[r].pointer, tile.rows[r].offset + v * tile.lanes, tile.masks[v]);
  return k.convert(loaded, tile.accumulator);
}

// To be read when this tile is done.
static void fetchLine(KernelBuilder &k, const RegisterTile &tile) {
  if (tile.ahead)
    prefetchIntoL2(k, tile.input, tile.ahead);
}

// One step: every vector of B once, every element of A once, rows x vectors fused multiply-adds.
static Accumulators multiplyAdd(KernelBuilder &k, const RegisterTile &tile, ValueRange sums) {
  fetchLine(k, tile);
  size_t vectors = tile.columns.size();
  SmallVector<Value> b;
  for (size_t v = 0; v < vectors; ++v) {
    Value loaded = k.stridedLoad(k.vectorType(tile.input, tile.lanesOf(v)), tile.columns[v].pointer,
                                 tile.columns[v].offset, tile.laneStride, tile.masks[v]);
    b.push_back(k.convert(loaded, tile.accumulator));
  }
  Accumulators next;
  for (size_t r = 0; r < tile.rows.size(); ++r) {
    Value scalar;
    if (!tile.elementwise)
      scalar = k.convert(k.load(tile.input, tile.rows[r].pointer, tile.rows[r].offset),
                         tile.accumulator);
    for (size_t v = 0; v < vectors; ++v) {
      Value a = scalar ? k.splat(scalar, tile.lanesOf(v)) : rowOperand(k, tile, r, v);
      next.push_back(k.fma(a, b[v], sums[r * vectors + v]));
    }
  }
  return next;
}

// ---- Reduction in pairs: vdpbf16ps adds a[2i] * b[2i] + a[2i + 1] * b[2i + 1] to lane i.
//
// B comes in pairs where many rows of A share the work of pairing it. Else two of its rows are
// interleaved in registers, one permutation per vector beside |rows| multiplications: that costs a
// fifth of the speed of a full tile, and nothing where memory is what one waits for.

Value dlc::codegen::cpu::multiplyPairs(KernelBuilder &k, Value a, Value b, Value sums) {
  StringAttr dot = k.builder().getStringAttr("llvm.x86.avx512bf16.dpbf16ps.512");
  return LLVM::CallIntrinsicOp::create(k.builder(), k.loc(), sums.getType(), dot,
                                       ValueRange{sums, a, b})
      .getResult(0);
}

namespace {

class PairReduction {
public:
  // |exact|: each element on its own, in fused multiply-adds.
  PairReduction(KernelBuilder &k, const RegisterTile &tile, const ReduceLoop &loop, bool exact)
      : k(k), b(k.builder()), tile(tile), loop(loop), exact(exact) {}

  Accumulators run(Accumulators sums);

private:
  RegisterTile at(Size step);
  Accumulators step(const RegisterTile &tile, ValueRange sums);
  Accumulators firstStep(const RegisterTile &tile, ValueRange sums);
  Accumulators lastStep(const RegisterTile &tile, ValueRange sums);
  Accumulators multiply(const RegisterTile &tile, ArrayRef<Value> columns, ValueRange sums,
                        function_ref<Value(size_t)> row);
  Accumulators multiplyExactly(const RegisterTile &tile, ArrayRef<Place> columns, ValueRange sums,
                               bool odd);
  Value widened(const Place &column, bool odd);
  Value inEveryLane(Value word);
  Value wide(const Place &place);
  Value upper(const Place &place);
  Value rowPair(const Place &row, const Place &next);
  Value interleaved(const RegisterTile &tile, const RegisterTile &next, size_t v);
  SmallVector<Value> pairs(const RegisterTile &tile);

  KernelBuilder &k;
  OpBuilder &b;
  const RegisterTile &tile;
  const ReduceLoop &loop;
  bool exact;
};

RegisterTile PairReduction::at(Size step) {
  Size place = k.add(loop.begin, step);
  return tile.moved(k, k.mul(place, loop.a), k.mul(place, loop.b));
}

Value PairReduction::inEveryLane(Value word) {
  return vector::BitCastOp::create(b, k.loc(), k.vectorType(b.getBF16Type(), 2 * tile.lanes),
                                   k.splat(word, tile.lanes));
}

// An element of A as the lower half of a word.
Value PairReduction::wide(const Place &place) {
  Value half = k.load(b.getI16Type(), place.pointer, place.offset);
  return arith::ExtUIOp::create(b, k.loc(), k.i32(), half);
}

// The same as its upper half.
Value PairReduction::upper(const Place &place) {
  return arith::ShLIOp::create(b, k.loc(), wide(place), k.intConstant(k.i32(), 16));
}

// Two neighbouring elements of a row of A, in every lane.
Value PairReduction::rowPair(const Place &row, const Place &next) {
  if (loop.a.is(1)) {
    Value halves = k.load(k.vectorType(b.getI16Type(), 2), row.pointer, row.offset);
    Value word = vector::BitCastOp::create(b, k.loc(), k.vectorType(k.i32(), 1), halves);
    return inEveryLane(k.extract(word, 0));
  }
  return inEveryLane(arith::OrIOp::create(b, k.loc(), wide(row), upper(next)));
}

// Two neighbouring rows of one vector of B, an element of each in turn.
Value PairReduction::interleaved(const RegisterTile &tile, const RegisterTile &next, size_t v) {
  auto rowOf = [&](const Place &column) {
    return k.stridedLoad(k.vectorType(b.getI16Type(), tile.lanes), column.pointer, column.offset,
                         tile.laneStride, tile.masks[v]);
  };
  SmallVector<int64_t> turns;
  for (int64_t lane = 0; lane < tile.lanes; ++lane)
    turns.append({lane, tile.lanes + lane});
  return vector::ShuffleOp::create(b, k.loc(), rowOf(tile.columns[v]), rowOf(next.columns[v]),
                                   turns);
}

// The pairs of B that |tile| stands at, as they lie.
SmallVector<Value> PairReduction::pairs(const RegisterTile &tile) {
  SmallVector<Value> loaded;
  for (const Place &column : tile.columns)
    loaded.push_back(
        k.load(k.vectorType(b.getI16Type(), 2 * tile.lanes), column.pointer, column.offset));
  return loaded;
}

Accumulators PairReduction::multiply(const RegisterTile &tile, ArrayRef<Value> columns,
                                     ValueRange sums, function_ref<Value(size_t)> row) {
  VectorType type = k.vectorType(b.getBF16Type(), 2 * tile.lanes);
  SmallVector<Value> operands;
  for (Value column : columns)
    operands.push_back(vector::BitCastOp::create(b, k.loc(), type, column));
  Accumulators next;
  for (size_t r = 0; r < tile.rows.size(); ++r) {
    Value a = row(r);
    for (size_t v = 0; v < operands.size(); ++v)
      next.push_back(multiplyPairs(k, a, operands[v], sums[r * operands.size() + v]));
  }
  return next;
}

// One element of each pair of a vector of B, in f32: a bf16 number is the upper half of the same
// one in f32. Where halves can be masked, from a load whose lanes end with them: words that wait
// for their other half would take registers from the sums.
Value PairReduction::widened(const Place &column, bool odd) {
  VectorType halves = k.vectorType(b.getI16Type(), 2 * tile.lanes);
  VectorType result = k.vectorType(tile.accumulator, tile.lanes);
  if (k.target().vectorBits == 512) {
    SmallVector<bool> upper;
    for (int64_t lane = 0; lane < 2 * tile.lanes; ++lane)
      upper.push_back(lane % 2);
    auto mask = DenseElementsAttr::get(k.vectorType(k.i1(), 2 * tile.lanes), ArrayRef<bool>(upper));
    Value loaded = k.maskedLoad(halves, column.pointer, column.offset - (odd ? 0 : 1),
                                arith::ConstantOp::create(b, k.loc(), mask));
    return vector::BitCastOp::create(b, k.loc(), result, loaded);
  }
  VectorType words = k.vectorType(k.i32(), tile.lanes);
  Value loaded = k.load(halves, column.pointer, column.offset);
  Value word = vector::BitCastOp::create(b, k.loc(), words, loaded);
  word = odd ? Value(arith::AndIOp::create(b, k.loc(), word, k.intConstant(words, -65536)))
             : Value(arith::ShLIOp::create(b, k.loc(), word, k.intConstant(words, 16)));
  return arith::BitcastOp::create(b, k.loc(), result, word);
}

// The step of |tile|'s rows by one element of each pair at |columns|.
Accumulators PairReduction::multiplyExactly(const RegisterTile &tile, ArrayRef<Place> columns,
                                            ValueRange sums, bool odd) {
  SmallVector<Value> operands;
  for (const Place &column : columns)
    operands.push_back(widened(column, odd));
  Accumulators next;
  for (size_t r = 0; r < tile.rows.size(); ++r) {
    Value scalar = k.load(tile.input, tile.rows[r].pointer, tile.rows[r].offset);
    Value a = k.splat(k.convert(scalar, tile.accumulator), tile.lanes);
    for (size_t v = 0; v < operands.size(); ++v)
      next.push_back(k.fma(a, operands[v], sums[r * operands.size() + v]));
  }
  return next;
}

// Two steps, the first of which |tile| stands at.
Accumulators PairReduction::step(const RegisterTile &tile, ValueRange sums) {
  fetchLine(k, tile);
  RegisterTile second = tile.moved(k, loop.a, loop.b);
  if (exact) {
    Accumulators even = multiplyExactly(tile, tile.columns, sums, false);
    return multiplyExactly(second, tile.columns, even, true);
  }
  SmallVector<Value> columns;
  if (tile.paired)
    columns = pairs(tile);
  else
    for (size_t v = 0; v < tile.columns.size(); ++v)
      columns.push_back(interleaved(tile, second, v));
  return multiply(tile, columns, sums,
                  [&](size_t r) { return rowPair(tile.rows[r], second.rows[r]); });
}

// The second of the pair that |tile| stands at.
Accumulators PairReduction::firstStep(const RegisterTile &tile, ValueRange sums) {
  RegisterTile second = tile.moved(k, loop.a, loop.b);
  if (exact)
    return multiplyExactly(second, tile.columns, sums, true);
  return multiply(tile, pairs(tile), sums,
                  [&](size_t r) { return inEveryLane(upper(second.rows[r])); });
}

// What is left of an odd number. Nothing beyond it is read: where B does not end in zeros, it is an
// ordinary step.
Accumulators PairReduction::lastStep(const RegisterTile &tile, ValueRange sums) {
  if (!tile.paired)
    return multiplyAdd(k, tile, sums);
  if (exact)
    return multiplyExactly(tile, tile.columns, sums, false);
  return multiply(tile, pairs(tile), sums,
                  [&](size_t r) { return inEveryLane(wide(tile.rows[r])); });
}

Accumulators PairReduction::run(Accumulators sums) {
  if (tile.paired && loop.splitsPair) {
    Value within = k.both(k.equal(k.rem(loop.begin, 2), 1), k.less(loop.begin, loop.end));
    sums = k.chooseValues(within, [&] { return firstStep(at(-1), sums); }, [&] { return sums; });
    ReduceLoop rest = loop;
    rest.begin = k.roundUp(loop.begin, 2);
    rest.splitsPair = false;
    return PairReduction(k, tile, rest, exact).run(sums);
  }
  Size steps = k.max(k.sub(loop.end, loop.begin), 0), pairs = k.div(steps, 2);
  sums = k.forLoop(0, pairs, 1, sums, [&](Value pair, ValueRange carried) {
    return step(at(k.mul(pair, 2)), carried);
  });
  return k.chooseValues(
      k.equal(k.rem(steps, 2), 1), [&] { return lastStep(at(k.mul(pairs, 2)), sums); },
      [&] { return sums; });
}

constexpr int64_t kLineBytes = 64;  // of a cache line
constexpr int64_t kStepsAhead = 16; // as many as a line takes to arrive from beyond the L2

// Whether rows are neighbours in memory and each of many steps takes them from a line of its own,
// as a weight gradient does: the processor's prefetchers follow no strides of a page or so, and
// what lies beyond L2 would be waited for (1x1 convolution of 28x28x512: 70 % of the peak, 90 with
// lines that are fetched ahead).
bool stridesOverLines(const RegisterTile &tile, const ReduceLoop &loop) {
  int64_t bytes = KernelBuilder::storedBytes(tile.input), least = 0, most = 0;
  for (const Place &row : tile.rows) {
    if (row.pointer != tile.rows.front().pointer)
      return false;
    least = std::min(least, row.offset), most = std::max(most, row.offset);
  }
  bool wide = !loop.a.isConstant() || loop.a.constant() * bytes >= kLineBytes;
  bool few = loop.begin.isConstant() && loop.end.isConstant() &&
             loop.end.constant() - loop.begin.constant() <= kStepsAhead;
  return !tile.elementwise && wide && !few && (most - least) * bytes < kLineBytes;
}

void fetchAhead(KernelBuilder &k, const RegisterTile &tile, const ReduceLoop &loop) {
  Size ahead = k.mul(loop.a, kStepsAhead);
  const Place &first = tile.rows.front(), &last = tile.rows.back(); // perhaps of the next line
  prefetch(k, tile.input, first.pointer, k.add(ahead, first.offset), /*write=*/false);
  if (last.offset != first.offset)
    prefetch(k, tile.input, last.pointer, k.add(ahead, last.offset), /*write=*/false);
}

Accumulators walk(KernelBuilder &k, const RegisterTile &tile, ArrayRef<ReduceLoop> loops,
                  Accumulators sums, bool exact) {
  if (loops.empty())
    return multiplyAdd(k, tile, sums);
  const ReduceLoop &loop = loops.front();
  if (loops.size() == 1 && tile.alongReduction)
    return addLanes(k, tile, loop, sums, exact);
  if (loops.size() == 1 && (tile.paired || (tile.depth == 2 && !exact)))
    return PairReduction(k, tile, loop, exact || tile.depth == 1).run(sums);
  bool fetches = loops.size() == 1 && stridesOverLines(tile, loop);
  return k.forLoop(loop.begin, loop.end, 1, sums, [&](Value iv, ValueRange carried) {
    RegisterTile advanced = tile.moved(k, k.mul(iv, loop.a), k.mul(iv, loop.b));
    if (fetches)
      fetchAhead(k, advanced, loop);
    return walk(k, advanced, loops.drop_front(), Accumulators(carried), exact);
  });
}

} // namespace

Accumulators dlc::codegen::cpu::addProducts(KernelBuilder &k, const RegisterTile &tile,
                                            ArrayRef<ReduceLoop> loops, Accumulators sums,
                                            bool exact) {
  return walk(k, tile, loops, std::move(sums), exact);
}

// The instruction for pairs takes subnormal numbers for zeros, and zero times infinity is NaN where
// a subnormal number times infinity is not: such a tile is computed again, element by element.
Accumulators dlc::codegen::cpu::accumulate(KernelBuilder &k, const RegisterTile &tile,
                                           ArrayRef<ReduceLoop> loops, Accumulators sums) {
  Accumulators total = walk(k, tile, loops, sums, /*exact=*/false);
  if (tile.depth == 1 || loops.empty())
    return total;
  return unlessNan(k, total, [&] { return walk(k, tile, loops, sums, /*exact=*/true); });
}

Accumulators dlc::codegen::cpu::initialSums(KernelBuilder &k, Type accumulator, int64_t lanes,
                                            int64_t rows, const ColumnTile &columns,
                                            InitialValue initial) {
  SmallVector<Value> row;
  for (int64_t v = 0; v < columns.vectors; ++v) {
    VectorType type = k.vectorType(accumulator, columns.lanesOf(v, lanes));
    Size column = k.add(k.add(columns.base, columns.column), v * lanes);
    row.push_back(initial ? initial(k, type, column, columns.masks[v]) : k.zero(type));
  }
  Accumulators sums;
  for (int64_t r = 0; r < rows; ++r)
    sums.append(row);
  return sums;
}

// Two sums are compared at once: unordered means that either is NaN.
Accumulators dlc::codegen::cpu::unlessNan(KernelBuilder &k, const Accumulators &sums,
                                          function_ref<Accumulators()> exact) {
  Value any;
  for (size_t i = 0; i < sums.size(); i += 2) {
    Value other = sums[std::min(i + 1, sums.size() - 1)];
    Value nan =
        arith::CmpFOp::create(k.builder(), k.loc(), arith::CmpFPredicate::UNO, sums[i], other);
    any = any ? arith::OrIOp::create(k.builder(), k.loc(), any, nan) : nan;
  }
  if (isa<VectorType>(any.getType()))
    any = vector::ReductionOp::create(k.builder(), k.loc(), vector::CombiningKind::OR, any);
  return k.chooseValues(any, exact, [&] { return sums; });
}

Accumulators dlc::codegen::cpu::rowByRow(KernelBuilder &k, int64_t height, Value buffer,
                                         function_ref<Accumulators(Value)> body) {
  Type type;
  int64_t vectors = 0, lanes = 0;
  k.forLoop(0, height, 1, [&](Value row) {
    Accumulators sums = body(row);
    type = sums.front().getType();
    vectors = sums.size(), lanes = KernelBuilder::lanesOf(type);
    for (int64_t v = 0; v < vectors; ++v)
      k.store(sums[v], buffer, k.add(k.mul(row, vectors * lanes), v * lanes));
  });
  Accumulators all;
  for (int64_t i = 0; i < height * vectors; ++i)
    all.push_back(k.load(type, buffer, i * lanes));
  return all;
}

// ---- Columns

namespace {

// Emits the shapes that a column tile can have.
class ColumnShapes {
public:
  ColumnShapes(KernelBuilder &k, Size tile, Size extent, int64_t vectors, int64_t lanes, Size base,
               bool halves, function_ref<void(const ColumnTile &)> body)
      : k(k), tile(tile), extent(extent), base(base), vectors(vectors), lanes(lanes),
        halves(halves), body(body) {}

  void known();
  void symbolic();

private:
  ColumnTile columnsOf(Size column, int64_t count) {
    ColumnTile columns{column, count, {}, extent, base, 0};
    columns.masks.assign(count, Value());
    return columns;
  }

  KernelBuilder &k;
  Size tile, extent, base;
  int64_t vectors, lanes;
  bool halves;
  function_ref<void(const ColumnTile &)> body;
};

void ColumnShapes::known() {
  int64_t width = vectors * lanes, full = extent.constant() / width;
  int64_t rest = extent.constant() % width, there = rest % lanes;
  auto last = [&] {
    ColumnTile columns = columnsOf(full * width, (rest + lanes - 1) / lanes);
    if (halves && there && there <= lanes / 2)
      columns.lastLanes = lanes / 2;
    int64_t length = columns.lanesOf(columns.vectors - 1, lanes);
    if (there && there != length)
      columns.masks.back() = k.laneMask(there, length);
    body(columns);
  };
  if (full == 0)
    return rest ? last() : void();
  Size column = k.mul(tile, width);
  if (rest == 0)
    return body(columnsOf(column, vectors));
  k.ifElse(k.less(tile, full), [&] { body(columnsOf(column, vectors)); }, last);
}

// A symbolic rest takes the full shape with masks, unless one vector holds it.
void ColumnShapes::symbolic() {
  Size column = k.mul(tile, vectors * lanes);
  Size left = k.sub(extent, column);
  auto masked = [&](int64_t count) {
    ColumnTile columns = columnsOf(column, count);
    for (int64_t v = 0; v < count; ++v)
      columns.masks[v] = k.laneMask(k.sub(left, v * lanes), lanes);
    body(columns);
  };
  auto rest = [&] {
    if (vectors == 1)
      return masked(1);
    k.ifElse(k.less(lanes, left), [&] { masked(vectors); }, [&] { masked(1); });
  };
  k.ifElse(k.less(left, vectors * lanes), rest, [&] { body(columnsOf(column, vectors)); });
}

} // namespace

void dlc::codegen::cpu::forColumnTile(KernelBuilder &k, Size tile, Size extent, int64_t vectors,
                                      int64_t lanes, function_ref<void(const ColumnTile &)> body,
                                      Size base, bool halves) {
  ColumnShapes shapes(k, tile, extent, vectors, lanes, base, halves, body);
  extent.isConstant() ? shapes.known() : shapes.symbolic();
}

SmallVector<Place> dlc::codegen::cpu::panelPlaces(KernelBuilder &k, Type input, Value panels,
                                                  const PanelPlan &plan, const ColumnTile &columns,
                                                  int64_t lanes, int64_t tile) {
  SmallVector<Place> places;
  // Tiles that divide a panel, or are made of whole ones, have vectors at fixed distances.
  bool aligned = plan.width % tile == 0 || tile % plan.width == 0;
  auto offsetOf = [&](Size column) {
    Size within = k.mul(k.rem(column, plan.width), plan.pairs ? 2 : 1);
    return k.add(k.mul(k.div(column, plan.width), plan.size), within);
  };
  Value first = aligned ? k.address(input, panels, offsetOf(columns.column)) : panels;
  for (int64_t v = 0; v < columns.vectors; ++v)
    places.push_back(Place::at(
        k, input, first, offsetOf(aligned ? Size(v * lanes) : k.add(columns.column, v * lanes))));
  return places;
}

// ---- Rows

RowTiles::RowTiles(KernelBuilder &k, Size extent, int64_t height, int64_t atLeast)
    : tiles(k.ceilDiv(extent, height)), height(height), atLeast(std::max<int64_t>(atLeast, 1)) {
  Size divisor = k.max(tiles, 1);
  shortRows = k.div(extent, divisor);
  tallTiles = k.rem(extent, divisor);
}

Size RowTiles::start(KernelBuilder &k, Size tile) const {
  return k.add(k.mul(tile, shortRows), k.min(tile, tallTiles));
}

Size RowTiles::rows(KernelBuilder &k, Size tile) const {
  if (tallTiles.is(0))
    return shortRows;
  return k.select(k.less(tile, tallTiles), k.add(shortRows, 1), shortRows);
}

Size RowTiles::blockBegin(KernelBuilder &k, Size block, Size blocks) const {
  return k.div(k.mul(block, tiles), blocks);
}

SmallVector<int64_t> RowTiles::heights() const {
  SmallVector<int64_t> heights;
  if (shortRows.isConstant() && tallTiles.isConstant()) {
    if (tallTiles.constant() > 0)
      heights.push_back(shortRows.constant() + 1);
    if (shortRows.constant() > 0)
      heights.push_back(shortRows.constant());
    return heights;
  }
  // t tiles hold more than (t - 1) * height rows, so the lowest is near the full height unless the
  // tiles are few.
  int64_t fewest = (atLeast + height - 1) / height;
  int64_t lowest = std::min(std::max(atLeast, height * (fewest - 1) + 1) / fewest,
                            (height * fewest + 1) / (fewest + 1));
  for (int64_t rows = height; rows >= lowest; --rows)
    heights.push_back(rows);
  return heights;
}

void dlc::codegen::cpu::forHeight(KernelBuilder &k, Size rows, ArrayRef<int64_t> heights,
                                  function_ref<void(int64_t)> body) {
  if (heights.empty())
    return;
  if (rows.isConstant())
    return body(rows.constant());
  k.ifElse(
      k.equal(rows, heights.front()), [&] { body(heights.front()); },
      [&] { forHeight(k, rows, heights.drop_front(), body); });
}

// ---- Results

Accumulators PartialSums::load(KernelBuilder &k, int64_t rows, const ColumnTile &columns,
                               RowIndex rowIndex) const {
  Accumulators sums;
  for (int64_t r = 0; r < rows; ++r) {
    Size first = k.add(k.mul(rowIndex(r), width), k.add(columns.base, columns.column));
    for (int64_t v = 0; v < columns.vectors; ++v)
      sums.push_back(k.maskedLoad(k.vectorType(accumulator, columns.lanesOf(v, lanes)), memory,
                                  k.add(first, v * lanes), columns.masks[v]));
  }
  return sums;
}

void PartialSums::store(KernelBuilder &k, const Accumulators &sums, int64_t rows,
                        const ColumnTile &columns, RowIndex rowIndex) const {
  for (int64_t r = 0; r < rows; ++r) {
    Size first = k.add(k.mul(rowIndex(r), width), k.add(columns.base, columns.column));
    for (int64_t v = 0; v < columns.vectors; ++v)
      k.maskedStore(sums[r * columns.vectors + v], memory, k.add(first, v * lanes),
                    columns.masks[v]);
  }
}

void dlc::codegen::cpu::prefetch(KernelBuilder &k, Type element, Value pointer, Size index,
                                 bool write) {
  constexpr uint32_t kNear = 3, kData = 1;
  LLVM::Prefetch::create(k.builder(), k.loc(), k.address(element, pointer, index), write, kNear,
                         kData);
}

// Lines in a loop of eight: fifty for each height of a tile would be a third of a product's code.
void dlc::codegen::cpu::prefetchIntoL2(KernelBuilder &k, Type element, Value pointer,
                                       int64_t count) {
  constexpr uint32_t kSecondLevel = 2, kData = 1;
  constexpr int64_t kUnrolledLines = 8;
  int64_t line = kLineBytes / KernelBuilder::storedBytes(element);
  auto fetch = [&](Size from, int64_t lines) {
    Value first = k.address(element, pointer, from);
    for (int64_t at = 0; at < lines; ++at)
      LLVM::Prefetch::create(k.builder(), k.loc(), k.address(element, first, at * line), /*rw=*/0,
                             kSecondLevel, kData);
  };
  int64_t lines = (count + line - 1) / line, rest = lines % kUnrolledLines;
  int64_t whole = (lines - rest) * line;
  k.forLoop(0, whole, kUnrolledLines * line, [&](Value at) { fetch(at, kUnrolledLines); });
  fetch(whole, rest);
}

void dlc::codegen::cpu::storeFragment(KernelBuilder &k, const Fragment &fragment, Value result,
                                      Type element) {
  if (!fragment.value)
    return;
  k.maskedStore(k.convert(fragment.value, element), result, fragment.index, fragment.mask);
}
