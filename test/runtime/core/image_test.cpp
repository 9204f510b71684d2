// Artifact files: what is opened, what is refused, and why.
//
// The images are small shared objects that the build links from image.S, completed with the trailer
// that the compiler's artifact writer appends.
#include "Images.h"

#include "dlc/runtime.hpp"

#include <gtest/gtest.h>

#include <elf.h>
#include <filesystem>
#include <fstream>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

std::string open(const std::string &file) {
  Artifact artifact;
  Status status = Artifact::openMemory(file.data(), file.size(), "m.dlca", artifact);
  return status.message();
}

// Runs the one entry of the image: y = x + 1.
float increment(const Artifact &artifact, float x) {
  State state;
  Session session;
  float y = 0;
  EXPECT_TRUE(State::create(artifact, nullptr, 0, state).ok());
  EXPECT_TRUE(Session::create(artifact, state, Pool(), nullptr, 0, session).ok());
  EXPECT_TRUE(session.bindInput(0, 0, DLC_F32, &x, {}).ok());
  EXPECT_TRUE(session.bindOutput(0, 0, &y, sizeof y).ok());
  EXPECT_TRUE(session.prepare(0).ok());
  EXPECT_TRUE(session.run(0).ok());
  return y;
}

TEST(Images, runFromMemoryAndFromAFileThatVanishes) {
  std::string file = finish(readImage("plain.so"));
  Artifact first, second;
  ASSERT_TRUE(Artifact::openMemory(file.data(), file.size(), "m.dlca", first).ok());
  EXPECT_STREQ(first.name(), "increment");
  EXPECT_EQ(increment(first, 41), 42);
  auto path = std::filesystem::path(testing::TempDir()) /
              ("dlc_image_" + std::to_string(getpid()) + ".dlca");
  std::ofstream(path, std::ios::binary) << file;
  ASSERT_TRUE(Artifact::open(path.c_str(), second).ok());
  std::filesystem::remove(path);
  EXPECT_EQ(increment(second, 1), 2);
  first = Artifact();
  EXPECT_EQ(increment(second, 2), 3);
}

TEST(Images, refuseForeignFiles) {
  EXPECT_EQ(open(""), "m.dlca: not a dlc artifact: the file is empty");
  EXPECT_EQ(open("PK\3\4 a zip file"),
            "m.dlca: not a dlc artifact: it does not begin with an ELF header");
  EXPECT_EQ(open("\x7f"
                 "ELF"),
            "m.dlca: damaged: the file ends within its ELF header");
  std::string plain = readImage("plain.so");
  EXPECT_EQ(open(plain),
            "m.dlca: a shared object without dlc's trailer: no artifact, or truncated");
  std::string other = plain;
  reinterpret_cast<Elf64_Ehdr *>(other.data())->e_machine = EM_S390;
  EXPECT_EQ(open(finish(other)).substr(0, 55),
            "m.dlca: made for another kind of processor (ELF machine");
  other = plain;
  other[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(open(finish(other)),
            "m.dlca: not a dlc artifact: not a 64-bit little-endian ELF file");
  other = plain;
  reinterpret_cast<Elf64_Ehdr *>(other.data())->e_type = ET_EXEC;
  EXPECT_EQ(open(finish(other)),
            "m.dlca: not a dlc artifact: an ELF file, but no shared object");
  EXPECT_EQ(open(finish(readImage("no_query.so"))),
            "m.dlca: not a dlc artifact: it does not export dlc_query_program");
}

TEST(Images, refuseOtherVersions) {
  std::string file = finish(readImage("plain.so"));
  auto *trailer = reinterpret_cast<dlc_trailer *>(file.data() + file.size() - sizeof(dlc_trailer));
  trailer->abi = 77;
  EXPECT_EQ(open(file),
            "m.dlca: made for runtime ABI 77, this runtime has 2; compile the model again");
}

TEST(Images, refuseCodeThatWouldRunWhileLoading) {
  for (const char *image : {"initialiser.so", "resolver.so", "global_resolver.so"})
    EXPECT_EQ(open(finish(readImage(image))),
              "m.dlca: refused: it has functions that would run while it is loaded")
        << image;
  EXPECT_EQ(open(finish(readImage("needs.so"))),
            "m.dlca: refused: it needs the library \"plain.so\"");
}

TEST(Images, refuseEveryTruncation) {
  std::string file = finish(readImage("plain.so"));
  for (size_t length = 0; length < file.size(); length += 1 + file.size() / 500)
    EXPECT_NE(open(file.substr(0, length)), "") << length;
  EXPECT_EQ(open(file + file.substr(file.size() - sizeof(dlc_trailer))).substr(0, 16),
            "m.dlca: damaged:");
}

TEST(Images, noticeEveryChangedByte) {
  std::string file = finish(readImage("plain.so"));
  for (size_t at = 0; at < file.size(); at += 1 + file.size() / 500) {
    std::string damaged = file;
    damaged[at] = char(damaged[at] ^ 0x10);
    EXPECT_NE(open(damaged), "") << at;
  }
}

// With a fresh checksum the reader itself must hold: headers are changed, never followed outside.
TEST(Images, surviveDamagedHeaders) {
  std::string plain = readImage("plain.so");
  Elf64_Ehdr header;
  memcpy(&header, plain.data(), sizeof header);
  auto segmentAt = [&](std::string &image, int i) {
    return reinterpret_cast<Elf64_Phdr *>(image.data() + header.e_phoff) + i;
  };
  std::string damaged = plain;
  reinterpret_cast<Elf64_Ehdr *>(damaged.data())->e_phoff = ~0ull - 8;
  EXPECT_EQ(open(finish(damaged)), "m.dlca: damaged: the program headers lie outside the file");
  for (int i = 0; i < header.e_phnum; ++i) {
    uint32_t type = segmentAt(plain, i)->p_type;
    damaged = plain;
    segmentAt(damaged, i)->p_offset = ~0ull - 64;
    if (type == PT_LOAD || type == PT_DYNAMIC) {
      EXPECT_EQ(open(finish(damaged)), "m.dlca: damaged: a segment lies outside the file");
    }
    damaged = plain;
    segmentAt(damaged, i)->p_flags = PF_R | PF_W | PF_X;
    if (type == PT_LOAD) {
      EXPECT_EQ(open(finish(damaged)),
                "m.dlca: refused: a segment is both writable and executable");
    }
    if (type != PT_DYNAMIC)
      continue;
    size_t at = segmentAt(plain, i)->p_offset;
    for (int k = 0; reinterpret_cast<Elf64_Dyn *>(plain.data() + at)[k].d_tag != DT_NULL; ++k) {
      damaged = plain;
      Elf64_Dyn &entry = reinterpret_cast<Elf64_Dyn *>(damaged.data() + at)[k];
      if (entry.d_tag != DT_STRTAB && entry.d_tag != DT_STRSZ && entry.d_tag != DT_RELASZ)
        continue;
      entry.d_un.d_val = ~0ull - 16;
      EXPECT_NE(open(finish(damaged)).find("m.dlca: damaged: the "), std::string::npos);
    }
  }
}

} // namespace
