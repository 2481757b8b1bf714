// Four rays at a time march through a scene whose shapes are functions of three vectors: the distance to the nearest surface.
// What the scene consists of is chosen by an argument.
#include "simd.h"

enum { WIDTH = 96, HEIGHT = 64, STEPS = 40 };

typedef f32x4 (*shape)(f32x4 x, f32x4 y, f32x4 z);

INLINE f32x4 root(f32x4 x) { return __builtin_elementwise_sqrt(x); }
INLINE f32x4 distance(f32x4 x) { return __builtin_elementwise_abs(x); }

static f32x4 ball(f32x4 x, f32x4 y, f32x4 z) { return root(x * x + y * y + z * z) - 1.0f; }

static f32x4 box(f32x4 x, f32x4 y, f32x4 z) {
  return larger(larger(distance(x) - 0.8f, distance(y) - 0.8f), distance(z) - 0.8f);
}

static f32x4 ring(f32x4 x, f32x4 y, f32x4 z) {
  const f32x4 outer = root(x * x + z * z) - 1.4f;
  return root(outer * outer + y * y) - 0.25f;
}

static f32x4 column(f32x4 x, f32x4 y, f32x4 z) { return larger(root(x * x + z * z) - 0.5f, distance(y) - 1.3f); }

static f32x4 ground(f32x4 x, f32x4 y, f32x4 z) { return y + 1.2f + (x + z) * 0.001f; }

static shape const shapes[] = {ball, ring, ground, box, column};
enum { COUNT = sizeof shapes / sizeof shapes[0] };

NOINLINE static uint64_t draw(const shape *scene, float time, uint64_t sum) {
  const shape first = scene[0], second = scene[1], third = scene[2];
  for (int row = 0; row < HEIGHT; row++) {
    for (int column_ = 0; column_ < WIDTH; column_ += 4) {
      const float right = (float)column_ / WIDTH - 0.5f;
      const f32x4 across = {right, right + 1.0f / WIDTH, right + 2.0f / WIDTH, right + 3.0f / WIDTH};
      const f32x4 down = splat_f32(0.4f - (float)row / HEIGHT);
      const f32x4 scale = 1.0f / root(across * across + down * down + 1.0f);
      f32x4 x = splat_f32(time), y = splat_f32(0.5f), z = splat_f32(-4.0f);
      i32x4 steps = {0};
      for (int i = 0; i < STEPS; i++) {
        const f32x4 solid = larger(first(x, y, z), -second(x, y, z));
        const f32x4 near = smaller(solid, third(x, y, z));
        const i32x4 goes_on = near > 0.001f;
        if (!any_true((u8x16)goes_on)) break;
        const f32x4 length = (f32x4)((i32x4)(near * scale) & goes_on);
        steps -= goes_on;
        x += across * length, y += down * length, z += length;
      }
      sum = mix_vector(sum, (u8x16)((i32x4)z ^ steps));
    }
  }
  return sum;
}

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 300);
  const uint32_t choice = bench_argument(argc, argv, 2, 0);
  shape scene[3];
  for (uint32_t i = 0; i < 3; i++) scene[i] = shapes[(choice + i) % COUNT];
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) sum = draw(scene, (float)(round % 32) * 0.0625f - 1.0f, sum);
  return bench_report("raymarch", sum);
}
