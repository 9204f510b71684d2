// Searches schedules for the kernels of a model by measuring them on this machine.
//
// Kernels come in the order of the work that they are expected to do in the model, and each gets a
// share of the budget by that. From what the chooser says the search climbs: it compiles and times
// schedules that differ in one thing, in turns with the best so far, and goes on from the first
// that is faster, until none is or the time is over. In the end the winner must beat the chooser's
// schedule once more, by enough that noise does not explain it, or the kernel keeps that. Whatever
// is faster must have computed what the chooser's schedule did: a wrong kernel is often a fast one.
#pragma once
#include "codegen/ScheduleFile.h"
#include "tools/driver/TimedKernel.h"
#include <functional>

namespace dlc::driver {

struct TuneOptions {
  std::string name = "model";       ///< what the file calls the model
  double seconds = 60;              ///< budget, without what it takes to end
  SizeValues bindings;              ///< symbols that become constants
  SizeValues sizes;                 ///< of other symbols; those without one are measured at 32
  std::vector<std::string> entries; ///< whose kernels count; empty: all but `initialize`
  uint32_t threads = 0;
  bool all = false;   ///< rows for kernels that keep the chooser's schedules, too
  std::string filter; ///< only kernels whose kind or place in the model holds this text
};

/// What became of a kernel.
struct TuneResult {
  std::string name, kind, from;
  int64_t calls = 0;
  double defaultSeconds = 0, seconds = 0;
  int64_t tried = 0;
  std::string schedules; ///< the winners; empty: the chooser's stay
  std::vector<std::string> wrong; ///< faster ones that computed something else
};

/// Runs the graph passes on `module` and searches. Calls `report` after each kernel. Fails where
/// the module does not compile, with messages as `dlc compile` has them.
llvm::Expected<codegen::ScheduleFile> tune(mlir::ModuleOp module, const TuneOptions &options,
                                           const std::function<void(const TuneResult &)> &report);

} // namespace dlc::driver
