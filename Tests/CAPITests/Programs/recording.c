// Recording, by engine, by store, by neither; several stores and threads; profiles while it goes on and at the end; what fails.
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "indirect.h"

static wasm_engine_t *engine;

static bool exists(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file != NULL) fclose(file);
  return file != NULL;
}

// What a file begins with: counters that are still counted in, or a compact profile.
static bool begins(const char *path, const char *magic) {
  wasm_byte_vec_t bytes = read_file(path);
  bool is_so = bytes.size >= 8 && memcmp(bytes.data, magic, 8) == 0;
  wasm_byte_vec_delete(&bytes);
  return is_so;
}

static void write_file(const char *path, const wasm_byte_vec_t *bytes) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL && fwrite(bytes->data, 1, bytes->size, file) == bytes->size && fclose(file) == 0);
}

static void *thread(void *shared) {
  for (int i = 0; i < 10; i++) {
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = wasm_module_obtain(store, shared);
    wasm_instance_t *instance = plugin(store, module);
    CHECK(instance != NULL);
    run(instance, 100, 0);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
  }
  return NULL;
}

int main(void) {
  CHECK(wasm_pgo_recording_new("%x") == NULL && failed(WASM_PGO_USAGE, "'%x' in a profile's name"));
  wasm_pgo_recording_delete(NULL);

  // By the engine: three stores in two threads and here.
  wasm_pgo_recording_t *recording = wasm_pgo_recording_new("engine.wasmprof");
  CHECK(recording != NULL);
  wasm_config_t *config = wasm_config_new();
  wasm_pgo_config_set_recording(config, recording);
  engine = wasm_engine_new_with_config(config);
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = load(store, "indirect.wasm");
  CHECK(wasm_pgo_recording_finish(recording) && !exists("engine.wasmprof"));
  wasm_instance_t *instance = plugin(store, module);
  CHECK(instance != NULL && begins("engine.wasmprof", "WPGOCNT1"));
  run(instance, 30, 1);
  wasm_shared_module_t *shared = wasm_module_share(module);
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, thread, shared) == 0);
  for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  wasm_shared_module_delete(shared);

  // On request: in memory, and in the file. What comes later is in neither.
  wasm_byte_vec_t profile;
  wasm_pgo_module_profile(module, &profile);
  CHECK(profile.size > 8);
  write_file("memory.wasmprof", &profile);
  wasm_byte_vec_delete(&profile);
  CHECK(wasm_pgo_recording_finish(recording) && begins("engine.wasmprof", "PGOPROF1"));
  run(instance, 5, 1);

  // By the store, with no file; then by nobody.
  wasm_pgo_recording_t *own = wasm_pgo_recording_new(NULL);
  wasm_pgo_store_set_recording(store, own);
  wasm_module_t *other = load(store, "indirect.wasm");
  wasm_instance_t *second = plugin(store, other);
  CHECK(second != NULL);
  run(second, 7, 0);
  wasm_pgo_module_profile(other, &profile);
  CHECK(profile.size > 8 && wasm_pgo_recording_finish(own));
  write_file("store.wasmprof", &profile);
  wasm_byte_vec_delete(&profile);
  wasm_pgo_recording_delete(own);
  wasm_instance_delete(second);
  wasm_module_delete(other);
  wasm_pgo_store_set_recording(store, NULL);
  other = load(store, "indirect.wasm");
  wasm_pgo_module_profile(other, &profile);
  CHECK(profile.size == 0 && failed(WASM_PGO_USAGE, "not recorded"));
  wasm_module_delete(other);

  // A place that cannot be written.
  wasm_pgo_recording_t *nowhere = wasm_pgo_recording_new("none/p.wasmprof");
  wasm_pgo_store_set_recording(store, nowhere);
  other = load(store, "indirect.wasm");
  CHECK(plugin(store, other) == NULL && failed(WASM_PGO_SYSTEM, "profile: cannot create it"));
  CHECK(wasm_pgo_recording_finish(nowhere));
  wasm_pgo_recording_delete(nowhere);
  wasm_module_delete(other);

  // The last user finishes.
  wasm_pgo_recording_t *last = wasm_pgo_recording_new("last.wasmprof");
  wasm_store_t *short_lived = wasm_store_new(engine);
  wasm_pgo_store_set_recording(short_lived, last);
  wasm_pgo_recording_delete(last);
  other = load(short_lived, "indirect.wasm");
  second = plugin(short_lived, other);
  CHECK(second != NULL);
  run(second, 11, 1);
  CHECK(begins("last.wasmprof", "WPGOCNT1"));
  wasm_instance_delete(second);
  wasm_module_delete(other);
  wasm_store_delete(short_lived);
  CHECK(begins("last.wasmprof", "PGOPROF1"));

  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  // Again, where that cannot be, and where it can.
  CHECK(remove("engine.wasmprof") == 0 && mkdir("engine.wasmprof", 0700) == 0);
  CHECK(!wasm_pgo_recording_finish(recording) && failed(WASM_PGO_SYSTEM, "engine.wasmprof"));
  CHECK(rmdir("engine.wasmprof") == 0);
  CHECK(wasm_pgo_recording_finish(recording) && begins("engine.wasmprof", "PGOPROF1"));
  wasm_pgo_recording_delete(recording);
  return 0;
}
