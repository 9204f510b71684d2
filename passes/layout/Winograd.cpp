// Computes 3x3 convolutions without strides in 4/9 of the multiplications, by minimal filtering.
//
//   %y = dlc.conv %x, %f               ==>    %u = dlc.winograd_filter %f
//                                             %y = dlc.winograd_conv %x, %u
//
//   %dx = dlc.conv_input_grad %dy, %f  ==>    %t = dlc.transpose %f [0, 1, 3, 2]
//                                             %r = dlc.reverse %t over [0, 1]
//                                             %u = dlc.winograd_filter %r
//                                             %dx = dlc.winograd_conv %dy, %u
//
// The transform of a filter that the entry does not change is a derived variable
// (dlc-derive-variables); else it is made once in each call.
//
// Legal for one group, strides and dilations of 1, padding up to 2, constant sizes of image and
// filter. The sums are of other numbers than those of conv, in another order: of F(2x2, 3x3) they
// are no less exact (docs/decisions.md has what was measured), and where elements of x are not
// finite, the emitter computes as conv does. Larger tiles would save more and lose digits. f32 and
// f64 only: bf16 is multiplied in pairs, at twice the rate, and differences would be rounded.
//
// Pays where the sixteen products of a tile are well fewer than what the direct form multiplies,
// which leaves taps at the border out (7x7: 256 and 361), where channels are enough to fill
// registers, and, if the filter is transformed in each call, where there are tiles enough to pay
// for that.
//
// Runs after dlc-recompute, which knows convolutions by what they are, and before
// dlc-derive-variables. Tested by test/passes/layout/winograd.mlir.
#include "ir/support/SymbolBounds.h"
#include "passes/Passes.h"
#include "passes/layout/FixedValues.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_WINOGRAD
#include "passes/Passes.h.inc"

namespace {

constexpr int64_t kWindow = 3;
constexpr int64_t kLeastChannels = 16; // on both sides: a vector of the widest registers
constexpr int64_t kTilesForFilter = 48; // of a call that pay for transforming a filter in it

/// A convolution or input gradient as the convolution of one tensor.
struct Candidate {
  Operation *op = nullptr;
  RankedTensorType x, y; ///< what is read (dy, for a gradient) and made
  TypedValue<RankedTensorType> filter;
  ConvGeometry geometry;
  bool gradient = false;

  int64_t padLow(size_t d) const { return pad(geometry.padLow[d]); }
  int64_t padHigh(size_t d) const { return pad(geometry.padHigh[d]); }

private:
  int64_t pad(SizeAttr given) const {
    return gradient ? kWindow - 1 - given.getValue() : given.getValue();
  }
};

std::optional<Candidate> candidateOf(Operation *op) {
  if (auto conv = dyn_cast<ConvOp>(op))
    return Candidate{op, conv.getX().getType(), conv.getType(), conv.getFilter(),
                     conv.getGeometry(), false};
  if (auto grad = dyn_cast<ConvInputGradOp>(op))
    return Candidate{op, grad.getDy().getType(), grad.getType(), grad.getFilter(),
                     grad.getGeometry(), true};
  return std::nullopt;
}

bool isLegal(const Candidate &conv) {
  RankedTensorType filter = conv.filter.getType();
  Type element = conv.y.getElementType();
  if (filter.getRank() != 4 || !filter.hasStaticShape() || filter.getShape()[0] != kWindow ||
      filter.getShape()[1] != kWindow || !(element.isF32() || element.isF64()) ||
      conv.x.getElementType() != element || conv.geometry.groups != 1)
    return false;
  auto isOne = [](int64_t factor) { return factor == 1; };
  auto fits = [](SizeAttr pad) { return pad.isConstant() && pad.getValue() < kWindow; };
  Shape x = shapeOf(conv.x), y = shapeOf(conv.y);
  return llvm::all_of(conv.geometry.strides, isOne) &&
         llvm::all_of(conv.geometry.dilations, isOne) && llvm::all_of(conv.geometry.padLow, fits) &&
         llvm::all_of(conv.geometry.padHigh, fits) && x[1].isConstant() && x[2].isConstant() &&
         y[1].isConstant() && y[2].isConstant();
}

/// Pairs of an element of a line of y and one of x that it reads.
int64_t pairsOfLine(int64_t in, int64_t out, int64_t padLow) {
  int64_t pairs = 0;
  for (int64_t tap = 0; tap < kWindow; ++tap)
    pairs += std::max<int64_t>(std::min(out, in + padLow - tap) - std::max<int64_t>(padLow - tap, 0),
                               0);
  return pairs;
}

/// Whether a tile's products are fewer, by what both transforms cost and some more.
bool multipliesLess(const Candidate &conv) {
  Shape x = shapeOf(conv.x), y = shapeOf(conv.y);
  double direct = 1, tiles = 1;
  for (int d = 0; d < 2; ++d) {
    int64_t out = y[d + 1].getValue();
    direct *= double(pairsOfLine(x[d + 1].getValue(), out, conv.padLow(d)));
    tiles *= double((out + 1) / 2);
  }
  double reads = x[3].getValue(), makes = y[3].getValue();
  // Per tile: products, the pixels' transform for each 64 columns, the sums' transform; counted in
  // multiplications of a register.
  constexpr double kPixels = 48, kSums = 72;
  double products = kWinogradSums * reads * makes;
  double transforms = kPixels * reads * std::max(makes / 64, 1.) + kSums * makes;
  return tiles > 0 && direct * reads * makes >= 1.1 * tiles * (products + transforms);
}

class Rewriter {
public:
  Rewriter(ModuleOp module, EntryOp entry, int64_t width)
      : module(module), fixed(module, entry), width(width) {}

  void rewrite(const Candidate &conv) {
    if (!isLegal(conv) || std::min(shapeOf(conv.x)[3].getValue(), shapeOf(conv.y)[3].getValue()) <
                              kLeastChannels)
      return;
    if (!multipliesLess(conv) || !(fixed.isFixed(conv.filter) || hasTiles(conv)))
      return;
    OpBuilder builder(conv.op);
    SmallVector<SizeAttr> low, high;
    for (size_t d = 0; d < 2; ++d) {
      low.push_back(sizeConstant(module.getContext(), conv.padLow(d)));
      high.push_back(sizeConstant(module.getContext(), conv.padHigh(d)));
    }
    Value y = WinogradConvOp::create(builder, conv.op->getLoc(), conv.y, conv.op->getOperand(0),
                                     transformed(builder, conv),
                                     DimsAttr::get(module.getContext(), low),
                                     DimsAttr::get(module.getContext(), high));
    conv.op->getResult(0).replaceAllUsesWith(y);
    conv.op->erase();
  }

private:
  /// Enough of them in every call.
  bool hasTiles(const Candidate &conv) {
    std::optional<int64_t> least = leastValue(winogradTiles(shapeOf(conv.y)), module);
    return least && *least >= kTilesForFilter;
  }

  Value transformed(OpBuilder &builder, const Candidate &conv) {
    Location loc = conv.op->getLoc();
    Value filter = conv.filter;
    if (conv.gradient) {
      filter = TransposeOp::create(builder, loc, filter, ArrayRef<int64_t>{0, 1, 3, 2});
      filter = ReverseOp::create(builder, loc, filter, ArrayRef<int64_t>{0, 1});
    }
    return WinogradFilterOp::create(builder, loc, filter, width);
  }

  ModuleOp module;
  FixedValues fixed;
  int64_t width;
};

struct Winograd : impl::WinogradBase<Winograd> {
  using WinogradBase::WinogradBase;

  void runOnOperation() override {
    for (auto entry : getOperation().getOps<EntryOp>()) {
      Rewriter rewriter(getOperation(), entry, panelWidth);
      for (Operation &op : llvm::make_early_inc_range(entry.getBody().front()))
        if (std::optional<Candidate> conv = candidateOf(&op))
          rewriter.rewrite(*conv);
    }
  }
};

} // namespace
} // namespace dlc::passes
