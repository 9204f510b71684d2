// The postfix code of size expressions: what is well-formed is evaluated and printed. The first
// byte is the number of symbols; the rest is code.
#include "Fuzz.h"
#include "runtime/core/Expr.h"

#include <cstring>
#include <vector>

using namespace dlc::runtime::core;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  uint32_t symbols = data[0] % 8;
  std::vector<int64_t> code((size - 1) / sizeof(int64_t));
  if (!code.empty())
    std::memcpy(code.data(), data + 1, code.size() * sizeof(int64_t));
  Expr expr;
  expr.code = code.data();
  expr.count = uint32_t(code.size());
  bool accepted = isWellFormed(expr, symbols);
  dlc::fuzz::countAccepted(accepted);
  // Evaluation itself must bear any code.
  int64_t values[8] = {0, 1, -1, 3, INT64_MAX, INT64_MIN, 1 << 20, 128};
  EvalResult result = evaluate(expr, {values, nullptr, symbols});
  if (accepted && result.error == EvalError::Malformed)
    std::abort();
  if (!accepted)
    return 0;
  Text text;
  print(text, expr, [](const void *, uint32_t) { return "S"; }, nullptr);
  (void)bareSymbol(expr);
  (void)isConstant(expr);
  return 0;
}
