// Comparison, selection and conversion of elements.
#include "codegen/reference/Call.h"

using namespace mlir;

namespace dlc::reference {

template <typename T> static bool compare(ir::ComparePredicate predicate, T a, T b) {
  switch (predicate) {
  case ir::ComparePredicate::eq:
    return a == b;
  case ir::ComparePredicate::ne:
    return a != b;
  case ir::ComparePredicate::lt:
    return a < b;
  case ir::ComparePredicate::le:
    return a <= b;
  case ir::ComparePredicate::gt:
    return a > b;
  case ir::ComparePredicate::ge:
    return a >= b;
  }
  return false;
}

llvm::Error evaluate(ir::CompareOp op, Call &call) {
  const Tensor &a = call.in(0), &b = call.in(1);
  for (int64_t i = 0; i < a.count(); ++i)
    call.out().setInteger(i, a.isFloat() ? compare(op.getPredicate(), a.real(i), b.real(i))
                                         : compare(op.getPredicate(), a.integer(i), b.integer(i)));
  return llvm::Error::success();
}

llvm::Error evaluate(ir::SelectOp, Call &call) {
  for (int64_t i = 0; i < call.out().count(); ++i)
    call.out().copy(i, call.in(0).integer(i) ? call.in(1) : call.in(2), i);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::CastOp, Call &call) {
  const Tensor &x = call.in(0);
  for (int64_t i = 0; i < x.count(); ++i)
    if (x.isFloat())
      call.out().setReal(i, x.real(i));
    else
      call.out().setInteger(i, x.integer(i));
  return llvm::Error::success();
}

} // namespace dlc::reference
