#include "runtime/core/Elf.h"

#include "runtime/abi/program.h"

#include <cstring>
#include <elf.h>

namespace dlc::runtime::core {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half hostMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half hostMachine = EM_AARCH64;
#else
constexpr Elf64_Half hostMachine = EM_RISCV;
#endif

// What `dlc compile --target` calls a machine, and the flags that the system's loader insists on:
// how RISC-V passes floating-point numbers.
struct MachineName {
  Elf64_Half machine;
  const char *target;
  Elf64_Word flagMask, flags;
};
constexpr MachineName machineNames[] = {
    {EM_X86_64, "x86_64-linux-gnu", 0, 0},
    {EM_AARCH64, "aarch64-linux-gnu", 0, 0},
    {EM_RISCV, "riscv64-linux-gnu", EF_RISCV_FLOAT_ABI, EF_RISCV_FLOAT_ABI_DOUBLE},
};

const MachineName *findMachine(Elf64_Half machine) {
  for (const MachineName &known : machineNames)
    if (known.machine == machine)
      return &known;
  return nullptr;
}

struct Range {
  uint64_t offset, bytes;
};

// How much further than its file an image may reach in memory: a page or two for each segment.
constexpr uint64_t slack = 1 << 20;

class ImageChecker {
public:
  ImageChecker(const void *data, size_t bytes, const char *name)
      : data(static_cast<const char *>(data)), bytes(bytes), name(name) {}

  Status run(Unfolded &unfolded) {
    DLC_TRY(checkHeader());
    DLC_TRY(checkTrailer());
    DLC_TRY(checkSegments());
    DLC_TRY(checkDynamic());
    return unfold(unfolded);
  }

private:
  Status foreign(const char *why) {
    return fail(DLC_INVALID_ARGUMENT, "%s: not a dlc artifact: %s", name, why);
  }
  Status unsafe(const char *why) {
    return fail(DLC_INVALID_ARGUMENT, "%s: refused: %s", name, why);
  }
  Status damaged(const char *why) { return fail(DLC_DATA_LOSS, "%s: damaged: %s", name, why); }

  bool inside(uint64_t offset, uint64_t size) const {
    return offset <= bytes && size <= bytes - offset;
  }

  // Copies a struct out, since offsets in a foreign file need not be aligned.
  template <typename T> bool read(uint64_t offset, T &value) const {
    if (!inside(offset, sizeof(T)))
      return false;
    memcpy(&value, data + offset, sizeof(T));
    return true;
  }

  Status checkHeader() {
    if (bytes >= 4 && memcmp(data, "\0asm", 4) == 0)
      return fail(DLC_UNIMPLEMENTED,
                  "%s: a WebAssembly module: it runs in a browser or in node, by the script beside "
                  "it; compile with --target=%s to run it here",
                  name, findMachine(hostMachine)->target);
    if (bytes < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0)
      return foreign(bytes == 0 ? "the file is empty" : "it does not begin with an ELF header");
    if (!read(0, header))
      return damaged("the file ends within its ELF header");
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
      return foreign("not a 64-bit little-endian ELF file");
    const MachineName *here = findMachine(hostMachine), *made = findMachine(header.e_machine);
    if (made != here)
      return fail(DLC_UNIMPLEMENTED, "%s: made for another kind of processor, %s (ELF machine %u); "
                  "compile with --target=%s to run it here", name,
                  made ? made->target : "none that dlc compiles for", header.e_machine,
                  here->target);
    if ((header.e_flags & here->flagMask) != here->flags)
      return fail(DLC_UNIMPLEMENTED, "%s: made for another floating-point ABI (ELF flags %#x)",
                  name, header.e_flags);
    if (header.e_type != ET_DYN)
      return foreign("an ELF file, but no shared object");
    return Status();
  }

  Status checkTrailer() {
    dlc_trailer trailer;
    if (bytes < sizeof trailer || !read(bytes - sizeof trailer, trailer) ||
        trailer.magic != DLC_TRAILER_MAGIC)
      return fail(DLC_DATA_LOSS,
                  "%s: a shared object without dlc's trailer: no artifact, or truncated", name);
    if (trailer.abi != DLC_ABI_VERSION || trailer.size != sizeof trailer)
      return fail(DLC_UNIMPLEMENTED,
                  "%s: made for runtime ABI %u, this runtime has %u; compile the model again",
                  name, trailer.abi, DLC_ABI_VERSION);
    if (trailer.file_bytes != bytes)
      return fail(DLC_DATA_LOSS, "%s: damaged: %llu bytes were written, %llu are there", name,
                  static_cast<unsigned long long>(trailer.file_bytes),
                  static_cast<unsigned long long>(bytes));
    if (dlc_checksum(data, bytes - sizeof trailer) != trailer.checksum)
      return damaged("the checksum does not match the content");
    return Status();
  }

  Status checkSegments() {
    if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 ||
        !inside(header.e_phoff, uint64_t(header.e_phnum) * sizeof(Elf64_Phdr)))
      return damaged("the program headers lie outside the file");
    for (uint32_t i = 0; i < header.e_phnum; ++i) {
      Elf64_Phdr segment;
      if (!readSegment(i, segment))
        return damaged("a program header lies outside the file");
      if (segment.p_type == PT_LOAD || segment.p_type == PT_DYNAMIC)
        if (!inside(segment.p_offset, segment.p_filesz) || segment.p_memsz < segment.p_filesz)
          return damaged("a segment lies outside the file");
      if (segment.p_type == PT_LOAD)
        DLC_TRY(checkLoaded(segment));
      if (segment.p_type == PT_INTERP)
        return unsafe("it asks for a program interpreter");
      if (segment.p_type == PT_DYNAMIC)
        dynamic = {segment.p_offset, segment.p_filesz};
    }
    return dynamic.bytes ? Status() : foreign("no dynamic section");
  }

  Status checkLoaded(const Elf64_Phdr &segment) {
    if ((segment.p_flags & PF_W) && (segment.p_flags & PF_X))
      return unsafe("a segment is both writable and executable");
    if (segment.p_memsz > bytes + slack || segment.p_vaddr > bytes + slack - segment.p_memsz)
      return damaged("its segments reach further than its bytes");
    uint64_t end = segment.p_vaddr + segment.p_memsz;
    image.bytes = end > image.bytes ? end : image.bytes;
    if (segment.p_flags & PF_X) {
      bool first = image.codeEnd == 0;
      image.codeBegin =
          first || segment.p_vaddr < image.codeBegin ? segment.p_vaddr : image.codeBegin;
      image.codeEnd = end > image.codeEnd ? end : image.codeEnd;
    }
    return Status();
  }

  Status unfold(Unfolded &unfolded) {
    unfolded.memory = static_cast<char *>(allocateTensors(int64_t(image.bytes)));
    if (!unfolded.memory)
      return outOfMemory(int64_t(image.bytes));
    unfolded.bytes = image.bytes;
    unfolded.codeBegin = image.codeBegin;
    unfolded.codeEnd = image.codeEnd;
    for (uint32_t i = 0; i < header.e_phnum; ++i) {
      Elf64_Phdr segment;
      if (readSegment(i, segment) && segment.p_type == PT_LOAD && segment.p_filesz)
        memcpy(unfolded.memory + segment.p_vaddr, data + segment.p_offset, segment.p_filesz);
    }
    return Status();
  }

  bool readSegment(uint32_t i, Elf64_Phdr &segment) {
    return read(header.e_phoff + uint64_t(i) * sizeof(Elf64_Phdr), segment);
  }

  // The file range that is mapped at |address|; an empty one when there is none of |size| bytes.
  Range mapped(uint64_t address, uint64_t size) {
    for (uint32_t i = 0; i < header.e_phnum; ++i) {
      Elf64_Phdr segment;
      if (!readSegment(i, segment) || segment.p_type != PT_LOAD || address < segment.p_vaddr)
        continue;
      uint64_t distance = address - segment.p_vaddr;
      if (distance <= segment.p_filesz && size <= segment.p_filesz - distance)
        return {segment.p_offset + distance, size};
    }
    return {0, 0};
  }

  Status checkDynamic() {
    uint64_t strings = 0, stringBytes = 0, relocations = 0, relocationBytes = 0, pltAddress = 0,
             pltBytes = 0;
    for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic.bytes; at += sizeof(Elf64_Dyn)) {
      Elf64_Dyn entry;
      if (!read(dynamic.offset + at, entry) || entry.d_tag == DT_NULL)
        break;
      switch (entry.d_tag) {
      case DT_STRTAB: strings = entry.d_un.d_val; break;
      case DT_STRSZ: stringBytes = entry.d_un.d_val; break;
      case DT_SYMTAB: symbols = entry.d_un.d_val; break;
      case DT_RELA: relocations = entry.d_un.d_val; break;
      case DT_RELASZ: relocationBytes = entry.d_un.d_val; break;
      case DT_JMPREL: pltAddress = entry.d_un.d_val; break;
      case DT_PLTRELSZ: pltBytes = entry.d_un.d_val; break;
      case DT_INIT: case DT_FINI: case DT_INIT_ARRAY: case DT_FINI_ARRAY: case DT_PREINIT_ARRAY:
        return unsafe("it has functions that would run while it is loaded");
      case DT_TEXTREL:
        return unsafe("it needs relocations in its code");
      default: break;
      }
    }
    if (!mapped(strings, stringBytes).bytes)
      return damaged("the dynamic strings lie outside the file");
    DLC_TRY(checkRelocations(relocations, relocationBytes));
    DLC_TRY(checkRelocations(pltAddress, pltBytes));
    return checkNeeded(mapped(strings, stringBytes));
  }

  // An IRELATIVE relocation calls a resolver while loading, and so does any other relocation
  // against a symbol of type IFUNC.
  Status checkRelocations(uint64_t address, uint64_t size) {
    if (size == 0)
      return Status();
    Range range = mapped(address, size);
    if (!range.bytes)
      return damaged("the relocations lie outside the file");
    for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= size; at += sizeof(Elf64_Rela)) {
      Elf64_Rela relocation;
      if (!read(range.offset + at, relocation))
        return damaged("a relocation lies outside the file");
      uint32_t type = uint32_t(ELF64_R_TYPE(relocation.r_info));
      uint64_t symbol = ELF64_R_SYM(relocation.r_info);
      if (type == R_X86_64_IRELATIVE || type == R_AARCH64_IRELATIVE ||
          type == R_RISCV_IRELATIVE || isResolver(symbol))
        return unsafe("it has functions that would run while it is loaded");
    }
    return Status();
  }

  // A symbol outside the file is none; the loader would fail on it.
  bool isResolver(uint64_t index) {
    Elf64_Sym symbol;
    Range range = mapped(symbols + index * sizeof symbol, sizeof symbol);
    return index && range.bytes && read(range.offset, symbol) &&
           ELF64_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC;
  }

  Status checkNeeded(Range strings) {
    for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic.bytes; at += sizeof(Elf64_Dyn)) {
      Elf64_Dyn entry;
      if (!read(dynamic.offset + at, entry) || entry.d_tag == DT_NULL)
        break;
      if (entry.d_tag != DT_NEEDED)
        continue;
      uint64_t start = entry.d_un.d_val;
      if (start >= strings.bytes)
        return damaged("the name of a needed library lies outside the file");
      const char *text = data + strings.offset + start;
      if (!memchr(text, 0, strings.bytes - start))
        return damaged("the name of a needed library does not end");
      if (strcmp(text, "libc.so.6") != 0 && strcmp(text, "libm.so.6") != 0)
        return fail(DLC_INVALID_ARGUMENT, "%s: refused: it needs the library \"%.80s\"", name,
                    text);
    }
    return Status();
  }

  const char *data;
  uint64_t bytes;
  const char *name;
  Elf64_Ehdr header = {};
  Range dynamic = {0, 0};
  uint64_t symbols = 0; // address of the dynamic symbols
  struct {
    uint64_t bytes, codeBegin, codeEnd;
  } image = {};
};

} // namespace

Status checkImage(const void *data, size_t bytes, const char *name, Unfolded &unfolded) {
  return ImageChecker(data, bytes, name).run(unfolded);
}

} // namespace dlc::runtime::core
