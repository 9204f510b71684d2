#include "ir/ops/Kernel.h"
#include "ir/ops/State.h"
#include "ir/support/ShapeMath.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Kernel.cpp.inc"

namespace dlc::ir {

LogicalResult KernelOp::verify() {
  Block &block = getBody().front();
  if (!llvm::equal(block.getArgumentTypes(), getInputs().getTypes())) // kernel_c1
    return emitOpError("block arguments do not have the types of the operands");
  auto yield = dyn_cast_or_null<YieldOp>(block.empty() ? nullptr : &block.back());
  if (!yield || !llvm::equal(yield.getValues().getTypes(), getOutputs().getTypes())) // kernel_c2
    return emitOpError("body does not yield values of the result types");
  return success();
}

LogicalResult KernelFuncOp::verify() {
  llvm::StringSet<> listed;
  for (Attribute symbol : getSymbols())
    listed.insert(cast<StringAttr>(symbol).getValue());
  std::string missing;
  auto check = [&](SizeAttr size) {
    sizeForEachSymbol(size, [&](StringRef name) {
      if (!listed.contains(name))
        missing = name.str();
    });
  };
  // Sizes stand in types' encodings and in attributes (of slices, paddings, dlc.size).
  AttrTypeWalker walker;
  walker.addWalk([&](SizeAttr size) {
    check(size);
    return WalkResult::skip();
  });
  walker.addWalk([&](DimsAttr dims) {
    llvm::for_each(dims.getSizes(), check);
    return WalkResult::skip();
  });
  for (Type type : getBody().getArgumentTypes())
    walker.walk(type);
  getBody().walk([&](Operation *op) {
    walker.walk(op->getAttrDictionary());
    for (Type type : op->getResultTypes())
      walker.walk(type);
  });
  if (!missing.empty()) // kernel_func_c1
    return emitOpError("uses symbol ") << missing << " that is not in its list of symbols";
  return success();
}

LogicalResult DispatchOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  auto callee = symbolTable.lookupNearestSymbolFrom<KernelFuncOp>(*this, getKernelAttr());
  if (!callee) // dispatch_c1
    return emitOpError("names ") << getKernelAttr() << ", which is not a dlc.kernel_func";
  Block &block = callee.getBody().front();
  if (!llvm::equal(block.getArgumentTypes(), getInputs().getTypes()) ||
      !llvm::equal(block.getTerminator()->getOperandTypes(), getOutputs().getTypes()))
    return emitOpError("operand or result types differ from those of ") << getKernelAttr();
  return success();
}

} // namespace dlc::ir
