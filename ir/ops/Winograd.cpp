#include "ir/ops/Winograd.h"
#include "ir/ops/Assembly.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Winograd.cpp.inc"

namespace dlc::ir {
namespace {

constexpr int64_t kWindow = 3;

bool isElement(Type type) { return type.isF32() || type.isF64(); }

/// Whether `panels` is [16, P, C, W] for so many channels and filters.
bool holds(RankedTensorType panels, SizeAttr channels, SizeAttr filters) {
  if (panels.getRank() != 4 || !panels.hasStaticShape() || !channels.isConstant() ||
      !filters.isConstant())
    return false;
  ArrayRef<int64_t> shape = panels.getShape();
  int64_t width = shape[3], count = filters.getValue();
  return shape[0] == kWinogradSums && shape[2] == channels.getValue() && width > 0 && count > 0 &&
         shape[1] == (count + width - 1) / width;
}

} // namespace

SizeAttr winogradTiles(ArrayRef<SizeAttr> y) {
  SizeAttr two = sizeConstant(y.front().getContext(), 2);
  return sizeMul(y[0], sizeMul(sizeCeilDiv(y[1], two), sizeCeilDiv(y[2], two)));
}

void WinogradFilterOp::build(OpBuilder &builder, OperationState &state, Value filter,
                             int64_t panelWidth) {
  auto type = cast<RankedTensorType>(filter.getType());
  int64_t filters = type.getShape().back();
  build(builder, state,
        RankedTensorType::get({kWinogradSums, (filters + panelWidth - 1) / panelWidth,
                               type.getShape()[2], panelWidth},
                              type.getElementType()),
        filter);
}

LogicalResult WinogradFilterOp::verify() {
  RankedTensorType filter = getFilter().getType(), panels = getType();
  bool window = filter.getRank() == 4 && filter.hasStaticShape() && filter.getNumElements() > 0 &&
                filter.getShape()[0] == kWindow && filter.getShape()[1] == kWindow;
  if (!window || !isElement(filter.getElementType())) // winograd_filter_c1
    return emitOpError("filter has type ")
           << typeToString(filter) << ", expected constant sizes [3, 3, C, O] of f32 or f64";
  Shape sizes = shapeOf(filter);
  if (!holds(panels, sizes[2], sizes[3]) ||
      panels.getElementType() != filter.getElementType()) // winograd_filter_c2
    return emitOpError("panels have type ")
           << typeToString(panels) << ", expected [16, P, " << sizeToString(sizes[2])
           << ", W] of the filter's element type, of which P * W columns just hold "
           << sizeToString(sizes[3]) << " filters";
  return success();
}

LogicalResult WinogradConvOp::verify() {
  Shape x = shapeOf(getX()), y = shapeOf(getType());
  RankedTensorType panels = getPanels().getType();
  if (x.size() != 4 || panels.getRank() != 4 || shapeOf(panels)[2] != x[3]) // winograd_conv_c1
    return emitOpError("x of sizes ") << sizesToString(x) << " and panels of type "
                                      << typeToString(panels)
                                      << " are not [N, H, W, C] and [16, P, C, W]";
  for (DimsAttr pads : {getPadLow(), getPadHigh()}) // winograd_conv_c2
    if (pads.getSizes().size() != 2 || llvm::any_of(pads.getSizes(), [](SizeAttr pad) {
          return !pad.isConstant() || pad.getValue() < 0 || pad.getValue() >= kWindow;
        }))
      return emitOpError("padding is ")
             << sizesToString(pads.getSizes()) << ", expected two constants from 0 to 2";
  Shape expected{x[0]};
  SizeAttr reach = sizeConstant(getContext(), kWindow - 1);
  for (int d = 0; d < 2; ++d)
    expected.push_back(sizeSub(
        sizeAdd(x[d + 1], sizeAdd(getPadLow().getSizes()[d], getPadHigh().getSizes()[d])), reach));
  if (y.size() != 4 || ArrayRef(y).drop_back() != ArrayRef(expected) ||
      !holds(panels, x[3], y[3])) // winograd_conv_c3
    return emitOpError("y has sizes ")
           << sizesToString(y) << ", expected " << sizesToString(expected)
           << " and as many channels as the columns of " << typeToString(panels) << " just hold";
  Type element = getX().getType().getElementType();
  if (!isElement(element) || panels.getElementType() != element ||
      getType().getElementType() != element) // winograd_conv_c4
    return emitOpError("element types are ")
           << element << ", " << panels.getElementType() << " and " << getType().getElementType()
           << ", expected f32 or f64 three times";
  return success();
}

} // namespace dlc::ir
