// Callbacks, each against a script of validation losses or a real little training.
#include "data_test_files.h"
#include "runtime/train/EventFile.h"
#include "runtime/train/callbacks/PathTemplate.h"
#include "runtime/train/events.pb.h"
#include "train_test_backend.h"

#include <cmath>
#include <set>
#include <sstream>

namespace dlc::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using CheckpointTest = FileTest;
using CsvLoggerTest = FileTest;
using TensorBoardTest = FileTest;

// Trains epochs whose validation losses are |losses|, with one callback.
Result<History> script(Fixture &f, const std::vector<double> &losses,
                       std::shared_ptr<Callback> callback) {
  f.backend.scriptedLosses = losses;
  f.options.epochs = static_cast<int64_t>(losses.size());
  f.options.validation = lineData(4);
  f.options.callbacks = {std::move(callback)};
  return f.trainer.fit(lineData(16), f.options);
}

TEST(EarlyStoppingTest, waits_for_patience) {
  Fixture f;
  f.listen(ProgressMode::Line);
  Result<History> history = script(f, {1, .5, .6, .55, .7, .1}, earlyStopping({.patience = 2}));
  ASSERT_TRUE(history.ok()) << history.message();
  EXPECT_EQ(history->epochs.size(), 4u); // .6 and .55 were waited for
  EXPECT_THAT(f.printed, HasSubstr("Epoch 4: early stopping\n"));
}

TEST(EarlyStoppingTest, needs_more_than_min_delta) {
  Fixture f;
  // 1 -> .95 is no improvement by more than .1, .85 is.
  Result<History> history =
      script(f, {1, .95, .85, .8, .8}, earlyStopping({.minDelta = .1, .patience = 2}));
  EXPECT_EQ(history->epochs.size(), 5u);
  Fixture g;
  history = script(g, {1, .95, .91, .8}, earlyStopping({.minDelta = .1, .patience = 2}));
  EXPECT_EQ(history->epochs.size(), 3u);
}

TEST(EarlyStoppingTest, never_stops_after_the_first_epoch_and_honours_its_start) {
  Fixture f;
  EXPECT_EQ(script(f, {1, 2, 3}, earlyStopping({}))->epochs.size(), 2u);
  Fixture g;
  EXPECT_EQ(script(g, {1, 2, 3, 4}, earlyStopping({.startFromEpoch = 2}))->epochs.size(), 4u);
}

TEST(EarlyStoppingTest, baseline_must_be_beaten) {
  Fixture f;
  // Improves all the time, but stays above .2: patience runs out.
  EXPECT_EQ(
      script(f, {1, .9, .8, .7, .1}, earlyStopping({.patience = 3, .baseline = .2}))->epochs.size(),
      5u);
  Fixture g;
  EXPECT_EQ(script(g, {1, .9, .95, .8, .1}, earlyStopping({.patience = 3, .baseline = .2}))
                ->epochs.size(),
            3u);
}

TEST(EarlyStoppingTest, restores_the_best_weights_even_when_nothing_stopped) {
  Fixture f;
  f.listen(ProgressMode::Line);
  std::vector<float> kernels;
  f.backend.scriptedLosses = {1, .5, .6, .7};
  f.options.epochs = 4;
  f.options.validation = lineData(4);
  f.options.callbacks = {earlyStopping({.patience = 10, .restoreBestWeights = true}),
                         lambdaCallback({.onEpochEnd = [&](Trainer &, int64_t, Logs &) {
                           kernels.push_back(f.backend.f("line/kernel"));
                         }})};
  ASSERT_TRUE(f.trainer.fit(lineData(16), f.options).ok());
  EXPECT_EQ(f.backend.f("line/kernel"), kernels[1]);
  EXPECT_NE(f.backend.f("line/kernel"), kernels[3]);
  EXPECT_THAT(f.printed, HasSubstr("Restoring model weights from the end of the best epoch: 2.\n"));
}

TEST(EarlyStoppingTest, asks_for_a_direction_and_reports_missing_metrics) {
  Fixture f;
  EXPECT_EQ(script(f, {1, 1}, earlyStopping({.monitor = "val_wobble"})).message(),
            "metric 'val_wobble' does not say whether less or more is better; set the callback's "
            "mode to min or max");
  f.listen(ProgressMode::Line);
  Result<History> history =
      script(f, {1, 1}, earlyStopping({.monitor = "val_wobble", .mode = Mode::Max}));
  EXPECT_EQ(history->epochs.size(), 2u);
  EXPECT_THAT(f.printed, HasSubstr("warning: EarlyStopping watches 'val_wobble', which is not "
                                   "there; there are loss, val_loss\n"));
}

TEST(ReduceLROnPlateauTest, reduces_cools_down_and_stops_at_the_floor) {
  Fixture f;
  f.listen(ProgressMode::Line);
  Result<History> history = script(
      f, {1, 1, 1, 1, 1, 1, 1, 1},
      reduceLROnPlateau({.factor = .1, .patience = 2, .cooldown = 1, .minLearningRate = .005}));
  ASSERT_TRUE(history.ok()) << history.message();
  std::vector<float> rates(history->find("learning_rate")->begin(),
                           history->find("learning_rate")->end());
  // Epoch 1 is the best; 2 and 3 are waited for; 4 cools down and counts again, and so on.
  EXPECT_THAT(rates, ElementsAre(.1f, .1f, .1f, .01f, .01f, .005f, .005f, .005f));
  EXPECT_THAT(f.printed, HasSubstr("Epoch 3: ReduceLROnPlateau reducing learning rate to 0.01.\n"));
  EXPECT_THAT(f.printed,
              HasSubstr("Epoch 5: ReduceLROnPlateau reducing learning rate to 0.005.\n"));
  EXPECT_EQ(script(f, {1}, reduceLROnPlateau({.factor = 1})).message(),
            "ReduceLROnPlateau: expected a factor below 1, got 1");
}

TEST(LearningRateSchedulerTest, sets_and_logs_the_rate) {
  Fixture f;
  auto halve = [](int64_t epoch, double rate) { return epoch == 0 ? rate : rate / 2; };
  Result<History> history = script(f, {1, 1, 1}, learningRateScheduler(halve));
  std::vector<float> rates(history->find("learning_rate")->begin(),
                           history->find("learning_rate")->end());
  EXPECT_THAT(rates, ElementsAre(.1f, .05f, .025f));
}

TEST(TerminateOnNaNTest, ends_the_training) {
  Fixture f;
  f.listen(ProgressMode::Line);
  f.options.epochs = 5;
  f.options.batchSize = 4;
  f.backend.poisonStep = 6;
  f.options.callbacks = {terminateOnNaN()};
  Result<History> history = f.trainer.fit(lineData(16), f.options);
  EXPECT_EQ(history->epochs.size(), 2u);
  EXPECT_EQ(f.backend.steps, 7);
  EXPECT_THAT(f.printed, HasSubstr("Batch 2: Invalid loss, terminating training\n"));
}

TEST(LambdaCallbackTest, is_called_everywhere) {
  Fixture f;
  std::string calls;
  LambdaCallback functions;
  functions.onTrainBegin = [&](Trainer &) { calls += "("; };
  functions.onEpochBegin = [&](Trainer &, int64_t) { calls += "["; };
  functions.onBatchEnd = [&](Trainer &, int64_t, int64_t step) { calls += std::to_string(step); };
  functions.onEpochEnd = [&](Trainer &, int64_t, Logs &) { calls += "]"; };
  functions.onTrainEnd = [&](Trainer &) { calls += ")"; };
  f.options.batchSize = 8;
  ASSERT_TRUE(script(f, {1, 1}, lambdaCallback(functions)).ok());
  EXPECT_EQ(calls, "([01][23])");
}

TEST(PathTemplateTest, fills_fields) {
  Logs logs;
  logs.set("val_loss", 0.12345);
  auto fill = [&](const std::string &path) {
    absl::StatusOr<std::string> filled = train::fillPathTemplate(path, 6, logs);
    return filled.ok() ? *filled : std::string(filled.status().message());
  };
  EXPECT_EQ(fill("a-{epoch:02d}-{val_loss:.2f}.st"), "a-07-0.12.st");
  EXPECT_EQ(fill("{epoch}{{x}}{val_loss:.1e}"), "7{x}1.2e-01");
  EXPECT_EQ(fill("{nope}"), "the path has {nope}, but there is no metric 'nope'");
  EXPECT_EQ(fill("{epoch:s}"), "the path has {epoch:s}: expected a format such as :02d");
  EXPECT_EQ(fill("{val_loss:%n}"), "the path has {val_loss:%n}: expected a format such as :.2f");
  EXPECT_EQ(fill("{epoch"), "the path '{epoch' has { without }");
}

TEST_F(CheckpointTest, saves_the_best_only) {
  Fixture f;
  f.listen(ProgressMode::Line);
  Result<History> history =
      script(f, {1, .5, .6, .25},
             modelCheckpoint({.path = path("w/{epoch:02d}-{val_loss:.2f}.safetensors"),
                              .saveBestOnly = true,
                              .saveWeightsOnly = true,
                              .verbose = true}));
  ASSERT_TRUE(history.ok()) << history.message();
  std::set<std::string> files;
  for (const auto &entry : std::filesystem::directory_iterator(path("w")))
    files.insert(entry.path().filename());
  EXPECT_THAT(files,
              ElementsAre("01-1.00.safetensors", "02-0.50.safetensors", "04-0.25.safetensors"));
  EXPECT_THAT(f.printed, HasSubstr("Epoch 2: val_loss improved from 1.00000 to 0.50000, saving "
                                   "model to " +
                                   path("w/02-0.50.safetensors") + "\n"));
  EXPECT_THAT(f.printed, HasSubstr("Epoch 3: val_loss did not improve from 0.50000\n"));
  Fixture g;
  ASSERT_TRUE(g.trainer.loadWeights(path("w/04-0.25.safetensors")).ok());
  EXPECT_EQ(g.backend.f("line/kernel"), f.backend.f("line/kernel"));
}

// A state that a callback saves holds the epoch as all callbacks saw it: resuming from it is exact.
TEST_F(CheckpointTest, saves_states_to_resume_from) {
  Fixture f;
  f.options.epochs = 6;
  f.options.callbacks = {
      modelCheckpoint({.path = path("{epoch}.safetensors")}),
      reduceLROnPlateau(
          {.monitor = "loss", .factor = .5, .patience = 1, .minDelta = 10, .verbose = false})};
  Result<History> whole = f.trainer.fit(lineData(16), f.options);
  ASSERT_TRUE(whole.ok()) << whole.message();
  Fixture g;
  g.options.epochs = 6;
  g.options.callbacks = {reduceLROnPlateau(
      {.monitor = "loss", .factor = .5, .patience = 1, .minDelta = 10, .verbose = false})};
  g.options.checkpoint = path("3.safetensors");
  g.options.resume = true;
  Result<History> resumed = g.trainer.fit(lineData(16), g.options);
  ASSERT_TRUE(resumed.ok()) << resumed.message();
  EXPECT_EQ(g.trainer.firstEpoch(), 3);
  EXPECT_EQ(g.backend.values, f.backend.values);
  EXPECT_EQ(resumed->values, whole->values);
}

TEST_F(CheckpointTest, saves_every_so_many_batches) {
  Fixture f;
  f.options.batchSize = 4;
  ASSERT_TRUE(
      script(f, {1}, modelCheckpoint({.path = path("b.safetensors"), .everyBatches = 3})).ok());
  Fixture g; // a state from the middle of an epoch goes on there
  g.options.batchSize = 4;
  g.options.checkpoint = path("b.safetensors");
  g.options.resume = true;
  ASSERT_TRUE(g.trainer.fit(lineData(16), g.options).ok());
  EXPECT_EQ(g.backend.steps, 1);
  EXPECT_EQ(g.backend.values, f.backend.values);
}

TEST_F(CheckpointTest, fails_the_training_when_it_cannot_write) {
  Fixture f;
  write("file", "");
  Result<History> history = script(f, {1}, modelCheckpoint({.path = path("file/x.safetensors")}));
  EXPECT_FALSE(history.ok());
  EXPECT_THAT(history.message(), HasSubstr("file/x.safetensors"));
}

TEST_F(CsvLoggerTest, writes_rows_and_missing_values) {
  Fixture f;
  f.options.validationFrequency = 2;
  f.backend.scriptedLosses = {.5, .25};
  f.options.epochs = 4;
  f.options.validation = lineData(4);
  f.options.callbacks = {csvLogger({.path = path("log.csv")})};
  Result<History> history = f.trainer.fit(lineData(16), f.options);
  ASSERT_TRUE(history.ok()) << history.message();
  std::istringstream lines(read("log.csv"));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "epoch,loss,val_loss");
  for (const char *validation : {"NA", "0.5", "NA", "0.25"}) {
    std::getline(lines, line);
    EXPECT_THAT(line, testing::EndsWith(std::string(",") + validation));
  }
  // Numbers come back with the same bits.
  Result<Array> losses =
      loadArray(write("l.csv", "loss\n" + line.substr(2, line.rfind(',') - 2)) + ":f64");
  EXPECT_EQ(losses->as<double>()[0], history->find("loss")->back());
  EXPECT_THAT(script(f, {1}, csvLogger({.path = path("no/such.csv")})).message(),
              HasSubstr("cannot write"));
}

TEST_F(TensorBoardTest, writes_what_it_should) {
  Fixture f;
  f.options.batchSize = 8;
  Result<History> history =
      script(f, {.5, .25},
             tensorBoard({.folder = path("tb"), .batchesPerUpdate = 2, .epochsPerHistogram = 1}));
  ASSERT_TRUE(history.ok()) << history.message();
  auto read = [&](const std::string &run) {
    std::vector<proto::Event> events;
    for (const auto &entry : std::filesystem::directory_iterator(path("tb/" + run))) {
      EXPECT_THAT(entry.path().filename().string(), HasSubstr("events.out.tfevents."));
      auto records = train::readRecords(entry.path());
      EXPECT_TRUE(records.ok()) << records.status();
      for (const std::string &record : *records)
        EXPECT_TRUE(events.emplace_back().ParseFromString(record));
    }
    return events;
  };
  auto scalars = [](const std::vector<proto::Event> &events, const std::string &tag) {
    std::vector<std::pair<int64_t, float>> values;
    for (const proto::Event &event : events)
      for (const proto::SummaryValue &value : event.summary().value())
        if (value.tag() == tag)
          values.emplace_back(event.step(), value.simple_value());
    return values;
  };
  using P = std::pair<int64_t, float>;
  std::vector<proto::Event> training = read("train"), validation = read("validation");
  EXPECT_EQ(training[0].file_version(), "brain.Event:2");
  const std::vector<double> &loss = *history->find("loss");
  EXPECT_THAT(scalars(training, "epoch_loss"), ElementsAre(P(0, loss[0]), P(1, loss[1])));
  EXPECT_THAT(scalars(training, "epoch_learning_rate"), ElementsAre(P(0, .1f), P(1, .1f)));
  EXPECT_EQ(scalars(training, "batch_loss").size(), 2u);
  EXPECT_THAT(scalars(validation, "epoch_loss"), ElementsAre(P(0, .5f), P(1, .25f)));
  EXPECT_THAT(scalars(validation, "evaluation_loss_vs_iterations"),
              ElementsAre(P(2, .5f), P(4, .25f)));
  EXPECT_EQ(scalars(training, "line/kernel/histogram").size(), 2u);
}

TEST(EventFileTest, checksums_and_histograms) {
  EXPECT_EQ(train::crc32c("123456789", 9), 0xe3069283u); // the polynomial's check value
  proto::Histogram histogram;
  train::fillHistogram({0, 1, 2, 3, std::nan("")}, histogram);
  EXPECT_EQ(histogram.num(), 4);
  EXPECT_EQ(histogram.sum(), 6);
  EXPECT_EQ(histogram.sum_squares(), 14);
  EXPECT_EQ(histogram.bucket_size(), 30);
  EXPECT_EQ(
      histogram.bucket(0) + histogram.bucket(10) + histogram.bucket(20) + histogram.bucket(29), 4);
  proto::Histogram flat;
  train::fillHistogram({2, 2}, flat);
  EXPECT_EQ(flat.bucket(0), 2);
}

TEST_F(TensorBoardTest, notices_damage) {
  train::EventFile file;
  ASSERT_TRUE(file.open(folder).ok());
  ASSERT_TRUE(file.writeScalar("a", 1, 2).ok());
  std::string name;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    name = entry.path().filename();
  std::string text = read(name);
  EXPECT_THAT(
      std::string(
          train::readRecords(write("cut", text.substr(0, text.size() - 3))).status().message()),
      HasSubstr("the file ends inside record 1"));
  text[14] ^= 1;
  EXPECT_THAT(std::string(train::readRecords(write("bad", text)).status().message()),
              HasSubstr("the checksum of record 0 is wrong"));
}

} // namespace
} // namespace dlc::runtime
