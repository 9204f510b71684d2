// The backend over the runtime core, with a program made by hand: predicting, training, and a
// steady state that allocates nothing. This binary counts every call of the allocator.
#include "test/CountingAllocator.h"
#include "core/Toy.h"
#include "dlc/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dlc::runtime {
namespace {

using testing::ElementsAre;
using namespace dlc::test;

class SessionBackendTest : public testing::Test {
protected:
  SessionBackendTest() {
    EXPECT_TRUE(Artifact::openLinked(test::queryToy, artifact).ok());
    EXPECT_TRUE(Pool::create(2, pool).ok());
    Result<std::unique_ptr<TrainBackend>> opened = openSessionBackend(artifact, pool);
    EXPECT_TRUE(opened.ok()) << opened.message();
    backend = std::move(*opened);
    signature.train = "train";
    signature.predict = "predict";
  }
  static Dataset samples(int64_t count) {
    std::vector<float> x(count * 4);
    for (int64_t i = 0; i < count * 4; ++i)
      x[i] = static_cast<float>(i);
    return *Dataset::fromArrays({{"x", Array::of(x, {count, 4})}});
  }

  Artifact artifact;
  Pool pool;
  std::unique_ptr<TrainBackend> backend;
  TrainingSignature signature;
};

TEST_F(SessionBackendTest, describes_the_program) {
  EXPECT_EQ(backend->findEntry("train"), 1);
  EXPECT_EQ(backend->findEntry("nothing"), -1);
  TensorSpec x = backend->inputs(0)[0];
  EXPECT_EQ(x.name, "x");
  EXPECT_THAT(x.dims, ElementsAre(-1, 4));
  std::vector<std::string> names; // the cache belongs to a session, not to the state
  for (const TensorSpec &variable : backend->variables())
    names.push_back(variable.name);
  EXPECT_THAT(names, ElementsAre("w", "total"));
}

TEST_F(SessionBackendTest, predicts_and_trains_every_size_of_batch) {
  Trainer trainer(*backend, signature);
  FitOptions options;
  options.epochs = 2;
  options.batchSize = 4; // 4, 4, 2
  options.progress.mode = ProgressMode::None;
  Result<History> history = trainer.fit(samples(10), options);
  ASSERT_TRUE(history.ok()) << history.message();
  int64_t total = 0;
  ASSERT_TRUE(backend->get("total", &total, sizeof total).ok());
  EXPECT_EQ(total, 6);
  Result<std::vector<NamedArray>> predicted = trainer.predict(samples(10), 4);
  ASSERT_TRUE(predicted.ok()) << predicted.message();
  const Array &y = (*predicted)[0].array;
  EXPECT_THAT(y.dims(), ElementsAre(10, 4));
  for (int64_t i = 0; i < 40; ++i)
    EXPECT_EQ(y.as<float>()[i], static_cast<float>(i) * 6 + 100);
}

TEST_F(SessionBackendTest, saves_and_loads_weights) {
  std::string path = testing::TempDir() + "dlc-toy.safetensors";
  Trainer trainer(*backend, signature);
  float w[4] = {1, 2, 3, 4}, back[4] = {};
  ASSERT_TRUE(backend->set("w", w, sizeof w).ok());
  ASSERT_TRUE(trainer.saveWeights(path).ok());
  ASSERT_TRUE(backend->set("w", back, sizeof back).ok());
  ASSERT_TRUE(trainer.loadWeights(path).ok());
  ASSERT_TRUE(backend->get("w", back, sizeof back).ok());
  EXPECT_THAT(back, ElementsAre(1, 2, 3, 4));
  std::remove(path.c_str());
}

TEST_F(SessionBackendTest, tells_what_is_wrong) {
  Trainer trainer(*backend, signature);
  EXPECT_FALSE(trainer.predict(samples(2000), 2000).ok()); // B is at most 1000
  EXPECT_FALSE(backend->get("nothing", nullptr, 0).ok());
  EXPECT_EQ(trainer.initialize(1).message(),
            "the model has no entry for initial values; its entries are predict, train, repeat, "
            "broken");
}

// A step: the next batch from the background thread, gathered and converted, and the entry run.
TEST_F(SessionBackendTest, a_steady_step_allocates_nothing) {
  if (!kCountsAllocations)
    GTEST_SKIP() << "a sanitizer replaces the allocator";
  auto stream = BatchStream::create(samples(50), {.batchSize = 8, .shuffle = true, .prefetch = 2});
  ASSERT_TRUE(stream.ok());
  ASSERT_TRUE(backend->prepare(1, {{8, 4}}).ok());
  int64_t perPass = (*stream)->batchesPerPass();
  (*stream)->start(0, 4 * perPass);
  bool ok = true;
  for (int64_t i = 0; i < 4 * perPass; ++i) {
    if (i == perPass + 1) // every size of batch has occurred
      counting = true;
    const Batch *batch = (*stream)->next();
    ok &= backend->run(1, batch->rows, batch->columns).ok();
  }
  counting = false;
  EXPECT_TRUE(ok);
  EXPECT_EQ(allocations, 0);
  counting = true;
  std::vector<int> *probe = new std::vector<int>(1000);
  counting = false;
  EXPECT_GT(allocations, 0) << "the counter does not count";
  delete probe;
}

} // namespace
} // namespace dlc::runtime
