import CWasmAPI
import Runtime
import Wasm

extension Wasm.Limits {
  /// As C has them: what does not fit is the greatest number, which is no maximum.
  var c: wasm_limits_t {
    wasm_limits_t(
      min: UInt32(clamping: min), max: max.map { UInt32(clamping: $0) } ?? wasm_limits_max_default)
  }

  init(_ limits: wasm_limits_t) {
    self.init(
      min: UInt64(limits.min),
      max: limits.max == wasm_limits_max_default ? nil : UInt64(limits.max))
  }
}

/// Makes types for C to own.
struct CTypes {
  /// How values of a type are held: the type's index means something to its module, or, in types of a store, to the process.
  let representation: (ValueType) -> Representation

  /// Of what is in a store.
  static var closed: CTypes { CTypes { $0.closedRepresentation } }

  init(_ representation: @escaping (ValueType) -> Representation) {
    self.representation = representation
  }

  typealias Pointer = UnsafeMutablePointer<wasm_externtype_t>

  private func value(_ type: ValueType) -> UnsafeMutablePointer<wasm_valtype_t>? {
    wasm_valtype_new(representation(type).cKind)
  }

  private func values(_ types: [ValueType]) -> wasm_valtype_vec_t {
    let elements = types.map(value)
    var vector = wasm_valtype_vec_t()
    wasm_valtype_vec_new(&vector, elements.count, elements)
    return vector
  }

  func function(_ type: FunctionType) -> UnsafeMutablePointer<wasm_functype_t>? {
    var (parameters, results) = (values(type.parameters), values(type.results))
    return wasm_functype_new(&parameters, &results)
  }

  func tag(_ type: FunctionType) -> Pointer? {
    let type = function(type).flatMap(wasm_functype_as_externtype)
    type?.pointee.kind = wasm_externkind_t(WASM_PGO_EXTERN_TAG.rawValue)
    return type
  }

  func table(_ type: TableType) -> UnsafeMutablePointer<wasm_tabletype_t>? {
    var limits = type.limits.c
    return wasm_tabletype_new(value(type.element), &limits)
  }

  func memory(_ type: MemoryType) -> UnsafeMutablePointer<wasm_memorytype_t>? {
    var limits = type.limits.c
    return wasm_memorytype_new(&limits)
  }

  func global(_ type: GlobalType) -> UnsafeMutablePointer<wasm_globaltype_t>? {
    let mutability = type.isMutable ? WASM_VAR : WASM_CONST
    return wasm_globaltype_new(value(type.value), wasm_mutability_t(mutability.rawValue))
  }

  /// What a module imports or exports.
  func external(_ type: ExternalType, of module: Module) -> Pointer? {
    switch type {
    case .function(let index):
      function(module.functionType(index)).flatMap(wasm_functype_as_externtype)
    case .table(let type): table(type).flatMap(wasm_tabletype_as_externtype)
    case .memory(let type): memory(type).flatMap(wasm_memorytype_as_externtype)
    case .global(let type): global(type).flatMap(wasm_globaltype_as_externtype)
    case .tag(let type): tag(module.functionType(type.typeIndex))
    }
  }

  /// What something is now.
  func external(_ item: Extern) -> Pointer? {
    switch item {
    case .function(let item): function(item.type).flatMap(wasm_functype_as_externtype)
    case .table(let item): table(item.currentType).flatMap(wasm_tabletype_as_externtype)
    case .memory(let item): memory(item.currentType).flatMap(wasm_memorytype_as_externtype)
    case .global(let item): global(item.type).flatMap(wasm_globaltype_as_externtype)
    case .tag(let item): tag(item.type)
    }
  }
}

extension Module {
  /// The type of an export.
  func type(of export: Export) -> ExternalType {
    switch export.kind {
    case .function: .function(typeIndex: functions[export.index].typeIndex)
    case .table: .table(tables[export.index])
    case .memory: .memory(memories[export.index])
    case .global: .global(globals[export.index].type)
    case .tag: .tag(tags[export.index])
    }
  }
}

extension FunctionType {
  /// Throws if the host cannot have functions of the type.
  init(_ type: wasm_functype_t) throws(Failure) {
    func types(_ vector: wasm_valtype_vec_t) throws(Failure) -> [ValueType] {
      try (0..<vector.size).map { index throws(Failure) in
        guard let type = vector.data[index] else {
          throw Failure(WASM_PGO_USAGE, "a function type without one of its types")
        }
        return try .passable(type.pointee)
      }
    }
    self.init(try types(type.params), try types(type.results))
  }
}
