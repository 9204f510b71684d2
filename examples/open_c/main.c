/* Runs a compiled model from C: opens an artifact and its weights, fills the inputs of its entry
 * `predict` with a ramp, runs it, and prints the outputs' first values.
 *
 *   open_c model.dlca model.safetensors
 *
 * Links the runtime core alone: libc, threads and the loader, no C++ library. Shows the calls in
 * the order that an embedder needs them; every one that can fail is checked.
 */
#include "dlc/runtime.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 2, MAX_PORTS = 8, MAX_SYMBOLS = 8 };

/* Prints the message of a failure and frees it: 0 for success, 1 for a failure. */
static int failed(dlc_status *status) {
  if (!status)
    return 0;
  fprintf(stderr, "open_c: %s\n", dlc_status_message(status));
  dlc_status_free(status);
  return 1;
}

static size_t element_count(const int64_t *dims, uint32_t rank) {
  size_t count = 1;
  uint32_t i;
  for (i = 0; i < rank; ++i)
    count *= (size_t)dims[i];
  return count;
}

/* Memory for a tensor, filled with 0, 1/64, 2/64 ... if it is f32 and zeros otherwise. */
static void *make_ramp(uint32_t dtype, size_t count) {
  void *data = calloc(count ? count : 1, (size_t)dlc_dtype_bytes(dtype));
  size_t i;
  if (data && dtype == DLC_F32)
    for (i = 0; i < count; ++i)
      ((float *)data)[i] = (float)(i % 64) / 64.0f;
  return data;
}

static void print_values(const dlc_tensor_info *info, const void *data, size_t count) {
  size_t i;
  printf("%s: %s of %zu values:", info->name, dlc_dtype_name(info->dtype), count);
  for (i = 0; info->dtype == DLC_F32 && i < count && i < 10; ++i)
    printf(" %.6g", (double)((const float *)data)[i]);
  printf("\n");
}

/* Every symbolic size of the model becomes BATCH, or its minimum if that is larger. */
static size_t choose_sizes(const dlc_artifact *artifact, dlc_size *sizes) {
  uint32_t i, count = dlc_artifact_symbol_count(artifact);
  for (i = 0; i < count && i < MAX_SYMBOLS; ++i) {
    dlc_symbol_info symbol = dlc_artifact_symbol(artifact, i);
    sizes[i].symbol = symbol.name;
    sizes[i].value = symbol.min > BATCH ? symbol.min : BATCH;
  }
  return i;
}

static int predict(const dlc_artifact *artifact, dlc_session *session, const dlc_size *sizes,
                   size_t size_count) {
  uint32_t entry, i, inputs, outputs;
  void *in[MAX_PORTS] = {0}, *out[MAX_PORTS] = {0};
  size_t counts[MAX_PORTS] = {0};
  int64_t dims[DLC_MAX_RANK];
  int error = failed(dlc_artifact_find_entry(artifact, "predict", &entry));
  if (error)
    return error;
  inputs = dlc_artifact_input_count(artifact, entry);
  outputs = dlc_artifact_output_count(artifact, entry);
  if (inputs > MAX_PORTS || outputs > MAX_PORTS)
    return 1;
  for (i = 0; i < inputs && !error; ++i) {
    dlc_tensor_info info = dlc_artifact_input(artifact, entry, i);
    error = failed(dlc_artifact_input_dims(artifact, entry, i, sizes, size_count, dims));
    if (!error && !(in[i] = make_ramp(info.dtype, element_count(dims, info.rank))))
      error = 1;
    if (!error)
      error = failed(
          dlc_session_bind_input(session, entry, i, info.dtype, in[i], dims, info.rank));
  }
  for (i = 0; i < outputs && !error; ++i) {
    dlc_tensor_info info = dlc_artifact_output(artifact, entry, i);
    size_t bytes;
    error = failed(dlc_session_output_dims(session, entry, i, dims));
    counts[i] = error ? 0 : element_count(dims, info.rank);
    bytes = counts[i] * (size_t)dlc_dtype_bytes(info.dtype);
    if (!error && !(out[i] = malloc(bytes ? bytes : 1)))
      error = 1;
    if (!error)
      error = failed(dlc_session_bind_output(session, entry, i, out[i], bytes));
  }
  if (!error) /* reserves all memory; the run itself allocates nothing */
    error = failed(dlc_session_prepare(session, entry, NULL, 0)) ||
            failed(dlc_session_run(session, entry));
  for (i = 0; i < outputs && !error; ++i) {
    dlc_tensor_info info = dlc_artifact_output(artifact, entry, i);
    print_values(&info, out[i], counts[i]);
  }
  for (i = 0; i < MAX_PORTS; ++i) {
    free(in[i]);
    free(out[i]);
  }
  return error;
}

int main(int argc, char **argv) {
  dlc_artifact *artifact = NULL;
  dlc_state *state = NULL;
  dlc_pool *pool = NULL;
  dlc_session *session = NULL;
  dlc_size sizes[MAX_SYMBOLS];
  size_t size_count = 0;
  int error = argc != 3;
  if (error)
    fprintf(stderr, "usage: open_c model.dlca model.safetensors\n");
  if (!error)
    error = failed(dlc_artifact_open(argv[1], NULL, &artifact));
  if (!error) {
    size_count = choose_sizes(artifact, sizes);
    error = failed(dlc_state_create(artifact, NULL, 0, &state)) ||
            failed(dlc_state_load_file(state, argv[2], DLC_ROLES_MODEL)) ||
            failed(dlc_pool_create(0, &pool)) ||
            failed(dlc_session_create(artifact, state, pool, NULL, 0, &session)) ||
            predict(artifact, session, sizes, size_count);
  }
  dlc_session_free(session);
  dlc_pool_free(pool);
  dlc_state_free(state);
  dlc_artifact_free(artifact);
  return error;
}
