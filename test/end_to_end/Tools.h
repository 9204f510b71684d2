// The programs as users run them: commands in a folder of the test's own, with what they wrote.
#ifndef DLC_TEST_ENDTOEND_TOOLS_H
#define DLC_TEST_ENDTOEND_TOOLS_H

#include "dlc/data.h"
#include "dlc/runtime.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace dlc::test {

namespace fs = std::filesystem;

inline fs::path sourceFolder() { return fs::path(DLC_SOURCE); }
inline fs::path modelPath(const std::string &name) {
  return sourceFolder() / "test" / "end_to_end" / name;
}

inline std::string readFile(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// A folder for one test program. Kernels are never cached in the user's folder: in one that all
/// tests share, those of builds with sanitizers too, or, for tests of the cache itself, in this one.
class Folder {
public:
  explicit Folder(const std::string &name, bool ownCache = false)
      : path(fs::path(testing::TempDir()) / ("dlc_" + name + "_" + std::to_string(getpid()))) {
    fs::create_directories(path);
    fs::path shared = fs::path(DLC_COMPILER).parent_path().parent_path() / "test" / "kernel_cache";
    setenv("DLC_CACHE_DIR", (ownCache ? path / "cache" : shared).c_str(), 1);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }

  /// Runs `<program> <arguments>` of the build in the folder. Returns the exit code, -1 after a
  /// crash.
  int run(const std::string &program, const std::string &arguments) {
    std::string file = program == "dlc" ? DLC_COMPILER : DLC_BIN "/" + program;
    std::string command = "cd '" + path.string() + "' && '" + file + "' " + arguments +
                          " >out.txt 2>err.txt </dev/null";
    int status = std::system(command.c_str());
    out = readFile(path / "out.txt");
    err = readFile(path / "err.txt");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  /// Compiles a model of test/end_to_end.
  void compile(const std::string &model, const std::string &artifact,
               const std::string &flags = "") {
    ASSERT_EQ(
        run("dlc", "compile '" + modelPath(model).string() + "' -o " + artifact + " " + flags), 0)
        << err;
  }

  fs::path path;
  std::string out, err;
};

/// The number after "key=" in what a program printed; -1 when it is not there.
inline int64_t numberAfter(const std::string &text, const std::string &key) {
  size_t at = text.find(key + "=");
  return at == std::string::npos ? -1 : std::atoll(text.c_str() + at + key.size() + 1);
}

/// Values in [0, 1) that repeat for the same seed.
inline runtime::Array randomArray(std::vector<int64_t> dims, uint32_t seed) {
  runtime::Array array = runtime::Array::allocate(runtime::DType::F32, std::move(dims));
  auto *data = static_cast<float *>(array.mutableData());
  for (int64_t i = 0; i < array.elements(); ++i) {
    seed = seed * 1664525u + 1013904223u;
    data[i] = float(seed >> 8) * 0x1p-24f;
  }
  return array;
}

inline runtime::Array randomLabels(int64_t count, uint32_t seed) {
  runtime::Array array = runtime::Array::allocate(runtime::DType::I32, {count});
  for (int64_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    static_cast<int32_t *>(array.mutableData())[i] = int32_t((seed >> 16) % 10);
  }
  return array;
}

} // namespace dlc::test

#endif
