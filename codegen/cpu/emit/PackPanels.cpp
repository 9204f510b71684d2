// Copies B of a contraction into panels of 64 columns.
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
#include "codegen/cpu/emit/Contraction.h"
#include "codegen/cpu/emit/RegisterTile.h"
#include "codegen/cpu/emit/Transpose.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kLineBytes = 64; // of a cache line

namespace {

class PanelPacker {
public:
  PanelPacker(KernelBuilder &k, const ContractionShape &shape, Value source, Value panels)
      : k(k), shape(shape), source(source), panels(panels), element(copiedAs(k, shape.input)),
        lanes(std::min<int64_t>(k.lanes(element), k.target().vectorRegisters >= 32 ? 8 : 4)),
        type(k.vectorType(element, lanes)) {
    n = shape.n.empty() ? Size(1) : shape.n.back().extent;
    nStride = shape.n.empty() ? Size(1) : shape.n.back().b;
    for (const ContractionDim &dim : shape.k)
      reduction = k.mul(reduction, dim.extent);
  }

  void emit(const PhaseArguments &phase);

private:
  static Type copiedAs(KernelBuilder &k, Type input) {
    bool half = input.isF16() || input.isBF16();
    return half ? k.builder().getI16Type() : input;
  }
  bool canTranspose() const {
    if (shape.k.empty() || !shape.k.back().b.is(1))
      return false;
    const Size &inner = shape.k.back().extent;
    return shape.k.size() == 1 || (inner.isConstant() && inner.constant() % lanes == 0);
  }
  // Elements between row |row| of the reduction and row 0.
  Size rowOffset(Size row);
  void copyRows(Value from, Value to, Size panel, Size first, Size last);
  void transposeSquares(Value from, Value to, Size panel, Size first, Size last);
  void transposeOne(Value from, Value to, Size column, Size row, bool masked);

  KernelBuilder &k;
  const ContractionShape &shape;
  Value source, panels;
  Type element;
  int64_t lanes;
  VectorType type;
  Size n, nStride, reduction = 1;
};

Size PanelPacker::rowOffset(Size row) {
  SmallVector<Size> extents;
  for (const ContractionDim &dim : shape.k)
    extents.push_back(dim.extent);
  Size offset = 0;
  for (auto [dim, at] : llvm::zip(shape.k, k.delinearize(row, extents)))
    offset = k.add(offset, k.mul(at, dim.b));
  return offset;
}

void PanelPacker::copyRows(Value from, Value to, Size panel, Size first, Size last) {
  int64_t vectors = kPanelWidth / lanes;
  forColumnTile(k, panel, n, vectors, lanes, [&](const ColumnTile &columns) {
    k.forLoop(first, last, 1, [&](Value row) {
      Size offset = rowOffset(row);
      for (int64_t v = 0; v < vectors; ++v) {
        Size at = k.add(offset, k.mul(k.add(columns.column, v * lanes), nStride));
        Value loaded = v < columns.vectors
                           ? k.stridedLoad(type, from, at, nStride, columns.masks[v])
                           : k.zero(type);
        k.store(loaded, to, k.add(k.mul(row, kPanelWidth), v * lanes));
      }
    });
  });
}

// Lanes run along the reduction while loading and along columns after the transpose.
void PanelPacker::transposeOne(Value from, Value to, Size column, Size row, bool masked) {
  SmallVector<Value> square;
  Size offset = rowOffset(row);
  Size left = k.sub(reduction, row);
  for (int64_t c = 0; c < lanes; ++c) {
    Size at = k.add(column, c);
    Value mask;
    if (masked)
      mask = k.laneMask(k.select(k.less(at, n), left, 0), lanes);
    square.push_back(k.maskedLoad(type, from, k.add(offset, k.mul(at, nStride)), mask));
  }
  transposeSquare(k, square);
  Size target = k.add(k.mul(row, kPanelWidth), k.rem(column, kPanelWidth));
  for (int64_t r = 0; r < lanes; ++r) {
    auto storeRow = [&] { k.store(square[r], to, k.add(target, r * kPanelWidth)); };
    if (masked && r > 0)
      k.ifThen(k.less(r, left), storeRow);
    else
      storeRow();
  }
}

void PanelPacker::transposeSquares(Value from, Value to, Size panel, Size first, Size last) {
  Size left = k.mul(panel, kPanelWidth);
  int64_t side = std::max(lanes, kLineBytes / KernelBuilder::storedBytes(element));
  auto squares = [&](Size column, Size row, bool masked) {
    for (int64_t c = 0; c < side; c += lanes)
      transposeOne(from, to, k.add(column, c), row, masked);
  };
  k.forLoop(0, kPanelWidth, side, [&](Value within) {
    Size column = k.add(left, within);
    k.forLoop(first, last, lanes, [&](Value row) {
      Value inside =
          k.both(k.less(k.add(column, side - 1), n), k.less(k.add(row, lanes - 1), reduction));
      k.ifElse(
          inside, [&] { squares(column, row, false); }, [&] { squares(column, row, true); });
    });
  });
}

void PanelPacker::emit(const PhaseArguments &phase) {
  SmallVector<ContractionDim> outer(shape.batch);
  if (!shape.n.empty())
    outer.append(shape.n.begin(), std::prev(shape.n.end()));
  SmallVector<Size> extents;
  Size slices = 1;
  for (const ContractionDim &dim : outer) {
    extents.push_back(dim.extent);
    slices = k.mul(slices, dim.extent);
  }
  Size panelCount = k.ceilDiv(n, kPanelWidth), blocks = k.ceilDiv(reduction, kPackRows);
  Size panelSize = k.mul(reduction, kPanelWidth);
  // Neighbouring tiles read on where the last one stopped: along rows when those are copied, else
  // along the reduction. Down a panel of 1024 columns instead, a page per row, is half as fast.
  bool copies = nStride.is(1) || !canTranspose();
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> at = copies ? k.delinearize(index, {slices, blocks, panelCount})
                                  : k.delinearize(index, {slices, panelCount, blocks});
    if (copies)
      std::swap(at[1], at[2]);
    Size offset = 0;
    for (auto [dim, coordinate] : llvm::zip(outer, k.delinearize(at[0], extents)))
      offset = k.add(offset, k.mul(coordinate, dim.b));
    Size panel = k.add(k.mul(at[0], panelCount), at[1]);
    Value from = k.address(element, source, offset);
    Value to = k.address(element, panels, k.mul(panel, panelSize));
    Size first = k.mul(at[2], kPackRows);
    Size last = k.min(k.add(first, kPackRows), reduction);
    if (copies)
      copyRows(from, to, at[1], first, last);
    else
      transposeSquares(from, to, at[1], first, last);
  });
}

} // namespace

void dlc::codegen::cpu::emitPackPanels(KernelBuilder &k, const PhaseArguments &phase,
                                       const ContractionShape &shape, Value source, Value panels) {
  PanelPacker(k, shape, source, panels).emit(phase);
}
