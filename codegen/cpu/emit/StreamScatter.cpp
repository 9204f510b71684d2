// scatter_add into a new tensor: updates are sorted by place, then every place is written once.
//
//   indices   2 0 2 9 0        Sort     ends   0 2 2 4 ..   updates of place p are order[q] for
//                                       order  1 4 0 2 3    q in [ends[p], ends[p + 1])
//   updates   a b c d e        Scatter  y[0] = x[0] + b + e, y[1] = x[1], y[2] = x[2] + a + c, ...
//
// A counting sort keeps updates of one place in their order, so that sums are taken in the order
// that scatter_add promises, in registers. Places outside the tensor are counted behind the last
// one, and nobody asks for them. A tile owns some places and some columns of them: many rows are
// shared out as well as few long ones. (In place, where only few rows may be touched, the updates
// are walked as they come: StreamUpdates.cpp.)
#include "codegen/cpu/emit/StreamJobs.h"
#include "ir/symbols/SizeExpr.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

static constexpr int64_t kTileColumns = 1024; // at most, of a tile
static constexpr int64_t kBlockVectors = 8;   // of columns whose sums are in registers
static constexpr int64_t kAhead = 4;          // rows of updates that are asked for early

static SizeAttr outerOf(ir::ScatterAddOp op) {
  return ir::sizeProduct(op.getContext(),
                         ArrayRef(ir::shapeOf(op.getY())).take_front(op.getAxis()));
}

static SizeAttr widthOf(ir::ScatterAddOp op) {
  return ir::sizeProduct(op.getContext(),
                         ArrayRef(ir::shapeOf(op.getY())).drop_front(op.getAxis() + 1));
}

static SizeAttr placesOf(ir::ScatterAddOp op) { return ir::shapeOf(op.getY())[op.getAxis()]; }

// What a tile holds: rows of the result (a place in each outer position), and columns.
static int64_t rowsPerTile(const StreamContext &context, ir::ScatterAddOp op) {
  SizeAttr width = widthOf(op);
  int64_t columns =
      width.isConstant() ? std::clamp<int64_t>(width.getValue(), 1, kTileColumns) : 256;
  int64_t bytes = KernelBuilder::storedBytes(ElementEmitter::elementOf(op.getY()));
  return std::max<int64_t>(context.schedule.tileBytes / (3 * bytes * columns), 1);
}

SizeAttr sortedScatterTiles(const StreamContext &context, const StreamJob &job) {
  auto op = cast<ir::ScatterAddOp>(job.stores.front().value.getDefiningOp());
  MLIRContext *mlir = op.getContext();
  SizeAttr rows = ir::sizeMul(outerOf(op), placesOf(op));
  return ir::sizeMul(ir::sizeCeilDiv(rows, ir::sizeConstant(mlir, rowsPerTile(context, op))),
                     ir::sizeCeilDiv(widthOf(op), ir::sizeConstant(mlir, kTileColumns)));
}

// Both tables hold 64-bit numbers. ends: 0, then the end of every place and of what is outside; one
// more, since the sort counts one further on.
SizeAttr sortedScatterEnds(ir::ScatterAddOp op) {
  return ir::sizeAdd(placesOf(op), ir::sizeConstant(op.getContext(), 3));
}

namespace {

struct SortEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  ir::ScatterAddOp op;
  Value ends, order;
  Size places, count;

  explicit SortEmitter(JobEmitter &j)
      : j(j), k(j.k), op(cast<ir::ScatterAddOp>(j.job.reductions.front())) {
    j.begin(j.lanesFor({op.getIndices()}, {}));
    ends = j.scratchAt(j.job.partials[0]);
    order = j.scratchAt(j.job.partials[1]);
    places = j.e().sizeOf(placesOf(op));
    count = j.e().sizeOf(ir::elementCount(op.getIndices().getType()));
  }

  // The place of update |i|: those outside share the number behind the last.
  Size placeOf(Size i) {
    ElementIndex index;
    if (int64_t rank = ElementEmitter::rankOf(op.getIndices()))
      index.coordinates.push_back(Coordinate::uniform(i, rank));
    FailureOr<Size> place = j.e().positionAt(op.getIndices(), index);
    if (failed(place)) {
      j.failedOnce = true;
      return 0;
    }
    return k.select(k.inside(*place, places), *place, places);
  }

  Size take(Size at) { return Size(k.load(k.i64(), ends, at)); }
  void put(Size number, Size at) { k.store(k.value(number), ends, at); }

  void clear() {
    int64_t lanes = k.lanes(k.i64());
    Value zero = k.zero(k.vectorType(k.i64(), lanes));
    Size past = k.add(places, 3);
    k.forLoop(0, past, lanes, [&](Value i) {
      k.maskedStore(zero, ends, Size(i), k.laneMask(k.sub(past, i), lanes));
    });
  }

  void emit(Size begin, Size end) {
    // There is one tile; the loop is for a call without it.
    j.e().forLoop(begin, end, 1, [&](Value) {
      clear();
      // Two further on, so that the sums are where places begin, one further on than they are read.
      j.e().forLoop(0, count, 1, [&](Value i) {
        Size at = k.add(placeOf(Size(i)), 2);
        put(k.add(take(at), 1), at);
      });
      k.forLoop(2, k.add(places, 3), 1, ValueRange{k.value(0)}, [&](Value p, ValueRange sum) {
        Size next = k.add(Size(sum[0]), take(Size(p)));
        put(next, Size(p));
        return SmallVector<Value>{k.value(next)};
      });
      j.e().forLoop(0, count, 1, [&](Value i) {
        Size at = k.add(placeOf(Size(i)), 1), slot = take(at);
        k.store(i, order, slot);
        put(k.add(slot, 1), at);
      });
    });
  }
};

struct SortedScatterEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  ir::ScatterAddOp op;
  int64_t before, after, inserted;
  Size outer, places, width, count;
  Value ends, order, result;

  explicit SortedScatterEmitter(JobEmitter &j)
      : j(j), k(j.k), op(cast<ir::ScatterAddOp>(j.job.stores.front().value.getDefiningOp())) {
    before = op.getAxis();
    after = ElementEmitter::rankOf(op.getY()) - before - 1;
    inserted = ElementEmitter::rankOf(op.getIndices());
    j.begin(j.lanesFor({op.getX(), op.getUpdates()}, widthOf(op)));
    outer = j.e().sizeOf(outerOf(op));
    places = j.e().sizeOf(placesOf(op));
    width = j.e().sizeOf(widthOf(op));
    count = j.e().sizeOf(ir::elementCount(op.getIndices().getType()));
    ends = j.scratchAt(j.job.partials[0]);
    order = j.scratchAt(j.job.partials[1]);
    result = j.pointerTo(j.job.stores.front().buffer);
  }

  // Columns from |column| on of update or place |number|, which covers |dims| dimensions.
  ElementIndex indexOf(Size o, Size number, int64_t dims, Size column, Value mask) {
    ElementIndex index{{}, mask};
    if (before)
      index.coordinates.push_back(Coordinate::uniform(o, before));
    if (dims)
      index.coordinates.push_back(Coordinate::uniform(number, dims));
    if (after)
      index.coordinates.push_back(Coordinate::consecutive(column, after));
    return index;
  }

  // The updates of a few rows later, as far as they lie in memory.
  void expect(Size o, Size q, Size column) {
    if (!j.isMemory(op.getUpdates()))
      return;
    Size later = Size(k.load(k.i64(), order, k.min(k.add(q, kAhead), k.sub(count, 1))));
    Size row = k.mul(k.add(k.mul(o, count), later), width);
    Type element = kernelElement(ElementEmitter::elementOf(op.getUpdates()));
    int64_t bytes = KernelBuilder::storedBytes(element);
    for (int64_t c = 0; c * bytes < kBlockVectors * j.e().lanes() * bytes; c += 64 / bytes)
      j.e().prefetch(element, j.memoryOf(op.getUpdates()), k.add(row, k.add(column, c)));
  }

  // Sums of 16-bit floats are rounded once, at their end.
  Value widened(Value x) {
    Type element = KernelBuilder::elementOf(x.getType());
    return element.isF16() || element.isBF16() ? k.convert(x, k.f32()) : x;
  }

  struct Row {
    Size outer, place, number, begin, end; // of the result, and of its updates in |order|
  };

  // |vectors| of columns from |first| on.
  void block(const Row &row, Size first, int64_t vectors, Value mask) {
    int64_t lanes = j.e().lanes();
    SmallVector<Value> sums;
    for (int64_t v = 0; v < vectors; ++v) {
      ElementIndex at = indexOf(row.outer, row.place, 1, k.add(first, v * lanes), mask);
      sums.push_back(widened(j.at(op.getX(), at)));
    }
    sums = j.e().forLoop(row.begin, row.end, 1, sums, [&](Value q, ValueRange carried) {
      Size update = Size(k.load(k.i64(), order, Size(q)));
      if (vectors > 1)
        expect(row.outer, Size(q), first);
      SmallVector<Value> next;
      for (int64_t v = 0; v < vectors; ++v) {
        ElementIndex at = indexOf(row.outer, update, inserted, k.add(first, v * lanes), mask);
        next.push_back(k.sum(carried[v], widened(j.at(op.getUpdates(), at))));
      }
      return next;
    });
    Type element = kernelElement(ElementEmitter::elementOf(op.getY()));
    Size target = k.add(k.mul(row.number, width), first);
    for (int64_t v = 0; v < vectors; ++v)
      k.maskedStore(k.convert(sums[v], element), result, k.add(target, v * lanes), mask);
  }

  void columns(const Row &row, Size from, Size to) {
    int64_t lanes = j.e().lanes(), step = kBlockVectors * lanes;
    Size whole = k.add(from, k.mul(k.div(k.sub(to, from), step), step));
    j.e().forLoop(from, whole, step,
                  [&](Value first) { block(row, Size(first), kBlockVectors, Value()); });
    j.e().forLoop(whole, to, lanes, [&](Value first) {
      block(row, Size(first), 1, k.laneMask(k.sub(to, first), lanes));
    });
  }

  void emit(Size begin, Size end) {
    int64_t perTile = rowsPerTile(j.context, op);
    Size rows = k.mul(outer, places), blocks = k.max(k.ceilDiv(width, kTileColumns), 1);
    j.e().forLoop(begin, end, 1, [&](Value tile) {
      Size first = k.mul(k.div(Size(tile), blocks), perTile);
      Size from = k.mul(k.rem(Size(tile), blocks), kTileColumns);
      Size to = k.min(k.add(from, kTileColumns), width);
      j.e().forLoop(first, k.min(k.add(first, perTile), rows), 1, [&](Value number) {
        Row row{0, Size(number), Size(number), 0, 0};
        if (before) {
          row.outer = k.div(Size(number), places);
          row.place = k.rem(Size(number), places);
        }
        row.begin = Size(k.load(k.i64(), ends, row.place));
        row.end = Size(k.load(k.i64(), ends, k.add(row.place, 1)));
        columns(row, from, to);
      });
    });
  }
};

} // namespace

void JobEmitter::emitSort(Size begin, Size end) { SortEmitter(*this).emit(begin, end); }

void JobEmitter::emitSortedScatter(Size begin, Size end) {
  SortedScatterEmitter(*this).emit(begin, end);
}

} // namespace dlc::codegen::cpu
