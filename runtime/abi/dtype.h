/* Element types, as numbered in program tables and in the C API.
 *
 * The numbers are part of the format: append, never renumber. Everything is stored dense and
 * row-major in the machine's (little-endian) byte order; i1 takes one byte that holds 0 or 1.
 *
 * C99, no includes of ours, so that an artifact, the compiler and an embedder can share it.
 */
#ifndef DLC_RUNTIME_ABI_DTYPE_H
#define DLC_RUNTIME_ABI_DTYPE_H

#include <stdint.h>

enum {
  DLC_F32 = 0,
  DLC_F64 = 1,
  DLC_F16 = 2,
  DLC_BF16 = 3,
  DLC_I64 = 4,
  DLC_I32 = 5,
  DLC_I8 = 6,
  DLC_U8 = 7,
  DLC_I1 = 8,
  DLC_DTYPE_COUNT = 9
};

/* Bytes of one element; 0 for a number that names no type. */
static inline int64_t dlc_dtype_bytes(uint32_t dtype) {
  static const uint8_t bytes[DLC_DTYPE_COUNT] = {4, 8, 2, 2, 8, 4, 1, 1, 1};
  return dtype < DLC_DTYPE_COUNT ? bytes[dtype] : 0;
}

/* The name in IR and messages, "f32"; "?" for a number that names no type. */
static inline const char *dlc_dtype_name(uint32_t dtype) {
  static const char *const names[DLC_DTYPE_COUNT] = {"f32", "f64", "f16", "bf16", "i64",
                                                     "i32", "i8",  "u8",  "i1"};
  return dtype < DLC_DTYPE_COUNT ? names[dtype] : "?";
}

#endif
