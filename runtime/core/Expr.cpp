#include "runtime/core/Expr.h"

#include "runtime/abi/layout.h"

#include <cstdio>
#include <cstring>

namespace dlc::runtime::core {

// Applies a binary operator; false with |error| set when the result is no int64.
static bool apply(int64_t op, int64_t a, int64_t b, int64_t &result, EvalError &error) {
  error = EvalError::Overflow;
  switch (op) {
  case DLC_EXPR_ADD:
    return !__builtin_add_overflow(a, b, &result);
  case DLC_EXPR_MUL:
    return !__builtin_mul_overflow(a, b, &result);
  case DLC_EXPR_MIN:
    result = a < b ? a : b;
    return true;
  case DLC_EXPR_MAX:
    result = a > b ? a : b;
    return true;
  default: // FLOORDIV
    if (b == 0)
      error = EvalError::DivisionByZero;
    if (b == 0 || (a == INT64_MIN && b == -1))
      return false;
    result = a / b;
    if (a % b != 0 && (a < 0) != (b < 0))
      --result;
    return true;
  }
}

EvalResult evaluate(Expr expr, Values values) {
  int64_t stack[DLC_EXPR_MAX_DEPTH];
  uint32_t depth = 0;
  EvalResult result;
  auto stop = [&](EvalError error, uint32_t symbol = 0) {
    result.error = error;
    result.symbol = symbol;
    return result;
  };
  if (expr.count == 0)
    return result;
  for (uint32_t i = 0; i < expr.count; ++i) {
    int64_t op = expr.code[i];
    if (op == DLC_EXPR_CONST || op == DLC_EXPR_SYM) {
      if (++i == expr.count || depth == DLC_EXPR_MAX_DEPTH)
        return stop(EvalError::Malformed);
      int64_t operand = expr.code[i];
      if (op == DLC_EXPR_SYM) {
        if (uint64_t(operand) >= values.count)
          return stop(EvalError::Malformed);
        if (values.bound && !values.bound[operand])
          return stop(EvalError::Unbound, uint32_t(operand));
        operand = values.values[operand];
      }
      stack[depth++] = operand;
    } else if (op == DLC_EXPR_NEG && depth >= 1) {
      if (__builtin_sub_overflow(int64_t(0), stack[depth - 1], &stack[depth - 1]))
        return stop(EvalError::Overflow);
    } else if (op >= DLC_EXPR_ADD && op <= DLC_EXPR_MAX && depth >= 2) {
      --depth;
      EvalError error;
      if (!apply(op, stack[depth - 1], stack[depth], stack[depth - 1], error))
        return stop(error);
    } else {
      return stop(EvalError::Malformed);
    }
  }
  if (depth != 1)
    return stop(EvalError::Malformed);
  result.value = stack[0];
  return result;
}

bool isWellFormed(Expr expr, uint32_t count) {
  uint32_t depth = 0;
  for (uint32_t i = 0; i < expr.count; ++i) {
    int64_t op = expr.code[i];
    if (op == DLC_EXPR_CONST || op == DLC_EXPR_SYM) {
      if (++i == expr.count || ++depth > DLC_EXPR_MAX_DEPTH)
        return false;
      if (op == DLC_EXPR_SYM && uint64_t(expr.code[i]) >= count)
        return false;
    } else if (op == DLC_EXPR_NEG) {
      if (depth < 1)
        return false;
    } else if (op >= DLC_EXPR_ADD && op <= DLC_EXPR_MAX) {
      if (depth-- < 2)
        return false;
    } else {
      return false;
    }
  }
  return expr.count == 0 || depth == 1;
}

uint32_t bareSymbol(Expr expr) {
  return expr.count == 2 && expr.code[0] == DLC_EXPR_SYM ? uint32_t(expr.code[1]) : DLC_NONE;
}

bool isConstant(Expr expr) {
  for (uint32_t i = 0; i < expr.count; ++i) {
    if (expr.code[i] == DLC_EXPR_SYM)
      return false;
    if (expr.code[i] == DLC_EXPR_CONST)
      ++i;
  }
  return true;
}

void print(Text &text, Expr expr, const char *(*name)(const void *, uint32_t),
           const void *context) {
  char infix[96];
  dlc_line line = {infix, sizeof infix, 0};
  dlc_put_size(&line, expr.code, expr.count, name, context);
  text.add("%s", infix);
}

} // namespace dlc::runtime::core
