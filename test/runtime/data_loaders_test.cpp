// Every file format: what it yields, and what is said about files that are cut, altered or absurd.
#include "data_test_files.h"
#include "dlc/data.h"
#include "runtime/data/Loaders.h"

#include <cmath>

namespace dlc::runtime {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

template <typename T> std::vector<T> list(const Array &array) {
  EXPECT_EQ(array.type(), DTypeOf<T>::value);
  return {array.as<T>(), array.as<T>() + array.elements()};
}

using IdxTest = FileTest;
using NpyTest = FileTest;
using NpzTest = FileTest;
using CsvTest = FileTest;
using FormatTest = FileTest;

const std::string idxBytes = bytes("\0\0\x08\x02\0\0\0\x02\0\0\0\x03") + "abcdef";

TEST_F(IdxTest, reads_bytes_plain_and_compressed) {
  for (const std::string &file : {write("a", idxBytes), writeGzip("a.gz", idxBytes)}) {
    Result<Array> array = loadArray(file);
    ASSERT_TRUE(array.ok()) << array.message();
    EXPECT_THAT(array->dims(), ElementsAre(2, 3));
    EXPECT_THAT(list<uint8_t>(*array), ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
  }
}

TEST_F(IdxTest, reads_big_endian_types) {
  Result<Array> shorts = loadArray(write("s", bytes("\0\0\x0B\x01\0\0\0\x02\xff\xfe\x01\x00")));
  ASSERT_TRUE(shorts.ok()) << shorts.message();
  EXPECT_THAT(list<int32_t>(*shorts), ElementsAre(-2, 256));
  Result<Array> floats = loadArray(write("f", bytes("\0\0\x0D\x01\0\0\0\x01\x3f\xc0\0\0")));
  ASSERT_TRUE(floats.ok()) << floats.message();
  EXPECT_THAT(list<float>(*floats), ElementsAre(1.5f));
}

TEST_F(IdxTest, refuses_damage) {
  struct Case {
    std::string content, message;
  } cases[] = {
      {idxBytes.substr(0, 3), "the file ends inside the IDX header: expected 4 bytes, got 3"},
      {idxBytes.substr(0, 9), "the file ends inside the IDX dimensions: expected 4 bytes, got 1"},
      {idxBytes.substr(0, 14),
       "the file ends inside the elements of u8[2,3]: expected 6 bytes, got 2"},
      {idxBytes + "x", "expected the end of the file after the data, got more bytes"},
      {bytes("\0\0\x0A\x02\0\0\0\x02\0\0\0\x03"),
       "expected an IDX header (0, 0, an element type from 8 to 14, the number of dimensions), got "
       "the bytes 0, 0, 10, 2"},
      {bytes("\0\0\x08\x09"), "expected 1 to 8 dimensions, got 9"},
      // 2^96 elements, and 2^32 of them in a file of 12 bytes: nothing is allocated.
      {bytes("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
       "the size of u8[4294967295,4294967295,4294967295] overflows 64 bits"},
      {bytes("\0\0\x0E\x01\xff\xff\xff\xff"),
       "the header announces f64[4294967295], 4294967295 elements of 8 bytes, but the file can "
       "hold at most 8 bytes"}};
  for (const Case &c : cases) {
    std::string file = write("bad", c.content);
    absl::StatusOr<Array> array = data::loadIdx(file);
    EXPECT_EQ(array.status().message(), file + ": " + c.message);
  }
}

TEST_F(IdxTest, refuses_damaged_gzip) {
  std::string whole = bytes("\0\0\x08\x01\0\0\x13\x88") + std::string(5000, 'q');
  writeGzip("a.gz", whole);
  std::string packed = read("a.gz");
  absl::StatusOr<Array> cut = data::loadIdx(write("cut.gz", packed.substr(0, packed.size() - 9)));
  EXPECT_THAT(std::string(cut.status().message()), HasSubstr("damaged or cut short"));
  writeGzip("b.gz", idxBytes);
  packed = read("b.gz");
  packed[packed.size() - 6] ^= 1; // the checksum
  absl::StatusOr<Array> altered = data::loadIdx(write("altered.gz", packed));
  EXPECT_THAT(std::string(altered.status().message()), HasSubstr("incorrect data check"));
}

TEST_F(NpyTest, reads_types_and_orders) {
  std::string floats = little(0x3fc00000, 4) + little(0xc0000000, 4);
  Result<Array> f4 = loadArray(
      write("a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", floats)));
  ASSERT_TRUE(f4.ok()) << f4.message();
  EXPECT_THAT(list<float>(*f4), ElementsAre(1.5f, -2.0f));

  Result<Array> big =
      loadArray(write("b.npy", npy("{'descr': '>i2', 'fortran_order': False, 'shape': (1, 2), }",
                                   bytes("\x01\x00\xff\xff"))));
  ASSERT_TRUE(big.ok()) << big.message();
  EXPECT_THAT(big->dims(), ElementsAre(1, 2));
  EXPECT_THAT(list<int32_t>(*big), ElementsAre(256, -1));

  Result<Array> fortran = loadArray(
      write("c.npy", npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "adbecf")));
  ASSERT_TRUE(fortran.ok()) << fortran.message();
  EXPECT_THAT(list<uint8_t>(*fortran), ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));

  Result<Array> scalar = loadArray(
      write("d.npy", npy("{'descr': '<i8', 'fortran_order': False, 'shape': (), }", little(7, 8))));
  ASSERT_TRUE(scalar.ok()) << scalar.message();
  EXPECT_EQ(scalar->rank(), 0);
  EXPECT_THAT(list<int64_t>(*scalar), ElementsAre(7));
}

TEST_F(NpyTest, refuses_damage) {
  auto header = [](const char *descr, const char *shape) {
    return std::string("{'descr': ") + descr + ", 'fortran_order': False, 'shape': " + shape + "}";
  };
  struct Case {
    std::string content, message;
  } cases[] = {
      {"\x93NUMP", "the file ends inside the NPY magic: expected 8 bytes, got 5"},
      {"\x93NUMPX\x01\x01\x10\x10\x10", "expected an NPY file (\\x93NUMPY), got other bytes"},
      {bytes("\x93NUMPY\x07\x00\x01\x00 "), "expected NPY version 1, 2 or 3, got 7"},
      {bytes("\x93NUMPY\x01\x00\xff\xff{}"),
       "an NPY header of 65535 bytes is longer than the file or than 1 MiB"},
      {npy(header("'<c8'", "(1,)"), "12345678"),
       "expected numbers (f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1), got elements of type '<c8'"},
      {npy(header("[('a', '<f4')]", "(1,)"), "1234"),
       "the NPY header has no simple 'descr' (structured types are not supported)"},
      {npy(header("'<f4'", "(-1,)"), "1234"), "the NPY header has no readable 'shape'"},
      {npy(header("'<f4'", "(2"), "1234"), "the NPY header has no readable 'shape'"},
      {npy("{'descr': '<f4', 'shape': (1,)}", "1234"), "the NPY header has no 'fortran_order'"},
      {npy(header("'<f4'", "(3,)"), "12345678"),
       "the file ends inside the elements of f32[3]: expected 12 bytes, got 8"},
      {npy(header("'<f8'", "(9223372036854775807, 2)"), ""),
       "the size of f64[9223372036854775807,2] overflows 64 bits"},
      {npy(header("'<u8'", "(1,)"), std::string(8, '\xff')),
       "element 0 of type u8 does not fit into i64"}};
  for (const Case &c : cases) {
    std::string file = write("bad.npy", c.content);
    EXPECT_EQ(data::loadNpy(file).status().message(), file + ": " + c.message);
  }
}

TEST_F(NpyTest, writes_what_it_reads) {
  for (DType type : {DType::F32, DType::F64, DType::F16, DType::I64, DType::I32, DType::I8,
                     DType::U8, DType::I1}) {
    Array array = Array::of<float>({0, 1, 1, 0, 1, 0}, {3, 2}).converted(type);
    ASSERT_TRUE(writeNpy(path("w.npy"), array).ok());
    Result<Array> back = loadArray(path("w.npy"));
    ASSERT_TRUE(back.ok()) << back.message();
    EXPECT_EQ(back->type(), type);
    EXPECT_EQ(back->dims(), array.dims());
    EXPECT_EQ(memcmp(back->data(), array.data(), array.bytes()), 0);
  }
  EXPECT_EQ(read("w.npy").find('\n') % 64, 63u); // NumPy aligns the elements to 64
  Outcome outcome = writeNpy(path("no/such/folder.npy"), Array::of<float>({1}));
  EXPECT_THAT(outcome.message(), EndsWith("cannot write: No such file or directory"));
}

std::string threeFloats() {
  return npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", std::string(12, '\0'));
}

TEST_F(NpzTest, reads_stored_and_deflated_members) {
  std::string ints =
      npy("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", little(5, 4) + little(6, 4));
  std::string file = write("a.npz", zip({{"x.npy", threeFloats(), true}, {"y.npy", ints}}));
  Result<std::vector<NamedArray>> arrays = loadNpz(file);
  ASSERT_TRUE(arrays.ok()) << arrays.message();
  ASSERT_EQ(arrays->size(), 2u);
  EXPECT_EQ((*arrays)[0].name, "x");
  EXPECT_THAT((*arrays)[0].array.dims(), ElementsAre(3));
  Result<Array> y = loadArray(file + ":y");
  ASSERT_TRUE(y.ok()) << y.message();
  EXPECT_THAT(list<int32_t>(*y), ElementsAre(5, 6));
  EXPECT_EQ(loadArray(file).message(),
            file + ": the archive holds 2 arrays (x, y); choose one, as in FILE:NAME");
  EXPECT_EQ(loadArray(file + ":z").message(),
            file + ": no array is called 'z'; the archive holds x, y");
}

TEST_F(NpzTest, refuses_damage) {
  std::string good = zip({{"x.npy", threeFloats(), true}});
  auto message = [&](std::string content) {
    std::string file = write("bad.npz", content);
    return std::string(data::loadNpzMembers(file).status().message());
  };
  EXPECT_THAT(message(good.substr(0, good.size() / 2)), HasSubstr("no end record"));
  std::string altered = good;
  altered[good.find("x.npy") + 20] ^= 0x10;
  EXPECT_THAT(message(altered), HasSubstr("member 'x.npy'"));
  // A bomb: the directory announces 4 GB from a few bytes.
  size_t entry = good.find("PK\x01\x02");
  std::string bomb = good;
  bomb.replace(entry + 24, 4, little(0xfffffff0, 4));
  EXPECT_THAT(message(bomb), HasSubstr("announces 4294967280 bytes, more than its"));
  std::string less = good;
  less.replace(entry + 24, 4, little(20, 4));
  EXPECT_THAT(message(less), HasSubstr("does not decompress to the 20 bytes announced"));
  std::string crc = good;
  crc[entry + 16] ^= 1;
  EXPECT_THAT(message(crc), HasSubstr("the checksum of member 'x.npy' is wrong"));
  std::string method = good;
  method[entry + 10] = 12;
  EXPECT_THAT(message(method), HasSubstr("expected method 0 (stored) or 8 (deflated), got 12"));
  std::string far = good;
  far.replace(entry + 42, 4, little(0x7fffffff, 4));
  EXPECT_THAT(message(far), HasSubstr("is not where it should be"));
  std::string count = good;
  count.replace(count.size() - 12, 2, little(9, 2));
  EXPECT_THAT(message(count), HasSubstr("expected 9 members in the directory, got 1"));
}

TEST_F(CsvTest, reads_numbers_without_and_with_header) {
  Result<Array> all = loadArray(write("a.csv", "1,2.5,-3\n4,5,6e1\n"));
  ASSERT_TRUE(all.ok()) << all.message();
  EXPECT_THAT(all->dims(), ElementsAre(2, 3));
  EXPECT_THAT(list<float>(*all), ElementsAre(1, 2.5f, -3, 4, 5, 60));

  std::string named = write("b.csv", "age;\"in come\";class\r\n30;1.5;\"a;b\"\r\n\r\n+40;2;c\"\"");
  Result<Array> income = loadArray(named + ":in come");
  ASSERT_TRUE(income.ok()) << income.message();
  EXPECT_THAT(income->dims(), ElementsAre(2));
  EXPECT_THAT(list<float>(*income), ElementsAre(1.5f, 2));
  Result<Array> both = loadArray(named + ":1/0");
  ASSERT_TRUE(both.ok()) << both.message();
  EXPECT_THAT(list<float>(*both), ElementsAre(1.5f, 30, 2, 40));
  Result<Array> labels = loadArray(named + ":class?labels");
  ASSERT_TRUE(labels.ok()) << labels.message();
  EXPECT_THAT(list<int32_t>(*labels), ElementsAre(0, 1));
}

TEST_F(CsvTest, keeps_integers_in_the_narrowest_type) {
  EXPECT_EQ(loadArray(write("a.csv", "0\n255\n"))->type(), DType::U8);
  EXPECT_EQ(loadArray(write("a.csv", "-1\n255\n"))->type(), DType::I32);
  EXPECT_EQ(loadArray(write("a.csv", "3000000000\n"))->type(), DType::I64);
  EXPECT_EQ(loadArray(write("a.csv", "1\nnan\n"))->type(), DType::F32);
  EXPECT_EQ(loadArray(path("a.csv") + ":f64")->type(), DType::F64);
}

TEST_F(CsvTest, guesses_headers) {
  EXPECT_THAT(loadArray(write("a.csv", "a,b\n1,2\n"))->dims(), ElementsAre(1, 2));
  // A text column does not make the first line a header.
  EXPECT_THAT(loadArray(write("b.csv", "5.1,setosa\n4.9,setosa\n") + ":0")->dims(), ElementsAre(2));
  EXPECT_THAT(loadArray(write("c.csv", "2019,2020\n1,2\n") + "?header=yes")->dims(),
              ElementsAre(1, 2));
}

TEST_F(CsvTest, quotes_hold_separators_lines_and_quotes) {
  Result<Array> labels =
      loadArray(write("q.csv", "1,\"a,\nb\"\n2,\"say \"\"hi\"\"\"\n3,plain\n") + ":1?labels");
  ASSERT_TRUE(labels.ok()) << labels.message();
  EXPECT_THAT(list<int32_t>(*labels), ElementsAre(0, 2, 1));
}

TEST_F(CsvTest, refuses_what_is_no_table) {
  auto message = [&](const std::string &content, const std::string &select = "") {
    Result<Array> array = loadArray(write("t.csv", content) + select);
    EXPECT_FALSE(array.ok());
    return array.message().substr(std::min(path("t.csv").size() + 2, array.message().size()));
  };
  EXPECT_EQ(message(""), "expected lines of fields, got an empty file");
  EXPECT_EQ(message("1,2\n3\n"), "line 2: expected 2 fields as in the first line, got 1");
  EXPECT_EQ(message("1,2\n3,4,\n"), "line 2: expected 2 fields as in the first line, got 3");
  EXPECT_EQ(message("1,2\n\n3,x\n"), "line 3, column 1: expected a number, got 'x'");
  EXPECT_EQ(message("1,b\n2,3\n"),
            "line 1, column 1: expected a number, got 'b'; is it a header? (?header=yes)");
  EXPECT_EQ(message("1,\n2,3\n").substr(0, 47), "line 1, column 1: expected a number, got ''; is");
  EXPECT_EQ(message("1,2\n\"3,4\n5,6\n"), "line 2: a field begins with \" and has no \" at its end");
  EXPECT_EQ(message("1,2\n", ":2"), "column '2' is outside [0, 2): the file has 2 columns");
  EXPECT_EQ(message("1,2\n", ":1-0"), "column '1-0' is outside [0, 2): the file has 2 columns");
  EXPECT_EQ(message("a,b\n1,2\n", ":c"),
            "no column 'c'; expected a number, a range such as 0-63, or one of a, b");
  EXPECT_EQ(message("1\n2.5\n", ":i32"), "row 1, column 0: 2.5 is no i32");
  EXPECT_EQ(message("1\n300\n", ":u8"), "row 1, column 0: 300 is no u8");
}

TEST_F(FormatTest, says_what_it_knows) {
  std::string file = write("a.bin", "hello");
  EXPECT_EQ(loadArray(file).message(),
            file + ": unknown format; expected IDX, NPY or NPZ content, or a name in .csv, .tsv or "
                   ".txt (each also with .gz)");
  EXPECT_EQ(loadArray(path("none.csv")).message(),
            path("none.csv") + ": cannot open: No such file or directory");
  EXPECT_THAT(loadArray(folder).message(), EndsWith("expected a file, got a folder"));
  EXPECT_FALSE(loadArray(write("empty", "")).ok());
  EXPECT_THAT(list<uint8_t>(*loadArray(write("t.txt", "hi"))), ElementsAre('h', 'i'));
}

TEST(Digits, are_whole) {
  std::string file = std::string(std::getenv("DLC_SOURCE_DIR")) + "/examples/data/digits.csv.gz";
  Result<Array> array = loadArray(file);
  ASSERT_TRUE(array.ok()) << array.message();
  EXPECT_THAT(array->dims(), ElementsAre(1797, 65));
  EXPECT_EQ(array->type(), DType::U8);
}

} // namespace
} // namespace dlc::runtime
