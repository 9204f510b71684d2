// The command line `dlc`: one verb per file, each of which adds itself to the parser.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace dlc::driver {

/// Parses the command line and runs the verb. Returns the process's exit code: 0 on success, 1 when
/// the work failed (the reason is on stderr), 2 when the command line is wrong.
int runDriver(int argc, char **argv);

/// The verbs. Each adds a subcommand whose callback sets `status`.
void addCompile(CLI::App &app, int &status);
void addBench(CLI::App &app, int &status);
void addInspect(CLI::App &app, int &status);
void addRun(CLI::App &app, int &status);
void addBisect(CLI::App &app, int &status);
void addCheck(CLI::App &app, int &status);
void addTune(CLI::App &app, int &status);
void addTrain(CLI::App &app, int &status);
void addEvaluate(CLI::App &app, int &status);

/// Reads a whole file, "-" meaning stdin; false with a message on stderr.
bool readFile(const std::string &path, std::string &bytes);
/// Writes a whole file: under another name first, so that a failed write leaves what was there.
bool writeFile(const std::string &path, const std::string &bytes);
/// Adds sizes such as "B=128" to `sizes`; false with a message on stderr that names the option.
bool parseSizes(const char *option, const std::vector<std::string> &texts,
                std::map<std::string, int64_t> &sizes);
/// Prints "dlc: error: ..." on stderr and returns 1.
int fail(const std::string &message);

} // namespace dlc::driver
