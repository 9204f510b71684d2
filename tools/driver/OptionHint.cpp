#include "tools/driver/OptionHint.h"
#include "tools/driver/Driver.h"
#include <regex>
#include <set>

namespace fs = std::filesystem;

namespace dlc::driver {
namespace {

/// The options that |header| declares for |name|, with commas between; empty when it has no such
/// struct. Members begin a line: `type option = value;`, or `type first = {}, second = {};`.
std::string optionsOf(const std::string &name, const std::string &header) {
  size_t begin = header.find("struct " + name + " {");
  if (begin == std::string::npos)
    return "";
  std::string body = header.substr(begin, header.find("\n};", begin) - begin), options;
  std::regex member(R"(\n  [\w:]+(?:<[^\n;=]*>)? ([A-Za-z]\w*(?:;| = )[^\n]*))");
  std::regex declared(R"(([A-Za-z]\w*)(?: = [^,;]*)?[,;])");
  for (std::sregex_iterator line(body.begin(), body.end(), member), end; line != end; ++line) {
    std::string names = (*line)[1];
    for (std::sregex_iterator it(names.begin(), names.end(), declared); it != end; ++it)
      options += (options.empty() ? "" : ", ") + (*it)[1].str();
  }
  return options;
}

std::string optionsOf(const std::string &name, const fs::path &include) {
  std::error_code error;
  for (const fs::directory_entry &entry : fs::directory_iterator(include / "dlc", error)) {
    std::string header;
    if (entry.path().extension() != ".h" || !readFile(entry.path(), header))
      continue;
    std::string options = optionsOf(name, header);
    if (!options.empty())
      return options;
  }
  return "";
}

} // namespace

std::string optionHints(const std::string &messages, const fs::path &include) {
  std::regex refused(R"(<brace-enclosed initializer list>\W+ to \W*dlc::(\w+Options)\b)");
  std::set<std::string> names;
  for (std::sregex_iterator it(messages.begin(), messages.end(), refused), end; it != end; ++it)
    names.insert((*it)[1]);
  std::string hints;
  for (const std::string &name : names) {
    std::string options = optionsOf(name, include);
    if (!options.empty())
      hints += "note: the options of " + name + " are, in this order: " + options + "\n";
  }
  return hints;
}

} // namespace dlc::driver
