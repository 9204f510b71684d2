// Files for the data tests: written to a folder of the test's own, gone afterwards.
#ifndef DLC_TEST_RUNTIME_DATA_TEST_FILES_H
#define DLC_TEST_RUNTIME_DATA_TEST_FILES_H

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>
#include <zlib.h>

class FileTest : public testing::Test {
protected:
  FileTest() {
    std::string pattern = testing::TempDir() + "dlc-data-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~FileTest() override { std::filesystem::remove_all(folder); }

  std::string path(const std::string &name) const { return folder + "/" + name; }

  std::string write(const std::string &name, const std::string &content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  std::string writeGzip(const std::string &name, const std::string &content) const {
    gzFile file = gzopen(path(name).c_str(), "wb");
    EXPECT_EQ(gzwrite(file, content.data(), content.size()), static_cast<int>(content.size()));
    gzclose(file);
    return path(name);
  }
  std::string read(const std::string &name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string folder;
};

/// Bytes of a string literal, zeros included.
template <size_t N> std::string bytes(const char (&text)[N]) { return std::string(text, N - 1); }

/// |value| in |width| little-endian bytes.
inline std::string little(uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i)
    out += i < 8 ? static_cast<char>(value >> (8 * i)) : 0;
  return out;
}

/// An NPY file of version 1 with this dictionary and these elements.
inline std::string npy(const std::string &dictionary, const std::string &elements) {
  std::string header = dictionary + "\n";
  return bytes("\x93NUMPY\x01\x00") + little(header.size(), 2) + header + elements;
}

struct ZipMember {
  std::string name, content;
  bool deflated = false;
};

/// A ZIP archive, as numpy.savez and savez_compressed write it.
inline std::string zip(const std::vector<ZipMember> &members) {
  std::string out, directory;
  for (const ZipMember &member : members) {
    auto data = reinterpret_cast<const Bytef *>(member.content.data());
    std::string packed = member.content;
    if (member.deflated) {
      packed.resize(member.content.size() + 64);
      z_stream stream{};
      deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
      stream.next_in = const_cast<Bytef *>(data);
      stream.avail_in = member.content.size();
      stream.next_out = reinterpret_cast<Bytef *>(packed.data());
      stream.avail_out = packed.size();
      deflate(&stream, Z_FINISH);
      packed.resize(stream.total_out);
      deflateEnd(&stream);
    }
    std::string common = little(0, 2) + little(member.deflated ? 8 : 0, 2) + little(0, 4) +
                         little(crc32(0, data, member.content.size()), 4) +
                         little(packed.size(), 4) + little(member.content.size(), 4) +
                         little(member.name.size(), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + little(20, 2) + common + little(0, 10) +
                 little(out.size(), 4) + member.name;
    out += "PK\x03\x04" + little(20, 2) + common + member.name + packed;
  }
  return out + directory + "PK\x05\x06" + little(0, 4) + little(members.size(), 2) +
         little(members.size(), 2) + little(directory.size(), 4) + little(out.size(), 4) +
         little(0, 2);
}

#endif
