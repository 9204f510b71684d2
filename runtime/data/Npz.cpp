// NPZ: a ZIP archive whose members are NPY files, stored or deflated.
//
// Read the way ZIP means it: the end record names the central directory, which lists the members;
// a member's own header is used only to find where its bytes begin. Archives and members past
// 4 GiB (zip64) are understood.
#include "runtime/data/Loaders.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace dlc::runtime::data {
namespace {

constexpr uint32_t endSignature = 0x06054b50, end64Signature = 0x06064b50,
                   locator64Signature = 0x07064b50, memberSignature = 0x02014b50,
                   localSignature = 0x04034b50;

struct Member {
  std::string name;
  uint32_t flags, method, checksum;
  uint64_t packedBytes, bytes, offset;
};

// Little-endian fields of |text|, which holds the whole archive; every access is in bounds or 0.
class Fields {
public:
  explicit Fields(const std::string &text) : text(text) {}

  uint64_t get(uint64_t at, int width) const {
    if (!has(at, width))
      return 0;
    uint64_t value = 0;
    for (int i = 0; i < width; ++i)
      value |= static_cast<uint64_t>(static_cast<uint8_t>(text[at + i])) << (8 * i);
    return value;
  }
  bool has(uint64_t at, uint64_t bytes) const {
    return at <= text.size() && bytes <= text.size() - at;
  }

private:
  const std::string &text;
};

absl::Status damaged(const std::string &path, const std::string &what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": damaged archive: ", what));
}

// Sizes of 0xffffffff in the directory stand, in a fixed order, in the zip64 extra field.
void readZip64(const Fields &fields, uint64_t extra, uint64_t extraBytes, Member &member) {
  for (uint64_t at = extra; at + 4 <= extra + extraBytes;) {
    uint64_t id = fields.get(at, 2), size = fields.get(at + 2, 2);
    uint64_t value = at + 4, end = std::min(value + size, extra + extraBytes);
    if (id == 1)
      for (uint64_t *field : {&member.bytes, &member.packedBytes, &member.offset})
        if (*field == 0xffffffff && value + 8 <= end) {
          *field = fields.get(value, 8);
          value += 8;
        }
    at += 4 + size;
  }
}

absl::StatusOr<std::vector<Member>> readDirectory(const std::string &path,
                                                  const std::string &text) {
  Fields fields(text);
  // The end record is last; a comment of up to 64 KiB may follow it.
  uint64_t end = text.size() < 22 ? 0 : text.size() - 22;
  uint64_t lowest = end > 0xffff ? end - 0xffff : 0;
  while (end > lowest && fields.get(end, 4) != endSignature)
    --end;
  if (fields.get(end, 4) != endSignature)
    return damaged(path, "no end record; the file is cut short or no ZIP archive");
  uint64_t count = fields.get(end + 10, 2), offset = fields.get(end + 16, 4);
  if (end >= 20 && fields.get(end - 20, 4) == locator64Signature) {
    uint64_t end64 = fields.get(end - 12, 8);
    if (fields.get(end64, 4) != end64Signature)
      return damaged(path, "the zip64 end record is missing");
    count = fields.get(end64 + 32, 8);
    offset = fields.get(end64 + 48, 8);
  }
  std::vector<Member> members;
  for (uint64_t i = 0; i < count; ++i) {
    if (fields.get(offset, 4) != memberSignature || !fields.has(offset, 46))
      return damaged(path, absl::StrCat("expected ", count, " members in the directory, got ", i));
    uint64_t nameBytes = fields.get(offset + 28, 2), extraBytes = fields.get(offset + 30, 2);
    if (!fields.has(offset + 46, nameBytes + extraBytes))
      return damaged(path, "the directory runs past the end of the file");
    Member member{text.substr(offset + 46, nameBytes),
                  static_cast<uint32_t>(fields.get(offset + 8, 2)),
                  static_cast<uint32_t>(fields.get(offset + 10, 2)),
                  static_cast<uint32_t>(fields.get(offset + 16, 4)),
                  fields.get(offset + 20, 4),
                  fields.get(offset + 24, 4),
                  fields.get(offset + 42, 4)};
    readZip64(fields, offset + 46 + nameBytes, extraBytes, member);
    members.push_back(std::move(member));
    offset += 46 + nameBytes + extraBytes + fields.get(offset + 32, 2);
  }
  return members;
}

// Inflates a raw deflate stream that must yield exactly |bytes|.
bool inflateInto(const char *packed, uint64_t packedBytes, std::string &out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return false;
  uint64_t in = 0, done = 0;
  int code = Z_OK;
  char overflow; // room to notice a stream that yields more than announced
  while (code == Z_OK) {
    if (stream.avail_in == 0 && in < packedBytes) {
      stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed + in));
      stream.avail_in = static_cast<uInt>(std::min<uint64_t>(packedBytes - in, 1u << 30));
      in += stream.avail_in;
    }
    bool full = done == out.size();
    stream.next_out = reinterpret_cast<Bytef *>(full ? &overflow : out.data() + done);
    stream.avail_out =
        full ? 1 : static_cast<uInt>(std::min<uint64_t>(out.size() - done, 1u << 30));
    uInt room = stream.avail_out;
    code = inflate(&stream, Z_NO_FLUSH);
    if (full && stream.avail_out < room)
      code = Z_DATA_ERROR;
    done += full ? 0 : room - stream.avail_out;
  }
  inflateEnd(&stream);
  return code == Z_STREAM_END && done == out.size();
}

absl::StatusOr<std::string> extract(const std::string &path, const std::string &text,
                                    const Member &member) {
  Fields fields(text);
  if (fields.get(member.offset, 4) != localSignature)
    return damaged(path, absl::StrCat("member '", member.name, "' is not where it should be"));
  uint64_t begin =
      member.offset + 30 + fields.get(member.offset + 26, 2) + fields.get(member.offset + 28, 2);
  if (!fields.has(begin, member.packedBytes))
    return damaged(path, absl::StrCat("member '", member.name, "' runs past the end of the file"));
  if (member.flags & 1)
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": member '", member.name, "' is encrypted; expected a plain one"));
  if (member.method != 0 && member.method != 8)
    return absl::InvalidArgumentError(absl::StrCat(path, ": member '", member.name,
                                                   "': expected method 0 (stored) or 8 "
                                                   "(deflated), got ",
                                                   member.method));
  bool stored = member.method == 0;
  if (stored ? member.bytes != member.packedBytes : member.bytes / 1032 > member.packedBytes)
    return damaged(path, absl::StrCat("member '", member.name, "' announces ", member.bytes,
                                      " bytes, more than its ", member.packedBytes,
                                      " packed bytes can hold"));
  std::string content(member.bytes, '\0');
  if (stored)
    content = text.substr(begin, member.bytes);
  else if (!inflateInto(text.data() + begin, member.packedBytes, content))
    return damaged(path, absl::StrCat("member '", member.name, "' does not decompress to the ",
                                      member.bytes, " bytes announced"));
  uint64_t checksum = crc32_z(0, reinterpret_cast<const Bytef *>(content.data()), content.size());
  if (checksum != member.checksum)
    return damaged(path, absl::StrCat("the checksum of member '", member.name, "' is wrong"));
  return content;
}

std::string arrayName(const Member &member) {
  bool npy = hasSuffix(member.name, ".npy");
  return npy ? member.name.substr(0, member.name.size() - 4) : member.name;
}

absl::StatusOr<Array> loadMember(const std::string &path, const std::string &text,
                                 const Member &member) {
  absl::StatusOr<std::string> content = extract(path, text, member);
  if (!content.ok())
    return content.status();
  return readNpy(*openMemory(absl::StrCat(path, "(", arrayName(member), ")"), std::move(*content)));
}

struct Archive {
  std::string text;
  std::vector<Member> members;
};

absl::StatusOr<Archive> openArchive(const std::string &path) {
  absl::StatusOr<std::unique_ptr<Reader>> reader = openFile(path);
  if (!reader.ok())
    return reader.status();
  absl::StatusOr<std::string> text = (*reader)->readAll();
  if (!text.ok())
    return text.status();
  absl::StatusOr<std::vector<Member>> members = readDirectory(path, *text);
  if (!members.ok())
    return members.status();
  return Archive{std::move(*text), std::move(*members)};
}

} // namespace

absl::StatusOr<std::vector<NamedArray>> loadNpzMembers(const std::string &path) {
  absl::StatusOr<Archive> archive = openArchive(path);
  if (!archive.ok())
    return archive.status();
  std::vector<NamedArray> arrays;
  for (const Member &member : archive->members) {
    absl::StatusOr<Array> array = loadMember(path, archive->text, member);
    if (!array.ok())
      return array.status();
    arrays.push_back({arrayName(member), std::move(*array)});
  }
  return arrays;
}

absl::StatusOr<Array> loadNpzMember(const std::string &path, const std::string &name) {
  absl::StatusOr<Archive> archive = openArchive(path);
  if (!archive.ok())
    return archive.status();
  std::vector<std::string> names;
  for (const Member &member : archive->members) {
    names.push_back(arrayName(member));
    if (names.back() == name || (name.empty() && archive->members.size() == 1))
      return loadMember(path, archive->text, member);
  }
  std::string known = absl::StrJoin(names, ", ");
  if (name.empty())
    return absl::InvalidArgumentError(absl::StrCat(path, ": the archive holds ", names.size(),
                                                   " arrays (", known,
                                                   "); choose one, as in FILE:NAME"));
  return absl::NotFoundError(
      absl::StrCat(path, ": no array is called '", name, "'; the archive holds ", known));
}

} // namespace dlc::runtime::data
