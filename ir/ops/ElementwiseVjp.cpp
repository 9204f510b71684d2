// Gradients of the elementwise ops; results are used where that is exact, so that operands need
// not be kept.
#include "ir/ops/Compare.h"
#include "ir/ops/Elementwise.h"
#include "ir/support/Formula.h"
#include <numbers>

using namespace mlir;

namespace dlc::ir {

using Values = SmallVector<Value>;

Values NegOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.neg(cotangents[0])};
}

Values AbsOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.mul(cotangents[0], SignOp::create(builder, getLoc(), getX()))};
}

Values ExpOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.mul(cotangents[0], getY())};
}

Values Expm1Op::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // e^x dx is (y + 1) dx, written y*dy + dy to spare the constant.
  Formula f(builder, getLoc());
  Value dy = cotangents[0];
  return {f.add(f.mul(dy, getY()), dy)};
}

Values LogOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.div(cotangents[0], getX())};
}

Values Log1pOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.div(cotangents[0], f.add(getX(), f.splat(getX(), 1)))};
}

Values SqrtOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.div(cotangents[0], f.add(getY(), getY()))};
}

Values RsqrtOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // d x^(-1/2) = -1/2 x^(-3/2) dx.
  Formula f(builder, getLoc());
  Value y = getY(), cube = f.mul(f.mul(y, y), y);
  return {f.mul(cotangents[0], f.mul(cube, f.splat(y, -0.5)))};
}

Values ReciprocalOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.neg(f.mul(cotangents[0], f.mul(getY(), getY())))};
}

Values TanhOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // d tanh(x) = (1 - y*y) dx, written dy - dy*(y*y) to spare the constant.
  Formula f(builder, getLoc());
  Value dy = cotangents[0];
  return {f.sub(dy, f.mul(dy, f.mul(getY(), getY())))};
}

Values SigmoidOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // d sigmoid(x) = y (1 - y) dx, written dy*(y - y*y) to spare the constant.
  Formula f(builder, getLoc());
  return {f.mul(cotangents[0], f.sub(getY(), f.mul(getY(), getY())))};
}

Values ErfOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Value x = getX(), bell = f.exp(f.neg(f.mul(x, x)));
  return {f.mul(cotangents[0], f.mul(bell, f.splat(x, 2 * std::numbers::inv_sqrtpi)))};
}

Values SinOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.mul(cotangents[0], CosOp::create(builder, getLoc(), getX()))};
}

Values CosOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.neg(f.mul(cotangents[0], SinOp::create(builder, getLoc(), getX())))};
}

Values ReluOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // y > 0 exactly where x > 0, and y is what the next layer keeps anyway.
  Formula f(builder, getLoc());
  Value zero = f.splat(getY(), 0);
  return {f.select(f.compare(ComparePredicate::gt, getY(), zero), cotangents[0], zero)};
}

Values AddOp::buildVjp(OpBuilder &, ValueRange cotangents) {
  return {cotangents[0], cotangents[0]};
}

Values SubOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {cotangents[0], f.neg(cotangents[0])};
}

Values MulOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.mul(cotangents[0], getB()), f.mul(cotangents[0], getA())};
}

Values DivOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // d(a/b) = da/b - (a/b) db/b.
  Formula f(builder, getLoc());
  Value da = f.div(cotangents[0], getB());
  return {da, f.neg(f.mul(da, getY()))};
}

/// max and min: the cotangent goes where `wins` holds, half to each operand at a tie.
static Values splitByWinner(OpBuilder &builder, Location loc, Value a, Value b, Value dy,
                            ComparePredicate aWins, ComparePredicate bWins) {
  Formula f(builder, loc);
  Value zero = f.splat(dy, 0), half = f.mul(dy, f.splat(dy, 0.5));
  Value tie = f.compare(ComparePredicate::eq, a, b);
  auto share = [&](ComparePredicate wins) {
    return f.select(tie, half, f.select(f.compare(wins, a, b), dy, zero));
  };
  return {share(aWins), share(bWins)};
}

Values MaxOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  return splitByWinner(builder, getLoc(), getA(), getB(), cotangents[0], ComparePredicate::gt,
                       ComparePredicate::lt);
}

Values MinOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  return splitByWinner(builder, getLoc(), getA(), getB(), cotangents[0], ComparePredicate::lt,
                       ComparePredicate::gt);
}

Values PowOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Value a = getA(), b = getB(), dy = cotangents[0];
  Value zero = f.splat(a, 0), one = f.splat(a, 1);
  // b * a^(b-1) is 0 * infinity at a = b = 0 alone; any finite power makes it the 0 it should be.
  Value isOrigin = AndOp::create(builder, getLoc(), f.compare(ComparePredicate::eq, a, zero),
                                 f.compare(ComparePredicate::eq, b, zero));
  Value exponent = f.select(isOrigin, one, f.sub(b, one));
  Value power = PowOp::create(builder, getLoc(), a, exponent);
  // ln 1 = 0 stands in where the logarithm does not exist.
  Value base = f.select(f.compare(ComparePredicate::gt, a, zero), a, one);
  return {f.mul(dy, f.mul(b, power)), f.mul(dy, f.mul(getY(), f.log(base)))};
}

Values RemOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // The quotient (a - y) / b is a whole number up to rounding; rounding it takes that away.
  Formula f(builder, getLoc());
  Value quotient = f.div(f.sub(getA(), getY()), getB());
  Value whole = RoundOp::create(builder, getLoc(), quotient);
  return {cotangents[0], f.neg(f.mul(cotangents[0], whole))};
}

} // namespace dlc::ir
