#include "ir/support/SymbolBounds.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace dlc::ir {

std::optional<int64_t> leastValue(SizeAttr size, Operation *op) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    module = op->getParentOfType<ModuleOp>();
  auto symbols = module ? module->getAttrOfType<ArrayAttr>("dlc.symbols") : ArrayAttr();
  return sizeLowerBound(size, [&](StringRef name) -> int64_t {
    for (Attribute symbol : symbols ? symbols.getValue() : ArrayRef<Attribute>())
      if (cast<SymbolAttr>(symbol).getName().getValue() == name)
        return cast<SymbolAttr>(symbol).getMin();
    return 0;
  });
}

} // namespace dlc::ir
