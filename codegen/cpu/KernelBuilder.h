// Writes kernel code: 64-bit index arithmetic that folds, loops, and memory at pointer + element.
//
// Kernel code is scf + arith + vector + math over plain pointers (llvm.ptr). There is no `index`
// type and no memref: an address is a base pointer and a number of elements. Vectors are
// one-dimensional, `vector<Nxf32>`, and each lives in one register, because the lowering keeps
// them apart (an n-D vector or a memref accumulator would travel through the stack).
//
//   emitPhase(module, loc, target, {"scale", /*pointers=*/2, /*sizes=*/1},
//             [](KernelBuilder &k, const PhaseArguments &phase) {
//     k.forLoop(phase.begin, phase.end, 16, [&](Value i) {
//       Value x = k.load(k.vectorType(k.f32(), 16), phase.pointers[0], i);
//       k.store(k.sum(x, x), phase.pointers[1], i);
//     });
//   });
//
// Booleans (i1) are stored as one byte, 0 or 1; load and store convert.
#pragma once
#include "codegen/cpu/Target.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>

namespace dlc::codegen::cpu {

// A non-negative or signed 64-bit number that is known while emitting or only when running. Both
// convert to it, so index arithmetic reads the same for fixed and for symbolic sizes, and what is
// known costs nothing.
class Size {
public:
  Size() = default;
  Size(int64_t constant) : number(constant) {}
  Size(int constant) : number(constant) {}
  Size(mlir::Value value); // an i64; a constant is recognised

  bool isConstant() const { return !dynamic; }
  int64_t constant() const { return number; } // only when isConstant()
  bool is(int64_t n) const { return isConstant() && number == n; }
  mlir::Value value() const { return dynamic; } // null when isConstant()

private:
  int64_t number = 0;
  mlir::Value dynamic;
};

class KernelBuilder {
public:
  // |builder| stands in the entry block of an llvm.func inside a module.
  KernelBuilder(mlir::OpBuilder &builder, mlir::Location location, const CpuTarget &target)
      : b(builder), where(location), cpu(target), entry(builder.getInsertionBlock()) {}

  mlir::OpBuilder &builder() { return b; }
  mlir::Location loc() const { return where; }
  const CpuTarget &target() const { return cpu; }

  // ---- Types.
  mlir::Type i1() { return b.getI1Type(); }
  mlir::Type i8() { return b.getI8Type(); }
  mlir::Type i32() { return b.getI32Type(); }
  mlir::Type i64() { return b.getI64Type(); }
  mlir::Type f32() { return b.getF32Type(); }
  mlir::Type f64() { return b.getF64Type(); }
  mlir::Type pointerType();
  mlir::VectorType vectorType(mlir::Type element, int64_t lanes);
  // Bytes of one stored element: 1 for i1.
  static int64_t storedBytes(mlir::Type element);
  // Lanes of a full vector register of |element|.
  int64_t lanes(mlir::Type element) { return cpu.lanes(8 * storedBytes(element)); }
  // The element type of a vector, or the type itself.
  static mlir::Type elementOf(mlir::Type type);
  static int64_t lanesOf(mlir::Type type); // 1 for a scalar

  // ---- Index arithmetic on i64. Constants fold; x+0, x*1, x*0, x/1 vanish.
  mlir::Value value(Size size); // as an i64 SSA value
  Size add(Size x, Size y);
  Size sub(Size x, Size y);
  Size mul(Size x, Size y);
  Size div(Size x, Size y);      // rounds down; operands are not negative
  Size rem(Size x, Size y);      // operands are not negative
  Size ceilDiv(Size x, Size y);  // operands are not negative
  Size floorDiv(Size x, Size y); // any sign of x, y > 0
  Size min(Size x, Size y);
  Size max(Size x, Size y);
  Size roundUp(Size x, int64_t multiple) { return mul(ceilDiv(x, multiple), multiple); }
  Size select(mlir::Value condition, Size x, Size y);
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, Size x, Size y); // an i1
  mlir::Value less(Size x, Size y) { return compare(mlir::arith::CmpIPredicate::slt, x, y); }
  mlir::Value equal(Size x, Size y) { return compare(mlir::arith::CmpIPredicate::eq, x, y); }
  mlir::Value both(mlir::Value p, mlir::Value q); // and of two i1
  // 0 <= x < extent, in one comparison.
  mlir::Value inside(Size x, Size extent) {
    return compare(mlir::arith::CmpIPredicate::ult, x, extent);
  }
  // Splits a linear index into coordinates of a row-major box. |extents[0]| is never divided by.
  llvm::SmallVector<Size> delinearize(Size index, llvm::ArrayRef<Size> extents);

  // ---- Control flow. Bodies of loops with carried values return the next ones.
  using LoopBody =
      llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value iv, mlir::ValueRange carried)>;
  llvm::SmallVector<mlir::Value> forLoop(Size begin, Size end, Size step, mlir::ValueRange initial,
                                         LoopBody body);
  // Left out when the constant bounds are empty, without the loop when they hold one iteration.
  void forLoop(Size begin, Size end, Size step, llvm::function_ref<void(mlir::Value iv)> body);
  void ifThen(mlir::Value condition, llvm::function_ref<void()> then);
  void ifElse(mlir::Value condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise);
  using Branch = llvm::function_ref<llvm::SmallVector<mlir::Value>()>;
  llvm::SmallVector<mlir::Value> chooseValues(mlir::Value condition, Branch then,
                                              Branch otherwise); // both give the same types

  // ---- Memory. |index| counts elements of the stored type from |pointer|.
  mlir::Value address(mlir::Type element, mlir::Value pointer, Size index);
  mlir::Value pointerSlot(mlir::Value array, Size index); // of an array of pointers
  // |type| is a scalar or vector<N x element>; vectors need only their element's alignment.
  mlir::Value load(mlir::Type type, mlir::Value pointer, Size index);
  void store(mlir::Value value, mlir::Value pointer, Size index);
  void storeNonTemporal(mlir::Value vector, mlir::Value pointer, Size index); // register-aligned
  // Others see such stores no later than what is stored behind this.
  void fenceNonTemporal();
  // Whether |pointer| is a multiple of 64: an i1.
  mlir::Value isAligned(mlir::Value pointer);
  // Lanes whose mask bit is off are neither read nor written; loads give zero there. A null mask
  // means all lanes.
  mlir::Value maskedLoad(mlir::VectorType type, mlir::Value pointer, Size index, mlir::Value mask);
  void maskedStore(mlir::Value vector, mlir::Value pointer, Size index, mlir::Value mask);
  // result[l] = pointer[index[l]]; |indices| is vector<N x i64>. Masked lanes give zero.
  mlir::Value gather(mlir::VectorType type, mlir::Value pointer, mlir::Value indices,
                     mlir::Value mask = {});
  // result[l] = pointer[index + l * stride].
  mlir::Value stridedLoad(mlir::VectorType type, mlir::Value pointer, Size index, Size stride,
                          mlir::Value mask = {});
  // kZeroBytes of zeros, constant: where kernels point loads that must yield nothing.
  static constexpr int64_t kZeroBytes = 4096;
  mlir::Value zeroPage();
  // Memory of |bytes| (a constant) on the stack, 64-byte aligned, allocated once per phase call.
  mlir::Value stackBuffer(int64_t bytes);

  // ---- Values.
  mlir::Value zero(mlir::Type type); // scalar or vector
  mlir::Value floatConstant(mlir::Type type, double value);
  mlir::Value intConstant(mlir::Type type, int64_t value);
  mlir::Value splat(mlir::Value scalar, int64_t lanes); // the scalar itself when lanes == 1
  mlir::Value extract(mlir::Value vector, int64_t lane);
  mlir::Value insert(mlir::Value scalar, mlir::Value vector, int64_t lane);
  // {0, 1, ..., lanes-1} as vector<N x i64> or of another integer type.
  mlir::Value iota(int64_t lanes, mlir::Type element);
  // vector<N x i1>: lane l is on when l < count. |count| may exceed the lanes or be negative.
  mlir::Value laneMask(Size count, int64_t lanes);

  // ---- Arithmetic on elements, scalar or vector, float or integer by their type. (add, sub and
  // mul are for indices.)
  mlir::Value sum(mlir::Value x, mlir::Value y);
  mlir::Value difference(mlir::Value x, mlir::Value y);
  mlir::Value product(mlir::Value x, mlir::Value y);
  // x * y + z: one rounding where the target fuses, else two; integers multiply and add.
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z);
  // Converts between float types (or integer widths, sign-extending) lane by lane.
  mlir::Value convert(mlir::Value x, mlir::Type element);
  // Sum of all lanes of a float or integer vector, in a fixed tree order.
  mlir::Value horizontalSum(mlir::Value vector);

private:
  mlir::OpBuilder &b;
  mlir::Location where;
  const CpuTarget &cpu;
  mlir::Block *entry; // a loop under construction hangs in the air: its parents are unknown
};

// What a phase function looks like from outside; see emitPhase.
struct PhaseSignature {
  std::string name;
  unsigned pointers = 0; // operands, then results, then scratch
  unsigned sizes = 0;
  // Pointers (by number) that may overlap another one, such as a result written over its operand.
  // All others are promised to be disjoint.
  llvm::SmallVector<unsigned> mayAlias;
};

struct PhaseArguments {
  llvm::SmallVector<mlir::Value> pointers; // llvm.ptr; only element alignment is certain
  llvm::SmallVector<mlir::Value> sizes;    // i64
  mlir::Value begin, end;                  // tiles [begin, end) of this call
};

// Adds `void name(void *const *ptrs, const int64_t *sizes, int64_t begin, int64_t end)` to
// |module|, with the code that |body| writes, and a return after it. The argument arrays are
// unpacked in an outer function; the code itself is an inner function (name + ".body") whose
// arguments carry noalias, which LLVM inlines.
void emitPhase(mlir::ModuleOp module, mlir::Location loc, const CpuTarget &target,
               const PhaseSignature &signature,
               llvm::function_ref<void(KernelBuilder &, const PhaseArguments &)> body);

} // namespace dlc::codegen::cpu
