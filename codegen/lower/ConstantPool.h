// Constants of formulas as operands in memory, where registers are wanted for other things.
//
// A polynomial has about as many coefficients as machines with sixteen registers have. LLVM takes
// all of them out of the loop around the formula and then spills whatever else lives there; so it
// does with 32 registers where a loop beside the formula needs nearly all. Coefficients that it
// cannot recognise as constants stay where they are used, and an instruction reads them from memory
// at no cost.
//
//   ConstantPool pool;
//   Value base = pool.open(b, loc);                  // once for each formula
//   Value c = pool.load(b, loc, base, type, value);  // where the coefficient is used
//   ...
//   pool.finish(module);                             // makes the table
#pragma once
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/APInt.h"
#include <map>
#include <vector>

namespace dlc::codegen {

class ConstantPool {
public:
  // The widest vector whose constants are kept.
  static constexpr int64_t kBytes = 64;

  static bool holds(mlir::Type type) {
    auto vector = mlir::dyn_cast<mlir::VectorType>(type);
    return vector &&
           vector.getNumElements() * int64_t(vector.getElementTypeBitWidth()) <= 8 * kBytes;
  }
  // Begins a formula: the table's address, as a value that LLVM does not see through.
  mlir::Value open(mlir::OpBuilder &b, mlir::Location loc);
  // A vector of |type|, all lanes |bits|.
  mlir::Value load(mlir::OpBuilder &b, mlir::Location loc, mlir::Value base, mlir::VectorType type,
                   const llvm::APInt &bits);
  // Floats that differ, as many as |type| has. |number| tells those of a formula apart.
  mlir::Value loadTable(mlir::OpBuilder &b, mlir::Location loc, mlir::Value base,
                        mlir::VectorType type, unsigned number, mlir::ArrayRef<float> values);
  // Adds the table to |module|, if it was opened.
  void finish(mlir::ModuleOp module);

private:
  mlir::Value read(mlir::OpBuilder &b, mlir::Location loc, mlir::Value base, mlir::VectorType type,
                   int64_t entry);

  // (formula, width, bits) -> number of the entry; of a table, width 0 and its number. Two formulas
  // share none: LLVM would keep in a register what both read.
  std::map<std::tuple<unsigned, unsigned, uint64_t>, int64_t> places;
  std::vector<uint32_t> words;
  unsigned formulas = 0;
};

} // namespace dlc::codegen
