// Size expressions: checking, evaluating and printing the postfix code of program tables.
#ifndef DLC_RUNTIME_CORE_EXPR_H
#define DLC_RUNTIME_CORE_EXPR_H

#include "runtime/abi/program.h"
#include "runtime/core/Status.h"

namespace dlc::runtime::core {

// The code of an expression, wherever its table lies.
struct Expr {
  Expr() = default;
  explicit Expr(const dlc_expr &expr)
      : code(reinterpret_cast<const int64_t *>(reinterpret_cast<const char *>(&expr) + expr.rel)),
        count(expr.count) {}
  const int64_t *code = nullptr;
  uint32_t count = 0;
};

enum class EvalError { None, Overflow, DivisionByZero, Unbound, Malformed };

struct EvalResult {
  int64_t value = 0;
  EvalError error = EvalError::None;
  uint32_t symbol = 0; // Unbound: which
  bool ok() const { return error == EvalError::None; }
};

// Values of symbols (or of a kernel's sizes). |bound| null: all have a value.
struct Values {
  const int64_t *values = nullptr;
  const uint8_t *bound = nullptr;
  uint32_t count = 0;
};

// The value of |expr|, computed without allocation; the empty expression is 0.
EvalResult evaluate(Expr expr, Values values);

// True when |expr| is well-formed over |count| symbols, so that only arithmetic can fail.
bool isWellFormed(Expr expr, uint32_t count);

// The symbol that |expr| is, alone; DLC_NONE when it is anything else.
uint32_t bareSymbol(Expr expr);

// True when no symbol occurs.
bool isConstant(Expr expr);

// Appends |expr| in infix form, "2*B+1"; |name| gives the symbols' names.
void print(Text &text, Expr expr, const char *(*name)(const void *context, uint32_t symbol),
           const void *context);

} // namespace dlc::runtime::core

#endif
