// Running allocates nothing: this binary counts every call of the allocator, in all its threads.
#include "test/CountingAllocator.h"
#include "Toy.h"

#include "dlc/runtime.hpp"
#include "runtime/core/State.h"

#include <gtest/gtest.h>

using namespace dlc::runtime;
using namespace dlc::test;

TEST(Allocation, happensInPrepareAndNeverInARun) {
  if (!kCountsAllocations)
    GTEST_SKIP() << "a sanitizer replaces the allocator";
  Artifact artifact;
  State state;
  Pool pool;
  Session session;
  ASSERT_TRUE(Artifact::openLinked(queryToy, artifact).ok());
  ASSERT_TRUE(State::create(artifact, nullptr, 0, state).ok());
  ASSERT_TRUE(Pool::create(2, pool).ok());
  ASSERT_TRUE(Session::create(artifact, state, pool, nullptr, 0, session).ok());
  float x[512 * 4] = {}, y[512 * 4], loss;
  int64_t n = 5, power;
  auto step = [&](int64_t rows) {
    bool ok = session.bindInput(Predict, 0, DLC_F32, x, {rows, 4}).ok() &&
              session.bindOutput(Predict, 0, y, sizeof y).ok() && session.run(Predict).ok();
    ok &= session.bindInput(Train, 0, DLC_F32, x, {rows, 4}).ok() &&
          session.bindOutput(Train, 0, &loss, sizeof loss).ok() && session.run(Train).ok();
    return ok && session.bindInput(Repeat, 0, DLC_I64, &n, {}).ok() &&
           session.bindOutput(Repeat, 0, &power, sizeof power).ok() && session.run(Repeat).ok();
  };
  dlc_size most = {"B", 512};
  counting = true;
  ASSERT_TRUE(session.prepare(Predict, &most, 1).ok());
  ASSERT_TRUE(session.prepare(Train, &most, 1).ok());
  EXPECT_GT(allocations, 0) << "the counter does not count";
  allocations = 0;
  // Sizes that were not prepared are planned again within the space that is there.
  bool ok = true;
  for (int64_t rows : {512, 512, 7, 100, 512, 1}) {
    ok &= step(rows);
    // A new value, which may allocate; what derives from it is refreshed by the next run.
    counting = false;
    float w[] = {1, 2, 3, float(rows)};
    ok &= state.set("w", w, sizeof w).ok();
    counting = true;
  }
  counting = false;
  EXPECT_TRUE(ok);
  EXPECT_EQ(allocations, 0);
}

// Weights of any size share huge pages.
TEST(Allocation, givesStoragesOfAStateOneBlock) {
  Artifact artifact;
  State state;
  ASSERT_TRUE(Artifact::openLinked(queryToy, artifact).ok());
  ASSERT_TRUE(State::create(artifact, nullptr, 0, state).ok());
  const core::Store &store = state.handle()->store;
  EXPECT_EQ(store.pointer(1), store.pointer(0) + 64);
  EXPECT_EQ(store.pointer(2), nullptr) << "a cache is the session's";
  EXPECT_EQ(store.pointer(3), store.pointer(1) + 64);
}
