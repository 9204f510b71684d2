// dlc bench: how fast this machine runs an artifact, or the kernels whose speed is promised.
#include "tools/driver/BenchArtifact.h"
#include "tools/driver/BenchKernels.h"
#include "tools/driver/Driver.h"
#include <CLI/CLI.hpp>
#include <memory>

namespace dlc::driver {
namespace {

struct BenchArguments {
  ArtifactBench artifact;
  BenchOptions kernels;
  bool promised = false, json = false;
};

int bench(BenchArguments &arguments) {
  arguments.artifact.json = arguments.kernels.json = arguments.json;
  if (arguments.promised)
    return benchKernels(arguments.kernels, llvm::outs()) ? 0 : 1;
  if (!arguments.artifact.artifact.empty())
    return benchArtifact(arguments.artifact) ? 0 : 1;
  fail("bench: name an artifact, or ask for --kernels");
  return 2;
}

} // namespace

void addBench(CLI::App &app, int &status) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App *verb = app.add_subcommand(
      "bench", "Measure an artifact, or the promised kernels against the limits of the machine");
  CLI::Option *kernels = verb->add_flag("--kernels", arguments->promised,
                                        "the kernels whose speed is promised, each with its floor");
  verb->add_flag("--json", arguments->json, "print one JSON document");

  ArtifactBench &artifact = arguments->artifact;
  verb->add_option("artifact", artifact.artifact, "the compiled model, a .dlca file")
      ->excludes(kernels);
  verb->add_option("--entry", artifact.entry, "the entry to run; else predict, else the first");
  tools::addBindOption(*verb, artifact.bindings);
  verb->add_option("--threads", artifact.threads,
                   "number of threads; by default DLC_NUM_THREADS, else every processor");
  verb->add_option("--variant", artifact.variant, "the ISA variant to use instead of the best one");
  verb->add_option("--runs", artifact.runs, "runs to time; by default what fits in a second")
      ->check(CLI::PositiveNumber);
  verb->add_flag(
      "--profile", artifact.profile,
      "also print each kernel's time beside what this machine could do, and which one to "
      "fix next");
  verb->add_flag("--latency", artifact.latency,
                 "also time 100000 calls one by one, or --runs: median, 99th percentile, and what a "
                 "call costs beyond its kernels");
  verb->add_option(
      "--trace", artifact.trace,
      "write what each thread ran when to this file, for chrome://tracing or Perfetto");

  BenchOptions &promised = arguments->kernels;
  verb->add_option("--cpu", promised.cpu, "with --kernels: compile for this processor")
      ->capture_default_str();
  verb->add_option("--filter", promised.filter,
                   "with --kernels: only rows whose name holds this text");
  verb->add_option("--rounds", promised.rounds,
                   "with --kernels: measurements per row; the median counts")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->callback([arguments, &status] { status = bench(*arguments); });
}

} // namespace dlc::driver
