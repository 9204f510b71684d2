#include "tools/driver/ModelFile.h"
#include "tools/driver/Driver.h"
#include "tools/driver/GuardedParse.h"
#include "tools/driver/OptionHint.h"
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace fs = std::filesystem;

namespace dlc::driver {
namespace {

/// A folder that disappears with this object.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "dlc-XXXXXX").string();
    if (mkdtemp(pattern.data()))
      path = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path.empty())
      fs::remove_all(path, ignored);
  }
  fs::path path;
};

/// Runs a program and waits for it. The exit code, or -1 when it was killed or could not start. What
/// it says on stderr goes to the file |errors|, if one is given.
int run(const std::vector<std::string> &command, const std::string &errors = "") {
  std::vector<char *> arguments;
  for (const std::string &word : command)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  std::cout.flush();
  pid_t child = fork();
  if (child == 0) {
    int file = errors.empty() ? -1 : open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0)
      dup2(file, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child)
    return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// The folder above the one that this program stands in: bin/, lib/ and include/ are below it.
fs::path prefix() {
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  return self.parent_path().parent_path();
}

bool buildAndRun(const std::string &path, const std::vector<std::string> &cxxFlags,
                 const std::string &dtypePolicy, std::string &module) {
  TemporaryFolder folder;
  if (folder.path.empty()) {
    fail("cannot create a temporary folder");
    return false;
  }
  std::string library = folder.path / "model.so", output = folder.path / "model.mlirbc";
  const char *compiler = std::getenv("CXX");
  fs::path home = prefix();
  std::vector<std::string> command{
      compiler ? compiler : "c++",       "-std=c++20", "-O0", "-shared", "-fPIC",
      "-I" + (home / "include").string()};
  command.insert(command.end(), cxxFlags.begin(), cxxFlags.end());
  command.insert(command.end(), {path, "-o", library, "-L" + (home / "lib").string(), "-ldlc",
                                 "-Wl,-rpath," + (home / "lib").string()});
  std::string errors = folder.path / "errors.txt", messages;
  if (isatty(STDERR_FILENO)) // which a file is not
    command.insert(command.begin() + 1, "-fdiagnostics-color=always");
  int status = run(command, errors);
  if (fs::exists(errors) && readFile(errors, messages))
    std::cerr << messages << (status == 0 ? "" : optionHints(messages, home / "include"));
  if (status != 0) {
    fail(status == 127 || status == -1
             ? "cannot run the C++ compiler '" + command[0] + "'; install one or set CXX"
             : path + ": the C++ compiler reported errors");
    return false;
  }
  status = run({home / "bin" / "dlc-define", library, output, dtypePolicy});
  if (status == -1) {
    fail(path + ": the model's code crashed while it defined the program");
    return false;
  }
  return status == 0 && readFile(output, module);
}

/// Reads a module. What is neither text nor MLIR's bytecode is refused here: the parser would print
/// the bytes.
bool readModule(const std::string &path, std::string &module) {
  if (!readFile(path, module))
    return false;
  bool isBytecode = module.compare(0, 4, "ML\xefR") == 0;
  if (isBytecode || module.find('\0') == std::string::npos)
    return survivesParsing(path, module);
  fail(path + (module.compare(0, 4,
                              "\x7f"
                              "ELF") == 0
                   ? ": a compiled file, which holds no module; give the .cpp or .mlir file"
                   : ": neither MLIR text nor MLIR bytecode"));
  return false;
}

} // namespace

bool loadModel(const std::string &path, const std::vector<std::string> &cxxFlags,
               std::string &module, const std::string &dtypePolicy) {
  std::string extension = fs::path(path).extension();
  bool isSource = extension == ".cpp" || extension == ".cc" || extension == ".cxx";
  if (isSource && !fs::exists(path)) {
    fail(path + ": no such file");
    return false;
  }
  if (isSource)
    return buildAndRun(path, cxxFlags, dtypePolicy, module);
  if (!dtypePolicy.empty()) {
    fail(path + ": a dtype policy is of the layers of a C++ model, and this is a module, whose types "
                "are settled; give the .cpp file");
    return false;
  }
  return readModule(path, module);
}

} // namespace dlc::driver
