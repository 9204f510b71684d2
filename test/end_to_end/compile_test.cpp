// dlc compile as a promise about files: the same bytes for the same model, the cache, and what is
// said about files that are not artifacts. And what the programs that run them link.
#include "Tools.h"

#include "test/Sanitized.h"

using namespace dlc::test;

namespace {

class CompileTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = new Folder("compile", true);
    folder->compile("small_convnet.cpp", "m.dlca");
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }

  /// Compiles a copy of the model that stands in a folder of its own.
  std::string compileIn(const std::string &where, const std::string &model,
                        const std::string &flags) {
    fs::create_directories(folder->path / where);
    fs::copy_file(modelPath(model), folder->path / where / model,
                  fs::copy_options::overwrite_existing);
    fs::path artifact = folder->path / where / "m.dlca";
    EXPECT_EQ(folder->run("dlc", "compile '" + (folder->path / where / model).string() +
                                     "' --no-cache -o '" + artifact.string() + "' " + flags),
              0)
        << folder->err;
    return readFile(artifact);
  }

  /// Opens bytes as an artifact with dlc-run; the message.
  std::string messageFor(const std::string &bytes) {
    std::ofstream(folder->path / "wrong.dlca", std::ios::binary) << bytes;
    EXPECT_EQ(folder->run("dlc-run", "wrong.dlca --list"), 1);
    std::string message = folder->err;
    EXPECT_EQ(folder->run("dlc", "inspect wrong.dlca"), 1);
    EXPECT_EQ(folder->run("dlc", "bench wrong.dlca"), 1);
    return message;
  }

  static Folder *folder;
};
Folder *CompileTest::folder = nullptr;

TEST_F(CompileTest, sameBytesAnywhereWithAnyJobs) {
  std::string first = compileIn("here", "small_convnet.cpp", "-j1");
  std::string second = compileIn("some/where/else", "small_convnet.cpp", "-j2");
  EXPECT_GT(first.size(), 10000u);
  EXPECT_TRUE(first == second);
  EXPECT_EQ(first.find(folder->path.string()), std::string::npos) << "a path is in the artifact";
}

TEST_F(CompileTest, sameBytesFromTheCache) {
  std::string fresh = compileIn("fresh", "small_convnet.cpp", "");
  folder->compile("small_convnet.cpp", "again.dlca", "--timing");
  size_t kernels = folder->err.find(" kernels for ");
  ASSERT_NE(kernels, std::string::npos) << folder->err;
  size_t line = folder->err.rfind('\n', kernels) + 1;
  std::string count = folder->err.substr(line, kernels - line);
  EXPECT_NE(folder->err.find(", " + count + " of them from the cache"), std::string::npos)
      << folder->err;
  EXPECT_TRUE(readFile(folder->path / "again.dlca") == fresh);
}

TEST_F(CompileTest, aDamagedCacheIsAsGoodAsNone) {
  for (const auto &entry : fs::directory_iterator(folder->path / "cache"))
    fs::resize_file(entry.path(), fs::file_size(entry.path()) / 2);
  std::string before = readFile(folder->path / "m.dlca");
  folder->compile("small_convnet.cpp", "m.dlca");
  EXPECT_TRUE(readFile(folder->path / "m.dlca") == before);
}

TEST_F(CompileTest, severalVariantsAreInTheFile) {
  folder->compile("small_convnet.cpp", "v.dlca", "--cpu=x86-64-v2,x86-64-v3");
  ASSERT_EQ(folder->run("dlc", "inspect v.dlca"), 0) << folder->err;
  EXPECT_NE(folder->out.find("variant x86-64-v2"), std::string::npos);
  EXPECT_NE(folder->out.find("variant x86-64-v3"), std::string::npos);
  EXPECT_EQ(folder->run("dlc-run", "v.dlca --list --variant x86-64-v9"), 1);
  EXPECT_EQ(folder->err, "dlc-run: error: v.dlca: no variant is called \"x86-64-v9\"; there are: "
                         "x86-64-v2, x86-64-v3\n");
  EXPECT_EQ(folder->run("dlc", "compile '" + modelPath("small_convnet.cpp").string() +
                                   "' -o n.dlca --cpu=pentium9"),
            1);
  EXPECT_NE(folder->err.find("pentium9"), std::string::npos) << folder->err;
  EXPECT_FALSE(fs::exists(folder->path / "n.dlca"));
}

TEST_F(CompileTest, wrongFilesGetAClearMessage) {
  std::string good = readFile(folder->path / "m.dlca");
  auto says = [&](const std::string &bytes, const char *what) {
    std::string message = messageFor(bytes);
    EXPECT_NE(message.find("wrong.dlca: "), std::string::npos) << message;
    EXPECT_NE(message.find(what), std::string::npos) << message;
  };
  says("", "not a dlc artifact");
  says("module {}", "not a dlc artifact");
  says(readFile("/bin/true"), "no artifact");
  for (size_t size : {good.size() - 1, good.size() - 100, good.size() / 2, size_t(100)})
    says(good.substr(0, size), "wrong.dlca");
  std::string altered = good;
  altered[altered.size() / 2] ^= 1;
  says(altered, "checksum");
  says(good + "x", "wrong.dlca");
  EXPECT_EQ(folder->run("dlc-run", "."), 1);
  EXPECT_NE(folder->err.find("not a regular file"), std::string::npos) << folder->err;
}

TEST_F(CompileTest, wrongModelsGetAClearMessage) {
  auto compile = [&](const std::string &name, const std::string &content) {
    std::ofstream(folder->path / name, std::ios::binary) << content;
    EXPECT_EQ(folder->run("dlc", "compile " + name + " -o n.dlca"), 1) << name;
    EXPECT_FALSE(fs::exists(folder->path / "n.dlca"));
    return folder->err;
  };
  EXPECT_NE(compile("a.mlir", "module {").find("a.mlir"), std::string::npos) << folder->err;
  EXPECT_NE(compile("b.mlir", readFile(folder->path / "m.dlca")).find("holds no module"),
            std::string::npos);
  EXPECT_NE(compile("c.mlirbc", std::string("\0\1\2", 3)).find("neither MLIR text nor"),
            std::string::npos);
  compile("d.mlirbc", std::string("ML\xefR", 4) + std::string(64, '\7'));
  EXPECT_NE(compile("e.cpp", "int x = ;").find("the C++ compiler reported errors"),
            std::string::npos);
  EXPECT_NE(compile("f.cpp", "int x;").find("defineProgram"), std::string::npos) << folder->err;
  compile("g.cpp", "#include <dlc/dlc.h>\n"
                   "dlc::Program defineProgram() {\n"
                   "  dlc::Sequential model({dlc::Input({4}), dlc::Dense({.unit = 3})});\n"
                   "  return model.compile({.loss = dlc::MeanSquaredError()});\n}\n");
  EXPECT_NE(folder->err.find("g.cpp:3:"), std::string::npos) << folder->err;
  // clang++ names the option itself.
  EXPECT_TRUE(folder->err.find("the options of DenseOptions are, in this order: units, activation, "
                               "useBias, kernelInitializer, biasInitializer, name\n") !=
                  std::string::npos ||
              folder->err.find("'unit'") != std::string::npos)
      << folder->err;
  EXPECT_EQ(folder->run("dlc", "compile none.mlir -o n.dlca"), 1);
  EXPECT_NE(folder->err.find("none.mlir: No such file"), std::string::npos) << folder->err;
  EXPECT_EQ(folder->run("dlc", "compile"), 2);
  EXPECT_EQ(folder->run("dlc", "compyle a.mlir"), 2);
  EXPECT_NE(folder->err.find("no verb is called \"compyle\"; there are: compile, "),
            std::string::npos)
      << folder->err;
  EXPECT_EQ(folder->run("dlc", "run a.mlir"), 1);
  EXPECT_NE(folder->err.find("--reference"), std::string::npos) << folder->err;
}

TEST_F(CompileTest, wrongOptionsGetAClearMessage) {
  std::string input = "'" + modelPath("one_layer.mlir").string() + "' -o n.dlca ";
  auto says = [&](const std::string &flags, const char *what) {
    EXPECT_EQ(folder->run("dlc", "compile " + input + flags), 1) << flags;
    EXPECT_NE(folder->err.find(what), std::string::npos) << folder->err;
    EXPECT_EQ(folder->err.find("loc("), std::string::npos) << folder->err;
  };
  says("--bind Q=4", "no symbol is called \"Q\"; there are: B");
  says("--bind B=0", "one_layer.mlir:6:1: error: cannot bind \"B\" to 0");
  says("--dump-after=dlc-nothing", "no pass is called \"dlc-nothing\"; there are: dlc-differ");
  EXPECT_EQ(folder->run("dlc", "compile " + input + "--bind B"), 2);
  EXPECT_EQ(folder->run("dlc", "compile " + input + "--emit=exe"), 2);
  // What the passes made of a model is no model.
  ASSERT_EQ(folder->run("dlc", "compile " + input + "--emit=mlirbc"), 0) << folder->err;
  EXPECT_EQ(folder->run("dlc", "compile n.dlca -o n2.dlca"), 1);
  EXPECT_NE(folder->err.find("entry \"predict\" was planned already"), std::string::npos)
      << folder->err;
  fs::remove(folder->path / "n.dlca");
}

TEST_F(CompileTest, aVariantThatIsNamedTwiceIsCompiledOnce) {
  std::string input = "'" + modelPath("one_layer.mlir").string() + "' -o twice.dlca ";
  ASSERT_EQ(folder->run("dlc", "compile " + input + "--cpu=x86-64-v3,x86-64-v3"), 0) << folder->err;
  ASSERT_EQ(folder->run("dlc", "inspect twice.dlca"), 0) << folder->err;
  EXPECT_EQ(folder->out.find("variant x86-64-v3"), folder->out.rfind("variant x86-64-v3"));
}

TEST_F(CompileTest, verbsExplainThemselves) {
  for (const char *verb : {"compile", "run", "inspect", "bench", "train", "evaluate", "check"}) {
    EXPECT_EQ(folder->run("dlc", std::string(verb) + " --help"), 0) << verb;
    EXPECT_NE(folder->out.find("--help"), std::string::npos) << verb;
    EXPECT_EQ(folder->run("dlc", std::string(verb) + " --no-such-option"), 2) << verb;
    EXPECT_EQ(folder->out, "") << verb;
  }
}

TEST_F(CompileTest, inspectStatesTheProgram) {
  ASSERT_EQ(folder->run("dlc", "inspect m.dlca --bind B=8"), 0) << folder->err;
  for (const char *what :
       {"entry train_step (changes variables), layout ", "in  x: f32[B,8,8,1]",
        "symbol B: at least 1, here 8", "weight         dense/kernel: f32[64,16]",
        "dense (small_convnet.cpp:12)"})
    EXPECT_NE(folder->out.find(what), std::string::npos) << what << "\n" << folder->out;
  EXPECT_EQ(folder->out.find("unknown"), std::string::npos) << "a kernel without a source";
  ASSERT_EQ(folder->run("dlc", "inspect m.dlca --bind B=8 --json"), 0) << folder->err;
  EXPECT_EQ(folder->out.front(), '{');
  EXPECT_NE(folder->out.find("\"arena_bytes\": "), std::string::npos);
  EXPECT_NE(folder->out.find("\"layout\": \""), std::string::npos);
  EXPECT_EQ(folder->run("dlc", "inspect m.dlca --bind C=8"), 1);
  EXPECT_EQ(folder->err, "dlc: error: --bind C=8: m.dlca has no such symbol; there are: B\n");
}

TEST_F(CompileTest, benchMeasuresAnEntry) {
  ASSERT_EQ(folder->run("dlc", "bench m.dlca --entry train_step --bind B=4 --runs 3 --profile"), 0)
      << folder->err;
  EXPECT_NE(folder->out.find("entry train_step B=4"), std::string::npos) << folder->out;
  EXPECT_NE(folder->out.find("GF/s"), std::string::npos);
  ASSERT_EQ(folder->run("dlc", "bench m.dlca --runs 3 --json"), 0) << folder->err;
  EXPECT_NE(folder->out.find("\"median_us\": "), std::string::npos);
  EXPECT_EQ(folder->run("dlc", "bench m.dlca --entry fit"), 1);
  EXPECT_NE(folder->err.find("no entry is called \"fit\""), std::string::npos) << folder->err;
}

// Their kernels and host functions have the same names, which neither may show to the other.
TEST_F(CompileTest, twoModelsLinkIntoOneProgram) {
  if (kSanitized)
    GTEST_SKIP() << "the core asks for a sanitizer's library, which this program has not";
  folder->compile("one_layer.mlir", "first.o", "--emit=obj");
  folder->compile("one_layer.mlir", "second.o", "--emit=obj --cpu=x86-64-v2,native");
  std::string command = "cd '" + folder->path.string() + "' && " DLC_CC " -I '" +
                        (sourceFolder() / "runtime" / "include").string() + "' -I . '" +
                        modelPath("linked.c").string() +
                        "' first.o second.o '" DLC_CORE "' -lpthread -ldl -lm -o linked 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  command =
      "'" + (folder->path / "linked").string() + "' >'" + (folder->path / "out.txt").string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(readFile(folder->path / "out.txt"), "y=42\ny=42\n");
}

/// The libraries that a program asks for.
std::string neededBy(Folder &folder, const std::string &program) {
  std::string command =
      "readelf -d '" DLC_BIN "/" + program + "' > '" + (folder.path / "needed.txt").string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return readFile(folder.path / "needed.txt");
}

TEST_F(CompileTest, runningNeedsNoCompiler) {
  for (const char *program : {"dlc-run", "examples/open_c"}) {
    std::string needed = neededBy(*folder, program);
    EXPECT_NE(needed.find("libc.so"), std::string::npos);
    for (const char *library : {"LLVM", "MLIR", "protobuf", "libdlc"})
      EXPECT_EQ(needed.find(library), std::string::npos) << program << ": " << needed;
  }
  EXPECT_EQ(neededBy(*folder, "examples/open_c").find("libstdc++"), std::string::npos);
}

} // namespace
