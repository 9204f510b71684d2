// Normal form of size expressions. See SizeExpr.h for what it is.
//
// A sum is handled as a list of terms (coefficient, factors); every constructor takes its
// operands apart into terms, combines them and puts the result together again.
#include "ir/symbols/SizeExpr.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace dlc::ir {
namespace {

/// coefficient * factors[0] * factors[1] ...; no factors: a constant.
struct Term {
  int64_t coefficient;
  SmallVector<SizeAttr> factors;
};

SizeAttr make(MLIRContext *context, SizeKind kind, int64_t value, ArrayRef<SizeAttr> operands) {
  return SizeAttr::get(context, kind, value, StringAttr::get(context), operands);
}

// A coefficient that overflows becomes kOverflow, whatever is added to it later; evaluating it
// gives nothing. So building an expression is a total function, also for one read from a file.
constexpr int64_t kOverflow = INT64_MAX;

int64_t addCoefficients(int64_t a, int64_t b) {
  int64_t sum = 0;
  bool over = a == kOverflow || b == kOverflow || llvm::AddOverflow(a, b, sum);
  return over ? kOverflow : sum;
}

int64_t mulCoefficients(int64_t a, int64_t b) {
  int64_t product = 0;
  bool known = a == 0 || b == 0 || (a != kOverflow && b != kOverflow);
  return known && !llvm::MulOverflow(a, b, product) ? product : kOverflow;
}

int compareFactors(ArrayRef<SizeAttr> a, ArrayRef<SizeAttr> b) {
  // Higher degree first: B*B before B, constants last.
  if (a.size() != b.size())
    return a.size() > b.size() ? -1 : 1;
  for (auto [x, y] : llvm::zip(a, b))
    if (int order = sizeCompare(x, y))
      return order;
  return 0;
}

void appendTerms(SizeAttr size, SmallVectorImpl<Term> &terms) {
  switch (size.getKind()) {
  case SizeKind::Constant:
    terms.push_back({size.getValue(), {}});
    return;
  case SizeKind::Add:
    for (SizeAttr operand : size.getOperands())
      appendTerms(operand, terms);
    return;
  case SizeKind::Mul:
    terms.push_back({size.getValue(), llvm::to_vector(size.getOperands())});
    return;
  default:
    terms.push_back({1, {size}});
  }
}

SizeAttr buildTerm(MLIRContext *context, const Term &term) {
  if (term.factors.empty())
    return sizeConstant(context, term.coefficient);
  if (term.coefficient == 1 && term.factors.size() == 1)
    return term.factors.front();
  return make(context, SizeKind::Mul, term.coefficient, term.factors);
}

SizeAttr buildSum(MLIRContext *context, SmallVector<Term> terms) {
  llvm::stable_sort(
      terms, [](const Term &a, const Term &b) { return compareFactors(a.factors, b.factors) < 0; });
  SmallVector<Term> merged;
  for (Term &term : terms) {
    if (!merged.empty() && compareFactors(merged.back().factors, term.factors) == 0)
      merged.back().coefficient = addCoefficients(merged.back().coefficient, term.coefficient);
    else
      merged.push_back(std::move(term));
  }
  llvm::erase_if(merged, [](const Term &term) { return term.coefficient == 0; });
  if (merged.empty())
    return sizeConstant(context, 0);
  if (merged.size() == 1)
    return buildTerm(context, merged.front());
  SmallVector<SizeAttr> operands;
  for (const Term &term : merged)
    operands.push_back(buildTerm(context, term));
  return make(context, SizeKind::Add, 0, operands);
}

/// Removes operands of a min or max that another one rules out: by a constant distance
/// (max(B, B - 1)), or because no symbol is negative (max(B + 1, 0)).
void dropDominated(SizeKind kind, SmallVectorImpl<SizeAttr> &operands) {
  auto isAtLeast = [](SizeAttr a, SizeAttr b) {
    if (b.isConstant()) {
      auto low = sizeLowerBound(a, [](StringRef) { return int64_t(0); });
      return low && *low >= b.getValue();
    }
    SizeAttr distance = a.isConstant() ? SizeAttr() : sizeSub(a, b);
    return distance && distance.isConstant() && distance.getValue() >= 0;
  };
  for (size_t i = 0; i < operands.size();) {
    bool dominated = llvm::any_of(operands, [&](SizeAttr other) {
      return other != operands[i] && (kind == SizeKind::Max ? isAtLeast(other, operands[i])
                                                            : isAtLeast(operands[i], other));
    });
    if (dominated)
      operands.erase(operands.begin() + i);
    else
      ++i;
  }
}

SizeAttr buildExtremum(SizeKind kind, SizeAttr a, SizeAttr b) {
  SmallVector<SizeAttr> operands;
  std::optional<int64_t> constant;
  auto add = [&](SizeAttr size) {
    if (!size.isConstant())
      return operands.push_back(size);
    int64_t value = size.getValue();
    if (constant)
      value = kind == SizeKind::Min ? std::min(*constant, value) : std::max(*constant, value);
    constant = value;
  };
  for (SizeAttr side : {a, b}) {
    if (side.getKind() == kind)
      llvm::for_each(side.getOperands(), add);
    else
      add(side);
  }
  if (constant)
    operands.push_back(sizeConstant(a.getContext(), *constant));
  llvm::sort(operands, [](SizeAttr x, SizeAttr y) { return sizeCompare(x, y) < 0; });
  operands.erase(llvm::unique(operands), operands.end());
  dropDominated(kind, operands);
  if (operands.size() == 1)
    return operands.front();
  return make(a.getContext(), kind, 0, operands);
}

/// The floordiv of an operand by a constant, when `terms` hold exactly one, with coefficient 1.
SizeAttr onlyQuotient(ArrayRef<Term> terms) {
  SizeAttr found;
  for (const Term &term : terms) {
    if (term.factors.size() != 1 || term.factors[0].getKind() != SizeKind::FloorDiv)
      continue;
    SizeAttr divisor = term.factors[0].getOperands()[1];
    if (found || term.coefficient != 1 || !divisor.isConstant())
      return {};
    found = term.factors[0];
  }
  return found;
}

/// `terms` floordiv k, with nothing left to move out: all coefficients are within (0, k).
SizeAttr buildFloorDiv(MLIRContext *context, ArrayRef<Term> terms, int64_t k) {
  // A floor inside a floor: (x floordiv a + s) floordiv k is (x + a*s) floordiv (a*k).
  int64_t product = 0;
  if (SizeAttr inner = onlyQuotient(terms)) {
    SizeAttr x = inner.getOperands()[0], a = inner.getOperands()[1];
    if (!llvm::MulOverflow(a.getValue(), k, product)) {
      SizeAttr rest = sizeSub(buildSum(context, llvm::to_vector(terms)), inner);
      return sizeFloorDiv(sizeAdd(x, sizeMul(rest, a)), sizeConstant(context, product));
    }
  }
  // A common factor g: (g*x + c) floordiv (g*m) is (x + c floordiv g) floordiv m.
  int64_t g = k;
  for (const Term &term : terms)
    if (!term.factors.empty())
      g = std::gcd(g, term.coefficient);
  SmallVector<Term> reduced(terms);
  for (Term &term : reduced)
    term.coefficient = llvm::divideFloorSigned(term.coefficient, g);
  return make(context, SizeKind::FloorDiv, 0,
              {buildSum(context, reduced), sizeConstant(context, k / g)});
}

bool isAtom(SizeAttr size) {
  return size.getKind() != SizeKind::Add && size.getKind() != SizeKind::FloorDiv &&
         !(size.getKind() == SizeKind::Mul) && !(size.isConstant() && size.getValue() < 0);
}

void printAtom(SizeAttr size, raw_ostream &os) {
  if (isAtom(size))
    return sizePrint(size, os);
  os << '(';
  sizePrint(size, os);
  os << ')';
}

} // namespace

SizeAttr sizeConstant(MLIRContext *context, int64_t value) {
  return make(context, SizeKind::Constant, value, {});
}

SizeAttr sizeSymbol(MLIRContext *context, StringRef name) {
  return SizeAttr::get(context, SizeKind::Symbol, 0, StringAttr::get(context, name), {});
}

// Sums, products and quotients of constants, by far the most, need no terms.

SizeAttr sizeAdd(SizeAttr a, SizeAttr b) {
  if (a.isConstant() && b.isConstant())
    return sizeConstant(a.getContext(), addCoefficients(a.getValue(), b.getValue()));
  SmallVector<Term> terms;
  appendTerms(a, terms);
  appendTerms(b, terms);
  return buildSum(a.getContext(), std::move(terms));
}

SizeAttr sizeSub(SizeAttr a, SizeAttr b) { return sizeAdd(a, sizeMul(b, -1)); }

SizeAttr sizeMul(SizeAttr a, SizeAttr b) {
  if (a.isConstant() && b.isConstant())
    return sizeConstant(a.getContext(), mulCoefficients(a.getValue(), b.getValue()));
  SmallVector<Term> left, right, product;
  appendTerms(a, left);
  appendTerms(b, right);
  for (const Term &x : left)
    for (const Term &y : right) {
      Term term{mulCoefficients(x.coefficient, y.coefficient), x.factors};
      term.factors.append(y.factors);
      llvm::sort(term.factors, [](SizeAttr p, SizeAttr q) { return sizeCompare(p, q) < 0; });
      product.push_back(std::move(term));
    }
  return buildSum(a.getContext(), std::move(product));
}

SizeAttr sizeFloorDiv(SizeAttr a, SizeAttr b) {
  MLIRContext *context = a.getContext();
  if (b.isConstant(1))
    return a;
  if (a == b)
    return sizeConstant(context, 1);
  if (!b.isConstant() || b.getValue() <= 0)
    return make(context, SizeKind::FloorDiv, 0, {a, b});
  // floor((k*q + r) / k) is q + floor(r / k) for integers of either sign.
  int64_t k = b.getValue();
  if (a.isConstant() && a.getValue() != kOverflow)
    return sizeConstant(context, llvm::divideFloorSigned(a.getValue(), k));
  SmallVector<Term> terms, quotient, rest;
  appendTerms(a, terms);
  for (Term &term : terms) {
    bool lost = term.coefficient == kOverflow;
    int64_t q = lost ? kOverflow : llvm::divideFloorSigned(term.coefficient, k);
    int64_t r = lost ? 0 : term.coefficient - q * k;
    if (q)
      quotient.push_back({q, term.factors});
    if (r)
      rest.push_back({r, term.factors});
  }
  SizeAttr remainder = buildSum(context, rest);
  if (!remainder.isConstant())
    quotient.push_back({1, {buildFloorDiv(context, rest, k)}});
  return buildSum(context, std::move(quotient));
}

SizeAttr sizeCeilDiv(SizeAttr a, SizeAttr b) { return sizeFloorDiv(sizeAdd(sizeAdd(a, b), -1), b); }
SizeAttr sizeMin(SizeAttr a, SizeAttr b) { return buildExtremum(SizeKind::Min, a, b); }
SizeAttr sizeMax(SizeAttr a, SizeAttr b) { return buildExtremum(SizeKind::Max, a, b); }

SizeAttr sizeProduct(MLIRContext *context, ArrayRef<SizeAttr> sizes) {
  int64_t constant = 1;
  for (SizeAttr size : sizes)
    if (size.isConstant())
      constant = mulCoefficients(constant, size.getValue());
  SizeAttr product = sizeConstant(context, constant);
  for (SizeAttr size : sizes)
    if (!size.isConstant())
      product = sizeMul(product, size);
  return product;
}

SizeAttr sizeAdd(SizeAttr a, int64_t b) { return sizeAdd(a, sizeConstant(a.getContext(), b)); }
SizeAttr sizeMul(SizeAttr a, int64_t b) { return sizeMul(a, sizeConstant(a.getContext(), b)); }
SizeAttr sizeFloorDiv(SizeAttr a, int64_t b) {
  return sizeFloorDiv(a, sizeConstant(a.getContext(), b));
}

SizeAttr sizeSubstitute(SizeAttr size, function_ref<SizeAttr(StringRef)> replacement) {
  auto recurse = [&](SizeAttr operand) { return sizeSubstitute(operand, replacement); };
  auto fold = [&](SizeAttr start, SizeAttr (*combine)(SizeAttr, SizeAttr)) {
    SizeAttr result = start;
    for (SizeAttr operand : size.getOperands())
      result = result ? combine(result, recurse(operand)) : recurse(operand);
    return result;
  };
  switch (size.getKind()) {
  case SizeKind::Constant:
    return size;
  case SizeKind::Symbol: {
    SizeAttr found = replacement(size.getSymbol().getValue());
    return found ? found : size;
  }
  case SizeKind::Add:
    return fold({}, [](SizeAttr a, SizeAttr b) { return sizeAdd(a, b); });
  case SizeKind::Mul:
    return fold(sizeConstant(size.getContext(), size.getValue()),
                [](SizeAttr a, SizeAttr b) { return sizeMul(a, b); });
  case SizeKind::FloorDiv:
    return sizeFloorDiv(recurse(size.getOperands()[0]), recurse(size.getOperands()[1]));
  case SizeKind::Min:
    return fold({}, [](SizeAttr a, SizeAttr b) { return sizeMin(a, b); });
  case SizeKind::Max:
    return fold({}, [](SizeAttr a, SizeAttr b) { return sizeMax(a, b); });
  }
  llvm_unreachable("all kinds are handled");
}

std::optional<int64_t> sizeEvaluate(SizeAttr size,
                                    function_ref<std::optional<int64_t>(StringRef)> value) {
  if (size.getValue() == kOverflow)
    return std::nullopt;
  if (size.isConstant())
    return size.getValue();
  if (size.isSymbol())
    return value(size.getSymbol().getValue());
  std::optional<int64_t> result;
  if (size.getKind() == SizeKind::Mul)
    result = size.getValue();
  for (SizeAttr operand : size.getOperands()) {
    std::optional<int64_t> x = sizeEvaluate(operand, value);
    if (!x)
      return std::nullopt;
    if (!result) {
      result = x;
      continue;
    }
    int64_t combined = 0;
    bool bad = false;
    switch (size.getKind()) {
    case SizeKind::Add:
      bad = llvm::AddOverflow(*result, *x, combined);
      break;
    case SizeKind::Mul:
      bad = llvm::MulOverflow(*result, *x, combined);
      break;
    case SizeKind::FloorDiv:
      bad = *x < 1;
      combined = bad ? 0 : llvm::divideFloorSigned(*result, *x);
      break;
    case SizeKind::Min:
      combined = std::min(*result, *x);
      break;
    default:
      combined = std::max(*result, *x);
    }
    if (bad)
      return std::nullopt;
    result = combined;
  }
  return result;
}

std::optional<int64_t> sizeLowerBound(SizeAttr size, function_ref<int64_t(StringRef)> minimum) {
  switch (size.getKind()) {
  case SizeKind::Constant:
    return size.getValue();
  case SizeKind::Symbol:
    return minimum(size.getSymbol().getValue());
  case SizeKind::FloorDiv: {
    SizeAttr divisor = size.getOperands()[1];
    auto low = sizeLowerBound(size.getOperands()[0], minimum);
    if (!low || !divisor.isConstant() || divisor.getValue() < 1)
      return std::nullopt;
    return llvm::divideFloorSigned(*low, divisor.getValue());
  }
  case SizeKind::Mul:
    if (size.getValue() < 0)
      return std::nullopt;
    break;
  default:
    break;
  }
  std::optional<int64_t> result;
  if (size.getKind() == SizeKind::Mul)
    result = size.getValue();
  for (SizeAttr operand : size.getOperands()) {
    auto low = sizeLowerBound(operand, minimum);
    if (!low && size.getKind() == SizeKind::Max)
      continue; // max is at least any one operand
    if (!low || (size.getKind() == SizeKind::Mul && *low < 0))
      return std::nullopt;
    if (!result)
      result = low;
    else if (size.getKind() == SizeKind::Add)
      result = addCoefficients(*result, *low);
    else if (size.getKind() == SizeKind::Mul)
      result = mulCoefficients(*result, *low);
    else
      result = size.getKind() == SizeKind::Min ? std::min(*result, *low) : std::max(*result, *low);
  }
  return result;
}

void sizeForEachSymbol(SizeAttr size, function_ref<void(StringRef)> visit) {
  if (size.isSymbol())
    visit(size.getSymbol().getValue());
  for (SizeAttr operand : size.getOperands())
    sizeForEachSymbol(operand, visit);
}

int sizeCompare(SizeAttr a, SizeAttr b) {
  if (a == b)
    return 0;
  // Symbols before compound terms before constants.
  auto rank = [](SizeAttr size) { return size.isConstant() ? 100 : int(size.getKind()); };
  if (rank(a) != rank(b))
    return rank(a) < rank(b) ? -1 : 1;
  if (a.isSymbol())
    return a.getSymbol().getValue().compare(b.getSymbol().getValue());
  if (a.getOperands().size() != b.getOperands().size())
    return a.getOperands().size() < b.getOperands().size() ? -1 : 1;
  for (auto [x, y] : llvm::zip(a.getOperands(), b.getOperands()))
    if (int order = sizeCompare(x, y))
      return order;
  return a.getValue() < b.getValue() ? -1 : a.getValue() > b.getValue() ? 1 : 0;
}

void sizePrint(SizeAttr size, raw_ostream &os) {
  ArrayRef<SizeAttr> operands = size.getOperands();
  switch (size.getKind()) {
  case SizeKind::Constant:
    os << size.getValue();
    return;
  case SizeKind::Symbol:
    os << size.getSymbol().getValue();
    return;
  case SizeKind::Add:
    for (auto [i, operand] : llvm::enumerate(operands)) {
      bool negative =
          (operand.isConstant() || operand.getKind() == SizeKind::Mul) && operand.getValue() < 0;
      if (i)
        os << (negative ? " - " : " + ");
      sizePrint(i && negative ? sizeMul(operand, -1) : operand, os);
    }
    return;
  case SizeKind::Mul:
    if (size.getValue() != 1)
      os << size.getValue() << '*';
    llvm::interleave(operands, os, [&](SizeAttr operand) { printAtom(operand, os); }, "*");
    return;
  case SizeKind::FloorDiv:
    printAtom(operands[0], os);
    os << " floordiv ";
    printAtom(operands[1], os);
    return;
  case SizeKind::Min:
  case SizeKind::Max:
    os << (size.getKind() == SizeKind::Min ? "min(" : "max(");
    llvm::interleaveComma(operands, os, [&](SizeAttr operand) { sizePrint(operand, os); });
    os << ')';
    return;
  }
}

std::string sizeToString(SizeAttr size) {
  std::string text;
  llvm::raw_string_ostream os(text);
  sizePrint(size, os);
  return text;
}

std::string sizesToString(ArrayRef<SizeAttr> sizes) {
  std::string text = "(";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(sizes, os, [&](SizeAttr size) { sizePrint(size, os); });
  os << ')';
  return text;
}

namespace {

/// sum := product (('+' | '-') product)*; product := atom (('*' | 'floordiv') atom)*
class SizeParser {
public:
  explicit SizeParser(AsmParser &parser) : parser(parser) {}

  FailureOr<SizeAttr> parseSum() {
    FailureOr<SizeAttr> sum = parseProduct();
    while (succeeded(sum)) {
      bool minus = false;
      if (failed(parser.parseOptionalPlus())) {
        if (failed(parser.parseOptionalMinus()))
          return sum;
        minus = true;
      }
      FailureOr<SizeAttr> term = parseProduct();
      if (failed(term))
        return failure();
      sum = minus ? sizeSub(*sum, *term) : sizeAdd(*sum, *term);
    }
    return failure();
  }

private:
  FailureOr<SizeAttr> parseProduct() {
    FailureOr<SizeAttr> product = parseAtom();
    while (succeeded(product)) {
      bool divide = false;
      if (failed(parser.parseOptionalStar())) {
        if (failed(parser.parseOptionalKeyword("floordiv")))
          return product;
        divide = true;
      }
      FailureOr<SizeAttr> factor = parseAtom();
      if (failed(factor))
        return failure();
      product = divide ? sizeFloorDiv(*product, *factor) : sizeMul(*product, *factor);
    }
    return failure();
  }

  FailureOr<SizeAttr> parseAtom() {
    // Nested sizes come from files: deep nesting must not overflow the stack.
    if (++depth > 64)
      return parser.emitError(parser.getCurrentLocation(), "size expression is nested too deeply");
    llvm::scope_exit leave([&] { --depth; });
    int64_t value = 0;
    OptionalParseResult integer = parser.parseOptionalInteger(value);
    if (integer.has_value())
      return failed(*integer) ? FailureOr<SizeAttr>(failure())
                              : FailureOr<SizeAttr>(sizeConstant(parser.getContext(), value));
    if (succeeded(parser.parseOptionalLParen())) {
      FailureOr<SizeAttr> inner = parseSum();
      if (failed(inner) || parser.parseRParen())
        return failure();
      return inner;
    }
    if (succeeded(parser.parseOptionalMinus())) {
      FailureOr<SizeAttr> inner = parseAtom();
      if (failed(inner))
        return failure();
      return sizeMul(*inner, -1);
    }
    StringRef name;
    if (failed(parser.parseOptionalKeyword(&name)))
      return parser.emitError(parser.getCurrentLocation(), "expected a size: a symbol or integer");
    if ((name == "min" || name == "max") && succeeded(parser.parseOptionalLParen()))
      return parseExtremum(name == "min");
    return sizeSymbol(parser.getContext(), name);
  }

  FailureOr<SizeAttr> parseExtremum(bool isMin) {
    FailureOr<SizeAttr> result = parseSum();
    while (succeeded(result) && succeeded(parser.parseOptionalComma())) {
      FailureOr<SizeAttr> next = parseSum();
      if (failed(next))
        return failure();
      result = isMin ? sizeMin(*result, *next) : sizeMax(*result, *next);
    }
    if (failed(result) || parser.parseRParen())
      return failure();
    return result;
  }

  AsmParser &parser;
  int depth = 0;
};

} // namespace

FailureOr<SizeAttr> sizeParse(AsmParser &parser) { return SizeParser(parser).parseSum(); }

} // namespace dlc::ir
