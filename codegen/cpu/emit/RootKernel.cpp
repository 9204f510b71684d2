#include "codegen/cpu/emit/RootKernel.h"
#include "codegen/cpu/choose/Grain.h"
#include "codegen/cpu/choose/Kernel.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {

constexpr int64_t kAlignment = 64; // of what lies in the scratch

RootKernel::RootKernel(ModuleOp module, KernelFuncOp func, Operation *root, StringRef name,
                       const CpuTarget &target)
    : module(module), func(func), root(root), name(name), target(target),
      body(func.getBody().front()),
      input(cast<ShapedType>(root->getOperand(0).getType()).getElementType()), sums(func, root) {
  accumulator = input.isF16() || input.isBF16() ? Float32Type::get(func.getContext()) : input;
  info.scratchBytes = size(0);
}

std::optional<unsigned> RootKernel::partialResult() {
  RankedTensorType wanted = withElementType(root->getResult(0).getType(), accumulator);
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands()))
    if (value.getType() == wanted)
      return body.getNumArguments() + i;
  return std::nullopt;
}

void RootKernel::reservePartial(int64_t parts) {
  if (parts == 1 && partialResult())
    return;
  partialBegin = alignedScratch();
  SizeAttr elements = sizeProduct(func.getContext(), shapeOf(root->getResult(0)));
  int64_t bytes = parts * KernelBuilder::storedBytes(accumulator);
  info.scratchBytes = sizeAdd(partialBegin, sizeMul(elements, bytes));
}

Value RootKernel::partialOf(KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope) {
  if (partialBegin)
    return k.address(k.i8(), phase.pointers.back(), scope(partialBegin));
  auto result = partialResult();
  return result ? phase.pointers[*result] : Value();
}

SizeAttr RootKernel::alignedScratch() {
  return sizeMul(sizeCeilDiv(info.scratchBytes, size(kAlignment)), size(kAlignment));
}

PhaseSignature RootKernel::signature() {
  PhaseSignature signature;
  signature.name = (name + ".p" + Twine(info.phases.size())).str();
  signature.pointers = body.getNumArguments() + body.getTerminator()->getNumOperands() + 1;
  signature.sizes = func.getSymbols().size();
  return signature;
}

int64_t RootKernel::panelWidth() {
  return panels() ? ir::panelWidth(panels()) : panelWidthFor(target);
}

Value RootKernel::pointerOf(const PhaseArguments &phase, Value operand) {
  return phase.pointers[cast<BlockArgument>(operand).getArgNumber()];
}

Value RootKernel::pointerOfMatrix(const PhaseArguments &phase, OperandForm form) {
  if (form == OperandForm::Pack)
    return phase.pointers.back();
  return pointerOf(phase, form == OperandForm::Panels ? panels() : root->getOperand(1));
}

void RootKernel::emitPacking(MatrixShape matrix, SizeAttr count, SizeAttr rows, bool pairs) {
  auto pack = [&](KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope) {
    emitPackPanels(k, phase, matrix(k, scope), pointerOf(phase, root->getOperand(1)),
                   phase.pointers.back(), pairs);
  };
  emitFirst(pack, sizeMul(count, sizeCeilDiv(rows, size(kPackRows))));
  info.scratchBytes =
      sizeMul(sizeMul(count, rows), panelWidth() * KernelBuilder::storedBytes(input));
}

void RootKernel::emitFirst(PhaseBody emit, SizeAttr tiles) {
  PhaseSignature first = signature();
  emitPhase(module, func.getLoc(), target, first,
            [&](KernelBuilder &k, const PhaseArguments &phase) {
              SizeScope scope(k, phase, func.getSymbols());
              emit(k, phase, scope);
            });
  info.phases.push_back({first.name, tiles});
}

void RootKernel::emitCompute(ComputeBody compute, SizeAttr tiles, SizeAttr pieces) {
  PhaseSignature computing = signature();
  if (!sums.empty()) {
    sumsBegin = alignedScratch();
    info.scratchBytes = sizeAdd(sumsBegin, sums.bytes(pieces));
  }
  emitPhase(
      module, func.getLoc(), target, computing, [&](KernelBuilder &k, const PhaseArguments &phase) {
        SizeScope scope(k, phase, func.getSymbols());
        FragmentBody fragments(func, root, phase, scope, sums, partialSums(k, phase, scope));
        compute(k, phase, scope,
                [&](KernelBuilder &k, const Fragment &fragment) { fragments.store(k, fragment); });
      });
  info.phases.push_back({computing.name, tiles});
  if (!sums.empty())
    emitFold(pieces);
}

Value RootKernel::partialSums(KernelBuilder &k, const PhaseArguments &phase, SizeScope &scope) {
  return sums.empty() ? Value() : k.address(k.i8(), phase.pointers.back(), scope(sumsBegin));
}

void RootKernel::emitFold(SizeAttr pieces) {
  PhaseSignature folding = signature();
  emitPhase(module, func.getLoc(), target, folding,
            [&](KernelBuilder &k, const PhaseArguments &phase) {
              SizeScope scope(k, phase, func.getSymbols());
              sums.fold(k, phase, partialSums(k, phase, scope), scope(pieces));
            });
  info.phases.push_back({folding.name, size(sums.foldTiles(target)),
                         sizeMul(sums.bytes(pieces), kPicosecondsPerByte)});
}

} // namespace dlc::codegen::cpu
