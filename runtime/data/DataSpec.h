// Data specifications as text: parsing alone. The grammar stands in dlc/data.h at loadDataset.
#ifndef DLC_RUNTIME_DATA_DATASPEC_H
#define DLC_RUNTIME_DATA_DATASPEC_H

#include "dlc/data.h"

#include "absl/status/statusor.h"

#include <optional>

namespace dlc::runtime::data {

struct SpecOption {
  std::string key;   // "every"
  std::string value; // "5/1"; empty for "labels"
};

struct SpecInput {
  std::string name, file;
  std::optional<DType> type;
  std::vector<std::string> selects; // members and columns, not types
  double scale = 1, offset = 0;
  std::vector<SpecOption> options;
};

struct DataSpec {
  std::vector<SpecInput> inputs;
  std::vector<SpecOption> options; // for all inputs
};

absl::StatusOr<DataSpec> parseDataSpec(const std::string &text);
/// What stands behind "NAME=".
absl::StatusOr<SpecInput> parseFileSpec(const std::string &text);

/// "N" or "N/R" as {N, R}; the default of R is |second|.
absl::StatusOr<std::pair<int64_t, int64_t>> parsePair(const SpecOption &option, int64_t second);

std::optional<DType> dtypeFromName(const std::string &name);

} // namespace dlc::runtime::data

#endif
