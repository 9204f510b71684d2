// dlc evaluate: the metrics of trained weights over data.
#include "tools/driver/Driver.h"
#include "tools/driver/TrainingModel.h"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

using namespace dlc::runtime;

namespace dlc::driver {
namespace {

struct EvaluateArguments : TrainingArguments {
  std::string weights;
  std::vector<std::string> metricLines;
};

/// "test_accuracy=accuracy" -> test_accuracy=0.9833 on a line of its own, whatever the progress is.
int printMetricLines(const std::vector<std::string> &lines, const Logs &logs) {
  for (const std::string &line : lines) {
    size_t equal = line.find('=');
    std::string metric = line.substr(equal + 1);
    const double *value = logs.find(metric);
    if (!value) {
      std::string known;
      for (const auto &[name, ignored] : logs)
        known += (known.empty() ? "" : ", ") + name;
      return fail("--metric-line " + line + ": there is no metric '" + metric +
                  "'; the model has " + known);
    }
    std::printf("%s=%.4f\n", line.substr(0, equal).c_str(), *value);
  }
  return 0;
}

int evaluate(const EvaluateArguments &arguments) {
  Result<Dataset> data = loadDataset(arguments.data);
  if (!data.ok())
    return fail(data.message());
  TrainingModel model;
  if (!openTrainingModel(arguments, model))
    return 1;
  Trainer trainer(*model.backend, model.signature);
  if (Outcome outcome = trainer.loadWeights(arguments.weights); !outcome.ok())
    return fail(outcome.message());
  EvaluateOptions options;
  options.batchSize = arguments.batch;
  options.progress.mode = arguments.progress;
  Result<Logs> logs = trainer.evaluate(*data, options);
  if (!logs.ok())
    return fail(logs.message());
  return printMetricLines(arguments.metricLines, *logs);
}

} // namespace

void addEvaluate(CLI::App &app, int &status) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App *verb = app.add_subcommand("evaluate", "Measure trained weights on data");
  addTrainingArguments(*verb, *arguments);
  verb->add_option("--weights", arguments->weights, "Trained weights (.safetensors)")->required();
  verb->add_option("--metric-line", arguments->metricLines,
                   "NAME=METRIC: also print NAME=VALUE on a line of its own, for scripts")
      ->allow_extra_args(false)
      ->check([](const std::string &text) {
        size_t equal = text.find('=');
        bool good = equal != std::string::npos && equal > 0 && equal + 1 < text.size();
        return good ? "" : "expected NAME=METRIC, got \"" + text + "\"";
      });
  verb->callback([arguments, &status] { status = evaluate(*arguments); });
}

} // namespace dlc::driver
