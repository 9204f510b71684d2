// Choosing columns: "64", "0-63", "0-3/7/9-12", or names from a header, "age/income".
#ifndef DLC_RUNTIME_DATA_COLUMNS_H
#define DLC_RUNTIME_DATA_COLUMNS_H

#include "absl/status/statusor.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dlc::runtime::data {

/// The chosen columns in the order asked for; all of them for an empty |selection|. |names| are the
/// header's, or empty. A name wins over a number of the same spelling. |file| begins messages.
absl::StatusOr<std::vector<int64_t>> selectColumns(const std::string &file,
                                                   const std::string &selection,
                                                   const std::vector<std::string> &names,
                                                   int64_t count);

/// Whether |selection| is one bare column, whose values then need no dimension of their own.
bool isSingleColumn(const std::string &selection);

} // namespace dlc::runtime::data

#endif
