#include "runtime/train/callbacks/PathTemplate.h"

#include "absl/strings/str_cat.h"

#include <cstdio>
#include <cstring>

namespace dlc::runtime::train {
namespace {

// A format that may be handed to printf: an optional 0, width, precision, and one of |kinds|.
bool isFormat(const std::string &format, const char *kinds) {
  size_t at = 0;
  auto digits = [&] {
    size_t begin = at;
    while (at < format.size() && at < begin + 3 &&
           std::isdigit(static_cast<unsigned char>(format[at])))
      ++at;
  };
  digits();
  if (at < format.size() && format[at] == '.') {
    ++at;
    digits();
  }
  return at + 1 == format.size() && std::strchr(kinds, format[at]);
}

absl::StatusOr<std::string> fillField(const std::string &field, int64_t epoch, const Logs &logs) {
  size_t colon = field.find(':');
  std::string name = field.substr(0, colon);
  std::string format = colon == std::string::npos ? "" : field.substr(colon + 1);
  bool isEpoch = name == "epoch";
  const double *value = logs.find(name);
  if (!isEpoch && !value)
    return absl::NotFoundError(
        absl::StrCat("the path has {", field, "}, but there is no metric '", name, "'"));
  if (format.empty())
    return isEpoch ? absl::StrCat(epoch + 1) : absl::StrCat(*value);
  if (!isFormat(format, isEpoch ? "d" : "feg"))
    return absl::InvalidArgumentError(absl::StrCat(
        "the path has {", field, "}: expected a format such as ", isEpoch ? ":02d" : ":.2f"));
  char text[400];
  if (isEpoch)
    std::snprintf(text, sizeof text, ("%" + format.substr(0, format.size() - 1) + "ld").c_str(),
                  static_cast<long>(epoch + 1));
  else
    std::snprintf(text, sizeof text, ("%" + format).c_str(), *value);
  return std::string(text);
}

} // namespace

absl::StatusOr<std::string> fillPathTemplate(const std::string &path, int64_t epoch,
                                             const Logs &logs) {
  std::string result;
  for (size_t at = 0; at < path.size(); ++at) {
    bool doubled = at + 1 < path.size() && path[at] == path[at + 1];
    if ((path[at] == '{' || path[at] == '}') && doubled) {
      result += path[at++];
      continue;
    }
    if (path[at] != '{') {
      result += path[at];
      continue;
    }
    size_t end = path.find('}', at);
    if (end == std::string::npos)
      return absl::InvalidArgumentError(absl::StrCat("the path '", path, "' has { without }"));
    absl::StatusOr<std::string> field = fillField(path.substr(at + 1, end - at - 1), epoch, logs);
    if (!field.ok())
      return field.status();
    result += *field;
    at = end;
  }
  return result;
}

} // namespace dlc::runtime::train
