// What dlc-run does once its command line is understood.
#ifndef DLC_TOOLS_DLCRUN_RUNNER_H
#define DLC_TOOLS_DLCRUN_RUNNER_H

#include "dlc/data.h"
#include "dlc/runtime.hpp"
#include "tools/dlc-run/Options.h"

namespace dlc::tools {

// Opens the artifact and does what |options| ask: lists, reports bytes, or runs the entry.
class Runner {
public:
  explicit Runner(const RunOptions &options) : options(options) {}
  runtime::Outcome run();

private:
  void list() const;
  runtime::Outcome loadInputs();
  runtime::Outcome loadSamples();
  runtime::Outcome reportBytes();
  runtime::Outcome createState();
  runtime::Outcome runEntry();
  runtime::Outcome bindInputs(runtime::Session &session);
  runtime::Outcome bindOutputs(runtime::Session &session);
  runtime::Outcome writeOutputs();
  runtime::Outcome draw() const;

  const RunOptions &options;
  runtime::Artifact artifact;
  uint32_t entry = 0;
  runtime::Pool pool;
  runtime::State state;
  std::vector<runtime::Array> inputs, outputs; // by number; inputs that were not given are empty
  std::vector<dlc_size> sizes;                 // of --bind
  runtime::Array images, labels;               // of --draw; labels may be empty
};

} // namespace dlc::tools

#endif
