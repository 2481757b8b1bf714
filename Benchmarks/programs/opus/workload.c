// workload [PART SECONDS]...: makes sound, encodes and decodes it; prints sizes and checksums.
//   music     stereo, 48 kHz, 96 kbit/s
//   speech    mono, 16 kHz, 20 kbit/s
#include <opus.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t hash(uint32_t sum, const void *bytes, size_t size) {
  for (size_t i = 0; i < size; ++i) sum = (sum ^ ((const uint8_t *)bytes)[i]) * 16777619u;
  return sum;
}

// Chords that change four times a second, and a little noise.
static void play(float *samples, int count, int channels, double rate, long first) {
  static const double notes[] = {220, 261.63, 329.63, 392, 440, 523.25};
  static uint32_t seed = 7;
  for (int i = 0; i < count; ++i) {
    const double time = (double)(first + i) / rate;
    const int beat = (int)(time * 4);
    const double fade = 1 - (time * 4 - beat) * 0.7;
    for (int channel = 0; channel < channels; ++channel) {
      double value = 0;
      for (int k = 0; k < 3; ++k) value += sin(6.283185307179586 * time * notes[(beat * (k + 1) + k + channel) % 6] * (1 + k % 2));
      seed = seed * 1664525u + 1013904223u;
      samples[i * channels + channel] = (float)(value * fade * 0.2 + ((int)(seed >> 16) - 32768) * 3e-7);
    }
  }
}

static void run(const char *name, int seconds, int rate, int channels, int application, int bits) {
  int error = 0;
  OpusEncoder *encoder = opus_encoder_create(rate, channels, application, &error);
  OpusDecoder *decoder = encoder ? opus_decoder_create(rate, channels, &error) : NULL;
  if (!decoder) {
    fprintf(stderr, "workload: %s: %s\n", name, opus_strerror(error));
    exit(1);
  }
  opus_encoder_ctl(encoder, OPUS_SET_BITRATE(bits));
  opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(10));
  const int frame = rate / 50;
  float samples[1920], decoded[1920];
  uint8_t packet[1500];
  uint32_t packets = 2166136261u, sound = packets;
  long total = 0;
  for (int i = 0; i < seconds * 50; ++i) {
    play(samples, frame, channels, rate, (long)i * frame);
    const int size = opus_encode_float(encoder, samples, frame, packet, sizeof packet);
    if (size < 0 || opus_decode_float(decoder, packet, size, decoded, frame, 0) != frame) {
      fprintf(stderr, "workload: %s: not encoded or not decoded\n", name);
      exit(1);
    }
    packets = hash(packets, packet, (size_t)size);
    sound = hash(sound, decoded, sizeof(float) * (size_t)(frame * channels));
    total += size;
  }
  printf("%s %ld bytes %08x %08x\n", name, total, packets, sound);
  opus_encoder_destroy(encoder);
  opus_decoder_destroy(decoder);
}

int main(int count, char **arguments) {
  for (int part = 1; part + 1 < count; part += 2) {
    const int seconds = atoi(arguments[part + 1]);
    if (!strcmp(arguments[part], "music")) run("music", seconds, 48000, 2, OPUS_APPLICATION_AUDIO, 96000);
    if (!strcmp(arguments[part], "speech")) run("speech", seconds, 16000, 1, OPUS_APPLICATION_VOIP, 20000);
  }
  return 0;
}
