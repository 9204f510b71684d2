// dlc compile: a model to an artifact.
#include "codegen/include/dlc/codegen.h"
#include "tools/driver/Driver.h"
#include "tools/driver/ModelFile.h"
#include <CLI/CLI.hpp>
#include <cctype>
#include <filesystem>
#include <iostream>

namespace dlc::driver {
namespace {

struct CompileArguments {
  std::string input, output;
  std::string emit = "dlca";
  std::vector<std::string> cpus = {"native"};
  std::string target;
  std::vector<std::string> bindings;
  std::vector<std::string> cxxFlags;
  std::string dtypePolicy;
  std::string maxMemory, schedules;
  std::vector<std::string> maxMemorySizes;
  bool noCache = false, timing = false, freestanding = false;
  unsigned jobs = 0;
  std::string dumpAfter;
};

/// "2GB", "512MiB", "4096": bytes.
bool parseBytes(const std::string &text, int64_t &bytes) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end), scale = 0;
  const std::pair<const char *, double> units[] = {
      {"", 1},     {"B", 1},       {"KB", 1e3},     {"MB", 1e6},     {"GB", 1e9},
      {"TB", 1e12}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};
  for (const auto &[unit, factor] : units)
    if (end != text.c_str() && std::string(end) == unit)
      scale = factor;
  if (scale == 0 || !(value * scale >= 1) || !(value * scale < 0x1p62)) {
    fail("--max-memory " + text + ": expected a size such as 512MB, 2GB or 1.5GiB");
    return false;
  }
  bytes = int64_t(value * scale);
  return true;
}

/// The stem of a file's name as a part of a C identifier.
std::string identifierOf(const std::string &path) {
  std::string name = std::filesystem::path(path).stem();
  for (char &c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)))
      c = '_';
  return name;
}

int compile(const CompileArguments &arguments) {
  codegen::CompileOptions options;
  options.cpus = arguments.cpus;
  options.target = arguments.target;
  options.jobs = arguments.jobs;
  options.timing = arguments.timing;
  options.dumpAfter = arguments.dumpAfter;
  if (!arguments.noCache)
    options.cacheFolder = codegen::defaultCacheFolder();
  options.emit = arguments.emit == "obj"      ? codegen::Emit::Object
                 : arguments.emit == "mlirbc" ? codegen::Emit::Bytecode
                 : arguments.emit == "asm"    ? codegen::Emit::Assembly
                                              : codegen::Emit::Artifact;
  if (!parseSizes("--bind", arguments.bindings, options.bindings) ||
      !parseSizes("--max-memory-at", arguments.maxMemorySizes, options.maxMemorySizes) ||
      (!arguments.maxMemory.empty() && !parseBytes(arguments.maxMemory, options.maxMemory)))
    return 2;
  if (options.maxMemory && options.emit == codegen::Emit::Bytecode) {
    fail("--max-memory holds for compiled kernels, which --emit=mlirbc does not make");
    return 2;
  }
  if (!arguments.schedules.empty()) {
    options.schedulesName = arguments.schedules;
    if (!readFile(arguments.schedules, options.schedules.emplace()))
      return 1;
  }
  options.name = arguments.input;
  if (arguments.freestanding && options.emit != codegen::Emit::Object) {
    fail("--freestanding is a kind of object: say --emit=obj, too");
    return 2;
  }
  options.freestanding = arguments.freestanding;
  options.prefix = identifierOf(arguments.output);
  if (options.emit == codegen::Emit::Object)
    options.query = "dlc_query_" + options.prefix;
  std::string module;
  if (!loadModel(arguments.input, arguments.cxxFlags, module, arguments.dtypePolicy))
    return 1;
  codegen::CompileResult result = codegen::compileModule(module, options);
  std::cerr << result.timing;
  if (!result.ok()) {
    std::cerr << result.error << "\n";
    return fail(arguments.input + " was not compiled");
  }
  bool written = writeFile(arguments.output, result.output);
  if (written && !result.header.empty() && arguments.output != "-")
    written =
        writeFile(std::filesystem::path(arguments.output).replace_extension(".h"), result.header);
  if (written && !result.script.empty() && arguments.output != "-")
    written =
        writeFile(std::filesystem::path(arguments.output).replace_extension(".mjs"), result.script);
  return written ? 0 : 1;
}

} // namespace

void addCompile(CLI::App &app, int &status) {
  auto arguments = std::make_shared<CompileArguments>();
  CLI::App *verb = app.add_subcommand("compile", "Compile a model to an artifact");
  verb->add_option("input", arguments->input,
                   "A .cpp file that defines the model, or a module as .mlir or .mlirbc")
      ->required();
  verb->add_option("-o,--output", arguments->output, "The file to write")->required();
  verb->add_option(
          "--emit", arguments->emit,
          "What to write: dlca (an artifact), obj (an object for static linking, and a header "
          "beside it), mlirbc (the planned module), asm (assembly text)")
      ->check(CLI::IsMember({"dlca", "obj", "mlirbc", "asm"}));
  verb->add_flag("--freestanding", arguments->freestanding,
                 "With --emit=obj: an object that needs no runtime, nothing but memcpy and memset; "
                 "all symbols must be bound");
  verb->add_option("--cpu", arguments->cpus,
                   "Instruction sets, one variant each: native, x86-64-v2, x86-64-v3, x86-64-v4, "
                   "znver4, ...; the loader picks the best one that the processor has")
      ->delimiter(',')
      ->allow_extra_args(false); // or it would take the module, or what follows --
  verb->add_option("--target", arguments->target,
                   "The kind of machine that runs it: x86_64-linux-gnu, aarch64-linux-gnu, "
                   "riscv64-linux-gnu or wasm32 (a .wasm module, and a .mjs that loads it)");
  verb->add_option("--bind", arguments->bindings, "Make a symbol a constant, such as B=128");
  verb->add_option("--dtype-policy", arguments->dtypePolicy,
                   "What layers compute in, unless the model says so: float32 or mixed_bfloat16");
  verb->add_option("--max-memory", arguments->maxMemory,
                   "What each entry may take for temporaries, such as 2GB or 512MiB: values are "
                   "computed a second time where keeping them would take more");
  verb->add_option("--max-memory-at", arguments->maxMemorySizes,
                   "A size that --max-memory holds for, such as B=32, of a symbol without --bind");
  verb->add_option("--schedules", arguments->schedules,
                   "A file of `dlc tune`: how to make the kernels that it knows");
  verb->add_option("-j,--jobs", arguments->jobs, "Kernels compiled at the same time");
  verb->add_flag("--no-cache", arguments->noCache, "Compile every kernel anew");
  verb->add_option("--dump-after", arguments->dumpAfter,
                   "Print the module after this pass, or after every pass for \"all\"");
  verb->add_flag("--timing", arguments->timing, "Print the milliseconds of each stage");
  verb->add_option("cxxflags", arguments->cxxFlags,
                   "After --: flags for the C++ compiler that builds a .cpp model");
  verb->callback([arguments, &status] { status = compile(*arguments); });
}

} // namespace dlc::driver
