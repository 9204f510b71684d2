/* Trains a network on the device that runs it: C99, a compiled model inside the program, dlc's
 * runtime core and libc, no file but the one that it writes.
 *
 *   dlc compile examples/embed_train_c/model.cpp --emit=obj -o mnist_mlp.o
 *   cc main.c mnist_mlp.o libdlcRuntimeCore.a && ./a.out weights.safetensors
 *
 * Draws its images (draw.h), learns to read them, saves the weights, loads them into a state of
 * another session, and reads new images with it. Returns 0 when nine of ten are read correctly.
 */
#include "draw.h"
#include "mnist_mlp.h"

#include <stdio.h>

enum { BATCH = 32, STEPS = 400, TESTS = 200 };

/* Prints the message of a failure and frees it: 0 for success, 1 for a failure. */
static int failed(dlc_status *status) {
  if (!status)
    return 0;
  fprintf(stderr, "embed_train_c: %s\n", dlc_status_message(status));
  dlc_status_free(status);
  return 1;
}

static void draw_batch(uint32_t *random, int count, float *x, int32_t *y) {
  int i;
  for (i = 0; i < count; ++i) {
    y[i] = draw_number(random, 10);
    draw_digit(y[i], random, x + i * DRAW_PIXELS);
  }
}

/* Gives the variables their first values and trains them, one batch after the other. */
static int train(dlc_session *session, dlc_state *state) {
  static float x[MNIST_MLP_TRAIN_STEP_X_ELEMENTS(BATCH)];
  static int32_t y[MNIST_MLP_TRAIN_STEP_Y_ELEMENTS(BATCH)];
  float loss, samples, correct, counted;
  int64_t key[2] = {7, 0}; /* the seed of all random numbers, and how many steps drew some */
  uint32_t random = 1;
  int step, error;
  error = failed(mnist_mlp_set_rng_state(state, key)) ||
          failed(mnist_mlp_prepare_initialize(session)) ||
          failed(mnist_mlp_initialize(session)) ||
          failed(mnist_mlp_prepare_train_step(session, BATCH));
  for (step = 1; step <= STEPS && !error; ++step) {
    draw_batch(&random, BATCH, x, y);
    error = failed(mnist_mlp_train_step(session, BATCH, x, y, &loss, &samples, &correct, &counted));
    if (step % 100 == 0 && !error)
      printf("step %d: loss %.3f, accuracy %.2f\n", step, (double)(loss / samples),
             (double)(correct / counted));
  }
  return error;
}

/* Reads images that training never saw, one at a time. */
static int test(dlc_session *session, int *right) {
  float x[DRAW_PIXELS], scores[10];
  uint32_t random = 99;
  int i, k, error = failed(mnist_mlp_prepare_predict(session, 1));
  *right = 0;
  for (i = 0; i < TESTS && !error; ++i) {
    int32_t digit;
    int best = 0;
    draw_batch(&random, 1, x, &digit);
    error = failed(mnist_mlp_predict(session, 1, x, scores));
    for (k = 1; k < 10; ++k)
      best = scores[k] > scores[best] ? k : best;
    *right += best == digit;
  }
  return error;
}

/* A session of its own on a state of its own, on the calling thread. */
static int open_session(const dlc_artifact *artifact, dlc_state **state, dlc_session **session) {
  return failed(dlc_state_create(artifact, NULL, 0, state)) ||
         failed(dlc_session_create(artifact, *state, NULL, NULL, 0, session));
}

int main(int argc, char **argv) {
  dlc_artifact *artifact = NULL;
  dlc_state *trained = NULL, *loaded = NULL;
  dlc_session *trainer = NULL, *reader = NULL;
  int right = 0, error = argc != 2;
  if (error)
    fprintf(stderr, "usage: embed_train_c WEIGHTS, the file to write\n");
  error = error || failed(mnist_mlp_open(&artifact)) ||
          open_session(artifact, &trained, &trainer) || train(trainer, trained) ||
          failed(dlc_state_save(trained, argv[1], DLC_ROLES_MODEL, NULL, 0)) ||
          open_session(artifact, &loaded, &reader) ||
          failed(dlc_state_load_file(loaded, argv[1], DLC_ROLES_MODEL)) || test(reader, &right);
  if (!error)
    printf("%d of %d new digits are read\n", right, (int)TESTS);
  dlc_session_free(trainer);
  dlc_session_free(reader);
  dlc_state_free(trained);
  dlc_state_free(loaded);
  dlc_artifact_free(artifact);
  return error || right < TESTS * 9 / 10;
}
