// The standard C++ API of WebAssembly engines, as this library has it: wasm.h in classes. The names, types and meanings are those of
// https://github.com/WebAssembly/wasm-c-api: a program that was written for them needs no change. wasm.h says what each thing does, which threads
// may use it, and how it fails; here what fails is a null pointer, false, or an invalid vector. C++11.
//
// Nobody makes an object of these classes but their `make` functions, and nobody deletes one but `own`, which owns what it points to. Plain pointers
// and references are borrowed.
#ifndef WASM_HH
#define WASM_HH

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <utility>

#ifndef WASM_API_EXTERN
#define WASM_API_EXTERN
#endif

using byte_t = char;
using float32_t = float;
using float64_t = double;

namespace wasm {

///////////////////////////////////////////////////////////////////////////////
// Ownership

// Ends what an `own` owned.
class destroyer {
public:
  template <class T>
  void operator()(T* object) { object->destroy(); }
};

template <class T>
using own = std::unique_ptr<T, destroyer>;

template <class T>
own<T> make_own(T* object) { return own<T>(object); }

// What all classes begin with; undefined again at the end.
#define WPGO_CLASS(Class) \
  friend class destroyer; \
  void destroy(); \
\
protected: \
  Class() = default; \
  ~Class() = default; \
\
public:

///////////////////////////////////////////////////////////////////////////////
// Vectors

// A number of elements, which it owns, or *invalid*: what was moved from, released, or could not be made. An invalid one is false.
template <class T>
class vec {
public:
  using elem_type = T;

  static auto make_uninitialized(size_t size = 0) -> vec { return vec(size); }
  static auto make() -> vec { return vec(0); }
  // Moves the elements of an array.
  static auto make(size_t size, T elements[]) -> vec {
    vec result(size);
    if (result) std::move(elements, elements + size, result.get());
    return result;
  }
  // Moves these elements.
  template <class... Elements>
  static auto make(Elements&&... elements) -> vec {
    T array[] = {std::forward<Elements>(elements)...};
    return make(sizeof...(Elements), array);
  }
  // The bytes of a string, and the same with a zero behind them.
  static auto make(std::string string) -> vec<char> { return vec<char>::make(string.size(), &string[0]); }
  static auto make_nt(std::string string) -> vec<char> { return vec<char>::make(string.size() + 1, &string[0]); }
  // Takes over an array that came from new[].
  static auto adopt(size_t size, T elements[]) -> vec { return vec(size, elements); }
  static auto invalid() -> vec { return vec(none, nullptr); }

  vec(vec&& other) : size_(other.size_), elements_(other.release()) {}
  auto operator=(vec&& other) -> vec& {
    reset(other);
    return *this;
  }

  operator bool() const { return size_ != none; }
  auto size() const -> size_t { return size_; }
  auto get() -> T* { return elements_.get(); }
  auto get() const -> const T* { return elements_.get(); }
  auto operator[](size_t index) -> T& {
    assert(index < size_);
    return elements_[index];
  }
  auto operator[](size_t index) const -> const T& {
    assert(index < size_);
    return elements_[index];
  }

  // Of elements that can be assigned; `deep_copy` of those that are copied by their own `copy`.
  auto copy() const -> vec {
    vec result(size_);
    for (size_t index = 0; result && index < size_; ++index) result[index] = elements_[index];
    return result;
  }
  auto deep_copy() const -> vec {
    vec result(size_);
    for (size_t index = 0; result && index < size_; ++index) {
      if (elements_[index]) result[index] = elements_[index]->copy();
    }
    return result;
  }

  // Gives up the array, which is to be freed by delete[].
  auto release() -> T* {
    size_ = none;
    return elements_.release();
  }
  void reset() {
    size_ = none;
    elements_.reset();
  }
  // Becomes what the other one was, which becomes invalid.
  void reset(vec& other) {
    if (this == &other) return;
    const size_t size = other.size_;
    elements_.reset(other.release());
    size_ = size;
  }

private:
  static const size_t none = SIZE_MAX;

  // Invalid if there is no memory.
  explicit vec(size_t size) : size_(size) {
    if (size == 0 || size == none) return;
    elements_.reset(new (std::nothrow) T[size]());
    if (!elements_) size_ = none;
  }
  vec(size_t size, T* elements) : size_(size), elements_(elements) {}

  size_t size_;
  std::unique_ptr<T[]> elements_;
};

template <class T>
using ownvec = vec<own<T>>;

// UTF-8.
using Name = vec<byte_t>;

///////////////////////////////////////////////////////////////////////////////
// Engine and store

class WASM_API_EXTERN Config {
  WPGO_CLASS(Config)
  static auto make() -> own<Config>;
};

class WASM_API_EXTERN Engine {
  WPGO_CLASS(Engine)
  static auto make(own<Config>&& = Config::make()) -> own<Engine>;
};

class WASM_API_EXTERN Store {
  WPGO_CLASS(Store)
  static auto make(Engine*) -> own<Store>;
};

///////////////////////////////////////////////////////////////////////////////
// Types

enum class ValKind : uint8_t { I32 = 0, I64 = 1, F32 = 2, F64 = 3, EXTERNREF = 128, FUNCREF = 129 };

inline bool is_ref(ValKind kind) { return kind >= ValKind::EXTERNREF; }
inline bool is_num(ValKind kind) { return !is_ref(kind); }

class WASM_API_EXTERN ValType {
  WPGO_CLASS(ValType)
  static auto make(ValKind) -> own<ValType>;
  auto copy() const -> own<ValType>;
  auto kind() const -> ValKind;
  auto is_num() const -> bool { return wasm::is_num(kind()); }
  auto is_ref() const -> bool { return wasm::is_ref(kind()); }
};

enum class Mutability : uint8_t { CONST, VAR };

// Of tables in elements, of memories in pages.
struct Limits {
  uint32_t min;
  uint32_t max;

  // Without a maximum by default.
  Limits(uint32_t min, uint32_t max = std::numeric_limits<uint32_t>::max()) : min(min), max(max) {}
};

enum class ExternKind : uint8_t { FUNC, GLOBAL, TABLE, MEMORY };

class FuncType;
class GlobalType;
class TableType;
class MemoryType;

class WASM_API_EXTERN ExternType {
  WPGO_CLASS(ExternType)
  auto copy() const -> own<ExternType>;
  auto kind() const -> ExternKind;
  // Null if it is of another kind.
  auto func() -> FuncType*;
  auto func() const -> const FuncType*;
  auto global() -> GlobalType*;
  auto global() const -> const GlobalType*;
  auto table() -> TableType*;
  auto table() const -> const TableType*;
  auto memory() -> MemoryType*;
  auto memory() const -> const MemoryType*;
};

class WASM_API_EXTERN FuncType : public ExternType {
  WPGO_CLASS(FuncType)
  static auto make(
    ownvec<ValType>&& params = ownvec<ValType>::make(), ownvec<ValType>&& results = ownvec<ValType>::make()
  ) -> own<FuncType>;
  auto copy() const -> own<FuncType>;
  auto params() const -> const ownvec<ValType>&;
  auto results() const -> const ownvec<ValType>&;
};

class WASM_API_EXTERN GlobalType : public ExternType {
  WPGO_CLASS(GlobalType)
  static auto make(own<ValType>&& content, Mutability) -> own<GlobalType>;
  auto copy() const -> own<GlobalType>;
  auto content() const -> const ValType*;
  auto mutability() const -> Mutability;
};

class WASM_API_EXTERN TableType : public ExternType {
  WPGO_CLASS(TableType)
  static auto make(own<ValType>&& element, Limits) -> own<TableType>;
  auto copy() const -> own<TableType>;
  auto element() const -> const ValType*;
  auto limits() const -> const Limits&;
};

class WASM_API_EXTERN MemoryType : public ExternType {
  WPGO_CLASS(MemoryType)
  static auto make(Limits) -> own<MemoryType>;
  auto copy() const -> own<MemoryType>;
  auto limits() const -> const Limits&;
};

class WASM_API_EXTERN ImportType {
  WPGO_CLASS(ImportType)
  static auto make(Name&& module, Name&& name, own<ExternType>&&) -> own<ImportType>;
  auto copy() const -> own<ImportType>;
  auto module() const -> const Name&;
  auto name() const -> const Name&;
  auto type() const -> const ExternType*;
};

class WASM_API_EXTERN ExportType {
  WPGO_CLASS(ExportType)
  static auto make(Name&& name, own<ExternType>&&) -> own<ExportType>;
  auto copy() const -> own<ExportType>;
  auto name() const -> const Name&;
  auto type() const -> const ExternType*;
};

///////////////////////////////////////////////////////////////////////////////
// References and values

class WASM_API_EXTERN Ref {
  WPGO_CLASS(Ref)
  // One more owner of the same thing.
  auto copy() const -> own<Ref>;
  auto same(const Ref*) const -> bool;
  auto get_host_info() const -> void*;
  void set_host_info(void* info, void (*finalizer)(void* info) = nullptr);
};

// A number, or a reference, which it owns. Laid out as a wasm_val_t.
class Val {
public:
  // A null reference.
  Val() : Val(own<Ref>()) {}
  explicit Val(int32_t number) : kind_(ValKind::I32) { of_.i32 = number; }
  explicit Val(int64_t number) : kind_(ValKind::I64) { of_.i64 = number; }
  explicit Val(float32_t number) : kind_(ValKind::F32) { of_.f32 = number; }
  explicit Val(float64_t number) : kind_(ValKind::F64) { of_.f64 = number; }
  explicit Val(own<Ref>&& reference) : kind_(ValKind::EXTERNREF) { of_.ref = reference.release(); }

  Val(Val&& other) : kind_(other.kind_), of_(other.of_) { other.forget(); }
  auto operator=(Val&& other) -> Val& {
    reset(other);
    return *this;
  }
  ~Val() { reset(); }

  static auto i32(int32_t number) -> Val { return Val(number); }
  static auto i64(int64_t number) -> Val { return Val(number); }
  static auto f32(float32_t number) -> Val { return Val(number); }
  static auto f64(float64_t number) -> Val { return Val(number); }
  static auto ref(own<Ref>&& reference) -> Val { return Val(std::move(reference)); }
  // Of int32_t, uint32_t, int64_t, uint64_t, float32_t, float64_t; and of own<Ref>.
  template <class T>
  static auto make(T number) -> Val;
  template <class T>
  static auto make(own<T>&& reference) -> Val;

  auto kind() const -> ValKind { return kind_; }
  auto is_num() const -> bool { return wasm::is_num(kind_); }
  auto is_ref() const -> bool { return wasm::is_ref(kind_); }

  // Only of this kind.
  auto i32() const -> int32_t { return checked(ValKind::I32).i32; }
  auto i64() const -> int64_t { return checked(ValKind::I64).i64; }
  auto f32() const -> float32_t { return checked(ValKind::F32).f32; }
  auto f64() const -> float64_t { return checked(ValKind::F64).f64; }
  auto ref() const -> Ref* {
    assert(is_ref());
    return of_.ref;
  }
  // As what `make` takes; Ref* in the place of own<Ref>.
  template <class T>
  auto get() const -> T;

  // What is left is null.
  auto release_ref() -> own<Ref> {
    own<Ref> reference(ref());
    forget();
    return reference;
  }
  // A reference becomes null; numbers stay.
  void reset() {
    if (is_ref()) release_ref();
  }
  // Becomes what the other one was; if that is a reference, the other one becomes null.
  void reset(Val& other) {
    if (this == &other) return;
    reset();
    kind_ = other.kind_;
    of_ = other.of_;
    other.forget();
  }
  auto copy() const -> Val {
    Val result;
    result.kind_ = kind_;
    result.of_ = of_;
    if (is_ref() && of_.ref) result.of_.ref = of_.ref->copy().release();
    return result;
  }

private:
  union Of {
    int32_t i32;
    int64_t i64;
    float32_t f32;
    float64_t f64;
    Ref* ref;
  };

  auto checked(ValKind kind) const -> const Of& {
    assert(kind_ == kind);
    (void)kind;
    return of_;
  }
  void forget() {
    if (is_ref()) of_.ref = nullptr;
  }

  ValKind kind_;
  Of of_;
};

#define WPGO_NUMBER(Type, kind, Stored) \
  template <> \
  inline auto Val::make<Type>(Type number) -> Val { return Val(static_cast<Stored>(number)); } \
  template <> \
  inline auto Val::get<Type>() const -> Type { return static_cast<Type>(kind()); }
WPGO_NUMBER(int32_t, i32, int32_t)
WPGO_NUMBER(uint32_t, i32, int32_t)
WPGO_NUMBER(int64_t, i64, int64_t)
WPGO_NUMBER(uint64_t, i64, int64_t)
WPGO_NUMBER(float32_t, f32, float32_t)
WPGO_NUMBER(float64_t, f64, float64_t)
#undef WPGO_NUMBER

template <>
inline auto Val::make<Ref>(own<Ref>&& reference) -> Val { return Val(std::move(reference)); }
template <>
inline auto Val::get<Ref*>() const -> Ref* { return ref(); }

///////////////////////////////////////////////////////////////////////////////
// Traps

class Instance;

class WASM_API_EXTERN Frame {
  WPGO_CLASS(Frame)
  auto copy() const -> own<Frame>;
  // Null if it is not known.
  auto instance() const -> Instance*;
  auto func_index() const -> uint32_t;
  auto func_offset() const -> size_t;
  auto module_offset() const -> size_t;
};

// With a zero at its end.
using Message = vec<byte_t>;

class WASM_API_EXTERN Trap : public Ref {
  WPGO_CLASS(Trap)
  static auto make(Store*, const Message&) -> own<Trap>;
  auto copy() const -> own<Trap>;
  auto message() const -> Message;
  // The innermost frame; null if there is none. The trace begins with it.
  auto origin() const -> own<Frame>;
  auto trace() const -> ownvec<Frame>;
};

///////////////////////////////////////////////////////////////////////////////
// Modules, and things of the host's

template <class T>
class Shared;

class WASM_API_EXTERN Module : public Ref {
  WPGO_CLASS(Module)
  static auto validate(Store*, const vec<byte_t>& binary) -> bool;
  static auto make(Store*, const vec<byte_t>& binary) -> own<Module>;
  auto copy() const -> own<Module>;
  auto imports() const -> ownvec<ImportType>;
  auto exports() const -> ownvec<ExportType>;
  auto share() const -> own<Shared<Module>>;
  static auto obtain(Store*, const Shared<Module>*) -> own<Module>;
  auto serialize() const -> vec<byte_t>;
  static auto deserialize(Store*, const vec<byte_t>&) -> own<Module>;
};

template <>
class WASM_API_EXTERN Shared<Module> {
  WPGO_CLASS(Shared)
};

class WASM_API_EXTERN Foreign : public Ref {
  WPGO_CLASS(Foreign)
  static auto make(Store*) -> own<Foreign>;
  auto copy() const -> own<Foreign>;
};

///////////////////////////////////////////////////////////////////////////////
// Externals

class Func;
class Global;
class Table;
class Memory;

class WASM_API_EXTERN Extern : public Ref {
  WPGO_CLASS(Extern)
  auto copy() const -> own<Extern>;
  auto kind() const -> ExternKind;
  auto type() const -> own<ExternType>;
  // Null if it is of another kind.
  auto func() -> Func*;
  auto func() const -> const Func*;
  auto global() -> Global*;
  auto global() const -> const Global*;
  auto table() -> Table*;
  auto table() const -> const Table*;
  auto memory() -> Memory*;
  auto memory() const -> const Memory*;
};

class WASM_API_EXTERN Func : public Extern {
  WPGO_CLASS(Func)
  // Fills the results, or returns a trap. Must not throw.
  using callback = own<Trap> (*)(const vec<Val>& arguments, vec<Val>& results);
  using callback_with_env = own<Trap> (*)(void* env, const vec<Val>& arguments, vec<Val>& results);

  static auto make(Store*, const FuncType*, callback) -> own<Func>;
  // The finalizer runs when the function ends.
  static auto make(
    Store*, const FuncType*, callback_with_env, void* env, void (*finalizer)(void* env) = nullptr) -> own<Func>;
  auto copy() const -> own<Func>;
  auto type() const -> own<FuncType>;
  auto param_arity() const -> size_t;
  auto result_arity() const -> size_t;
  // Null, or the trap that ended the call.
  auto call(const vec<Val>& arguments, vec<Val>& results) const -> own<Trap>;
};

class WASM_API_EXTERN Global : public Extern {
  WPGO_CLASS(Global)
  static auto make(Store*, const GlobalType*, const Val&) -> own<Global>;
  auto copy() const -> own<Global>;
  auto type() const -> own<GlobalType>;
  auto get() const -> Val;
  void set(const Val&);
};

class WASM_API_EXTERN Table : public Extern {
  WPGO_CLASS(Table)
  using size_t = uint32_t;

  // Elements may be null.
  static auto make(Store*, const TableType*, const Ref* init = nullptr) -> own<Table>;
  auto copy() const -> own<Table>;
  auto type() const -> own<TableType>;
  auto size() const -> size_t;
  auto get(size_t index) const -> own<Ref>;
  auto set(size_t index, const Ref*) -> bool;
  auto grow(size_t delta, const Ref* init = nullptr) -> bool;
};

class WASM_API_EXTERN Memory : public Extern {
  WPGO_CLASS(Memory)
  using pages_t = uint32_t;

  // Bytes of a page.
  static const size_t page_size = 65536;

  static auto make(Store*, const MemoryType*) -> own<Memory>;
  auto copy() const -> own<Memory>;
  auto type() const -> own<MemoryType>;
  auto data() const -> byte_t*;
  auto data_size() const -> size_t;
  auto size() const -> pages_t;
  auto grow(pages_t delta) -> bool;
};

///////////////////////////////////////////////////////////////////////////////
// Instances

class WASM_API_EXTERN Instance : public Ref {
  WPGO_CLASS(Instance)
  // `trap`, if given, is set to the trap of the start function or of initialization, or to null.
  static auto make(Store*, const Module*, const vec<Extern*>& imports, own<Trap>* trap = nullptr) -> own<Instance>;
  auto copy() const -> own<Instance>;
  auto exports() const -> ownvec<Extern>;
};

#undef WPGO_CLASS

}  // namespace wasm

#endif
