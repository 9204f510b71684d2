// Every character that training prints, with a clock of the test's own.
#include "runtime/train/Progress.h"
#include "train_test_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dlc::runtime::train {
namespace {

using testing::HasSubstr;
using testing::Not;

class ProgressTest : public testing::Test {
protected:
  ProgressOptions options(ProgressMode mode, bool terminal) {
    ProgressOptions given;
    given.mode = mode;
    given.terminal = terminal;
    given.output = [this](const std::string &text) { printed += text; };
    given.clock = [this] { return now; };
    return given;
  }
  static Logs logs(double accuracy, double loss) {
    Logs values;
    values.set("accuracy", accuracy);
    values.set("loss", loss);
    return values;
  }
  // What was printed since the last call.
  std::string take() { return std::exchange(printed, ""); }

  std::string printed;
  double now = 1000;
};

TEST_F(ProgressTest, bar_is_that_of_keras) {
  Progress bar(options(ProgressMode::Bar, true));
  bar.beginEpoch(0, 5, 469);
  EXPECT_EQ(take(), "Epoch 1/5\n");
  now += 0.5;
  bar.update(1, logs(.1, 2.3));
  EXPECT_EQ(take(), "\r\x1b[1m  1/469\x1b[0m \x1b[37m━━━━━━━━━━━━━━━━━━━━\x1b[0m "
                    "\x1b[1m3:54\x1b[0m 500ms/step - accuracy: 0.1000 - loss: 2.3000");
  now += 0.02; // too soon
  bar.update(2, logs(.1, 2.3));
  EXPECT_EQ(take(), "");
  now += 0.48;
  bar.update(101, logs(.5, 1e-4));
  std::string drawn = take();
  EXPECT_EQ(drawn.substr(0, 78), std::string(78, '\b')); // the width of the line before
  EXPECT_EQ(drawn.substr(78),
            "\r\x1b[1m101/469\x1b[0m \x1b[32m━━━━\x1b[0m\x1b[37m━━━━━━━━━━━━━━━━\x1b[0m "
            "\x1b[1m1s\x1b[0m 5ms/step - accuracy: 0.5000 - loss: 1.0000e-04");
  now += 1;
  bar.endEpoch(469, logs(.9256, .2567));
  drawn = take();
  EXPECT_EQ(drawn.substr(drawn.find('\r')),
            "\r\x1b[1m469/469\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[37m\x1b[0m "
            "\x1b[1m2s\x1b[0m 3ms/step - accuracy: 0.9256 - loss: 0.2567    \n");
}

TEST_F(ProgressTest, bar_of_unknown_length_counts) {
  Progress bar(options(ProgressMode::Bar, true));
  bar.beginEpoch(0, 1, 0);
  now += 2;
  bar.update(12, logs(0, 0));
  EXPECT_EQ(take(), "\r     12/Unknown \x1b[1m2s\x1b[0m 167ms/step - accuracy: 0.0000e+00 - loss: "
                    "0.0000e+00");
}

TEST_F(ProgressTest, line_is_one_line) {
  Progress line(options(ProgressMode::Line, true));
  line.beginEpoch(1, 3, 469);
  EXPECT_EQ(take(), "Epoch 2/3\n");
  now += .5;
  EXPECT_TRUE(line.due()); // the first step is told apart
  line.update(1, logs(.1, 2));
  EXPECT_FALSE(line.due());
  now += 1.404;
  line.endEpoch(469, logs(.9256, -.2567));
  EXPECT_EQ(take(), "469/469 - 2s - 3ms/step - accuracy: 0.9256 - loss: -0.2567\n");
}

TEST_F(ProgressTest, no_header_for_a_single_epoch) {
  Progress line(options(ProgressMode::Line, false));
  line.beginEpoch(0, 1, 2);
  EXPECT_EQ(take(), "");
}

TEST_F(ProgressTest, json_is_one_object_a_line) {
  Progress json(options(ProgressMode::Json, true));
  json.beginEpoch(0, 5, 10);
  now += .25;
  json.endEpoch(10, logs(.5, std::nan("")));
  EXPECT_EQ(take(), "{\"event\":\"epoch\",\"epoch\":1,\"epochs\":5,\"steps\":10,\"seconds\":0.25,"
                    "\"metrics\":{\"accuracy\":0.5,\"loss\":null}}\n");
  json.message("a \"word\"");
  EXPECT_EQ(take(), "{\"event\":\"message\",\"text\":\"a \\\"word\\\"\"}\n");
  json.beginEvaluation(3);
  json.endEvaluation(3, logs(.5, 1));
  EXPECT_EQ(take(), "{\"event\":\"evaluate\",\"steps\":3,\"seconds\":0.0,"
                    "\"metrics\":{\"accuracy\":0.5,\"loss\":1.0}}\n");
}

TEST_F(ProgressTest, none_says_nothing) {
  Progress none(options(ProgressMode::None, true));
  none.beginEpoch(0, 5, 10);
  none.endEpoch(10, logs(1, 1));
  none.message("x");
  EXPECT_EQ(printed, "");
}

TEST_F(ProgressTest, messages_do_not_run_into_the_bar) {
  Progress bar(options(ProgressMode::Bar, true));
  bar.beginEpoch(0, 1, 4);
  bar.update(1, logs(0, 1));
  take();
  bar.message("hello");
  EXPECT_EQ(take(), "\nhello\n");
  now += 1;
  bar.update(2, logs(0, 1));
  EXPECT_EQ(take()[0], '\r'); // nothing to erase on the new line
}

// A bar would fill log files with control characters.
TEST_F(ProgressTest, control_characters_go_to_terminals_only) {
  for (ProgressMode mode : {ProgressMode::Auto, ProgressMode::Bar, ProgressMode::Line}) {
    Fixture f;
    f.listen(mode, false, 0.01);
    f.options.epochs = 2;
    ASSERT_TRUE(f.trainer.fit(lineData(64), f.options).ok());
    EXPECT_THAT(f.printed, HasSubstr("Epoch 2/2\n2/2 - 0s - "));
    for (const char *code : {"\x1b", "\b", "\r"})
      EXPECT_THAT(f.printed, Not(HasSubstr(code)));
  }
  EXPECT_EQ(Progress(options(ProgressMode::Auto, true)).mode(), ProgressMode::Bar);
}

TEST(ProgressTextTest, formats_times) {
  EXPECT_EQ(formatRemaining(12.9), "12s");
  EXPECT_EQ(formatRemaining(60), "60s");
  EXPECT_EQ(formatRemaining(65), "1:05");
  EXPECT_EQ(formatRemaining(3723), "1:02:03");
  EXPECT_EQ(formatStepTime(2.4), "2s/step");
  EXPECT_EQ(formatStepTime(0.0034), "3ms/step");
  EXPECT_EQ(formatStepTime(0.00034), "340us/step");
  EXPECT_EQ(formatMetric(0.001), "1.0000e-03");
  EXPECT_EQ(formatMetric(0.0011), "0.0011");
  EXPECT_EQ(formatMetric(-0.5), "-0.5000");
}

} // namespace
} // namespace dlc::runtime::train
