#include "codegen/Manifest.h"
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "runtime/train/manifest.pb.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen {
namespace {

std::string textOf(DictionaryAttr dictionary, StringRef key) {
  auto text = dictionary ? dictionary.getAs<StringAttr>(key) : StringAttr();
  return text ? text.getValue().str() : "";
}

int64_t numberOf(DictionaryAttr dictionary, StringRef key) {
  auto number = dictionary.getAs<IntegerAttr>(key);
  return number ? number.getInt() : 0;
}

void addStrings(DictionaryAttr dictionary, StringRef key,
                google::protobuf::RepeatedPtrField<std::string> *list) {
  if (auto array = dictionary.getAs<ArrayAttr>(key))
    for (auto text : array.getAsRange<StringAttr>())
      *list->Add() = text.getValue().str();
}

/// The layers and lines behind a location, each once.
class LocationList {
public:
  explicit LocationList(proto::Kernel &kernel) : kernel(kernel) {}

  void add(Location location, StringRef name = "") {
    if (auto named = dyn_cast<NameLoc>(location)) {
      add(named.getChildLoc(), named.getName().getValue());
    } else if (auto fused = dyn_cast<FusedLoc>(location)) {
      for (Location part : fused.getLocations())
        add(part, name);
    } else if (auto call = dyn_cast<CallSiteLoc>(location)) {
      add(call.getCallee(), name);
    } else if (auto file = dyn_cast<FileLineColLoc>(location)) {
      append(name, file.getFilename().getValue(), file.getLine(), file.getColumn());
    } else if (!name.empty()) {
      append(name, "", 0, 0);
    }
  }

private:
  void append(StringRef name, StringRef file, unsigned line, unsigned column) {
    for (const proto::Location &known : kernel.locations())
      if (known.name() == name && known.file() == file && known.line() == line)
        return;
    proto::Location *location = kernel.add_locations();
    location->set_name(name.str());
    location->set_file(file.str());
    location->set_line(line);
    location->set_column(column);
  }
  proto::Kernel &kernel;
};

void addTraining(DictionaryAttr training, proto::Manifest &manifest) {
  manifest.set_model(textOf(training, "model"));
  proto::TrainingSignature *signature = manifest.mutable_training();
  signature->set_initialize(textOf(training, "initialize"));
  signature->set_train(textOf(training, "train_step"));
  signature->set_evaluate(textOf(training, "evaluate"));
  signature->set_predict(textOf(training, "predict"));
  signature->set_finalize_metrics(textOf(training, "finalize_metrics"));
  signature->set_learning_rate(textOf(training, "learning_rate"));
  signature->set_iteration(textOf(training, "iteration"));
  addStrings(training, "inputs", signature->mutable_inputs());
  addStrings(training, "targets", signature->mutable_targets());
  google::protobuf::RepeatedPtrField<std::string> metrics;
  addStrings(training, "metrics", &metrics);
  for (const std::string &name : metrics) {
    proto::Metric *metric = signature->add_metrics();
    metric->set_name(name);
    metric->set_total(name + ".total");
    metric->set_weight(name + ".weight");
    StringRef ref(name);
    if (ref.ends_with("loss"))
      metric->set_direction(proto::Metric::MIN);
    else if (ref.ends_with("accuracy"))
      metric->set_direction(proto::Metric::MAX);
  }
  auto layers = training.getAs<ArrayAttr>("layers");
  for (Attribute row : layers ? layers.getValue() : ArrayRef<Attribute>()) {
    auto dictionary = cast<DictionaryAttr>(row);
    proto::Layer *layer = manifest.add_layers();
    layer->set_name(textOf(dictionary, "name"));
    layer->set_type(textOf(dictionary, "type"));
    layer->set_output_shape(textOf(dictionary, "output"));
    layer->set_parameters(numberOf(dictionary, "parameters"));
    layer->set_trainable_parameters(numberOf(dictionary, "trainable"));
    addStrings(dictionary, "inputs", layer->mutable_connected_to());
  }
}

} // namespace

std::string buildManifest(ModuleOp module, const CompileOptions &options) {
  proto::Manifest manifest;
  manifest.set_model(module.getSymName().value_or("model").str());
  manifest.set_compiler("dlc " DLC_VERSION);
  manifest.set_dialect_version(1);
  if (auto training = module->getAttrOfType<DictionaryAttr>("dlc.training"))
    addTraining(training, manifest);
  for (auto func : module.getOps<KernelFuncOp>()) {
    proto::Kernel *kernel = manifest.add_kernels();
    kernel->set_name(func.getSymName().str());
    kernel->set_kind(stringifyKernelRoot(func.getRoot()).str());
    LocationList locations(*kernel);
    locations.add(func.getLoc());
  }
  for (const auto &[name, value] : options.bindings)
    manifest.add_options("--bind=" + name + "=" + std::to_string(value));
  return manifest.SerializeAsString();
}

} // namespace dlc::codegen
