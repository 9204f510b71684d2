// The normal form of size expressions: it keeps the value, and equal sizes are one attribute.
#include "ir/Dlc.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <array>
#include <random>

using namespace mlir;
using namespace dlc::ir;

namespace {

constexpr std::array<StringRef, 3> kNames = {"B", "H", "T"};
using Point = std::array<int64_t, kNames.size()>;
using Number = std::optional<int64_t>;

/// An expression as written, next to what the constructors made of it.
struct Written {
  std::function<Number(const Point &)> value; ///< none on overflow
  SizeAttr size;
};

class SizeExprTest : public testing::Test {
protected:
  SizeAttr symbol(StringRef name) { return sizeSymbol(&context, name); }
  SizeAttr number(int64_t value) { return sizeConstant(&context, value); }
  MLIRContext context;
  DlcDialect *dialect = context.getOrLoadDialect<DlcDialect>();
  SizeAttr B = symbol("B"), H = symbol("H"), T = symbol("T");

  SizeAttr parse(StringRef text) {
    return dyn_cast_or_null<SizeAttr>(
        parseAttribute(("#dlc.size<" + text + ">").str(), &context));
  }

  static Number evaluate(SizeAttr size, const Point &at) {
    return sizeEvaluate(size, [&](StringRef name) -> Number {
      for (auto [known, value] : llvm::zip(kNames, at))
        if (known == name)
          return value;
      return std::nullopt;
    });
  }

  int64_t draw(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }

  Written leaf() {
    if (draw(0, 2)) {
      size_t i = draw(0, kNames.size() - 1);
      return {[i](const Point &at) -> Number { return at[i]; }, symbol(kNames[i])};
    }
    int64_t value = draw(-9, 9);
    return {[value](const Point &) -> Number { return value; }, number(value)};
  }

  template <typename Combine>
  static Written join(const Written &a, const Written &b, SizeAttr size, Combine combine) {
    auto value = [x = a.value, y = b.value, combine](const Point &at) -> Number {
      Number left = x(at), right = y(at);
      return left && right ? combine(*left, *right) : Number();
    };
    return {value, size};
  }

  Written expression(int depth) {
    if (!depth)
      return leaf();
    Written a = expression(depth - 1), b = expression(depth - 1);
    switch (draw(0, 5)) {
    case 0:
      return join(a, b, sizeAdd(a.size, b.size), [](int64_t x, int64_t y) {
        int64_t result = 0;
        return llvm::AddOverflow(x, y, result) ? Number() : Number(result);
      });
    case 1:
      return join(a, b, sizeSub(a.size, b.size), [](int64_t x, int64_t y) {
        int64_t result = 0;
        return llvm::SubOverflow(x, y, result) ? Number() : Number(result);
      });
    case 2:
      return join(a, b, sizeMul(a.size, b.size), [](int64_t x, int64_t y) {
        int64_t result = 0;
        return llvm::MulOverflow(x, y, result) ? Number() : Number(result);
      });
    case 3: {
      int64_t k = draw(1, 6);
      return join(a, a, sizeFloorDiv(a.size, k),
                  [k](int64_t x, int64_t) -> Number { return llvm::divideFloorSigned(x, k); });
    }
    case 4:
      return join(a, b, sizeMin(a.size, b.size),
                  [](int64_t x, int64_t y) -> Number { return std::min(x, y); });
    default:
      return join(a, b, sizeMax(a.size, b.size),
                  [](int64_t x, int64_t y) -> Number { return std::max(x, y); });
    }
  }

  std::mt19937_64 random{20261121};
};

TEST_F(SizeExprTest, KeepsTheValueOfRandomExpressions) {
  int compared = 0;
  for (int i = 0; i < 4000; ++i) {
    Written written = expression(1 + i % 3);
    for (int sample = 0; sample < 8; ++sample) {
      Point at = {draw(0, 12), draw(0, 12), draw(0, 12)};
      Number expected = written.value(at), actual = evaluate(written.size, at);
      if (!expected || !actual)
        continue; // the normal form may overflow elsewhere, but never yields another value
      ++compared;
      ASSERT_EQ(*expected, *actual) << sizeToString(written.size) << " at " << at[0] << ", "
                                    << at[1] << ", " << at[2];
    }
  }
  EXPECT_GT(compared, 30000);
}

TEST_F(SizeExprTest, ParsesWhatItPrints) {
  for (int i = 0; i < 2000; ++i) {
    SizeAttr size = expression(1 + i % 3).size;
    ASSERT_EQ(size, parse(sizeToString(size))) << sizeToString(size);
  }
}

TEST_F(SizeExprTest, RebuildsToItself) {
  auto keep = [](StringRef) { return SizeAttr(); };
  for (int i = 0; i < 2000; ++i) {
    SizeAttr size = expression(1 + i % 3).size;
    ASSERT_EQ(size, sizeSubstitute(size, keep)) << sizeToString(size);
  }
}

TEST_F(SizeExprTest, IdentifiesPolynomialsHoweverTheyAreWritten) {
  for (int i = 0; i < 500; ++i) {
    SizeAttr a = expression(2).size, b = expression(2).size, c = expression(1).size;
    EXPECT_EQ(sizeAdd(a, b), sizeAdd(b, a));
    EXPECT_EQ(sizeAdd(sizeAdd(a, b), c), sizeAdd(a, sizeAdd(b, c)));
    EXPECT_EQ(sizeMul(a, b), sizeMul(b, a));
    EXPECT_EQ(sizeMul(sizeMul(a, b), c), sizeMul(a, sizeMul(b, c)));
    EXPECT_EQ(sizeMul(a, sizeAdd(b, c)), sizeAdd(sizeMul(a, b), sizeMul(a, c)));
    EXPECT_EQ(sizeSub(a, a), number(0));
    EXPECT_EQ(sizeSub(sizeAdd(a, b), b), a);
  }
}

TEST_F(SizeExprTest, MovesOutWhatDividesExactly) {
  EXPECT_EQ(parse("(4*B + 3) floordiv 4"), B);
  EXPECT_EQ(parse("(4*B - 1) floordiv 4"), sizeAdd(B, -1));
  EXPECT_EQ(parse("(5*B + 7) floordiv 4"), parse("B + 1 + (B + 3) floordiv 4"));
  EXPECT_EQ(parse("B floordiv 1"), B);
  EXPECT_EQ(parse("(B*T) floordiv (B*T)"), number(1));
  EXPECT_EQ(parse("-7 floordiv 2"), number(-4));
}

TEST_F(SizeExprTest, DividesCommonFactorsOut) {
  EXPECT_EQ(parse("(2*B) floordiv 4"), parse("B floordiv 2"));
  EXPECT_EQ(parse("(2*B + 3) floordiv 4"), parse("(B + 1) floordiv 2"));
  EXPECT_EQ(sizeToString(parse("(6*B*T + 4*H + 1) floordiv 8")), "(3*B*T + 2*H) floordiv 4");
}

TEST_F(SizeExprTest, JoinsFloorsOfFloors) {
  EXPECT_EQ(parse("(H floordiv 2) floordiv 2"), parse("H floordiv 4"));
  // Two strided windows after another, written as one of stride 4.
  EXPECT_EQ(parse("((H - 1) floordiv 2 + 1 - 1) floordiv 2 + 1"), parse("(H - 1) floordiv 4 + 1"));
  EXPECT_EQ(parse("(B floordiv 3 + T) floordiv 5"), parse("(B + 3*T) floordiv 15"));
}

TEST_F(SizeExprTest, DropsOperandsThatAnotherOneRulesOut) {
  EXPECT_EQ(sizeMax(B, sizeAdd(B, -1)), B);
  EXPECT_EQ(sizeMin(B, sizeAdd(B, -1)), sizeAdd(B, -1));
  EXPECT_EQ(sizeMax(sizeAdd(B, 1), number(0)), sizeAdd(B, 1));
  EXPECT_EQ(sizeMin(sizeAdd(B, 1), number(1)), number(1));
  EXPECT_EQ(sizeToString(sizeMax(sizeAdd(B, -1), number(0))), "max(B - 1, 0)");
  EXPECT_EQ(sizeMax(sizeMax(B, T), sizeMax(T, B)), sizeMax(B, T));
  EXPECT_EQ(sizeMax(number(3), number(5)), number(5));
}

TEST_F(SizeExprTest, LowerBoundIsOne) {
  int bounded = 0;
  for (int i = 0; i < 2000; ++i) {
    Written written = expression(1 + i % 3);
    Number low = sizeLowerBound(written.size, [](StringRef) { return int64_t(2); });
    for (int sample = 0; low && sample < 8; ++sample) {
      Point at = {draw(2, 12), draw(2, 12), draw(2, 12)};
      Number value = evaluate(written.size, at);
      ASSERT_TRUE(!value || *low <= *value) << sizeToString(written.size);
      ++bounded;
    }
  }
  EXPECT_GT(bounded, 1000);
}

TEST_F(SizeExprTest, SubstitutesSymbols) {
  auto bind = [&](StringRef name) { return name == "B" ? sizeMul(T, 2) : SizeAttr(); };
  EXPECT_EQ(sizeSubstitute(parse("B*B + H + B floordiv 4"), bind),
            parse("4*T*T + H + T floordiv 2"));
  auto seven = [&](StringRef) { return number(7); };
  EXPECT_EQ(sizeSubstitute(parse("max(B - 9, T floordiv 2)"), seven), number(3));
}

TEST_F(SizeExprTest, EvaluationReportsOverflowAndUnboundSymbols) {
  auto huge = [](StringRef) -> Number { return int64_t(1) << 40; };
  EXPECT_FALSE(sizeEvaluate(sizeMul(B, B), huge));
  EXPECT_TRUE(sizeEvaluate(sizeAdd(B, B), huge));
  EXPECT_FALSE(sizeEvaluate(B, [](StringRef) { return Number(); }));
  EXPECT_FALSE(sizeEvaluate(sizeFloorDiv(T, B), [](StringRef) -> Number { return 0; }));
}

TEST_F(SizeExprTest, KeepsThatACoefficientOverflowed) {
  auto one = [](StringRef) -> Number { return 1; };
  SizeAttr huge = sizeMul(sizeMul(B, INT64_MAX - 1), 4);
  EXPECT_FALSE(sizeEvaluate(huge, one));
  EXPECT_FALSE(sizeEvaluate(sizeAdd(huge, -8), one));
  EXPECT_FALSE(sizeEvaluate(sizeFloorDiv(huge, 1024), one));
  EXPECT_FALSE(sizeEvaluate(sizeMul(number(INT64_MIN), -1), one));
  EXPECT_FALSE(sizeEvaluate(sizeAdd(number(INT64_MAX - 1), 2), one));
  EXPECT_EQ(sizeMul(huge, 0), number(0));
}

TEST_F(SizeExprTest, RefusesDeepNestingInsteadOfOverflowing) {
  std::string deep = std::string(5000, '(') + "B" + std::string(5000, ')');
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
  EXPECT_FALSE(parse(deep));
}

} // namespace
