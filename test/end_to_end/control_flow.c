/* Loops and branches without a runtime: the modules of test/ops as freestanding objects, their
 * results beside the same sums in C. */
#include "branch.h"
#include "loop.h"
#include "until.h"

#include <stdio.h>

static int wrong; /* results */

static void expect(const char *what, double got, double want) {
  if (got - want > 1e-6 || want - got > 1e-6) {
    printf("%s: expected %g, got %g\n", what, want, got);
    ++wrong;
  }
}

static branch_state branch_state_memory;
static branch_arena branch_arena_memory;
static loop_state loop_state_memory;
static loop_arena loop_arena_memory;
static until_state until_state_memory;
static until_arena until_arena_memory;

int main(void) {
  static const float a[6] = {1, 2, 3, 4, 5, 6}, b[6] = {2, 2, 2, 3, 3, 3};
  static const double x[4][2] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
  float y[6], sum = 0, sums[3] = {0}, grown[2], factor = 1.5f, doubled = 0;
  double last[2], h;
  int64_t times = 0;
  uint8_t yes = 1;
  int i, k;

  branch_f32(&branch_state_memory, &branch_arena_memory, &yes, a, b, y);
  for (i = 0; i < 6; ++i)
    expect("if", y[i], a[i] * b[i]);
  branch_values(&branch_state_memory, &branch_arena_memory, &y[0]);
  expect("else", y[0], -2);

  loop_f64(&loop_state_memory, &loop_arena_memory, &x[0][0], last);
  for (k = 0; k < 2; ++k) {
    for (h = 1, i = 3; i >= 0; --i)
      h = h * x[i][k] + i;
    expect("scan", last[k], h);
  }
  loop_values(&loop_state_memory, &loop_arena_memory, &sum, sums);
  expect("sum", sum, 6);
  expect("sums", sums[1], 3);

  until_f32(&until_state_memory, &until_arena_memory, a, &factor, grown); /* 5 * 2.25^4 > 100 */
  expect("while", grown[1], 2 * 1.5 * 1.5 * 1.5 * 1.5);
  until_values(&until_state_memory, &until_arena_memory, &doubled, &times);
  expect("doubled", doubled, 128);
  expect("times", (double)times, 7);
  return wrong;
}
