// dlc-run and the C example as users call them: output, files, exit codes, errors on stderr.
#include "Images.h"

#include "dlc/data.h"
#include "dlc/runtime.hpp"

#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

class Programs : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::path(testing::TempDir()) /
             ("dlc_programs_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "m.dlca", std::ios::binary) << finish(readImage("plain.so"));
    ASSERT_TRUE(writeNpy(folder / "x.npy", scalar(41)).ok());
    ASSERT_TRUE(Weights::write((folder / "w.safetensors").c_str(), nullptr, 0).ok());
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static Array scalar(float value) {
    Array array = Array::allocate(DType::F32, {});
    *static_cast<float *>(array.mutableData()) = value;
    return array;
  }

  // Runs a command in the test's folder; keeps what it wrote.
  int run(const std::string &program, const std::string &arguments) {
    std::string command = "cd '" + folder.string() + "' && '" + program + "' " + arguments +
                          " >out.txt 2>err.txt </dev/null";
    int status = std::system(command.c_str());
    out = read("out.txt");
    err = read("err.txt");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int dlcRun(const std::string &arguments) { return run(DLC_RUN, arguments); }
  std::string read(const char *name) {
    std::ifstream file(folder / name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  std::filesystem::path folder;
  std::string out, err;
};

TEST_F(Programs, dlcRunWritesOutputs) {
  EXPECT_EQ(dlcRun("m.dlca --in x=x.npy --out y=y.npy --threads 1 --bytes"), 0) << err;
  EXPECT_EQ(out, "arena_bytes=0\nstate_bytes=0\ny: f32[]\n");
  EXPECT_EQ(err, "");
  Result<Array> y = loadArray(folder / "y.npy");
  ASSERT_TRUE(y.ok()) << y.message();
  EXPECT_EQ(y->as<float>()[0], 42);
}

TEST_F(Programs, dlcRunListsTheProgram) {
  EXPECT_EQ(dlcRun("m.dlca --list"), 0);
  EXPECT_EQ(out, "increment (variant increment)\nentry predict\n  in  x: f32[]\n  out y: f32[]\n");
}

TEST_F(Programs, dlcRunSaysWhatIsWrong) {
  EXPECT_EQ(dlcRun("none.dlca"), 1);
  EXPECT_EQ(err, "dlc-run: error: none.dlca: cannot be opened: No such file or directory\n");
  EXPECT_EQ(dlcRun("m.dlca"), 1);
  EXPECT_EQ(err, "dlc-run: error: input \"x\" is missing: give it with --in\n");
  EXPECT_EQ(dlcRun("m.dlca --entry fit"), 1);
  EXPECT_EQ(err, "dlc-run: error: no entry is called \"fit\"; there are: predict\n");
  EXPECT_EQ(dlcRun("m.dlca --in z=x.npy"), 1);
  EXPECT_EQ(err,
            "dlc-run: error: no input of entry \"predict\" is called \"z\"; there are: x\n");
  EXPECT_EQ(dlcRun("m.dlca --in x=x.npy:i32"), 1);
  EXPECT_EQ(err, "dlc-run: error: input \"x\": expected f32[], got i32[]; the artifact was "
                 "compiled for f32\n");
  EXPECT_EQ(dlcRun("m.dlca --in x"), 2);
  EXPECT_EQ(dlcRun("--no-such-option m.dlca"), 2);
  EXPECT_EQ(dlcRun("m.dlca --bind B=two"), 2);
  EXPECT_EQ(dlcRun("--help"), 0);
  EXPECT_NE(out.find("--weights"), std::string::npos);
}

TEST_F(Programs, cExamplePredicts) {
  EXPECT_EQ(run(DLC_OPEN_C, "m.dlca w.safetensors"), 0) << err;
  EXPECT_EQ(out, "y: f32 of 1 values: 1\n");
  EXPECT_EQ(run(DLC_OPEN_C, "m.dlca none"), 1);
  EXPECT_EQ(err, "open_c: none: cannot be opened: No such file or directory\n");
  EXPECT_EQ(run(DLC_OPEN_C, ""), 1);
}

} // namespace
