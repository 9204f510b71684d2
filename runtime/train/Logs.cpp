// Metric values by name, and their history over epochs.
#include "dlc/train.h"

namespace dlc::runtime {

const double *Logs::find(const std::string &name) const {
  for (const auto &[known, value] : values)
    if (known == name)
      return &value;
  return nullptr;
}

void Logs::set(const std::string &name, double value) {
  for (auto &[known, old] : values)
    if (known == name) {
      old = value;
      return;
    }
  values.emplace_back(name, value);
}

const std::vector<double> *History::find(const std::string &name) const {
  for (const auto &[known, list] : values)
    if (known == name)
      return &list;
  return nullptr;
}

void History::add(int64_t epoch, const Logs &logs) {
  epochs.push_back(epoch);
  for (const auto &[name, value] : logs) {
    auto *list = const_cast<std::vector<double> *>(find(name));
    if (!list)
      list = &values.emplace_back(name, std::vector<double>()).second;
    list->push_back(value);
  }
}

} // namespace dlc::runtime
