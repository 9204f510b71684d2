#include "runtime/data/DataSpec.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include <cmath>
#include <cstring>

namespace dlc::runtime::data {
namespace {

// Reads a specification front to back; a backslash takes away the meaning of the next character.
class Scanner {
public:
  explicit Scanner(const std::string &text) : text(text) {}

  bool done() const { return at >= text.size(); }
  // Goes past |wanted| if it comes next.
  bool accept(char wanted) {
    bool found = !done() && text[at] == wanted;
    at += found;
    return found;
  }
  std::string until(const char *stops) {
    std::string word;
    for (; !done() && !std::strchr(stops, text[at]); ++at) {
      if (text[at] == '\\' && at + 1 < text.size())
        ++at;
      word += text[at];
    }
    return word;
  }
  absl::Status error(const std::string &message) const {
    return absl::InvalidArgumentError(absl::StrCat("data '", text, "': ", message));
  }

private:
  const std::string &text;
  size_t at = 0;
};

bool parseNumber(const std::string &text, double &value) {
  std::vector<std::string> parts = absl::StrSplit(text, '/');
  double divisor = 1;
  if (parts.size() > 2 || !absl::SimpleAtod(parts[0], &value) ||
      (parts.size() == 2 && !absl::SimpleAtod(parts[1], &divisor)))
    return false;
  value /= divisor;
  return std::isfinite(value);
}

// {"*" NUMBER | "+" NUMBER}
absl::Status parseArithmetic(Scanner &scanner, SpecInput &input) {
  while (true) {
    bool times = scanner.accept('*');
    if (!times && !scanner.accept('+'))
      return absl::OkStatus();
    std::string word = scanner.until("*+:?,");
    double number = 0;
    if (!parseNumber(word, number))
      return scanner.error(absl::StrCat("expected a number such as 0.5 or 1/255 after '",
                                        times ? "*" : "+", "', got '", word, "'"));
    input.scale *= times ? number : 1;
    input.offset = times ? input.offset * number : input.offset + number;
  }
}

absl::Status parseOptions(Scanner &scanner, std::vector<SpecOption> &options) {
  static const char *const withValue[] = {"every",  "except", "skip",  "take",
                                          "onehot", "window", "shift", "header"};
  while (scanner.accept('?')) {
    SpecOption option{scanner.until("=?,"), ""};
    bool hasValue = scanner.accept('=');
    if (hasValue)
      option.value = scanner.until("?,");
    bool known = option.key == "labels" && !hasValue;
    for (const char *key : withValue)
      known |= option.key == key && hasValue;
    if (!known)
      return scanner.error(absl::StrCat("unknown option '", option.key, hasValue ? "=" : "",
                                        option.value,
                                        "'; expected every=, except=, skip=, take=, onehot=, "
                                        "window=, shift=, header= or labels"));
    options.push_back(std::move(option));
  }
  return absl::OkStatus();
}

// FILE {":" [SELECT] {arithmetic}} {"?" OPTION}
absl::Status parseFile(Scanner &scanner, SpecInput &input) {
  input.file = scanner.until(":?,");
  if (input.file.empty())
    return scanner.error("expected a file name");
  while (scanner.accept(':')) {
    std::string select = scanner.until("*+:?,");
    std::optional<DType> type = dtypeFromName(select);
    if (type)
      input.type = type;
    else if (!select.empty())
      input.selects.push_back(select);
    if (absl::Status status = parseArithmetic(scanner, input); !status.ok())
      return status;
  }
  return parseOptions(scanner, input.options);
}

} // namespace

std::optional<DType> dtypeFromName(const std::string &name) {
  for (uint32_t i = 0; i < DLC_DTYPE_COUNT; ++i)
    if (name == dlc_dtype_name(i))
      return static_cast<DType>(i);
  return std::nullopt;
}

absl::StatusOr<SpecInput> parseFileSpec(const std::string &text) {
  Scanner scanner(text);
  SpecInput input;
  if (absl::Status status = parseFile(scanner, input); !status.ok())
    return status;
  if (!scanner.done())
    return scanner.error("expected one file, got a list");
  return input;
}

absl::StatusOr<DataSpec> parseDataSpec(const std::string &text) {
  Scanner scanner(text);
  DataSpec spec;
  do {
    if (absl::Status status = parseOptions(scanner, spec.options); !status.ok())
      return status;
    if (scanner.done())
      break;
    if (scanner.accept(','))
      continue;
    SpecInput input;
    input.name = scanner.until("=,?");
    if (input.name.empty() || !scanner.accept('='))
      return scanner.error(
          absl::StrCat("expected NAME=FILE, got '", input.name, scanner.until(","), "'"));
    if (absl::Status status = parseFile(scanner, input); !status.ok())
      return status;
    spec.inputs.push_back(std::move(input));
    if (!scanner.done() && !scanner.accept(','))
      return scanner.error(absl::StrCat("expected ',' before '", scanner.until(""), "'"));
  } while (!scanner.done());
  if (spec.inputs.empty())
    return scanner.error("expected at least one NAME=FILE");
  return spec;
}

absl::StatusOr<std::pair<int64_t, int64_t>> parsePair(const SpecOption &option, int64_t second) {
  std::pair<int64_t, int64_t> pair{0, second};
  std::vector<std::string> parts = absl::StrSplit(option.value, '/');
  if (parts.size() > 2 || !absl::SimpleAtoi(parts[0], &pair.first) ||
      (parts.size() == 2 && !absl::SimpleAtoi(parts[1], &pair.second)) || pair.first < 0 ||
      pair.second < 0)
    return absl::InvalidArgumentError(absl::StrCat("data option '", option.key,
                                                   "': expected a number of at least 0, got '",
                                                   option.value, "'"));
  return pair;
}

} // namespace dlc::runtime::data
