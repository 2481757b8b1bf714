// wasm.hh: callbacks with an environment, traps, vectors that change their owner.
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>

#include "wasm.hh"

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      std::cerr << __FILE__ << ":" << __LINE__ << ": " << #condition << std::endl; \
      exit(1); \
    } \
  } while (0)

static int finalized = 0;

static auto turn(const wasm::vec<wasm::Val>& arguments, wasm::vec<wasm::Val>& results) -> wasm::own<wasm::Trap> {
  for (int i = 0; i < 4; ++i) results[i] = arguments[3 - i].copy();
  return nullptr;
}

static auto refuse(void* env, const wasm::vec<wasm::Val>& arguments, wasm::vec<wasm::Val>&) -> wasm::own<wasm::Trap> {
  return wasm::Trap::make(
    static_cast<wasm::Store*>(env), wasm::Message::make_nt("refused " + std::to_string(arguments[0].i32())));
}

static void run() {
  auto engine = wasm::Engine::make();
  auto store = wasm::Store::make(engine.get());
  std::ifstream file("calls.wasm", std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  auto binary = wasm::vec<byte_t>::make(bytes);
  std::memcpy(binary.get(), bytes.data(), bytes.size());
  CHECK(wasm::Module::validate(store.get(), binary));
  auto module = wasm::Module::make(store.get(), binary);
  CHECK(module);

  auto imports = module->imports();
  CHECK(imports.size() == 2 && std::string(imports[1]->name().get(), imports[1]->name().size()) == "call");
  CHECK(imports[0]->type()->func()->params().size() == 4 && !imports[0]->type()->global());
  auto first = wasm::Func::make(store.get(), imports[0]->type()->func(), turn);
  auto second = wasm::Func::make(
    store.get(), imports[1]->type()->func(), refuse, store.get(), [](void*) { ++finalized; });

  auto none = wasm::vec<wasm::Extern*>::make();
  wasm::own<wasm::Trap> trap;
  CHECK(!wasm::Instance::make(store.get(), module.get(), none, &trap) && trap);
  auto given = wasm::vec<wasm::Extern*>::make(first.get(), second.get());
  auto instance = wasm::Instance::make(store.get(), module.get(), given, &trap);
  CHECK(instance && !trap);
  auto exports = instance->exports();
  CHECK(exports.size() == 14 && exports[0]->same(first.get()) && exports[2]->table()->size() == 4);

  auto arguments = wasm::vec<wasm::Val>::make(
    wasm::Val::i32(1), wasm::Val::i64(2), wasm::Val::f32(3), wasm::Val::f64(4));
  auto results = wasm::vec<wasm::Val>::make_uninitialized(4);
  CHECK(!exports[6]->func()->call(arguments, results));
  CHECK(results[0].f64() == 4 && results[1].f32() == 3 && results[2].i64() == 2 && results[3].i32() == 1);

  auto number = wasm::vec<wasm::Val>::make(wasm::Val::i32(5));
  trap = exports[8]->func()->call(number, results);
  CHECK(trap && std::string(trap->message().get()) == "refused 5");
  CHECK(trap->trace().size() == 1 && trap->origin()->copy()->func_index() == 5);

  // A reference in a result that was there before is released.
  auto object = wasm::Foreign::make(store.get());
  object->set_host_info(&finalized, [](void* count) { ++*static_cast<int*>(count); });
  results[0] = wasm::Val::ref(object->copy());
  CHECK(!exports[5]->func()->call(wasm::vec<wasm::Val>::make(wasm::Val::i32(2), wasm::Val::i32(3)), results));
  CHECK(results[0].i32() == 5 && finalized == 0);
  object.reset();
  CHECK(finalized == 1);

  // A function that cannot be made gives its environment back.
  auto vector = wasm::FuncType::make(
    wasm::ownvec<wasm::ValType>::make(wasm::ValType::make(static_cast<wasm::ValKind>(4))), wasm::ownvec<wasm::ValType>::make());
  int given_back = 0;
  CHECK(!wasm::Func::make(store.get(), vector.get(), refuse, &given_back, [](void* count) { ++*static_cast<int*>(count); }));
  CHECK(given_back == 1);
}

int main() {
  run();
  CHECK(finalized == 2);
  return 0;
}
