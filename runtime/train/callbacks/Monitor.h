// Watching one metric: which direction is better, and what to say when it is not there.
#ifndef DLC_RUNTIME_TRAIN_CALLBACKS_MONITOR_H
#define DLC_RUNTIME_TRAIN_CALLBACKS_MONITOR_H

#include "dlc/train.h"

#include <limits>

namespace dlc::runtime::train {

class Monitor {
public:
  Monitor(std::string metric, Mode mode) : metric(std::move(metric)), mode(mode) {}

  /// Finds the direction, once the model is known.
  Outcome resolve(Trainer &trainer) {
    Result<MetricDirection> direction = trainer.direction(metric, mode);
    if (!direction.ok())
      return direction.error();
    rising = *direction == MetricDirection::Max;
    return {};
  }

  /// The metric's value; when it is missing, says so on behalf of |who| and returns null.
  const double *value(Trainer &trainer, const Logs &logs, const std::string &who) const {
    if (const double *found = logs.find(metric))
      return found;
    std::string known;
    for (const auto &entry : logs)
      known += (known.empty() ? "" : ", ") + entry.first;
    trainer.print("warning: " + who + " watches '" + metric + "', which is not there; there are " +
                  known);
    return nullptr;
  }

  /// Whether |current| beats |best| by more than |minDelta|. NaN beats nothing.
  bool improves(double current, double best, double minDelta) const {
    return rising ? current - minDelta > best : current + minDelta < best;
  }
  /// What every value beats.
  double worst() const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return rising ? -infinity : infinity;
  }

  const std::string &name() const { return metric; }

private:
  std::string metric;
  Mode mode;
  bool rising = false;
};

/// The number called |name| in a saved state, or |otherwise|.
inline double savedNumber(const CallbackState &state, const char *name, double otherwise) {
  for (const auto &[known, value] : state.numbers)
    if (known == name)
      return value;
  return otherwise;
}

} // namespace dlc::runtime::train

#endif
