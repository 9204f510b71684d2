// `dlc check`: holds every entry of a module against the evaluator.
//
// For each binding of the symbols, entries run on drawn inputs (ordinary ones, and ones full of
// NaN, infinities and zeros of both signs). The oracle is the evaluator on the module as it was
// given, gradients expanded; what is compared with it is the evaluator on what the whole
// pipeline made of the module, and natively compiled code where a compiler is at hand.
// Entries may state
//   dlc.no_special   no inputs of the second kind (the entry has preconditions on its inputs)
//   dlc.no_gradient  no comparison of gradients (jumps inside the domain, or too slow)
// Entries without inputs print their outputs, for tests that give expected values.
//
// What was executed is reported as JSON lines, one per op and element type: what the evaluator saw
// in runs that native code, where it was asked for, finished too.
#pragma once
#include "tools/check/NativeRunner.h"

namespace dlc::check {

struct CheckOptions {
  /// Each is one round of all entries; one empty set for a module without symbols.
  std::vector<reference::Bindings> bindings{{}};
  bool gradients = false;
  uint64_t seed = 1;
  /// Null: no native comparison.
  NativeCompiler native;
  /// For tests of the check itself: what they do to the module that is compiled natively, and to
  /// the one that is differentiated, no other road sees.
  std::function<llvm::Error(mlir::ModuleOp)> changeNative;
  std::function<void(mlir::ModuleOp)> changeDifferentiated;
};

/// What one op did on one element type.
struct Coverage {
  int64_t runs = 0;
  int64_t nativeRuns = 0; ///< of these, how many were compared with native code
  bool isSymbolic = false, isEmpty = false, isUnit = false;
  bool hasNan = false, hasInfinity = false, hasGradient = false;
};

/// By op and element type.
using CoverageTable = std::map<std::pair<std::string, std::string>, Coverage>;

struct CheckReport {
  int64_t compared = 0; ///< runs of entries, each against every candidate
  int64_t gradientElements = 0;
  std::vector<std::string> failures;
  CoverageTable coverage;
  std::string values; ///< of entries without inputs
};

/// Fails only when the module cannot be checked at all; mismatches are in the report.
llvm::Expected<CheckReport> checkModule(mlir::ModuleOp module, const CheckOptions &options);

/// `{"op":"add","type":"f32","runs":4,"symbolic":true,...}`, a line each.
void printCoverage(const CheckReport &report, llvm::raw_ostream &os);

/// All combinations of `B=1,7` and `T=2,3`; fails on text of another form.
llvm::Expected<std::vector<reference::Bindings>>
parseBindings(llvm::ArrayRef<std::string> arguments);

} // namespace dlc::check
