// Waves on a membrane: plain loops over floats, without a vector in the source. Clang makes them.
#include "simd.h"

enum { WIDTH = 256, HEIGHT = 192 };

static float heights[2][HEIGHT][WIDTH], damping[HEIGHT][WIDTH];

// The next heights in place of those before.
NOINLINE static void advance(const float (*restrict now)[WIDTH], float (*restrict before)[WIDTH]) {
  for (int y = 1; y < HEIGHT - 1; y++) {
    for (int x = 1; x < WIDTH - 1; x++) {
      const float around = now[y][x - 1] + now[y][x + 1] + now[y - 1][x] + now[y + 1][x];
      const float next = 2 * now[y][x] - before[y][x] + 0.2f * (around - 4 * now[y][x]);
      before[y][x] = next * damping[y][x];
    }
  }
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 1000);
  uint64_t seed = 9, sum = 0;
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) damping[y][x] = 0.999f - (float)(bench_random(&seed) % 100) * 0.0001f;
  }
  for (uint32_t round = 0; round < rounds; round++) {
    const uint32_t now = round & 1;
    heights[now][1 + bench_random(&seed) % (HEIGHT - 2)][1 + bench_random(&seed) % (WIDTH - 2)] += 1;
    advance(heights[now], heights[!now]);
    sum = mix_vector(sum, load(&heights[!now][round % HEIGHT][round % (WIDTH - 4)]));
  }
  return bench_report("wave", sum);
}
