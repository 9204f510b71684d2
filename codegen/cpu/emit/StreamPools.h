// Windows of pools and their gradients whose operands lie in memory: what all ways of walking them
// share. Internal to codegen/cpu/emit; see StreamPools.cpp and StreamMaxPool.cpp.
#pragma once
#include "codegen/cpu/emit/StreamJobs.h"
#include "codegen/lower/EmptyAsm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/TypeSwitch.h"

namespace dlc::codegen::cpu {

inline constexpr int64_t kBandGroups = 16; // rows of groups in a tile that gathers
inline constexpr int64_t kMostTaps = 27; // written out, more would be more code than they are worth

inline ir::PoolGeometry poolGeometryOf(mlir::Operation *op) {
  return llvm::TypeSwitch<mlir::Operation *, ir::PoolGeometry>(op)
      .Case<ir::MaxPoolOp, ir::MaxPoolWinnersOp, ir::MaxPoolScatterOp, ir::AvgPoolGradOp>(
          [](auto pool) { return pool.getGeometry(); });
}

// Groups of an image: a group of a dimension is as many positions as windows step by, the padding
// below counted in. Windows |o - reach + 1| to |o| may lie over a position of group |o|.
struct PoolGroups {
  llvm::SmallVector<int64_t> counts, reach;

  PoolGroups(const ir::PoolGeometry &geometry, llvm::ArrayRef<ir::SizeAttr> image) {
    for (size_t d = 0; d < geometry.window.size(); ++d) {
      int64_t stride = geometry.strides[d];
      counts.push_back(
          llvm::divideCeil(image[d].getValue() + geometry.padLow[d].getValue(), stride));
      reach.push_back(llvm::divideCeil(geometry.window[d], stride));
    }
  }
};

// Code of one window, for one vector of channels at a time.
struct PoolEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  ir::PoolGeometry geometry;
  size_t rank;
  mlir::Type element, compute; // of the image
  int64_t lanes;
  llvm::SmallVector<Size> image, output, pads; // spatial
  Size batch, channels;

  // The pool |op| of images |imageSizes|, elements of which |imageValue| has.
  PoolEmitter(JobEmitter &j, mlir::Operation *op, mlir::Value imageValue,
              llvm::ArrayRef<ir::SizeAttr> imageSizes, llvm::ArrayRef<ir::SizeAttr> outputSizes)
      : j(j), k(j.k), geometry(poolGeometryOf(op)), rank(geometry.window.size()) {
    element = ElementEmitter::elementOf(imageValue);
    compute = element.isF16() || element.isBF16() ? k.f32() : element;
    lanes = j.lanesFor({imageValue}, imageSizes.back());
    j.begin(lanes);
    batch = j.e().sizeOf(imageSizes.front());
    channels = j.e().sizeOf(imageSizes.back());
    for (size_t d = 0; d < rank; ++d) {
      image.push_back(j.e().sizeOf(imageSizes[d + 1]));
      output.push_back(j.e().sizeOf(outputSizes[d + 1]));
      pads.push_back(j.e().sizeOf(geometry.padLow[d]));
    }
  }

  mlir::Value load(mlir::Value pointer, Size at, mlir::Value mask) {
    return k.convert(k.maskedLoad(k.vectorType(element, lanes), pointer, at, mask), compute);
  }
  mlir::Value compare(mlir::arith::CmpFPredicate p, mlir::Value a, mlir::Value b) {
    return mlir::arith::CmpFOp::create(k.builder(), k.loc(), p, a, b);
  }
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b) {
    return mlir::arith::SelectOp::create(k.builder(), k.loc(), condition, a, b);
  }
  // The number of a tap in all lanes; integers as wide as |like|'s, if given.
  mlir::Value tapNumber(Size tap, mlir::Value like = {}) {
    mlir::Type type = like ? KernelBuilder::elementOf(like.getType()) : k.i32();
    if (tap.isConstant())
      return k.intConstant(k.vectorType(type, lanes), tap.constant());
    return k.splat(k.convert(k.value(tap), type), lanes);
  }

  int64_t tapCount() const { return ir::positionCount(geometry.window); }

  struct Window {
    llvm::SmallVector<Size> origin; // of tap 0 in the image; may lie outside
    Size base, result; // elements before tap 0 of channel 0, and before the window's dy
  };

  // The element |tap| (one number per dimension) of a window, relative to its tap 0.
  Size distance(llvm::ArrayRef<Size> tap) {
    Size flat = 0;
    for (size_t d = 0; d < rank; ++d)
      flat = k.add(k.mul(flat, image[d]), tap[d]);
    return k.mul(flat, channels);
  }

  mlir::Value equals(mlir::Value a, mlir::Value b) {
    return mlir::arith::CmpIOp::create(k.builder(), k.loc(), mlir::arith::CmpIPredicate::eq, a, b);
  }

  template <typename Visit> void eachTap(llvm::SmallVector<Size> tap, Visit visit) {
    if (tap.size() == rank)
      return visit(tap);
    for (int64_t i = 0, width = geometry.window[tap.size()]; i < width; ++i) {
      llvm::SmallVector<Size> next(tap);
      next.push_back(i);
      eachTap(next, visit);
    }
  }

  // A pointer or number in a register that is set here: through an empty asm, or LLVM would step it
  // along with the windows' number in all loops around and fetch it from the stack.
  mlir::Value inRegister(mlir::Value scalar) {
    return throughEmptyAsm(k.builder(), k.loc(), scalar);
  }

  // |number| through an empty asm. LLVM would choose among bytes, all at the end, and has too few
  // registers for the masks of so many choices; or compare bytes, and widen each outcome.
  mlir::Value hidden(mlir::Value number) {
    llvm::StringRef triple = k.target().triple;
    bool isX86 = triple.starts_with("x86_64"), isArm = triple.starts_with("aarch64");
    if (!isX86 && !isArm)
      return number;
    const char *x86 = k.target().isa & kIsaAvx512 ? "=v,0" : "=x,0";
    return throughEmptyAsm(k.builder(), k.loc(), number, isArm ? "=w,0" : x86);
  }

  // Where the taps of the window lie whose tap 0 is at |from|.
  llvm::SmallVector<Size> placesOf(Size from) {
    llvm::SmallVector<Size> places;
    eachTap({}, [&](llvm::ArrayRef<Size> tap) { places.push_back(k.add(from, distance(tap))); });
    return places;
  }

  // One loop over all taps, leaving out those outside the image: a loop for each dimension would
  // need more bounds and addresses than there are registers.
  using TapBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      llvm::ArrayRef<Size> tap, Size number, mlir::ValueRange carried)>;
  llvm::SmallVector<mlir::Value> clippedTaps(const Window &w, mlir::ValueRange carried,
                                             TapBody body) {
    return k.forLoop(0, tapCount(), 1, carried, [&](mlir::Value number, mlir::ValueRange state) {
      llvm::SmallVector<Size> widths(geometry.window.begin(), geometry.window.end());
      llvm::SmallVector<Size> tap = k.delinearize(Size(number), widths);
      mlir::Value valid;
      for (size_t d = 0; d < rank; ++d) {
        mlir::Value here = k.inside(k.add(w.origin[d], tap[d]), image[d]);
        valid = valid ? k.both(valid, here) : here;
      }
      return k.chooseValues(
          valid, [&] { return body(tap, Size(number), state); },
          [&] { return llvm::SmallVector<mlir::Value>(state); });
    });
  }

  // Channels [begin, end) in vectors; a mask for the last.
  void eachVector(Size begin, Size end, llvm::function_ref<void(Size, mlir::Value)> body) {
    Size whole = k.add(begin, k.mul(k.div(k.sub(end, begin), lanes), lanes));
    k.forLoop(begin, whole, lanes, [&](mlir::Value c) { body(Size(c), mlir::Value()); });
    bool even = channels.isConstant() && channels.constant() % lanes == 0;
    if (!even)
      k.forLoop(whole, end, lanes,
                [&](mlir::Value c) { body(Size(c), k.laneMask(k.sub(end, c), lanes)); });
  }

  // Whether the window lies inside the image; null when that is certain.
  mlir::Value liesInside(const Window &w) {
    mlir::Value all;
    for (size_t d = 0; d < rank; ++d) {
      Size last = k.add(k.sub(k.mul(k.sub(output[d], 1), geometry.strides[d]), pads[d]),
                        geometry.window[d]);
      bool fits =
          last.isConstant() && image[d].isConstant() && last.constant() <= image[d].constant();
      llvm::SmallVector<mlir::Value> conditions;
      if (!pads[d].is(0))
        conditions.push_back(k.less(-1, w.origin[d]));
      if (!fits)
        conditions.push_back(k.less(k.add(w.origin[d], geometry.window[d] - 1), image[d]));
      for (mlir::Value condition : conditions)
        all = all ? k.both(all, condition) : condition;
    }
    return all;
  }

  Window windowAt(Size n, llvm::ArrayRef<Size> o) {
    Window w;
    w.base = w.result = n;
    for (size_t d = 0; d < rank; ++d) {
      w.origin.push_back(k.sub(k.mul(o[d], geometry.strides[d]), pads[d]));
      w.base = k.add(k.mul(w.base, image[d]), w.origin.back());
      w.result = k.add(k.mul(w.result, output[d]), o[d]);
    }
    w.base = k.mul(w.base, channels);
    w.result = k.mul(w.result, channels);
    return w;
  }

  // Windows whose leading numbers are |o|, of image |n|.
  void eachWindow(Size n, llvm::SmallVector<Size> o,
                  llvm::function_ref<void(const Window &)> visit) {
    size_t d = o.size();
    if (d == rank)
      return visit(windowAt(n, o));
    k.forLoop(0, output[d], 1, [&](mlir::Value i) {
      llvm::SmallVector<Size> next(o);
      next.push_back(Size(i));
      eachWindow(n, next, visit);
    });
  }

  // Rows of windows of tiles [begin, end): all windows whose first number is the same.
  void eachRow(Size begin, Size end, int64_t rowsPerTile,
               llvm::function_ref<void(const Window &)> visit) {
    Size last = k.min(k.mul(end, rowsPerTile), k.mul(batch, output[0]));
    k.forLoop(k.mul(begin, rowsPerTile), last, 1, [&](mlir::Value row) {
      eachWindow(k.div(Size(row), output[0]), {k.rem(Size(row), output[0])}, visit);
    });
  }

  // The numbers of many taps do not fit in sixteen registers.
  bool hasFewRegisters() { return k.target().vectorRegisters < 32 && tapCount() > 4; }

  // Vectors of all pixels begin as aligned as the image does.
  bool rowsAreAligned() {
    int64_t bytes = KernelBuilder::storedBytes(element);
    return channels.isConstant() && channels.constant() * bytes % 64 == 0;
  }
};

// Code of one window of a gradient.
struct PoolGradEmitter : PoolEmitter {
  const PoolGradLoops &loops;
  bool isMax;
  mlir::Value winners, dy, dx; // |winners|: of max pooling
  bool around = false;         // dx is written past the caches

  PoolGradEmitter(JobEmitter &j, const PoolGradLoops &loops)
      : PoolEmitter(j, loops.op, loops.op->getResult(0), loops.image, loops.output), loops(loops),
        isMax(mlir::isa<ir::MaxPoolScatterOp>(loops.op)) {
    if (isMax)
      winners = j.memoryOf(loops.op->getOperand(0));
    dy = j.memoryOf(loops.op->getOperands().back());
    dx = j.pointerTo(j.job.stores.front().buffer);
  }

  void store(mlir::Value value, mlir::Value pointer, Size at, mlir::Value mask) {
    if (around && !mask)
      return k.storeNonTemporal(k.convert(value, element), pointer, at);
    k.maskedStore(k.convert(value, element), pointer, at, mask);
  }

  // Winners at |at| behind |pointer|, as integers that compare well: bytes where masks come of
  // that.
  mlir::Value loadWinners(mlir::Value pointer, Size at, mlir::Value mask) {
    mlir::Value bytes = k.maskedLoad(k.vectorType(k.i8(), lanes), pointer, at, mask);
    return k.target().isa & kIsaAvx512 ? bytes : hidden(k.convert(bytes, k.i32()));
  }
};

// Tiles [begin, end) of a gradient that gathers what windows give, by their winners; |around|: dx
// is written past the caches.
void emitPoolWinners(JobEmitter &job, const PoolGradLoops &loops, Size begin, Size end,
                     bool around);

// Rows of windows in a tile: as many as read and write what a tile holds.
int64_t poolRowsPerTile(const StreamContext &context, mlir::Operation *op,
                        llvm::ArrayRef<ir::SizeAttr> image, mlir::Type element);

} // namespace dlc::codegen::cpu
