// Products lane by lane, and the sums over lanes.
#include "codegen/cpu/emit/ReductionLanes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

// One step of all lanes, |depth| elements in each, or of the elements in |mask|: the others add
// zero times zero.
static Accumulators multiplyLanes(KernelBuilder &k, const RegisterTile &tile, int64_t depth,
                                  Value mask, ValueRange sums) {
  VectorType type = k.vectorType(tile.input, tile.lanes * depth);
  auto loaded = [&](const Place &place) {
    Value vector = k.maskedLoad(type, place.pointer, place.offset, mask);
    return depth == 1 ? k.convert(vector, tile.accumulator) : vector;
  };
  SmallVector<Value> columns = llvm::map_to_vector(tile.columns, loaded);
  Accumulators next;
  for (const Place &row : tile.rows) {
    Value a = loaded(row);
    for (Value b : columns)
      next.push_back(depth == 1 ? k.fma(a, b, sums[next.size()])
                                : multiplyPairs(k, a, b, sums[next.size()]));
  }
  return next;
}

Accumulators dlc::codegen::cpu::addLanes(KernelBuilder &k, const RegisterTile &tile,
                                         const ReduceLoop &loop, Accumulators sums, bool exact) {
  int64_t depth = exact ? 1 : tile.depth, elements = tile.lanes * depth;
  Size steps = k.max(k.sub(loop.end, loop.begin), 0);
  Size whole = k.mul(k.div(steps, elements), elements), rest = k.sub(steps, whole);
  sums = k.forLoop(0, whole, elements, sums, [&](Value step, ValueRange carried) {
    Size at = k.add(loop.begin, step);
    return multiplyLanes(k, tile.moved(k, at, at), depth, Value(), carried);
  });
  if (rest.is(0))
    return sums;
  auto last = [&] {
    Size at = k.add(loop.begin, whole);
    return multiplyLanes(k, tile.moved(k, at, at), depth, k.laneMask(rest, elements), sums);
  };
  return rest.isConstant() ? last() : k.chooseValues(k.less(0, rest), last, [&] { return sums; });
}

// Of blocks of |size| lanes, those of |x| and |y| in turn, each folded into half its lanes. Without
// |y|, |x| takes its place. What stays where it is needs no shuffle, only a blend: the lower halves
// of |x| and the upper ones of |y|.
static Value fold(KernelBuilder &k, Value x, Value y, int64_t size) {
  int64_t lanes = KernelBuilder::lanesOf(x.getType()), half = size / 2;
  SmallVector<int64_t> stay, move;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    bool second = lane & half;
    stay.push_back(second && y ? lanes + lane : lane);
    move.push_back(second ? (y ? lanes : 0) + lane - half : lane + half);
  }
  auto pick = [&](ArrayRef<int64_t> at) {
    return vector::ShuffleOp::create(k.builder(), k.loc(), x, y ? y : x, at);
  };
  return k.sum(pick(stay), pick(move));
}

// The totals of up to |lanes| vectors, lane i that of vector i. Level by level vector i is folded
// with the one |half| places on, which leaves them in order.
static Value totalsOf(KernelBuilder &k, SmallVector<Value> vectors, int64_t lanes) {
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < half; ++i) {
      Value x = i < int64_t(vectors.size()) ? vectors[i] : Value();
      Value y = i + half < int64_t(vectors.size()) ? vectors[i + half] : Value();
      next.push_back(x ? fold(k, x, y, 2 * half) : x);
    }
    vectors = std::move(next);
  }
  return vectors.front();
}

Accumulators dlc::codegen::cpu::laneTotals(KernelBuilder &k, const Accumulators &sums,
                                           int64_t columns) {
  int64_t lanes = KernelBuilder::lanesOf(sums.front().getType());
  SmallVector<Value> totals;
  for (size_t first = 0; first < sums.size(); first += lanes) {
    ArrayRef<Value> some = ArrayRef(sums).drop_front(first).take_front(lanes);
    totals.push_back(totalsOf(k, SmallVector<Value>(some), lanes));
  }
  Accumulators rows;
  for (size_t first = 0; first < sums.size(); first += columns) {
    size_t low = first / lanes, high = (first + columns - 1) / lanes;
    SmallVector<int64_t> at;
    for (int64_t lane = 0; lane < lanes; ++lane)
      at.push_back(first % lanes + std::min(lane, columns - 1));
    rows.push_back(vector::ShuffleOp::create(k.builder(), k.loc(), totals[low], totals[high], at));
  }
  return rows;
}
