// Kernels whose root is attention or its gradient: the phase that packs keys, if many pieces of
// work read them, and the one that computes.
#include "codegen/cpu/choose/Attention.h"
#include "codegen/cpu/choose/Grain.h"
#include "codegen/cpu/emit/RootKernel.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

class AttentionKernel : public RootKernel {
public:
  AttentionKernel(ModuleOp module, KernelFuncOp func, Operation *root, StringRef name,
                  const CpuTarget &target)
      : RootKernel(module, func, root, name, target), q(shapeOf(root->getOperand(0))),
        k(shapeOf(root->getOperand(1))), v(shapeOf(root->getOperand(2))) {
    if (auto attention = dyn_cast<AttentionOp>(root)) {
      geometry = attention.getGeometry();
      mask = attention.getMask();
      key = attention.getKey();
    } else {
      auto grad = cast<AttentionGradOp>(root);
      geometry = grad.getGeometry();
      mask = grad.getMask();
      key = grad.getKey();
    }
    for (auto [i, extent] : llvm::enumerate(ArrayRef(q).drop_back()))
      if (int64_t(i) != geometry.axis)
        batch.push_back(extent);
  }

  AttentionLoops loops() {
    auto constant = [](SizeAttr size) {
      return size.isConstant() ? std::optional(size.getValue()) : std::nullopt;
    };
    AttentionLoops loops;
    loops.gradient = isGradient();
    loops.causal = geometry.causal;
    loops.queries = constant(q[geometry.axis]);
    loops.keys = constant(k[geometry.axis]);
    loops.depth = q.back().getValue();
    loops.width = v.back().getValue();
    loops.accumulatorBits = accumulator.getIntOrFloatBitWidth();
    return loops;
  }

  FailureOr<KernelInfo> emit(Attribute given) {
    auto schedule = acceptAttention(given, loops(), target, [&] { return func.emitOpError(); });
    if (failed(schedule))
      return failure();
    if (!isGradient())
      packKeys(*schedule);
    else if (input != accumulator)
      grow(elementCount(root->getOperand(0).getType()), accumulator);
    compute(*schedule);
    return std::move(info);
  }

private:
  bool isGradient() { return isa<AttentionGradOp>(root); }
  SizeAttr batches() { return sizeProduct(func.getContext(), batch); }
  void grow(SizeAttr elements, Type element) {
    SizeAttr bytes = sizeMul(elements, KernelBuilder::storedBytes(element));
    info.scratchBytes = sizeAdd(info.scratchBytes, sizeMul(sizeCeilDiv(bytes, size(64)), size(64)));
  }

  AttentionShape shapeIn(KernelBuilder &b, SizeScope &scope) {
    AttentionShape shape;
    shape.batch = scope(batch);
    shape.outer = geometry.axis;
    shape.queries = scope(q[geometry.axis]);
    shape.keys = scope(k[geometry.axis]);
    shape.depth = q.back().getValue();
    shape.width = v.back().getValue();
    shape.scale = geometry.scale;
    shape.causal = geometry.causal;
    shape.dropout = geometry.dropout;
    shape.input = input;
    shape.accumulator = accumulator;
    if (mask) {
      shape.maskElement = cast<RankedTensorType>(mask.getType()).getElementType();
      shape.maskStrides.assign(batch.size() + 2, 0);
      SmallVector<Size> extents = scope(shapeOf(mask));
      Size stride = 1;
      for (size_t d = extents.size(); d-- > 0;) {
        shape.maskStrides[geometry.maskDims[d]] = stride;
        stride = b.mul(stride, extents[d]);
      }
    }
    return shape;
  }

  SizeAttr panels() { return sizeMul(batches(), sizeCeilDiv(k[geometry.axis], size(kPanelWidth))); }

  /// A phase that packs all keys into the scratch. There are neither where pieces of work pack for
  /// themselves.
  void packKeys(const AttentionSchedule &schedule) {
    int64_t depth = k.back().getValue();
    SizeAttr beyond = sizeMax(sizeSub(q[geometry.axis], size(ownPanelQueries(schedule))), size(0));
    SizeAttr many = sizeMin(beyond, size(1));
    if (many.isConstant() && many.getValue() == 0)
      return;
    grow(sizeMul(sizeMul(panels(), depth * kPanelWidth), many), input);
    PhaseSignature packing = signature();
    emitPhase(module, func.getLoc(), target, packing,
              [&](KernelBuilder &b, const PhaseArguments &phase) {
                SizeScope scope(b, phase, func.getSymbols());
                emitPackPanels(b, phase, attentionMatrix(b, shapeIn(b, scope), depth),
                               pointerOf(phase, root->getOperand(1)), phase.pointers.back());
              });
    SizeAttr tiles = sizeMul(panels(), (depth + kPackRows - 1) / kPackRows);
    info.phases.push_back(
        {packing.name, sizeMul(tiles, many), sizeMul(info.scratchBytes, 2 * kPicosecondsPerByte)});
  }

  /// Where a result of the root is written; null when nobody reads it.
  Value resultIn(const PhaseArguments &phase, unsigned number) {
    for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands()))
      if (value == root->getResult(number))
        return phase.pointers[body.getNumArguments() + i];
    return Value();
  }

  void compute(const AttentionSchedule &schedule) {
    PhaseSignature computing = signature();
    emitPhase(module, func.getLoc(), target, computing,
              [&](KernelBuilder &b, const PhaseArguments &phase) {
                SizeScope scope(b, phase, func.getSymbols());
                Value scratch = phase.pointers.back();
                auto operand = [&](unsigned i) { return pointerOf(phase, root->getOperand(i)); };
                AttentionShape shape = shapeIn(b, scope);
                Value given = mask ? pointerOf(phase, mask) : Value();
                Value random = key ? pointerOf(phase, key) : Value();
                if (!isGradient())
                  return emitAttention(b, phase, shape,
                                       {operand(0), operand(1), operand(2), given, random, scratch,
                                        resultIn(phase, 0), resultIn(phase, 1)},
                                       schedule);
                Value dq = resultIn(phase, 0);
                Value sums = dq && input != accumulator ? scratch : dq;
                emitAttentionGrad(b, phase, shape,
                                  {operand(0), operand(1), operand(2), operand(3), operand(4),
                                   operand(5), given, random, dq, resultIn(phase, 1),
                                   resultIn(phase, 2), sums},
                                  schedule);
              });
    SizeAttr tiles = batches();
    if (!isGradient())
      tiles = sizeMul(tiles, sizeCeilDiv(q[geometry.axis], size(schedule.queries)));
    info.phases.push_back({computing.name, tiles});
  }

  Shape q, k, v, batch;
  AttentionGeometry geometry;
  Value mask, key;
};

} // namespace

FailureOr<KernelInfo> emitAttentionKernel(ModuleOp module, KernelFuncOp func, Operation *root,
                                          StringRef name, Attribute schedule,
                                          const CpuTarget &target) {
  return AttentionKernel(module, func, root, name, target).emit(schedule);
}

AttentionLoops attentionLoops(KernelFuncOp func, Operation *root, const CpuTarget &target) {
  return AttentionKernel(ModuleOp(), func, root, "", target).loops();
}

} // namespace dlc::codegen::cpu
