/* The calls between the runtime and compiled code: kernels, host functions, the query function.
 *
 *   runtime --dlc_query_program--> table --host_fn(api, ctx)--> api->dispatch --> phase_fn...
 *
 * An entry's host function is straight-line or looping code that names buffers by number and never
 * sees a pointer. Every kernel call goes through api->dispatch, so that threads, profiling and
 * cancellation live in the runtime alone. C99, no includes of ours.
 */
#ifndef DLC_RUNTIME_ABI_KERNEL_H
#define DLC_RUNTIME_ABI_KERNEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One phase of a kernel: computes tiles [tile_begin, tile_end) of it.
 *
 * ptrs   the kernel's operands, then its results (dlc_kernel.args pointers in all), then
 *        ptrs[args]     scratch of dlc_kernel.scratch bytes, shared by all phases and threads of
 *                       this dispatch; its first content is unspecified. NULL when 0 bytes.
 *        ptrs[args + 1] scratch of dlc_kernel.thread_scratch bytes, private to the calling
 *                       thread; content does not survive a call. NULL when 0 bytes.
 *        Storages, temporaries, constants and scratch begin at multiples of 64 bytes. Inputs and
 *        outputs are the caller's memory and are aligned to their element only. An argument's
 *        byte_offset is added to the base.
 * sizes  the dlc_kernel.sizes values that dispatch was given.
 *
 * Calls of one phase run concurrently on disjoint tile ranges; a phase begins when every tile of
 * the one before has ended. Which thread runs which range is unspecified, so a tile's result may
 * depend on its number and on sizes only: then the bits are the same at any thread count. A phase
 * never allocates, never fails, and leaves the floating-point mode as it found it (round to
 * nearest, subnormals kept).
 */
typedef void (*dlc_phase_fn)(void *const *ptrs, const int64_t *sizes, int64_t tile_begin,
                             int64_t tile_end);

/* A run of an entry; opaque to compiled code. */
typedef struct dlc_ctx dlc_ctx;

/* A buffer of the running body (its index in dlc_body.buffers) and where in it to begin. */
typedef struct dlc_arg {
  uint32_t buffer;
  uint32_t flags; /* DLC_ARG_...; 0 in all but the first argument of a dispatch */
  int64_t byte_offset;
} dlc_arg;

/* The call after this dispatch is a dispatch, too, and the two may run at the same time, as may all
 * that such flags chain: none reads or writes what another one writes, temporaries that live then
 * have memory of their own, and the body's scratch holds that of all. A runtime may put the kernels
 * of a chain off until its last one arrives and share them out among threads together; `sizes` of
 * each stays until then. Where one of the kernels fills the threads by itself it gains nothing,
 * and a runtime that ignores the flag is correct. */
#define DLC_ARG_TOGETHER 1u
#define DLC_TOGETHER_MAX 8 /* dispatches in a chain */

/* What a host function may call. Grows at the end only; `size` tells how much there is. */
typedef struct dlc_api {
  uint32_t size;
  uint32_t abi; /* DLC_ABI_VERSION of the runtime */

  /* The values of the program's symbols, in the order of dlc_program.symbols. */
  const int64_t *(*symbols)(dlc_ctx *ctx);

  /* Runs all phases of kernel number |kernel| of the running variant and returns when they are
   * done. |args| has dlc_kernel.args elements, |sizes| dlc_kernel.sizes, |tiles| one tile count
   * per phase; |tiles| NULL evaluates the phases' own expressions over |sizes|. A phase of no
   * tiles is skipped. Nonzero when the run was cancelled or the call is malformed: the host
   * function then returns that value at once. */
  int (*dispatch)(dlc_ctx *ctx, uint32_t kernel, const dlc_arg *args, const int64_t *sizes,
                  const int64_t *tiles);

  /* Control flow reads a scalar that a kernel wrote: an i64, an i32, or an i1 (0 or 1). */
  int64_t (*read_i64)(dlc_ctx *ctx, uint32_t buffer, int64_t byte_offset);
  int32_t (*read_i32)(dlc_ctx *ctx, uint32_t buffer, int64_t byte_offset);
  int32_t (*read_pred)(dlc_ctx *ctx, uint32_t buffer, int64_t byte_offset);

  /* Loop carries: copies |bytes| (ranges must not overlap), or writes one scalar such as the
   * iteration number. Nonzero as for dispatch. */
  int (*copy)(dlc_ctx *ctx, const dlc_arg *destination, const dlc_arg *source, int64_t bytes);
  int (*write_i64)(dlc_ctx *ctx, uint32_t buffer, int64_t byte_offset, int64_t value);
} dlc_api;

/* Runs one entry: 0, or the first nonzero value that a call of |api| returned. */
typedef int (*dlc_host_fn)(const dlc_api *api, dlc_ctx *ctx);

struct dlc_program;
/* What an artifact exports, as DLC_QUERY_SYMBOL; a linked-in object may prefix the name. */
typedef const struct dlc_program *(*dlc_query_fn)(void);
#define DLC_QUERY_SYMBOL "dlc_query_program"

#ifdef __cplusplus
}
#endif
#endif
