// Pieces of assembly syntax that several op families share.
#pragma once
#include "ir/Dlc.h"

namespace dlc::ir {

/// `[B, 2*B + 1]`: a list of sizes.
mlir::ParseResult parseSizes(mlir::OpAsmParser &parser, DimsAttr &sizes);
void printSizes(mlir::OpAsmPrinter &printer, mlir::Operation *, DimsAttr sizes);

/// `2*B + 1`: one size.
mlir::ParseResult parseSize(mlir::OpAsmParser &parser, SizeAttr &size);
void printSize(mlir::OpAsmPrinter &printer, mlir::Operation *, SizeAttr size);

/// `(!W, !b)`: types that targets and gradients have in common.
mlir::ParseResult parseGradientTypes(mlir::OpAsmParser &parser,
                                     llvm::SmallVectorImpl<mlir::Type> &targets,
                                     llvm::SmallVectorImpl<mlir::Type> &gradients);
void printGradientTypes(mlir::OpAsmPrinter &printer, mlir::Operation *, mlir::TypeRange targets,
                        mlir::TypeRange gradients);

} // namespace dlc::ir
