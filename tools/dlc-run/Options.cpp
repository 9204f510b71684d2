#include "tools/dlc-run/Options.h"

#include <CLI/CLI.hpp>

using namespace dlc::tools;

static constexpr const char *description =
    "Runs one entry of a compiled model. Needs no compiler: it links the runtime alone.\n"
    "Inputs are .npy files (FILE:TYPE converts, FILE.npz:NAME picks); outputs are written as .npy.\n"
    "Exit codes: 0 done, 1 failed, 2 wrong command line.";

// Splits "name=value" arguments; throws what CLI11 reports as a usage error.
static Assignments split(const std::string &option, const std::vector<std::string> &arguments) {
  Assignments result;
  for (const std::string &argument : arguments) {
    size_t equals = argument.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == argument.size())
      throw CLI::ValidationError(option, "expected NAME=VALUE, got \"" + argument + "\"");
    result.emplace_back(argument.substr(0, equals), argument.substr(equals + 1));
  }
  return result;
}

static int64_t parseSize(const std::string &symbol, const std::string &text) {
  char *end;
  errno = 0;
  long long value = strtoll(text.c_str(), &end, 10);
  if (*end || errno)
    throw CLI::ValidationError("--bind", symbol + ": expected a whole number, got \"" + text + "\"");
  return value;
}

bool dlc::tools::parseRunOptions(int argc, char **argv, RunOptions &options, int &exitCode) {
  CLI::App app(description, "dlc-run");
  std::vector<std::string> inputs, outputs, sizes;
  app.add_option("artifact", options.artifact, "the compiled model, a .dlca file")->required();
  app.add_option("--entry", options.entry, "the entry to run")->capture_default_str();
  app.add_option("--weights", options.weights, "the variables' values, a .safetensors file");
  app.add_option("--in", inputs, "NAME=FILE for an input; once per input")
      ->allow_extra_args(false);
  app.add_option("--out", outputs, "NAME=FILE for an output to keep; once per output")
      ->allow_extra_args(false);
  app.add_option("--bind", sizes, "SYMBOL=N for a size that no input tells")
      ->allow_extra_args(false);
  app.add_option("--threads", options.threads,
                 "number of threads; by default DLC_NUM_THREADS, else every processor");
  app.add_option("--variant", options.variant, "the ISA variant to use instead of the best one");
  app.add_flag("--bytes", options.bytes,
               "print the exact bytes of variables and temporaries for these sizes; without --in, "
               "do nothing else");
  app.add_flag("--list", options.list, "print entries, inputs, outputs and variables; do not run");
  try {
    app.parse(argc, argv);
    options.inputs = split("--in", inputs);
    options.outputs = split("--out", outputs);
    for (const auto &[symbol, text] : split("--bind", sizes))
      options.sizes.emplace_back(symbol, parseSize(symbol, text));
  } catch (const CLI::ParseError &error) {
    exitCode = app.exit(error) == 0 ? 0 : 2;
    return false;
  }
  return true;
}
