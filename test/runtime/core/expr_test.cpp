// Size expressions: arithmetic, every refusal, and their text.
#include "TableBuilder.h"

#include "runtime/core/Expr.h"

#include <gtest/gtest.h>

using namespace dlc::runtime::core;
using namespace dlc::test;

namespace {

Expr view(const Code &code) {
  Expr expr;
  expr.code = code.data();
  expr.count = uint32_t(code.size());
  return expr;
}

EvalResult eval(const Code &code, std::vector<int64_t> values = {}) {
  return evaluate(view(code), {values.data(), nullptr, uint32_t(values.size())});
}

std::string text(const Code &code) {
  Text out;
  print(
      out, view(code), [](const void *, uint32_t i) { return i ? "T" : "B"; }, nullptr);
  return out.str();
}

Code divide(const Code &a, const Code &b) { return binary(DLC_EXPR_FLOORDIV, a, b); }

TEST(Expr, computes) {
  EXPECT_EQ(eval({}).value, 0);
  EXPECT_EQ(eval(constant(-3)).value, -3);
  EXPECT_EQ(eval(2 * symbol(0) + symbol(1), {5, 7}).value, 17);
  EXPECT_EQ(eval(binary(DLC_EXPR_MIN, symbol(0), constant(3)), {5}).value, 3);
  EXPECT_EQ(eval(binary(DLC_EXPR_MAX, symbol(0), constant(3)), {5}).value, 5);
  EXPECT_EQ(eval({DLC_EXPR_CONST, 4, DLC_EXPR_NEG}).value, -4);
}

TEST(Expr, divisionRoundsDown) {
  EXPECT_EQ(eval(divide(constant(7), constant(2))).value, 3);
  EXPECT_EQ(eval(divide(constant(-7), constant(2))).value, -4);
  EXPECT_EQ(eval(divide(constant(7), constant(-2))).value, -4);
  EXPECT_EQ(eval(divide(constant(-8), constant(-2))).value, 4);
}

TEST(Expr, refusesWhatIsNoInt64) {
  EXPECT_EQ(eval(constant(INT64_MAX) + constant(1)).error, EvalError::Overflow);
  EXPECT_EQ(eval(constant(INT64_MAX) * constant(2)).error, EvalError::Overflow);
  EXPECT_EQ(eval({DLC_EXPR_CONST, INT64_MIN, DLC_EXPR_NEG}).error, EvalError::Overflow);
  EXPECT_EQ(eval(divide(constant(INT64_MIN), constant(-1))).error, EvalError::Overflow);
  EXPECT_EQ(eval(divide(constant(1), constant(0))).error, EvalError::DivisionByZero);
}

TEST(Expr, refusesMalformedCode) {
  Code deep;
  for (int i = 0; i <= DLC_EXPR_MAX_DEPTH; ++i)
    deep.insert(deep.end(), {DLC_EXPR_CONST, 1});
  for (const Code &code : {Code{DLC_EXPR_CONST}, Code{DLC_EXPR_ADD}, Code{DLC_EXPR_SYM, 2},
                           Code{DLC_EXPR_SYM, -1}, Code{99}, Code{DLC_EXPR_NEG}, deep,
                           Code{DLC_EXPR_CONST, 1, DLC_EXPR_CONST, 2}}) {
    EXPECT_FALSE(isWellFormed(view(code), 2));
    EXPECT_EQ(eval(code, {1, 2}).error, EvalError::Malformed);
  }
  EXPECT_TRUE(isWellFormed(view({}), 0));
  EXPECT_TRUE(isWellFormed(view(symbol(1)), 2));
}

TEST(Expr, namesTheUnboundSymbol) {
  int64_t values[] = {1, 2};
  uint8_t bound[] = {1, 0};
  EvalResult result = evaluate(view(symbol(0) + symbol(1)), {values, bound, 2});
  EXPECT_EQ(result.error, EvalError::Unbound);
  EXPECT_EQ(result.symbol, 1u);
}

TEST(Expr, prints) {
  EXPECT_EQ(text({}), "0");
  EXPECT_EQ(text(2 * symbol(0) + constant(1)), "2*B+1");
  EXPECT_EQ(text((symbol(0) + constant(1)) * symbol(1)), "(B+1)*T");
  EXPECT_EQ(text(divide(symbol(0), constant(2))), "B//2");
  EXPECT_EQ(text(binary(DLC_EXPR_MAX, symbol(0), constant(0))), "max(B,0)");
  EXPECT_EQ(text({DLC_EXPR_SYM, 0, DLC_EXPR_NEG}), "-(B)");
}

TEST(Expr, tellsBareSymbolsAndConstants) {
  EXPECT_EQ(bareSymbol(view(symbol(1))), 1u);
  EXPECT_EQ(bareSymbol(view(2 * symbol(1))), DLC_NONE);
  EXPECT_TRUE(isConstant(view(constant(2) * constant(2))));
  EXPECT_FALSE(isConstant(view(2 * symbol(1))));
}

} // namespace
