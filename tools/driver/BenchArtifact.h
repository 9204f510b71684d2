// `dlc bench A`: how long an entry of an artifact takes, and where the time goes.
#pragma once
#include "tools/dlc-run/Options.h"

namespace dlc::driver {

struct ArtifactBench {
  std::string artifact, variant;
  std::string entry;     // empty: predict, or the first one
  tools::Sizes bindings; // symbols without one take 32, or the nearest allowed value
  uint32_t threads = 0;
  int runs = 0;         // 0: as many as fit in a second, between 5 and 1000
  bool profile = false; // also the table of kernels
  bool latency = false; // also single calls: their tail, and what they cost beyond kernels
  std::string trace;    // a file for what each thread ran when; empty: none
  bool json = false;
};

/// Measures and prints. Returns false with a message on stderr.
bool benchArtifact(const ArtifactBench &options);

} // namespace dlc::driver
