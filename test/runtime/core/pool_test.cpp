// The thread pool: every tile once, on several threads, cheaply, in one floating-point mode.
#include "runtime/device/cpu/Pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

using namespace dlc::runtime::core;

namespace {

// Marks its tiles and takes long enough for others to join.
void mark(void *const *ptrs, const int64_t *sizes, int64_t begin, int64_t end) {
  auto *hits = static_cast<unsigned char *>(ptrs[0]);
  for (int64_t i = begin; i < end; ++i)
    ++hits[i];
  if (sizes[0])
    std::this_thread::sleep_for(std::chrono::microseconds(sizes[0]));
}

struct Marked : Watch {
  explicit Marked(dlc_pool &pool, int64_t tiles, int64_t grain = 1, int64_t sleep = 0)
      : Watch{addTiles, true}, hits(size_t(tiles)), perThread(pool.threads) {
    void *ptrs[] = {hits.data()};
    pool.launchTiles({mark, ptrs, 0, &sleep, tiles, grain, this});
  }
  static void addTiles(Watch *watch, uint32_t thread, int64_t tiles, int64_t begin, int64_t end) {
    auto *marked = static_cast<Marked *>(watch);
    marked->perThread[thread] += tiles;
    marked->backwards += end < begin;
    int64_t least = marked->shortest;
    while (tiles < least && !marked->shortest.compare_exchange_weak(least, tiles)) {
    }
  }
  bool everyTileOnce() const {
    for (unsigned char h : hits)
      if (h != 1)
        return false;
    return true;
  }
  std::vector<unsigned char> hits;
  std::vector<int64_t> perThread;
  std::atomic<int> backwards{0}; // stretches that ended before they began
  std::atomic<int64_t> shortest{INT64_MAX};
};

TEST(Pool, runsEveryTileOnce) {
  dlc_pool pool;
  ASSERT_TRUE(pool.start(3).ok());
  for (int64_t tiles : {1, 2, 3, 4, 7, 64, 1000})
    for (int64_t grain : {1, 5, 600})
      EXPECT_TRUE(Marked(pool, tiles, grain).everyTileOnce()) << tiles << " " << grain;
}

TEST(Pool, usesItsThreadsAndCountsTiles) {
  dlc_pool pool;
  ASSERT_TRUE(pool.start(2).ok());
  int64_t total = 0;
  for (int i = 0; i < 20; ++i) {
    Marked run(pool, 16, 1, 500);
    EXPECT_TRUE(run.everyTileOnce());
    EXPECT_EQ(run.perThread[0] + run.perThread[1], 16);
    EXPECT_EQ(run.backwards, 0);
    total += 16;
  }
  EXPECT_GT(pool.tiles(0), 0);
  EXPECT_GT(pool.tiles(1), 0);
  EXPECT_EQ(pool.tiles(0) + pool.tiles(1), total);
}

// Tiles may differ in what they cost: the last to be taken must be few.
TEST(Pool, takesFewerTilesWhereFewerAreLeft) {
  dlc_pool pool;
  ASSERT_TRUE(pool.start(2).ok());
  EXPECT_EQ(Marked(pool, 64, 1).shortest, 1);
  EXPECT_LE(Marked(pool, 64, 3).shortest, 3);
}

TEST(Pool, staysOnTheCallerBelowTheGrain) {
  dlc_pool pool;
  ASSERT_TRUE(pool.start(2).ok());
  for (int i = 0; i < 50; ++i)
    Marked(pool, 15, 8, 100);
  EXPECT_EQ(pool.tiles(0), 50 * 15);
  EXPECT_EQ(pool.tiles(1), 0);
}

// Launches |count| phases of |tiles| tiles at once; returns whether each tile ran once.
bool markTogether(dlc_pool &pool, uint32_t count, int64_t tiles, int64_t grain, int64_t sleep) {
  std::vector<unsigned char> hits(size_t(count * tiles));
  std::vector<void *> ptrs;
  std::vector<Launch> launches;
  for (uint32_t i = 0; i < count; ++i)
    ptrs.push_back(&hits[size_t(i * tiles)]);
  for (uint32_t i = 0; i < count; ++i)
    launches.push_back({mark, &ptrs[i], 0, &sleep, tiles, grain, nullptr});
  pool.launchTiles(launches.data(), count);
  return std::all_of(hits.begin(), hits.end(), [](unsigned char h) { return h == 1; });
}

TEST(Pool, runsSeveralPhasesAtOnce) {
  dlc_pool pool;
  ASSERT_TRUE(pool.start(3).ok());
  for (uint32_t count : {1, 2, 5, DLC_TOGETHER_MAX})
    for (int64_t tiles : {1, 2, 7, 100})
      for (int64_t grain : {1, 5})
        for (int i = 0; i < 20; ++i)
          EXPECT_TRUE(markTogether(pool, count, tiles, grain, 0)) << count << " " << tiles;
}

TEST(Pool, sharesPhasesOfOneTileAmongThreads) {
  dlc_pool pool;
  ASSERT_TRUE(pool.start(2).ok());
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(markTogether(pool, 4, 1, 1, 500));
  EXPECT_GT(pool.tiles(1), 0);
  EXPECT_EQ(pool.tiles(0) + pool.tiles(1), 20 * 4);
}

TEST(Pool, keepsPhasesThatAreSmallTogetherOnTheCaller) {
  dlc_pool pool;
  ASSERT_TRUE(pool.start(2).ok());
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(markTogether(pool, 4, 3, 8, 100));
  EXPECT_EQ(pool.tiles(1), 0);
}

TEST(Pool, servesOneCallerAtATimeWhileOthersServeThemselves) {
  dlc_pool pool;
  ASSERT_TRUE(pool.start(2).ok());
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i)
        wrong += !Marked(pool, 100).everyTileOnce();
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(pool.tiles(0) + pool.tiles(1), 4 * 200 * 100);
}

TEST(Pool, wakesSleepersAndStops) {
  for (int i = 0; i < 20; ++i) {
    dlc_pool pool;
    ASSERT_TRUE(pool.start(4).ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(2)); // past the spinning
    EXPECT_TRUE(Marked(pool, 40, 1, 50).everyTileOnce());
  }
}

#if defined(__x86_64__)
void readMode(void *const *ptrs, const int64_t *, int64_t begin, int64_t) {
  static_cast<unsigned *>(ptrs[0])[begin] = _mm_getcsr() & 0xffc0; // without the status flags
  std::this_thread::sleep_for(std::chrono::microseconds(100));
}

TEST(Pool, workersIgnoreTheModeOfTheThreadThatStartedThem) {
  unsigned saved = _mm_getcsr();
  _mm_setcsr(saved | 0x8040); // flush subnormal results and inputs to zero
  dlc_pool pool;
  ASSERT_TRUE(pool.start(2).ok());
  _mm_setcsr(saved);
  unsigned modes[16] = {};
  void *ptrs[] = {modes};
  // On a busy machine the other thread may come late, again and again; it comes.
  while (pool.tiles(1) == 0) {
    pool.launchTiles({readMode, ptrs, 0, nullptr, 16, 1, nullptr});
    for (unsigned mode : modes)
      ASSERT_TRUE(mode == 0 || mode == 0x1f80) << std::hex << mode;
  }
}
#endif

// Tile 0 waits until tile 1 has begun, which takes a second thread.
void meet(void *const *ptrs, const int64_t *, int64_t begin, int64_t) {
  auto *met = static_cast<std::atomic<int> *>(ptrs[0]);
  if (begin == 1)
    *met = 1;
  while (!*met)
    std::this_thread::yield();
}

void nothing(void *const *, const int64_t *, int64_t, int64_t) {}

double medianMicroseconds(dlc_pool &pool, dlc_phase_fn phase) {
  std::atomic<int> met;
  void *ptrs[] = {&met};
  std::vector<double> times;
  for (int i = 0; i < 2000; ++i) {
    met = 0;
    auto start = std::chrono::steady_clock::now();
    pool.launchTiles({phase, ptrs, 0, nullptr, 2, 1, nullptr});
    auto took = std::chrono::steady_clock::now() - start;
    times.push_back(std::chrono::duration<double, std::micro>(took).count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// Prints what a fork and join costs: with both threads sure to take part, and when the caller may
// be done before the other arrives. Asserts only that no sleep is hidden in it, since test machines
// are shared.
TEST(Pool, forksAndJoinsInMicroseconds) {
  dlc_pool pool;
  ASSERT_TRUE(pool.start(2).ok());
  double both = medianMicroseconds(pool, meet), either = medianMicroseconds(pool, nothing);
  printf("fork_join_us=%.2f empty_launch_us=%.2f\n", both, either);
  EXPECT_LT(both, 5000);
  EXPECT_LT(either, 500);
}

TEST(Pool, takesItsSizeFromTheEnvironment) {
  setenv("DLC_NUM_THREADS", "3", 1);
  dlc_pool pool;
  EXPECT_TRUE(pool.start(0).ok());
  EXPECT_EQ(pool.threads, 3u);
  setenv("DLC_NUM_THREADS", "many", 1);
  dlc_pool other;
  Status status = other.start(0);
  EXPECT_STREQ(status.message(),
               "DLC_NUM_THREADS: expected a number from 1 to 256, got \"many\"");
  unsetenv("DLC_NUM_THREADS");
  dlc_pool third;
  EXPECT_EQ(third.start(257).code(), DLC_INVALID_ARGUMENT);
}

} // namespace
