// Jobs that change part of a result: scatter_add and dynamic_update_slice in place. (A scatter_add
// that writes a new tensor: StreamScatter.cpp.)
//
// Updates of one place must be added in their order. So the columns behind the axis are shared out
// instead: a tile owns a block of columns in all places, and walks all updates for them.
#include "codegen/cpu/emit/StreamJobs.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

static constexpr int64_t kBlockColumns = 64; // of a scatter tile

static SizeAttr productOf(MLIRContext *context, ArrayRef<SizeAttr> shape, int64_t begin,
                          int64_t end) {
  return ir::sizeProduct(context, shape.slice(begin, end - begin));
}

SizeAttr scatterTiles(const StreamContext &, const StreamJob &job) {
  auto op = cast<ir::ScatterAddOp>(job.stores.front().value.getDefiningOp());
  ir::Shape shape = ir::shapeOf(op.getY());
  MLIRContext *context = op.getContext();
  int64_t axis = op.getAxis(), rank = shape.size();
  SizeAttr blocks = ir::sizeCeilDiv(productOf(context, shape, axis + 1, rank),
                                    ir::sizeConstant(context, kBlockColumns));
  return ir::sizeMul(productOf(context, shape, 0, axis), blocks);
}

namespace {

struct ScatterEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  ir::ScatterAddOp op;
  int64_t axis, before, after, inserted;
  Size outer, places, width, count; // of the result; number of updates
  Value result;

  explicit ScatterEmitter(JobEmitter &j)
      : j(j), k(j.k), op(cast<ir::ScatterAddOp>(j.job.stores.front().value.getDefiningOp())) {
    ir::Shape shape = ir::shapeOf(op.getY());
    MLIRContext *context = op.getContext();
    axis = op.getAxis();
    before = axis;
    after = shape.size() - axis - 1;
    inserted = ElementEmitter::rankOf(op.getIndices());
    SizeAttr columns = productOf(context, shape, axis + 1, shape.size());
    j.begin(j.lanesFor({op.getUpdates()}, columns));
    outer = j.e().sizeOf(productOf(context, shape, 0, axis));
    places = j.e().sizeOf(shape[axis]);
    width = j.e().sizeOf(columns);
    count = j.e().sizeOf(ir::elementCount(op.getIndices().getType()));
    result = j.pointerTo(j.job.stores.front().buffer);
  }

  ElementIndex updateAt(Size o, Size i, Size column, Value mask) {
    ElementIndex index{{}, mask};
    if (before)
      index.coordinates.push_back(Coordinate::uniform(o, before));
    if (inserted)
      index.coordinates.push_back(Coordinate::uniform(i, inserted));
    if (after)
      index.coordinates.push_back(Coordinate::consecutive(column, after));
    return index;
  }

  // Update |i| in columns [first, first + kBlockColumns).
  void add(Size o, Size i, Size first) {
    ElementIndex which;
    if (inserted)
      which.coordinates.push_back(Coordinate::uniform(i, inserted));
    FailureOr<Size> place = j.e().positionAt(op.getIndices(), which);
    if (failed(place)) {
      j.failedOnce = true;
      return;
    }
    int64_t lanes = j.e().lanes();
    int64_t wanted = width.isConstant() ? std::min(width.constant(), kBlockColumns)
                                        : kBlockColumns;
    bool whole = width.isConstant() && width.constant() % kBlockColumns == 0;
    SmallVector<std::tuple<Value, Size, Value>> updates; // value, column, mask
    for (int64_t c = 0; c < wanted; c += lanes) {
      Size column = k.add(first, c);
      Value mask = whole ? Value() : k.laneMask(k.sub(width, column), lanes);
      updates.emplace_back(j.at(op.getUpdates(), updateAt(o, i, column, mask)), column, mask);
    }
    Value inside = k.both(k.compare(arith::CmpIPredicate::sge, *place, 0), k.less(*place, places));
    k.ifThen(inside, [&] {
      Size row = k.mul(k.add(k.mul(o, places), *place), width);
      for (auto &[value, column, mask] : updates) {
        Size at = k.add(row, column);
        Value old = k.maskedLoad(cast<VectorType>(value.getType()), result, at, mask);
        k.maskedStore(sum(old, value), result, at, mask);
      }
    });
  }

  Value sum(Value x, Value y) {
    ElementIndex none;
    return ElementEmitter(j.e(), op, none).emitSum(x, y);
  }

  void emit(Size begin, Size end) {
    Size blocks = k.max(k.ceilDiv(width, kBlockColumns), 1);
    j.e().forLoop(begin, end, 1, [&](Value tile) {
      Size o = k.div(Size(tile), blocks), block = k.rem(Size(tile), blocks);
      Size first = k.mul(block, kBlockColumns);
      j.e().forLoop(0, count, 1, [&](Value i) { add(o, Size(i), first); });
    });
  }
};

} // namespace

void JobEmitter::emitScatter(Size begin, Size end) { ScatterEmitter(*this).emit(begin, end); }

//===----------------------------------------------------------------------===//
// dynamic_update_slice in place
//===----------------------------------------------------------------------===//

static SizeAttr updateRows(ir::DynamicUpdateSliceOp op) {
  ir::Shape shape = ir::shapeOf(op.getUpdate());
  return productOf(op.getContext(), shape, 0, std::max<int64_t>(shape.size() - 1, 0));
}

SizeAttr updateTiles(const StreamContext &, const StreamJob &job) {
  auto op = cast<ir::DynamicUpdateSliceOp>(job.stores.front().value.getDefiningOp());
  return ir::sizeCeilDiv(updateRows(op), ir::sizeConstant(op.getContext(), 16));
}

void JobEmitter::emitUpdate(Size begin, Size end) {
  auto op = cast<ir::DynamicUpdateSliceOp>(job.stores.front().value.getDefiningOp());
  ir::Shape part = ir::shapeOf(op.getUpdate());
  int64_t rank = part.size();
  this->begin(lanesFor({op.getUpdate()}, rank ? part.back() : SizeAttr()));
  Value result = pointerTo(job.stores.front().buffer);
  if (rank == 0) {
    e().forLoop(begin, end, 1, [&](Value) { storeScalar(at(op.getUpdate(), {}), result, 0); });
    return;
  }
  SmallVector<Size> whole = e().extentsOf(op.getX()), extents = e().extentsOf(op.getUpdate());
  SmallVector<Size> starts;
  for (auto [d, index] : llvm::enumerate(op.getIndices())) {
    FailureOr<Size> start = e().positionAt(index, {});
    if (failed(start)) {
      failedOnce = true;
      return;
    }
    starts.push_back(k.max(k.min(*start, k.sub(whole[d], extents[d])), 0));
  }
  Size rows = e().sizeOf(updateRows(op));
  e().forLoop(k.mul(begin, 16), k.min(k.mul(end, 16), rows), 1, [&](Value r) {
    SmallVector<Size> position = k.delinearize(Size(r), ArrayRef<Size>(extents).drop_back());
    ElementIndex index;
    Size offset = 0;
    for (int64_t d = 0; d + 1 < rank; ++d) {
      index.coordinates.push_back(Coordinate::uniform(position[d]));
      offset = k.add(k.mul(offset, whole[d]), k.add(starts[d], position[d]));
    }
    offset = k.add(k.mul(offset, whole[rank - 1]), starts[rank - 1]);
    e().vectorLoop(0, extents[rank - 1], 1, ValueRange(),
                   [&](Size first, Value mask, int64_t, ValueRange) {
                     ElementIndex at = index;
                     at.mask = mask;
                     at.coordinates.push_back(Coordinate::consecutive(first));
                     k.maskedStore(this->at(op.getUpdate(), at), result, k.add(offset, first), mask);
                     return SmallVector<Value>();
                   });
  });
}

} // namespace dlc::codegen::cpu
