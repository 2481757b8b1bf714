// wasm.hh on top of wasm.h. An object of C++ is the object of C that has its address: none of these classes has members. Vectors have the same
// layout, but C's are freed by free(3) and those of C++ by delete[], so that what changes its owner is moved from one to the other.
#include "wasm.hh"

#include <utility>

#include "wasm.h"

namespace wasm {
namespace {

// Each class with its type of C.
template <class T>
struct c_type;

#define PAIR(Class, name) \
  template <> \
  struct c_type<Class> { \
    using type = wasm_##name##_t; \
  };
PAIR(Config, config)
PAIR(Engine, engine)
PAIR(Store, store)
PAIR(Limits, limits)
PAIR(ValType, valtype)
PAIR(ExternType, externtype)
PAIR(FuncType, functype)
PAIR(GlobalType, globaltype)
PAIR(TableType, tabletype)
PAIR(MemoryType, memorytype)
PAIR(ImportType, importtype)
PAIR(ExportType, exporttype)
PAIR(Ref, ref)
PAIR(Frame, frame)
PAIR(Trap, trap)
PAIR(Module, module)
PAIR(Shared<Module>, shared_module)
PAIR(Foreign, foreign)
PAIR(Extern, extern)
PAIR(Func, func)
PAIR(Global, global)
PAIR(Table, table)
PAIR(Memory, memory)
PAIR(Instance, instance)

template <class T>
auto c(T* object) { return reinterpret_cast<typename c_type<T>::type*>(object); }
template <class T>
auto c(const T* object) { return reinterpret_cast<const typename c_type<T>::type*>(object); }

// What C gives: borrowed, or owned.
template <class T>
auto cc(typename c_type<T>::type* object) { return reinterpret_cast<T*>(object); }
template <class T>
auto cc(const typename c_type<T>::type* object) { return reinterpret_cast<const T*>(object); }
template <class T>
auto owned(typename c_type<T>::type* object) { return own<T>(cc<T>(object)); }

static_assert(sizeof(vec<Val>) == sizeof(wasm_val_vec_t), "vectors have one layout");
static_assert(sizeof(Val) == sizeof(wasm_val_t), "values have one layout");
static_assert(sizeof(Limits) == sizeof(wasm_limits_t), "limits have one layout");
static_assert(sizeof(own<Ref>) == sizeof(wasm_ref_t*), "owning pointers are pointers");

auto c(const vec<byte_t>* bytes) { return reinterpret_cast<const wasm_byte_vec_t*>(bytes); }
auto c(const vec<Val>* values) { return reinterpret_cast<const wasm_val_vec_t*>(values); }
auto c(vec<Val>* values) { return reinterpret_cast<wasm_val_vec_t*>(values); }
auto c(const Val* value) { return reinterpret_cast<const wasm_val_t*>(value); }
auto c(const vec<Extern*>* items) { return reinterpret_cast<const wasm_extern_vec_t*>(items); }

// Bytes that C gave, and that C is to own.
auto taken(wasm_byte_vec_t bytes) -> vec<byte_t> {
  auto result = vec<byte_t>::make(bytes.size, bytes.data);
  wasm_byte_vec_delete(&bytes);
  return result;
}
auto given(const vec<byte_t>& bytes) -> wasm_byte_vec_t {
  wasm_byte_vec_t result;
  wasm_byte_vec_copy(&result, c(&bytes));
  return result;
}

// Moves the elements of a vector that C gave.
template <class T, class V>
auto taken(V vector, void (*free)(V*)) -> ownvec<T> {
  auto result = ownvec<T>::make_uninitialized(vector.size);
  for (size_t i = 0; i < vector.size; ++i) {
    result[i] = owned<T>(vector.data[i]);
    vector.data[i] = nullptr;
  }
  free(&vector);
  return result;
}

auto given(ownvec<ValType>&& types) -> wasm_valtype_vec_t {
  wasm_valtype_vec_t result;
  wasm_valtype_vec_new_uninitialized(&result, types.size());
  for (size_t i = 0; i < types.size(); ++i) result.data[i] = c(types[i].release());
  return result;
}

}  // namespace

// What all classes, and all that can be copied, have.
#define OWN(Class, name) \
  void Class::destroy() { wasm_##name##_delete(c(this)); }
#define COPY(Class, name) \
  OWN(Class, name) \
  auto Class::copy() const -> own<Class> { return owned<Class>(wasm_##name##_copy(c(this))); }

OWN(Config, config)
OWN(Engine, engine)
OWN(Store, store)
OWN(Shared<Module>, shared_module)
COPY(ValType, valtype)
COPY(ExternType, externtype)
COPY(FuncType, functype)
COPY(GlobalType, globaltype)
COPY(TableType, tabletype)
COPY(MemoryType, memorytype)
COPY(ImportType, importtype)
COPY(ExportType, exporttype)
COPY(Ref, ref)
COPY(Frame, frame)
COPY(Trap, trap)
COPY(Module, module)
COPY(Foreign, foreign)
COPY(Extern, extern)
COPY(Func, func)
COPY(Global, global)
COPY(Table, table)
COPY(Memory, memory)
COPY(Instance, instance)

// Environment

auto Config::make() -> own<Config> { return owned<Config>(wasm_config_new()); }
auto Engine::make(own<Config>&& config) -> own<Engine> {
  return owned<Engine>(wasm_engine_new_with_config(c(config.release())));
}
auto Store::make(Engine* engine) -> own<Store> { return owned<Store>(wasm_store_new(c(engine))); }

// Types

auto ValType::make(ValKind kind) -> own<ValType> {
  return owned<ValType>(wasm_valtype_new(static_cast<wasm_valkind_t>(kind)));
}
auto ValType::kind() const -> ValKind { return static_cast<ValKind>(wasm_valtype_kind(c(this))); }

auto ExternType::kind() const -> ExternKind {
  return static_cast<ExternKind>(wasm_externtype_kind(c(this)));
}

#define EXTERNAL_TYPE(method, Class, name) \
  auto ExternType::method() -> Class* { return cc<Class>(wasm_externtype_as_##name(c(this))); } \
  auto ExternType::method() const -> const Class* { \
    return cc<Class>(wasm_externtype_as_##name##_const(c(this))); \
  }
EXTERNAL_TYPE(func, FuncType, functype)
EXTERNAL_TYPE(global, GlobalType, globaltype)
EXTERNAL_TYPE(table, TableType, tabletype)
EXTERNAL_TYPE(memory, MemoryType, memorytype)

auto FuncType::make(ownvec<ValType>&& params, ownvec<ValType>&& results) -> own<FuncType> {
  auto p = given(std::move(params)), r = given(std::move(results));
  return owned<FuncType>(wasm_functype_new(&p, &r));
}
auto FuncType::params() const -> const ownvec<ValType>& {
  return *reinterpret_cast<const ownvec<ValType>*>(wasm_functype_params(c(this)));
}
auto FuncType::results() const -> const ownvec<ValType>& {
  return *reinterpret_cast<const ownvec<ValType>*>(wasm_functype_results(c(this)));
}

auto GlobalType::make(own<ValType>&& content, Mutability mutability) -> own<GlobalType> {
  return owned<GlobalType>(
    wasm_globaltype_new(c(content.release()), static_cast<wasm_mutability_t>(mutability)));
}
auto GlobalType::content() const -> const ValType* {
  return cc<ValType>(wasm_globaltype_content(c(this)));
}
auto GlobalType::mutability() const -> Mutability {
  return static_cast<Mutability>(wasm_globaltype_mutability(c(this)));
}

auto TableType::make(own<ValType>&& element, Limits limits) -> own<TableType> {
  return owned<TableType>(wasm_tabletype_new(c(element.release()), c(&limits)));
}
auto TableType::element() const -> const ValType* {
  return cc<ValType>(wasm_tabletype_element(c(this)));
}
auto TableType::limits() const -> const Limits& {
  return *reinterpret_cast<const Limits*>(wasm_tabletype_limits(c(this)));
}

auto MemoryType::make(Limits limits) -> own<MemoryType> {
  return owned<MemoryType>(wasm_memorytype_new(c(&limits)));
}
auto MemoryType::limits() const -> const Limits& {
  return *reinterpret_cast<const Limits*>(wasm_memorytype_limits(c(this)));
}

auto ImportType::make(Name&& module, Name&& name, own<ExternType>&& type) -> own<ImportType> {
  auto m = given(module), n = given(name);
  return owned<ImportType>(wasm_importtype_new(&m, &n, c(type.release())));
}
auto ImportType::module() const -> const Name& {
  return *reinterpret_cast<const Name*>(wasm_importtype_module(c(this)));
}
auto ImportType::name() const -> const Name& {
  return *reinterpret_cast<const Name*>(wasm_importtype_name(c(this)));
}
auto ImportType::type() const -> const ExternType* {
  return cc<ExternType>(wasm_importtype_type(c(this)));
}

auto ExportType::make(Name&& name, own<ExternType>&& type) -> own<ExportType> {
  auto n = given(name);
  return owned<ExportType>(wasm_exporttype_new(&n, c(type.release())));
}
auto ExportType::name() const -> const Name& {
  return *reinterpret_cast<const Name*>(wasm_exporttype_name(c(this)));
}
auto ExportType::type() const -> const ExternType* {
  return cc<ExternType>(wasm_exporttype_type(c(this)));
}

// References

auto Ref::same(const Ref* other) const -> bool { return wasm_ref_same(c(this), c(other)); }
auto Ref::get_host_info() const -> void* { return wasm_ref_get_host_info(c(this)); }
void Ref::set_host_info(void* info, void (*finalizer)(void*)) {
  wasm_ref_set_host_info_with_finalizer(c(this), info, finalizer);
}

auto Foreign::make(Store* store) -> own<Foreign> {
  return owned<Foreign>(wasm_foreign_new(c(store)));
}

// Traps

auto Frame::instance() const -> Instance* { return cc<Instance>(wasm_frame_instance(c(this))); }
auto Frame::func_index() const -> uint32_t { return wasm_frame_func_index(c(this)); }
auto Frame::func_offset() const -> size_t { return wasm_frame_func_offset(c(this)); }
auto Frame::module_offset() const -> size_t { return wasm_frame_module_offset(c(this)); }

auto Trap::make(Store* store, const Message& message) -> own<Trap> {
  return owned<Trap>(wasm_trap_new(c(store), c(&message)));
}
auto Trap::message() const -> Message {
  wasm_message_t message;
  wasm_trap_message(c(this), &message);
  return taken(message);
}
auto Trap::origin() const -> own<Frame> { return owned<Frame>(wasm_trap_origin(c(this))); }
auto Trap::trace() const -> ownvec<Frame> {
  wasm_frame_vec_t trace;
  wasm_trap_trace(c(this), &trace);
  return taken<Frame>(trace, wasm_frame_vec_delete);
}

// Modules

auto Module::validate(Store* store, const vec<byte_t>& binary) -> bool {
  return wasm_module_validate(c(store), c(&binary));
}
auto Module::make(Store* store, const vec<byte_t>& binary) -> own<Module> {
  return owned<Module>(wasm_module_new(c(store), c(&binary)));
}
auto Module::imports() const -> ownvec<ImportType> {
  wasm_importtype_vec_t types;
  wasm_module_imports(c(this), &types);
  return taken<ImportType>(types, wasm_importtype_vec_delete);
}
auto Module::exports() const -> ownvec<ExportType> {
  wasm_exporttype_vec_t types;
  wasm_module_exports(c(this), &types);
  return taken<ExportType>(types, wasm_exporttype_vec_delete);
}
auto Module::share() const -> own<Shared<Module>> {
  return owned<Shared<Module>>(wasm_module_share(c(this)));
}
auto Module::obtain(Store* store, const Shared<Module>* shared) -> own<Module> {
  return owned<Module>(wasm_module_obtain(c(store), c(shared)));
}
auto Module::serialize() const -> vec<byte_t> {
  wasm_byte_vec_t bytes;
  wasm_module_serialize(c(this), &bytes);
  return taken(bytes);
}
auto Module::deserialize(Store* store, const vec<byte_t>& bytes) -> own<Module> {
  return owned<Module>(wasm_module_deserialize(c(store), c(&bytes)));
}

// Externals

auto Extern::kind() const -> ExternKind { return static_cast<ExternKind>(wasm_extern_kind(c(this))); }
auto Extern::type() const -> own<ExternType> { return owned<ExternType>(wasm_extern_type(c(this))); }

#define EXTERNAL(method, Class) \
  auto Extern::method() -> Class* { return cc<Class>(wasm_extern_as_##method(c(this))); } \
  auto Extern::method() const -> const Class* { \
    return cc<Class>(wasm_extern_as_##method##_const(c(this))); \
  }
EXTERNAL(func, Func)
EXTERNAL(global, Global)
EXTERNAL(table, Table)
EXTERNAL(memory, Memory)

// Functions

namespace {

// A callback of C++ as one of C. What it throws cannot pass wasm code: it ends the process.
struct Callback {
  Func::callback plain;
  Func::callback_with_env with_env;
  void* env;
  void (*finalizer)(void*);

  static auto run(void* self, const wasm_val_vec_t* arguments, wasm_val_vec_t* results) noexcept
    -> wasm_trap_t* {
    auto callback = static_cast<Callback*>(self);
    auto& a = *reinterpret_cast<const vec<Val>*>(arguments);
    auto& r = *reinterpret_cast<vec<Val>*>(results);
    auto trap = callback->plain ? callback->plain(a, r) : callback->with_env(callback->env, a, r);
    return c(trap.release());
  }

  static void finalize(void* self) {
    auto callback = static_cast<Callback*>(self);
    if (callback->finalizer) callback->finalizer(callback->env);
    delete callback;
  }

  static auto make(Store* store, const FuncType* type, Callback callback) -> own<Func> {
    return owned<Func>(wasm_func_new_with_env(
      c(store), c(type), run, new Callback(callback), finalize));
  }
};

}  // namespace

auto Func::make(Store* store, const FuncType* type, callback callback) -> own<Func> {
  return Callback::make(store, type, {callback, nullptr, nullptr, nullptr});
}
auto Func::make(
  Store* store, const FuncType* type, callback_with_env callback, void* env,
  void (*finalizer)(void*)
) -> own<Func> {
  return Callback::make(store, type, {nullptr, callback, env, finalizer});
}
auto Func::type() const -> own<FuncType> { return owned<FuncType>(wasm_func_type(c(this))); }
auto Func::param_arity() const -> size_t { return wasm_func_param_arity(c(this)); }
auto Func::result_arity() const -> size_t { return wasm_func_result_arity(c(this)); }
auto Func::call(const vec<Val>& arguments, vec<Val>& results) const -> own<Trap> {
  // C overwrites what is there.
  for (size_t i = 0; i < results.size(); ++i) results[i].reset();
  return owned<Trap>(wasm_func_call(c(this), c(&arguments), c(&results)));
}

// Globals, tables, memories

auto Global::make(Store* store, const GlobalType* type, const Val& value) -> own<Global> {
  return owned<Global>(wasm_global_new(c(store), c(type), c(&value)));
}
auto Global::type() const -> own<GlobalType> {
  return owned<GlobalType>(wasm_global_type(c(this)));
}
auto Global::get() const -> Val {
  Val value;
  wasm_global_get(c(this), reinterpret_cast<wasm_val_t*>(&value));
  return value;
}
void Global::set(const Val& value) { wasm_global_set(c(this), c(&value)); }

auto Table::make(Store* store, const TableType* type, const Ref* init) -> own<Table> {
  return owned<Table>(wasm_table_new(c(store), c(type), c(const_cast<Ref*>(init))));
}
auto Table::type() const -> own<TableType> { return owned<TableType>(wasm_table_type(c(this))); }
auto Table::get(size_t index) const -> own<Ref> {
  return owned<Ref>(wasm_table_get(c(this), index));
}
auto Table::set(size_t index, const Ref* element) -> bool {
  return wasm_table_set(c(this), index, c(const_cast<Ref*>(element)));
}
auto Table::size() const -> size_t { return wasm_table_size(c(this)); }
auto Table::grow(size_t delta, const Ref* init) -> bool {
  return wasm_table_grow(c(this), delta, c(const_cast<Ref*>(init)));
}

auto Memory::make(Store* store, const MemoryType* type) -> own<Memory> {
  return owned<Memory>(wasm_memory_new(c(store), c(type)));
}
auto Memory::type() const -> own<MemoryType> {
  return owned<MemoryType>(wasm_memory_type(c(this)));
}
auto Memory::data() const -> byte_t* { return wasm_memory_data(const_cast<wasm_memory_t*>(c(this))); }
auto Memory::data_size() const -> std::size_t { return wasm_memory_data_size(c(this)); }
auto Memory::size() const -> pages_t { return wasm_memory_size(c(this)); }
auto Memory::grow(pages_t delta) -> bool { return wasm_memory_grow(c(this), delta); }

// Instances

auto Instance::make(
  Store* store, const Module* module, const vec<Extern*>& imports, own<Trap>* trap
) -> own<Instance> {
  wasm_trap_t* failure = nullptr;
  auto instance = wasm_instance_new(c(store), c(module), c(&imports), &failure);
  auto owned_failure = owned<Trap>(failure);
  if (trap) *trap = std::move(owned_failure);
  return owned<Instance>(instance);
}
auto Instance::exports() const -> ownvec<Extern> {
  wasm_extern_vec_t items;
  wasm_instance_exports(c(this), &items);
  return taken<Extern>(items, wasm_extern_vec_delete);
}

}  // namespace wasm
