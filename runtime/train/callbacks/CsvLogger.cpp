// CSVLogger: one row per epoch. The columns are those of the first epoch, sorted, plus the
// validation metrics when validation does not run in every epoch; what is missing is NA.
#include "dlc/train.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

namespace dlc::runtime {
namespace {

// The shortest text that reads back as the same number.
std::string shortest(double value) {
  char text[32];
  auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end);
}

class CsvLoggerCallback : public Callback {
public:
  explicit CsvLoggerCallback(CSVLogger given) : options(std::move(given)) {}

  std::string name() const override { return absl::StrCat("csv_logger(", options.path, ")"); }

  Outcome onTrainBegin(Trainer &trainer) override {
    columns.clear();
    std::string kept;
    if (options.append || trainer.firstEpoch() > 0)
      kept =
          keepRows(options.append && trainer.firstEpoch() == 0 ? INT64_MAX : trainer.firstEpoch());
    file.close();
    file.clear();
    file.open(options.path, std::ios::trunc);
    file << kept;
    return flush();
  }

  Outcome onEpochEnd(Trainer &trainer, int64_t epoch, Logs &logs) override {
    if (columns.empty()) {
      chooseColumns(trainer, logs);
      file << "epoch";
      for (const std::string &column : columns)
        file << options.separator << column;
      file << '\n';
    }
    file << epoch;
    for (const std::string &column : columns) {
      const double *value = logs.find(column);
      file << options.separator << (value ? shortest(*value) : "NA");
    }
    file << '\n';
    return flush();
  }

private:
  void chooseColumns(Trainer &trainer, const Logs &logs) {
    for (const auto &[name, value] : logs)
      columns.push_back(name);
    std::sort(columns.begin(), columns.end());
    bool validated = std::any_of(columns.begin(), columns.end(), [](const std::string &name) {
      return name.rfind("val_", 0) == 0;
    });
    size_t count = validated || !trainer.hasValidation() ? 0 : columns.size();
    for (size_t i = 0; i < count; ++i)
      columns.push_back("val_" + columns[i]);
  }

  // The header and the rows of epochs before |epoch| of the file that is there.
  std::string keepRows(int64_t epoch) {
    std::ifstream old(options.path);
    std::string line, kept;
    if (!std::getline(old, line))
      return "";
    columns = absl::StrSplit(line, options.separator);
    columns.erase(columns.begin());
    for (kept = line + "\n"; std::getline(old, line);) {
      int64_t number = 0;
      bool isRow = absl::SimpleAtoi(line.substr(0, line.find(options.separator)), &number);
      if (isRow && number < epoch)
        kept += line + "\n";
    }
    return kept;
  }

  Outcome flush() {
    file.flush();
    if (file.good())
      return {};
    return Error{DLC_UNAVAILABLE,
                 absl::StrCat(options.path, ": cannot write: ", std::strerror(errno))};
  }

  CSVLogger options;
  std::ofstream file;
  std::vector<std::string> columns;
};

} // namespace

std::shared_ptr<Callback> csvLogger(CSVLogger options) {
  return std::make_shared<CsvLoggerCallback>(std::move(options));
}

} // namespace dlc::runtime
