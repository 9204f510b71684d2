#include "ir/ops/Kernel.h"
#include "ir/ops/State.h"
#include "ir/support/ShapeMath.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Kernel.cpp.inc"

namespace dlc::ir {

/// Calls `visit` with the sizes in types' encodings and in attributes (of slices, paddings,
/// dlc.size) of a kernel's body.
static void forEachSize(Region &region, function_ref<void(SizeAttr)> visit) {
  AttrTypeWalker walker;
  walker.addWalk([&](SizeAttr size) {
    visit(size);
    return WalkResult::skip();
  });
  walker.addWalk([&](DimsAttr dims) {
    llvm::for_each(dims.getSizes(), visit);
    return WalkResult::skip();
  });
  for (Type type : region.getArgumentTypes())
    walker.walk(type);
  region.walk([&](Operation *op) {
    walker.walk(op->getAttrDictionary());
    for (Type type : op->getResultTypes())
      walker.walk(type);
  });
}

// kernel_c3 and kernel_func_c2; kernel_c4 and kernel_func_c3
static LogicalResult verifySchedules(Operation *op, ArrayAttr schedules,
                                     function_ref<bool(StringRef)> isKnown) {
  if (!schedules)
    return success();
  if (schedules.empty())
    return op->emitOpError("has an empty list of schedules; leave it out to have them chosen");
  for (size_t i = 0; i < schedules.size(); ++i) {
    Attribute attribute = schedules[i];
    auto guard = dyn_cast<WhenAttr>(attribute);
    bool last = i + 1 == schedules.size();
    if (!guard && !attribute.hasTrait<IsSchedule>())
      return op->emitOpError("schedule ") << i << " is " << attribute << ", which is no schedule";
    if (guard && last)
      return op->emitOpError("the last schedule is guarded; sizes outside of all guards need one");
    if (!guard && !last)
      return op->emitOpError("schedule ") << i << " has no guard, so those behind it cannot run";
    std::string unknown;
    if (guard)
      sizeForEachSymbol(guard.getSize(), [&](StringRef name) {
        if (!isKnown(name))
          unknown = name.str();
      });
    if (!unknown.empty())
      return op->emitOpError("schedule ") << i << " is guarded by symbol " << unknown
                                          << ", which the kernel does not have";
  }
  return success();
}

LogicalResult KernelOp::verify() {
  Block &block = getBody().front();
  if (!llvm::equal(block.getArgumentTypes(), getInputs().getTypes())) // kernel_c1
    return emitOpError("block arguments do not have the types of the operands");
  auto yield = dyn_cast_or_null<YieldOp>(block.empty() ? nullptr : &block.back());
  if (!yield || !llvm::equal(yield.getValues().getTypes(), getOutputs().getTypes())) // kernel_c2
    return emitOpError("body does not yield values of the result types");
  llvm::StringSet<> symbols;
  if (getSchedulesAttr())
    forEachSize(getBody(), [&](SizeAttr size) {
      sizeForEachSymbol(size, [&](StringRef name) { symbols.insert(name); });
    });
  return verifySchedules(*this, getSchedulesAttr(),
                         [&](StringRef name) { return symbols.contains(name); });
}

LogicalResult KernelFuncOp::verify() {
  llvm::StringSet<> listed;
  for (Attribute symbol : getSymbols())
    listed.insert(cast<StringAttr>(symbol).getValue());
  std::string missing;
  forEachSize(getBody(), [&](SizeAttr size) {
    sizeForEachSymbol(size, [&](StringRef name) {
      if (!listed.contains(name))
        missing = name.str();
    });
  });
  if (!missing.empty()) // kernel_func_c1
    return emitOpError("uses symbol ") << missing << " that is not in its list of symbols";
  return verifySchedules(*this, getSchedulesAttr(),
                         [&](StringRef name) { return listed.contains(name); });
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
