// Windows of pooling gradients whose operands lie in memory: what both ways of walking them share.
// Internal to codegen/cpu/emit; see StreamPools.cpp.
#pragma once
#include "codegen/cpu/emit/StreamJobs.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <limits>

namespace dlc::codegen::cpu {

inline constexpr int64_t kBandGroups = 16; // rows of groups in a tile that gathers

inline ir::PoolGeometry poolGeometryOf(mlir::Operation *op) {
  if (auto max = mlir::dyn_cast<ir::MaxPoolGradOp>(op))
    return max.getGeometry();
  return mlir::cast<ir::AvgPoolGradOp>(op).getGeometry();
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
  // Windows of a row that have a winner, or none because they do not exist.
  int64_t columns() const { return counts[1] + reach[1] - 1; }
};

// Code of one window, for one vector of channels at a time.
struct PoolGradEmitter {
  JobEmitter &j;
  KernelBuilder &k;
  const PoolGradLoops &loops;
  ir::PoolGeometry geometry;
  size_t rank;
  bool isMax;
  mlir::Type element, compute;
  int64_t lanes;
  mlir::Value x, dy, dx;
  llvm::SmallVector<Size> image, output, pads; // spatial
  Size batch, channels;
  bool around = false; // dx is written past the caches

  PoolGradEmitter(JobEmitter &j, const PoolGradLoops &loops)
      : j(j), k(j.k), loops(loops), geometry(poolGeometryOf(loops.op)),
        rank(geometry.window.size()), isMax(mlir::isa<ir::MaxPoolGradOp>(loops.op)) {
    element = ElementEmitter::elementOf(loops.op->getResult(0));
    compute = element.isF16() || element.isBF16() ? k.f32() : element;
    lanes = j.lanesFor({loops.op->getResult(0)}, loops.image.back());
    j.begin(lanes);
    x = isMax ? j.memoryOf(loops.op->getOperand(0)) : mlir::Value();
    dy = j.memoryOf(loops.op->getOperands().back());
    dx = j.pointerTo(j.job.stores.front().buffer);
    batch = j.e().sizeOf(loops.image.front());
    channels = j.e().sizeOf(loops.image.back());
    for (size_t d = 0; d < rank; ++d) {
      image.push_back(j.e().sizeOf(loops.image[d + 1]));
      output.push_back(j.e().sizeOf(loops.output[d + 1]));
      pads.push_back(j.e().sizeOf(geometry.padLow[d]));
    }
  }

  mlir::Value load(mlir::Value pointer, Size at, mlir::Value mask) {
    return k.convert(k.maskedLoad(k.vectorType(element, lanes), pointer, at, mask), compute);
  }
  void store(mlir::Value value, Size at, mlir::Value mask) {
    if (around && !mask)
      return k.storeNonTemporal(k.convert(value, element), dx, at);
    k.maskedStore(k.convert(value, element), dx, at, mask);
  }
  mlir::Value compare(mlir::arith::CmpFPredicate p, mlir::Value a, mlir::Value b) {
    return mlir::arith::CmpFOp::create(k.builder(), k.loc(), p, a, b);
  }
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b) {
    return mlir::arith::SelectOp::create(k.builder(), k.loc(), condition, a, b);
  }
  mlir::Value tapNumber(Size tap) { return k.convert(k.splat(k.value(tap), lanes), k.i32()); }

  int64_t tapCount() const {
    int64_t taps = 1;
    for (int64_t width : geometry.window)
      taps *= width;
    return taps;
  }

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

  // |v| is larger than |best|, or the first NaN ("not <=" holds for a NaN on either side).
  mlir::Value isBetter(mlir::Value v, mlir::Value best) {
    return k.both(compare(mlir::arith::CmpFPredicate::UGT, v, best),
                  compare(mlir::arith::CmpFPredicate::ORD, best, best));
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

  // |pointer| in a register that is set here: through an empty asm, or LLVM would step it along
  // with the windows' number in all loops around and fetch it from the stack.
  mlir::Value inRegister(mlir::Value pointer) {
    return mlir::LLVM::InlineAsmOp::create(k.builder(), k.loc(), k.pointerType(),
                                           mlir::ValueRange{pointer}, "", "=r,0",
                                           /*has_side_effects=*/false, /*is_align_stack=*/false,
                                           mlir::LLVM::tailcallkind::TailCallKind::None,
                                           mlir::LLVM::AsmDialectAttr(), mlir::ArrayAttr())
        .getResult(0);
  }

  // The number of the largest tap at |places|; the first one of equal ones, and of NaNs.
  mlir::Value winner(llvm::ArrayRef<Size> places, mlir::Value mask) {
    mlir::Value best, largest;
    for (auto [i, at] : llvm::enumerate(places)) {
      mlir::Value v = load(x, at, mask), number = tapNumber(int64_t(i));
      mlir::Value take = best ? isBetter(v, best) : mlir::Value();
      best = take ? select(take, v, best) : v;
      largest = take ? select(take, number, largest) : number;
    }
    return largest;
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

  mlir::Value clippedWinner(const Window &w, Size from, mlir::Value mask) {
    mlir::Value lowest =
        k.floatConstant(k.vectorType(compute, lanes), -std::numeric_limits<double>::infinity());
    mlir::Value none = k.intConstant(k.vectorType(k.i32(), lanes), -1);
    return clippedTaps(w, mlir::ValueRange{lowest, none},
                       [&](llvm::ArrayRef<Size> tap, Size number, mlir::ValueRange state) {
                         mlir::Value v = load(x, k.add(from, distance(tap)), mask);
                         mlir::Value first = mlir::arith::CmpIOp::create(
                             k.builder(), k.loc(), mlir::arith::CmpIPredicate::slt, state[1],
                             k.zero(none.getType()));
                         mlir::Value take = mlir::arith::OrIOp::create(k.builder(), k.loc(), first,
                                                                       isBetter(v, state[0]));
                         return llvm::SmallVector<mlir::Value>{
                             select(take, v, state[0]), select(take, tapNumber(number), state[1])};
                       })[1];
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

  // The numbers of many taps do not fit in sixteen registers.
  bool hasFewRegisters() { return k.target().vectorRegisters < 32 && tapCount() > 4; }

  // Vectors of all pixels begin as aligned as the image does.
  bool rowsAreAligned() {
    int64_t bytes = KernelBuilder::storedBytes(element);
    return channels.isConstant() && channels.constant() * bytes % 64 == 0;
  }
};

// Tiles [begin, end) of a gradient that gathers what windows give, by their winners; |around|: dx
// is written past the caches.
void emitPoolWinners(JobEmitter &job, const PoolGradLoops &loops, Size begin, Size end,
                     bool around);

} // namespace dlc::codegen::cpu
