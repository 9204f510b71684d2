// `dlc bench --kernels`: how fast this machine runs the kernels whose speed is promised.
#include "tools/driver/BenchKernels.h"
#include "tools/driver/Driver.h"
#include <CLI/CLI.hpp>
#include <memory>

namespace dlc::driver {

void addBench(CLI::App &app, int &status) {
  auto options = std::make_shared<BenchOptions>();
  auto kernels = std::make_shared<bool>(false);
  CLI::App *verb = app.add_subcommand("bench", "measure kernels against the limits of the machine");
  verb->add_flag("--kernels", *kernels, "the kernels whose speed is promised, each with its floor")
      ->required();
  verb->add_flag("--json", options->json, "print one JSON document");
  verb->add_option("--cpu", options->cpu, "compile for this processor")->capture_default_str();
  verb->add_option("--filter", options->filter, "only rows whose name holds this text");
  verb->add_option("--rounds", options->rounds, "measurements per row; the median counts")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->callback([options, kernels, &status] { status = benchKernels(*options, llvm::outs()) ? 0 : 1; });
}

} // namespace dlc::driver
