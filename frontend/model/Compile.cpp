// Model::compile: the entries train_step, evaluate and predict, and the training signature.
#include "ModelState.h"
#include <set>

namespace dlc {

using namespace detail;

namespace detail {

// The name of the layer that gives an output; several outputs of one layer are numbered.
static std::string outputName(EntryState &entry, const Value &output, std::set<std::string> &used) {
  std::string base = output.ok() ? entry.producer(output).name : "output", name = base;
  for (int i = 1; !used.insert(name).second; ++i)
    name = base + "_" + std::to_string(i);
  return name;
}

Names namesOf(const ModelState &model) {
  Names names;
  EntryState &entry = model.home();
  std::set<std::string> used;
  for (const Value &input : model.inputs) {
    std::string given = input.ok() ? entry.producer(input).name : "";
    if (given.empty())
      given = model.inputs.size() == 1 ? "x" : "x" + std::to_string(names.inputs.size());
    names.inputs.push_back(given);
  }
  for (const Value &output : model.outputs)
    names.outputs.push_back(model.outputs.size() == 1 ? "y" : outputName(entry, output, used));
  names.targets = names.outputs;
  return names;
}

} // namespace detail

namespace {

/// One compilation.
class Compilation {
public:
  Compilation(ModelState &model, CompileOptions options, Site site)
      : model(model), options(std::move(options)), site(site), program(model.name),
        names(namesOf(model)) {}

  Program run();

private:
  bool checkModel();
  bool checkOptions();
  void buildStep(const char *name, bool training);
  void buildPredict();
  Values readInputs(Entry &entry);
  Values callModel(Entry &entry, const Values &inputs);
  Values readTargets(Entry &entry, const Values &outputs);
  Value reduceLoss(Entry &entry, const Values &targets, const Values &outputs);
  void outputMean(Entry &entry, const std::string &name, const Value &total, const Value &weight);
  std::pair<Value, Value> totalAndWeight(Entry &entry, const Value &perSample, const Value &output);
  void addSignature();
  mlir::ArrayAttr strings(const std::vector<std::string> &list);
  mlir::ArrayAttr layerTable();

  const Loss &lossOf(size_t output) const {
    const auto &all = options.loss.all();
    return all[all.size() == 1 ? 0 : output];
  }
  double weightOf(size_t output) const {
    return options.lossWeights.empty() ? 1 : options.lossWeights[output];
  }
  std::string prefixOf(size_t output) const {
    return names.outputs.size() == 1 ? "" : names.outputs[output] + "_";
  }
  void fail(std::string message, std::string hint = "") {
    program.internal()->fail("model '" + model.name + "'", site, std::move(message),
                             std::move(hint));
  }

  ModelState &model;
  CompileOptions options;
  Site site;
  Program program;
  Names names;
  std::vector<std::string> metrics; ///< names, in the order of the outputs of train_step
};

bool Compilation::checkModel() {
  for (const Error &error : model.errors)
    program.internal()->report(error);
  if (!model.errors.empty())
    return false;
  if (!model.inputs.empty() && !model.calls.empty())
    return true;
  fail(model.inputs.empty() ? "the model has no input" : "the model has no layers",
       "begin with Input: Sequential({Input({784}), Dense({.units = 10})})");
  return false;
}

bool Compilation::checkOptions() {
  size_t outputs = model.outputs.size();
  if (!options.optimizer.ok())
    fail("unknown optimizer '" + options.optimizer.name() + "'", "known are sgd, rmsprop, adam");
  size_t losses = options.loss.all().size();
  if (losses != 1 && losses != outputs)
    fail("got " + std::to_string(losses) + " losses for " + std::to_string(outputs) + " outputs",
         "give one for all or one for each");
  if (!options.lossWeights.empty() && options.lossWeights.size() != outputs)
    fail("got " + std::to_string(options.lossWeights.size()) + " loss weights for " +
         std::to_string(outputs) + " outputs");
  for (const Loss &loss : options.loss.all())
    if (!loss.ok())
      fail("unknown loss '" + loss.name() + "'",
           "known are binary_crossentropy, categorical_crossentropy, "
           "sparse_categorical_crossentropy, mse, mae");
  for (const Metric &metric : options.metrics)
    if (!metric.ok())
      fail("unknown metric '" + metric.name() + "'",
           "known are accuracy, binary_accuracy, categorical_accuracy, "
           "sparse_categorical_accuracy and the names of losses");
  return program.ok();
}

Values Compilation::readInputs(Entry &entry) {
  Values values;
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    Site at = EntryState::of(model.inputs[i])->producer(model.inputs[i]).site;
    values.push_back(
        entry.input(names.inputs[i], model.inputs[i].shape(), model.inputs[i].dtype(), at));
  }
  return values;
}

// Losses, metrics and callers see F32, whatever layers give to each other.
Values Compilation::callModel(Entry &entry, const Values &inputs) {
  Values outputs = model(inputs, {}, model.site);
  for (Value &output : outputs)
    if (output.ok() && output.dtype() == DType::BF16)
      output = castFloats(*entry.internal(), output, DType::F32, site);
  return outputs;
}

// Targets of one class index per row lack the output's last dimension.
Values Compilation::readTargets(Entry &entry, const Values &outputs) {
  Values targets;
  for (size_t i = 0; i < outputs.size(); ++i) {
    Shape shape = outputs[i].shape();
    bool index = lossOf(i).targetKind() == TargetKind::ClassIndex;
    if (index && !shape.empty())
      shape.pop_back();
    std::string name = names.targets[i];
    if (llvm::is_contained(names.inputs, name))
      name = names.targets[i] = name + "_target";
    targets.push_back(entry.input(name, shape, index ? DType::I32 : outputs[i].dtype(), site));
  }
  return targets;
}

// Sums over samples; with a mask, over those that are real.
std::pair<Value, Value> Compilation::totalAndWeight(Entry &entry, const Value &perSample,
                                                    const Value &output) {
  Value mask = output.ok() ? entry.internal()->maskOf(output) : Value();
  if (mask.ok() && str(mask.shape()) == str(perSample.shape())) {
    Value real = cast(mask, perSample.dtype());
    return {sum(perSample * real), sum(real)};
  }
  return {sum(perSample), entry.size(perSample.shape(), DType::F32, site)};
}

void Compilation::outputMean(Entry &entry, const std::string &name, const Value &total,
                             const Value &weight) {
  entry.output(name + ".total", total, site);
  entry.output(name + ".weight", weight, site);
  if (!llvm::is_contained(metrics, name))
    metrics.push_back(name);
}

// The scalar to minimise. One loss leaves as its sums; several leave one by one, and their weighted
// sum of means counts once for every sample.
Value Compilation::reduceLoss(Entry &entry, const Values &targets, const Values &outputs) {
  std::vector<std::pair<Value, Value>> sums;
  Value loss;
  for (size_t i = 0; i < outputs.size(); ++i) {
    sums.push_back(
        totalAndWeight(entry, lossOf(i).perSample(targets[i], outputs[i]), outputs[i]));
    Value mean = sums[i].first / sums[i].second;
    if (weightOf(i) != 1)
      mean = mean * weightOf(i);
    loss = i ? loss + mean : mean;
  }
  if (outputs.size() == 1 && weightOf(0) == 1) {
    outputMean(entry, "loss", sums[0].first, sums[0].second);
    return loss;
  }
  Value batch = entry.size({model.inputs[0].shape()[0]}, DType::F32, site);
  outputMean(entry, "loss", loss * batch, batch);
  for (size_t i = 0; outputs.size() > 1 && i < outputs.size(); ++i)
    outputMean(entry, prefixOf(i) + "loss", sums[i].first, sums[i].second);
  return loss;
}

void Compilation::buildStep(const char *name, bool training) {
  Entry entry = program.entry(name, site);
  FrameGuard frame(*entry.internal(), {"model", model.name, "", site});
  Values inputs = readInputs(entry), outputs;
  {
    CallScope scope(training);
    outputs = callModel(entry, inputs);
  }
  for (const Value &output : outputs)
    if (!output.ok())
      return;
  Values targets = readTargets(entry, outputs);
  Value loss = reduceLoss(entry, targets, outputs);
  for (size_t i = 0; i < outputs.size(); ++i)
    for (const Metric &metric : options.metrics) {
      auto [total, weight] =
          totalAndWeight(entry, metric.perSample(targets[i], outputs[i]), outputs[i]);
      outputMean(entry, prefixOf(i) + metric.name(), total, weight);
    }
  if (!training || !program.ok())
    return;
  std::vector<Variable> trained;
  model.collect(*program.internal(), /*trainedOnly=*/true, trained);
  if (trained.empty())
    return fail("there is nothing to train: no layer has trainable weights",
                "setTrainable(true) on what is to be trained");
  options.optimizer.minimize(loss, trained, site);
}

void Compilation::buildPredict() {
  Entry entry = program.entry("predict", site);
  FrameGuard frame(*entry.internal(), {"model", model.name, "", site});
  Values outputs = callModel(entry, readInputs(entry));
  for (size_t i = 0; i < outputs.size(); ++i)
    entry.output(names.outputs[i], outputs[i], site);
}

mlir::ArrayAttr Compilation::strings(const std::vector<std::string> &list) {
  llvm::SmallVector<llvm::StringRef> refs(list.begin(), list.end());
  return mlir::Builder(&program.internal()->context).getStrArrayAttr(refs);
}

mlir::ArrayAttr Compilation::layerTable() {
  mlir::Builder builder(&program.internal()->context);
  EntryState &entry = model.home();
  llvm::SmallVector<mlir::Attribute> rows;
  std::set<const LayerState *> counted;
  for (const auto &node : model.calls) {
    bool first = counted.insert(node->layer.get()).second;
    std::vector<std::string> connected;
    for (const Value &input : node->inputs)
      connected.push_back(entry.producer(input).node < 0 ? "input" : entry.producer(input).name);
    int64_t all = first ? node->layer->parameters(false) : 0;
    int64_t trained = first ? node->layer->parameters(true) : 0;
    rows.push_back(builder.getDictionaryAttr(
        {builder.getNamedAttr("name", builder.getStringAttr(node->layer->name)),
         builder.getNamedAttr("type", builder.getStringAttr(node->layer->kind)),
         builder.getNamedAttr("output", builder.getStringAttr(str(node->outputs[0].shape()))),
         builder.getNamedAttr("parameters", builder.getI64IntegerAttr(all)),
         builder.getNamedAttr("trainable", builder.getI64IntegerAttr(trained)),
         builder.getNamedAttr("inputs", strings(connected))}));
  }
  return builder.getArrayAttr(rows);
}

// What trainers read: entries, names of inputs and metrics, where the learning rate is.
void Compilation::addSignature() {
  mlir::Builder builder(&program.internal()->context);
  std::vector<std::string> losses;
  for (size_t i = 0; i < model.outputs.size(); ++i)
    losses.push_back(lossOf(i).name());
  auto text = [&](const char *key, const std::string &value) {
    return builder.getNamedAttr(key, builder.getStringAttr(value));
  };
  auto list = [&](const char *key, const std::vector<std::string> &values) {
    return builder.getNamedAttr(key, strings(values));
  };
  program.internal()->module->getOperation()->setAttr(
      "dlc.training",
      builder.getDictionaryAttr(
          {text("model", model.name), text("initialize", "initialize"),
           text("train_step", "train_step"), text("evaluate", "evaluate"),
           text("predict", "predict"), text("optimizer", options.optimizer.name()),
           text("learning_rate", options.optimizer.learningRateName()),
           list("inputs", names.inputs), list("targets", names.targets),
           list("outputs", names.outputs), list("metrics", metrics), list("loss", losses),
           builder.getNamedAttr("layers", layerTable())}));
}

Program Compilation::run() {
  if (!checkModel() || !checkOptions())
    return program;
  buildStep("train_step", /*training=*/true);
  if (!program.ok())
    return program;
  buildStep("evaluate", /*training=*/false);
  buildPredict();
  if (program.ok())
    addSignature();
  return program;
}

} // namespace

Program Model::compile(CompileOptions options, Site at) {
  Program program = Compilation(model(), std::move(options), at).run();
  model().program = program;
  model().learner = nullptr;
  return program;
}

} // namespace dlc
