/* The program table: everything that the runtime knows about a compiled model.
 *
 * Codegen emits one constant dlc_program with what hangs below it; the runtime reads it in place,
 * without parsing, whether it came from a .dlca file, a linked object or an in-process compile.
 *
 * Rules of the format
 * - Addresses are relative: a dlc_rel is the int32 distance in bytes from the field itself to what
 *   it means, 0 for nothing. So the table needs no relocation at load and lives in .rodata.
 * - Every struct begins with its own size in bytes. Arrays are strided by the `size` of their first
 *   element, hence an older reader skips fields that a newer compiler appended, and DLC_ABI_VERSION
 *   changes only when a meaning changes.
 * - Names are NUL-terminated UTF-8. Structs are 8-byte aligned; unnamed space is 0.
 * - Integers in `dlc_expr` code are over the program's symbols unless a field says otherwise.
 *
 * C99, no includes of ours.
 */
#ifndef DLC_RUNTIME_ABI_PROGRAM_H
#define DLC_RUNTIME_ABI_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#define DLC_PROGRAM_MAGIC UINT64_C(0x314d524750434c44) /* "DLCPGRM1" */
#define DLC_ABI_VERSION 2u
#define DLC_NONE 0xffffffffu

typedef int32_t dlc_rel;

/* |count| elements that begin |rel| bytes from the address of |rel|. */
typedef struct dlc_ref {
  dlc_rel rel;
  uint32_t count;
} dlc_ref;

/* A size expression: |count| int64 words of postfix code; empty means 0.
 * CONST and SYM take the word that follows them as operand, the others pop theirs.
 * Evaluation that overflows int64, divides by zero or ends without exactly one value is refused. */
typedef dlc_ref dlc_expr;
enum {
  DLC_EXPR_CONST = 1, /* next word                                             */
  DLC_EXPR_SYM = 2,   /* symbol (or kernel size) number `next word`            */
  DLC_EXPR_ADD = 3,   /* a b -> a + b                                          */
  DLC_EXPR_MUL = 4,   /* a b -> a * b                                          */
  DLC_EXPR_FLOORDIV = 5, /* a b -> floor(a / b)                                */
  DLC_EXPR_MIN = 6,
  DLC_EXPR_MAX = 7,
  DLC_EXPR_NEG = 8 /* a -> -a                                                  */
};
#define DLC_EXPR_MAX_DEPTH 32 /* operands on the stack at any time             */

/* What codegen promises the runtime about a symbol; checked when it is bound. */
typedef struct dlc_symbol {
  uint32_t size;
  dlc_rel name;
  int64_t min;
  int64_t max;     /* INT64_MAX: none */
  int64_t divisor; /* the value is a multiple of it; 1: any */
} dlc_symbol;

enum {
  DLC_ROLE_WEIGHT = 0,
  DLC_ROLE_SLOT = 1,           /* optimizer state of a weight           */
  DLC_ROLE_STATISTIC = 2,      /* moving averages                       */
  DLC_ROLE_HYPERPARAMETER = 3, /* learning rate                         */
  DLC_ROLE_RNG = 4,
  DLC_ROLE_CACHE = 5 /* belongs to a session; every other role to a state */
};

/* A variable as users see it: logical, row-major. */
typedef struct dlc_variable {
  uint32_t size;
  dlc_rel name;
  uint32_t dtype;
  uint32_t role;
  dlc_ref dims; /* dlc_expr[rank] */
} dlc_variable;

/* An input or an output of an entry. */
typedef struct dlc_port {
  uint32_t size;
  dlc_rel name;
  uint32_t dtype;
  uint32_t reserved;
  dlc_ref dims; /* dlc_expr[rank]; a bare symbol in an input binds it, the rest is checked */
} dlc_port;

typedef struct dlc_entry {
  uint32_t size;
  dlc_rel name;
  dlc_ref inputs;  /* dlc_port[] */
  dlc_ref outputs; /* dlc_port[] */
  dlc_ref reads;   /* uint32_t[]: variables */
  dlc_ref writes;  /* uint32_t[]: variables that get a new value */
} dlc_entry;

/* Where a variable lives in one variant: its physical form, or a derived form of others.
 *
 * Layout kernels are called with the variable's dense logical buffer on one side:
 *   import  (logical, physical)              when a value is set or loaded; absent: plain copy
 *   export  (physical, logical)              when a value is read or saved; absent: plain copy
 *   refresh (each source's storage, this)    before a run that reads it, once a source has got a
 *                                            new value; derived storages only
 * and with the values of |sizes|. An entry that assigns a source may refresh a derived storage
 * itself, by giving it a new value (DLC_BUFFER_STORAGE_NEXT); any other is stale afterwards. */
typedef struct dlc_storage {
  uint32_t size;
  dlc_rel name;
  uint32_t variable; /* DLC_NONE: derived */
  uint32_t space;    /* DLC_SPACE_... */
  dlc_expr bytes;
  dlc_ref sources; /* uint32_t[]: storages that this one derives from; they stand before it */
  dlc_ref sizes;   /* dlc_expr[]: the sizes argument of the three kernels */
  int32_t import_kernel;
  int32_t export_kernel;
  int32_t refresh_kernel; /* -1: none */
  uint32_t reserved;
} dlc_storage;

enum { DLC_SPACE_HOST = 0, DLC_SPACE_DEVICE = 1, DLC_SPACE_PINNED = 2 };

enum {
  DLC_BUFFER_INPUT = 0,        /* index: the entry's input; the caller's memory        */
  DLC_BUFFER_OUTPUT = 1,       /* index: the entry's output; the caller's memory       */
  DLC_BUFFER_STORAGE = 2,      /* index: storage; its current value                    */
  DLC_BUFFER_STORAGE_NEXT = 3, /* index: storage; the new value, in the same memory    */
  DLC_BUFFER_TEMPORARY = 4,    /* in the session's arena                               */
  DLC_BUFFER_CONSTANT = 5      /* `data` in the artifact; read-only                    */
};

/* What a body's host function names by number. */
typedef struct dlc_buffer {
  uint32_t size;
  uint32_t kind;
  uint32_t index;
  uint32_t space;
  dlc_expr bytes;
  uint32_t first, last; /* temporaries: first and last step that touches it, inclusive; a loop's
                           body counts as touched throughout by what lives around it */
  int32_t alias;        /* a lower-numbered buffer whose memory this one takes; -1: none */
  dlc_rel data;         /* constants: the bytes, 64-byte aligned */
} dlc_buffer;

/* How a variant runs an entry; body i belongs to entry i. */
typedef struct dlc_body {
  uint32_t size;
  dlc_rel host_fn;         /* dlc_host_fn */
  dlc_ref buffers;         /* dlc_buffer[] */
  dlc_expr scratch;        /* the most that any dispatch of it needs, */
  dlc_expr thread_scratch; /* shared and per thread */
} dlc_body;

/* One phase of a kernel. */
typedef struct dlc_phase {
  uint32_t size;
  dlc_rel fn;     /* dlc_phase_fn */
  dlc_expr tiles; /* over the kernel's sizes: how many tiles there are */
  dlc_expr grain; /* over the kernel's sizes: tiles worth a fork to other threads; below twice this
                     the caller runs all of them; empty: 1 */
} dlc_phase;

/* A result of a kernel, for checked runs. */
typedef struct dlc_result {
  uint32_t size;
  uint32_t dtype;
  dlc_expr elements; /* over the kernel's sizes: how many it has */
} dlc_result;

typedef struct dlc_kernel {
  uint32_t size;
  dlc_rel name;
  uint32_t args;           /* operands + results */
  uint32_t sizes;          /* int64 values that it is given */
  dlc_expr flops, bytes;   /* over its sizes, like the two below; for reports */
  dlc_expr scratch;        /* shared by a dispatch */
  dlc_expr thread_scratch; /* per thread */
  dlc_ref phases;          /* dlc_phase[] */
  dlc_rel where;           /* layers and lines of the model, for messages; may be absent */
  uint32_t reserved;
  dlc_ref results;         /* dlc_result[]: the last of its args */
} dlc_kernel;

enum {
  DLC_DEVICE_CPU_X86_64 = 0,
  DLC_DEVICE_CPU_AARCH64 = 1,
  DLC_DEVICE_CPU_RISCV64 = 2,
  DLC_DEVICE_CPU_WASM32 = 3 /* a dlc_rel to a function is its index in the module's table */
};

/* The program for one kind of machine. */
typedef struct dlc_variant {
  uint32_t size;
  dlc_rel name; /* "x86-64-v3", "znver4" */
  uint32_t device;
  uint32_t reserved;
  uint64_t isa[4];      /* features that its code may use: bit DLC_ISA_x (x86-64) or DLC_HWCAP_..._x
                           (the others) of word x / 64 */
  uint64_t layout_hash; /* equal for variants whose storages have the same physical form */
  dlc_ref storages;     /* dlc_storage[] */
  dlc_ref bodies;       /* dlc_body[], one per entry */
  dlc_ref kernels;      /* dlc_kernel[] */
} dlc_variant;

/* x86-64 features beyond the SSE2 baseline. The loader picks, among the variants whose every bit
 * this processor and operating system support, the one with the most bits; the first of equals. */
enum {
  DLC_ISA_SSE3 = 0,
  DLC_ISA_SSSE3 = 1,
  DLC_ISA_SSE4_1 = 2,
  DLC_ISA_SSE4_2 = 3,
  DLC_ISA_POPCNT = 4,
  DLC_ISA_CX16 = 5,
  DLC_ISA_SAHF = 6,
  DLC_ISA_AVX = 7,
  DLC_ISA_AVX2 = 8,
  DLC_ISA_FMA = 9,
  DLC_ISA_F16C = 10,
  DLC_ISA_BMI1 = 11,
  DLC_ISA_BMI2 = 12,
  DLC_ISA_LZCNT = 13,
  DLC_ISA_MOVBE = 14,
  DLC_ISA_AVX512F = 15,
  DLC_ISA_AVX512DQ = 16,
  DLC_ISA_AVX512CD = 17,
  DLC_ISA_AVX512BW = 18,
  DLC_ISA_AVX512VL = 19,
  DLC_ISA_AVX512IFMA = 20,
  DLC_ISA_AVX512VBMI = 21,
  DLC_ISA_AVX512VBMI2 = 22,
  DLC_ISA_AVX512VNNI = 23,
  DLC_ISA_AVX512BITALG = 24,
  DLC_ISA_AVX512VPOPCNTDQ = 25,
  DLC_ISA_AVX512BF16 = 26,
  DLC_ISA_AVX512FP16 = 27,
  DLC_ISA_AVX512VP2INTERSECT = 28,
  DLC_ISA_GFNI = 29,
  DLC_ISA_VAES = 30,
  DLC_ISA_VPCLMULQDQ = 31,
  DLC_ISA_AES = 32,
  DLC_ISA_PCLMUL = 33,
  DLC_ISA_SHA = 34,
  DLC_ISA_ADX = 35,
  DLC_ISA_SSE4A = 36,
  DLC_ISA_AVXVNNI = 37,
  DLC_ISA_COUNT = 38
};

/* Features of other processors are counted as Linux reports them: AT_HWCAP is the first word,
 * AT_HWCAP2 the second. Of RISC-V's it reports the one-letter extensions alone. */
enum {
  DLC_HWCAP_AARCH64_AES = 3,
  DLC_HWCAP_AARCH64_SHA2 = 6,
  DLC_HWCAP_AARCH64_CRC32 = 7,
  DLC_HWCAP_AARCH64_ATOMICS = 8,
  DLC_HWCAP_AARCH64_FP16 = 10,
  DLC_HWCAP_AARCH64_RDM = 12,
  DLC_HWCAP_AARCH64_FCMA = 14,
  DLC_HWCAP_AARCH64_RCPC = 15,
  DLC_HWCAP_AARCH64_SHA3 = 17,
  DLC_HWCAP_AARCH64_DOTPROD = 20,
  DLC_HWCAP_AARCH64_SVE = 22,
  DLC_HWCAP_AARCH64_FP16FML = 23,
  DLC_HWCAP_AARCH64_SVE2 = 64 + 1,
  DLC_HWCAP_AARCH64_I8MM = 64 + 13,
  DLC_HWCAP_AARCH64_BF16 = 64 + 14,
  DLC_HWCAP_RISCV_V = 'V' - 'A'
};

typedef struct dlc_program {
  uint32_t size;
  uint32_t abi; /* DLC_ABI_VERSION */
  uint64_t magic;
  uint64_t identity; /* hash of the compiled module; same model, same options: same number */
  dlc_rel name;
  uint32_t reserved;
  dlc_ref symbols;   /* dlc_symbol[] */
  dlc_ref variables; /* dlc_variable[] */
  dlc_ref entries;   /* dlc_entry[] */
  dlc_ref variants;  /* dlc_variant[] */
  dlc_ref manifest;  /* bytes of a serialized manifest message, for tools and train; may be empty */
} dlc_program;

/* The last bytes of a .dlca file, behind the ELF image: what can be checked before any of it is
 * mapped as code. A cut or altered file fails here with one message. */
#define DLC_TRAILER_MAGIC UINT64_C(0x31524c5254434c44) /* "DLCTRLR1" */
typedef struct dlc_trailer {
  uint64_t magic;
  uint32_t size;
  uint32_t abi;
  uint64_t file_bytes; /* of the whole file, this included */
  uint64_t checksum;   /* dlc_checksum of all bytes before the trailer */
} dlc_trailer;

/* A 64-bit checksum for accidents, not for attackers: four multiply-rotate lanes over 32-byte
 * blocks, then the tail byte by byte. Writer and loader share it. */
static inline uint64_t dlc_checksum(const void *data, size_t bytes) {
  const unsigned char *p = (const unsigned char *)data;
  const uint64_t prime = UINT64_C(0x9e3779b185ebca87);
  uint64_t lane[4] = {1, 2, 3, 4}, hash = bytes;
  size_t i = 0;
  int k;
  for (; i + 32 <= bytes; i += 32)
    for (k = 0; k < 4; ++k) {
      uint64_t word = 0;
      int b;
      for (b = 0; b < 8; ++b)
        word |= (uint64_t)p[i + 8 * (size_t)k + (size_t)b] << (8 * b);
      lane[k] = (lane[k] ^ word) * prime;
      lane[k] = (lane[k] << 29) | (lane[k] >> 35);
    }
  for (k = 0; k < 4; ++k)
    hash = (hash ^ lane[k]) * prime ^ (hash >> 31);
  for (; i < bytes; ++i)
    hash = (hash ^ p[i]) * prime;
  return hash ^ (hash >> 29);
}

#endif
