// workload [PART COUNT]...: draws a picture, and COUNT times encodes it and decodes it again; prints sizes and checksums.
//   lossy       three qualities in turn
//   lossless    a smaller picture of few colors
#include <webp/decode.h>
#include <webp/encode.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t seed;
static uint32_t next(uint32_t limit) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % limit;
}

static uint32_t hash(const uint8_t *bytes, size_t size) {
  uint32_t sum = 2166136261u;
  for (size_t i = 0; i < size; ++i) sum = (sum ^ bytes[i]) * 16777619u;
  return sum;
}

// A sky, discs and noise; RGBA.
static uint8_t *draw(int width, int height, int noise) {
  uint8_t *pixels = malloc((size_t)width * height * 4);
  if (!pixels) exit(1);
  for (int i = 0; i < width * height; ++i) {
    const int y = i / width, x = i % width;
    const uint8_t color[] = {(uint8_t)(60 + 100 * y / height), (uint8_t)(110 + 60 * x / width), 200, 255};
    memcpy(pixels + 4 * i, color, 4);
  }
  for (int disc = 0; disc < 40; ++disc) {
    const int radius = 4 + (int)next(40), left = (int)next(width), top = (int)next(height);
    const uint8_t color[] = {(uint8_t)next(256), (uint8_t)next(256), (uint8_t)next(256), (uint8_t)(disc % 4 ? 255 : 128)};
    for (int y = -radius; y <= radius; ++y) {
      for (int x = -radius; x <= radius; ++x) {
        if (x * x + y * y > radius * radius || left + x < 0 || left + x >= width || top + y < 0 || top + y >= height) continue;
        memcpy(pixels + 4 * ((top + y) * width + left + x), color, 4);
      }
    }
  }
  for (int i = 0; noise && i < width * height * 4; ++i) {
    const int value = pixels[i] + (int)next(2 * noise + 1) - noise;
    if (i % 4 != 3) pixels[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
  }
  return pixels;
}

static void turn(const char *name, int width, int height, int noise, float quality, int is_lossless) {
  uint8_t *pixels = draw(width, height, noise), *encoded = NULL;
  const size_t size = is_lossless ? WebPEncodeLosslessRGBA(pixels, width, height, width * 4, &encoded)
                                  : WebPEncodeRGBA(pixels, width, height, width * 4, quality, &encoded);
  int decoded_width = 0, decoded_height = 0;
  uint8_t *decoded = size ? WebPDecodeRGBA(encoded, size, &decoded_width, &decoded_height) : NULL;
  if (!decoded || decoded_width != width || decoded_height != height) {
    fprintf(stderr, "workload: %s: not encoded or not decoded\n", name);
    exit(1);
  }
  printf("%s %zu %08x %08x\n", name, size, hash(encoded, size), hash(decoded, (size_t)width * height * 4));
  WebPFree(encoded);
  WebPFree(decoded);
  free(pixels);
}

int main(int count, char **arguments) {
  static const float qualities[] = {50, 75, 90};
  for (int part = 1; part + 1 < count; part += 2) {
    seed = 7;
    for (int i = 0; i < atoi(arguments[part + 1]); ++i) {
      if (!strcmp(arguments[part], "lossy")) turn("lossy", 500, 375, 12, qualities[i % 3], 0);
      if (!strcmp(arguments[part], "lossless")) turn("lossless", 200, 150, 0, 0, 1);
    }
  }
  return 0;
}
