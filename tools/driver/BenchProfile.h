// What `dlc bench A --profile` says about kernels, and `--trace` about threads.
//
// A kernel is held against the roofline of this machine: no run of it takes less time than its
// multiply-adds at the peak of its arithmetic (f32, or bf16 where the processor has instructions
// for it), nor than its operands and results once through memory, both as just measured with as
// many threads. What lies in a cache may be read faster than memory allows, so small kernels can exceed
// it.
#pragma once
#include "tools/driver/ArtifactFile.h"
#include "tools/driver/KernelBench.h"
#include <nlohmann/json.hpp>
#include <vector>

namespace dlc::driver {

using Json = nlohmann::ordered_json;

/// What a run of an entry spent in one kernel.
struct KernelTime {
  uint32_t number;
  double calls, nanoseconds, tiles; ///< of a run
  KernelCost cost;                  ///< of a call
};

/// Adds `roofline`, `kernels`, the longest first, and `fix_next` to the document.
void describeProfile(const ArtifactFile &file, std::vector<KernelTime> kernels,
                     const MachineLimits &limits, Json &document);

/// Prints what describeProfile added, as a table.
void printProfile(const Json &document);

/// A trace as Chrome's JSON: a row per thread, a stretch of tiles as an event that is named by its
/// kernel and the source lines of that.
std::string traceOf(const ArtifactFile &file, const std::vector<dlc_trace_event> &events,
                    uint32_t threads);

} // namespace dlc::driver
