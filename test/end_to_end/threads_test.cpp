// The number of threads changes how long training takes, and not one bit of what it computes.
#include "Training.h"

#include "runtime/train/manifest.pb.h"

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

class ThreadsTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = new Folder("threads");
    fs::path digits = sourceFolder() / "examples" / "digits_convnet.cpp";
    ASSERT_EQ(folder->run("dlc", "compile '" + digits.string() + "' -o d.dlca"), 0) << folder->err;
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }
  static Folder *folder;
};
Folder *ThreadsTest::folder = nullptr;

TEST_F(ThreadsTest, trainingHasTheSameBits) {
  std::string variables[2];
  float losses[2];
  for (uint32_t threads : {1u, 2u}) {
    TrainingStep training;
    training.open(folder->path / "d.dlca", threads, 48);
    training.prepare();
    for (int i = 0; i < 5; ++i)
      ASSERT_TRUE(training.step());
    variables[threads - 1] = training.variables();
    losses[threads - 1] = training.outputs[0];
  }
  EXPECT_EQ(losses[0], losses[1]);
  EXPECT_TRUE(variables[0] == variables[1]);
}

// Convolutions and contractions of both directions are what training spends its time in.
TEST_F(ThreadsTest, bothThreadsRunTilesForwardAndBackward) {
  TrainingStep training;
  training.open(folder->path / "d.dlca", 2, 128);
  training.prepare();
  size_t bytes;
  const void *data = training.artifact.manifest(bytes);
  dlc::proto::Manifest manifest;
  ASSERT_TRUE(manifest.ParseFromArray(data, int(bytes)));
  ASSERT_TRUE(training.session.setProfiling(true).ok());
  // Which kernels two threads are worth; of these, the ones that one thread alone has run so far.
  auto missed = [&](int &heavy) {
    std::string names;
    heavy = 0;
    for (uint32_t k = 0; k < training.artifact.kernelCount(); ++k) {
      const std::string &kind = manifest.kernels(int(k)).kind();
      if (!training.session.kernelStats(k).calls || (kind != "conv" && kind != "contract"))
        continue;
      ++heavy;
      if (training.session.kernelTiles(k, 0) == 0 || training.session.kernelTiles(k, 1) == 0)
        names += training.artifact.kernelName(k) + std::string(" ");
    }
    return names;
  };
  // On a busy machine the second thread may be late for a short kernel, not for every one of many.
  int heavy = 0;
  std::string names = "all";
  for (int i = 0; i < 3000 && !names.empty(); ++i) {
    ASSERT_TRUE(training.step());
    names = missed(heavy);
  }
  EXPECT_EQ(names, "");
  EXPECT_GE(heavy, 10) << "three convolutions and a dense layer, forward and backward";
  EXPECT_GT(training.pool.tiles(1), 0);
}

// Each kernel of this program has one tile: two threads run them all the same, side by side.
TEST_F(ThreadsTest, kernelsOfOneTileRunAtTheSameTime) {
  folder->compile("together.mlir", "together.dlca");
  Artifact artifact;
  uint32_t entry;
  ASSERT_TRUE(Artifact::open((folder->path / "together.dlca").c_str(), artifact).ok());
  ASSERT_TRUE(artifact.findEntry("step", entry).ok());
  std::vector<std::string> results;
  for (uint32_t threads : {1u, 2u, 4u}) {
    Pool pool;
    State state;
    Session session;
    ASSERT_TRUE(Pool::create(threads, pool).ok());
    ASSERT_TRUE(State::create(artifact, nullptr, 0, state).ok());
    ASSERT_TRUE(Session::create(artifact, state, pool, nullptr, 0, session).ok());
    Array x = randomArray({3, 8192}, 1);
    ASSERT_TRUE(session.bindInput(entry, 0, DLC_F32, x.data(), {3, 8192}).ok());
    std::vector<float> y(10 * 3 * 16);
    for (uint32_t i = 0; i < 10; ++i) {
      Array w = randomArray({8192, 16}, 10 + i);
      ASSERT_TRUE(state.set(("w" + std::to_string(i)).c_str(), w.data(), size_t(w.bytes())).ok());
      ASSERT_TRUE(session.bindOutput(entry, i, &y[i * 48], 48 * sizeof(float)).ok());
    }
    ASSERT_TRUE(session.prepare(entry).ok());
    std::string &result = results.emplace_back();
    for (int run = 0; run < 100 || (threads > 1 && run < 20000 && pool.tiles(1) == 0); ++run) {
      ASSERT_TRUE(session.run(entry).ok());
      if (run < 100)
        result.append(reinterpret_cast<const char *>(y.data()), y.size() * sizeof(float));
    }
    EXPECT_TRUE(result == results[0]) << threads << " threads";
    if (threads > 1)
      EXPECT_GT(pool.tiles(1), 0);
    ASSERT_TRUE(session.setProfiling(true).ok());
    ASSERT_TRUE(session.run(entry).ok());
    for (uint32_t k = 0; k < artifact.kernelCount(); ++k)
      if (session.kernelStats(k).calls == 10)
        EXPECT_EQ(session.kernelStats(k).tiles, 10) << "the kernel was to have one tile a call";
  }
}

// Other threads cost more than they bring where a kernel takes a microsecond or two: its tiles stay
// with the caller, by their sizes.
TEST_F(ThreadsTest, smallKernelsStayOnTheCaller) {
  folder->compile("one_layer.mlir", "one.dlca");
  Artifact artifact;
  State state;
  uint32_t entry;
  ASSERT_TRUE(Artifact::open((folder->path / "one.dlca").c_str(), artifact).ok());
  ASSERT_TRUE(State::create(artifact, nullptr, 0, state).ok());
  ASSERT_TRUE(artifact.findEntry("predict", entry).ok());
  for (int64_t rows : {128, 65536}) {
    Pool pool;
    Session session;
    ASSERT_TRUE(Pool::create(2, pool).ok());
    ASSERT_TRUE(Session::create(artifact, state, pool, nullptr, 0, session).ok());
    Array x = randomArray({rows, 64}, 3), y = randomArray({rows, 10}, 4);
    ASSERT_TRUE(session.bindInput(entry, 0, DLC_F32, x.data(), {rows, 64}).ok());
    ASSERT_TRUE(session.bindOutput(entry, 0, y.mutableData(), size_t(y.bytes())).ok());
    ASSERT_TRUE(session.prepare(entry).ok());
    // On a busy machine the second thread may be late for many runs.
    int runs = 0;
    for (; runs < 200 || (rows > 1000 && runs < 20000 && pool.tiles(1) == 0); ++runs)
      ASSERT_TRUE(session.run(entry).ok());
    EXPECT_GE(pool.tiles(0) + pool.tiles(1), runs * 2) << "there would be tiles for two threads";
    EXPECT_EQ(pool.tiles(1) > 0, rows > 1000) << rows;
  }
}

} // namespace
