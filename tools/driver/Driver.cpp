#include "tools/driver/Driver.h"
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

namespace dlc::driver {

int runDriver(int argc, char **argv) {
  CLI::App app{"dlc compiles deep-learning models to native artifacts that train and run them"};
  app.name("dlc");
  app.require_subcommand(1);
  app.set_version_flag("--version", "dlc " DLC_VERSION);
  app.failure_message([](const CLI::App *, const CLI::Error &error) {
    return std::string("dlc: error: ") + error.what() + "; see --help\n";
  });
  int status = 0;
  addCompile(app, status);
  addRun(app, status);
  addInspect(app, status);
  addBench(app, status);
  addTune(app, status);
  addCheck(app, status);
  addBisect(app, status);
  addTrain(app, status);
  addEvaluate(app, status);
  if (argc > 1 && argv[1][0] != '-') {
    std::string known;
    bool found = false;
    for (const CLI::App *verb : app.get_subcommands({})) {
      found |= verb->get_name() == argv[1];
      known += (known.empty() ? "" : ", ") + verb->get_name();
    }
    if (!found) {
      fail("no verb is called \"" + std::string(argv[1]) + "\"; there are: " + known);
      return 2;
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) ? 2 : 0;
  }
  return status;
}

int fail(const std::string &message) {
  std::cerr << "dlc: error: " << message << "\n";
  return 1;
}

bool parseSizes(const char *option, const std::vector<std::string> &texts,
                std::map<std::string, int64_t> &sizes) {
  for (const std::string &text : texts) {
    size_t equal = text.find('=');
    char *end = nullptr;
    const char *digits = equal == std::string::npos ? "" : &text[equal + 1];
    int64_t size = std::strtoll(digits, &end, 10);
    if (equal == 0 || end == digits || size < 0 || *end) {
      fail(std::string(option) + " " + text + ": expected SYMBOL=SIZE, such as B=128");
      return false;
    }
    sizes[text.substr(0, equal)] = size;
  }
  return true;
}

bool readFile(const std::string &path, std::string &bytes) {
  std::ostringstream content;
  if (path == "-") {
    content << std::cin.rdbuf();
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      fail(path + ": " + std::strerror(errno));
      return false;
    }
    content << file.rdbuf();
  }
  bytes = content.str();
  return true;
}

bool writeFile(const std::string &path, const std::string &bytes) {
  if (path == "-") {
    std::cout.write(bytes.data(), bytes.size());
    return bool(std::cout.flush());
  }
  std::string partial = path + ".partial";
  {
    std::ofstream file(partial, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), bytes.size());
    file.flush();
    if (!file) {
      fail(partial + ": " + std::strerror(errno));
      std::remove(partial.c_str());
      return false;
    }
  }
  if (std::rename(partial.c_str(), path.c_str()) != 0) {
    fail(path + ": " + std::strerror(errno));
    std::remove(partial.c_str());
    return false;
  }
  return true;
}

} // namespace dlc::driver
