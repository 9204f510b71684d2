// The training loop against a backend of a few lines: learning, metrics, splits, prediction,
// resuming, interruption.
#include "data_test_files.h"
#include "train_test_backend.h"

#include <csignal>
#include <set>

namespace dlc::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using ResumeTest = FileTest;

std::vector<double> metric(const History &history, const std::string &name) {
  const std::vector<double> *values = history.find(name);
  EXPECT_TRUE(values) << name;
  return values ? *values : std::vector<double>();
}

TEST(FitTest, learns_and_records) {
  Fixture f;
  f.options.epochs = 40;
  f.options.batchSize = 8;
  f.options.validationSplit = 0.2;
  Result<History> history = f.trainer.fit(lineData(50), f.options);
  ASSERT_TRUE(history.ok()) << history.message();
  EXPECT_EQ(history->epochs.size(), 40u);
  EXPECT_EQ(history->values[0].first, "loss");
  EXPECT_EQ(history->values[1].first, "val_loss");
  EXPECT_LT(metric(*history, "val_loss").back(), 0.01);
  EXPECT_GT(metric(*history, "loss").front(), 0.1);
  EXPECT_NEAR(f.backend.f("line/kernel"), 2, 0.2);

  f.options.progress.mode = ProgressMode::None;
  EvaluateOptions evaluate;
  evaluate.progress.mode = ProgressMode::None;
  Result<Logs> logs = f.trainer.evaluate(lineData(50).splitTail(0.2).second, evaluate);
  ASSERT_TRUE(logs.ok()) << logs.message();
  EXPECT_FLOAT_EQ(*logs->find("loss"), metric(*history, "val_loss").back());

  Result<std::vector<NamedArray>> predicted = f.trainer.predict(lineData(50), 7);
  ASSERT_TRUE(predicted.ok()) << predicted.message();
  EXPECT_EQ((*predicted)[0].name, "line");
  EXPECT_THAT((*predicted)[0].array.dims(), ElementsAre(50, 1));
  EXPECT_NEAR((*predicted)[0].array.as<float>()[49], lineData(50).values("y")->as<float>()[49], .1);
}

// Samples count, not batches: 5 samples in batches of 2 weigh 2, 2, 1.
TEST(FitTest, aggregates_metrics_over_samples) {
  Fixture f;
  EvaluateOptions options;
  options.batchSize = 2;
  options.progress.mode = ProgressMode::None;
  f.backend.scriptedLosses = {1, 1, 6};
  Result<Logs> logs = f.trainer.evaluate(lineData(5), options);
  ASSERT_TRUE(logs.ok()) << logs.message();
  EXPECT_DOUBLE_EQ(*logs->find("loss"), 2);
}

TEST(FitTest, depends_on_the_seed_alone) {
  auto kernel = [](uint64_t seed, int prefetch) {
    Fixture f;
    f.options.epochs = 3;
    f.options.batchSize = 4;
    f.options.seed = seed;
    f.options.prefetch = prefetch;
    EXPECT_TRUE(f.trainer.fit(lineData(30), f.options).ok());
    return f.backend.f("line/kernel");
  };
  EXPECT_EQ(kernel(1, 0), kernel(1, 3));
  EXPECT_NE(kernel(1, 0), kernel(2, 0));
}

TEST(FitTest, steps_per_epoch_go_on_where_they_stopped) {
  Fixture f;
  f.options.epochs = 4;
  f.options.batchSize = 10;
  f.options.stepsPerEpoch = 2; // of 3 batches
  std::vector<std::pair<int64_t, int64_t>> seen;
  f.options.map = [&](Batch &batch) { seen.emplace_back(batch.pass, batch.index); };
  f.options.prefetch = 0;
  ASSERT_TRUE(f.trainer.fit(lineData(30), f.options).ok());
  using P = std::pair<int64_t, int64_t>;
  EXPECT_THAT(seen,
              ElementsAre(P(0, 0), P(0, 1), P(0, 2), P(1, 0), P(1, 1), P(1, 2), P(2, 0), P(2, 1)));
}

TEST(FitTest, validates_every_other_epoch) {
  Fixture f;
  f.options.epochs = 5;
  f.options.validation = lineData(8);
  f.options.validationFrequency = 2;
  Result<History> history = f.trainer.fit(lineData(30), f.options);
  EXPECT_EQ(metric(*history, "loss").size(), 5u);
  EXPECT_EQ(metric(*history, "val_loss").size(), 2u);
}

TEST(FitTest, refuses_what_makes_no_sense) {
  Fixture f;
  auto message = [&](auto change) {
    FitOptions options = f.options;
    change(options);
    return f.trainer.fit(lineData(10), options).message();
  };
  EXPECT_EQ(message([](FitOptions &o) { o.validationSplit = 1; }),
            "fit: expected a validation split in [0, 1), got 1");
  EXPECT_EQ(message([](FitOptions &o) { o.batchSize = 0; }),
            "expected a batch size of at least 1, got 0");
  EXPECT_EQ(message([](FitOptions &o) { o.epochs = -1; }),
            "fit: expected epochs of at least 0, got -1");
  EXPECT_EQ(message([](FitOptions &o) { o.callbacks = {nullptr}; }), "fit: a callback is null");
  Dataset wide = *Dataset::fromArrays({{"x", Array::of<float>({1, 2}, {1, 2})}});
  EXPECT_THAT(f.trainer.fit(wide, f.options).message(),
              StartsWith("input 'x': expected f32[?,1], got f32[?,2]"));
  EXPECT_EQ(f.trainer.predict(lineData(3).take(0)).message(), "the data set has no samples");
  TrainingSignature none;
  EXPECT_EQ(Trainer(f.backend, none).fit(lineData(3)).message(),
            "the model has no entry for training; its entries are initialize, train_step, "
            "evaluate, predict");
}

TEST(FitTest, warns_of_a_sorted_tail) {
  std::vector<float> x(100);
  std::vector<int32_t> y(100);
  for (int i = 0; i < 100; ++i)
    y[i] = i / 50;
  Fixture f;
  f.listen(ProgressMode::Line);
  f.options.validationSplit = 0.2;
  Dataset data = *Dataset::fromArrays({{"x", Array::of(x)}, {"y", Array::of(y)}});
  ASSERT_TRUE(f.trainer.fit(data, f.options).ok());
  EXPECT_THAT(f.printed, StartsWith("warning: the last samples, held back for validation, have "
                                    "other values of 'y' than the rest (distance 0.62 of 1)"));
}

TEST(FitTest, trains_and_tests_on_one_batch) {
  Fixture f;
  Result<Logs> before = f.trainer.testOnBatch(lineData(6));
  Result<Logs> trained = f.trainer.trainOnBatch(lineData(6));
  Result<Logs> after = f.trainer.testOnBatch(lineData(6));
  ASSERT_TRUE(before.ok() && trained.ok() && after.ok());
  EXPECT_EQ(*before->find("loss"), *trained->find("loss"));
  EXPECT_LT(*after->find("loss"), *before->find("loss"));
}

// Everything that a resumed training could get wrong, in one configuration.
FitOptions demanding(const std::string &folder) {
  FitOptions options;
  options.epochs = 9;
  options.batchSize = 4;
  options.seed = 77;
  options.validationSplit = 0.25;
  options.progress.mode = ProgressMode::None;
  options.checkpoint = folder + "/state.safetensors";
  options.callbacks = {
      earlyStopping({.monitor = "val_loss",
                     .minDelta = 0.001,
                     .patience = 3,
                     .restoreBestWeights = true,
                     .verbose = false}),
      reduceLROnPlateau(
          {.monitor = "loss", .factor = 0.5, .patience = 1, .minDelta = 0.2, .verbose = false}),
      csvLogger({.path = folder + "/log.csv"})};
  return options;
}

TEST_F(ResumeTest, equals_uninterrupted_bit_for_bit) {
  std::filesystem::create_directory(path("whole"));
  Fixture whole;
  Result<History> expected = whole.trainer.fit(lineData(40), demanding(path("whole")));
  ASSERT_TRUE(expected.ok()) << expected.message();
  std::string expectedCsv = read("whole/log.csv");

  for (int64_t cut : {1, 4, 8}) {
    std::string folder = path("cut" + std::to_string(cut));
    std::filesystem::create_directory(folder);
    {
      Fixture first;
      FitOptions options = demanding(folder);
      options.epochs = cut;
      ASSERT_TRUE(first.trainer.fit(lineData(40), options).ok());
    }
    Fixture second; // another process: nothing but the file is left
    second.backend.f("line/kernel") = -5;
    FitOptions options = demanding(folder);
    options.resume = true;
    options.seed = 1; // the state's own seed counts
    Result<History> resumed = second.trainer.fit(lineData(40), options);
    ASSERT_TRUE(resumed.ok()) << resumed.message();
    EXPECT_EQ(second.backend.values, whole.backend.values) << "cut after epoch " << cut;
    EXPECT_EQ(resumed->values, expected->values);
    EXPECT_EQ(resumed->epochs, expected->epochs);
    EXPECT_EQ(read("cut" + std::to_string(cut) + "/log.csv"), expectedCsv);
  }
}

std::atomic<bool> interruptedBySignal{false};
void onInterrupt(int) { interruptedBySignal = true; }

// Ctrl-C in a program that trains: its own handler sets a flag, and fit keeps where it stands.
TEST_F(ResumeTest, a_signal_ends_fit_with_a_state_to_go_on_from) {
  std::filesystem::create_directory(path("whole"));
  Fixture whole;
  ASSERT_TRUE(whole.trainer.fit(lineData(40), demanding(path("whole"))).ok());

  Fixture f;
  FitOptions options = demanding(folder);
  interruptedBySignal = false;
  auto before = std::signal(SIGINT, onInterrupt);
  options.interrupt = &interruptedBySignal;
  options.checkpointEvery = 1000; // no epoch's end saves it
  options.callbacks.push_back(lambdaCallback({.onBatchEnd = [&](Trainer &, int64_t, int64_t step) {
    if (step == 20) // in the middle of the third epoch
      std::raise(SIGINT);
  }}));
  Result<History> history = f.trainer.fit(lineData(40), options);
  EXPECT_EQ(std::signal(SIGINT, before), onInterrupt) << "the program's handler stays";
  ASSERT_TRUE(history.ok()) << history.message();
  EXPECT_TRUE(history->interrupted);
  EXPECT_THAT(history->epochs, ElementsAre(0, 1));

  Fixture again;
  again.backend.f("line/kernel") = -5;
  FitOptions rest = demanding(folder);
  rest.resume = true;
  int64_t first = -1;
  rest.callbacks.push_back(lambdaCallback({.onBatchEnd = [&](Trainer &, int64_t, int64_t step) {
    first = first < 0 ? step : first;
  }}));
  Result<History> resumed = again.trainer.fit(lineData(40), rest);
  ASSERT_TRUE(resumed.ok()) << resumed.message();
  EXPECT_EQ(first, 21) << "not from the epoch's beginning";
  EXPECT_EQ(again.backend.values, whole.backend.values);
}

// What dlc train does on SIGINT: the state is saved wherever the training stands. The epoch's metrics
// count the batches before the interruption too.
TEST_F(ResumeTest, in_the_midst_of_an_epoch_equals_uninterrupted) {
  std::filesystem::create_directory(path("whole"));
  Fixture whole;
  Result<History> expected = whole.trainer.fit(lineData(40), demanding(path("whole")));
  ASSERT_TRUE(expected.ok()) << expected.message();

  for (int64_t cut : {0, 7, 18, 23}) { // a first batch, an epoch's last, one in the midst, a last
    std::string folder = path("cut" + std::to_string(cut));
    std::filesystem::create_directory(folder);
    {
      Fixture first;
      std::atomic<bool> interrupt{false};
      FitOptions options = demanding(folder);
      options.interrupt = &interrupt;
      // The state as of a batch, with all callbacks' parts, although the epoch may go on.
      options.callbacks.push_back(
          lambdaCallback({.onBatchEnd = [&](Trainer &trainer, int64_t, int64_t step) {
            if (step == cut) {
              ASSERT_TRUE(trainer.saveTrainingState(options.checkpoint + ".cut").ok());
            }
            interrupt = step == cut;
          }}));
      ASSERT_TRUE(first.trainer.fit(lineData(40), options).ok());
      std::filesystem::rename(options.checkpoint + ".cut", options.checkpoint);
    }
    Fixture second;
    FitOptions rest = demanding(folder);
    rest.resume = true;
    Result<History> resumed = second.trainer.fit(lineData(40), rest);
    ASSERT_TRUE(resumed.ok()) << resumed.message();
    EXPECT_EQ(second.backend.values, whole.backend.values) << "cut after batch " << cut;
    EXPECT_EQ(resumed->values, expected->values) << "cut after batch " << cut;
    EXPECT_EQ(resumed->epochs, expected->epochs);
  }
}

// A writer that was killed leaves its temporary file; the next training clears it away, and nothing
// else.
TEST_F(ResumeTest, clears_away_what_killed_writers_left) {
  Fixture f;
  FitOptions options = demanding(folder);
  std::string dead = options.checkpoint + ".999999999-3.tmp"; // above every process number
  std::string own = options.checkpoint + "." + std::to_string(getpid()) + "-0.tmp";
  std::string weights = path("w.safetensors"), ofWeights = weights + ".999999999-0.tmp";
  std::string alive = options.checkpoint + "." + std::to_string(getppid()) + "-0.tmp";
  for (const std::string &file : {dead, own, alive, options.checkpoint + ".tmp", ofWeights})
    std::ofstream(file) << "part";
  ASSERT_TRUE(f.trainer.fit(lineData(40), options).ok());
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_FALSE(std::filesystem::exists(own));
  EXPECT_TRUE(std::filesystem::exists(alive));
  EXPECT_TRUE(std::filesystem::exists(options.checkpoint + ".tmp"));
  ASSERT_TRUE(f.trainer.saveWeights(weights).ok());
  EXPECT_FALSE(std::filesystem::exists(ofWeights));
}

// A checkpoint on the way that fails costs a warning, the last one the success.
TEST_F(ResumeTest, goes_on_without_a_checkpoint_that_cannot_be_written) {
  Fixture f;
  f.listen(ProgressMode::Line);
  FitOptions options = f.options;
  options.epochs = 3;
  options.checkpoint = path("absent/training.safetensors");
  Result<History> outcome = f.trainer.fit(lineData(40), options);
  EXPECT_EQ(outcome.message(), options.checkpoint + ": cannot be written: No such file or directory");
  EXPECT_EQ(f.trainer.history().epochs.size(), 3u);
  EXPECT_THAT(f.printed, HasSubstr("warning: " + options.checkpoint +
                                   ": cannot be written: No such file or directory; the training "
                                   "goes on without this checkpoint"));
}

TEST_F(ResumeTest, says_what_does_not_match) {
  Fixture f;
  FitOptions options = demanding(folder);
  ASSERT_TRUE(f.trainer.fit(lineData(40), options).ok());
  options.resume = true;
  options.batchSize = 5;
  EXPECT_EQ(f.trainer.fit(lineData(40), options).message(),
            options.checkpoint + ": was saved by a training of 8 batches an epoch, this one has 6; "
                                 "use the same data, batch size and validation split");
  ASSERT_TRUE(f.trainer.saveWeights(path("w.safetensors"), DLC_ROLES_ALL).ok());
  options.checkpoint = path("w.safetensors");
  EXPECT_EQ(f.trainer.fit(lineData(40), options).message(),
            options.checkpoint + ": holds weights but no training state to resume from");
  options.checkpoint = write("x.safetensors", "garbage");
  EXPECT_FALSE(f.trainer.fit(lineData(40), options).ok());
  options.checkpoint = path("absent.safetensors"); // nothing to resume: starts anew
  options.batchSize = 4;
  EXPECT_TRUE(f.trainer.fit(lineData(40), options).ok());
}

TEST_F(ResumeTest, weights_round_trip_by_role) {
  Fixture f, g;
  f.backend.f("line/kernel") = 1.25f;
  f.backend.f("optimizer/learning_rate") = 0.5f;
  ASSERT_TRUE(f.trainer.saveWeights(path("w.safetensors")).ok());
  ASSERT_TRUE(g.trainer.loadWeights(path("w.safetensors")).ok());
  EXPECT_EQ(g.backend.f("line/kernel"), 1.25f);
  EXPECT_EQ(g.backend.f("optimizer/learning_rate"), 0.1f);
  EXPECT_THAT(g.trainer.loadWeights(path("w.safetensors"), DLC_ROLES_ALL).message(),
              HasSubstr("optimizer/line/kernel/momentum"));
  EXPECT_FALSE(g.trainer.loadWeights(path("none.safetensors")).ok());
}

} // namespace
} // namespace dlc::runtime
