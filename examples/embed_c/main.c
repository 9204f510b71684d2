/* A network inside a C99 program that needs nothing else: its object asks for memcpy and memset
 * alone, its memory is static, and it trains where it runs. What prints here would blink a light on
 * a machine without an operating system.
 *
 *   dlc compile examples/embed_c/model.cpp --emit=obj --freestanding --bind B=4 -o tiny.o
 *   cc main.c tiny.o && ./a.out
 *
 * Learns which of four pairs of numbers differ. Returns 0 when all four answers are right.
 */
#include "tiny.h"

#include <stdio.h>

static tiny_state state; /* variables; they begin as zeros */
static tiny_arena arena; /* what lives during a call */

int main(void) {
  static const float pairs[TINY_TRAIN_STEP_X_ELEMENTS] = {0, 0, 0, 1, 1, 0, 1, 1};
  static const float differ[TINY_TRAIN_STEP_Y_ELEMENTS] = {0, 1, 1, 0};
  static const int64_t seed[2] = {7, 0};
  float loss = 0, samples = 0, scores[TINY_PREDICT_Y_ELEMENTS];
  int step, i, right = 0;

  tiny_set_rng_state(&state, seed);
  tiny_initialize(&state, &arena);
  for (step = 0; step < 500; ++step)
    tiny_train_step(&state, &arena, pairs, differ, &loss, &samples);

  tiny_predict(&state, &arena, pairs, scores);
  for (i = 0; i < 4; ++i) {
    printf("%g and %g %s\n", (double)pairs[2 * i], (double)pairs[2 * i + 1],
           scores[i] > 0 ? "differ" : "agree");
    right += (scores[i] > 0) == (differ[i] > 0);
  }
  printf("loss %.4f, %d bytes of state, %d of arena\n", (double)(loss / samples),
         (int)sizeof state, (int)sizeof arena);
  return right != 4;
}
