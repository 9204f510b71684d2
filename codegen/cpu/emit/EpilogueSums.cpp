#include "codegen/cpu/emit/EpilogueSums.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

constexpr int64_t kWidest = 16;    // lanes: rows of the scratch are whole vectors anywhere
constexpr int64_t kFoldBlock = 32; // pieces that are added up before they meet the rest

// By halves: as exact as short sums get, and few steps wait for each other.
Value total(KernelBuilder &k, ArrayRef<Value> values) {
  if (values.size() == 1)
    return values.front();
  size_t half = values.size() / 2;
  return k.sum(total(k, values.take_front(half)), total(k, values.drop_front(half)));
}

Value quotient(KernelBuilder &k, Value x, Value y) {
  return arith::DivFOp::create(k.builder(), k.loc(), x, y);
}

} // namespace

EpilogueSums::EpilogueSums(KernelFuncOp func, Operation *root) {
  Block &body = func.getBody().front();
  Shape shape = shapeOf(root->getResult(0));
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands())) {
    auto sum = value.getDefiningOp<SumOp>();
    if (!sum || !sumsColumns(sum) || shapeOf(sum.getX()) != shape)
      continue;
    unsigned pointer = body.getNumArguments() + i;
    element = getElementTypeOrSelf(sum.getType());
    if (Value term = centredOperand(sum)) {
      entryOf(term).squares = pointer;
      entryOf(term).centred = true;
    } else {
      entryOf(sum.getX()).sum = pointer;
    }
  }
  if (entries.empty())
    return;
  columns = shape.back().getValue();
  stride = llvm::alignTo(columns, kWidest);
  for (Entry &entry : entries) {
    entry.state = states;
    states += entry.centred ? 5 : 1;
  }
}

EpilogueSums::Entry &EpilogueSums::entryOf(Value term) {
  for (Entry &entry : entries)
    if (entry.term == term)
      return entry;
  entries.push_back({term, std::nullopt, std::nullopt});
  return entries.back();
}

SmallVector<Value> EpilogueSums::terms() const {
  return llvm::map_to_vector(entries, [](const Entry &entry) { return entry.term; });
}

SizeAttr EpilogueSums::bytes(SizeAttr pieces) const {
  return sizeMul(pieces, rowElements() * KernelBuilder::storedBytes(element));
}

// ---- In a piece

// Of a state: the sum, and where squares are wanted the count, the shift and the deviations.
enum State { kSum, kCount, kShift, kDeviations, kSquares };

void EpilogueSums::begin(KernelBuilder &k, const Fragment &fragment, Value memory) const {
  VectorType type = k.vectorType(element, fragment.lanes);
  for (int64_t i = 0; i < states; ++i)
    k.maskedStore(k.zero(type), memory, at(k, fragment.piece, i, fragment.column), fragment.mask);
}

void EpilogueSums::add(KernelBuilder &k, const Fragment &fragment, Value memory,
                       ArrayRef<SmallVector<Value>> values) const {
  for (auto [entry, column] : llvm::zip(entries, values)) {
    Value sum = total(k, column);
    Size place = at(k, fragment.piece, entry.state + kSum, fragment.column);
    auto type = cast<VectorType>(sum.getType());
    if (entry.centred)
      addSquares(k, fragment, memory, entry, column, sum);
    Value before = k.maskedLoad(type, memory, place, fragment.mask);
    k.maskedStore(k.sum(before, sum), memory, place, fragment.mask);
  }
}

void EpilogueSums::addSquares(KernelBuilder &k, const Fragment &fragment, Value memory,
                              const Entry &entry, ArrayRef<Value> values, Value sum) const {
  auto type = cast<VectorType>(sum.getType());
  auto place = [&](State i) { return at(k, fragment.piece, entry.state + i, fragment.column); };
  auto load = [&](State i) { return k.maskedLoad(type, memory, place(i), fragment.mask); };
  auto store = [&](State i, Value x) { k.maskedStore(x, memory, place(i), fragment.mask); };
  double rows = double(values.size());
  Value count = load(kCount);
  Value isFirst = arith::CmpFOp::create(k.builder(), k.loc(), arith::CmpFPredicate::OEQ, count,
                                        k.zero(type));
  Value mean = k.product(sum, k.floatConstant(type, 1 / rows));
  Value shift = arith::SelectOp::create(k.builder(), k.loc(), isFirst, mean, load(kShift));
  store(kCount, k.sum(count, k.floatConstant(type, rows)));
  store(kShift, shift);
  SmallVector<Value> deviations;
  Value squares = k.zero(type);
  for (Value x : values) {
    deviations.push_back(k.difference(x, shift));
    squares = k.fma(deviations.back(), deviations.back(), squares);
  }
  store(kDeviations, k.sum(load(kDeviations), total(k, deviations)));
  store(kSquares, k.sum(load(kSquares), squares));
}

// ---- Over pieces

int64_t EpilogueSums::foldTiles(const CpuTarget &target) const {
  int64_t lanes = target.lanes(8 * KernelBuilder::storedBytes(element));
  return llvm::divideCeil(columns, lanes);
}

// In blocks: a sum of thousands of rows that are added one after the other is less exact.
SmallVector<Value>
EpilogueSums::overPieces(KernelBuilder &k, Size pieces, ArrayRef<Value> zeros,
                         function_ref<SmallVector<Value>(Size)> terms) const {
  auto plus = [&](ValueRange sums, ValueRange more) {
    SmallVector<Value> result;
    for (auto [x, y] : llvm::zip(sums, more))
      result.push_back(k.sum(x, y));
    return result;
  };
  return k.forLoop(0, pieces, kFoldBlock, zeros, [&](Value first, ValueRange sums) {
    Size end = k.min(k.add(first, kFoldBlock), pieces);
    SmallVector<Value> block =
        k.forLoop(first, end, 1, zeros, [&](Value piece, ValueRange inner) {
          return plus(inner, terms(piece));
        });
    return plus(sums, block);
  });
}

void EpilogueSums::fold(KernelBuilder &k, const PhaseArguments &phase, Value memory,
                        Size pieces) const {
  int64_t lanes = k.lanes(element);
  VectorType type = k.vectorType(element, lanes);
  Value zero = k.zero(type);
  k.forLoop(phase.begin, phase.end, 1, [&](Value tile) {
    Size column = k.mul(tile, lanes);
    Value mask = columns % lanes ? k.laneMask(k.sub(columns, column), lanes) : Value();
    for (const Entry &entry : entries) {
      auto load = [&](Size piece, State i) {
        return k.load(type, memory, at(k, piece, entry.state + i, column));
      };
      auto store = [&](std::optional<unsigned> result, Value x) {
        if (result)
          k.maskedStore(x, phase.pointers[*result], column, mask);
      };
      if (!entry.centred) {
        store(entry.sum, overPieces(k, pieces, zero, [&](Size piece) -> SmallVector<Value> {
                return {load(piece, kSum)};
              })[0]);
        continue;
      }
      SmallVector<Value> sums =
          overPieces(k, pieces, {zero, zero}, [&](Size piece) -> SmallVector<Value> {
            return {load(piece, kSum), load(piece, kCount)};
          });
      store(entry.sum, sums[0]);
      Value mean = quotient(k, sums[0], sums[1]);
      store(entry.squares, overPieces(k, pieces, zero, [&](Size piece) -> SmallVector<Value> {
              Value e = k.difference(load(piece, kShift), mean), d = load(piece, kDeviations);
              Value slope = k.fma(load(piece, kCount), e, k.sum(d, d));
              return {k.fma(e, slope, load(piece, kSquares))};
            })[0]);
    }
  });
}

} // namespace dlc::codegen::cpu
