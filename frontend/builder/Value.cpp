// What a handle tells about its tensor.
#include "Graph.h"

namespace dlc {

using detail::EntryState;

Shape Value::shape() const {
  Shape shape;
  if (ok())
    for (ir::SizeAttr size : ir::shapeOf(entry->lookup(*this)))
      shape.push_back(detail::fromSize(size));
  return shape;
}

DType Value::dtype() const {
  return ok() ? detail::fromType(llvm::cast<mlir::RankedTensorType>(entry->lookup(*this).getType())
                                     .getElementType())
              : DType::F32;
}

int64_t Value::rank() const {
  return ok() ? llvm::cast<mlir::RankedTensorType>(entry->lookup(*this).getType()).getRank() : 0;
}

std::string Value::str() const {
  return ok() ? ir::typeToString(entry->lookup(*this).getType()) : "poisoned";
}

} // namespace dlc
