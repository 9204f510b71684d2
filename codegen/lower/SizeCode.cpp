// One case per kind of size expression.
#include "codegen/lower/SizeCode.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace dlc::codegen {

Value emitSize(OpBuilder &b, Location loc, ir::SizeAttr size,
               function_ref<Value(StringRef)> symbol) {
  auto constant = [&](int64_t v) -> Value {
    return arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(v));
  };
  auto fold = [&](auto combine) {
    Value result;
    for (ir::SizeAttr operand : size.getOperands()) {
      Value v = emitSize(b, loc, operand, symbol);
      result = result ? combine(result, v) : v;
    }
    return result;
  };
  switch (size.getKind()) {
  case ir::SizeKind::Constant:
    return constant(size.getValue());
  case ir::SizeKind::Symbol:
    return symbol(size.getSymbol().getValue());
  case ir::SizeKind::Add:
    return fold([&](Value x, Value y) -> Value { return arith::AddIOp::create(b, loc, x, y); });
  case ir::SizeKind::Mul: {
    Value product =
        fold([&](Value x, Value y) -> Value { return arith::MulIOp::create(b, loc, x, y); });
    if (size.getValue() == 1)
      return product;
    return arith::MulIOp::create(b, loc, product, constant(size.getValue()));
  }
  case ir::SizeKind::FloorDiv:
    return fold([&](Value x, Value y) -> Value { return arith::FloorDivSIOp::create(b, loc, x, y); });
  case ir::SizeKind::Min:
    return fold([&](Value x, Value y) -> Value { return arith::MinSIOp::create(b, loc, x, y); });
  case ir::SizeKind::Max:
    return fold([&](Value x, Value y) -> Value { return arith::MaxSIOp::create(b, loc, x, y); });
  }
  llvm_unreachable("all kinds are handled");
}

} // namespace dlc::codegen
