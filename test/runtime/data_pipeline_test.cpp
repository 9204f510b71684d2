// Data sets, specifications, conversions and streams of batches.
#include "data_test_files.h"
#include "dlc/data.h"
#include "runtime/data/Convert.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <set>

namespace dlc::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using SpecTest = FileTest;

template <typename T> std::vector<T> list(const Array &array) {
  EXPECT_EQ(array.type(), DTypeOf<T>::value);
  return {array.as<T>(), array.as<T>() + array.elements()};
}

// x = 0, 10, 20...; y = 0, 1, 2...
Dataset counting(int64_t samples) {
  std::vector<float> x(samples);
  std::vector<int32_t> y(samples);
  for (int64_t i = 0; i < samples; ++i) {
    x[i] = static_cast<float>(10 * i);
    y[i] = static_cast<int32_t>(i);
  }
  return *Dataset::fromArrays({{"x", Array::of(x, {samples, 1})}, {"y", Array::of(y)}});
}

std::vector<int32_t> rows(const Dataset &dataset) { return list<int32_t>(*dataset.values("y")); }

TEST(ArrayTest, refuses_sizes_that_overflow) {
  EXPECT_FALSE(Array::allocate(DType::F64, {int64_t{1} << 40, int64_t{1} << 40}));
  EXPECT_FALSE(Array::allocate(DType::F64, {int64_t{1} << 61}));
  EXPECT_FALSE(Array::allocate(DType::F32, {-1}));
  EXPECT_TRUE(Array::allocate(DType::F32, {0, 5}));
  EXPECT_FALSE(Array::of<float>({1, 2, 3}, {2, 2}));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(Array::allocate(DType::U8, {3}).data()) % 64, 0u);
}

TEST(ConvertTest, floats_to_integers_saturate) {
  double nan = std::numeric_limits<double>::quiet_NaN();
  Array wide = Array::of<double>({2.9, -2.9, 300, -300, 1e300, -1e300, nan});
  EXPECT_THAT(list<int8_t>(wide.converted(DType::I8)), ElementsAre(2, -2, 127, -128, 127, -128, 0));
  EXPECT_THAT(list<uint8_t>(wide.converted(DType::U8)), ElementsAre(2, 0, 255, 0, 255, 0, 0));
  EXPECT_THAT(list<int64_t>(wide.converted(DType::I64)),
              ElementsAre(2, -2, 300, -300, INT64_MAX, INT64_MIN, 0));
  Array big = Array::of<int64_t>({INT64_MAX, -1, (int64_t{1} << 53) + 1});
  EXPECT_THAT(list<int32_t>(big.converted(DType::I32)), ElementsAre(INT32_MAX, -1, INT32_MAX));
}

// Every f16 and bf16 value comes back from f64 with the same bits; NaN stays one.
TEST(ConvertTest, half_types_round_trip) {
  for (DType type : {DType::F16, DType::BF16}) {
    std::vector<uint16_t> bits(65536), back(65536);
    std::vector<double> wide(65536);
    std::iota(bits.begin(), bits.end(), 0);
    data::convert(bits.data(), type, wide.data(), DType::F64, 65536);
    data::convert(wide.data(), DType::F64, back.data(), type, 65536);
    for (int i = 0; i < 65536; ++i) {
      if (!std::isnan(wide[i])) {
        ASSERT_EQ(back[i], bits[i]) << dtypeName(type);
      }
    }
  }
}

TEST(ConvertTest, rounds_to_nearest_even_once) {
  auto half = [](double value, DType type) {
    uint16_t bits = 0;
    data::convert(&value, DType::F64, &bits, type, 1);
    return bits;
  };
  EXPECT_EQ(half(1 + 0x1p-11, DType::F16), 0x3c00); // a tie goes to the even neighbour
  EXPECT_EQ(half(1 + 3 * 0x1p-11, DType::F16), 0x3c02);
  EXPECT_EQ(half(1 + 0x1p-11 + 0x1p-40, DType::F16), 0x3c01);
  EXPECT_EQ(half(65519.9, DType::F16), 0x7bff);
  EXPECT_EQ(half(65520, DType::F16), 0x7c00);
  EXPECT_EQ(half(0x1p-25, DType::F16), 0);
  EXPECT_EQ(half(0x1.8p-25, DType::F16), 1);
  EXPECT_EQ(half(1 + 0x1p-8, DType::BF16), 0x3f80);
  EXPECT_EQ(half(1 + 0x1p-8 + 0x1p-40, DType::BF16), 0x3f81); // f32 alone would see a tie
}

TEST(ConvertTest, finds_lossy_elements) {
  Array values = Array::of<float>({1, 2, 2.5f});
  EXPECT_EQ(data::findLossy(values.data(), DType::F32, 3, DType::I32), 2);
  EXPECT_EQ(data::findLossy(values.data(), DType::F32, 2, DType::I32), -1);
  Array wide = Array::of<int64_t>({5, int64_t{1} << 40});
  EXPECT_EQ(data::findLossy(wide.data(), DType::I64, 2, DType::I32), 1);
}

TEST(DatasetTest, checks_its_arrays) {
  EXPECT_EQ(Dataset::fromArrays({{"x", Array::of<float>({1, 2})}, {"y", Array::of<float>({1})}})
                .message(),
            "'y' has 1 samples but 'x' has 2");
  EXPECT_EQ(
      Dataset::fromArrays({{"x", Array::of<float>({1})}, {"x", Array::of<float>({1})}}).message(),
      "'x' is given twice");
  EXPECT_THAT(Dataset::fromArrays({{"x", Array()}}).message(), HasSubstr("holds no samples"));
}

TEST(DatasetTest, selects_rows_and_composes) {
  Dataset data = counting(11);
  EXPECT_THAT(rows(data.every(5)), ElementsAre(0, 5, 10));
  EXPECT_THAT(rows(data.every(5, 1)), ElementsAre(1, 6));
  EXPECT_THAT(rows(data.except(5)), ElementsAre(1, 2, 3, 4, 6, 7, 8, 9));
  EXPECT_THAT(rows(data.except(5).every(3).skip(1).take(1)), ElementsAre(4));
  EXPECT_EQ(data.slice(20, 30).size(), 0);
}

TEST(DatasetTest, splits_the_tail_as_keras_does) {
  auto [train, validation] = counting(11).splitTail(0.2);
  EXPECT_EQ(train.size(), 8); // floor(11 * 0.8)
  EXPECT_THAT(rows(validation), ElementsAre(8, 9, 10));
}

TEST(DatasetTest, tells_a_sorted_tail) {
  std::vector<int32_t> labels(100);
  for (int i = 0; i < 100; ++i)
    labels[i] = i / 10;
  Dataset sorted = *Dataset::fromArrays({{"y", Array::of(labels)}});
  auto [head, tail] = sorted.splitTail(0.2);
  EXPECT_NEAR(labelDistance(head, tail, "y"), 1, 1e-9);
  EXPECT_NEAR(labelDistance(sorted.every(2), sorted.except(2), "y"), 0, 1e-9);
  EXPECT_EQ(labelDistance(head, tail, "x"), -1);
}

TEST(DatasetTest, conforms_to_an_entry) {
  Array pixels = Array::of<uint8_t>({0, 16, 8, 4, 16, 16, 16, 16}, {2, 4});
  Dataset data = *Dataset::fromArrays({{"x", pixels}, {"y", Array::of<float>({3, 1})}});
  data = *data.scaled("x", 0.0625);
  Result<Dataset> fitted =
      data.conform({{"y", DType::I32, {-1, 1}}, {"x", DType::F32, {-1, 2, 2, 1}}});
  ASSERT_TRUE(fitted.ok()) << fitted.message();
  EXPECT_EQ(fitted->columns()[0].name, "y");
  EXPECT_THAT(fitted->values("x")->dims(), ElementsAre(2, 2, 2, 1));
  EXPECT_THAT(list<float>(*fitted->values("x")), ElementsAre(0, 1, .5f, .25f, 1, 1, 1, 1));
  EXPECT_THAT(list<int32_t>(*fitted->values("y")), ElementsAre(3, 1));
}

TEST(DatasetTest, says_why_it_does_not_conform) {
  Dataset data = *Dataset::fromArrays({{"x", Array::of<float>({1, 2, 3, 4}, {2, 2})},
                                       {"y", Array::of<int32_t>({3, 1})},
                                       {"z", Array::of<float>({.5f, 1})},
                                       {"h", Array::of<float>({1, 0, 0, 1}, {2, 2})}});
  EXPECT_EQ(data.conform({{"w", DType::F32, {-1, 2}}}).message(),
            "the model wants input 'w' (f32[?,2]); the data has x, y, z, h");
  EXPECT_EQ(data.conform({{"x", DType::F32, {-1, 3}}}).message(),
            "input 'x': expected f32[?,3], got f32[?,2]\n  hint: samples of the same number of "
            "elements are reshaped by themselves; these have 2 where 3 are wanted");
  EXPECT_EQ(data.conform({{"x", DType::F32, {-1, 3, -1}}}).message(),
            "input 'x': expected f32[?,3,?], got f32[?,2]: sizes marked ? may be any, the others "
            "must be equal");
  EXPECT_EQ(
      data.conform({{"y", DType::F32, {-1, 10}}}).message(),
      "input 'y': expected f32[?,10], got i32[?]\n  hint: the data holds class numbers; use a "
      "sparse loss, or turn them into one-hot rows with ?onehot=10 or toCategorical()");
  EXPECT_EQ(
      data.conform({{"h", DType::I32, {-1}}}).message(),
      "input 'h': expected i32[?], got f32[?,2]\n  hint: the model wants class numbers; use a "
      "categorical loss for one-hot rows, or data with one integer a row");
  EXPECT_EQ(data.conform({{"z", DType::I32, {-1}}}).message(),
            "input 'z': expected i32[?], got f32[?]: element 0 is 0.5, no i32");
}

TEST(CategoricalTest, makes_rows) {
  EXPECT_THAT(list<float>(*toCategorical(Array::of<int32_t>({2, 0}))),
              ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_THAT(toCategorical(Array::of<int32_t>({2, 0}, {2, 1}), 4)->dims(), ElementsAre(2, 4));
  EXPECT_EQ(toCategorical(Array::of<int32_t>({0, 3}), 3).message(),
            "label 1 is 3; expected a number in [0, 3)");
  EXPECT_EQ(toCategorical(Array::of<float>({.5f})).message(),
            "label 0 is 0.5; expected an integer");
  EXPECT_FALSE(toCategorical(Array::of<int64_t>({INT64_MAX})).ok());
}

TEST_F(SpecTest, loads_columns_scale_and_rows) {
  write("d.csv", "0,8,1\n16,4,2\n8,0,3\n4,4,4\n2,2,5\n1,1,6\n");
  std::string x = "x=" + path("d.csv") + ":0-1*1/16+-0.5", y = ",y=" + path("d.csv") + ":2:i32";
  Result<Dataset> train = loadDataset(x + y + ",?except=5");
  ASSERT_TRUE(train.ok()) << train.message();
  EXPECT_THAT(list<int32_t>(*train->values("y")), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(list<float>(*train->take(2).values("x")), ElementsAre(.5f, -.25f, 0, -.5f));
  Result<Dataset> test = loadDataset(x + "?every=5" + y + "?every=5");
  ASSERT_TRUE(test.ok()) << test.message();
  EXPECT_THAT(list<int32_t>(*test->values("y")), ElementsAre(1, 6));
  EXPECT_THAT(
      list<int32_t>(
          *loadDataset("y=" + path("d.csv") + ":2:i32?skip=1?take=3?every=2/1")->values("y")),
      ElementsAre(3));
}

TEST_F(SpecTest, makes_windows_and_one_hot_rows) {
  write("t.txt", "abcdefg");
  Result<Dataset> text =
      loadDataset("x=" + path("t.txt") + "?window=2,y=" + path("t.txt") + ":i32?window=2?shift=1");
  ASSERT_TRUE(text.ok()) << text.message();
  EXPECT_THAT(list<uint8_t>(*text->values("x")), ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
  EXPECT_THAT(list<int32_t>(*text->values("y")), ElementsAre('b', 'c', 'd', 'e', 'f', 'g'));
  EXPECT_THAT(loadArray(path("t.txt") + "?window=3/1")->dims(), ElementsAre(4, 3));
  write("c.csv", "1\n0\n");
  EXPECT_THAT(list<float>(*loadArray(path("c.csv") + ":0?onehot=2")), ElementsAre(0, 1, 1, 0));
}

TEST_F(SpecTest, picks_columns_of_any_format) {
  ASSERT_TRUE(writeNpy(path("a.npy"), Array::of<float>({1, 2, 3, 4, 5, 6}, {2, 3})).ok());
  EXPECT_THAT(list<float>(*loadArray(path("a.npy") + ":2/0")), ElementsAre(3, 1, 6, 4));
  EXPECT_THAT(loadArray(path("a.npy") + ":1")->dims(), ElementsAre(2));
  EXPECT_THAT(list<double>(*loadArray(path("a.npy") + ":f64:1*2")), ElementsAre(4, 10));
  std::string odd = path("a,b:c.csv");
  write("a,b:c.csv", "7\n");
  EXPECT_THAT(loadDataset("x=" + path("a\\,b\\:c.csv"))->size(), 1);
}

TEST_F(SpecTest, explains_mistakes) {
  write("d.csv", "1,2\n3,4\n");
  write("e.csv", "1\n");
  std::string d = path("d.csv");
  EXPECT_EQ(loadDataset("").message(), "data '': expected at least one NAME=FILE");
  EXPECT_EQ(loadDataset("d.csv").message(), "data 'd.csv': expected NAME=FILE, got 'd.csv'");
  EXPECT_EQ(loadDataset("x=").message(), "data 'x=': expected a file name");
  EXPECT_THAT(loadDataset("x=" + d + ":0*q").message(),
              HasSubstr("expected a number such as 0.5 or 1/255 after '*', got 'q'"));
  EXPECT_THAT(loadDataset("x=" + d + "?evry=5").message(), HasSubstr("unknown option 'evry=5'"));
  EXPECT_EQ(loadDataset("x=" + d + "?every=0").message(),
            "data option 'every': expected N or N/R with R below N, got '0'");
  EXPECT_EQ(loadDataset("x=" + d + "?skip=-1").message(),
            "data option 'skip': expected a number of at least 0, got '-1'");
  EXPECT_EQ(loadDataset("x=" + d + ",y=" + path("e.csv")).message(),
            "'y' has 1 samples but 'x' has 2");
  EXPECT_EQ(loadDataset("x=" + d + ":i32*0.5").message(),
            d + ": scaled values are fractions; expected a float type, got i32");
  EXPECT_THAT(loadDataset("x=" + d + ":0:1").message(),
              HasSubstr("expected at most 1 selections, got another: '1'"));
}

TEST(ShuffleTest, is_a_function_of_seed_and_pass) {
  std::vector<int64_t> a(1000), b(1000);
  permutation(7, 3, a);
  permutation(7, 3, b);
  EXPECT_EQ(a, b);
  permutation(7, 4, b);
  EXPECT_NE(a, b);
  permutation(3, 7, b);
  EXPECT_NE(a, b);
  EXPECT_EQ(std::set<int64_t>(a.begin(), a.end()).size(), 1000u);
  // The numbers are a promise: checkpoints of one version resume in the next.
  std::vector<int64_t> ten(10);
  permutation(0, 0, ten);
  EXPECT_THAT(ten, ElementsAre(3, 7, 0, 6, 5, 9, 8, 1, 4, 2));
}

// All batches that a stream hands out, as lists of y.
std::vector<std::vector<int32_t>> drain(const Dataset &data, StreamOptions options, int64_t step,
                                        int64_t count) {
  auto stream = BatchStream::create(data, options);
  EXPECT_TRUE(stream.ok()) << stream.message();
  (*stream)->start(step, count);
  std::vector<std::vector<int32_t>> batches;
  while (const Batch *batch = (*stream)->next()) {
    auto y = static_cast<const int32_t *>(batch->columns[1]);
    auto x = static_cast<const float *>(batch->columns[0]);
    for (int64_t i = 0; i < batch->rows; ++i)
      EXPECT_EQ(x[i], 10 * y[i]);
    batches.emplace_back(y, y + batch->rows);
  }
  return batches;
}

TEST(BatchStreamTest, keeps_the_last_partial_batch) {
  for (int prefetch : {0, 1, 3})
    EXPECT_THAT(
        drain(counting(5), {.batchSize = 2, .prefetch = prefetch}, 0, 4),
        ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(4), ElementsAre(0, 1)));
}

TEST(BatchStreamTest, starts_anywhere_with_the_same_batches) {
  StreamOptions options{.batchSize = 3, .shuffle = true, .seed = 9};
  auto whole = drain(counting(10), options, 0, 12);
  for (int64_t step : {1, 4, 5, 11}) {
    auto rest = drain(counting(10), options, step, 12 - step);
    EXPECT_EQ(rest, decltype(whole)(whole.begin() + step, whole.end()));
  }
  std::multiset<int32_t> firstPass;
  for (int i = 0; i < 4; ++i)
    firstPass.insert(whole[i].begin(), whole[i].end());
  EXPECT_EQ(firstPass.size(), 10u);
  EXPECT_EQ(std::set<int32_t>(firstPass.begin(), firstPass.end()).size(), 10u);
  EXPECT_NE(whole[0], whole[4]); // reshuffled
}

TEST(BatchStreamTest, can_be_left_and_restarted_at_any_time) {
  auto stream = BatchStream::create(counting(100), {.batchSize = 1, .prefetch = 4});
  ASSERT_TRUE(stream.ok());
  for (int round = 0; round < 50; ++round) {
    (*stream)->start(round, 1000);
    for (int i = 0; i < round % 7; ++i)
      EXPECT_EQ(*static_cast<int32_t *>((*stream)->next()->columns[1]), (round + i) % 100);
  }
}

TEST(BatchStreamTest, maps_batches) {
  StreamOptions options{.batchSize = 2};
  options.map = [](Batch &batch) {
    static_cast<float *>(batch.columns[0])[0] = static_cast<float>(batch.pass * 100 + batch.index);
  };
  auto stream = BatchStream::create(counting(4), options);
  (*stream)->start(3, 1);
  EXPECT_EQ(*static_cast<float *>((*stream)->next()->columns[0]), 101);
}

TEST(BatchStreamTest, refuses_nothing_to_do) {
  EXPECT_EQ(BatchStream::create(counting(3).take(0), {}).message(), "the data set has no samples");
  EXPECT_EQ(BatchStream::create(counting(3), {.batchSize = 0}).message(),
            "expected a batch size of at least 1, got 0");
}

} // namespace
} // namespace dlc::runtime
