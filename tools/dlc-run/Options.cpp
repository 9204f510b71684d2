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

// An option that is given once per value: NAME=FILE.
static void addAssignments(CLI::App &app, const std::string &name, Assignments &to,
                           const std::string &text) {
  app.add_option_function<std::vector<std::string>>(
         name, [name, &to](const std::vector<std::string> &given) { to = split(name, given); },
         text)
      ->allow_extra_args(false);
}

void dlc::tools::addBindOption(CLI::App &app, Sizes &sizes) {
  app.add_option_function<std::vector<std::string>>(
         "--bind",
         [&sizes](const std::vector<std::string> &given) {
           for (const auto &[symbol, text] : split("--bind", given))
             sizes.emplace_back(symbol, parseSize(symbol, text));
         },
         "SYMBOL=N for a size that no input tells")
      ->allow_extra_args(false);
}

void dlc::tools::addRunOptions(CLI::App &app, RunOptions &options) {
  app.add_option("artifact", options.artifact, "the compiled model, a .dlca file")->required();
  app.add_option("--entry", options.entry, "the entry to run")->capture_default_str();
  app.add_option("--weights", options.weights, "the variables' values, a .safetensors file");
  addAssignments(app, "--in", options.inputs, "NAME=FILE for an input; once per input");
  addAssignments(app, "--out", options.outputs, "NAME=FILE for an output to keep; once per output");
  addBindOption(app, options.sizes);
  app.add_option("--threads", options.threads,
                 "number of threads; by default DLC_NUM_THREADS, else every processor");
  app.add_option("--variant", options.variant, "the ISA variant to use instead of the best one");
  CLI::Option *draw =
      app.add_option("--draw", options.draw,
                     "take inputs from this data specification (x=F or x=F,y=F) and draw the "
                     "images in the terminal, with the class that the model gives them");
  app.add_option("--count", options.count, "how many samples to draw, spread over the data")
      ->check(CLI::PositiveNumber)
      ->needs(draw)
      ->capture_default_str();
  app.add_flag("--check-finite", options.checkFinite,
               "stop at the first NaN or infinity, and name its layer and line");
  app.add_flag("--bytes", options.bytes,
               "print the exact bytes of variables and temporaries for these sizes; without --in, "
               "do nothing else");
  app.add_flag("--list", options.list, "print entries, inputs, outputs and variables; do not run");
}

bool dlc::tools::parseRunOptions(int argc, char **argv, RunOptions &options, int &exitCode) {
  CLI::App app(description, "dlc-run");
  addRunOptions(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    exitCode = app.exit(error) == 0 ? 0 : 2;
    return false;
  }
  return true;
}
