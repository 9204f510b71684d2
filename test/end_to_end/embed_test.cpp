// Models inside other programs: what --emit=obj makes, with the runtime core and without any
// runtime, and the examples that embed models, built as a user builds them.
#include "Tools.h"

#include <set>
#include <sstream>

using namespace dlc::test;

namespace {

class EmbedTest : public testing::Test {
protected:
  static void SetUpTestSuite() { folder = new Folder("embed"); }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }

  static fs::path example(const std::string &name) { return sourceFolder() / "examples" / name; }

  /// Runs a command line in the folder; what it printed is in folder->out.
  static int shell(const std::string &command) {
    int status = std::system(
        ("cd '" + folder->path.string() + "' && ( " + command + " ) >out.txt 2>err.txt </dev/null")
            .c_str());
    folder->out = readFile(folder->path / "out.txt");
    folder->err = readFile(folder->path / "err.txt");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  static void succeeds(const std::string &command) {
    ASSERT_EQ(shell(command), 0) << command << "\n" << folder->out << folder->err;
  }

  /// Compiles a model; `model` is a path.
  static void compile(const fs::path &model, const std::string &object, const std::string &flags) {
    ASSERT_EQ(folder->run("dlc", "compile '" + model.string() + "' -o " + object + " " + flags), 0)
        << folder->err;
  }

  static std::string include() {
    return " -I. -I'" + (sourceFolder() / "runtime" / "include").string() + "' ";
  }
  static std::string c99(const fs::path &source) {
    return DLC_CC " " DLC_SANITIZER_FLAGS " -std=c99 -pedantic -Wall -Wextra -Werror -O1 " + include() + "'" +
           source.string() + "' ";
  }
  static std::string cpp(const std::string &standard, const fs::path &source) {
    return DLC_CXX " " DLC_SANITIZER_FLAGS " -std=" + standard + " -Wall -Wextra -Werror -O1 -fno-exceptions -fno-rtti " +
           include() + "'" + source.string() + "' ";
  }
  /// The core and what it needs of libc.
  static std::string core() { return " '" DLC_CORE "' -lpthread -ldl "; }

  /// The functions that an object asks for.
  static std::set<std::string> undefined(const std::string &object) {
    EXPECT_EQ(shell(DLC_NM " -u " + object), 0) << folder->err;
    std::istringstream lines(folder->out);
    std::set<std::string> names;
    for (std::string kind, name; lines >> kind >> name;)
      names.insert(name);
    return names;
  }
  static void expectMemoryFunctionsOnly(const std::string &object) {
    for (const std::string &name : undefined(object))
      EXPECT_TRUE(name == "memcpy" || name == "memset") << object << " needs " << name;
  }

  static Folder *folder;
};
Folder *EmbedTest::folder = nullptr;

// Every loss, every score and every variable, by the runtime and without it.
TEST_F(EmbedTest, aFreestandingObjectComputesTheSameBits) {
  for (const char *cpu : {"x86-64-v2", "x86-64-v3"}) {
    std::string flags = std::string("--emit=obj --bind B=8 --cpu=") + cpu;
    compile(modelPath("embedded.cpp"), "net.o", flags);
    succeeds(c99(modelPath("embedded.c")) + "net.o" + core() + "-o hosted && ./hosted");
    std::string want = folder->out;
    EXPECT_NE(want.find("dense/kernel "), std::string::npos) << want;
    compile(modelPath("embedded.cpp"), "net.o", flags + " --freestanding");
    expectMemoryFunctionsOnly("net.o");
    succeeds(c99(modelPath("embedded.c")) + "-DFREESTANDING net.o -o freestanding && "
                                            "./freestanding");
    EXPECT_EQ(folder->out, want) << cpu;
  }
}

TEST_F(EmbedTest, loopsAndBranchesNeedNoRuntime) {
  fs::path ops = sourceFolder() / "test" / "ops";
  compile(ops / "if.mlir", "branch.o", "--emit=obj --freestanding --bind B=2");
  compile(ops / "scan.mlir", "loop.o", "--emit=obj --freestanding --bind B=2 --bind T=4");
  compile(ops / "while.mlir", "until.o", "--emit=obj --freestanding --bind B=2");
  for (const char *object : {"branch.o", "loop.o", "until.o"})
    expectMemoryFunctionsOnly(object);
  succeeds(c99(modelPath("control_flow.c")) + "branch.o loop.o until.o -o flow && ./flow");
}

// Nobody sees what an object has beyond the functions of its header.
TEST_F(EmbedTest, anObjectShowsItsHeadersFunctionsAlone) {
  compile(modelPath("one_layer.mlir"), "one.o", "--emit=obj --freestanding --bind B=2");
  succeeds(DLC_NM " -g --defined-only one.o | sed 's/.* //' | sort | tr '\\n' ' '");
  EXPECT_EQ(folder->out, "one_get_dense_bias one_get_dense_kernel one_predict one_set_dense_bias "
                         "one_set_dense_kernel ");
  compile(modelPath("one_layer.mlir"), "one.o", "--emit=obj");
  succeeds(DLC_NM " -g --defined-only one.o");
  EXPECT_NE(folder->out.find("dlc_query_one"), std::string::npos);
  EXPECT_EQ(folder->out.find('\n'), folder->out.rfind('\n')) << folder->out;
}

TEST_F(EmbedTest, headersAreCleanInEveryLanguage) {
  std::ofstream(folder->path / "odd.mlir") // names that mean something to C
      << "!x = tensor<2xf32>\nmodule @odd {\ndlc.variable @\"a\\22*/b\" weight : !x\n"
         "dlc.entry @while(%x: !x {dlc.name = \"int\"}, %w: !x {dlc.state = @\"a\\22*/b\"})"
         " -> (!x {dlc.name = \"int\"}) {\n"
         "  %y = dlc.add %x, %w : !x\n  dlc.return %y : !x\n}}\n";
  for (std::string kind : {"", "--freestanding"}) {
    compile(modelPath("one_layer.mlir"), "one.o", "--emit=obj --bind B=3 " + kind);
    compile("odd.mlir", "odd.o", "--emit=obj " + kind);
    std::ofstream(folder->path / "use.c") << "#include \"one.h\"\n#include \"one.h\"\n"
                                             "#include \"odd.h\"\nint main(void) { return 0; }\n";
    fs::copy_file(folder->path / "use.c", folder->path / "use.cpp",
                  fs::copy_options::overwrite_existing);
    for (const char *standard : {"c99", "c11", "c17"})
      succeeds(DLC_CC " -Wall -Wextra -Werror -pedantic -fsyntax-only -std=" +
               std::string(standard) + include() + "use.c");
    for (const char *standard : {"c++17", "c++20"})
      succeeds(DLC_CXX " -Wall -Wextra -Werror -pedantic -fsyntax-only -std=" +
               std::string(standard) + include() + "use.cpp");
  }
}

// What open sizes make of the header: parameters, macros, and a function for the arena.
TEST_F(EmbedTest, openSizesAreParameters) {
  compile(modelPath("one_layer.mlir"), "one.o", "--emit=obj");
  std::string header = readFile(folder->path / "one.h");
  for (const char *part :
       {"#define ONE_STATE_BYTES 2600", "#define ONE_PREDICT_LAYOUT UINT64_C(0x",
        "#define ONE_PREDICT_SIGNATURE \"predict(x: f32[B,64]) -> (y: f32[B,10])",
        "#define ONE_PREDICT_X_ELEMENTS(B) ((int64_t)(B) * 64)",
        "one_predict_arena_bytes(const dlc_artifact *artifact, int64_t B,",
        "one_prepare_predict(dlc_session *session, int64_t B)",
        "one_predict(dlc_session *session, int64_t B, const float *x, float *y)",
        "one_set_dense_kernel(dlc_state *state, const float *value)",
        " * @param x input \"x\": f32[B,64], row-major, read during the call; yours"})
    EXPECT_NE(header.find(part), std::string::npos) << part << "\n" << header;
}

TEST_F(EmbedTest, openSizesAreGivenByCalls) {
  compile(modelPath("open_sizes.mlir"), "open.o", "--emit=obj");
  succeeds(c99(modelPath("open_sizes.c")) + "open.o" + core() + "-o open && ./open");
  EXPECT_EQ(folder->out, "0 2 4 6 8 of 9\n0 2 of 4\n2 12, room\n");
}

// A program that was built with one model's header and is given another model is told so at once.
TEST_F(EmbedTest, aHeaderKnowsItsModel) {
  std::string text = readFile(modelPath("one_layer.mlir")), wider = text;
  for (size_t at; (at = wider.find("64")) != std::string::npos;)
    wider.replace(at, 2, "65");
  std::ofstream(folder->path / "wider.mlir") << wider;
  compile(modelPath("one_layer.mlir"), "right.dlca", "--cpu=x86-64-v2");
  compile(modelPath("one_layer.mlir"), "again.dlca", "--cpu=x86-64-v3,x86-64-v2 --no-cache");
  compile("wider.mlir", "wrong.dlca", "");
  compile(modelPath("one_layer.mlir"), "one.o", "--emit=obj");
  fs::rename(folder->path / "one.o", folder->path / "right.o");
  succeeds(c99(modelPath("layouts.c")) + "right.o" + core() +
           "-o layouts && ./layouts && "
           "./layouts right.dlca && "
           "./layouts again.dlca");
  EXPECT_EQ(folder->out, "right\nright\nright\n");
  succeeds("./layouts wrong.dlca");
  EXPECT_NE(folder->out.find("artifact \"one_layer\" is not the model that this program was built "
                             "for: expected entry 0 to be predict(x: f32[B,64]) -> (y: f32[B,10]), "
                             "reads variables; B >= 1 (layout "),
            std::string::npos)
      << folder->out;
  EXPECT_NE(folder->out.find("got predict(x: f32[B,65]) -> "), std::string::npos) << folder->out;
  // An older header beside a newer object: opening fails.
  std::string header = readFile(folder->path / "one.h");
  compile("wider.mlir", "one.o", "--emit=obj");
  EXPECT_NE(readFile(folder->path / "one.h"), header);
  std::ofstream(folder->path / "one.h") << header;
  succeeds(c99(modelPath("layouts.c")) + "one.o" + core() + "-o layouts && ./layouts");
  EXPECT_NE(folder->out.find("got predict(x: f32[B,65]) -> "), std::string::npos) << folder->out;
  EXPECT_EQ(folder->out.find("opened"), std::string::npos) << folder->out;
}

TEST_F(EmbedTest, whatCannotBeFreestandingSaysWhy) {
  std::string model = "compile '" + modelPath("one_layer.mlir").string() + "' -o no.o ";
  EXPECT_EQ(folder->run("dlc", model + "--emit=obj --freestanding"), 1);
  EXPECT_NE(folder->err.find("--freestanding needs a size for the symbol \"B\": make it a constant "
                             "with --bind B=SIZE"),
            std::string::npos)
      << folder->err;
  EXPECT_EQ(folder->run("dlc", model + "--emit=obj --freestanding --bind B=1 "
                                       "--cpu=x86-64-v2,x86-64-v3"),
            1);
  EXPECT_NE(folder->err.find("one processor, not for 2"), std::string::npos) << folder->err;
  EXPECT_EQ(folder->run("dlc", model + "--freestanding --bind B=1"), 2);
  EXPECT_NE(folder->err.find("say --emit=obj, too"), std::string::npos) << folder->err;
  EXPECT_FALSE(fs::exists(folder->path / "no.o"));
}

// The code around kernels is the same text for every kind of machine. Where there are a compiler
// and an emulator, the network trains there, too.
TEST_F(EmbedTest, freestandingObjectsForOtherMachines) {
  for (std::string machine : {"aarch64", "riscv64"}) {
    std::string target = machine + "-linux-gnu";
    compile(example("embed_c/model.cpp"), "tiny.o",
            "--emit=obj --freestanding --bind B=4 --target=" + target);
    expectMemoryFunctionsOnly("tiny.o");
    if (shell("command -v " + target + "-gcc && command -v qemu-" + machine) != 0)
      continue;
    succeeds(target + "-gcc -std=c99 -static -I. '" + example("embed_c/main.c").string() +
             "' tiny.o -o other && qemu-" + machine + " ./other");
    EXPECT_NE(folder->out.find("1 and 0 differ"), std::string::npos) << folder->out;
  }
}

//===- The examples -------------------------------------------------------------------------===//

TEST_F(EmbedTest, embedCNeedsNothing) {
  compile(example("embed_c/model.cpp"), "tiny.o", "--emit=obj --freestanding --bind B=4");
  expectMemoryFunctionsOnly("tiny.o");
  succeeds(c99(example("embed_c/main.c")) + "tiny.o -o embed_c && ./embed_c");
  EXPECT_NE(folder->out.find("0 and 1 differ"), std::string::npos) << folder->out;
  EXPECT_NE(folder->out.find("1 and 1 agree"), std::string::npos) << folder->out;
}

// The C program trains and writes weights; the C++ program reads new images with them.
TEST_F(EmbedTest, embedTrainCTrainsWhatEmbedCppReads) {
  compile(example("embed_train_c/model.cpp"), "mnist_mlp.o", "--emit=obj");
  succeeds(c99(example("embed_train_c/main.c")) + "mnist_mlp.o" + core() +
           "-o embed_train_c && ./embed_train_c w.safetensors");
  EXPECT_NE(folder->out.find(" of 200 new digits are read"), std::string::npos) << folder->out;
  compile(example("embed_train_c/model.cpp"), "mnist_mlp.dlca", "");
  succeeds(cpp("c++20", example("embed_cpp/main.cpp")) + core() +
           "-Wl,--as-needed -o embed_cpp && ./embed_cpp mnist_mlp.dlca w.safetensors");
  EXPECT_NE(folder->out.find(" of 40 digits are read"), std::string::npos) << folder->out;
  EXPECT_EQ(shell("./embed_cpp mnist_mlp.dlca none"), 1);
  EXPECT_EQ(folder->err, "embed_cpp: none: cannot be opened: No such file or directory\n");
  succeeds("readelf -d embed_cpp");
  EXPECT_EQ(folder->out.find("stdc++"), std::string::npos) << "spans need no C++ library";
}

// What whole programs weigh, libc aside; docs/size.md tells the figures.
TEST_F(EmbedTest, programsAreSmall) {
  if (*DLC_SANITIZER_FLAGS)
    GTEST_SKIP() << "sanitizers weigh more than the program";
  auto weigh = [&](const char *what, const std::string &program, int64_t limit) {
    succeeds("strip -o stripped " + program);
    auto bytes = int64_t(fs::file_size(folder->path / "stripped"));
    std::printf("%s_stripped_bytes=%lld (limit %lld)\n", what, static_cast<long long>(bytes),
                static_cast<long long>(limit));
    RecordProperty(std::string(what) + "_stripped_bytes", std::to_string(bytes));
    EXPECT_LE(bytes, limit) << what;
  };
  std::string small = "-Os -Wl,--gc-sections -Wl,--as-needed ";
  compile(example("embed_train_c/model.cpp"), "mnist_mlp.o", "--emit=obj --cpu=x86-64-v3");
  succeeds(c99(example("embed_train_c/main.c")) + small + "mnist_mlp.o" + core() + "-o trainer");
  weigh("mnist_mlp_trainer", "trainer", 300 << 10);
  compile(example("embed_c/model.cpp"), "tiny.o",
          "--emit=obj --freestanding --bind B=4 --cpu=x86-64-v3");
  succeeds(c99(example("embed_c/main.c")) + small + "tiny.o -o tiny");
  weigh("freestanding_trainer", "tiny", 100 << 10);
}

} // namespace
