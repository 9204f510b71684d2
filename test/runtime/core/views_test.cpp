// What dlc/runtime.hpp adds to the C functions in C++20: views that know their type and length.
#include "Toy.h"

#include "dlc/runtime.hpp"

#include <array>
#include <gtest/gtest.h>
#include <type_traits>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

static_assert(!std::is_copy_constructible_v<Artifact> && !std::is_copy_assignable_v<Session>);
static_assert(std::is_nothrow_move_constructible_v<State> &&
              std::is_nothrow_move_assignable_v<Pool>);

class Views : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_TRUE(Artifact::openLinked(queryToy, artifact).ok());
    ASSERT_TRUE(State::create(artifact, nullptr, 0, state).ok());
    ASSERT_TRUE(Session::create(artifact, state, Pool(), nullptr, 0, session).ok());
  }

  static void expectRefused(const Status &status, const char *message) {
    EXPECT_EQ(status.code(), DLC_INVALID_ARGUMENT);
    EXPECT_STREQ(status.message(), message);
  }

  Artifact artifact;
  State state;
  Session session;
};

TEST_F(Views, carryValuesInAndOut) {
  const std::array<float, 4> w = {1, 2, 3, 4};
  std::array<float, 4> got = {};
  ASSERT_TRUE(state.set("w", std::span(w)).ok());
  ASSERT_TRUE(state.get("w", std::span(got)).ok());
  EXPECT_EQ(got, w);

  const std::array<float, 8> x = {1, 1, 1, 1, 2, 2, 2, 2};
  std::array<float, 8> y = {};
  ASSERT_TRUE(session.bindInput(Predict, 0, std::span(x), {2, 4}).ok());
  ASSERT_TRUE(session.bindOutput(Predict, 0, std::span(y)).ok());
  const std::array sizes = {dlc_size{"B", 2}};
  ASSERT_TRUE(session.prepare(Predict, sizes).ok());
  ASSERT_TRUE(session.run(Predict).ok());
  EXPECT_EQ(y, (std::array<float, 8>{101, 102, 103, 104, 102, 104, 106, 108}));
}

TEST_F(Views, ofAnotherTypeAreRefused) {
  std::array<double, 8> wide = {};
  std::array<int32_t, 8> whole = {};
  expectRefused(state.set("w", std::span(wide).first(4)),
                "\"w\": expected elements of f32, got a span of f64");
  expectRefused(state.get("total", std::span(whole).first(1)),
                "\"total\": expected elements of i64, got a span of i32");
  expectRefused(session.bindOutput(Predict, 0, std::span(whole)),
                "\"y\": expected elements of f32, got a span of i32");
  EXPECT_EQ(session.bindInput(Predict, 0, std::span(whole), {2, 4}).code(), DLC_INVALID_ARGUMENT);
}

TEST_F(Views, ofAnotherLengthAreRefused) {
  std::array<float, 8> values = {};
  expectRefused(session.bindInput(Predict, 0, std::span(values), {3, 4}),
                "the dimensions say 12 elements, the span has 8");
  EXPECT_EQ(state.set("w", std::span(values)).code(), DLC_INVALID_ARGUMENT);
  EXPECT_EQ(session.bindOutput(Predict, 7, std::span(values)).code(), DLC_INVALID_ARGUMENT);
  EXPECT_EQ(state.set("v", std::span(values)).code(), DLC_NOT_FOUND);
}

TEST_F(Views, objectsKnowWhatTheyWereMadeFrom) {
  EXPECT_EQ(dlc_state_artifact(state.handle()), artifact.handle());
  EXPECT_EQ(dlc_session_artifact(session.handle()), artifact.handle());
}

TEST(StatusOfTheCaller, isLikeAnyOther) {
  Status status(dlc_status_create(DLC_UNAVAILABLE, "the camera is off: 100 %"));
  EXPECT_EQ(status.code(), DLC_UNAVAILABLE);
  EXPECT_STREQ(status.message(), "the camera is off: 100 %");
}

} // namespace
