// The register tile: reduction loops, tails of columns, heights of rows, hand-over of results.
#include "codegen/cpu/emit/RegisterTile.h"
#include "codegen/cpu/emit/Contraction.h"
#include "codegen/cpu/emit/ReductionLanes.h"
#include "codegen/cpu/emit/ReductionSteps.h"
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

namespace {

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
    return addPairs(k, tile, loop, sums, exact || tile.depth == 1);
  if (loops.size() == 1 && !tile.paired && widensWords(k, tile) && loop.a.is(1))
    return addWords(k, tile, loop, sums);
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
