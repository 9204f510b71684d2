// Op functions with windows: convolution and pooling, and their padding rules.
#include "Graph.h"

namespace dlc {

using detail::OpCall;
using ir::SizeAttr;

namespace {

struct Window {
  std::vector<int64_t> size, strides, dilations;
  ir::Shape low, high;
};

std::string listText(llvm::ArrayRef<int64_t> list) {
  std::string text = "(";
  for (size_t i = 0; i < list.size(); ++i)
    text += (i ? ", " : "") + std::to_string(list[i]);
  return text + ")";
}

// Fills a list that was left out, and checks length and entries of one that was not.
bool complete(OpCall &call, const char *what, std::vector<int64_t> &list,
              const std::vector<int64_t> &defaults) {
  if (list.empty())
    list = defaults;
  if (list.size() != defaults.size()) {
    call.fail(std::string(what) + " " + listText(list) + " have " + std::to_string(list.size()) +
                  " entries for " + std::to_string(defaults.size()) + " spatial dimensions of " +
                  ir::sizesToString(call.shape(0)),
              "", 0);
    return false;
  }
  for (int64_t entry : list)
    if (entry < 1) {
      call.fail(std::string(what) + " " + listText(list) + " must be at least 1");
      return false;
    }
  return true;
}

bool explicitPadding(OpCall &call, const WindowOptions &options, Window &window) {
  if (options.padLow.size() != window.size.size() || options.padHigh.size() != window.size.size()) {
    call.fail("explicit padding needs one amount before and after each of " +
              std::to_string(window.size.size()) + " spatial dimensions");
    return false;
  }
  for (const auto &[i, dim] : llvm::enumerate(options.padLow)) {
    window.low.push_back(call.entry->program.toSize(dim));
    window.high.push_back(call.entry->program.toSize(options.padHigh[i]));
  }
  return true;
}

// `spatial` are the sizes that the windows move over.
bool pad(OpCall &call, const WindowOptions &options, llvm::ArrayRef<SizeAttr> spatial,
         Window &window) {
  if (options.padding == "explicit")
    return explicitPadding(call, options, window);
  bool same = options.padding == "same", causal = options.padding == "causal";
  if (!same && !causal && options.padding != "valid") {
    call.fail("padding '" + options.padding + "' is unknown",
              "expected 'valid', 'same', 'causal' or 'explicit'");
    return false;
  }
  if (causal && window.size.size() != 1) {
    call.fail("padding 'causal' needs one spatial dimension, got " +
              std::to_string(window.size.size()));
    return false;
  }
  SizeAttr zero = ir::sizeConstant(call.entry->context(), 0);
  for (size_t i = 0; i < window.size.size(); ++i) {
    SizeAttr size = spatial[i];
    std::pair<SizeAttr, SizeAttr> amounts = {zero, zero};
    if (same)
      amounts = ir::samePadding(size, window.size[i], window.strides[i], window.dilations[i]);
    else if (causal)
      amounts.first = ir::sizeAdd(zero, (window.size[i] - 1) * window.dilations[i]);
    window.low.push_back(amounts.first);
    window.high.push_back(amounts.second);
  }
  return true;
}

// Refuses windows that do not fit even once: with a size of 0 nothing was meant.
bool fits(OpCall &call, const Window &window) {
  for (size_t i = 0; i < window.size.size(); ++i) {
    SizeAttr size = call.shape(0)[i + 1];
    SizeAttr out = ir::windowOutput(size, window.size[i], window.strides[i], window.dilations[i],
                                    window.low[i], window.high[i]);
    if (!out.isConstant() || out.getValue() > 0 || size.isConstant(0))
      continue;
    int64_t effective = (window.size[i] - 1) * window.dilations[i] + 1;
    call.fail("a window of " + std::to_string(effective) + " does not fit dimension " +
                  std::to_string(i + 1) + " of " + ir::sizesToString(call.shape(0)),
              "use a smaller window or padding 'same'", 0);
    return false;
  }
  return true;
}

bool prepare(OpCall &call, const WindowOptions &options, llvm::ArrayRef<SizeAttr> spatial,
             Window &window, const std::vector<int64_t> &defaultStrides) {
  window.strides = options.strides;
  window.dilations = options.dilations;
  return complete(call, "strides", window.strides, defaultStrides) &&
         complete(call, "dilations", window.dilations,
                  std::vector<int64_t>(window.size.size(), 1)) &&
         pad(call, options, spatial, window);
}

// The sizes of operand 0 without batch and channels.
llvm::SmallVector<SizeAttr> spatialSizes(OpCall &call) {
  ir::Shape shape = call.shape(0);
  return {shape.begin() + 1, shape.end() - 1};
}

bool checkSpatial(OpCall &call) {
  if (call.rank(0) >= 3 && call.rank(0) <= 5)
    return true;
  call.fail("input has shape " + ir::sizesToString(call.shape(0)) +
                ", expected [N, spatial..., C] with 1 to 3 spatial dimensions",
            "reshape the input", 0);
  return false;
}

template <typename Op>
Value pool(const char *name, Operand x, std::vector<int64_t> size, const WindowOptions &options) {
  OpCall call(name, {x});
  if (!call || !checkSpatial(call))
    return call.poison();
  Window window;
  window.size = std::move(size);
  if (!complete(call, "window", window.size, std::vector<int64_t>(call.rank(0) - 2, 0)) ||
      !prepare(call, options, spatialSizes(call), window, window.size) || !fits(call, window))
    return call.poison();
  if (llvm::any_of(window.dilations, [](int64_t dilation) { return dilation != 1; }))
    return call.fail("pooling has no dilation");
  return call.done(Op::create(call.builder, call.loc, call[0], llvm::ArrayRef(window.size),
                              llvm::ArrayRef(window.strides), window.low, window.high));
}

} // namespace

Value maxPool(Operand x, std::vector<int64_t> window, WindowOptions options) {
  return pool<ir::MaxPoolOp>("maxPool", x, std::move(window), options);
}

Value avgPool(Operand x, std::vector<int64_t> window, WindowOptions options) {
  return pool<ir::AvgPoolOp>("avgPool", x, std::move(window), options);
}

// Takes the window from the filter, operand 1, which must go with operand 0. False after reporting.
static bool takeFilter(OpCall &call, int64_t groups, Window &window) {
  if (call.rank(1) != call.rank(0)) {
    call.fail("filter has shape " + ir::sizesToString(call.shape(1)) + " for an input of shape " +
                  ir::sizesToString(call.shape(0)),
              "a filter is [k..., C / groups, O]", 1);
    return false;
  }
  ir::Shape sizes = call.shape(1);
  for (size_t i = 0; i + 2 < sizes.size(); ++i) {
    if (!sizes[i].isConstant() || sizes[i].getValue() < 1) {
      call.fail("the filter's window " + ir::sizesToString(sizes) +
                " must be constant and at least 1");
      return false;
    }
    window.size.push_back(sizes[i].getValue());
  }
  if (groups < 1)
    call.fail("groups " + std::to_string(groups) + " must be at least 1");
  return groups >= 1;
}

Value conv(Operand x, Operand filter, WindowOptions options, int64_t groups) {
  OpCall call("conv", {x, filter});
  Window window;
  mlir::Type element;
  if (!call || !call.sameElements() || !call.sumsIn(options.result, element) || !checkSpatial(call) || !takeFilter(call, groups, window))
    return call.poison();
  ir::Shape sizes = call.shape(1);
  SizeAttr channels = call.shape(0).back();
  if (channels != ir::sizeMul(sizes[sizes.size() - 2], groups))
    return call.fail("input has " + ir::sizeToString(channels) + " channels, but the filter " +
                         ir::sizesToString(sizes) + " with " + std::to_string(groups) +
                         " groups takes " +
                         ir::sizeToString(ir::sizeMul(sizes[sizes.size() - 2], groups)),
                     "", 0);
  if (!prepare(call, options, spatialSizes(call), window,
               std::vector<int64_t>(window.size.size(), 1)) ||
      !fits(call, window))
    return call.poison();
  return call.done(ir::ConvOp::create(call.builder, call.loc, call[0], call[1],
                                      llvm::ArrayRef(window.strides), window.low, window.high,
                                      llvm::ArrayRef(window.dilations), groups, element));
}

Value convTranspose(Operand x, Operand filter, const Shape &sizes, WindowOptions options,
                    int64_t groups) {
  OpCall call("convTranspose", {x, filter});
  Window window;
  mlir::Type element;
  if (!call || !call.sameElements() || !call.sumsIn(options.result, element) || !checkSpatial(call) || !takeFilter(call, groups, window))
    return call.poison();
  if (sizes.size() != window.size.size())
    return call.fail("got " + std::to_string(sizes.size()) + " sizes for " +
                     std::to_string(window.size.size()) + " spatial dimensions");
  ir::Shape filterSizes = call.shape(1), spatial;
  for (const Dim &size : sizes)
    spatial.push_back(call.entry->program.toSize(size));
  if (filterSizes.back() != call.shape(0).back())
    return call.fail("input has " + ir::sizeToString(call.shape(0).back()) +
                         " channels, but the filter " + ir::sizesToString(filterSizes) + " takes " +
                         ir::sizeToString(filterSizes.back()),
                     "a filter is [k..., C / groups, O], and the input has O channels", 0);
  if (!prepare(call, options, spatial, window, std::vector<int64_t>(window.size.size(), 1)))
    return call.poison();
  ir::Shape result = spatial;
  result.insert(result.begin(), call.shape(0).front());
  result.push_back(ir::sizeMul(filterSizes[filterSizes.size() - 2], groups));
  auto type = ir::tensorType(call.entry->context(), result, element);
  ir::ConvGeometry geometry{window.strides, window.dilations, window.low, window.high, groups};
  return call.done(
      ir::ConvInputGradOp::create(call.builder, call.loc, type, call[0], call[1], geometry));
}

} // namespace dlc
