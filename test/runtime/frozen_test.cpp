// An artifact that an earlier compiler made must open, train and give the same numbers with every
// later runtime of the same major version. Its code is of one instruction set that every x86-64
// processor in use has, so the numbers are the same anywhere. See frozen/net.cpp.
#include "dlc/runtime.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace dlc::runtime;

namespace {

#define ASSERT_OK(call)                                                                            \
  do {                                                                                             \
    Status status_ = (call);                                                                       \
    ASSERT_TRUE(status_.ok()) << status_.message();                                                \
  } while (false)

uint64_t hashOf(const void *data, size_t bytes) {
  const auto *at = static_cast<const unsigned char *>(data);
  uint64_t hash = 1469598103934665603u; // FNV-1a
  for (size_t i = 0; i < bytes; ++i)
    hash = (hash ^ at[i]) * 1099511628211u;
  return hash;
}

class Frozen : public testing::Test {
protected:
  static constexpr int64_t rows = 5;

  void SetUp() override {
    ASSERT_OK(Artifact::open(DLC_FROZEN "/api1.dlca", artifact));
    ASSERT_OK(State::create(artifact, nullptr, 0, state));
    ASSERT_OK(Session::create(artifact, state, Pool(), nullptr, 0, session));
    ASSERT_OK(artifact.findEntry("initialize", initialize));
    ASSERT_OK(artifact.findEntry("train_step", trainStep));
    ASSERT_OK(artifact.findEntry("predict", predict));
  }

  /// First values and 20 steps on made-up data; the losses.
  void train(std::vector<float> &losses) {
    const std::array<int64_t, 2> key = {3, 0};
    ASSERT_OK(state.set("rng/state", std::span(key)));
    ASSERT_OK(session.prepare(initialize));
    ASSERT_OK(session.run(initialize));
    std::array<int32_t, rows> y = {0, 1, 2, 3, 0};
    float total = 0, weight = 0;
    ASSERT_OK(session.bindInput(trainStep, 0, std::span(x), {rows, 16}));
    ASSERT_OK(session.bindInput(trainStep, 1, std::span(y), {rows}));
    ASSERT_OK(session.bindOutput(trainStep, 0, std::span(&total, 1)));
    ASSERT_OK(session.bindOutput(trainStep, 1, std::span(&weight, 1)));
    uint32_t random = 1;
    for (int step = 0; step < 20; ++step) {
      for (float &value : x) {
        random = random * 1664525u + 1013904223u;
        value = float(random >> 8) / 16777216.0f;
      }
      ASSERT_OK(step ? Status() : session.prepare(trainStep));
      ASSERT_OK(session.run(trainStep));
      ASSERT_EQ(weight, float(rows));
      losses.push_back(total / weight);
    }
  }

  Artifact artifact;
  State state;
  Session session;
  uint32_t initialize = 0, trainStep = 0, predict = 0;
  std::array<float, rows * 16> x;
};

TEST_F(Frozen, isOfTheVersionThatWasFrozen) {
  EXPECT_STREQ(artifact.name(), "frozen");
  EXPECT_STREQ(artifact.variant(), "x86-64-v2");
  EXPECT_EQ(artifact.entryCount(), 4u);
  EXPECT_EQ(dlc_api_version() >> 16, DLC_API_VERSION_MAJOR);
  EXPECT_EQ(dlc_api_version() & 0xffff, DLC_API_VERSION_MINOR);
  size_t bytes;
  EXPECT_NE(artifact.manifest(bytes), nullptr);
  EXPECT_GT(bytes, 0u);
}

// Programs hold these numbers: a later runtime must compute the same.
TEST_F(Frozen, entriesHaveTheirLayouts) {
  char text[256];
  artifact.describeEntry(trainStep, text, sizeof text);
  EXPECT_STREQ(text, "train_step(x: f32[B,16], y: i32[B]) -> (loss.total: f32[], loss.weight: "
                     "f32[]), reads and assigns variables; B >= 1");
  EXPECT_EQ(artifact.entryLayout(initialize), 10077807369136267665u);
  EXPECT_EQ(artifact.entryLayout(trainStep), 15301693003970739356u);
  EXPECT_EQ(artifact.entryLayout(predict), 333706640480571034u);
}

TEST_F(Frozen, trainsToTheSameBits) {
  std::vector<float> losses;
  train(losses);
  if (HasFatalFailure())
    return;
  EXPECT_EQ(hashOf(losses.data(), losses.size() * sizeof(float)), 0xfa484cbd55a2edf9u);
  EXPECT_LT(losses.back(), losses.front());
  std::array<float, 16 * 8> kernel;
  ASSERT_OK(state.get("dense/kernel", std::span(kernel)));
  EXPECT_EQ(hashOf(kernel.data(), sizeof kernel), 0xebd8fd374b5570d5u);
}

TEST_F(Frozen, predictsTheSameBits) {
  std::vector<float> losses;
  train(losses);
  if (HasFatalFailure())
    return;
  std::array<float, rows * 4> scores;
  ASSERT_OK(session.bindInput(predict, 0, std::span(x), {rows, 16}));
  ASSERT_OK(session.bindOutput(predict, 0, std::span(scores)));
  ASSERT_OK(session.prepare(predict));
  ASSERT_OK(session.run(predict));
  EXPECT_EQ(hashOf(scores.data(), sizeof scores), 0xb981c2d42e732b03u);
}

} // namespace
