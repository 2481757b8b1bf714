import Wasm

/// What can be imported and exported (spec 4.2.13).
public enum Extern {
  case function(Function)
  case table(Table)
  case memory(Memory)
  case global(Global)
  case tag(Tag)

  var store: Store {
    switch self {
    case .function(let function): function.store
    case .table(let table): table.store
    case .global(let global): global.store
    case .memory(let memory): memory.store
    case .tag(let tag): tag.store
    }
  }

  /// Import matching (spec 4.5.3; 3.0 3.3, external types).
  /// - Parameter type: as the import declares it, in `module`.
  func matches(_ type: ExternalType, of module: CompiledModule) -> Bool {
    switch (self, type) {
    case (.function(let function), .function(let typeIndex)):
      function.canonicalType.isSubtype(of: module.types[typeIndex])
    case (.table(let table), .table(let type)):
      CanonicalType.matches(table.currentType, module.closed(type))
    case (.memory(let memory), .memory(let type)):
      memory.declaredType.addressType == type.addressType
        && memory.declaredType.pageSize == type.pageSize
        && memory.currentType.limits.matches(type.limits)
    case (.global(let global), .global(let type)):
      CanonicalType.matches(global.type, module.closed(type))
    case (.tag(let tag), .tag(let type)):
      tag.canonicalType.id == module.types[type.typeIndex].id
    default: false
    }
  }
}
