#include "passes/Passes.h"
#include "passes/Pipelines.h"

namespace dlc::passes {

#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"

void registerPasses() {
  registerDlcPasses();
  registerPipelines();
}

} // namespace dlc::passes
