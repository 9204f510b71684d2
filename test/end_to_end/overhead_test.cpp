// What a run costs beyond its kernels: binding checks, host code, dispatch, waking threads.
//
// The kernels of the entry in a bare loop (tools/driver/BareKernels.h) are what a program without
// any runtime would call; the rest of a run's time is overhead. And no call allocates anything.
#include "Tools.h"
#include "test/CountingAllocator.h"

#include "tools/driver/BareKernels.h"

#include <algorithm>
#include <chrono>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

template <typename Call> double medianMicroseconds(Call call) {
  std::vector<double> times;
  for (int i = 0; i < 4001; ++i) {
    auto start = std::chrono::steady_clock::now();
    call();
    std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - start;
    times.push_back(passed.count());
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

TEST(OverheadTest, runningAnEntryCostsLittleMoreThanItsKernels) {
  Folder folder("overhead");
  folder.compile("one_layer.mlir", "m.dlca");
  Artifact artifact;
  Pool pool;
  State state;
  Session session;
  uint32_t entry;
  ASSERT_TRUE(Artifact::open((folder.path / "m.dlca").c_str(), artifact).ok());
  ASSERT_TRUE(artifact.findEntry("predict", entry).ok());
  ASSERT_TRUE(Pool::create(0, pool).ok());
  ASSERT_TRUE(State::create(artifact, nullptr, 0, state).ok());
  ASSERT_TRUE(Session::create(artifact, state, pool, nullptr, 0, session).ok());
  float x[64] = {}, y[10];
  ASSERT_TRUE(session.bindInput(entry, 0, DLC_F32, x, {1, 64}).ok());
  ASSERT_TRUE(session.bindOutput(entry, 0, y, sizeof y).ok());
  ASSERT_TRUE(session.prepare(entry).ok());
  dlc::driver::BareKernels kernels(artifact.handle(), entry, {1});
  EXPECT_TRUE(kernels.complete());
  ASSERT_GE(kernels.phases(), 1u);
  allocations = 0;
  counting = true;
  bool same = true;
  for (int call = 0; call < 100000; ++call)
    same &= session.run(entry).ok();
  counting = false;
  EXPECT_TRUE(same);
  if (kCountsAllocations)
    EXPECT_EQ(allocations, 0);
  // Other programs share the machine: the quietest of some rounds counts.
  double least = 1e9;
  for (int round = 0; round < 10; ++round) {
    bool ok = true;
    double run = medianMicroseconds([&] { ok &= session.run(entry).ok(); });
    double bare = medianMicroseconds([&] { kernels.run(); });
    EXPECT_TRUE(ok);
    least = std::min(least, run - bare);
  }
  std::printf("overhead_us=%.3f\n", least);
  EXPECT_LT(least, 5);
}

} // namespace
