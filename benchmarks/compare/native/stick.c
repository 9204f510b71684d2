/* The part of the measuring stick that must not run in Python: loops over calls of our runtime, the
 * limits of the machine, and the comparison of large outputs.
 *
 * Linked with the runtime's core into one shared library, which Python loads. Every loop runs on
 * the calling thread, so that the clock around it sees what the calls cost and nothing else. */
#include "dlc/runtime.h"

#include <math.h>
#include <stdint.h>
#include <time.h>

/* Runs |entry| |count| times; the first failure ends the loop and is returned. */
dlc_status *stick_run(dlc_session *session, uint32_t entry, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    dlc_status *status = dlc_session_run(session, entry);
    if (status)
      return status;
  }
  return NULL;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* The same, with the nanoseconds of every call, for the tail of a latency. */
dlc_status *stick_run_each(dlc_session *session, uint32_t entry, int64_t count, int64_t *times) {
  for (int64_t i = 0; i < count; ++i) {
    int64_t start = now();
    dlc_status *status = dlc_session_run(session, entry);
    if (status)
      return status;
    times[i] = now() - start;
  }
  return NULL;
}

typedef float vec __attribute__((vector_size(64), aligned(4)));

typedef float half_vec __attribute__((vector_size(32), aligned(4)));

/* Multiply-adds in independent chains, nothing in memory: the peak of one core. Does
 * |steps| * stick_peak_flops() operations, half as many in vectors of 256 bits. Sixteen chains cover
 * the latency of two FMA units; they are written out because an array would be kept in memory. */
#define CHAINS(apply)                                                                              \
  apply(0) apply(1) apply(2) apply(3) apply(4) apply(5) apply(6) apply(7) apply(8) apply(9)        \
  apply(10) apply(11) apply(12) apply(13) apply(14) apply(15)
#define START(i) c##i = x + (float)(i);
#define STEP(i) c##i = c##i * x + x;
#define ADD(i) total += c##i;
#define PEAK(name, type)                                                                           \
  float name(int64_t steps) {                                                                      \
    volatile float seed = 0.5f;                                                                    \
    type x = (type){0} + seed, total = {0};                                                        \
    type c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15;                     \
    CHAINS(START)                                                                                  \
    for (int64_t i = 0; i < steps; ++i) {                                                          \
      CHAINS(STEP)                                                                                 \
      __asm__ volatile("" : "+x"(x)); /* the next step is not the same step */                     \
    }                                                                                              \
    CHAINS(ADD)                                                                                    \
    float sum = 0;                                                                                 \
    for (unsigned i = 0; i < sizeof(type) / sizeof(float); ++i)                                    \
      sum += total[i];                                                                             \
    return sum;                                                                                    \
  }
int64_t stick_peak_flops(void) { return 2 * 16 * 16; }
PEAK(stick_peak, vec)
PEAK(stick_peak_256, half_vec)

/* Ordinary loads and stores of |bytes| bytes, a multiple of 256, read once and written once. */
void stick_copy(void *to, const void *from, int64_t bytes) {
  for (int64_t i = 0; i < bytes / 64; i += 4)
    for (int j = 0; j < 4; ++j)
      ((vec *)to)[i + j] = ((const vec *)from)[i + j];
  __asm__ volatile("" ::: "memory");
}

/* How far two outputs are apart, measured so that neither a large neighbour hides a wrong element
 * nor rounding of a small one counts: the largest |a - b| / (|b| + rms(b)). Infinite when either
 * side has a NaN or infinity that the other has not. Two outputs of zeros agree. */
double stick_distance(const float *a, const float *b, int64_t count) {
  double squares = 0, worst = 0;
  for (int64_t i = 0; i < count; ++i)
    if (isfinite(b[i]))
      squares += (double)b[i] * b[i];
  double rms = count ? sqrt(squares / (double)count) : 0;
  for (int64_t i = 0; i < count; ++i) {
    if (a[i] == b[i] || (isnan(a[i]) && isnan(b[i])))
      continue;
    double apart = fabs((double)a[i] - b[i]) / (fabs(b[i]) + rms + 1e-30);
    if (!(apart <= worst))
      worst = isfinite(apart) ? apart : INFINITY;
  }
  return worst;
}

/* The sum of the squares of |a| - |b|; |b| may be NULL for zeros. */
double stick_squares(const float *a, const float *b, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    double apart = (double)a[i] - (b ? b[i] : 0);
    sum += apart * apart;
  }
  return sum;
}

/* Loops over calls of an sgemm that the script has found in some library. */
typedef void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int,
                      float, float *, int);
typedef struct stick_gemm {
  void *function;
  const float *a, *b;
  float *c;
  int64_t m, n, k, batch, transpose_a, transpose_b;
} stick_gemm;

void stick_run_gemm(const stick_gemm *g, int64_t count) {
  sgemm call = (sgemm)(uintptr_t)g->function;
  int m = (int)g->m, n = (int)g->n, k = (int)g->k;
  for (int64_t i = 0; i < count; ++i)
    for (int64_t j = 0; j < g->batch; ++j)
      call(101, g->transpose_a ? 112 : 111, g->transpose_b ? 112 : 111, m, n, k, 1.0f,
           g->a + j * g->m * g->k, g->transpose_a ? m : k, g->b + j * g->k * g->n,
           g->transpose_b ? k : n, 0.0f, g->c + j * g->m * g->n, n);
}
