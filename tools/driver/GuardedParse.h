// Reading modules that strangers wrote.
#pragma once
#include <string>

namespace dlc::driver {

/// Parses |module| (MLIR text or bytecode) in a child process with bounded memory, time and stack,
/// and throws the result away: what kills the child would have killed this process. A module that
/// does not parse passes here and gets its message from whoever parses it next. Reports to stderr and
/// returns false when the child died; |path| names the file in the message.
bool survivesParsing(const std::string &path, const std::string &module);

} // namespace dlc::driver
