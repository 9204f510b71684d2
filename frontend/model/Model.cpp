// Models as graphs of layer calls, and as layers.
#include "ModelState.h"
#include <set>

namespace dlc {

using namespace detail;

namespace detail {

ModelState::ModelState(std::string kind, std::string name, Site site)
    : LayerState(std::move(kind), std::move(name), site) {}

EntryState &ModelState::home() const {
  for (const Values *list : {&inputs, &outputs})
    for (const Value &value : *list)
      if (EntryState *entry = EntryState::of(value); entry && entry->program.isScratch)
        return *entry;
  return *scratchEntry();
}

void ModelState::takeErrors() {
  std::vector<Error> &pending = home().program.errors;
  errors.insert(errors.end(), pending.begin(), pending.end());
  pending.clear();
}

// Collects the calls that `value` depends on; false after reporting one that is not a layer's.
bool ModelState::visit(const Value &value, std::set<int32_t> &seen) {
  EntryState &entry = home();
  if (!value.ok())
    return false;
  for (const Value &input : inputs)
    if (input.sameAs(value))
      return true;
  const Producer &producer = entry.producer(value);
  if (producer.node < 0) {
    if (producer.kind == "input")
      entry.fail("model '" + name + "'", site,
                 "outputs depend on the input of " + placeOf(producer.site) +
                     ", which is not among the model's inputs",
                 "add it to the first list");
    else
      entry.fail("model '" + name + "'", site,
                 "outputs depend on an op that is not part of a layer",
                 "put ops on values of Input() into a Lambda layer", value);
    return false;
  }
  if (!seen.insert(producer.node).second)
    return true;
  if (producer.node >= static_cast<int32_t>(entry.nodes.size())) {
    entry.fail("model '" + name + "'", site, "a value is from before clearSession()",
               "call Input() and the layers again", value);
    return false;
  }
  auto node = std::static_pointer_cast<Node>(entry.nodes[producer.node]);
  bool usable = true;
  for (const Value &input : node->inputs)
    usable &= visit(input, seen);
  for (const Value &mask : {node->call.mask, node->call.attentionMask})
    usable &= !mask.ok() || visit(mask, seen);
  return usable;
}

void ModelState::connect() {
  EntryState &entry = home();
  std::string what = "model '" + name + "'";
  bool usable = !inputs.empty() && !outputs.empty();
  if (!usable)
    entry.fail(what, site, inputs.empty() ? "there are no inputs" : "there are no outputs");
  for (const Values *list : {&inputs, &outputs})
    for (const Value &value : *list)
      if (usable && value.ok() && EntryState::of(value) != &entry) {
        entry.fail(what, site, "inputs and outputs must come from Input() and layers on it",
                   "call layers directly inside entries of a program");
        usable = false;
      }
  for (const Value &input : inputs)
    if (usable && (!input.ok() || entry.producer(input).kind != "input")) {
      if (input.ok())
        entry.fail(what, site, "an input of the model was computed by a layer",
                   "models begin at values of Input()", input);
      usable = false;
    }
  std::set<int32_t> seen;
  for (const Value &output : outputs)
    usable &= usable && visit(output, seen);
  if (usable)
    for (int32_t node : seen) // calls are numbered in the order in which they were made
      calls.push_back(std::static_pointer_cast<Node>(entry.nodes[node]));
  takeErrors();
}

Values ModelState::call(CallContext &context, const Values &given) {
  if (inputs.empty()) {
    Values current = given;
    for (const auto &layer : sequence)
      current = (*layer)(current, {}, layer->site);
    return current;
  }
  if (calls.empty() && !errors.empty())
    return {context.entry.poison()};
  std::map<int32_t, Value> values;
  for (size_t i = 0; i < inputs.size(); ++i)
    values[EntryState::indexOf(inputs[i])] = given[i];
  for (const auto &node : calls) {
    Values arguments;
    for (const Value &input : node->inputs)
      arguments.push_back(values[EntryState::indexOf(input)]);
    Call call = node->call;
    for (Value *mask : {&call.mask, &call.attentionMask})
      if (mask->ok())
        *mask = values[EntryState::indexOf(*mask)];
    Values results = (*node->layer)(arguments, call, node->site);
    for (size_t i = 0; i < node->outputs.size() && i < results.size(); ++i)
      values[EntryState::indexOf(node->outputs[i])] = results[i];
  }
  Values results;
  for (const Value &output : outputs)
    results.push_back(values[EntryState::indexOf(output)]);
  return results;
}

std::vector<std::shared_ptr<LayerState>> ModelState::parts() const {
  std::vector<std::shared_ptr<LayerState>> result = sequence;
  for (const auto &node : calls)
    if (!llvm::is_contained(result, node->layer))
      result.push_back(node->layer);
  return result;
}

void ModelState::setTrainable(bool value) {
  trainable = value;
  for (const auto &part : parts())
    part->setTrainable(value);
}

bool ModelState::isChain() const {
  if (inputs.size() != 1 || outputs.size() != 1)
    return inputs.empty();
  Value current = inputs.front();
  for (const auto &node : calls) {
    if (node->inputs.size() != 1 || !node->inputs.front().sameAs(current))
      return false;
    current = node->outputs.front();
  }
  return true;
}

} // namespace detail

Model::Model(std::shared_ptr<ModelState> state) : Layer(std::move(state)) {}

Model::Model(const Values &inputs, const Values &outputs, ModelOptions options, Site at)
    : Layer(std::make_shared<ModelState>("Functional", std::move(options.name), at)) {
  model().inputs = inputs;
  model().outputs = outputs;
  model().connect();
}

ModelState &Model::model() const { return static_cast<ModelState &>(*state); }

const std::vector<Error> &Model::errors() const { return model().errors; }

std::vector<Layer> Model::layers() const {
  std::vector<Layer> result;
  for (const auto &part : model().parts())
    result.emplace_back(part);
  return result;
}

Layer Model::layer(const std::string &name) const {
  for (const Layer &layer : layers())
    if (layer.name() == name)
      return layer;
  return Layer();
}

Sequential::Sequential(ModelOptions options, Site at)
    : Model(std::make_shared<ModelState>("Sequential", std::move(options.name), at)) {}

Sequential::Sequential(std::initializer_list<Layer> layers, ModelOptions options, Site at)
    : Sequential(std::move(options), at) {
  for (const Layer &layer : layers)
    add(layer);
}

bool Sequential::add(const Layer &layer) {
  ModelState &self = model();
  if (Value input = inputOf(*layer.internal()); input.ok()) {
    if (!self.inputs.empty() || !self.sequence.empty()) {
      self.home().fail("model '" + self.name + "'", layer.internal()->site,
                           "an Input may only be the first layer of a Sequential model");
      self.takeErrors();
      return false;
    }
    self.inputs = self.outputs = {input};
    return true;
  }
  if (self.inputs.empty()) {
    self.sequence.push_back(layer.internal());
    return true;
  }
  if (!self.outputs.front().ok())
    return false;
  const auto &state = layer.internal();
  self.outputs = (*state)(self.outputs, {}, state->site);
  EntryState &entry = self.home();
  if (self.outputs.front().ok()) {
    int32_t node = entry.producer(self.outputs.front()).node;
    self.calls.push_back(std::static_pointer_cast<Node>(entry.nodes[node]));
  }
  self.takeErrors();
  return self.outputs.front().ok();
}

} // namespace dlc
