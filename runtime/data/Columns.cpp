#include "runtime/data/Columns.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include <algorithm>

namespace dlc::runtime::data {
namespace {

absl::Status outside(const std::string &file, const std::string &part, int64_t count) {
  return absl::InvalidArgumentError(absl::StrCat(file, ": column '", part, "' is outside [0, ",
                                                 count, "): the file has ", count, " columns"));
}

} // namespace

bool isSingleColumn(const std::string &selection) {
  return !selection.empty() && selection.find('/') == std::string::npos &&
         selection.find('-') == std::string::npos;
}

absl::StatusOr<std::vector<int64_t>> selectColumns(const std::string &file,
                                                   const std::string &selection,
                                                   const std::vector<std::string> &names,
                                                   int64_t count) {
  std::vector<int64_t> columns;
  if (selection.empty()) {
    for (int64_t i = 0; i < count; ++i)
      columns.push_back(i);
    return columns;
  }
  for (const std::string &part : std::vector<std::string>(absl::StrSplit(selection, '/'))) {
    auto named = std::find(names.begin(), names.end(), part);
    if (named != names.end()) {
      columns.push_back(named - names.begin());
      continue;
    }
    std::vector<std::string> ends = absl::StrSplit(part, '-');
    int64_t first = 0, last = 0;
    if (ends.size() > 2 || !absl::SimpleAtoi(ends.front(), &first) ||
        !absl::SimpleAtoi(ends.back(), &last))
      return absl::InvalidArgumentError(absl::StrCat(
          file, ": no column '", part, "'; expected a number, a range such as 0-63, or ",
          names.empty() ? "a name (but the file has no header)"
                        : absl::StrCat("one of ", absl::StrJoin(names, ", "))));
    if (first < 0 || last >= count || last < first)
      return outside(file, part, count);
    for (int64_t i = first; i <= last; ++i)
      columns.push_back(i);
  }
  return columns;
}

} // namespace dlc::runtime::data
