#include "runtime/train/Progress.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace dlc::runtime::train {
namespace {

constexpr int barWidth = 20;
constexpr double secondsBetweenUpdates = 0.05;

std::string repeat(const char *text, int64_t count) {
  std::string all;
  for (int64_t i = 0; i < count; ++i)
    all += text;
  return all;
}

// " - accuracy: 0.9256 - loss: 0.2567"
std::string formatMetrics(const Logs &logs) {
  std::string text;
  for (const auto &[name, value] : logs)
    absl::StrAppend(&text, " - ", name, ": ", formatMetric(value));
  return text;
}

// "  7/469"; the count is as wide as the target.
std::string formatCount(int64_t step, int64_t steps) {
  std::string target = absl::StrCat(steps), count = absl::StrCat(step);
  return std::string(target.size() > count.size() ? target.size() - count.size() : 0, ' ') + count +
         "/" + target;
}

nlohmann::ordered_json metricsJson(const Logs &logs) {
  nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
  for (const auto &[name, value] : logs)
    metrics[name] = value; // NaN and infinities become null: JSON has none
  return metrics;
}

} // namespace

std::string formatMetric(double value) {
  if (std::isnan(value))
    return "nan"; // printf adds the sign, which says nothing
  return std::fabs(value) > 1e-3 ? absl::StrFormat("%.4f", value) : absl::StrFormat("%.4e", value);
}

std::string formatStepTime(double seconds) {
  if (seconds >= 1 || seconds == 0)
    return absl::StrFormat("%.0fs/step", seconds);
  if (seconds >= 1e-3)
    return absl::StrFormat("%.0fms/step", seconds * 1e3);
  return absl::StrFormat("%.0fus/step", seconds * 1e6);
}

std::string formatRemaining(double seconds) {
  auto whole = static_cast<int64_t>(seconds);
  if (seconds > 3600)
    return absl::StrFormat("%d:%02d:%02d", whole / 3600, whole % 3600 / 60, whole % 60);
  if (seconds > 60)
    return absl::StrFormat("%d:%02d", whole / 60, whole % 60);
  return absl::StrFormat("%ds", whole);
}

Progress::Progress(const ProgressOptions &given) : options(given), resolved(given.mode) {
  bool terminal = options.output ? options.terminal : isatty(STDOUT_FILENO) == 1;
  if (resolved == ProgressMode::Auto)
    resolved = ProgressMode::Bar;
  if (resolved == ProgressMode::Bar && !terminal)
    resolved = ProgressMode::Line;
  if (!options.output)
    options.output = [](const std::string &text) {
      std::fwrite(text.data(), 1, text.size(), stdout);
      std::fflush(stdout);
    };
  if (!options.clock)
    options.clock = [] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
    };
}

void Progress::print(const std::string &text) {
  if (resolved != ProgressMode::None)
    options.output(text);
}

void Progress::begin(int64_t count) {
  steps = count;
  started = options.clock();
  lastUpdate = started - 1; // the first update always shows
  firstStepEnded = -1;
  drawnWidth = 0;
  open = false;
}

void Progress::beginEpoch(int64_t number, int64_t of, int64_t count) {
  epoch = number;
  epochs = of;
  if (epochs > 1 && resolved != ProgressMode::Json)
    print(absl::StrCat("Epoch ", epoch + 1, "/", epochs, "\n"));
  begin(count);
}

void Progress::beginEvaluation(int64_t count) { begin(count); }

// The first step pays for what happens once, so it counts only while there is no other.
double Progress::secondsPerStep(int64_t step, double now) {
  if (step == 0)
    return 0;
  double perStep = firstStepEnded >= 0 && step > 1 ? (now - firstStepEnded) / (step - 1)
                                                   : (now - started) / step;
  if (step == 1)
    firstStepEnded = now;
  return perStep;
}

bool Progress::due() const {
  bool bar = resolved == ProgressMode::Bar;
  return firstStepEnded < 0 || (bar && options.clock() - lastUpdate >= secondsBetweenUpdates);
}

void Progress::update(int64_t step, const Logs &logs) {
  if (resolved == ProgressMode::Bar)
    drawBar(step, logs, false);
  else if (step == 1)
    firstStepEnded = options.clock();
}

void Progress::drawBar(int64_t step, const Logs &logs, bool last) {
  double now = options.clock(), perStep = secondsPerStep(step, now);
  if (!last && now - lastUpdate < secondsBetweenUpdates)
    return;
  std::string bar;
  int64_t width = 0;
  if (steps > 0) {
    std::string count = formatCount(step, steps);
    int64_t done = barWidth * step / steps;
    bar = absl::StrCat("\x1b[1m", count, "\x1b[0m ");
    if (done > 0)
      absl::StrAppend(&bar, "\x1b[32m", repeat("━", done), "\x1b[0m");
    absl::StrAppend(&bar, "\x1b[37m", repeat("━", barWidth - done), "\x1b[0m");
    width = static_cast<int64_t>(count.size()) + 1 + barWidth;
  } else {
    bar = absl::StrFormat("%7d/Unknown", step);
    width = static_cast<int64_t>(bar.size());
  }
  std::string time = steps > 0 && !last
                         ? formatRemaining(perStep * static_cast<double>(steps - step))
                         : absl::StrFormat("%.0fs", now - started);
  std::string info = absl::StrCat(" ", formatStepTime(perStep), formatMetrics(logs));
  width += 1 + static_cast<int64_t>(time.size() + info.size());

  std::string text = repeat("\b", drawnWidth);
  absl::StrAppend(&text, "\r", bar, " \x1b[1m", time, "\x1b[0m", info);
  if (drawnWidth > width)
    text.append(drawnWidth - width, ' ');
  if (last)
    text += '\n';
  print(text);
  drawnWidth = width;
  lastUpdate = now;
  open = !last;
}

void Progress::printLine(int64_t step, const Logs &logs) {
  double now = options.clock();
  print(absl::StrCat(formatCount(step, steps > 0 ? steps : step),
                     absl::StrFormat(" - %.0fs - ", now - started),
                     formatStepTime(secondsPerStep(step, now)), formatMetrics(logs), "\n"));
}

void Progress::endEpoch(int64_t step, const Logs &logs) {
  if (resolved == ProgressMode::Bar)
    return drawBar(step, logs, true);
  if (resolved == ProgressMode::Line)
    return printLine(step, logs);
  nlohmann::ordered_json line = {{"event", "epoch"},
                                 {"epoch", epoch + 1},
                                 {"epochs", epochs},
                                 {"steps", step},
                                 {"seconds", options.clock() - started},
                                 {"metrics", metricsJson(logs)}};
  print(line.dump() + "\n");
}

void Progress::endEvaluation(int64_t step, const Logs &logs) {
  if (resolved != ProgressMode::Json)
    return endEpoch(step, logs);
  nlohmann::ordered_json line = {{"event", "evaluate"},
                                 {"steps", step},
                                 {"seconds", options.clock() - started},
                                 {"metrics", metricsJson(logs)}};
  print(line.dump() + "\n");
}

void Progress::breakLine() {
  if (open)
    print("\n");
  open = false;
  drawnWidth = 0;
}

void Progress::message(const std::string &line) {
  breakLine();
  if (resolved == ProgressMode::Json)
    print(nlohmann::ordered_json({{"event", "message"}, {"text", line}}).dump() + "\n");
  else
    print(line + "\n");
}

} // namespace dlc::runtime::train
