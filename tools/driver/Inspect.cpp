// dlc inspect: what an artifact holds, without running it.
//
// One description is collected as JSON; --json prints it, and the text is made from it, so that the
// two never disagree.
#include "runtime/abi/program.h"
#include "tools/dlc-run/Options.h"
#include "tools/driver/ArtifactFile.h"
#include "tools/driver/Driver.h"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace dlc::driver {
namespace {

using Json = nlohmann::ordered_json;

struct InspectArguments {
  std::string artifact, variant;
  tools::Sizes bindings;
  uint32_t threads = 1;
  bool json = false;
};

const char *roleName(uint32_t role) {
  const char *names[] = {"weight", "slot", "statistic", "hyperparameter", "rng", "cache"};
  return role < std::size(names) ? names[role] : "unknown";
}

class Inspector {
public:
  explicit Inspector(const InspectArguments &arguments)
      : arguments(arguments), values(arguments.bindings.begin(), arguments.bindings.end()) {}

  int run() {
    if (!file.open(arguments.artifact, arguments.variant) || !file.sizesOf(values, sizes))
      return 1;
    describeProgram();
    if (!describeEntries() || !describeState())
      return 1;
    describeKernels();
    if (arguments.json)
      std::printf("%s\n", document.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    else
      printText();
    return 0;
  }

private:
  const runtime::Artifact &artifact() const { return file.artifact; }

  /// Prints why and returns false when a call failed.
  bool check(const runtime::Status &status) {
    if (!status.ok())
      fail(file.path + ": " + status.message());
    return status.ok();
  }

  /// Whether the sizes that the user gave settle every symbol.
  bool isBound() const {
    for (uint32_t i = 0; i < artifact().symbolCount(); ++i)
      if (!values.count(artifact().symbol(i).name))
        return false;
    return true;
  }

  static std::string hex(uint64_t number) {
    char digits[20];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
    return digits;
  }

  //===- Collecting -------------------------------------------------------------------------===//

  void describeProgram() {
    document["artifact"] = file.path;
    document["model"] = artifact().name();
    document["compiler"] = file.manifest.compiler();
    document["dialect_version"] = file.manifest.dialect_version();
    document["abi_version"] = DLC_ABI_VERSION;
    document["identity"] = hex(artifact().identity());
    document["options"] = Json::array();
    for (const std::string &option : file.manifest.options())
      document["options"].push_back(option);
    document["variants"] = Json::array();
    for (const auto &[name, features] : file.variants())
      document["variants"].push_back(
          {{"name", name}, {"chosen", name == artifact().variant()}, {"features", features}});
    document["symbols"] = Json::array();
    for (uint32_t i = 0; i < artifact().symbolCount(); ++i) {
      dlc_symbol_info symbol = artifact().symbol(i);
      Json row{{"name", symbol.name}, {"min", symbol.min}, {"divisor", symbol.divisor}};
      if (symbol.max != INT64_MAX)
        row["max"] = symbol.max;
      if (auto found = values.find(symbol.name); found != values.end())
        row["value"] = found->second;
      document["symbols"].push_back(row);
    }
  }

  bool describeEntries() {
    document["entries"] = Json::array();
    for (uint32_t entry = 0; entry < artifact().entryCount(); ++entry) {
      Json row{{"name", artifact().entryName(entry)},
               {"layout", hex(artifact().entryLayout(entry))},
               {"inputs", Json::array()},
               {"outputs", Json::array()},
               {"reads_state", artifact().entryReads(entry)},
               {"writes_state", artifact().entryWrites(entry)}};
      char text[256];
      for (uint32_t i = 0; i < artifact().inputCount(entry); ++i) {
        dlc_artifact_describe_input(artifact().handle(), entry, i, text, sizeof text);
        row["inputs"].push_back({{"name", artifact().input(entry, i).name}, {"type", text}});
      }
      for (uint32_t i = 0; i < artifact().outputCount(entry); ++i) {
        dlc_artifact_describe_output(artifact().handle(), entry, i, text, sizeof text);
        row["outputs"].push_back({{"name", artifact().output(entry, i).name}, {"type", text}});
      }
      int64_t bytes;
      if (isBound()) {
        if (!check(
                artifact().arenaBytes(entry, sizes.data(), sizes.size(), arguments.threads, bytes)))
          return false;
        row["arena_bytes"] = bytes;
        row["arena_bound_bytes"] = file.arenaBound(entry, sizes, arguments.threads);
      }
      document["entries"].push_back(row);
    }
    document["threads"] = arguments.threads;
    return true;
  }

  bool describeState() {
    document["variables"] = Json::array();
    char text[256];
    for (uint32_t i = 0; i < artifact().variableCount(); ++i) {
      dlc_tensor_info info = artifact().variable(i);
      dlc_artifact_describe_variable(artifact().handle(), i, text, sizeof text);
      document["variables"].push_back(
          {{"name", info.name}, {"role", roleName(info.role)}, {"type", text}});
    }
    if (!isBound())
      return true;
    runtime::State state;
    if (!check(runtime::State::create(artifact(), sizes.data(), sizes.size(), state)))
      return false;
    document["state_bytes"] = state.bytes();
    return true;
  }

  int chosenVariant() const {
    auto variants = file.variants();
    auto chosen = std::find_if(variants.begin(), variants.end(), [&](const auto &variant) {
      return variant.first == artifact().variant();
    });
    return int(chosen - variants.begin());
  }

  void describeKernels() {
    document["kernels"] = Json::array();
    for (uint32_t i = 0; i < artifact().kernelCount(); ++i) {
      const proto::Kernel &described = file.describe(i);
      Json row{{"name", artifact().kernelName(i)}, {"kind", described.kind()}};
      row["entries"] = Json::array();
      for (const std::string &entry : described.entries())
        row["entries"].push_back(entry);
      row["flops_expression"] = described.flops();
      row["bytes_expression"] = described.bytes();
      KernelCost cost = file.costOf(i, values);
      if (cost.flops >= 0)
        row["flops"] = cost.flops;
      if (cost.bytes >= 0)
        row["bytes"] = cost.bytes;
      if (cost.scratch >= 0)
        row["scratch_bytes"] = cost.scratch;
      if (int variant = chosenVariant(); variant < described.schedules_size())
        row["schedules"] = described.schedules(variant);
      row["source"] = Json::array();
      for (const proto::Location &location : described.locations())
        row["source"].push_back({{"name", location.name()},
                                 {"file", location.file()},
                                 {"line", location.line()},
                                 {"column", location.column()}});
      document["kernels"].push_back(row);
    }
  }

  //===- Text -------------------------------------------------------------------------------===//

  static std::string text(const Json &value) { return value.get<std::string>(); }

  void printText() const {
    std::printf("%s: model \"%s\", made by %s\n", file.path.c_str(),
                text(document["model"]).c_str(), text(document["compiler"]).c_str());
    std::printf("identity %s, dialect %u, abi %u\n", text(document["identity"]).c_str(),
                document["dialect_version"].get<unsigned>(),
                document["abi_version"].get<unsigned>());
    for (const Json &option : document["options"])
      std::printf("compiled with %s\n", text(option).c_str());
    for (const Json &variant : document["variants"]) {
      std::printf("variant %s%s:", text(variant["name"]).c_str(),
                  variant["chosen"].get<bool>() ? " (chosen)" : "");
      for (const Json &feature : variant["features"])
        std::printf(" %s", text(feature).c_str());
      std::printf("\n");
    }
    printSymbols();
    for (const Json &entry : document["entries"])
      printEntry(entry);
    printState();
    printKernels();
  }

  void printSymbols() const {
    for (const Json &symbol : document["symbols"]) {
      std::printf("symbol %s: at least %lld", text(symbol["name"]).c_str(),
                  symbol["min"].get<long long>());
      if (symbol.contains("max"))
        std::printf(", at most %lld", symbol["max"].get<long long>());
      if (symbol["divisor"].get<int64_t>() != 1)
        std::printf(", a multiple of %lld", symbol["divisor"].get<long long>());
      if (symbol.contains("value"))
        std::printf(", here %lld", symbol["value"].get<long long>());
      std::printf("\n");
    }
  }

  void printEntry(const Json &entry) const {
    std::printf("\nentry %s%s, layout %s\n", text(entry["name"]).c_str(),
                entry["writes_state"].get<bool>()  ? " (changes variables)"
                : entry["reads_state"].get<bool>() ? " (reads variables)"
                                                   : "",
                text(entry["layout"]).c_str());
    for (const Json &input : entry["inputs"])
      std::printf("  in  %s: %s\n", text(input["name"]).c_str(), text(input["type"]).c_str());
    for (const Json &output : entry["outputs"])
      std::printf("  out %s: %s\n", text(output["name"]).c_str(), text(output["type"]).c_str());
    if (entry.contains("arena_bytes"))
      std::printf("  temporaries: %lld bytes with %u thread%s, of which %lld live at once\n",
                  entry["arena_bytes"].get<long long>(), arguments.threads,
                  arguments.threads == 1 ? "" : "s", entry["arena_bound_bytes"].get<long long>());
    else
      std::printf("  temporaries: depend on the symbols, see --bind\n");
  }

  void printState() const {
    if (document.contains("state_bytes"))
      std::printf("\nvariables: %lld bytes\n", document["state_bytes"].get<long long>());
    else
      std::printf("\nvariables\n");
    for (const Json &variable : document["variables"])
      std::printf("  %-14s %s: %s\n", text(variable["role"]).c_str(),
                  text(variable["name"]).c_str(), text(variable["type"]).c_str());
  }

  /// A cost as a number when it is known, else as the expression.
  static std::string cost(const Json &kernel, const char *key) {
    if (kernel.contains(key))
      return std::to_string(kernel[key].get<int64_t>());
    return text(kernel[std::string(key) + "_expression"]);
  }

  void printKernels() const {
    std::printf("\nkernels: %zu\n", document["kernels"].size());
    for (size_t i = 0; i < document["kernels"].size(); ++i) {
      const Json &kernel = document["kernels"][i];
      std::printf("  %s %s: %s flops, %s bytes; in", text(kernel["name"]).c_str(),
                  text(kernel["kind"]).c_str(), cost(kernel, "flops").c_str(),
                  cost(kernel, "bytes").c_str());
      for (const Json &entry : kernel["entries"])
        std::printf(" %s", text(entry).c_str());
      std::printf("\n");
      if (std::string source = sourceOf(file.describe(uint32_t(i))); !source.empty())
        std::printf("      from %s\n", source.c_str());
      if (kernel.contains("schedules"))
        std::printf("      by %s\n", text(kernel["schedules"]).c_str());
    }
  }

  const InspectArguments &arguments;
  SymbolValues values;
  std::vector<dlc_size> sizes;
  ArtifactFile file;
  Json document;
};

} // namespace

void addInspect(CLI::App &app, int &status) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App *verb = app.add_subcommand(
      "inspect", "Print an artifact's entries, variables, memory, kernels and ISA variants");
  verb->add_option("artifact", arguments->artifact, "the compiled model, a .dlca file")->required();
  tools::addBindOption(*verb, arguments->bindings);
  verb->add_option("--threads", arguments->threads, "threads that the memory is stated for")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  verb->add_option("--variant", arguments->variant,
                   "the ISA variant to describe instead of the best one");
  verb->add_flag("--json", arguments->json, "print one JSON document");
  verb->callback([arguments, &status] { status = Inspector(*arguments).run(); });
}

} // namespace dlc::driver
