// safetensors files: round trips, and every kind of malformed file with its message.
#include "Toy.h"

#include "dlc/runtime.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

#define ASSERT_OK(call)                                                                            \
  do {                                                                                             \
    Status status_ = (call);                                                                       \
    ASSERT_TRUE(status_.ok()) << status_.message();                                                \
  } while (false)

class WeightFiles : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::path(testing::TempDir()) /
             ("dlc_weights_" + std::to_string(getpid()) + "_" +
              testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder);
    path = (folder / "w.safetensors").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
  std::string path;
};

// The message for a file with this header and |dataBytes| bytes of data; "" when it opens.
std::string openHeader(const std::string &header, size_t dataBytes = 0) {
  uint64_t length = header.size();
  std::string file(reinterpret_cast<const char *>(&length), 8);
  file += header + std::string(dataBytes, '\1');
  Weights weights;
  Status status = Weights::openMemory(file.data(), file.size(), "w", weights);
  return status.message();
}

std::string tensor(const std::string &fields) { return "{\"a\":{" + fields + "}}"; }
const std::string good = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";

TEST_F(WeightFiles, roundTripEveryType) {
  std::vector<std::vector<char>> data;
  std::vector<std::string> names;
  std::vector<dlc_named_tensor> tensors;
  int64_t dims[] = {3, 5};
  for (uint32_t type = 0; type < DLC_DTYPE_COUNT; ++type) {
    names.push_back(std::string("layer/") + dlc_dtype_name(type));
    data.emplace_back(size_t(15 * dlc_dtype_bytes(type)), char(type + 1));
  }
  for (uint32_t type = 0; type < DLC_DTYPE_COUNT; ++type)
    tensors.push_back({names[type].c_str(), type, 2, dims, data[type].data()});
  dlc_metadata metadata[] = {{"epoch", "3"}, {"odd", "quote \" back \\ line\n tab\t e\xcc\x81 \1"}};
  ASSERT_OK(Weights::write(path.c_str(), tensors.data(), tensors.size(), metadata, 2));

  Weights weights;
  ASSERT_OK(Weights::open(path.c_str(), weights));
  EXPECT_EQ(weights.count(), uint32_t(DLC_DTYPE_COUNT));
  for (uint32_t type = 0; type < DLC_DTYPE_COUNT; ++type) {
    uint32_t index;
    ASSERT_OK(weights.find(names[type].c_str(), index));
    dlc_tensor_info info = weights.tensor(index);
    EXPECT_EQ(info.dtype, type);
    EXPECT_EQ(info.rank, 2u);
    EXPECT_EQ(info.dims[1], 5);
    std::vector<char> read(data[type].size());
    ASSERT_OK(weights.read(index, read.data(), read.size()));
    EXPECT_EQ(read, data[type]);
  }
  EXPECT_EQ(weights.metadataCount(), 2u);
  EXPECT_STREQ(weights.findMetadata("epoch"), "3");
  EXPECT_STREQ(weights.findMetadata("odd"), metadata[1].value);
  EXPECT_EQ(weights.findMetadata("none"), nullptr);
}

TEST_F(WeightFiles, replaceWholeOrNotAtAll) {
  float value = 1;
  dlc_named_tensor one = {"a", DLC_F32, 0, nullptr, &value};
  ASSERT_OK(Weights::write(path.c_str(), &one, 1));
  value = 2;
  ASSERT_OK(Weights::write(path.c_str(), &one, 1));
  Status status = Weights::write((path + "/no/such/folder").c_str(), &one, 1);
  EXPECT_EQ(status.code(), DLC_UNAVAILABLE);
  std::filesystem::create_directory(folder / "taken");
  status = Weights::write((folder / "taken").c_str(), &one, 1);
  EXPECT_EQ(status.code(), DLC_UNAVAILABLE);
  int files = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    files += entry.is_regular_file();
  EXPECT_EQ(files, 1) << "a temporary file was left behind";
  Weights weights;
  ASSERT_OK(Weights::open(path.c_str(), weights));
  ASSERT_OK(weights.read(0, &value, sizeof value));
  EXPECT_EQ(value, 2);
}

TEST_F(WeightFiles, moveStatesByName) {
  Artifact artifact;
  State from, to;
  ASSERT_OK(Artifact::openLinked(queryToy, artifact));
  ASSERT_OK(State::create(artifact, nullptr, 0, from));
  ASSERT_OK(State::create(artifact, nullptr, 0, to));
  float w[4] = {5, 6, 7, 8}, read[4] = {};
  ASSERT_OK(from.set("w", w, sizeof w));
  dlc_metadata metadata = {"note", "x"};
  ASSERT_OK(from.save(path.c_str(), DLC_ROLES_MODEL, &metadata, 1));
  Weights weights;
  ASSERT_OK(Weights::open(path.c_str(), weights));
  EXPECT_EQ(weights.count(), 1u) << "a slot is no part of the model";
  ASSERT_OK(weights.read(0, read, sizeof read));
  EXPECT_EQ(read[0], 5) << "files hold the logical form";
  ASSERT_OK(to.loadFile(path.c_str(), DLC_ROLES_MODEL));
  ASSERT_OK(to.get("w", read, sizeof read));
  EXPECT_EQ(memcmp(read, w, sizeof w), 0);
  Status status = to.loadFile(path.c_str(), DLC_ROLES_ALL);
  EXPECT_EQ(std::string(status.message()),
            path + ": has no tensor \"total\", which the artifact needs");
  int64_t dims = 5;
  float five[5] = {};
  dlc_named_tensor wrong = {"w", DLC_F32, 1, &dims, five};
  ASSERT_OK(Weights::write(path.c_str(), &wrong, 1));
  status = to.loadFile(path.c_str(), DLC_ROLES_MODEL);
  EXPECT_EQ(std::string(status.message()), path + ": variable \"w\": expected f32[4], got f32[5]");
}

TEST_F(WeightFiles, sayWhyAFileCannotBeRead) {
  Weights weights;
  Status status = Weights::open((folder / "none").c_str(), weights);
  EXPECT_EQ(status.code(), DLC_NOT_FOUND);
  status = Weights::open(folder.c_str(), weights);
  EXPECT_EQ(status.code(), DLC_INVALID_ARGUMENT);
  status = Weights::openMemory("abc", 3, "w", weights);
  EXPECT_STREQ(status.message(),
               "w: no safetensors file: 3 bytes are too few for its header");
  char large[16] = {'\xff', '\xff', '\xff', '\xff', '\xff', '\xff', '\xff', '\x7f'};
  status = Weights::openMemory(large, sizeof large, "w", weights);
  EXPECT_STREQ(status.message(), "w: no safetensors file, or truncated: a header of "
                                 "9223372036854775807 bytes in a file of 16");
}

TEST(WeightHeaders, acceptWhatTheFormatAllows) {
  EXPECT_EQ(openHeader("{}"), "");
  EXPECT_EQ(openHeader("{}   "), "");
  EXPECT_EQ(openHeader(tensor(good), 8), "");
  EXPECT_EQ(openHeader(" { \"a\" : {\n" + good + "\t} } ", 8), "");
  EXPECT_EQ(openHeader(tensor(R"("shape":[0,9],"data_offsets":[0,0],"dtype":"I64")")), "");
  EXPECT_EQ(openHeader(tensor(R"("shape":[],"data_offsets":[0,1],"dtype":"BOOL")"), 1), "");
  EXPECT_EQ(openHeader("{\"\\u00e9\\ud83d\\ude00\xf0\x9f\x98\x80\":{" + good + "}}", 8), "");
}

TEST(WeightHeaders, refuseEverythingElse) {
  struct Case {
    std::string header;
    size_t data;
    const char *message;
  } cases[] = {
      {"", 0, "expected {"},
      {"[]", 0, "expected {"},
      {"{} {}", 0, "something follows the header's object"},
      {"{\"a\"}", 0, "expected :"},
      {"{\"a\":1}", 0, "expected {"},
      {"{\"a", 0, "a string without end"},
      {"{\"\\", 0, "a string without end"},
      {"{\"\\x\":{}}", 0, "an unknown escape"},
      {"{\"\\ud800\":{}}", 0, "half of a surrogate pair"},
      {"{\"\\udc00\":{}}", 0, "half of a surrogate pair"},
      {"{\"\\u0000\":{}}", 0, "a NUL in a string"},
      {"{\"\xff\":{}}", 0, "text that is not UTF-8"},
      {"{\"\xc0\x80\":{}}", 0, "text that is not UTF-8"},
      {"{\"\xed\xa0\x80\":{}}", 0, "text that is not UTF-8"},
      {"{\"\n\":{}}", 0, "a control character in a string"},
      {"{" + std::string("\"__metadata__\":{\"a\":1}}"), 0, "expected a string"},
      {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "a second __metadata__"},
      {tensor(""), 0, "needs dtype, shape and data_offsets, each once"},
      {tensor(good + ",\"dtype\":\"F32\""), 8, "needs dtype, shape and data_offsets, each once"},
      {tensor(good + ",\"strides\":[1]"), 8, "has a field that the format does not know"},
      {tensor(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), 8,
       "expected a non-negative integer"},
      {tensor(R"("dtype":"F32","shape":[02],"data_offsets":[0,8])"), 8,
       "expected a non-negative integer"},
      {tensor(R"("dtype":"F32","shape":[2.0],"data_offsets":[0,8])"), 8, "expected , or ]"},
      {tensor(R"("dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8])"), 8,
       "a number that is too large"},
      {tensor(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8])"), 8,
       "too many numbers in a list"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0])"), 8, "needs two numbers"},
      {tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), 8, "do not match"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), 8, "do not match"},
      {tensor(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])"), 0,
       "do not match"},
      {tensor(R"("dtype":"Q4","shape":[2],"data_offsets":[0,8])"), 8, "dtype Q4 is not supported"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[4,12])"), 12, "begins at byte 4"},
      {tensor(good), 7, "truncated or damaged: 8 bytes of tensors, 7 in the file"},
      {tensor(good), 9, "truncated or damaged: 8 bytes of tensors, 9 in the file"},
      {"{\"a\":{" + good + "},\"a\":{" + good + "}}", 8, "occurs twice"},
      {"{\"a\":{" + good + "},\"b\":{" + good + "}}", 8,
       "begins at byte 0 of the data, expected 8"},
  };
  for (const Case &c : cases)
    EXPECT_NE(openHeader(c.header, c.data).find(c.message), std::string::npos)
        << c.header << "\n  said: " << openHeader(c.header, c.data);
}

// Every prefix and every single-byte change of a file is either read or refused, never worse.
TEST(WeightHeaders, surviveDamage) {
  std::string header = "{\"__metadata__\":{\"k\":\"v\\u00e9\"},\"a\":{" + good + "}}";
  for (size_t length = 0; length <= header.size(); ++length)
    openHeader(header.substr(0, length), 8);
  for (size_t at = 0; at < header.size(); ++at)
    for (int change : {1, 4, 32, 128}) {
      std::string damaged = header;
      damaged[at] = char(damaged[at] ^ change);
      openHeader(damaged, 8);
    }
}

} // namespace
