// Layers that change spatial sizes without weights: padding, cropping, upsampling.
#include "LayerState.h"

namespace dlc {

using namespace detail;

std::vector<Borders::Pair> Borders::expand(size_t rank) const {
  if (form == Form::All)
    return std::vector<Pair>(rank, list[0]);
  if (form == Form::Each && rank == 1 && list.size() == 2)
    return {{list[0].before, list[1].before}};
  return list;
}

namespace {

struct BorderState : LayerState {
  BorderState(const char *kind, size_t spatial, Borders borders, std::string name, const Site &site)
      : LayerState(kind + std::to_string(spatial) + "D", std::move(name), site), spatial(spatial),
        borders(std::move(borders)) {}
  bool onlyMoves() const override { return true; }

  // Amounts of all dimensions, those of batch and channels 0; false after reporting.
  bool amounts(CallContext &context, const Value &x, const char *what, Shape &low, Shape &high) {
    std::vector<Borders::Pair> pairs = borders.expand(spatial);
    std::string mistake;
    if (pairs.size() != spatial)
      mistake = std::string(what) + " has " + std::to_string(pairs.size()) +
                " entries, expected 1 or " + std::to_string(spatial);
    for (const Borders::Pair &pair : pairs)
      if (pair.before < 0 || pair.after < 0)
        mistake = std::string(what) + " has an amount of " +
                  std::to_string(std::min(pair.before, pair.after)) + ", expected at least 0";
    if (!mistake.empty())
      context.fail(mistake,
                   kind + "({." + what + " = " + (spatial == 1 ? "1" : "{{1, 1}, {2, 2}}") + "})");
    if (!mistake.empty() || !checkSpatialRank(context, x, spatial))
      return false;
    low.push_back(0);
    high.push_back(0);
    for (const Borders::Pair &pair : pairs) {
      low.push_back(pair.before);
      high.push_back(pair.after);
    }
    low.push_back(0);
    high.push_back(0);
    return true;
  }

  size_t spatial;
  Borders borders;
};

struct ZeroPaddingState : BorderState {
  ZeroPaddingState(size_t spatial, ZeroPaddingOptions options, const Site &site)
      : BorderState("ZeroPadding", spatial, options.padding, options.name, site) {}
  Values call(CallContext &context, const Values &inputs) override {
    Shape low, high;
    if (!amounts(context, inputs[0], "padding", low, high))
      return {context.entry.poison()};
    return {pad(context.operand(inputs[0]), low, high)};
  }
};

struct CroppingState : BorderState {
  CroppingState(size_t spatial, CroppingOptions options, const Site &site)
      : BorderState("Cropping", spatial, options.cropping, options.name, site) {}
  Values call(CallContext &context, const Values &inputs) override {
    Shape low, high, shape = inputs[0].shape();
    if (!amounts(context, inputs[0], "cropping", low, high))
      return {context.entry.poison()};
    for (size_t i = 0; i < shape.size(); ++i) {
      Dim left = shape[i] - low[i] - high[i];
      if (left.isConstant() && left.value() < 1)
        return {context.fail("nothing is left of dimension " + std::to_string(i) + " of " +
                                 str(shape) + " without " + low[i].str() + " and " + high[i].str() +
                                 " elements",
                             "crop less", inputs[0])};
      shape[i] = shape[i] - high[i];
    }
    return {slice(context.operand(inputs[0]), low, shape)};
  }
};

// Every element of a dimension |times| times.
Value repeat(Operand x, int64_t axis, int64_t times) {
  Shape shape = x.value.shape(), merged = shape;
  merged[axis] = merged[axis] * times;
  shape.insert(shape.begin() + axis + 1, Dim(times));
  Value apart = broadcastTo(Operand(expandDims(x, axis + 1), x.at), shape);
  return reshape(Operand(apart, x.at), merged);
}

// Element i of the result lies at (i + 0.5) / times - 0.5 of the input; an element takes part by 1
// minus its distance, and shares at the ends, where neighbours are missing, are scaled to 1.
Value interpolate(Entry entry, Operand x, int64_t axis, int64_t times) {
  Dim size = x.value.shape()[axis];
  DType type = x.value.dtype();
  auto at = [&](const Value &value) { return Operand(value, x.at); };
  Value to = entry.iota({size * times, size}, 0, type, x.at);
  Value from = entry.iota({size * times, size}, 1, type, x.at);
  Value place =
      at(at(to) * Operand(1.0 / double(times), x.at)) + Operand(0.5 / double(times) - 0.5, x.at);
  Value distance = abs(at(at(place) - at(from)));
  Value share = max(at(Operand(1, x.at) - at(distance)), Operand(0, x.at));
  share = at(share) / at(sum(at(share), {1}, /*keepDims=*/true));
  Value moved = contract(x, at(share), {.aReduce = {axis}, .bReduce = {1}});
  std::vector<int64_t> back;
  for (int64_t i = 0; i < moved.rank(); ++i)
    back.push_back(i < axis ? i : i == axis ? moved.rank() - 1 : i - 1);
  return transpose(at(moved), back);
}

struct UpSamplingState : LayerState {
  UpSamplingState(size_t spatial, UpSamplingOptions given, const Site &site)
      : LayerState("UpSampling" + std::to_string(spatial) + "D", given.name, site),
        spatial(spatial), options(std::move(given)) {}

  std::string findMistake(const std::vector<int64_t> &sizes) {
    if (sizes.size() != spatial)
      return "size has " + std::to_string(sizes.size()) + " entries, expected 1 or " +
             std::to_string(spatial);
    for (int64_t size : sizes)
      if (size < 1)
        return "size has a factor of " + std::to_string(size) + ", expected at least 1";
    bool bilinear = options.interpolation == "bilinear" && spatial == 2;
    if (options.interpolation != "nearest" && !bilinear)
      return "interpolation '" + options.interpolation + "' is unknown, expected 'nearest'" +
             (spatial == 2 ? " or 'bilinear'" : "");
    return "";
  }

  Values call(CallContext &context, const Values &inputs) override {
    std::vector<int64_t> sizes = options.size.expand(spatial);
    if (std::string mistake = findMistake(sizes); !mistake.empty())
      return {context.fail(mistake, kind + "({.size = 2})")};
    if (!checkSpatialRank(context, inputs[0], spatial))
      return {context.entry.poison()};
    Value y = inputs[0];
    Entry entry(context.entry.handle());
    for (size_t i = 0; i < spatial; ++i) {
      auto axis = static_cast<int64_t>(i) + 1;
      if (sizes[i] > 1)
        y = options.interpolation == "nearest"
                ? repeat(context.operand(y), axis, sizes[i])
                : interpolate(entry, context.operand(y), axis, sizes[i]);
    }
    return {y};
  }

  size_t spatial;
  UpSamplingOptions options;
};

} // namespace

#define DLC_RESIZING(N)                                                                            \
  ZeroPadding##N##D::ZeroPadding##N##D(ZeroPaddingOptions options, Site at)                        \
      : Layer(std::make_shared<ZeroPaddingState>(N, std::move(options), at)) {}                    \
  Cropping##N##D::Cropping##N##D(CroppingOptions options, Site at)                                 \
      : Layer(std::make_shared<CroppingState>(N, std::move(options), at)) {}                       \
  UpSampling##N##D::UpSampling##N##D(UpSamplingOptions options, Site at)                           \
      : Layer(std::make_shared<UpSamplingState>(N, std::move(options), at)) {}
DLC_RESIZING(1)
DLC_RESIZING(2)
DLC_RESIZING(3)
#undef DLC_RESIZING

} // namespace dlc
