/* Images to learn from, so that the examples need no files: digits as a clock shows them, in seven
 * strokes, about the middle of 28x28 pixels, of varying size, weight and ink, with noise. */
#ifndef DLC_EXAMPLES_DRAW_H
#define DLC_EXAMPLES_DRAW_H

#include <stdint.h>

enum { DRAW_SIDE = 28, DRAW_PIXELS = DRAW_SIDE * DRAW_SIDE };

/* A number in [0, below); |random| moves on. */
static int draw_number(uint32_t *random, int below) {
  *random = *random * 1664525u + 1013904223u;
  return (int)((*random >> 8) % (uint32_t)below);
}

static void draw_box(float *image, int left, int top, int width, int height, float ink) {
  int x, y;
  for (y = top; y < top + height; ++y)
    for (x = left; x < left + width; ++x)
      image[y * DRAW_SIDE + x] = ink;
}

/* Draws |digit|, 0 to 9. */
static void draw_digit(int digit, uint32_t *random, float *image) {
  /* Strokes: top, upper left, upper right, middle, lower left, lower right, bottom. */
  static const unsigned char strokes[10] = {0x77, 0x24, 0x5d, 0x6d, 0x2e,
                                            0x6b, 0x7b, 0x25, 0x7f, 0x6f};
  int width = 10 + draw_number(random, 3), half = 8 + draw_number(random, 2);
  int pen = 2 + draw_number(random, 2), i;
  int left = 6 + draw_number(random, 5), top = 2 + draw_number(random, 4);
  float ink = 0.5f + (float)draw_number(random, 50) / 100.0f;
  for (i = 0; i < DRAW_PIXELS; ++i)
    image[i] = (float)draw_number(random, 20) / 100.0f;
  for (i = 0; i < 7; ++i) {
    int right = i == 2 || i == 5, row = i / 3; /* where the stroke begins */
    if (!(strokes[digit] >> i & 1))
      continue;
    if (i % 3 == 0)
      draw_box(image, left, top + row * half, width, pen, ink);
    else
      draw_box(image, left + (right ? width - pen : 0), top + (i > 3 ? half : 0), pen, half + pen,
               ink);
  }
}

#endif
