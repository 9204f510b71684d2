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
  EXPECT_EQ(open(finish(other)).substr(0, 89),
            "m.dlca: made for another kind of processor, none that dlc compiles for (ELF machine 22); ");
  EXPECT_EQ(open(std::string("\0asm\1\0\0\0", 8)).substr(0, 28), "m.dlca: a WebAssembly module");
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
  for (uint32_t version : {1u, 77u}) { // an older one, a newer one
    trailer->abi = version;
    EXPECT_EQ(open(file), "m.dlca: made for runtime ABI " + std::to_string(version) +
                              ", this runtime has 2; compile the model again");
  }
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
      if (entry.d_tag == DT_SONAME) // which is read as that of a library that it needs
        entry.d_tag = DT_NEEDED;
      else if (entry.d_tag != DT_STRTAB && entry.d_tag != DT_STRSZ && entry.d_tag != DT_RELASZ)
        continue;
      entry.d_un.d_val = ~0ull - 16;
      EXPECT_NE(open(finish(damaged)).find("m.dlca: damaged: the "), std::string::npos);
    }
  }
}

// ---- the table, which is checked before anything is mapped -------------------------------------

// An image whose query function is an illegal instruction: who calls it does not live to tell.
class ImageTable : public testing::Test {
protected:
  void SetUp() override {
    image = readImage("trap.so");
    uint64_t magic = DLC_PROGRAM_MAGIC;
    size_t found = image.find(std::string(reinterpret_cast<char *>(&magic), sizeof magic));
    ASSERT_NE(found, std::string::npos);
    program = found - offsetof(dlc_program, magic);
  }

  template <typename T> T &at(size_t offset) { return *reinterpret_cast<T *>(&image[offset]); }
  dlc_program &table() { return at<dlc_program>(program); }
  // The structs that |ref| leads to; they stand in the table's own section here.
  template <typename T> T &first(dlc_ref &ref) {
    return *reinterpret_cast<T *>(reinterpret_cast<char *>(&ref.rel) + ref.rel);
  }
  std::string message() { return open(finish(image)); }

  std::string image;
  size_t program = 0;
};

TEST_F(ImageTable, leadsNowhereElse) {
  dlc_entry &entry = first<dlc_entry>(table().entries);
  entry.inputs.rel = 1 << 30;
  EXPECT_EQ(message(), "m.dlca: the program table is malformed at entry 0");
  SetUp();
  first<dlc_entry>(table().entries).name = -(1 << 30);
  EXPECT_EQ(message(), "m.dlca: the program table is malformed at entry 0");
  SetUp();
  table().variants.count = 0x7fffffff;
  EXPECT_EQ(message(), "m.dlca: the program table is malformed at program 0");
  SetUp();
  table().variants.rel += 4; // structs are aligned to 8 bytes
  EXPECT_EQ(message(), "m.dlca: the program table is malformed at program 0");
  SetUp();
  table().manifest = {-(1 << 20), 1 << 20};
  EXPECT_EQ(message(), "m.dlca: the program table is malformed at program 0");
}

TEST_F(ImageTable, namesCodeAndNothingElse) {
  dlc_variant &variant = first<dlc_variant>(table().variants);
  dlc_kernel &kernel = first<dlc_kernel>(variant.kernels);
  first<dlc_phase>(kernel.phases).fn = 8; // into the table itself
  EXPECT_EQ(message(), "m.dlca: the program table is malformed at kernel 0");
  SetUp();
  dlc_variant &again = first<dlc_variant>(table().variants);
  first<dlc_body>(again.bodies).host_fn = 8;
  EXPECT_EQ(message(), "m.dlca: the program table is malformed at the body of entry 0");
}

TEST_F(ImageTable, isForThisProcessorAndThereOnce) {
  first<dlc_variant>(table().variants).isa[3] = uint64_t(1) << 63;
  EXPECT_EQ(message().substr(0, 45), "m.dlca: no variant runs on this processor; th");
  SetUp();
  table().abi = 77;
  EXPECT_EQ(message(),
            "m.dlca: made for runtime ABI 77, this runtime has 2; compile the model again");
  SetUp();
  table().magic = 1;
  EXPECT_EQ(message(), "m.dlca: not a dlc program table");
  SetUp();
  dlc_kernel &kernel = first<dlc_kernel>(first<dlc_variant>(table().variants).kernels);
  kernel.args = 1u << 31;
  EXPECT_EQ(message(), "m.dlca: the program table is malformed at kernel 0")
      << "a session has room for a pointer to each";
}

// Every word of the table, wrong in several ways: refused, or, where the word means nothing to the
// runtime, taken; never followed. The image that runs shows the latter by being opened.
TEST_F(ImageTable, survivesAnyWrongWord) {
  std::string plain = readImage("plain.so");
  uint64_t magic = DLC_PROGRAM_MAGIC;
  size_t begin = plain.find(std::string(reinterpret_cast<char *>(&magic), sizeof magic)) -
                 offsetof(dlc_program, magic);
  size_t end = plain.find(std::string("\0\0", 2), begin + 700);
  ASSERT_LT(end, plain.size());
  int refused = 0, taken = 0;
  for (size_t word = begin; word + 4 <= end; word += 4)
    for (uint32_t value : {0u, 1u, 7u, 0x7fffffffu, 0x80000000u, 0xffffffffu, 0x00010000u}) {
      image = plain;
      at<uint32_t>(word) = value;
      ++(message().empty() ? taken : refused);
    }
  EXPECT_GT(refused, 300);
  EXPECT_GT(taken, 0);
}

TEST(Images, mustNotReachFurtherThanTheirBytes) {
  std::string image = readImage("plain.so");
  Elf64_Ehdr header;
  memcpy(&header, image.data(), sizeof header);
  for (int i = 0; i < header.e_phnum; ++i) {
    std::string huge = image;
    auto *segment = reinterpret_cast<Elf64_Phdr *>(huge.data() + header.e_phoff) + i;
    if (segment->p_type != PT_LOAD)
      continue;
    segment->p_memsz = uint64_t(1) << 40;
    EXPECT_EQ(open(finish(huge)), "m.dlca: damaged: its segments reach further than its bytes");
    huge = image;
    reinterpret_cast<Elf64_Phdr *>(huge.data() + header.e_phoff)[i].p_vaddr = ~0ull - 4096;
    EXPECT_EQ(open(finish(huge)), "m.dlca: damaged: its segments reach further than its bytes");
  }
}

} // namespace
