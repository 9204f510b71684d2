// Dtype policies: what layers compute in and give to each other.
//
// Casts are part of the graph, so that gradients follow the same policy: the cotangent of a value
// that was rounded to bf16 is bf16 too, and the gradient of a weight returns to f32 where the
// weight was cast. A layer under mixed_bfloat16 is
//
//   x : bf16 ── cast to f32 ── call() ── cast to bf16 ── y
//                                │
//                                └ products: cast both factors to bf16, sum in f32
//
// where the cast of a factor undoes the one of the input. Besides what layers give to each other,
// what goes into an activation function is rounded, since backward passes keep that. Rounding there
// and not after every operation is what fused kernels do anyway, and loses less.
#include "LayerState.h"

namespace dlc {

using namespace detail;

namespace {

constexpr const char *kFloat32 = "float32", *kMixedBFloat16 = "mixed_bfloat16";

std::string &currentPolicy() {
  static thread_local std::string policy = kFloat32;
  return policy;
}

bool isMixed(const LayerState &layer) { return layer.policy == kMixedBFloat16; }

} // namespace

namespace detail {

Value castFloats(EntryState &entry, const Value &x, DType type, Site site) {
  if (!x.ok() || !isFloat(x.dtype()) || x.dtype() == type)
    return x;
  Value result = cast(Operand(x, site), type);
  if (Value mask = entry.maskOf(x); mask.ok() && result.ok())
    entry.setMask(result, mask);
  return result;
}

Operand CallContext::factor(const Value &value) const {
  return operand(rounded(value));
}

Value CallContext::rounded(const Value &value) const {
  return isMixed(layer) ? castFloats(entry, value, DType::BF16, site) : value;
}

std::optional<DType> CallContext::sumType() const {
  return isMixed(layer) ? std::optional(DType::F32) : std::nullopt;
}

// F64 passes as it is: a policy speaks of weights and activations, and there are no weights of F64.
// One value given twice stays one: a key that is the value is no key of its own.
static Values convert(CallContext &context, const Values &values, DType type) {
  Values result;
  for (const Value &value : values) {
    auto same = std::find_if(values.begin(), values.begin() + result.size(),
                             [&](const Value &before) { return before.sameAs(value); });
    if (size_t index = same - values.begin(); index < result.size())
      result.push_back(result[index]);
    else if (value.ok() && value.dtype() != DType::F64)
      result.push_back(castFloats(context.entry, value, type, context.site));
    else
      result.push_back(value);
  }
  return result;
}

Values LayerState::callInPolicy(CallContext &context, const Values &inputs) {
  bool mixed = isMixed(*this);
  if (!mixed && policy != kFloat32)
    return {context.fail("dtype policy '" + policy + "' is unknown",
                         std::string("known are ") + kFloat32 + " and " + kMixedBFloat16)};
  if (!hasPolicy())
    return call(context, inputs);
  Values outputs =
      call(context, convert(context, inputs, mixed && onlyMoves() ? DType::BF16 : DType::F32));
  return mixed ? convert(context, outputs, DType::BF16) : outputs;
}

} // namespace detail

void setDtypePolicy(const std::string &name) { currentPolicy() = name; }
const std::string &dtypePolicy() { return currentPolicy(); }

Layer &Layer::setDtypePolicy(const std::string &name) {
  if (state)
    state->policy = name;
  return *this;
}
const std::string &Layer::dtypePolicy() const { return state ? state->policy : currentPolicy(); }

} // namespace dlc
