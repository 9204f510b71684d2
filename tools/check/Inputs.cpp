#include "tools/check/Inputs.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace dlc::reference;

namespace dlc::check {

static std::optional<double> numberOf(Attribute attribute) {
  if (auto real = dyn_cast<FloatAttr>(attribute))
    return real.getValueAsDouble();
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return double(integer.getInt());
  return std::nullopt;
}

std::optional<Range> statedRange(ir::EntryOp entry, unsigned argument) {
  auto range = entry.getArgAttrOfType<ArrayAttr>(argument, "dlc.range");
  if (!range || range.size() != 2)
    return std::nullopt;
  std::optional<double> low = numberOf(range[0]), high = numberOf(range[1]);
  if (!low || !high || !(*low <= *high))
    return std::nullopt;
  return Range{*low, *high};
}

namespace {

/// Draws the elements of one argument.
class Drawer {
public:
  Drawer(std::optional<Range> range, InputKind kind, uint64_t seed)
      : range(range), kind(kind), random(seed) {}

  Tensor draw(DType type, Dims dims) {
    Tensor tensor(type, std::move(dims));
    for (int64_t i = 0; i < tensor.count(); ++i)
      if (tensor.isFloat())
        tensor.setReal(i, drawReal(type));
      else
        tensor.setInteger(i, drawInteger(type));
    return tensor;
  }

private:
  double uniform(double low, double high) {
    return low + (high - low) * std::ldexp(double(random() >> 11), -53);
  }

  double drawReal(DType type) {
    double low = range ? range->low : -2, high = range ? range->high : 2;
    if (kind == InputKind::Special && random() % 2)
      return drawSpecial(type, low, high);
    double value = uniform(low, high);
    if (kind == InputKind::Ordinary && random() % 3 == 0)
      return std::clamp(std::nearbyint(value * 2) / 2, low, high);
    return value;
  }

  // Within a stated domain its ends are the extremes; NaN is a value of every domain.
  double drawSpecial(DType type, double low, double high) {
    const double infinity = std::numeric_limits<double>::infinity();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double tiny = type == DType::F64 ? 5e-324 : type == DType::F16 ? 6e-8 : 1e-40;
    // Large, but a sum of a few does not overflow: when it does depends on the order.
    const double huge = type == DType::F64 ? 1e150 : type == DType::F16 ? 6000 : 1e18;
    const double open[] = {nan, infinity, -infinity, 0.0, -0.0, tiny, -tiny, huge, -huge, 1, -1};
    const double closed[] = {nan, low, high};
    return range ? closed[random() % std::size(closed)] : open[random() % std::size(open)];
  }

  int64_t drawInteger(DType type) {
    if (type == DType::I1)
      return int64_t(random() % 2);
    int64_t low = range ? int64_t(range->low) : -5, high = range ? int64_t(range->high) : 5;
    if (kind == InputKind::Special && !range && random() % 3 == 0) {
      const int64_t ends[] = {minimumOf(type), maximumOf(type), 0, -1};
      return ends[random() % std::size(ends)];
    }
    low = std::max(low, minimumOf(type));
    return low + int64_t(random() % uint64_t(std::max<int64_t>(high - low, 0) + 1));
  }

  std::optional<Range> range;
  InputKind kind;
  std::mt19937_64 random;
};

} // namespace

llvm::Expected<EntryData> drawInputs(ir::EntryOp entry, const Bindings &bindings, InputKind kind,
                                     uint64_t seed) {
  EntryData data;
  for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
    Type type = entry.getArgumentTypes()[i];
    llvm::Expected<DType> element = elementTypeOf(type);
    if (!element)
      return element.takeError();
    llvm::Expected<Dims> dims = dimsOf(type, bindings);
    if (!dims)
      return dims.takeError();
    Drawer drawer(statedRange(entry, i), kind, seed * 1000003 + i);
    Tensor tensor = drawer.draw(*element, *dims);
    if (FlatSymbolRefAttr variable = entry.getArgState(i))
      data.state[variable.getValue().str()] = std::move(tensor);
    else
      data.inputs.emplace_back(entry.getArgName(i).str(), std::move(tensor));
  }
  return data;
}

} // namespace dlc::check
