// Images as text, with what a model says of them.
#include "tools/dlc-run/Draw.h"

#include <gmock/gmock.h>

using namespace dlc::runtime;
using namespace dlc::tools;
using testing::HasSubstr;
using testing::Not;

namespace {

TEST(Draw, TakesTwoColumnsForAPixelOfASmallImage) {
  Array image = Array::of(std::vector<float>{0, 0.25, 0.5, 1}, {1, 2, 2});
  Array logits = Array::of(std::vector<float>{1, 1, 2}, {1, 3});
  Array label = Array::of(std::vector<int32_t>{1});
  EXPECT_EQ(drawSamples(image, {2, 2}, logits, label), "  ░░\n"
                                                       "▒▒██\n"
                                                       "predicted 2 (0.58)\n"
                                                       "true      1  wrong\n"
                                                       "\n");
}

TEST(Draw, TakesProbabilitiesAsTheyAre) {
  Array image = Array::of(std::vector<float>{0, 1}, {1, 1, 2});
  Array shares = Array::of(std::vector<float>{0.25, 0.75}, {1, 2});
  EXPECT_THAT(drawSamples(image, {1, 2}, shares, Array()), HasSubstr("predicted 1 (0.75)\n"));
}

TEST(Draw, PutsImagesBesideEachOtherOnOneScale) {
  Array images = Array::of(std::vector<uint8_t>{0, 100, 200, 100}, {2, 1, 2});
  EXPECT_EQ(drawSamples(images, {1, 2}, Array(), Array()), "  ▒▒                  ██▒▒\n\n");
  Array many = Array::allocate(DType::F32, {5, 2, 2});
  std::string text = drawSamples(many, {2, 2}, Array(), Array());
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6) << "two rows: three images fit in 80";
}

TEST(Draw, AveragesPairsOfLinesOfALargeImageAndChannels) {
  Array image = Array::allocate(DType::F32, {1, 20, 3, 3});
  for (int64_t i = 0; i < 9; ++i) // the first line is white
    static_cast<float *>(image.mutableData())[i] = 1;
  std::string text = drawSamples(image, {20, 3}, Array(), Array());
  EXPECT_EQ(text.substr(0, text.find('\n')), "▒▒▒");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);
}

TEST(Draw, DrawsAnEvenImageAndNoneAtAll) {
  Array even = Array::allocate(DType::F32, {1, 2, 2});
  EXPECT_THAT(drawSamples(even, {2, 2}, Array(), Array()), Not(HasSubstr("█")));
  EXPECT_EQ(drawSamples(Array::allocate(DType::F32, {0, 2, 2}), {2, 2}, Array(), Array()), "");
}

TEST(Draw, KnowsWhatIsAnImage) {
  auto size = [](std::vector<int64_t> dims) { return imageSize("x", dims); };
  EXPECT_EQ(*size({28, 20}), std::make_pair(int64_t(28), int64_t(20)));
  EXPECT_EQ(*size({8, 9, 1}), std::make_pair(int64_t(8), int64_t(9)));
  EXPECT_EQ(*size({8, 9, 3}), std::make_pair(int64_t(8), int64_t(9)));
  EXPECT_EQ(*size({784}), std::make_pair(int64_t(28), int64_t(28)));
  EXPECT_EQ(size({8, 9, 2}).message(),
            "input \"x\": only images [n,height,width] with at most 3 channels can be drawn, got "
            "f32[?,8,9,2]");
  EXPECT_FALSE(size({10}).ok());
}

} // namespace
