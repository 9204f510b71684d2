// The dlc dialect: attributes, enumerations, interfaces. Ops are in ir/ops/*.h, or all in ir/Ops.h.
#pragma once
#include "ir/Traits.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/IR/TensorEncoding.h"

namespace dlc::ir {

enum class SizeKind { Symbol, Mul, Add, FloorDiv, Min, Max, Constant };

/// A ranked tensor whose dynamic dimensions all have an expression in its encoding.
bool isSizedTensor(mlir::Type type);
/// The type of random keys, tensor<2xi64>: {seed, step}.
bool isKeyTensor(mlir::Type type);

} // namespace dlc::ir

#include "ir/DlcEnums.h.inc"
#include "ir/Dlc.h.inc"
#define GET_ATTRDEF_CLASSES
#include "ir/DlcAttrs.h.inc"
#include "ir/interfaces/Interfaces.h.inc"
