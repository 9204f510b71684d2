#include "Toy.h"

#include "TableBuilder.h"

using namespace dlc::test;

namespace {

float *floats(void *const *ptrs, int i) { return static_cast<float *>(ptrs[i]); }
int64_t *integers(void *const *ptrs, int i) { return static_cast<int64_t *>(ptrs[i]); }

void reverse(void *const *ptrs, const int64_t *, int64_t, int64_t) {
  for (int i = 0; i < 4; ++i)
    floats(ptrs, 1)[i] = floats(ptrs, 0)[3 - i];
}
void doubleWeights(void *const *ptrs, const int64_t *, int64_t, int64_t) {
  for (int i = 0; i < 4; ++i)
    floats(ptrs, 1)[i] = 2 * floats(ptrs, 0)[i];
}
// Tiles are rows; w is stored reversed, and the derived form holds twice its values.
void scale(void *const *ptrs, const int64_t *, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row)
    for (int i = 0; i < 4; ++i)
      floats(ptrs, 2)[row * 4 + i] = floats(ptrs, 0)[row * 4 + i] * floats(ptrs, 1)[3 - i] / 2;
}
void addConstant(void *const *ptrs, const int64_t *, int64_t begin, int64_t end) {
  for (int64_t i = begin * 4; i < end * 4; ++i)
    floats(ptrs, 2)[i] = floats(ptrs, 0)[i] + floats(ptrs, 1)[0];
}
// Phase 0 sums rows into the shared scratch, through this thread's own; phase 1 combines.
void sumRows(void *const *ptrs, const int64_t *, int64_t begin, int64_t end) {
  auto *mine = floats(ptrs, 3);
  for (int64_t row = begin; row < end; ++row) {
    mine[0] = 0;
    for (int i = 0; i < 4; ++i)
      mine[0] += floats(ptrs, 0)[row * 4 + i];
    floats(ptrs, 2)[row] = mine[0];
  }
}
void combineRows(void *const *ptrs, const int64_t *sizes, int64_t, int64_t) {
  float total = 0;
  for (int64_t row = 0; row < sizes[0]; ++row)
    total += floats(ptrs, 2)[row];
  floats(ptrs, 1)[0] = total;
}
void bump(void *const *ptrs, const int64_t *, int64_t, int64_t) {
  for (int i = 0; i < 4; ++i)
    floats(ptrs, 0)[i] += 1;
}
void countUp(void *const *ptrs, const int64_t *, int64_t, int64_t) { integers(ptrs, 0)[0] += 1; }
void doubleNumber(void *const *ptrs, const int64_t *, int64_t, int64_t) {
  integers(ptrs, 1)[0] = 2 * integers(ptrs, 0)[0];
}
void remember(void *const *ptrs, const int64_t *, int64_t, int64_t) {
  floats(ptrs, 1)[0] += float(integers(ptrs, 0)[0]);
}

// Buffers: 0 x, 1 y, 2 derived weights, 3 constant, 4 temporary.
int predict(const dlc_api *api, dlc_ctx *ctx) {
  const int64_t *symbols = api->symbols(ctx);
  dlc_arg first[] = {{0, 0, 0}, {2, 0, 0}, {4, 0, 0}};
  if (int stop = api->dispatch(ctx, Scale, first, symbols, nullptr))
    return stop;
  dlc_arg second[] = {{4, 0, 0}, {3, 0, 0}, {1, 0, 0}};
  int64_t tiles[] = {symbols[0]};
  return api->dispatch(ctx, AddConstant, second, symbols, tiles);
}

// Buffers: 0 x, 1 loss, 2 w, 3 next w, 4 derived, 5 total, 6 temporary for the sum.
int train(const dlc_api *api, dlc_ctx *ctx) {
  dlc_arg sum[] = {{0, 0, 0}, {6, 0, 0}}, weights[] = {{3, 0, 0}}, total[] = {{5, 0, 0}};
  dlc_arg refresh[] = {{3, 0, 0}, {4, 0, 0}};
  const int64_t *symbols = api->symbols(ctx);
  int stop = api->dispatch(ctx, Sum, sum, symbols, nullptr);
  if (!stop)
    stop = api->dispatch(ctx, Bump, weights, nullptr, nullptr);
  if (!stop)
    stop = api->dispatch(ctx, Double, refresh, nullptr, nullptr);
  if (!stop)
    stop = api->dispatch(ctx, Count, total, nullptr, nullptr);
  dlc_arg loss = {1, 0, 0}, temporary = {6, 0, 0};
  return stop ? stop : api->copy(ctx, &loss, &temporary, 4);
}

// Buffers: 0 n, 1 result, 2 and 3 temporaries of one allocation each, 4 cache.
int repeat(const dlc_api *api, dlc_ctx *ctx) {
  if (int stop = api->write_i64(ctx, 2, 0, 1))
    return stop;
  for (int64_t n = api->read_i64(ctx, 0, 0); n > 0; --n) {
    dlc_arg step[] = {{2, 0, 0}, {3, 0, 0}};
    if (int stop = api->dispatch(ctx, DoubleNumber, step, nullptr, nullptr))
      return stop;
    if (int stop = api->copy(ctx, &step[0], &step[1], 8))
      return stop;
  }
  dlc_arg memory[] = {{0, 0, 0}, {4, 0, 0}}, result = {1, 0, 0}, value = {2, 0, 0};
  int stop = api->dispatch(ctx, Remember, memory, nullptr, nullptr);
  return stop ? stop : api->copy(ctx, &result, &value, 8);
}

int broken(const dlc_api *api, dlc_ctx *ctx) {
  return api->dispatch(ctx, 1000, nullptr, nullptr, nullptr);
}

const Code B = symbol(0), matrix = 16 * symbol(0);

void addEntries(TableBuilder &table, dlc_program &program) {
  dlc_entry *entries = table.array<dlc_entry>(program.entries, 4);
  const char *names[] = {"predict", "train", "repeat", "broken"};
  for (int i = 0; i < 4; ++i)
    table.name(entries[i].name, names[i]);
  const std::vector<Code> rows = {B, constant(4)};
  table.port(*table.array<dlc_port>(entries[Predict].inputs, 1), "x", 0, rows);
  table.port(*table.array<dlc_port>(entries[Predict].outputs, 1), "y", 0, rows);
  table.indices(entries[Predict].reads, {0});
  table.port(*table.array<dlc_port>(entries[Train].inputs, 1), "x", 0, rows);
  table.port(*table.array<dlc_port>(entries[Train].outputs, 1), "loss", 0, {});
  table.indices(entries[Train].reads, {0, 1});
  table.indices(entries[Train].writes, {0, 1});
  table.port(*table.array<dlc_port>(entries[Repeat].inputs, 1), "n", 4, {});
  table.port(*table.array<dlc_port>(entries[Repeat].outputs, 1), "power", 4, {});
  table.indices(entries[Repeat].reads, {2});
  table.indices(entries[Repeat].writes, {2});
}

void addKernels(TableBuilder &table, dlc_variant &variant) {
  dlc_kernel *kernels = table.array<dlc_kernel>(variant.kernels, 9);
  const Code one = constant(1);
  table.kernel(kernels[Reverse], "reverse", 2, 0, reverse, one);
  table.kernel(kernels[Double], "double", 2, 0, doubleWeights, one);
  table.kernel(kernels[Scale], "scale", 3, 1, scale, B);
  table.kernel(kernels[AddConstant], "add", 3, 1, addConstant, B);
  table.result(kernels[Scale], 0, 4 * B, "dense (toy.cpp:3)");
  table.result(kernels[AddConstant], 0, 4 * B, "add (toy.cpp:4)");
  dlc_kernel &sum = kernels[Sum];
  table.name(sum.name, "sum");
  sum.args = 2;
  sum.sizes = 1;
  table.expr(sum.scratch, 4 * B);
  table.expr(sum.thread_scratch, constant(4));
  dlc_phase *phases = table.array<dlc_phase>(sum.phases, 2);
  table.phase(phases[0], sumRows, B);
  table.phase(phases[1], combineRows, one);
  table.kernel(kernels[Bump], "bump", 1, 0, bump, one);
  table.kernel(kernels[Count], "count", 1, 0, countUp, one);
  table.kernel(kernels[DoubleNumber], "double_number", 2, 0, doubleNumber, one);
  table.kernel(kernels[Remember], "remember", 2, 0, remember, one);
}

void addStorages(TableBuilder &table, dlc_variant &variant) {
  dlc_storage *storages = table.array<dlc_storage>(variant.storages, 4);
  table.storage(storages[0], "w", 0, constant(16));
  storages[0].import_kernel = storages[0].export_kernel = Reverse;
  table.storage(storages[1], "total", 1, constant(8));
  table.storage(storages[2], "memory", 2, constant(8));
  table.storage(storages[3], "w.double", DLC_NONE, constant(16));
  storages[3].refresh_kernel = Double;
  table.indices(storages[3].sources, {0});
}

void addBodies(TableBuilder &table, dlc_variant &variant) {
  dlc_body *bodies = table.array<dlc_body>(variant.bodies, 4);
  alignas(64) static const float hundred[16] = {100};
  const Code word = constant(8), weights = constant(16);

  dlc_buffer *b = table.array<dlc_buffer>(bodies[Predict].buffers, 5);
  TableBuilder::point(bodies[Predict].host_fn, predict);
  table.buffer(b[0], DLC_BUFFER_INPUT, 0, matrix);
  table.buffer(b[1], DLC_BUFFER_OUTPUT, 0, matrix);
  table.buffer(b[2], DLC_BUFFER_STORAGE, 3, weights);
  table.buffer(b[3], DLC_BUFFER_CONSTANT, 0, constant(4));
  TableBuilder::point(b[3].data, hundred);
  table.buffer(b[4], DLC_BUFFER_TEMPORARY, 0, matrix, 0, 1);

  b = table.array<dlc_buffer>(bodies[Train].buffers, 7);
  TableBuilder::point(bodies[Train].host_fn, train);
  table.buffer(b[0], DLC_BUFFER_INPUT, 0, matrix);
  table.buffer(b[1], DLC_BUFFER_OUTPUT, 0, constant(4));
  table.buffer(b[2], DLC_BUFFER_STORAGE, 0, weights);
  table.buffer(b[3], DLC_BUFFER_STORAGE_NEXT, 0, weights);
  table.buffer(b[4], DLC_BUFFER_STORAGE_NEXT, 3, weights);
  table.buffer(b[5], DLC_BUFFER_STORAGE_NEXT, 1, word);
  table.buffer(b[6], DLC_BUFFER_TEMPORARY, 0, constant(4), 0, 4);
  table.expr(bodies[Train].scratch, 4 * B);
  table.expr(bodies[Train].thread_scratch, constant(4));

  b = table.array<dlc_buffer>(bodies[Repeat].buffers, 5);
  TableBuilder::point(bodies[Repeat].host_fn, repeat);
  table.buffer(b[0], DLC_BUFFER_INPUT, 0, word);
  table.buffer(b[1], DLC_BUFFER_OUTPUT, 0, word);
  table.buffer(b[2], DLC_BUFFER_TEMPORARY, 0, word, 0, 9);
  table.buffer(b[3], DLC_BUFFER_TEMPORARY, 0, word, 1, 8);
  table.buffer(b[4], DLC_BUFFER_STORAGE_NEXT, 2, word);
  TableBuilder::point(bodies[Broken].host_fn, broken);
}

} // namespace

dlc_program *dlc::test::makeToy() {
  TableBuilder table;
  dlc_program &program = *table.program("toy");
  program.identity = 42;
  table.symbolAt(*table.array<dlc_symbol>(program.symbols, 1), "B", 1, 1000, 1);
  dlc_variable *variables = table.array<dlc_variable>(program.variables, 3);
  table.variable(variables[0], "w", 0, DLC_ROLE_WEIGHT, {constant(4)});
  table.variable(variables[1], "total", 4, DLC_ROLE_SLOT, {});
  table.variable(variables[2], "memory", 0, DLC_ROLE_CACHE, {constant(2)});
  addEntries(table, program);
  dlc_variant &variant = *table.array<dlc_variant>(program.variants, 1);
  table.name(variant.name, "baseline");
  variant.layout_hash = 7;
  addKernels(table, variant);
  addStorages(table, variant);
  addBodies(table, variant);
  return &program;
}

const dlc_program *dlc::test::queryToy() {
  static const dlc_program *toy = makeToy();
  return toy;
}
