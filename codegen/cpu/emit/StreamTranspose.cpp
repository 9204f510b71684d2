// Transposes of tensors in memory, in blocks.
//
// The generic map gathers along the operand's columns: one element per cache line. Here a tile is a
// block of 64 x 64 between the two dimensions that matter, the one that is contiguous in the
// operand and the one that is contiguous in the result; squares of vectors change places in
// registers, so both sides are read and written in whole vectors.
#include "codegen/cpu/emit/ElementCuts.h"
#include "codegen/cpu/emit/StreamJobs.h"
#include "codegen/cpu/emit/Transpose.h"
#include "ir/symbols/SizeExpr.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

static constexpr int64_t kBlock = 64;

std::optional<TransposeLoops> TransposeLoops::match(const StreamContext &context,
                                                    const StreamJob &job, int64_t phase) {
  if (job.kind != StreamJob::Map || job.stores.size() != 1 ||
      !job.reductions.empty())
    return std::nullopt;
  auto op = job.stores.front().value.getDefiningOp<ir::TransposeOp>();
  Type element = ElementEmitter::elementOf(job.stores.front().value);
  if (!op || !context.isMemoryIn(op.getX(), phase) || element.isInteger(1))
    return std::nullopt;
  TransposeLoops loops;
  loops.op = op;
  loops.shape = ir::shapeOf(op.getY());
  int64_t rank = loops.shape.size();
  loops.groups = groupDims(0, rank, ownCuts(op));
  for (auto [i, group] : llvm::enumerate(loops.groups))
    if (op.getPermutation()[group.first + group.count - 1] == rank - 1)
      loops.source = i;
  if (loops.source + 1 == loops.groups.size())
    return std::nullopt; // rows change places, columns stay
  // Narrow sides would leave most lanes empty: gathering them is as good.
  for (size_t side : {loops.source, loops.groups.size() - 1}) {
    SizeAttr extent = sizeOfGroup(loops.shape, loops.groups[side]);
    if (extent.isConstant() && extent.getValue() < 8)
      return std::nullopt;
  }
  return loops;
}

static SizeAttr blocksOf(SizeAttr extent) {
  return ir::sizeCeilDiv(extent, ir::sizeConstant(extent.getContext(), kBlock));
}

SizeAttr TransposeLoops::tiles() const {
  SizeAttr product = ir::sizeConstant(op->getContext(), 1);
  for (auto [i, group] : llvm::enumerate(groups)) {
    SizeAttr extent = sizeOfGroup(shape, group);
    bool isSide = i == source || i + 1 == groups.size();
    product = ir::sizeMul(product, isSide ? blocksOf(extent) : extent);
  }
  return product;
}

namespace {

struct TransposeEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  const TransposeLoops &loops;
  Type element;
  int64_t lanes;
  Value from, to;
  SmallVector<Size> extents, fromStrides, toStrides; // per group

  TransposeEmitter(JobEmitter &j, const TransposeLoops &loops) : j(j), k(j.k), loops(loops) {
    element = kernelElement(ElementEmitter::elementOf(loops.op->getResult(0)));
    lanes = std::min<int64_t>(k.lanes(element), k.target().vectorRegisters / 2);
    j.begin(lanes);
    auto op = cast<ir::TransposeOp>(loops.op);
    from = j.memoryOf(op.getX());
    to = j.pointerTo(j.job.stores.front().buffer);
    ir::Shape x = ir::shapeOf(op.getX());
    for (DimGroup group : loops.groups) {
      extents.push_back(j.e().sizeOf(sizeOfGroup(loops.shape, group)));
      fromStrides.push_back(strideAfter(x, op.getPermutation()[group.first + group.count - 1]));
      toStrides.push_back(strideAfter(loops.shape, group.first + group.count - 1));
    }
  }

  Size strideAfter(ArrayRef<SizeAttr> shape, int64_t dim) {
    Size product = 1;
    for (SizeAttr size : shape.drop_front(dim + 1))
      product = k.mul(product, j.e().sizeOf(size));
    return product;
  }

  // The square whose corner is position |i| of the operand's columns and |n| of the result's.
  void square(Size i, Size n, Size fromBase, Size toBase) {
    size_t p = loops.groups.size() - 1, q = loops.source;
    Size rowsLeft = k.sub(extents[p], n), columnsLeft = k.sub(extents[q], i);
    Size origin = k.add(fromBase, k.add(k.mul(n, fromStrides[p]), i));
    Size target = k.add(toBase, k.add(k.mul(i, toStrides[q]), n));
    VectorType type = k.vectorType(element, lanes);
    Value whole = k.both(k.less(lanes - 1, rowsLeft), k.less(lanes - 1, columnsLeft));
    k.ifElse(
        whole,
        [&] {
          SmallVector<Value> rows;
          for (int64_t r = 0; r < lanes; ++r)
            rows.push_back(k.load(type, from, k.add(origin, k.mul(r, fromStrides[p]))));
          transposeSquare(k, rows);
          for (int64_t r = 0; r < lanes; ++r)
            k.store(rows[r], to, k.add(target, k.mul(r, toStrides[q])));
        },
        [&] {
          SmallVector<Value> rows;
          for (int64_t r = 0; r < lanes; ++r) {
            Value mask = k.laneMask(k.select(k.less(r, rowsLeft), columnsLeft, 0), lanes);
            rows.push_back(
                k.maskedLoad(type, from, k.add(origin, k.mul(r, fromStrides[p])), mask));
          }
          transposeSquare(k, rows);
          for (int64_t r = 0; r < lanes; ++r) {
            Value mask = k.laneMask(k.select(k.less(r, columnsLeft), rowsLeft, 0), lanes);
            k.maskedStore(rows[r], to, k.add(target, k.mul(r, toStrides[q])), mask);
          }
        });
  }

  void tile(Size number) {
    size_t p = loops.groups.size() - 1, q = loops.source;
    Size columnBlocks = k.ceilDiv(extents[p], kBlock);
    Size n = k.mul(k.rem(number, columnBlocks), kBlock), rest = k.div(number, columnBlocks);
    Size rowBlocks = k.ceilDiv(extents[q], kBlock);
    Size i = k.mul(k.rem(rest, rowBlocks), kBlock), outer = k.div(rest, rowBlocks);
    Size fromBase = 0, toBase = 0;
    for (size_t g = loops.groups.size(); g-- > 0;) {
      if (g == p || g == q)
        continue;
      Size position = k.rem(outer, extents[g]);
      outer = k.div(outer, extents[g]);
      fromBase = k.add(fromBase, k.mul(position, fromStrides[g]));
      toBase = k.add(toBase, k.mul(position, toStrides[g]));
    }
    k.forLoop(i, k.min(k.add(i, kBlock), extents[q]), lanes, [&](Value row) {
      k.forLoop(n, k.min(k.add(n, kBlock), extents[p]), lanes,
                [&](Value column) { square(Size(row), Size(column), fromBase, toBase); });
    });
  }
};

} // namespace

void JobEmitter::emitTranspose(const TransposeLoops &loops, Size begin, Size end) {
  TransposeEmitter emitter(*this, loops);
  k.forLoop(begin, end, 1, [&](Value number) { emitter.tile(Size(number)); });
}

} // namespace dlc::codegen::cpu
