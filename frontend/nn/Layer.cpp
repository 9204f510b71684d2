// Calls of layers: names, weights, masks, and the record that models replay.
#include "LayerState.h"
#include "llvm/ADT/StringExtras.h"
#include <mutex>

namespace dlc {

using namespace detail;

namespace detail {

static std::mutex countsMutex;
static std::map<std::string, int> &nameCounts() {
  static std::map<std::string, int> counts;
  return counts;
}

// "MaxPooling2D" -> "max_pooling2d", "LeakyReLU" -> "leaky_re_lu": an underscore between a small
// letter and a capital, and before a capital that a small letter follows.
static std::string snakeCase(const std::string &kind) {
  auto capital = [&](size_t i) { return i < kind.size() && llvm::isUpper(kind[i]); };
  auto small = [&](size_t i) { return i < kind.size() && llvm::isLower(kind[i]); };
  std::string result;
  for (size_t i = 0; i < kind.size(); ++i) {
    if (i && capital(i) && (small(i - 1) || small(i + 1)))
      result += '_';
    result += llvm::toLower(kind[i]);
  }
  return result;
}

std::string automaticName(const std::string &kind) {
  std::lock_guard<std::mutex> lock(countsMutex);
  std::string base = snakeCase(kind);
  int count = nameCounts()[base]++;
  return count ? base + "_" + std::to_string(count) : base;
}

static thread_local bool currentTraining = false;

CallScope::CallScope(bool training) : previous(currentTraining) { currentTraining = training; }
CallScope::~CallScope() { currentTraining = previous; }
bool CallScope::training() { return currentTraining; }

LayerState::LayerState(std::string kind, std::string name, Site site)
    : kind(std::move(kind)), name(std::move(name)), site(site) {
  if (this->name.empty())
    this->name = automaticName(this->kind);
}

Value CallContext::fail(std::string message, std::string hint, const Value &cause) const {
  return entry.fail("layer", site, std::move(message), std::move(hint), cause);
}

int64_t CallContext::channels(const Value &x, int64_t minRank, const char *expected) {
  Shape shape = x.shape();
  if (x.rank() < minRank) {
    fail("input has shape " + dlc::str(shape) + ", expected " + expected,
         "check the layers before it", x);
    return 0;
  }
  if (!shape.back().isConstant()) {
    fail("input has shape " + dlc::str(shape) + ", whose last size is not a number",
         "weights need a known size; give Input a number there", x);
    return 0;
  }
  int64_t size = shape.back().value();
  if (layer.lastAxis >= 0 && layer.lastAxis != size) {
    bool spatial = x.rank() > 2 && minRank == 2;
    fail("input has shape " + dlc::str(shape) + " but weights were built for last axis " +
             std::to_string(layer.lastAxis),
         spatial ? "add Flatten() or GlobalAveragePooling1D() between them"
                 : "use a layer of its own for inputs of another size",
         x);
    return 0;
  }
  return layer.lastAxis = size;
}

int64_t CallContext::lastSize(const Value &x, int64_t minRank, const char *expected) {
  int64_t built = std::exchange(layer.lastAxis, -1);
  int64_t size = channels(x, minRank, expected);
  layer.lastAxis = built;
  return size;
}

bool CallContext::checkFloats(const Value &x) {
  if (isFloat(x.dtype()))
    return true;
  fail("input is " + x.str() + ", expected floats", "put Embedding() or a cast before it", x);
  return false;
}

Value CallContext::finish(const Value &y, bool useBias, int64_t size,
                          const Initializer &initializer, const std::string &activation) {
  Value result = y;
  if (useBias)
    result = operand(y) + operand(weight("bias", {size}, initializer));
  result = rounded(result);
  if (activation == "relu" || activation.empty())
    return dlc::activation(activation, operand(result));
  return dlc::activation(activation, operand(castFloats(entry, result, y.dtype(), site)));
}

static LayerState::Bound &boundIn(LayerState &layer, ProgramState &program) {
  LayerState::Bound &bound = layer.bound[&program];
  if (bound.program.lock().get() != &program)
    bound = {program.weak_from_this(), {}};
  return bound;
}

// A layer that was built keeps its weights: other sizes are an error, not another weight.
static bool sameShape(const WeightSpec &spec, const Shape &shape) {
  bool same = spec.shape.size() == shape.size();
  for (size_t i = 0; same && i < shape.size(); ++i)
    same = spec.shape[i].value() == shape[i].value();
  return same;
}

Value CallContext::weight(const std::string &weightName, const Shape &shape,
                          const Initializer &initializer, Role role, bool trained) {
  const WeightSpec *spec = nullptr;
  for (const WeightSpec &known : layer.weights)
    if (known.name == weightName)
      spec = &known;
  if (!spec) {
    layer.weights.push_back({weightName, shape, initializer, role, trained});
    spec = &layer.weights.back();
  } else if (!sameShape(*spec, shape)) {
    return fail("weight '" + weightName + "' was built with shape " + dlc::str(spec->shape) +
                ", but this call needs " + dlc::str(shape));
  }
  LayerState::Bound &bound = boundIn(layer, entry.program);
  auto found = bound.variables.find(weightName);
  if (found == bound.variables.end()) {
    Variable made = Program(entry.program.shared_from_this())
                        .variable(layer.name + "/" + weightName, spec->shape,
                                  {DType::F32, role, spec->initializer}, layer.site);
    if (!made.ok())
      return entry.poison();
    found = bound.variables.emplace(weightName, ProgramState::indexOf(made)).first;
  }
  return Entry(entry.handle()).read(entry.program.variable(found->second), site);
}

void CallContext::assign(const std::string &weightName, const Value &value) {
  int32_t index = boundIn(layer, entry.program).variables.at(weightName);
  Entry(entry.handle()).assign(entry.program.variable(index), value, site);
}

// False when the call cannot go on; what is wrong was reported, unless an input was poisoned.
bool LayerState::checkInputs(const Values &inputs, const Site &at,
                             std::shared_ptr<EntryState> &entry) {
  bool usable = true;
  std::string mistake;
  for (const Value &input : inputs) {
    const auto &handle = EntryState::handleOf(input);
    if (!handle)
      mistake = "an input is an empty value";
    else if (entry && entry != handle)
      mistake = "inputs belong to entries '" + entry->name + "' and '" + handle->name + "'";
    else
      entry = handle;
    usable &= input.ok();
  }
  if (!entry)
    entry = scratchEntry();
  if (mistake.empty() && arity() && inputs.size() != arity())
    mistake = "takes " + std::to_string(arity()) + (arity() > 1 ? " inputs" : " input") + ", got " +
              std::to_string(inputs.size());
  if (mistake.empty() && inputs.empty())
    mistake = "takes at least one input, got none";
  if (!mistake.empty())
    entry->fail("layer", at, mistake, "",
                !inputs.empty() && inputs.front().ok() ? inputs.front() : Value());
  return usable && mistake.empty();
}

Values LayerState::operator()(const Values &inputs, const Call &call, Site at) {
  std::shared_ptr<EntryState> entry;
  for (const Value &input : inputs)
    if (!entry)
      entry = EntryState::handleOf(input);
  if (!entry)
    entry = scratchEntry();
  FrameGuard frame(*entry, {"layer", name, kind, at, isUserCode()});
  std::shared_ptr<EntryState> common;
  if (!checkInputs(inputs, at, common))
    return {common->poison()};
  Value mask = call.mask;
  for (const Value &input : inputs)
    if (!mask.ok())
      mask = entry->maskOf(input);
  bool training = call.training.value_or(CallScope::training());
  CallContext context{*entry, *this, training, mask, at, call};
  mlir::Value savedKey = entry->scope->key;
  if (call.key.ok())
    entry->scope->key = entry->resolve(call.key);
  Values outputs;
  {
    CallScope scope(training);
    outputs = callInPolicy(context, inputs);
  }
  if (call.key.ok())
    entry->scope->key = savedKey;
  outputs = record(*entry, inputs, call, at, outputs);
  if (Value after = maskAfter(*entry, inputs, mask); after.ok())
    for (const Value &output : outputs)
      if (output.ok())
        entry->setMask(output, after);
  return outputs;
}

Values LayerState::record(EntryState &entry, const Values &inputs, const Call &call, Site at,
                          Values outputs) {
  auto node = std::make_shared<Node>();
  int32_t index = static_cast<int32_t>(entry.nodes.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].ok())
      continue;
    Value inner = outputs[i];
    outputs[i] = entry.alias(inner, {name, kind, at, index, static_cast<int32_t>(i)});
    if (Value mask = entry.maskOf(inner); mask.ok() && isModel())
      entry.setMask(outputs[i], mask);
  }
  node->layer = shared_from_this();
  node->inputs = inputs;
  node->call = call;
  node->site = at;
  // Only calls of scratch programs are replayed; elsewhere the record would keep itself alive.
  if (entry.program.isScratch) {
    node->outputs = outputs;
    entry.nodes.push_back(node);
  } else {
    entry.nodes.push_back(nullptr);
  }
  return outputs;
}

void LayerState::collect(const ProgramState &program, bool trainedOnly,
                         std::vector<Variable> &result) const {
  if (trainedOnly && !trainable)
    return;
  auto found = bound.find(&program);
  if (found != bound.end())
    for (const WeightSpec &spec : weights) {
      auto variable = found->second.variables.find(spec.name);
      std::shared_ptr<ProgramState> owner = found->second.program.lock();
      if (variable == found->second.variables.end() || !owner || (trainedOnly && !spec.trained))
        continue;
      Variable handle = owner->variable(variable->second);
      if (!llvm::is_contained(result, handle))
        result.push_back(handle);
    }
  for (const auto &part : parts())
    part->collect(program, trainedOnly, result);
}

int64_t LayerState::parameters(bool trainedOnly) const {
  int64_t total = 0;
  if (trainedOnly && !trainable)
    return 0;
  for (const WeightSpec &spec : weights) {
    int64_t count = 1;
    for (const Dim &dim : spec.shape)
      count *= dim.value();
    total += trainedOnly && !spec.trained ? 0 : count;
  }
  for (const auto &part : parts())
    total += part->parameters(trainedOnly);
  return total;
}

namespace {

// Stands for the input at the head of a Sequential model.
struct InputState : LayerState {
  InputState(const Value &input, const Site &site)
      : LayerState("InputLayer", input.ok() ? "input" : "input", site), input(input) {}
  Values call(CallContext &context, const Values &) override {
    return {context.fail("an input takes no input")};
  }
  Value input;
};

} // namespace

Value inputOf(const LayerState &layer) {
  auto *input = dynamic_cast<const InputState *>(&layer);
  return input ? input->input : Value();
}

} // namespace detail

Layer::Layer(const Value &input) {
  Site site = input.ok() ? EntryState::of(input)->producer(input).site : Site::current();
  state = std::make_shared<InputState>(input, site);
}

Value Layer::operator()(const Value &input, const Call &call, Site at) const {
  return callAll({input}, call, at).front();
}
Value Layer::operator()(const Values &inputs, const Call &call, Site at) const {
  return callAll(inputs, call, at).front();
}
Values Layer::callAll(const Values &inputs, const Call &call, Site at) const {
  if (state)
    return (*state)(inputs, call, at);
  std::shared_ptr<EntryState> entry;
  if (!inputs.empty())
    entry = EntryState::handleOf(inputs.front());
  return {(entry ? entry : scratchEntry())->fail("layer ''", at, "an empty layer was called")};
}

static const std::string none;
const std::string &Layer::name() const { return state ? state->name : none; }
const std::string &Layer::kind() const { return state ? state->kind : none; }
Layer &Layer::setTrainable(bool trainable) {
  if (state)
    state->setTrainable(trainable);
  return *this;
}
bool Layer::trainable() const { return state && state->trainable; }

std::vector<Variable> Layer::variables(const Program &program) const {
  std::vector<Variable> result;
  if (state)
    state->collect(*program.internal(), false, result);
  return result;
}
std::vector<Variable> Layer::trainableVariables(const Program &program) const {
  std::vector<Variable> result;
  if (state)
    state->collect(*program.internal(), true, result);
  return result;
}
int64_t Layer::parameterCount() const { return state ? state->parameters(false) : 0; }

void clearSession() {
  resetScratch();
  std::lock_guard<std::mutex> lock(countsMutex);
  nameCounts().clear();
}

Value Input(const Shape &shape, InputOptions options, Site at) {
  Shape sizes = {Dim("B")};
  sizes.insert(sizes.end(), shape.begin(), shape.end());
  return Entry(scratchEntry()).input(options.name, sizes, options.dtype, at);
}

} // namespace dlc
