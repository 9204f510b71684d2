#include "codegen/cpu/emit/Kernel.h"
#include "codegen/cpu/KernelBuilder.h"
#include "codegen/cpu/choose/Stream.h"
#include "ir/support/Panels.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

FusionKind kindOf(Operation *op) { return cast<Fusible>(op).getFusionKind(); }

/// The contraction or convolution that the kernel is built around, or null.
Operation *heavyRoot(Block &body) {
  for (Operation &op : body.without_terminator())
    if (kindOf(&op) == FusionKind::Contraction || kindOf(&op) == FusionKind::Convolution)
      return &op;
  return nullptr;
}

SizeAttr bytesOf(Type type) {
  return sizeMul(elementCount(type),
                 KernelBuilder::storedBytes(cast<ShapedType>(type).getElementType()));
}

SizeAttr flopsOf(Operation *op) {
  MLIRContext *context = op->getContext();
  if (auto contract = dyn_cast<ContractOp>(op)) {
    SizeAttr depth = sizeConstant(context, 1);
    Shape a = shapeOf(contract.getA());
    for (int64_t dim : contract.getAReduce())
      depth = sizeMul(depth, a[dim]);
    return sizeMul(sizeMul(elementCount(contract.getType()), depth), 2);
  }
  if (kindOf(op) == FusionKind::Convolution) {
    // Each element of y meets every element of one filter.
    Value y = isa<ConvOp>(op) ? op->getResult(0)
                              : op->getOperand(isa<ConvInputGradOp>(op) ? 0 : 1);
    Type filter = isa<ConvFilterGradOp>(op) ? op->getResult(0).getType()
                                            : op->getOperand(1).getType();
    SizeAttr perFilter = sizeProduct(context, ArrayRef(shapeOf(filter)).drop_back());
    return sizeMul(sizeMul(elementCount(y.getType()), perFilter), 2);
  }
  if (kindOf(op) == FusionKind::Pointwise)
    return elementCount(op->getResult(0).getType());
  if (kindOf(op) == FusionKind::Reduce)
    return elementCount(op->getOperand(0).getType());
  return sizeConstant(context, 0);
}

} // namespace

FailureOr<EmittedKernel> emitKernel(ModuleOp module, KernelFuncOp func, StringRef name,
                                    const SharedBuffers &shared, const CpuTarget &target) {
  Block &body = func.getBody().front();
  Operation *root = heavyRoot(body);
  FailureOr<KernelInfo> info = failure();
  if (auto contract = dyn_cast_or_null<ContractOp>(root)) {
    info = emitContractionKernel(module, func, contract, name, target);
  } else if (root) {
    info = emitConvKernel(module, func, root, name, target);
  } else if (packedMatrix(body.getTerminator()->getOperand(0))) {
    info = emitPackingKernel(module, func, name, target);
  } else {
    StreamKernel kernel;
    kernel.name = name.str();
    kernel.body = &body;
    for (Attribute symbol : func.getSymbols())
      kernel.symbols.push_back(cast<StringAttr>(symbol).getValue().str());
    kernel.shared = shared;
    info = emitStreamKernel(module, kernel, chooseStream(body, target), target);
  }
  if (failed(info))
    return failure();
  EmittedKernel emitted{std::move(*info), sizeConstant(func.getContext(), 0),
                        sizeConstant(func.getContext(), 0)};
  for (Operation &op : body.without_terminator())
    emitted.flops = sizeAdd(emitted.flops, flopsOf(&op));
  for (Type type : llvm::concat<const Type>(body.getArgumentTypes(),
                                            body.getTerminator()->getOperandTypes()))
    emitted.bytes = sizeAdd(emitted.bytes, bytesOf(type));
  return emitted;
}

} // namespace dlc::codegen::cpu
