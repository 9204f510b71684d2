// A value through an assembly statement that holds no instruction: what LLVM must not look behind.
//
// It then neither moves what leads to the value nor joins it with what follows, and a scalar so
// passed lies in a register from here on, instead of being computed far above, in all the loops
// around, and fetched from the stack. Who calls this says which of these it is.
#pragma once
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace dlc::codegen {

// Constraints name the result, the value tied to it and what |others| are read: "=r,0" is a scalar
// register. With |moves| false it is done where it stands, and as often.
inline mlir::Value throughEmptyAsm(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value,
                                   llvm::StringRef constraints = "=r,0", bool moves = true,
                                   mlir::ValueRange others = {}) {
  llvm::SmallVector<mlir::Value> operands{value};
  operands.append(others.begin(), others.end());
  return mlir::LLVM::InlineAsmOp::create(
             b, loc, value.getType(), operands, /*asm_string=*/"", constraints,
             /*has_side_effects=*/!moves, /*is_align_stack=*/false,
             mlir::LLVM::tailcallkind::TailCallKind::None, mlir::LLVM::AsmDialectAttr(),
             mlir::ArrayAttr())
      .getResult(0);
}

} // namespace dlc::codegen
