/* Trains the small network on made-up data and prints every loss and every variable, bit by bit: by
 * the functions of an object that the runtime runs, or, with FREESTANDING, of one that needs none.
 * Both must print the same. Guards around the freestanding memory show that nothing else is
 * written. */
#include "net.h"

#include <stdio.h>
#include <string.h>

enum { STEPS = 6 };

static float x[8 * 64];
static int32_t y[8];
static float scores[8 * 10];

static void fill(int step) {
  uint32_t random = 17u * (uint32_t)step + 3u;
  int i;
  for (i = 0; i < 8 * 64; ++i) {
    random = random * 1664525u + 1013904223u;
    x[i] = (float)(random >> 8) / 16777216.0f;
  }
  for (i = 0; i < 8; ++i)
    y[i] = (step + i) % 10;
}

static void print(const char *name, const void *values, size_t bytes) {
  const unsigned char *at = (const unsigned char *)values;
  uint64_t hash = 1469598103934665603u; /* FNV-1a */
  size_t i;
  for (i = 0; i < bytes; ++i)
    hash = (hash ^ at[i]) * 1099511628211u;
  printf("%s %08lx%08lx\n", name, (unsigned long)(hash >> 32), (unsigned long)(hash & 0xffffffffu));
}

#ifdef FREESTANDING

enum { GUARD = 256 };
static struct {
  NET_ALIGNED unsigned char before[GUARD];
  net_state state;
  unsigned char between[GUARD];
  net_arena arena;
  unsigned char after[GUARD];
} memory;

static int untouched(const unsigned char *guard) {
  int i;
  for (i = 0; i < GUARD; ++i)
    if (guard[i] != 0xa5)
      return 0;
  return 1;
}

int main(void) {
  static const int64_t seed[2] = {5, 0};
  float outputs[4];
  int step;
  memset(&memory, 0xa5, sizeof memory); /* the arena's first content does not matter */
  memset(&memory.state, 0, sizeof memory.state);
  net_set_rng_state(&memory.state, seed);
  net_initialize(&memory.state, &memory.arena);
  for (step = 0; step < STEPS; ++step) {
    fill(step);
    net_train_step(&memory.state, &memory.arena, x, y, &outputs[0], &outputs[1], &outputs[2],
                   &outputs[3]);
    print("step", outputs, sizeof outputs);
    net_predict(&memory.state, &memory.arena, x, scores);
    print("predict", scores, sizeof scores);
  }
#define PRINT(identifier, name, type, elements, role)                                              \
  {                                                                                                \
    static type value[elements];                                                                   \
    net_get_##identifier(&memory.state, value);                                                    \
    print(name, value, sizeof value);                                                              \
    net_set_##identifier(&memory.state, value);                                                    \
  }
  NET_EACH_VARIABLE(PRINT)
  net_predict(&memory.state, &memory.arena, x, scores); /* as before: set what was got */
  print("again", scores, sizeof scores);
  return !untouched(memory.before) || !untouched(memory.between) || !untouched(memory.after);
}

#else

static int failed(dlc_status *status) {
  if (!status)
    return 0;
  fprintf(stderr, "%s\n", dlc_status_message(status));
  dlc_status_free(status);
  return 1;
}

/* What the header says about memory is what the runtime says. */
static int agrees(const dlc_artifact *artifact, const dlc_state *state) {
  int64_t train = 0, predict = 0;
  if (failed(dlc_artifact_arena_bytes(artifact, NET_TRAIN_STEP, NULL, 0, 3, &train)) ||
      failed(dlc_artifact_arena_bytes(artifact, NET_PREDICT, NULL, 0, 1, &predict)))
    return 0;
  return dlc_state_bytes(state) == NET_STATE_BYTES && train == NET_TRAIN_STEP_ARENA_BYTES &&
         predict == NET_PREDICT_ARENA_BYTES;
}

static int print_variables(const dlc_artifact *artifact, dlc_state *state) {
  static unsigned char value[1 << 16];
  uint32_t i, k;
  for (i = 0; i < dlc_artifact_variable_count(artifact); ++i) {
    dlc_tensor_info info = dlc_artifact_variable(artifact, i);
    size_t bytes = (size_t)dlc_dtype_bytes(info.dtype);
    for (k = 0; k < info.rank; ++k)
      bytes *= (size_t)info.dims[k];
    if (failed(dlc_state_get(state, info.name, value, bytes)))
      return 1;
    print(info.name, value, bytes);
  }
  return 0;
}

int main(void) {
  static const int64_t seed[2] = {5, 0};
  dlc_artifact *artifact = NULL;
  dlc_state *state = NULL;
  dlc_session *session = NULL;
  float outputs[4];
  int step, error;
  error = failed(net_open(&artifact)) || failed(dlc_state_create(artifact, NULL, 0, &state)) ||
          failed(dlc_session_create(artifact, state, NULL, NULL, 0, &session)) ||
          !agrees(artifact, state) || failed(net_set_rng_state(state, seed)) ||
          failed(net_prepare_initialize(session)) || failed(net_prepare_train_step(session)) ||
          failed(net_prepare_predict(session)) || failed(net_initialize(session));
  for (step = 0; step < STEPS && !error; ++step) {
    fill(step);
    error = failed(net_train_step(session, x, y, &outputs[0], &outputs[1], &outputs[2],
                                  &outputs[3]));
    print("step", outputs, sizeof outputs);
    error = error || failed(net_predict(session, x, scores));
    print("predict", scores, sizeof scores);
  }
  error = error || print_variables(artifact, state);
  error = error || failed(net_predict(session, x, scores));
  print("again", scores, sizeof scores);
  dlc_session_free(session);
  dlc_state_free(state);
  dlc_artifact_free(artifact);
  return error;
}

#endif
