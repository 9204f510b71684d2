// What a real artifact does with memory: a training step allocates nothing and takes no lock, and
// the temporaries take exactly the bytes that were declared.
#include "Training.h"
#include "test/CountingLocks.h"

#include <mutex>

using namespace dlc::test;

namespace {

class MemoryTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = new Folder("memory");
    folder->compile("small_convnet.cpp", "m.dlca");
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }
  void SetUp() override {
    if (!kCountsAllocations)
      GTEST_SKIP() << "a sanitizer replaces the allocator";
    allocations = 0;
    blockCount = 0;
  }
  void TearDown() override { counting = false; }

  // Opens the step, and counts what twenty runs of it do behind a first one.
  static void countSteps(TrainingStep &training, uint32_t threads) {
    training.open(folder->path / "m.dlca", threads, 64);
    training.prepare();
    ASSERT_TRUE(training.step());
    allocations = 0;
    locks = 0;
    counting = true;
    bool ok = true;
    for (int i = 0; i < 20; ++i)
      ok &= training.step();
    counting = false;
    EXPECT_TRUE(ok);
  }

  static Folder *folder;
};
Folder *MemoryTest::folder = nullptr;

TEST_F(MemoryTest, aTrainingStepAllocatesNothing) {
  for (uint32_t threads : {1u, 2u}) {
    TrainingStep training;
    countSteps(training, threads);
    EXPECT_EQ(allocations, 0) << threads << " threads";
    // The last batch of a pass is smaller; its shape was not prepared, its bytes fit.
    training.bindRows(17);
    counting = true;
    bool ok = training.step() && training.step();
    counting = false;
    EXPECT_TRUE(ok);
    EXPECT_EQ(allocations, 0) << threads << " threads, a smaller batch";
  }
}

// Threads of one process never wait for each other at a lock that they do not know of. (The pool
// parks its threads at a word of its own; a session without one makes no system call at all, see
// ConcurrencyTest.)
TEST_F(MemoryTest, aTrainingStepTakesNoLock) {
  for (uint32_t threads : {1u, 2u}) {
    TrainingStep training;
    countSteps(training, threads);
    EXPECT_EQ(locks, 0) << threads << " threads";
  }
  std::mutex mutex;
  counting = true;
  mutex.lock();
  counting = false;
  mutex.unlock();
  EXPECT_EQ(locks, 1) << "the counter does not count";
}

TEST_F(MemoryTest, usesTheDeclaredBytesAndNoneBeyond) {
  for (int64_t rows : {1, 31, 64}) {
    TrainingStep training;
    // With two threads: kernels that run together have scratch side by side, which one thread, who
    // runs them one after the other, leaves alone.
    training.open(folder->path / "m.dlca", 2, rows);
    blockCount = 0;
    counting = true;
    training.prepare();
    counting = false;
    dlc_size size = {"B", rows};
    int64_t declared;
    ASSERT_TRUE(training.artifact.arenaBytes(training.entry, &size, 1, 2, declared).ok());
    EXPECT_EQ(training.session.arenaBytes(), declared);
    const TensorBlock *arena = nullptr;
    for (size_t i = 0; i < blockCount; ++i)
      if (blocks[i].bytes == size_t(declared))
        arena = &blocks[i];
    ASSERT_TRUE(arena) << "no block of " << declared << " bytes was allocated";
    // A value that no step computes shows what was written.
    memset(arena->data, fence, arena->bytes);
    ASSERT_TRUE(training.step());
    size_t used = arena->bytes;
    while (used > 0 && arena->data[used - 1] == fence)
      --used;
    EXPECT_GT(used + 64, arena->bytes) << "rows " << rows << ": declared more than is used";
    for (size_t i = 0; i < fenceBytes; ++i)
      ASSERT_EQ(arena->data[arena->bytes + i], fence) << "rows " << rows << ": written beyond";
  }
}

// Scores of 4096 positions would be 200 MB per batch: no entry keeps them, the gradient included.
// (Up to 512 queries pack their keys on the stack, so that more of them take more by a step.)
TEST(AttentionMemory, isLinearInTheLength) {
  Folder folder("attention_memory");
  folder.compile("long_attention.cpp", "a.dlca");
  dlc::runtime::Artifact artifact;
  ASSERT_TRUE(dlc::runtime::Artifact::open((folder.path / "a.dlca").c_str(), artifact).ok());
  for (const char *name : {"train_step", "evaluate", "predict"}) {
    uint32_t entry = 0;
    ASSERT_TRUE(artifact.findEntry(name, entry).ok());
    int64_t bytes[2] = {};
    for (int i : {0, 1}) {
      dlc_size sizes[] = {{"B", 1}, {"S", i ? 4096 : 1024}};
      ASSERT_TRUE(artifact.arenaBytes(entry, sizes, 2, 1, bytes[i]).ok());
    }
    EXPECT_GT(bytes[0], 0) << name;
    EXPECT_LE(bytes[1], 4 * bytes[0] + 4096) << name;
  }
}

} // namespace
