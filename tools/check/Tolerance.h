// How far a computed result may be from the oracle's.
//
// One op alone has a stated bound: none for ops that round exactly or only move elements (bits must
// agree), its ulps for math, 4 * sqrt(K) * eps * sum|terms| for sums and contractions, and what
// AttentionNoise.h derives for attention. A program
// of many ops has no such formula, so its bound is measured: the oracle runs again a few times
// with every op's result pushed up or down by that op's own bound, and a result may differ from
// the oracle's by as much as those runs do. What the pushes flip (a comparison, an argmax, a
// NaN) is not compared. Of a million elements some are pushed by next to nothing in all of three
// runs: what lies outside is held against nine more before it counts.
#pragma once
#include "tools/check/Inputs.h"
#include <functional>

namespace dlc::check {

/// Everything that an entry returns: outputs, then the variables that it assigns.
using Results = reference::NamedTensors;

/// Runs an entry and collects what it returns.
llvm::Expected<Results> runEntry(reference::Evaluator &evaluator, ir::EntryOp entry,
                                 const EntryData &data, const reference::Bindings &bindings);
/// As above, from a module, with no observer.
llvm::Expected<Results> runEntry(mlir::ModuleOp module, llvm::StringRef entry,
                                 const EntryData &data, const reference::Bindings &bindings);

/// The oracle's results for one set of inputs, and the runs that bound the distance from them.
class Oracle {
public:
  /// `observer` sees the run that is not pushed.
  static llvm::Expected<Oracle> run(mlir::ModuleOp module, llvm::StringRef entry,
                                    const EntryData &data, const reference::Bindings &bindings,
                                    std::function<void(const reference::Executed &)> observer = {});

  /// Empty if `got` is within bounds, else a message with the first element that is not. Runs the
  /// oracle again where that decides, so the module and the data must still be there.
  std::string compare(const Results &got);
  const Results &results() const { return exact; }

private:
  std::string mismatch(const Results &got) const;
  llvm::Error pushUpTo(size_t probes);

  Results exact;
  std::vector<Results> pushed;
  std::function<llvm::Expected<Results>(uint64_t probe)> push;
  double factor = 1;
};

} // namespace dlc::check
