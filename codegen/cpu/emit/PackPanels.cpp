// Copies B of a contraction into panels, or a block of it into the columns of one
// register tile.
//
// Three ways, by what is contiguous: rows are copied when columns lie side by side; squares are
// transposed in registers when the reduction does (a gather costs about one cycle per element,
// the square a quarter of that); anything else is gathered. Squares are half as wide as a vector
// register at most: 16 vectors of 16 floats and the shuffles' own operands do not fit in 32
// registers.
//
// Squares side by side write whole cache lines and go down the reduction, so that every line that
// they read is used up while it is in L1. Across the panel instead, the columns' stride, often a
// power of two, leaves so few sets of L1 to 64 columns that lines come twice: 0.18 ns per element
// where 0.10 suffice, a tenth of a product of 128 rows.
//
// Elements are copied as integers: vectors of a 16-bit float that the processor has no arithmetic
// for are taken apart by LLVM, element by element, integers of that size never.
#include "codegen/cpu/emit/Packing.h"
#include "codegen/cpu/emit/RegisterTile.h"
#include "codegen/cpu/emit/Transpose.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kLineBytes = 64; // of a cache line

// ---- Where elements lie

PackedMatrix PackedMatrix::of(KernelBuilder &k, const ContractionShape &shape, bool panels) {
  PackedMatrix matrix;
  bool half = shape.input.isF16() || shape.input.isBF16();
  matrix.element = half ? k.builder().getI16Type() : shape.input;
  matrix.rows = shape.k;
  for (const ContractionDim &dim : shape.k)
    matrix.reduction = k.mul(matrix.reduction, dim.extent);
  if (!shape.n.empty()) {
    matrix.columns = shape.n.back().extent;
    matrix.columnStride = shape.n.back().b;
  }
  if (panels) {
    matrix.rows = {{matrix.reduction, 0, shape.panelWidth}};
    matrix.columnStride = 1;
    matrix.panelWidth = shape.panelWidth;
    matrix.panelSize = k.mul(matrix.reduction, shape.panelWidth);
  }
  return matrix;
}

Size PackedMatrix::rowOffset(KernelBuilder &k, Size row) const {
  SmallVector<Size> extents;
  for (const ContractionDim &dim : rows)
    extents.push_back(dim.extent);
  Size offset = 0;
  for (auto [dim, at] : llvm::zip(rows, k.delinearize(row, extents)))
    offset = k.add(offset, k.mul(at, dim.b));
  return offset;
}

Size PackedMatrix::columnOffset(KernelBuilder &k, Size column) const {
  if (panelSize.is(0))
    return k.mul(column, columnStride);
  return k.add(k.mul(k.div(column, panelWidth), panelSize), k.rem(column, panelWidth));
}

bool PackedMatrix::rowsSideBySide(int64_t atOnce) const {
  if (rows.empty() || !rows.back().b.is(1))
    return false;
  const Size &inner = rows.back().extent;
  return rows.size() == 1 || (inner.isConstant() && inner.constant() % atOnce == 0);
}

int64_t dlc::codegen::cpu::squaresPerLine(int64_t lanes, int64_t bytes, int64_t width) {
  int64_t squares = 1;
  while (2 * squares * lanes * bytes <= kLineBytes && width % (2 * squares * lanes) == 0)
    squares *= 2;
  return squares;
}

// ---- Copying

namespace {

class Packer {
public:
  // Into rows of |width| columns.
  Packer(KernelBuilder &k, const PackedMatrix &matrix, int64_t width)
      : k(k), matrix(matrix), width(width),
        lanes(std::min<int64_t>(k.lanes(matrix.element), k.target().vectorRegisters >= 32 ? 8 : 4)),
        type(k.vectorType(matrix.element, lanes)) {}

  bool copies() const { return matrix.columnStride.is(1) || !matrix.rowsSideBySide(lanes); }

  // Rows [first, last) of column tile |tile|, the first one to the beginning of |to|.
  void pack(Value from, Value to, Size tile, Size first, Size last) {
    if (copies())
      copyRows(from, to, tile, first, last);
    else
      transposeSquares(from, to, tile, first, last);
  }

private:
  void copyRows(Value from, Value to, Size tile, Size first, Size last);
  void transposeSquares(Value from, Value to, Size tile, Size first, Size last);
  void transposeOne(Value from, Value to, Size column, Size row, Size last, bool masked);

  KernelBuilder &k;
  const PackedMatrix &matrix;
  int64_t width, lanes;
  VectorType type;
};

void Packer::copyRows(Value from, Value to, Size tile, Size first, Size last) {
  int64_t vectors = width / lanes;
  auto copy = [&](const ColumnTile &columns) {
    Value begin = k.address(matrix.element, from, matrix.columnOffset(k, columns.column));
    k.forLoop(first, last, 1, [&](Value row) {
      Size offset = matrix.rowOffset(k, row);
      for (int64_t v = 0; v < vectors; ++v) {
        Size at = k.add(offset, k.mul(v * lanes, matrix.columnStride));
        Value loaded = v < columns.vectors
                           ? k.stridedLoad(type, begin, at, matrix.columnStride, columns.masks[v])
                           : k.zero(type);
        k.store(loaded, to, k.add(k.mul(k.sub(row, first), width), v * lanes));
      }
    });
  };
  forColumnTile(k, tile, matrix.columns, vectors, lanes, copy);
}

// Lanes run along the reduction while loading and along columns after the transpose. |to|: where
// the row goes.
void Packer::transposeOne(Value from, Value to, Size column, Size row, Size last, bool masked) {
  SmallVector<Value> square;
  Size offset = matrix.rowOffset(k, row);
  Size left = k.sub(last, row);
  for (int64_t c = 0; c < lanes; ++c) {
    Size at = k.add(column, c);
    Value mask;
    if (masked)
      mask = k.laneMask(k.select(k.less(at, matrix.columns), left, 0), lanes);
    Size place = k.add(offset, matrix.columnOffset(k, at));
    square.push_back(k.maskedLoad(type, from, place, mask));
  }
  transposeSquare(k, square);
  Size target = k.rem(column, width);
  for (int64_t r = 0; r < lanes; ++r) {
    auto storeRow = [&] { k.store(square[r], to, k.add(target, r * width)); };
    if (masked && r > 0)
      k.ifThen(k.less(r, left), storeRow);
    else
      storeRow();
  }
}

void Packer::transposeSquares(Value from, Value to, Size tile, Size first, Size last) {
  Size left = k.mul(tile, width);
  int64_t bytes = KernelBuilder::storedBytes(matrix.element);
  int64_t side = lanes * squaresPerLine(lanes, bytes, width);
  k.forLoop(0, width, side, [&](Value within) {
    Size column = k.add(left, within);
    auto square = [&](Value row, int64_t c, bool masked) {
      Value target = k.address(matrix.element, to, k.mul(k.sub(row, first), width));
      transposeOne(from, target, k.add(column, c), row, last, masked);
    };
    // Whole squares have a loop of their own, and each other one: their addresses leave registers
    // for nothing else.
    Size whole = k.mul(k.div(k.sub(last, first), lanes), lanes);
    Value inside = k.less(k.add(column, side - 1), matrix.columns);
    Size edge = k.add(first, k.select(inside, whole, 0));
    k.forLoop(first, edge, lanes, [&](Value row) {
      for (int64_t c = 0; c < side; c += lanes)
        square(row, c, false);
    });
    for (int64_t c = 0; c < side; c += lanes)
      k.forLoop(edge, last, lanes, [&](Value row) { square(row, c, true); });
  });
}

} // namespace

void dlc::codegen::cpu::emitPackPanels(KernelBuilder &k, const PhaseArguments &phase,
                                       const ContractionShape &shape, Value source, Value panels,
                                       bool pairs) {
  PackedMatrix matrix = PackedMatrix::of(k, shape, /*panels=*/false);
  int64_t width = shape.panelWidth;
  bool copies = Packer(k, matrix, width).copies();
  SmallVector<ContractionDim> outer(shape.batch);
  if (!shape.n.empty())
    outer.append(shape.n.begin(), std::prev(shape.n.end()));
  SmallVector<Size> extents;
  Size slices = 1;
  for (const ContractionDim &dim : outer) {
    extents.push_back(dim.extent);
    slices = k.mul(slices, dim.extent);
  }
  Size panelCount = k.ceilDiv(matrix.columns, width);
  Size blocks = k.ceilDiv(matrix.reduction, kPackRows);
  Size panelSize = k.mul(matrix.reduction, width);
  // Neighbouring tiles read on where the last one stopped: along rows when those are copied, else
  // along the reduction. Down a panel of 1024 columns instead, a page per row, is half as fast.
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> at = copies ? k.delinearize(index, {slices, blocks, panelCount})
                                  : k.delinearize(index, {slices, panelCount, blocks});
    if (copies)
      std::swap(at[1], at[2]);
    Size offset = 0;
    for (auto [dim, coordinate] : llvm::zip(outer, k.delinearize(at[0], extents)))
      offset = k.add(offset, k.mul(coordinate, dim.b));
    Size panel = k.add(k.mul(at[0], panelCount), at[1]);
    Value from = k.address(matrix.element, source, offset);
    Value to = k.address(matrix.element, panels, k.mul(panel, panelSize));
    Size first = k.mul(at[2], kPackRows);
    Size last = k.min(k.add(first, kPackRows), matrix.reduction);
    Value block = k.address(matrix.element, to, k.mul(first, width));
    emitPackBlock(k, matrix, from, block, {at[1], width, first, last, pairs});
  });
}

void dlc::codegen::cpu::emitPackBlock(KernelBuilder &k, const PackedMatrix &matrix, Value from,
                                      Value to, const PackedBlock &block) {
  if (block.pairs)
    return emitPackPairs(k, matrix, from, to, block);
  Packer(k, matrix, block.width).pack(from, to, block.tile, block.first, block.last);
}
