/* The core of a WebAssembly artifact: what runs a program table where there is no operating system.
 *
 * It is linked into every module, beside the kernels, the host functions and the table, and is all
 * that they call. One module instance is one program with one state; a second instance of the same
 * module is another. The calls below are for runtime/wasm/model.mjs, which gives them a shape that
 * people want to use:
 *
 *   dlc_open        once: takes memory for the variables, which begin as zeros
 *   dlc_bind        the value of a size symbol, for what follows
 *   dlc_prepare     an entry, for the sizes that are bound: lays out inputs, outputs, temporaries
 *   dlc_address     where to write inputs and to find outputs, until the next dlc_prepare
 *   dlc_run         the prepared entry
 *
 * Memory lies as [stack | data | variables | inputs, outputs, temporaries of the prepared entry];
 * only the last part changes, so nothing is ever freed. Functions that can fail return 0 or a
 * dlc_error. Needs no library: it brings the functions that compilers call.
 */
#include "runtime/abi/arena.h"
#include "runtime/abi/dtype.h"
#include "runtime/abi/kernel.h"
#include "runtime/abi/program.h"

#define EXPORT(name) __attribute__((export_name(#name), used)) name

enum dlc_error {
  DLC_ERROR_SIZE = 1,    /* a size is missing, negative, out of its bounds or beyond 2^31 bytes */
  DLC_ERROR_MEMORY = 2,  /* the engine gives no more memory */
  DLC_ERROR_PROGRAM = 3, /* the table or the call is malformed */
  DLC_ERROR_ORDER = 4    /* called before dlc_open or dlc_prepare */
};

const dlc_program *dlc_query_program(void);
extern unsigned char __heap_base; /* the linker's: where data ends */

#define NO_SIZE INT64_MIN
#define MOST_BYTES (INT64_C(1) << 31)

struct dlc_ctx {
  char **buffers; /* addresses of the prepared body's buffers */
  uint32_t count;
};

static struct {
  const dlc_program *program;
  const dlc_variant *variant;
  int64_t *symbols;  /* NO_SIZE: not bound */
  char **storages;   /* addresses */
  uint8_t *stale;    /* of derived storages: a source changed */
  void **row;        /* the pointers that a kernel is called with */
  int64_t *rowSizes; /* the sizes that a refreshing kernel is called with */
  dlc_block *blocks; /* work space of planning, as below */
  uint32_t *order;
  char *scratch, *threadScratch;
  uintptr_t free;     /* where the next block begins */
  uintptr_t variable; /* where the part of the prepared entry begins */
  uint32_t prepared;  /* entry; DLC_NONE */
  struct dlc_ctx run;
} core;

/* ---- what compilers call --------------------------------------------------------------------- */

void *memcpy(void *to, const void *from, size_t bytes) { return __builtin_memcpy(to, from, bytes); }
void *memmove(void *to, const void *from, size_t bytes) {
  return __builtin_memmove(to, from, bytes);
}
void *memset(void *to, int value, size_t bytes) { return __builtin_memset(to, value, bytes); }

/* The product of two 128-bit numbers, each given as its halves. */
struct wide {
  uint64_t low, high;
};
void __multi3(struct wide *product, uint64_t aLow, uint64_t aHigh, uint64_t bLow, uint64_t bHigh) {
  uint64_t a0 = (uint32_t)aLow, a1 = aLow >> 32, b0 = (uint32_t)bLow, b1 = bLow >> 32;
  uint64_t low = a0 * b0, cross = a1 * b0 + (low >> 32), carried = a0 * b1 + (uint32_t)cross;
  product->low = (uint32_t)low | carried << 32;
  product->high = a1 * b1 + (cross >> 32) + (carried >> 32) + aHigh * bLow + aLow * bHigh;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const void *follow(const dlc_rel *rel) { return *rel ? (const char *)rel + *rel : 0; }

/* Element |i| of an array of structs that begin with their size. */
static const void *element(const dlc_ref *ref, uint32_t i) {
  const char *first = follow(&ref->rel);
  return first + (size_t)*(const uint32_t *)first * i;
}

static const char *text(const dlc_rel *rel) { return follow(rel); }

static const dlc_entry *entryAt(uint32_t i) { return element(&core.program->entries, i); }
static const dlc_variable *variableAt(uint32_t i) { return element(&core.program->variables, i); }
static const dlc_storage *storageAt(uint32_t i) { return element(&core.variant->storages, i); }
static const dlc_body *bodyAt(uint32_t i) { return element(&core.variant->bodies, i); }
static const dlc_kernel *kernelAt(uint32_t i) { return element(&core.variant->kernels, i); }

/* ---- size expressions ------------------------------------------------------------------------ */

/* Sizes here are far below 2^31 bytes: whatever leaves 2^53 has no value. */
static int64_t bounded(double value) {
  return value <= 9007199254740992.0 && value >= -9007199254740992.0 ? (int64_t)value : NO_SIZE;
}

static int64_t apply(int64_t op, int64_t a, int64_t b) {
  switch (op) {
  case DLC_EXPR_ADD:
    return bounded((double)a + (double)b);
  case DLC_EXPR_MUL:
    return bounded((double)a * (double)b);
  case DLC_EXPR_MIN:
    return a < b ? a : b;
  case DLC_EXPR_MAX:
    return a > b ? a : b;
  default:
    if (b == 0)
      return NO_SIZE;
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
  }
}

/* The value of |expr| over |values|; NO_SIZE when it has none. */
static int64_t evaluate(const dlc_expr *expr, const int64_t *values) {
  int64_t stack[DLC_EXPR_MAX_DEPTH];
  const int64_t *code = follow(&expr->rel);
  uint32_t depth = 0, i;
  if (expr->count == 0)
    return 0;
  for (i = 0; i < expr->count; ++i) {
    if (code[i] == DLC_EXPR_CONST || code[i] == DLC_EXPR_SYM) {
      int64_t value = code[i] == DLC_EXPR_CONST ? code[i + 1] : values[code[i + 1]];
      ++i;
      if (value == NO_SIZE || depth == DLC_EXPR_MAX_DEPTH)
        return NO_SIZE;
      stack[depth++] = value;
    } else if (code[i] == DLC_EXPR_NEG) {
      stack[depth - 1] = -stack[depth - 1];
    } else {
      --depth;
      stack[depth - 1] = apply(code[i], stack[depth - 1], stack[depth]);
      if (stack[depth - 1] == NO_SIZE)
        return NO_SIZE;
    }
  }
  return stack[0];
}

/* Of the elements of a tensor; NO_SIZE when a size is not known, or all are too many. */
static int64_t tensorBytes(uint32_t dtype, const dlc_ref *dims) {
  const dlc_expr *exprs = follow(&dims->rel);
  int64_t bytes = dlc_dtype_bytes(dtype);
  uint32_t d;
  for (d = 0; d < dims->count; ++d) {
    int64_t dim = evaluate(&exprs[d], core.symbols);
    if (dim < 0)
      return NO_SIZE;
    bytes = apply(DLC_EXPR_MUL, bytes, dim);
    if (bytes < 0)
      return NO_SIZE;
  }
  return bytes <= MOST_BYTES ? bytes : NO_SIZE;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* The next |bytes| of memory, aligned for tensors; null when there is none. */
static void *take(int64_t bytes) {
  const uintptr_t page = 65536;
  uintptr_t begin = (core.free + 63) & ~(uintptr_t)63, end;
  if (bytes < 0 || bytes > MOST_BYTES || (uint64_t)begin + (uint64_t)bytes > UINT32_MAX - page)
    return 0;
  end = begin + (uintptr_t)bytes;
  if (end > __builtin_wasm_memory_size(0) * page) {
    uintptr_t more = (end - __builtin_wasm_memory_size(0) * page + page - 1) / page;
    if (__builtin_wasm_memory_grow(0, more) == (size_t)-1)
      return 0;
  }
  core.free = end;
  return (void *)begin;
}

static void *takeZeros(int64_t bytes) {
  void *block = take(bytes);
  if (block)
    memset(block, 0, (size_t)bytes);
  return block;
}

/* ---- kernels --------------------------------------------------------------------------------- */

/* Runs the phases of a kernel whose arguments stand in core.row. */
static int launch(const dlc_kernel *kernel, const int64_t *sizes, const int64_t *tiles) {
  uint32_t p;
  core.row[kernel->args] = core.scratch;
  core.row[kernel->args + 1] = core.threadScratch;
  for (p = 0; p < kernel->phases.count; ++p) {
    const dlc_phase *phase = element(&kernel->phases, p);
    int64_t count = tiles ? tiles[p] : evaluate(&phase->tiles, sizes);
    if (count < 0)
      return DLC_ERROR_PROGRAM;
    if (count > 0)
      ((dlc_phase_fn)(uintptr_t)phase->fn)((void *const *)core.row, sizes, 0, count);
  }
  return 0;
}

static const int64_t *apiSymbols(dlc_ctx *ctx) {
  (void)ctx;
  return core.symbols;
}

static char *placeOf(const dlc_arg *arg) {
  return core.run.buffers[arg->buffer] + (intptr_t)arg->byte_offset;
}

static int apiDispatch(dlc_ctx *ctx, uint32_t number, const dlc_arg *args, const int64_t *sizes,
                       const int64_t *tiles) {
  const dlc_kernel *kernel = kernelAt(number);
  uint32_t i;
  (void)ctx;
  for (i = 0; i < kernel->args; ++i)
    core.row[i] = placeOf(&args[i]);
  return launch(kernel, sizes, tiles);
}

static int64_t apiReadI64(dlc_ctx *ctx, uint32_t buffer, int64_t offset) {
  return *(const int64_t *)(ctx->buffers[buffer] + (intptr_t)offset);
}
static int32_t apiReadI32(dlc_ctx *ctx, uint32_t buffer, int64_t offset) {
  return *(const int32_t *)(ctx->buffers[buffer] + (intptr_t)offset);
}
static int32_t apiReadPred(dlc_ctx *ctx, uint32_t buffer, int64_t offset) {
  return *(const uint8_t *)(ctx->buffers[buffer] + (intptr_t)offset) != 0;
}

static int apiCopy(dlc_ctx *ctx, const dlc_arg *to, const dlc_arg *from, int64_t bytes) {
  (void)ctx;
  memcpy(placeOf(to), placeOf(from), (size_t)bytes);
  return 0;
}

static int apiWriteI64(dlc_ctx *ctx, uint32_t buffer, int64_t offset, int64_t value) {
  *(int64_t *)(ctx->buffers[buffer] + (intptr_t)offset) = value;
  return 0;
}

static const dlc_api api = {sizeof(dlc_api), DLC_ABI_VERSION, apiSymbols, apiDispatch, apiReadI64,
                            apiReadI32,      apiReadPred,     apiCopy,    apiWriteI64};

/* ---- derived variables ----------------------------------------------------------------------- */

/* Marks what derives from storage |source|. Sources stand before what derives from them. */
static void outdate(uint32_t source) {
  uint32_t i, s;
  for (i = source + 1; i < core.variant->storages.count; ++i) {
    const dlc_storage *storage = storageAt(i);
    const uint32_t *sources = follow(&storage->sources.rel);
    for (s = 0; s < storage->sources.count; ++s)
      if (sources[s] == source || (sources[s] > source && core.stale[sources[s]]))
        core.stale[i] = 1;
  }
}

/* Computes storage |index| anew if a source of it changed. */
static int refresh(uint32_t index) {
  const dlc_storage *storage = storageAt(index);
  const uint32_t *sources = follow(&storage->sources.rel);
  const dlc_expr *sizes = follow(&storage->sizes.rel);
  uint32_t i;
  int error;
  if (!core.stale[index])
    return 0;
  for (i = 0; i < storage->sources.count; ++i)
    if ((error = refresh(sources[i])))
      return error;
  for (i = 0; i < storage->sources.count; ++i)
    core.row[i] = core.storages[sources[i]];
  core.row[i] = core.storages[index];
  for (i = 0; i < storage->sizes.count; ++i)
    core.rowSizes[i] = evaluate(&sizes[i], core.symbols);
  core.stale[index] = 0;
  return launch(kernelAt((uint32_t)storage->refresh_kernel), core.rowSizes, 0);
}

static int refreshRead(const dlc_body *body) {
  uint32_t i;
  int error;
  for (i = 0; i < body->buffers.count; ++i) {
    const dlc_buffer *buffer = element(&body->buffers, i);
    if (buffer->kind == DLC_BUFFER_STORAGE && (error = refresh(buffer->index)))
      return error;
  }
  return 0;
}

static void outdateWritten(const dlc_body *body) {
  uint32_t i;
  int pass;
  for (pass = 0; pass < 2; ++pass) /* what the entry gave a new value itself is new */
    for (i = 0; i < body->buffers.count; ++i) {
      const dlc_buffer *buffer = element(&body->buffers, i);
      if (buffer->kind != DLC_BUFFER_STORAGE_NEXT)
        continue;
      if (pass == 0)
        outdate(buffer->index);
      else
        core.stale[buffer->index] = 0;
    }
}

/* ---- opening --------------------------------------------------------------------------------- */

/* The most that any kernel, body or refresh needs of each kind of work space. */
static int takeWorkSpace(void) {
  uint32_t i, args = 0, buffers = 0, sizes = 0;
  for (i = 0; i < core.variant->kernels.count; ++i)
    args = kernelAt(i)->args > args ? kernelAt(i)->args : args;
  for (i = 0; i < core.variant->bodies.count; ++i)
    buffers = bodyAt(i)->buffers.count > buffers ? bodyAt(i)->buffers.count : buffers;
  for (i = 0; i < core.variant->storages.count; ++i)
    sizes = storageAt(i)->sizes.count > sizes ? storageAt(i)->sizes.count : sizes;
  core.row = take((int64_t)sizeof(void *) * (args + 2));
  core.rowSizes = take((int64_t)sizeof(int64_t) * (sizes + 1));
  core.blocks = take((int64_t)sizeof(dlc_block) * (buffers + 1));
  core.order = take((int64_t)sizeof(uint32_t) * (buffers + 1));
  core.run.buffers = take((int64_t)sizeof(char *) * (buffers + 1));
  return core.row && core.rowSizes && core.blocks && core.order && core.run.buffers;
}

static int takeStorages(void) {
  uint32_t i, count = core.variant->storages.count;
  core.storages = take((int64_t)sizeof(char *) * (count + 1));
  core.stale = takeZeros(count + 1);
  if (!core.storages || !core.stale)
    return DLC_ERROR_MEMORY;
  for (i = 0; i < count; ++i) {
    const dlc_storage *storage = storageAt(i);
    int64_t bytes = evaluate(&storage->bytes, core.symbols);
    if (bytes < 0)
      return DLC_ERROR_SIZE;
    if (storage->import_kernel >= 0 || storage->export_kernel >= 0)
      return DLC_ERROR_PROGRAM;
    core.storages[i] = takeZeros(bytes);
    if (!core.storages[i])
      return DLC_ERROR_MEMORY;
    core.stale[i] = storage->variable == DLC_NONE;
  }
  return 0;
}

/* Finds the table. Callers may then ask for names and bind the sizes of variables. */
int EXPORT(dlc_begin)(void) {
  uint32_t i;
  if (core.program)
    return 0;
  core.program = dlc_query_program();
  if (core.program->magic != DLC_PROGRAM_MAGIC || core.program->abi != DLC_ABI_VERSION ||
      core.program->variants.count == 0)
    return DLC_ERROR_PROGRAM;
  core.variant = element(&core.program->variants, 0);
  core.prepared = DLC_NONE;
  core.free = (uintptr_t)&__heap_base;
  core.symbols = take((int64_t)sizeof(int64_t) * (core.program->symbols.count + 1));
  if (!core.symbols)
    return DLC_ERROR_MEMORY;
  for (i = 0; i < core.program->symbols.count; ++i)
    core.symbols[i] = NO_SIZE;
  return 0;
}

int EXPORT(dlc_open)(void) {
  int error;
  if (!core.program)
    return DLC_ERROR_ORDER;
  if (!takeWorkSpace())
    return DLC_ERROR_MEMORY;
  if ((error = takeStorages()))
    return error;
  core.variable = core.free;
  return 0;
}

/* ---- names and shapes ------------------------------------------------------------------------ */

static const dlc_port *portAt(uint32_t entry, uint32_t output, uint32_t i) {
  return element(output ? &entryAt(entry)->outputs : &entryAt(entry)->inputs, i);
}

static double dimOf(const dlc_ref *dims, uint32_t d) {
  int64_t dim = evaluate((const dlc_expr *)follow(&dims->rel) + d, core.symbols);
  return dim == NO_SIZE ? -1 : (double)dim;
}

const char *EXPORT(dlc_name)(void) { return text(&core.program->name); }
uint32_t EXPORT(dlc_symbol_count)(void) { return core.program->symbols.count; }
const char *EXPORT(dlc_symbol_name)(uint32_t i) {
  return text(&((const dlc_symbol *)element(&core.program->symbols, i))->name);
}
uint32_t EXPORT(dlc_variable_count)(void) { return core.program->variables.count; }
const char *EXPORT(dlc_variable_name)(uint32_t i) { return text(&variableAt(i)->name); }
uint32_t EXPORT(dlc_variable_dtype)(uint32_t i) { return variableAt(i)->dtype; }
uint32_t EXPORT(dlc_variable_role)(uint32_t i) { return variableAt(i)->role; }
uint32_t EXPORT(dlc_variable_rank)(uint32_t i) { return variableAt(i)->dims.count; }
double EXPORT(dlc_variable_dim)(uint32_t i, uint32_t d) { return dimOf(&variableAt(i)->dims, d); }
uint32_t EXPORT(dlc_entry_count)(void) { return core.program->entries.count; }
const char *EXPORT(dlc_entry_name)(uint32_t i) { return text(&entryAt(i)->name); }
uint32_t EXPORT(dlc_port_count)(uint32_t entry, uint32_t output) {
  return output ? entryAt(entry)->outputs.count : entryAt(entry)->inputs.count;
}
const char *EXPORT(dlc_port_name)(uint32_t entry, uint32_t output, uint32_t i) {
  return text(&portAt(entry, output, i)->name);
}
uint32_t EXPORT(dlc_port_dtype)(uint32_t entry, uint32_t output, uint32_t i) {
  return portAt(entry, output, i)->dtype;
}
uint32_t EXPORT(dlc_port_rank)(uint32_t entry, uint32_t output, uint32_t i) {
  return portAt(entry, output, i)->dims.count;
}
/* -1 while a symbol in it is not bound. */
double EXPORT(dlc_port_dim)(uint32_t entry, uint32_t output, uint32_t i, uint32_t d) {
  return dimOf(&portAt(entry, output, i)->dims, d);
}
/* The symbol that dimension |d| is, alone; -1 where it is a number or an expression. */
int32_t EXPORT(dlc_port_symbol)(uint32_t entry, uint32_t output, uint32_t i, uint32_t d) {
  const dlc_ref *dims = &portAt(entry, output, i)->dims;
  const dlc_expr *expr = (const dlc_expr *)follow(&dims->rel) + d;
  const int64_t *code = follow(&expr->rel);
  return expr->count == 2 && code[0] == DLC_EXPR_SYM ? (int32_t)code[1] : -1;
}

/* ---- running --------------------------------------------------------------------------------- */

/* Gives a symbol its value; a negative one takes it away. */
int EXPORT(dlc_bind)(uint32_t symbol, double value) {
  const dlc_symbol *s = element(&core.program->symbols, symbol);
  int64_t size = value < 0 ? NO_SIZE : bounded(value);
  if (size != NO_SIZE && (size < s->min || size > s->max || size % s->divisor != 0))
    return DLC_ERROR_SIZE;
  if (core.symbols[symbol] != size)
    core.prepared = DLC_NONE;
  core.symbols[symbol] = size;
  return 0;
}

/* Makes blocks of the body's temporaries; others get their address. core.order maps back. */
static int placeBuffers(const dlc_body *body, uint32_t entry, uint32_t *blocks) {
  uint32_t i;
  *blocks = 0;
  for (i = 0; i < body->buffers.count; ++i) {
    const dlc_buffer *buffer = element(&body->buffers, i);
    const dlc_port *port = 0;
    core.run.buffers[i] = 0;
    if (buffer->alias >= 0)
      return DLC_ERROR_PROGRAM; /* of other devices */
    switch (buffer->kind) {
    case DLC_BUFFER_INPUT:
    case DLC_BUFFER_OUTPUT:
      port = portAt(entry, buffer->kind == DLC_BUFFER_OUTPUT, buffer->index);
      core.run.buffers[i] = takeZeros(tensorBytes(port->dtype, &port->dims));
      if (!core.run.buffers[i])
        return DLC_ERROR_MEMORY;
      break;
    case DLC_BUFFER_STORAGE:
    case DLC_BUFFER_STORAGE_NEXT:
      core.run.buffers[i] = core.storages[buffer->index];
      break;
    case DLC_BUFFER_CONSTANT:
      core.run.buffers[i] = (char *)follow(&buffer->data);
      break;
    default: {
      dlc_block *block = &core.blocks[(*blocks)++];
      block->bytes = evaluate(&buffer->bytes, core.symbols);
      block->first = buffer->first;
      block->last = buffer->last;
      if (block->bytes < 0)
        return DLC_ERROR_SIZE;
    }
    }
  }
  return 0;
}

/* Whether every size is known that the entry's inputs and outputs have. */
static int portsKnown(uint32_t entry) {
  uint32_t output, i;
  for (output = 0; output < 2; ++output)
    for (i = 0; i < dlc_port_count(entry, output); ++i)
      if (tensorBytes(portAt(entry, output, i)->dtype, &portAt(entry, output, i)->dims) < 0)
        return 0;
  return 1;
}

int EXPORT(dlc_prepare)(uint32_t entry) {
  const dlc_body *body;
  uint32_t blocks = 0, i;
  int64_t scratch, perThread;
  char *arena;
  int error;
  if (!core.variable)
    return DLC_ERROR_ORDER;
  if (core.prepared == entry)
    return 0;
  core.prepared = DLC_NONE;
  core.free = core.variable;
  body = bodyAt(entry);
  if (!portsKnown(entry))
    return DLC_ERROR_SIZE;
  if ((error = placeBuffers(body, entry, &blocks)))
    return error;
  scratch = evaluate(&body->scratch, core.symbols);
  perThread = evaluate(&body->thread_scratch, core.symbols);
  if (scratch < 0 || perThread < 0)
    return DLC_ERROR_SIZE;
  arena = take(dlc_pack_blocks(core.blocks, blocks, core.order));
  core.scratch = take(scratch);
  core.threadScratch = take(perThread);
  if (!arena || !core.scratch || !core.threadScratch)
    return DLC_ERROR_MEMORY;
  for (i = 0, blocks = 0; i < body->buffers.count; ++i) {
    const dlc_buffer *buffer = element(&body->buffers, i);
    if (buffer->kind == DLC_BUFFER_TEMPORARY)
      core.run.buffers[i] = arena + (uintptr_t)core.blocks[blocks++].offset;
  }
  core.run.count = body->buffers.count;
  core.prepared = entry;
  return 0;
}

/* Where input or output |i| of the prepared entry lies; null when the entry does not touch it. */
void *EXPORT(dlc_address)(uint32_t output, uint32_t i) {
  const dlc_body *body;
  uint32_t b;
  if (core.prepared == DLC_NONE)
    return 0;
  body = bodyAt(core.prepared);
  for (b = 0; b < body->buffers.count; ++b) {
    const dlc_buffer *buffer = element(&body->buffers, b);
    uint32_t kind = output ? DLC_BUFFER_OUTPUT : DLC_BUFFER_INPUT;
    if (buffer->kind == kind && buffer->index == i)
      return core.run.buffers[b];
  }
  return 0;
}

int EXPORT(dlc_run)(void) {
  const dlc_body *body;
  int error;
  if (core.prepared == DLC_NONE)
    return DLC_ERROR_ORDER;
  body = bodyAt(core.prepared);
  if ((error = refreshRead(body)))
    return error;
  error = ((dlc_host_fn)(uintptr_t)body->host_fn)(&api, &core.run);
  outdateWritten(body);
  return error;
}

/* ---- variables ------------------------------------------------------------------------------- */

static uint32_t homeOf(uint32_t variable) {
  uint32_t i = 0;
  while (storageAt(i)->variable != variable)
    ++i;
  return i;
}

/* Where a variable lies. Who writes there calls dlc_variable_changed. */
void *EXPORT(dlc_variable_address)(uint32_t variable) { return core.storages[homeOf(variable)]; }
void EXPORT(dlc_variable_changed)(uint32_t variable) { outdate(homeOf(variable)); }
