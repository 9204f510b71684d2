// Native code for `dlc check` and the tests: the whole road in one process, from a module's text
// through the compiler to an artifact in memory that the runtime opens.
//
// A library of its own: dlcCheck stays free of compiler and runtime.
#pragma once
#include "codegen/include/dlc/codegen.h"
#include "tools/check/NativeRunner.h"

namespace dlc::check {

struct NativeOptions {
  codegen::CompileOptions compile;
  uint32_t threads = 1;
  /// This ISA variant instead of the best one; empty: the best.
  std::string variant;
};

/// Each run of the result has a fresh state and session, and outputs that begin as garbage, so
/// that an element that nobody writes is noticed.
NativeCompiler makeNativeCompiler(NativeOptions options = {});

} // namespace dlc::check
