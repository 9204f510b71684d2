// dlc-run: runs a compiled model without a compiler.
#include "tools/dlc-run/Runner.h"

#include <cstdio>

int main(int argc, char **argv) {
  dlc::tools::RunOptions options;
  int exitCode = 0;
  if (!dlc::tools::parseRunOptions(argc, argv, options, exitCode))
    return exitCode;
  dlc::runtime::Outcome outcome = dlc::tools::Runner(options).run();
  if (outcome.ok())
    return 0;
  fprintf(stderr, "dlc-run: error: %s\n", outcome.message().c_str());
  return 1;
}
