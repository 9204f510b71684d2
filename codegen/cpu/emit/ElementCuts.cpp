// Which dimensions of a value may be flattened together: the fewer cuts, the longer the loops.
//
// A cut in an operand becomes a cut in the result where the op maps dimension to dimension. A
// dimension of size 1 has nothing to tell apart: cuts next to it move over it, see withoutUnits.
#include "codegen/cpu/emit/ElementCuts.h"
#include "ir/support/ShapeMath.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dlc::codegen::cpu {
namespace {

using Bits = llvm::BitVector;

int64_t rankOf(Value v) { return cast<RankedTensorType>(v.getType()).getRank(); }

// Of several cuts between two dimensions larger than 1 only the last is kept, so that dimensions
// of size 1 join what stands before them; leading ones join what follows.
Bits withoutUnits(Bits cuts, Value tensor) {
  ir::Shape shape = ir::shapeOf(tensor);
  Bits out(cuts.size());
  bool pending = false, seen = false;
  for (int64_t d = 0, rank = shape.size(); d < rank; ++d) {
    pending |= d > 0 && cuts.test(d);
    if (shape[d].isConstant(1))
      continue;
    if (pending && seen)
      out.set(d);
    seen = true;
    pending = false;
  }
  return out;
}

void cutAround(Bits &cuts, int64_t dim) {
  cuts.set(dim);
  cuts.set(dim + 1);
}

Bits cutsOfBroadcast(ir::BroadcastOp op) {
  int64_t rank = rankOf(op.getY());
  Bits cuts(rank + 1);
  for (int64_t d = 1; d < rank; ++d)
    if (llvm::is_contained(op.getDims(), d) != llvm::is_contained(op.getDims(), d - 1))
      cuts.set(d);
  return cuts;
}

bool isWhole(ir::SliceOp op, int64_t d) {
  return op.getStarts().getSizes()[d].isConstant(0) && op.getStrides()[d] == 1 &&
         op.getLimits().getSizes()[d] == ir::shapeOf(op.getX())[d];
}

Bits cutsOfSlice(ir::SliceOp op) {
  int64_t rank = rankOf(op.getY());
  Bits cuts(rank + 1);
  for (int64_t d = 1; d < rank; ++d)
    if (!isWhole(op, d) || op.getStrides()[d - 1] != 1)
      cuts.set(d);
  return cuts;
}

Bits cutsOfTranspose(ir::TransposeOp op) {
  int64_t rank = rankOf(op.getY());
  Bits cuts(rank + 1);
  for (int64_t d = 1; d < rank; ++d)
    if (op.getPermutation()[d] != op.getPermutation()[d - 1] + 1)
      cuts.set(d);
  return cuts;
}

Bits cutsOfGather(ir::GatherOp op) {
  Bits cuts(rankOf(op.getY()) + 1);
  cuts.set(op.getAxis());
  cuts.set(op.getAxis() + rankOf(op.getIndices()));
  return cuts;
}

Bits allCuts(Value tensor) { return Bits(rankOf(tensor) + 1, true); }

// The cuts of operand |x| of |op| as cuts of the result; one function per kind of mapping.
Bits liftThroughBroadcast(ir::BroadcastOp op, const Bits &x) {
  Bits y(rankOf(op.getY()) + 1);
  for (auto [i, d] : llvm::enumerate(op.getDims()))
    if (i > 0 && x.test(i))
      y.set(d);
  return y;
}

Bits liftThroughTranspose(ir::TransposeOp op, const Bits &x) {
  Bits y(rankOf(op.getY()) + 1);
  for (int64_t d = 1; d < rankOf(op.getY()); ++d)
    if (x.test(op.getPermutation()[d]))
      y.set(d);
  return y;
}

Bits liftThroughReshape(ir::ReshapeOp op, const Bits &x) {
  if (x.none())
    return Bits(rankOf(op.getY()) + 1);
  ReshapeSegments segments(op.getX(), op.getY());
  Bits y(rankOf(op.getY()) + 1);
  Bits covered(x.size());
  for (auto [from, to] : segments.starts) {
    covered.set(from);
    y.set(to);
  }
  Bits missed = x;
  missed.reset(covered);
  missed.reset(0);
  missed.reset(x.size() - 1);
  return missed.any() ? allCuts(op.getY()) : y;
}

Bits liftThroughGather(ir::GatherOp op, const Bits &x, const Bits &indices) {
  int64_t axis = op.getAxis(), inserted = rankOf(op.getIndices());
  Bits y(rankOf(op.getY()) + 1);
  for (int64_t d = 1; d < rankOf(op.getX()); ++d)
    if (x.test(d))
      y.set(d <= axis ? d : d - 1 + inserted);
  for (int64_t d = 1; d < inserted; ++d)
    if (indices.test(d))
      y.set(axis + d);
  return y;
}

Bits liftThroughReduce(Operation *op, ArrayRef<int64_t> axes, const Bits &x) {
  Bits y(rankOf(op->getResult(0)) + 1);
  int64_t kept = 0;
  bool pending = false;
  for (int64_t d = 0; d < rankOf(op->getOperand(0)); ++d) {
    bool reduced = llvm::is_contained(axes, d);
    pending |= x.test(d) || reduced;
    if (reduced)
      continue;
    if (pending)
      y.set(kept);
    pending = false;
    ++kept;
  }
  return y;
}

struct CutFinder {
  function_ref<bool(Value)> isMemory;
  DenseMap<Value, Bits> known;

  explicit CutFinder(function_ref<bool(Value)> isMemory) : isMemory(isMemory) {}

  Bits find(Value tensor) {
    if (auto found = known.find(tensor); found != known.end())
      return found->second;
    Bits cuts(rankOf(tensor) + 1);
    Operation *op = tensor.getDefiningOp();
    if (op && !(isMemory && isMemory(tensor))) {
      cuts = ownCuts(op);
      cuts |= lifted(op);
    }
    cuts = withoutUnits(cuts, tensor);
    known[tensor] = cuts;
    return cuts;
  }

  Bits lifted(Operation *op) {
    return llvm::TypeSwitch<Operation *, Bits>(op)
        .Case([&](ir::BroadcastOp b) { return liftThroughBroadcast(b, find(b.getX())); })
        .Case([&](ir::TransposeOp t) { return liftThroughTranspose(t, find(t.getX())); })
        .Case([&](ir::ReshapeOp r) { return liftThroughReshape(r, find(r.getX())); })
        .Case([&](ir::GatherOp g) {
          return liftThroughGather(g, find(g.getX()), find(g.getIndices()));
        })
        .Case<ir::SumOp, ir::MeanOp, ir::ProdOp, ir::ReduceMaxOp, ir::ReduceMinOp>(
            [&](auto r) { return liftThroughReduce(r, r.getAxes(), find(r.getX())); })
        .Case<ir::ArgmaxOp, ir::ArgminOp>([&](auto r) {
          return liftThroughReduce(r, {static_cast<int64_t>(r.getAxis())}, find(r.getX()));
        })
        .Default([&](Operation *) { return fromSameRank(op); });
  }

  // Elementwise ops, slices, pads, concats: dimension d is dimension d of every such operand.
  Bits fromSameRank(Operation *op) {
    int64_t rank = rankOf(op->getResult(0));
    Bits cuts(rank + 1);
    for (Value operand : op->getOperands())
      if (rankOf(operand) == rank)
        cuts |= find(operand);
    return cuts;
  }
};

} // namespace

bool isPadded(ir::PadOp op, int64_t d) {
  return !op.getLow().getSizes()[d].isConstant(0) || !op.getHigh().getSizes()[d].isConstant(0) ||
         op.getInterior()[d] != 0;
}

ReshapeSegments::ReshapeSegments(Value x, Value y) {
  ir::Shape from = ir::shapeOf(x), to = ir::shapeOf(y);
  MLIRContext *context = x.getContext();
  starts.push_back({0, 0});
  size_t i = 0, j = 0;
  ir::SizeAttr left = ir::sizeConstant(context, 1), right = left;
  // The shorter prefix grows; symbolic prefixes that cannot be compared grow together.
  while (i < from.size() && j < to.size()) {
    left = ir::sizeMul(left, from[i++]);
    right = ir::sizeMul(right, to[j++]);
    while (left != right) {
      bool canGrowLeft = i < from.size(), canGrowRight = j < to.size();
      if (!canGrowLeft && !canGrowRight)
        break;
      bool growLeft = canGrowLeft;
      if (canGrowLeft && canGrowRight && left.isConstant() && right.isConstant())
        growLeft = left.getValue() < right.getValue();
      else if (canGrowLeft && canGrowRight)
        growLeft = from.size() - i >= to.size() - j;
      if (growLeft)
        left = ir::sizeMul(left, from[i++]);
      else
        right = ir::sizeMul(right, to[j++]);
    }
    if (left == right && i < from.size() && j < to.size())
      starts.push_back({static_cast<int64_t>(i), static_cast<int64_t>(j)});
  }
}

llvm::BitVector ownCuts(Operation *op) {
  int64_t rank = rankOf(op->getResult(0));
  Bits cuts(rank + 1);
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](ir::BroadcastOp b) { cuts = cutsOfBroadcast(b); })
      .Case([&](ir::SliceOp s) { cuts = cutsOfSlice(s); })
      .Case([&](ir::TransposeOp t) { cuts = cutsOfTranspose(t); })
      .Case([&](ir::GatherOp g) { cuts = cutsOfGather(g); })
      .Case([&](ir::PadOp p) {
        for (int64_t d = 0; d < rank; ++d)
          if (isPadded(p, d))
            cutAround(cuts, d);
      })
      .Case([&](ir::ConcatOp c) { cuts.set(c.getAxis()); })
      .Case([&](ir::ReverseOp r) {
        for (int64_t axis : r.getAxes())
          cutAround(cuts, axis);
      })
      .Case([&](ir::IotaOp i) { cutAround(cuts, i.getAxis()); })
      .Case([&](ir::OneHotOp) { cuts.set(rank - 1); })
      .Case([&](ir::ScatterAddOp s) { cutAround(cuts, s.getAxis()); })
      .Case<ir::DynamicSliceOp, ir::DynamicUpdateSliceOp, ir::MaxPoolOp, ir::AvgPoolOp,
            ir::MaxPoolWinnersOp, ir::MaxPoolScatterOp, ir::MaxPoolGradOp, ir::AvgPoolGradOp>([&](Operation *) { cuts.set(); });
  return cuts;
}

llvm::BitVector cutsOf(Value tensor, function_ref<bool(Value)> isMemory) {
  CutFinder finder(isMemory);
  return finder.find(tensor);
}

} // namespace dlc::codegen::cpu
