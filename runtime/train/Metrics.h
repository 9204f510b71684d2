// Adding up an entry's summable outputs over batches, and what they come to.
#ifndef DLC_RUNTIME_TRAIN_METRICS_H
#define DLC_RUNTIME_TRAIN_METRICS_H

#include "absl/status/statusor.h"
#include "dlc/train.h"

namespace dlc::runtime::train {

using NamedTotals = std::vector<std::pair<std::string, std::vector<double>>>;

/// The sums of one entry's metrics. Everything is added in f64, element by element.
class MetricSums {
public:
  /// Finds the outputs of |entry| that are to be summed: those of the signature's metrics and those
  /// that the entry finalize_metrics takes. Fails when an output is missing.
  static absl::StatusOr<MetricSums> create(TrainBackend &backend,
                                           const TrainingSignature &signature, int64_t entry);

  void reset();
  /// Adds the results of the last run. Allocates nothing.
  void add(const std::vector<Array> &results);

  /// The sums so far, by output: what a training state keeps of an unfinished epoch.
  NamedTotals totals() const;
  /// Goes on from such sums. False, and all sums zero, when they are not of the same outputs.
  bool restore(const NamedTotals &totals);

  /// Metric values so far, sorted by name as Keras reports them; 0 where no weight was added.
  absl::StatusOr<Logs> values(TrainBackend &backend) const;
  /// total / weight of one metric, or null when it is not there.
  bool value(const std::string &metric, double &out) const;

private:
  struct Sum {
    std::string name;
    int64_t output = 0;
    std::vector<double> total; // one per element
  };
  const Sum *find(const std::string &name) const;
  absl::StatusOr<Logs> finalize(TrainBackend &backend) const;

  std::vector<Sum> sums;
  std::vector<MetricOutput> metrics;
  int64_t finalizeEntry = -1;
};

} // namespace dlc::runtime::train

#endif
