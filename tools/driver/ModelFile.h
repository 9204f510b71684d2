// Where modules come from: files of MLIR, or C++ files that define a model.
#pragma once
#include <string>
#include <vector>

namespace dlc::driver {

/// Loads `path` as MLIR text or bytecode. A .cpp file is built as a shared object with the system's
/// C++ compiler and loaded in a child process, which writes the module of its `defineProgram()`.
/// `dtypePolicy`, when not empty, is that of layers in a .cpp file which do not say another.
/// On failure, prints what went wrong on stderr and returns false.
bool loadModel(const std::string &path, const std::vector<std::string> &cxxFlags,
               std::string &module, const std::string &dtypePolicy = "");

} // namespace dlc::driver
