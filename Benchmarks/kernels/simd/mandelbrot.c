// The Mandelbrot set in doubles: four points at a time, until all have left or the limit is reached.
#include "simd.h"

enum { WIDTH = 256, HEIGHT = 192, LIMIT = 200 };

// The number of steps that each of two points stays.
typedef struct {
  f64x2 x, y, start_x, start_y;
  i64x2 steps;
} points;

INLINE i64x2 step(points *p) {
  const f64x2 xx = p->x * p->x, yy = p->y * p->y;
  const i64x2 inside = xx + yy <= 4.0;
  p->y = p->x * p->y * 2 + p->start_y;
  p->x = xx - yy + p->start_x;
  p->steps -= inside;
  return inside;
}

NOINLINE static uint64_t draw(double left, double top, double size, uint64_t sum) {
  const double scale = size / WIDTH;
  for (int row = 0; row < HEIGHT; row++) {
    for (int column = 0; column < WIDTH; column += 4) {
      const f64x2 y = {top + row * scale, top + row * scale};
      const f64x2 x1 = {left + column * scale, left + (column + 1) * scale};
      const f64x2 x2 = {left + (column + 2) * scale, left + (column + 3) * scale};
      points first = {x1, y, x1, y, {0, 0}}, second = {x2, y, x2, y, {0, 0}};
      for (int i = 0; i < LIMIT; i++) {
        const i64x2 inside1 = step(&first), inside2 = step(&second);
        if (!any_true((u8x16)(inside1 | inside2))) break;
      }
      const i64x2 steps = first.steps << 8 ^ second.steps;
      sum = sum * 31 + (uint64_t)(steps[0] + 7 * steps[1]);
    }
  }
  return sum;
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 60);
  uint64_t sum = 0;
  double size = 3;
  for (uint32_t round = 0; round < rounds; round++) {
    sum = bench_mix(sum, draw(-0.745 - size / 2, 0.113 - size / 2, size, sum));
    size = size < 0.001 ? 3 : size * 0.8;
  }
  return bench_report("mandelbrot", sum);
}
