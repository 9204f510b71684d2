// The pass around the formulas of MathFunctions.h: finds the operations, settles the types,
// replaces.
//
// Half precision goes through f32: %y = exp %x : bf16 becomes truncf(exp(extf %x)), so every
// formula exists for two widths only. Conversions are expanded last, after those were made.
#include "codegen/lower/ExpandMath.h"
#include "codegen/lower/EmptyAsm.h"
#include "codegen/lower/MathFunctions.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include <optional>
#include <vector>

using namespace mlir;

namespace dlc::codegen {
namespace {

bool isHalf(Type type) { return getElementTypeOrSelf(type).getIntOrFloatBitWidth() == 16; }

bool isExpandable(Operation *op) {
  return isa<math::ExpOp, math::Exp2Op, math::ExpM1Op, math::LogOp, math::Log1pOp, math::TanhOp,
             math::ErfOp, math::SinOp, math::CosOp, math::PowFOp, math::RsqrtOp>(op);
}

// What every processor has as an instruction; on f16 and bf16 it is computed in f32 too.
bool isNative(Operation *op) {
  return isa<math::SqrtOp, math::FloorOp, math::CeilOp, math::RoundEvenOp, math::TruncOp,
             math::AbsFOp, math::FmaOp, math::CopySignOp, math::CountLeadingZerosOp, math::AbsIOp>(
      op);
}

Exp2Range rangeOf(math::Exp2Op op) {
  if (op->hasAttr(kNotPositive))
    return Exp2Range::NotPositive;
  return op->hasAttr(kNormalResults) ? Exp2Range::Normal : Exp2Range::All;
}

Value expand(const FloatMath &f, Operation *op, ValueRange x, ModuleOp module) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](math::ExpOp) { return expandExp(f, x[0]); })
      .Case([&](math::Exp2Op exp2) { return expandExp2(f, x[0], rangeOf(exp2)); })
      .Case([&](math::ExpM1Op) { return expandExpm1(f, x[0]); })
      .Case([&](math::LogOp) { return expandLog(f, x[0]); })
      .Case([&](math::Log1pOp) { return expandLog1p(f, x[0]); })
      .Case([&](math::TanhOp) { return expandTanh(f, x[0]); })
      .Case([&](math::ErfOp) { return expandErf(f, x[0]); })
      .Case([&](math::SinOp) { return expandSin(f, x[0], declareTrigReduction(module)); })
      .Case([&](math::CosOp) { return expandCos(f, x[0], declareTrigReduction(module)); })
      .Case([&](math::PowFOp) { return expandPow(f, x[0], x[1]); })
      .Case([&](math::RsqrtOp) { return f.div(f.constant(1.0), f.make<math::SqrtOp>(x[0])); });
}

// |value| behind an empty assembly statement. Coefficients of the next formula are loads, which
// stay behind it.
Value apart(OpBuilder &b, Location loc, Value value, const MathOptions &options) {
  auto type = dyn_cast<VectorType>(value.getType());
  if (options.registerClass.empty() || !type ||
      type.getNumElements() * type.getElementTypeBitWidth() != options.registerBits)
    return value;
  return throughEmptyAsm(b, loc, value, "=" + options.registerClass + ",0", /*moves=*/false);
}

LogicalResult expandFunction(Operation *op, ModuleOp module, const MathOptions &options,
                             ConstantPool &pool) {
  if (!isExpandable(op))
    return op->emitError("no expansion for this math function");
  OpBuilder b(op);
  Type type = op->getResult(0).getType(), compute = type;
  SmallVector<Value> operands(op->getOperands());
  if (isHalf(type)) {
    compute = withElement(type, b.getF32Type());
    for (Value &v : operands)
      v = arith::ExtFOp::create(b, op->getLoc(), compute, v);
  }
  FloatMath f(b, op->getLoc(), compute, options.fusedMultiplyAdd, options.avx512,
              options.avx512 ? 16 : options.avx2 ? 8 : 0);
  bool inMemory = options.constantsInMemory || op->hasAttr(kConstantsInMemory);
  if (inMemory && isa<VectorType>(compute)) {
    f.pool = &pool;
    f.poolBase = pool.open(b, op->getLoc());
  }
  Value result = apart(b, op->getLoc(), expand(f, op, operands, module), options);
  if (compute != type)
    result = arith::TruncFOp::create(b, op->getLoc(), type, result);
  op->replaceAllUsesWith(ValueRange{result});
  op->erase();
  return success();
}

//===----------------------------------------------------------------------===//
// Conversions of 16-bit floats
//===----------------------------------------------------------------------===//

// Integer arithmetic on 32-bit lanes, for conversions of one shape.
struct BitMath {
  OpBuilder &b;
  Location loc;
  Type type; // of i32
  FloatMath f;

  BitMath(OpBuilder &b, Location loc, Type shape)
      : b(b), loc(loc), type(withElement(shape, b.getI32Type())),
        f(b, loc, withElement(shape, b.getF32Type()), false) {}
  Value c(int64_t v) { return f.integer(v); }
  Value shr(Value x, int64_t n) { return arith::ShRUIOp::create(b, loc, x, c(n)); }
  Value cmp(arith::CmpIPredicate p, Value x, int64_t v) {
    return arith::CmpIOp::create(b, loc, p, x, c(v));
  }
  Value half(Value x) {
    Type i16 = withElement(type, b.getIntegerType(16));
    return arith::TruncIOp::create(b, loc, i16, x);
  }
};

// bf16 is the upper half of f32.
Value extendBrain(BitMath &m, Value x) {
  Value raw = arith::BitcastOp::create(m.b, m.loc, withElement(m.type, m.b.getIntegerType(16)), x);
  return m.f.fromBits(m.f.shl(arith::ExtUIOp::create(m.b, m.loc, m.type, raw), 16));
}

// Round half to even on the bits; NaN becomes a quiet one.
Value truncateBrain(BitMath &m, Value x, Type result) {
  Value raw = m.f.bits(x);
  Value odd = m.f.andI(m.shr(raw, 16), m.c(1));
  Value rounded = m.shr(m.f.addI(m.f.addI(raw, odd), m.c(0x7FFF)), 16);
  Value nan = m.f.orI(m.shr(raw, 16), m.c(0x40));
  Value isNan = m.f.cmp(arith::CmpFPredicate::UNO, x, x);
  return arith::BitcastOp::create(m.b, m.loc, result, m.half(m.f.select(isNan, nan, rounded)));
}

// The same bits by the instruction of AVX512-BF16, in four steps instead of eight. It takes subnormal
// numbers for 0. With the exponent of the smallest normal number they are rounded where their own
// result ends, since subnormals are as far apart as those; the result then loses it again. What is 0
// may go the same way.
Value truncateBrainAtOnce(BitMath &m, Value x, Type result) {
  constexpr int64_t kExponent = 0x7F800000, kLeast = 0x00800000;
  Value raw = m.f.bits(x);
  Value small = m.cmp(arith::CmpIPredicate::eq, m.f.andI(raw, m.c(kExponent)), 0);
  Value lifted = m.f.select(small, m.f.orI(raw, m.c(kLeast)), raw);
  bool whole = cast<VectorType>(result).getNumElements() == 16;
  auto name = m.b.getStringAttr(whole ? "llvm.x86.avx512bf16.cvtneps2bf16.512"
                                      : "llvm.x86.avx512bf16.cvtneps2bf16.256");
  Value rounded =
      LLVM::CallIntrinsicOp::create(m.b, m.loc, result, name, m.f.fromBits(lifted)).getResult(0);
  Type i16 = withElement(m.type, m.b.getIntegerType(16));
  Value bits = arith::BitcastOp::create(m.b, m.loc, i16, rounded);
  Value least = m.f.splat(i16, m.b.getI16IntegerAttr(kLeast >> 16));
  Value lowered = arith::SubIOp::create(m.b, m.loc, bits, least);
  return arith::BitcastOp::create(m.b, m.loc, result, m.f.select(small, lowered, bits));
}

// Whether the instruction takes vectors of |type|'s length.
bool roundsAtOnce(Type type, const MathOptions &options) {
  auto vector = dyn_cast<VectorType>(type);
  return options.roundsBrain && vector &&
         (vector.getNumElements() == 8 || vector.getNumElements() == 16);
}

// f16 to f32: exponent and mantissa moved into place and rescaled by 2^112, which also normalises
// subnormals; infinities and NaN get their exponent back.
Value extendHalf(BitMath &m, Value x) {
  Value raw = arith::BitcastOp::create(m.b, m.loc, withElement(m.type, m.b.getIntegerType(16)), x);
  raw = arith::ExtUIOp::create(m.b, m.loc, m.type, raw);
  Value magnitude = m.f.andI(raw, m.c(0x7FFF));
  Value scaled = m.f.mulC(m.f.fromBits(m.f.shl(magnitude, 13)), 0x1p112);
  Value special = m.f.fromBits(m.f.orI(m.f.shl(magnitude, 13), m.c(0x7F800000)));
  Value y = m.f.select(m.cmp(arith::CmpIPredicate::sge, magnitude, 0x7C00), special, scaled);
  Value sign = m.f.shl(m.f.andI(raw, m.c(0x8000)), 16);
  return m.f.fromBits(m.f.orI(m.f.bits(y), sign));
}

// f32 to f16, half to even. Normal results round on the bits; subnormal ones by adding a number
// whose last place is that of the f16 subnormals.
Value truncateHalf(BitMath &m, Value x, Type result) {
  Value raw = m.f.bits(x), magnitude = m.f.andI(raw, m.c(0x7FFFFFFF));
  Value odd = m.f.andI(m.shr(magnitude, 13), m.c(1));
  Value normal = m.f.addI(m.f.addI(magnitude, odd), m.c(0xFFF - (112 << 23)));
  normal = m.shr(normal, 13);
  Value lifted = m.f.addC(m.f.fromBits(magnitude), 0.5);
  Value subnormal = m.f.subI(m.f.bits(lifted), m.c(0x3F000000));
  using I = arith::CmpIPredicate;
  Value y = m.f.select(m.cmp(I::slt, magnitude, 0x38800000), subnormal, normal);
  y = m.f.select(m.cmp(I::sge, magnitude, 0x477FF000), m.c(0x7C00), y);
  y = m.f.select(m.cmp(I::sgt, magnitude, 0x7F800000), m.c(0x7E00), y);
  y = m.f.orI(y, m.f.andI(m.shr(raw, 16), m.c(0x8000)));
  return arith::BitcastOp::create(m.b, m.loc, result, m.half(y));
}

bool needsExpansion(Type half, const MathOptions &options) {
  Type element = getElementTypeOrSelf(half);
  return element.isBF16() || (element.isF16() && !options.convertsHalf);
}

void expandExtension(arith::ExtFOp op, const MathOptions &options) {
  if (!needsExpansion(op.getIn().getType(), options))
    return;
  OpBuilder b(op);
  BitMath m(b, op.getLoc(), op.getType());
  bool brain = getElementTypeOrSelf(op.getIn().getType()).isBF16();
  Value y = brain ? extendBrain(m, op.getIn()) : extendHalf(m, op.getIn());
  if (getElementTypeOrSelf(op.getType()).isF64())
    y = arith::ExtFOp::create(b, op.getLoc(), op.getType(), y);
  op.replaceAllUsesWith(y);
  op.erase();
}

// f64 to f32 such that a second rounding to 16 bits gives the result of a single one: truncated
// towards zero, with the last bit set when anything was lost (round to odd).
Value roundToOdd(BitMath &m, Value x) {
  Value y = arith::TruncFOp::create(m.b, m.loc, m.f.type, x);
  FloatMath w = m.f.widened();
  Value back = arith::ExtFOp::create(m.b, m.loc, w.type, y);
  Value up = w.cmp(arith::CmpFPredicate::OGT, w.abs(back), w.abs(x));
  Value inexact = w.cmp(arith::CmpFPredicate::ONE, back, x);
  Value raw = m.f.bits(y);
  Value truncated = m.f.select(up, m.f.subI(raw, m.c(1)), raw);
  return m.f.fromBits(m.f.select(inexact, m.f.orI(truncated, m.c(1)), raw));
}

void expandTruncation(arith::TruncFOp op, const MathOptions &options) {
  Type element = getElementTypeOrSelf(op.getType());
  bool fromWide = getElementTypeOrSelf(op.getIn().getType()).isF64();
  // No processor rounds f64 to 16 bits in one instruction: that would be a library call.
  if (!element.isBF16() && !(element.isF16() && (fromWide || !options.convertsHalf)))
    return;
  OpBuilder b(op);
  BitMath m(b, op.getLoc(), op.getType());
  Value x = fromWide ? roundToOdd(m, op.getIn()) : op.getIn();
  Value y;
  if (element.isBF16())
    y = roundsAtOnce(op.getType(), options) ? truncateBrainAtOnce(m, x, op.getType())
                                            : truncateBrain(m, x, op.getType());
  else if (!options.convertsHalf)
    y = truncateHalf(m, x, op.getType());
  else
    y = arith::TruncFOp::create(b, op.getLoc(), op.getType(), x);
  op.replaceAllUsesWith(y);
  op.erase();
}

// The bits of a number of 32 bits, not 0, that |value| holds in all lanes; nothing if it varies.
std::optional<llvm::APInt> splatBits(Value value) {
  if (!ConstantPool::holds(value.getType()) ||
      getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth() != 32)
    return std::nullopt;
  if (auto broadcast = value.getDefiningOp<vector::BroadcastOp>())
    value = broadcast.getSource();
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  if (!constant)
    return std::nullopt;
  Attribute given = constant.getValue();
  if (auto dense = dyn_cast<DenseElementsAttr>(given))
    given = dense.isSplat() ? dense.getSplatValue<Attribute>() : Attribute();
  llvm::APInt bits(32, 0);
  if (auto number = dyn_cast_or_null<FloatAttr>(given))
    bits = number.getValue().bitcastToAPInt();
  else if (auto integer = dyn_cast_or_null<IntegerAttr>(given))
    bits = integer.getValue();
  return bits.isZero() ? std::nullopt : std::optional(bits);
}

// In a function around formulas the other constants of its loops go to memory, too. Shifts keep
// theirs, which are part of the instruction, and so do products, which are known not to overflow.
void poolSplats(Operation *function, ConstantPool &pool) {
  std::vector<std::pair<OpOperand *, llvm::APInt>> uses;
  function->walk([&](Operation *op) {
    if (!(isa<arith::ArithDialect>(op->getDialect()) || isa<math::FmaOp, vector::FMAOp>(op)) ||
        !op->getParentOfType<LoopLikeOpInterface>() ||
        isa<arith::ShLIOp, arith::ShRUIOp, arith::ShRSIOp, arith::MulIOp>(op))
      return;
    for (OpOperand &operand : op->getOpOperands())
      if (std::optional<llvm::APInt> bits = splatBits(operand.get()))
        uses.push_back({&operand, *bits});
  });
  for (auto &[use, bits] : uses) {
    OpBuilder b(use->getOwner());
    Location loc = use->getOwner()->getLoc();
    use->set(pool.load(b, loc, pool.open(b, loc), cast<VectorType>(use->get().getType()), bits));
  }
}

} // namespace

LogicalResult expandMath(ModuleOp module, const MathOptions &options) {
  SmallVector<Operation *> functions;
  module.walk([&](Operation *op) {
    if (isa_and_nonnull<math::MathDialect>(op->getDialect()) && !isNative(op))
      functions.push_back(op);
  });
  ConstantPool pool;
  llvm::SetVector<Operation *> around;
  for (Operation *op : functions)
    around.insert(op->getParentOfType<FunctionOpInterface>());
  for (Operation *op : functions)
    if (failed(expandFunction(op, module, options, pool)))
      return failure();
  if (options.constantsInMemory && !options.registerClass.empty())
    for (Operation *function : around)
      poolSplats(function, pool);
  pool.finish(module);
  SmallVector<arith::ExtFOp> extensions;
  SmallVector<arith::TruncFOp> truncations;
  module.walk([&](arith::ExtFOp op) { extensions.push_back(op); });
  module.walk([&](arith::TruncFOp op) { truncations.push_back(op); });
  for (arith::ExtFOp op : extensions)
    expandExtension(op, options);
  for (arith::TruncFOp op : truncations)
    expandTruncation(op, options);
  return success();
}

namespace {

struct ExpandMathPass : PassWrapper<ExpandMathPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandMathPass)
  ExpandMathPass() = default;
  ExpandMathPass(const MathOptions &options) {
    fusedMultiplyAdd = options.fusedMultiplyAdd;
    convertsHalf = options.convertsHalf;
    avx512 = options.avx512;
    avx2 = options.avx2;
    constantsInMemory = options.constantsInMemory;
    registerClass = options.registerClass;
    registerBits = options.registerBits;
    roundsBrain = options.roundsBrain;
  }
  ExpandMathPass(const ExpandMathPass &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "dlc-expand-math"; }
  StringRef getDescription() const override {
    return "Expand math functions into arithmetic of measured accuracy";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, math::MathDialect, scf::SCFDialect, LLVM::LLVMDialect,
                    vector::VectorDialect>();
  }
  void runOnOperation() override {
    if (failed(expandMath(getOperation(), {fusedMultiplyAdd, convertsHalf, avx512, avx2,
                                           constantsInMemory, registerClass, registerBits,
                                           roundsBrain})))
      signalPassFailure();
  }

  Option<bool> fusedMultiplyAdd{*this, "fma", llvm::cl::init(true),
                                llvm::cl::desc("the machine has a fused multiply-add")};
  Option<bool> convertsHalf{*this, "f16", llvm::cl::init(true),
                            llvm::cl::desc("the machine converts between f16 and f32")};
  Option<bool> avx512{*this, "avx512", llvm::cl::init(false),
                      llvm::cl::desc("the machine has AVX-512")};
  Option<bool> avx2{*this, "avx2", llvm::cl::init(false), llvm::cl::desc("the machine has AVX2")};
  Option<bool> constantsInMemory{*this, "constants-in-memory", llvm::cl::init(false),
                                 llvm::cl::desc("formulas read their coefficients from memory")};
  Option<std::string> registerClass{*this, "register-class", llvm::cl::init(""),
                                    llvm::cl::desc("keep formulas apart, by assembly on a register "
                                                   "of this class")};
  Option<int64_t> registerBits{*this, "register-bits", llvm::cl::init(0),
                               llvm::cl::desc("of a register of that class")};
  Option<bool> roundsBrain{*this, "bf16", llvm::cl::init(false),
                           llvm::cl::desc("the machine rounds f32 to bf16")};
};

} // namespace

std::unique_ptr<Pass> createExpandMathPass(const MathOptions &options) {
  return std::make_unique<ExpandMathPass>(options);
}

void registerExpandMathPass() {
  registerPass([] { return createExpandMathPass(); });
}

} // namespace dlc::codegen
