// The command line of dlc-run and of `dlc run`.
#ifndef DLC_TOOLS_DLCRUN_OPTIONS_H
#define DLC_TOOLS_DLCRUN_OPTIONS_H

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace dlc::tools {

// "name=value" arguments, in their order.
using Assignments = std::vector<std::pair<std::string, std::string>>;
// "symbol=size" arguments.
using Sizes = std::vector<std::pair<std::string, int64_t>>;

struct RunOptions {
  std::string artifact;
  std::string entry = "predict";
  std::string weights; // empty: none
  std::string variant; // empty: the best
  Assignments inputs, outputs;
  Sizes sizes;
  uint32_t threads = 0; // 0: environment, then machine
  std::string draw;    // a data specification; empty: nothing is drawn
  int64_t count = 4;   // samples to draw
  bool checkFinite = false;
  bool bytes = false;
  bool list = false;
};

// Adds what both programs take to |app|; parsing fills |options|, which must outlive it.
void addRunOptions(CLI::App &app, RunOptions &options);

// Adds --bind SYMBOL=N.
void addBindOption(CLI::App &app, Sizes &sizes);

// Parses dlc-run's command line. Returns true to go on; otherwise |exitCode| is what to exit with,
// and help or an error has been printed.
bool parseRunOptions(int argc, char **argv, RunOptions &options, int &exitCode);

} // namespace dlc::tools

#endif
