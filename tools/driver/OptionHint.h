// What a model's author is told beside the C++ compiler's own words.
#pragma once
#include <filesystem>
#include <string>

namespace dlc::driver {

/// g++ does not say which option of `Dense({.unit = 3})` it does not know, only that nothing takes
/// these braces. Lists the options of each struct that |messages| of a C++ compiler name in that
/// way, in the order that C++ asks for, as the headers in |include| declare them. Empty where there
/// is nothing to say.
std::string optionHints(const std::string &messages, const std::filesystem::path &include);

} // namespace dlc::driver
