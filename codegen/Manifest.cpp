#include "codegen/Manifest.h"
#include "codegen/Places.h"
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

/// Postfix code (dlc_expr) as people write it; sums inside other operations are in brackets.
std::string expressionText(ArrayRef<int64_t> code, ArrayAttr symbols) {
  struct Term {
    std::string text;
    bool isSum;
  };
  SmallVector<Term> stack;
  auto bracketed = [](const Term &term) { return term.isSum ? "(" + term.text + ")" : term.text; };
  for (size_t i = 0; i < code.size(); ++i) {
    if (code[i] == DLC_EXPR_CONST) {
      stack.push_back({std::to_string(code[++i]), false});
      continue;
    }
    if (code[i] == DLC_EXPR_SYM) {
      stack.push_back({cast<StringAttr>(symbols[code[++i]]).getValue().str(), false});
      continue;
    }
    Term right = stack.pop_back_val();
    if (code[i] == DLC_EXPR_NEG) {
      stack.push_back({"-" + bracketed(right), false});
      continue;
    }
    Term left = stack.pop_back_val();
    switch (code[i]) {
    case DLC_EXPR_ADD:
      stack.push_back({left.text + "+" + right.text, true});
      break;
    case DLC_EXPR_MUL:
      stack.push_back({bracketed(left) + "*" + bracketed(right), false});
      break;
    case DLC_EXPR_FLOORDIV:
      stack.push_back({"floor(" + bracketed(left) + "/" + bracketed(right) + ")", false});
      break;
    default: {
      const char *name = code[i] == DLC_EXPR_MIN ? "min" : "max";
      stack.push_back({name + ("(" + left.text + "," + right.text + ")"), false});
    }
    }
  }
  return stack.empty() ? "0" : stack.back().text;
}

/// The element type of the factors of a kernel's contraction, convolution or attention.
std::string productsOf(KernelFuncOp func) {
  std::string name;
  llvm::raw_string_ostream os(name);
  for (Operation &op : func.getBody().front()) {
    auto fusible = dyn_cast<Fusible>(op);
    FusionKind kind = fusible ? fusible.getFusionKind() : FusionKind::Pointwise;
    if (!isa<ContractOp>(op) && kind != FusionKind::Convolution && kind != FusionKind::Attention)
      continue;
    os << cast<ShapedType>(op.getOperand(0).getType()).getElementType();
    break;
  }
  return name;
}

void addKernel(KernelFuncOp func, const TableKernel &table, ArrayRef<StringRef> entries,
               proto::Kernel &kernel) {
  kernel.set_name(func.getSymName().str());
  kernel.set_kind(stringifyKernelRoot(func.getRoot()).str());
  kernel.set_flops(expressionText(table.flops, func.getSymbols()));
  kernel.set_bytes(expressionText(table.bytes, func.getSymbols()));
  kernel.set_products(productsOf(func));
  for (const Place &place : placesOf(func.getLoc())) {
    proto::Location *location = kernel.add_locations();
    location->set_name(place.name);
    location->set_file(place.file);
    location->set_line(place.line);
    location->set_column(place.column);
  }
  for (auto symbol : func.getSymbols().getAsRange<StringAttr>())
    kernel.add_symbols(symbol.getValue().str());
  for (StringRef entry : entries)
    kernel.add_entries(entry.str());
}

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

std::string buildManifest(ModuleOp module, const std::vector<TableVariant> &variants,
                          const CompileOptions &options) {
  proto::Manifest manifest;
  manifest.set_model(module.getSymName().value_or("model").str());
  manifest.set_compiler("dlc " DLC_VERSION);
  manifest.set_dialect_version(1);
  if (auto training = module->getAttrOfType<DictionaryAttr>("dlc.training"))
    addTraining(training, manifest);
  llvm::StringMap<SmallVector<StringRef>> users; // entries by kernel
  for (auto entry : module.getOps<EntryOp>())
    entry.walk([&](DispatchOp dispatch) {
      SmallVector<StringRef> &entries = users[dispatch.getKernel()];
      if (!entry.isPrivate() && !llvm::is_contained(entries, entry.getSymName()))
        entries.push_back(entry.getSymName());
    });
  for (auto [i, func] : llvm::enumerate(module.getOps<KernelFuncOp>())) {
    proto::Kernel &kernel = *manifest.add_kernels();
    addKernel(func, variants.front().kernels[i], users.lookup(func.getSymName()), kernel);
    for (const TableVariant &variant : variants)
      kernel.add_schedules(variant.schedules[i]);
  }
  for (const auto &[name, value] : options.bindings)
    manifest.add_options("--bind=" + name + "=" + std::to_string(value));
  if (options.maxMemory)
    manifest.add_options("--max-memory=" + std::to_string(options.maxMemory));
  for (const auto &[name, value] : options.maxMemorySizes)
    manifest.add_options("--max-memory-at=" + name + "=" + std::to_string(value));
  if (options.schedules)
    manifest.add_options("--schedules");
  return manifest.SerializeAsString();
}

} // namespace dlc::codegen
