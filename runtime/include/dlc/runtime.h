/* dlc's runtime: opens what `dlc compile` made and runs it. C99, no dependency but libc.
 *
 *   dlc_artifact *artifact;  dlc_state *state;  dlc_pool *pool;  dlc_session *session;
 *   dlc_artifact_open("model.dlca", NULL, &artifact);       the code, immutable
 *   dlc_state_create(artifact, NULL, 0, &state);            its variables
 *   dlc_state_load_file(state, "weights.safetensors", DLC_ROLES_MODEL);
 *   dlc_pool_create(0, &pool);                              threads
 *   dlc_session_create(artifact, state, pool, NULL, 0, &session);
 *   dlc_artifact_find_entry(artifact, "predict", &entry);
 *   dlc_session_bind_input(session, entry, 0, DLC_F32, x, dims, 2);
 *   dlc_session_bind_output(session, entry, 0, y, sizeof y);
 *   dlc_session_prepare(session, entry, NULL, 0);           reserves memory, once
 *   dlc_session_run(session, entry);                        as often as you like
 *
 * Conventions of every function
 * - A `dlc_status *` result is NULL for success; otherwise the caller frees it with
 *   dlc_status_free. Out parameters are written on success only.
 * - Pointers must not be NULL unless the text says so. Strings are NUL-terminated UTF-8. Returned
 *   strings belong to the object they were asked of and live as long as it.
 * - An object keeps what it was made from alive: artifact, state and pool may be freed before the
 *   session that uses them. Freeing NULL does nothing.
 * - Thread-safety: artifacts are immutable and free for all threads. The rest is said per function.
 * - Opening an artifact is executing it. The checks made on a file find accidents (truncation, a
 *   foreign format, another machine), not malice.
 */
#ifndef DLC_RUNTIME_H
#define DLC_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "dlc/abi/dtype.h" /* DLC_F32 ... DLC_I1, dlc_dtype_bytes, dlc_dtype_name */

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version --------------------------------------------------------------------------------- */

/* The version of this interface. A new minor version adds functions and enum values; those that
 * were there, and every struct, stay as they are. A new major version may change or remove. So a
 * program that was built with a header of the same major and of the same or a lower minor version
 * than the library runs with it. Artifacts have a version of their own: docs/artifact-format.md. */
#define DLC_API_VERSION_MAJOR 1
#define DLC_API_VERSION_MINOR 1

/* The version of the library: major << 16 | minor. For programs that are linked with a library that
 * was not built beside their header. */
uint32_t dlc_api_version(void);

/* ---- Status ---------------------------------------------------------------------------------- */

/* The numbers are those of gRPC and Abseil. */
typedef enum dlc_code {
  DLC_OK = 0,
  DLC_CANCELLED = 1,           /* dlc_session_cancel was called */
  DLC_INVALID_ARGUMENT = 3,    /* a wrong shape, type, size or number */
  DLC_NOT_FOUND = 5,           /* no entry, variable, file of that name */
  DLC_RESOURCE_EXHAUSTED = 8,  /* out of memory, or a binding that was not prepared for */
  DLC_FAILED_PRECONDITION = 9, /* right call, wrong moment: unbound input, state in use */
  DLC_OUT_OF_RANGE = 11,       /* a checked run met a value that is not finite */
  DLC_UNIMPLEMENTED = 12,      /* the artifact needs another machine or a newer runtime */
  DLC_INTERNAL = 13,           /* the artifact breaks its own promises */
  DLC_UNAVAILABLE = 14,        /* the operating system failed a read or a write */
  DLC_DATA_LOSS = 15           /* a damaged file */
} dlc_code;

typedef struct dlc_status dlc_status;

/* A failure of the caller's own, for functions that also hand on those of this interface. |code| is
 * not DLC_OK; |message| is copied, at most 1,023 bytes of it. Since 1.0. */
dlc_status *dlc_status_create(dlc_code code, const char *message);

/* DLC_OK for NULL. */
dlc_code dlc_status_code(const dlc_status *status);

/* One line for people: lower case, no full stop, names the thing, says expected and got.
 * "" for NULL. Lives as long as |status|. */
const char *dlc_status_message(const dlc_status *status);

/* |status| may be NULL. */
void dlc_status_free(dlc_status *status);

/* ---- Artifacts ------------------------------------------------------------------------------- */

typedef struct dlc_artifact dlc_artifact;
struct dlc_program; /* runtime/abi/program.h; users need not know */

typedef struct dlc_open_options {
  const char *variant; /* this ISA variant, such as "x86-64-v3"; NULL: the best that runs here */
} dlc_open_options;

enum { DLC_MAX_RANK = 8 };

/* The value of a named size, such as {"B", 32}. */
typedef struct dlc_size {
  const char *symbol;
  int64_t value;
} dlc_size;

/* An input, an output or a variable. */
typedef struct dlc_tensor_info {
  const char *name;
  uint32_t dtype; /* DLC_F32 ... */
  uint32_t role;  /* variables: DLC_ROLES_x is 1 << role, cache is 5; else 0 */
  uint32_t rank;
  int64_t dims[DLC_MAX_RANK]; /* -1 where the size depends on a symbol */
} dlc_tensor_info;

typedef struct dlc_symbol_info {
  const char *name;
  int64_t min, max, divisor; /* allowed values; max INT64_MAX: no limit */
} dlc_symbol_info;

/* Opens the artifact in file |path|. |options| may be NULL. The file is read once and may change
 * or vanish afterwards. Fails with NOT_FOUND or UNAVAILABLE (reading), INVALID_ARGUMENT (not an
 * artifact), DATA_LOSS (truncated or altered), UNIMPLEMENTED (other machine, other version, or no
 * variant that this processor runs). */
dlc_status *dlc_artifact_open(const char *path, const dlc_open_options *options,
                              dlc_artifact **out);

/* The same for an artifact in memory, which is copied. |name| stands in messages for the path. */
dlc_status *dlc_artifact_open_memory(const void *data, size_t bytes, const char *name,
                                     const dlc_open_options *options, dlc_artifact **out);

/* The same for an artifact that was linked into this program (`dlc compile --emit=obj`); its header
 * declares the function to pass. The table is used in place. */
dlc_status *dlc_artifact_open_linked(const struct dlc_program *(*query)(void),
                                     const dlc_open_options *options, dlc_artifact **out);

void dlc_artifact_free(dlc_artifact *artifact);

/* The model's name; the chosen variant; a number that is equal for equal compilations. */
const char *dlc_artifact_name(const dlc_artifact *artifact);
const char *dlc_artifact_variant(const dlc_artifact *artifact);
uint64_t dlc_artifact_identity(const dlc_artifact *artifact);

/* The serialized manifest, in place; NULL and 0 bytes when the artifact carries none. */
const void *dlc_artifact_manifest(const dlc_artifact *artifact, size_t *bytes);

/* What there is, by number. An index must be below its count. */
uint32_t dlc_artifact_entry_count(const dlc_artifact *artifact);
const char *dlc_artifact_entry_name(const dlc_artifact *artifact, uint32_t entry);
uint32_t dlc_artifact_input_count(const dlc_artifact *artifact, uint32_t entry);
uint32_t dlc_artifact_output_count(const dlc_artifact *artifact, uint32_t entry);
dlc_tensor_info dlc_artifact_input(const dlc_artifact *artifact, uint32_t entry, uint32_t index);
dlc_tensor_info dlc_artifact_output(const dlc_artifact *artifact, uint32_t entry, uint32_t index);
uint32_t dlc_artifact_variable_count(const dlc_artifact *artifact);
dlc_tensor_info dlc_artifact_variable(const dlc_artifact *artifact, uint32_t variable);
uint32_t dlc_artifact_symbol_count(const dlc_artifact *artifact);
dlc_symbol_info dlc_artifact_symbol(const dlc_artifact *artifact, uint32_t symbol);
uint32_t dlc_artifact_kernel_count(const dlc_artifact *artifact);
const char *dlc_artifact_kernel_name(const dlc_artifact *artifact, uint32_t kernel);

/* 1 when |entry| reads a variable; 1 when it assigns one, and so needs its state for itself. */
int dlc_artifact_entry_reads(const dlc_artifact *artifact, uint32_t entry);
int dlc_artifact_entry_writes(const dlc_artifact *artifact, uint32_t entry);

/* The number of the thing called |name|. Fails with NOT_FOUND; the message lists what there is. */
dlc_status *dlc_artifact_find_entry(const dlc_artifact *artifact, const char *name,
                                    uint32_t *entry);
dlc_status *dlc_artifact_find_input(const dlc_artifact *artifact, uint32_t entry, const char *name,
                                    uint32_t *index);
dlc_status *dlc_artifact_find_output(const dlc_artifact *artifact, uint32_t entry,
                                     const char *name, uint32_t *index);
dlc_status *dlc_artifact_find_variable(const dlc_artifact *artifact, const char *name,
                                       uint32_t *variable);

/* Writes type and shape as text, "f32[B,784]", cut to |capacity| bytes with the NUL. */
void dlc_artifact_describe_input(const dlc_artifact *artifact, uint32_t entry, uint32_t index,
                                 char *text, size_t capacity);
void dlc_artifact_describe_output(const dlc_artifact *artifact, uint32_t entry, uint32_t index,
                                  char *text, size_t capacity);
void dlc_artifact_describe_variable(const dlc_artifact *artifact, uint32_t variable, char *text,
                                    size_t capacity);

/* How |entry| is called, as a number: equal for entries of the same name whose inputs and outputs
 * have, in order, the same names, element types and sizes, with the same names and ranges of the
 * symbols in them, and which read and assign variables alike. It depends on nothing else, so
 * it stays when the model is compiled again or for other processors. Since 1.1. */
uint64_t dlc_artifact_entry_layout(const dlc_artifact *artifact, uint32_t entry);

/* The same as text, "predict(x: f32[B,784]) -> (y: f32[B,10]), reads variables; B >= 1", cut to
 * |capacity| bytes with the NUL. Since 1.1. */
void dlc_artifact_describe_entry(const dlc_artifact *artifact, uint32_t entry, char *text,
                                 size_t capacity);

/* Fails with FAILED_PRECONDITION unless entry number |entry|, which need not exist, has the layout
 * that the program was built for. |signature| is the description that it had then, for the message,
 * which shows where the two differ; NULL when it is not known. The headers of `--emit=obj` have
 * both as NAME_ENTRY_LAYOUT and _SIGNATURE, and NAME_check compares all entries. Since 1.1. */
dlc_status *dlc_artifact_check_entry(const dlc_artifact *artifact, uint32_t entry,
                                     uint64_t layout, const char *signature);

/* The exact shape of an input or output when the symbols have the values |sizes|: writes rank
 * values to |dims|, which may be NULL for a scalar. Fails with INVALID_ARGUMENT when a symbol that
 * it needs has no or a forbidden value. */
dlc_status *dlc_artifact_input_dims(const dlc_artifact *artifact, uint32_t entry, uint32_t index,
                                    const dlc_size *sizes, size_t count, int64_t *dims);
dlc_status *dlc_artifact_output_dims(const dlc_artifact *artifact, uint32_t entry, uint32_t index,
                                     const dlc_size *sizes, size_t count, int64_t *dims);

/* Exactly the bytes that a session with |threads| threads reserves for temporaries and scratch when
 * |entry| is prepared for |sizes|; inputs, outputs and variables come on top. */
dlc_status *dlc_artifact_arena_bytes(const dlc_artifact *artifact, uint32_t entry,
                                     const dlc_size *sizes, size_t count, uint32_t threads,
                                     int64_t *bytes);

/* ---- Thread pools ---------------------------------------------------------------------------- */

typedef struct dlc_pool dlc_pool;

/* Starts |threads| - 1 threads; the thread that runs a session is the remaining one. 0 takes the
 * environment variable DLC_NUM_THREADS, else the number of processors that this process may use.
 * At most 256. Sessions may share a pool: while it is busy for one, the others run on their own
 * thread alone, with the same results. All threads compute in the default floating-point mode. */
dlc_status *dlc_pool_create(uint32_t threads, dlc_pool **out);

/* Threads that belong to the program. |run| calls work(job, part) for each part from 0 to
 * |parts| - 1, at most once each, on whatever threads and in any order or all at once, and returns
 * when these calls have returned; parts that it leaves out are done by its caller. It is called
 * from the threads that run sessions, once at a time for each pool, |parts| at most |threads|. */
typedef struct dlc_host_threads {
  uint32_t threads; /* 1 to 256 */
  void *context;
  void (*run)(void *context, uint32_t parts, void (*work)(void *job, uint32_t part), void *job);
} dlc_host_threads;

/* A pool that starts no thread and runs on those of |host|, which is copied. Parts run in the
 * default floating-point mode and leave the thread's own behind; results are those of any pool. */
dlc_status *dlc_pool_create_host(const dlc_host_threads *host, dlc_pool **out);

/* In a child of fork() a pool's threads are gone: sessions go on, on their own thread alone, and
 * freeing it works. */
void dlc_pool_free(dlc_pool *pool);
uint32_t dlc_pool_threads(const dlc_pool *pool);

/* Tiles that thread number |thread| has run since the pool was made; 0 is the calling thread of
 * sessions. Exact while no session runs. */
int64_t dlc_pool_tiles(const dlc_pool *pool, uint32_t thread);

/* ---- Weight files (safetensors) -------------------------------------------------------------- */

typedef struct dlc_weights dlc_weights;

typedef struct dlc_named_tensor {
  const char *name;
  uint32_t dtype;
  uint32_t rank;
  const int64_t *dims;
  const void *data; /* dense, row-major */
} dlc_named_tensor;

typedef struct dlc_metadata {
  const char *key;
  const char *value;
} dlc_metadata;

/* Opens and checks a safetensors file: header syntax, types, shapes, and that the data ranges fill
 * the file without gap or overlap. Tensors are read when asked for. Fails with NOT_FOUND,
 * UNAVAILABLE or DATA_LOSS. Objects are immutable: any thread may read. */
dlc_status *dlc_weights_open(const char *path, dlc_weights **out);

/* The same for a file in memory that outlives the object. */
dlc_status *dlc_weights_open_memory(const void *data, size_t bytes, const char *name,
                                    dlc_weights **out);
void dlc_weights_free(dlc_weights *weights);

uint32_t dlc_weights_count(const dlc_weights *weights);
/* role is 0. */
dlc_tensor_info dlc_weights_tensor(const dlc_weights *weights, uint32_t index);
dlc_status *dlc_weights_find(const dlc_weights *weights, const char *name, uint32_t *index);

/* Copies tensor |index| to |data|; |bytes| must be its size. */
dlc_status *dlc_weights_read(const dlc_weights *weights, uint32_t index, void *data, size_t bytes);

uint32_t dlc_weights_metadata_count(const dlc_weights *weights);
dlc_metadata dlc_weights_metadata(const dlc_weights *weights, uint32_t index);
/* NULL when there is no such key. */
const char *dlc_weights_find_metadata(const dlc_weights *weights, const char *key);

/* Writes a safetensors file atomically: after success |path| holds the new file and it is on disk;
 * after failure or a crash at any moment, |path| is what it was, or the whole new file if only
 * syncing its folder was left. A crash may leave a file PATH.PID-NUMBER.tmp. Names must differ. */
dlc_status *dlc_weights_write(const char *path, const dlc_named_tensor *tensors, size_t count,
                              const dlc_metadata *metadata, size_t metadata_count);

/* ---- States ---------------------------------------------------------------------------------- */

/* Roles, as bit masks for loading and saving. */
enum {
  DLC_ROLES_WEIGHT = 1 << 0,
  DLC_ROLES_SLOT = 1 << 1,
  DLC_ROLES_STATISTIC = 1 << 2,
  DLC_ROLES_HYPERPARAMETER = 1 << 3,
  DLC_ROLES_RNG = 1 << 4,
  DLC_ROLES_MODEL = DLC_ROLES_WEIGHT | DLC_ROLES_STATISTIC, /* what predicting needs */
  DLC_ROLES_ALL = 0x1f                                      /* what training needs   */
};

typedef struct dlc_state dlc_state;

/* Memory for the variables of |artifact|, all zero; their first values come from the entry
 * `initialize` or from a weight file. |sizes| gives the symbols that variables' shapes mention and
 * may be NULL when |count| is 0. Variables of role cache live in sessions instead.
 *
 * Sessions on several threads may run entries on one state at a time as long as none of them
 * assigns a variable; a run, get or set that would conflict fails with FAILED_PRECONDITION and
 * changes nothing. */
dlc_status *dlc_state_create(const dlc_artifact *artifact, const dlc_size *sizes, size_t count,
                             dlc_state **out);
void dlc_state_free(dlc_state *state);

/* What it was made for; lives as long as |state|. Since 1.0. */
const dlc_artifact *dlc_state_artifact(const dlc_state *state);

/* Bytes of all storages, physical and derived forms included. */
int64_t dlc_state_bytes(const dlc_state *state);

/* The shape of variable |name|: writes rank values to |dims|. */
dlc_status *dlc_state_dims(const dlc_state *state, const char *name, int64_t *dims);

/* Copies a variable's value out or in, dense and row-major; |bytes| must be its logical size.
 * What is derived from it (weights in panels) is refreshed before the next run that reads that. */
dlc_status *dlc_state_get(dlc_state *state, const char *name, void *data, size_t bytes);
dlc_status *dlc_state_set(dlc_state *state, const char *name, const void *data, size_t bytes);

/* Sets every variable whose role is in |roles| from |weights|. Each must be there with its type and
 * shape, else nothing is changed; tensors of other names are ignored. */
dlc_status *dlc_state_load(dlc_state *state, const dlc_weights *weights, uint32_t roles);
dlc_status *dlc_state_load_file(dlc_state *state, const char *path, uint32_t roles);

/* Writes the variables whose role is in |roles| in logical form, and |metadata|, as by
 * dlc_weights_write. |metadata| may be NULL when |metadata_count| is 0. */
dlc_status *dlc_state_save(dlc_state *state, const char *path, uint32_t roles,
                           const dlc_metadata *metadata, size_t metadata_count);

/* ---- Sessions -------------------------------------------------------------------------------- */

/* The memory that runs need: an arena for temporaries, and the variables of role cache. One thread
 * at a time per session, dlc_session_cancel excepted; sessions are independent. */
typedef struct dlc_session dlc_session;

/* A session that runs entries of |artifact| on |state|. The state may come from another artifact
 * that has the same variables in the same physical layout; FAILED_PRECONDITION otherwise. |pool|
 * NULL runs on the calling thread alone. |sizes| fixes symbols for the session, those of cache
 * variables among them; the state's symbols are fixed already. */
dlc_status *dlc_session_create(const dlc_artifact *artifact, dlc_state *state, dlc_pool *pool,
                               const dlc_size *sizes, size_t count, dlc_session **out);
void dlc_session_free(dlc_session *session);

/* What it runs; lives as long as |session|. Since 1.0. */
const dlc_artifact *dlc_session_artifact(const dlc_session *session);

/* Names the memory that runs of |entry| read an input from. Nothing is copied: it must stay valid
 * and unchanged during runs, and be aligned to its element. Type, rank and constant sizes are
 * checked here, symbolic sizes when all inputs are known (prepare, run). Allocates nothing; binding
 * again replaces. */
dlc_status *dlc_session_bind_input(dlc_session *session, uint32_t entry, uint32_t index,
                                   uint32_t dtype, const void *data, const int64_t *dims,
                                   uint32_t rank);

/* Names the memory that runs of |entry| write an output to: at least its size, aligned to its
 * element, overlapping no input. |bytes| is checked when sizes are known. */
dlc_status *dlc_session_bind_output(dlc_session *session, uint32_t entry, uint32_t index,
                                    void *data, size_t bytes);

/* Gives a symbol that no input's shape tells. An entry whose inputs do tell it checks them
 * against this value. */
dlc_status *dlc_session_bind_size(dlc_session *session, const char *symbol, int64_t value);

/* Reserves what runs of |entry| need when the symbols have the values |sizes|; symbols not listed
 * come from the bound inputs. The only function here that allocates: call it for every largest
 * shape that will occur. May be called again at any time; the reservation never shrinks. */
dlc_status *dlc_session_prepare(dlc_session *session, uint32_t entry, const dlc_size *sizes,
                                size_t count);

/* Bytes reserved for temporaries and scratch. */
int64_t dlc_session_arena_bytes(const dlc_session *session);

/* The shape of an output for the inputs and sizes bound now. Writes rank values. */
dlc_status *dlc_session_output_dims(dlc_session *session, uint32_t entry, uint32_t index,
                                    int64_t *dims);

/* Runs |entry|: reads the bound inputs, writes the bound outputs, assigns variables.
 *
 * Blocks until the outputs may be read. Allocates nothing when it succeeds: memory was reserved by
 * dlc_session_prepare; shapes that were not prepared run in the space that is there, and fail with
 * RESOURCE_EXHAUSTED when they need more. Fails with FAILED_PRECONDITION if an input or output is
 * unbound or the state is in use, with INVALID_ARGUMENT if shapes disagree; then nothing was
 * changed. On CANCELLED, OUT_OF_RANGE and INTERNAL the outputs and the variables that the entry
 * assigns are unspecified. The session may be used again after any failure. */
dlc_status *dlc_session_run(dlc_session *session, uint32_t entry);

/* Makes the run in progress, or the next one when none is, stop before its next kernel and fail
 * with CANCELLED. Any thread may call it. */
void dlc_session_cancel(dlc_session *session);

/* Cache variables, as by dlc_state_get and dlc_state_set; reset makes them all zero. */
dlc_status *dlc_session_get_cache(dlc_session *session, const char *name, void *data,
                                  size_t bytes);
dlc_status *dlc_session_set_cache(dlc_session *session, const char *name, const void *data,
                                  size_t bytes);
void dlc_session_reset_caches(dlc_session *session);

/* ---- Checked runs ---------------------------------------------------------------------------- */

/* Starts (1) or stops (0) looking for NaN and infinities: in the inputs of each run, and in what
 * each kernel wrote, right after it. The first one ends the run with OUT_OF_RANGE; the message
 * names the value, the kernel, and the layer and source line that it computes; as after CANCELLED,
 * outputs and assigned variables are unspecified. A checked run reads every result once more, on
 * the calling thread. Values that are infinite on purpose count too. */
void dlc_session_check_finite(dlc_session *session, int enabled);

/* ---- Profiling ------------------------------------------------------------------------------- */

typedef struct dlc_kernel_stats {
  int64_t calls;
  int64_t nanoseconds; /* wall time of all calls */
  int64_t tiles;       /* over all threads */
} dlc_kernel_stats;

/* Starts (1) counting from zero or stops (0) it; costs two clock reads per kernel call. */
dlc_status *dlc_session_set_profiling(dlc_session *session, int enabled);

/* What was counted since profiling was started; zeros if it never was. */
dlc_kernel_stats dlc_session_kernel_stats(const dlc_session *session, uint32_t kernel);

/* Tiles of |kernel| that thread number |thread| of the pool ran. */
int64_t dlc_session_kernel_tiles(const dlc_session *session, uint32_t kernel, uint32_t thread);

/* A stretch of tiles of a kernel's phase that one thread of the pool ran without a break. */
typedef struct dlc_trace_event {
  uint32_t kernel, phase, thread;
  uint32_t reserved;
  int64_t tiles;
  int64_t begin, end; /* nanoseconds of CLOCK_MONOTONIC */
} dlc_trace_event;

/* From now on runs write what each thread runs, and when, into |events|, which has room for
 * |capacity| and must outlive them; NULL stops it. Costs two clock reads per stretch while on, and
 * nothing while off. Stretches without room are counted only. Between runs alone. */
void dlc_session_set_trace(dlc_session *session, dlc_trace_event *events, size_t capacity);

/* How many stretches there were since, with or without room. Those of one thread are in order. */
size_t dlc_session_trace_count(const dlc_session *session);

#ifdef __cplusplus
}
#endif
#endif
