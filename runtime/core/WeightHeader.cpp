// The header of a safetensors file: a scanner for the one JSON form that the format allows.
//
// Not a JSON parser: no numbers but non-negative integers, no nesting but the format's own, so its
// depth is fixed and its memory is the text itself, in which strings are unescaped in place.
#include "runtime/core/Weights.h"

namespace dlc::runtime::core {
namespace {

class HeaderScanner {
public:
  HeaderScanner(char *text, size_t bytes, const char *name)
      : begin(text), at(text), end(text + bytes), name(name) {}

  Status run(Array<TensorEntry> &tensors, Array<MetadataEntry> &metadata) {
    DLC_TRY(object([&](char *key) {
      return strcmp(key, "__metadata__") == 0 ? metadataObject(metadata) : tensor(key, tensors);
    }));
    // Padding is spaces.
    while (at < end && *at == ' ')
      ++at;
    return at == end ? checkNames(tensors) : error("something follows the header's object");
  }

private:
  Status error(const char *what) {
    return fail(DLC_DATA_LOSS, "%s: no safetensors file: %s, at byte %lld of its header", name,
                what, static_cast<long long>(at - begin));
  }

  void skipSpace() {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
      ++at;
  }

  bool take(char c) {
    skipSpace();
    if (at == end || *at != c)
      return false;
    ++at;
    return true;
  }

  // { "key": member, ... }; |member| scans what follows the colon.
  template <typename Member> Status object(Member member) {
    if (!take('{'))
      return error("expected {");
    if (take('}'))
      return Status();
    do {
      char *key;
      DLC_TRY(string(&key));
      if (!take(':'))
        return error("expected :");
      DLC_TRY(member(key));
    } while (take(','));
    return take('}') ? Status() : error("expected , or }");
  }

  // [ integer, ... ]
  Status integers(int64_t *values, uint32_t capacity, uint32_t *count) {
    *count = 0;
    if (!take('['))
      return error("expected [");
    if (take(']'))
      return Status();
    do {
      if (*count == capacity)
        return error("too many numbers in a list");
      DLC_TRY(integer(&values[(*count)++]));
    } while (take(','));
    return take(']') ? Status() : error("expected , or ]");
  }

  Status integer(int64_t *value) {
    skipSpace();
    const char *first = at;
    *value = 0;
    for (; at < end && *at >= '0' && *at <= '9'; ++at)
      if (__builtin_mul_overflow(*value, 10, value) ||
          __builtin_add_overflow(*value, *at - '0', value))
        return error("a number that is too large");
    if (at == first || (*first == '0' && at - first > 1))
      return error("expected a non-negative integer");
    return Status();
  }

  // Unescapes in place: the text of an escape is never shorter than the bytes it means.
  Status string(char **value) {
    if (!take('"'))
      return error("expected a string");
    char *out = at;
    *value = at;
    while (at < end && *at != '"') {
      if (static_cast<unsigned char>(*at) < 0x20)
        return error("a control character in a string");
      if (*at == '\\')
        DLC_TRY(escape(&out));
      else
        DLC_TRY(utf8(&out));
    }
    if (at == end)
      return error("a string without end");
    ++at;
    *out = 0;
    return Status();
  }

  Status escape(char **out) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    ++at;
    if (at == end)
      return error("a string without end");
    char letter = *at++;
    const char *found = letter ? strchr(letters, letter) : nullptr;
    if (found) {
      *(*out)++ = meanings[found - letters];
      return Status();
    }
    uint32_t code;
    if (letter != 'u' || !hex(&code))
      return error("an unknown escape");
    if (code >= 0xd800 && code < 0xdc00) {
      uint32_t low;
      if (end - at < 2 || at[0] != '\\' || at[1] != 'u' || (at += 2, !hex(&low)) ||
          low < 0xdc00 || low > 0xdfff)
        return error("half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      return error("half of a surrogate pair");
    }
    if (code == 0)
      return error("a NUL in a string");
    encode(code, out);
    return Status();
  }

  bool hex(uint32_t *code) {
    *code = 0;
    if (end - at < 4)
      return false;
    for (int i = 0; i < 4; ++i, ++at) {
      char c = *at, lower = char(c | 0x20);
      if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'f'))
        return false;
      *code = *code * 16 + uint32_t(c <= '9' ? c - '0' : lower - 'a' + 10);
    }
    return true;
  }

  static void encode(uint32_t code, char **out) {
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    *(*out)++ = char(lead[more] | code >> (6 * more));
    while (more-- > 0)
      *(*out)++ = char(0x80 | (code >> (6 * more) & 0x3f));
  }

  // Copies one character of well-formed UTF-8: shortest form, no surrogates, at most U+10FFFF.
  Status utf8(char **out) {
    auto byte = [&](int i) { return static_cast<unsigned char>(at[i]); };
    unsigned char first = byte(0);
    int more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2
               : first < 0xf5 ? 3 : -1;
    if (more < 0 || end - at <= more)
      return error("text that is not UTF-8");
    for (int i = 1; i <= more; ++i)
      if ((byte(i) & 0xc0) != 0x80)
        return error("text that is not UTF-8");
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
        (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f))
      return error("text that is not UTF-8");
    for (int i = 0; i <= more; ++i)
      *(*out)++ = *at++;
    return Status();
  }

  Status metadataObject(Array<MetadataEntry> &metadata) {
    if (sawMetadata)
      return error("a second __metadata__");
    sawMetadata = true;
    return object([&](char *key) {
      char *value;
      DLC_TRY(string(&value));
      return metadata.append({key, value}) ? Status() : outOfMemory(sizeof(MetadataEntry));
    });
  }

  Status tensor(char *key, Array<TensorEntry> &tensors) {
    TensorEntry entry = {};
    entry.name = key;
    int64_t range[2] = {0, 0};
    unsigned seen = 0;
    DLC_TRY(object([&](char *field) { return tensorField(field, entry, range, &seen); }));
    if (seen != 7)
      return tensorError(entry, "needs dtype, shape and data_offsets, each once");
    int64_t bytes = dlc_dtype_bytes(entry.dtype);
    bool empty = false, overflow = false;
    for (uint32_t i = 0; i < entry.rank; ++i)
      empty |= entry.dims[i] == 0;
    for (uint32_t i = 0; i < entry.rank && !empty; ++i)
      overflow |= __builtin_mul_overflow(bytes, entry.dims[i], &bytes);
    entry.offset = range[0];
    entry.bytes = empty ? 0 : bytes;
    if (overflow || range[1] < range[0] || range[1] - range[0] != entry.bytes)
      return tensorError(entry, "its data_offsets do not match its dtype and shape");
    return tensors.append(entry) ? Status() : outOfMemory(sizeof entry);
  }

  Status tensorField(const char *field, TensorEntry &entry, int64_t *range, unsigned *seen) {
    if (strcmp(field, "dtype") == 0) {
      char *dtype;
      DLC_TRY(string(&dtype));
      entry.dtype = dtypeOfSafetensors(dtype);
      *seen += 1;
      if (entry.dtype == DLC_DTYPE_COUNT)
        return fail(DLC_UNIMPLEMENTED, "%s: tensor \"%s\": dtype %s is not supported", name,
                    entry.name, dtype);
      return Status();
    }
    if (strcmp(field, "shape") == 0) {
      *seen += 2;
      return integers(entry.dims, DLC_MAX_RANK, &entry.rank);
    }
    if (strcmp(field, "data_offsets") == 0) {
      uint32_t count;
      *seen += 4;
      DLC_TRY(integers(range, 2, &count));
      return count == 2 ? Status() : tensorError(entry, "data_offsets needs two numbers");
    }
    return tensorError(entry, "has a field that the format does not know");
  }

  Status tensorError(const TensorEntry &entry, const char *what) {
    return fail(DLC_DATA_LOSS, "%s: tensor \"%s\": %s", name, entry.name, what);
  }

  // Names must differ; a table of hashes finds equal ones.
  Status checkNames(const Array<TensorEntry> &tensors) {
    Array<const char *> table;
    size_t slots = 16;
    while (slots < 2 * tensors.size())
      slots *= 2;
    if (!table.allocate(slots))
      return outOfMemory(int64_t(slots * sizeof(char *)));
    for (const TensorEntry &tensor : tensors) {
      uint64_t hash = 14695981039346656037u;
      for (const char *c = tensor.name; *c; ++c)
        hash = (hash ^ static_cast<unsigned char>(*c)) * 1099511628211u;
      size_t slot = hash % slots;
      for (; table[slot]; slot = (slot + 1) % slots)
        if (strcmp(table[slot], tensor.name) == 0)
          return tensorError(tensor, "occurs twice");
      table[slot] = tensor.name;
    }
    return Status();
  }

  char *begin, *at, *end;
  const char *name;
  bool sawMetadata = false;
};

} // namespace

Status parseWeightHeader(char *text, size_t bytes, const char *name, Array<TensorEntry> &tensors,
                         Array<MetadataEntry> &metadata) {
  return HeaderScanner(text, bytes, name).run(tensors, metadata);
}

} // namespace dlc::runtime::core
