// One artifact, run where no compiler is, at any batch size and on any of its ISA variants.
#include "Tools.h"

#include <cmath>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

class SizesTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = new Folder("sizes");
    folder->compile("small_convnet.cpp", "m.dlca", "--cpu=x86-64-v2,x86-64-v3,x86-64-v4");
    initialize();
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }

  /// Runs the entry `initialize` and keeps the variables as w.safetensors.
  static void initialize() {
    Artifact artifact;
    State state;
    Session session;
    uint32_t entry;
    dlc_open_options open = {"x86-64-v2"};
    auto opened = Artifact::open((folder->path / "m.dlca").c_str(), artifact, &open);
    ASSERT_TRUE(opened.ok()) << opened.message();
    ASSERT_TRUE(artifact.findEntry("initialize", entry).ok());
    ASSERT_TRUE(State::create(artifact, nullptr, 0, state).ok());
    ASSERT_TRUE(Session::create(artifact, state, Pool(), nullptr, 0, session).ok());
    std::vector<Array> seeds;
    for (uint32_t i = 0; i < artifact.inputCount(entry); ++i) {
      dlc_tensor_info info = artifact.input(entry, i);
      seeds.push_back(Array::allocate(DType(info.dtype), {info.dims, info.dims + info.rank}));
      ASSERT_TRUE(
          session.bindInput(entry, i, info.dtype, seeds.back().data(), info.dims, info.rank).ok());
    }
    ASSERT_TRUE(session.prepare(entry).ok());
    auto ran = session.run(entry);
    ASSERT_TRUE(ran.ok()) << ran.message();
    ASSERT_TRUE(state.save((folder->path / "w.safetensors").c_str(), DLC_ROLES_ALL).ok());
  }

  /// What an evaluation of `predict` says; its input is written to x.npy.
  static Array reference(int64_t batch) {
    EXPECT_TRUE(writeNpy(folder->path / "x.npy", randomArray({batch, 8, 8, 1}, 7)).ok());
    EXPECT_EQ(folder->run("dlc", "run --reference '" + modelPath("small_convnet.cpp").string() +
                                     "' --weights w.safetensors --in x=x.npy --out " +
                                     "y=want.npy"),
              0)
        << folder->err;
    Result<Array> want = loadArray(folder->path / "want.npy");
    EXPECT_TRUE(want.ok());
    return want.ok() ? *want : Array();
  }

  /// Runs the artifact on x.npy; the declared bytes of temporaries.
  static int64_t expectNative(const Array &want, const std::string &flags) {
    EXPECT_EQ(folder->run("dlc-run", "m.dlca --weights w.safetensors --in x=x.npy --out "
                                     "y=got.npy --bytes " +
                                         flags),
              0)
        << folder->err;
    Result<Array> got = loadArray(folder->path / "got.npy");
    EXPECT_TRUE(got.ok());
    if (!got.ok() || !want)
      return -1;
    EXPECT_EQ(got->dims(), want.dims());
    for (int64_t i = 0; i < std::min(got->elements(), want.elements()); ++i)
      EXPECT_NEAR(got->as<float>()[i], want.as<float>()[i], 2e-5)
          << "element " << i << " " << flags;
    return numberAfter(folder->out, "arena_bytes");
  }

  static Folder *folder;
};
Folder *SizesTest::folder = nullptr;

TEST_F(SizesTest, anyBatchWithBytesThatGrowWithIt) {
  int64_t one = 0, last = 0;
  for (int64_t batch : {1, 2, 31, 33, 128}) {
    Array want = reference(batch);
    int64_t bytes = expectNative(want, "--threads 1");
    EXPECT_GT(bytes, last) << "batch " << batch;
    if (batch == 1)
      one = bytes;
    // Every temporary is rounded up to 64 bytes, none to the size of a larger batch.
    EXPECT_LE(bytes, one * batch) << "batch " << batch;
    last = bytes;
  }
  EXPECT_GT(last, one * 64);
}

TEST_F(SizesTest, declaredWithoutRunning) {
  ASSERT_EQ(folder->run("dlc-run", "m.dlca --bytes --bind B=33 --threads 1"), 0) << folder->err;
  int64_t declared = numberAfter(folder->out, "arena_bytes");
  EXPECT_EQ(expectNative(reference(33), "--threads 1"), declared);
}

TEST_F(SizesTest, everyVariantComputesTheSame) {
  Array want = reference(31);
  ASSERT_EQ(folder->run("dlc-run", "m.dlca --list --variant x86-64-v2"), 0) << folder->err;
  for (const char *variant : {"x86-64-v2", "x86-64-v3", "x86-64-v4"}) {
    std::string flag = std::string("--variant ") + variant;
    if (folder->run("dlc-run", "m.dlca --list " + flag) == 1) {
      EXPECT_NE(folder->err.find("processor"), std::string::npos) << folder->err;
      continue; // older processors refuse it, with the reason
    }
    EXPECT_NE(folder->out.find(std::string("(variant ") + variant + ")"), std::string::npos);
    expectNative(want, flag);
  }
}

TEST_F(SizesTest, cExamplePredictsWithARealArtifact) {
  EXPECT_EQ(folder->run("examples/open_c", "m.dlca w.safetensors"), 0) << folder->err;
  EXPECT_NE(folder->out.find("y: f32 of 20 values: "), std::string::npos) << folder->out;
}

} // namespace
