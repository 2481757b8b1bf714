import Wasm

/// What can be imported and exported (spec 4.2.13).
public enum Extern {
  case function(Function)
  case table(Table)
  case memory(Memory)
  case global(Global)

  var store: Store {
    switch self {
    case .function(let function): function.store
    case .table(let table): table.store
    case .global(let global): global.store
    case .memory(let memory): memory.store
    }
  }

  /// Import matching (spec 4.5.3).
  /// - Parameter type: as the import declares it, in `module`.
  func matches(_ type: ExternalType, of module: CompiledModule) -> Bool {
    switch (self, type) {
    case (.function(let function), .function(let typeIndex)):
      function.typeID == module.types[typeIndex].id
    case (.table(let table), .table(let type)):
      table.declaredType.element == type.element
        && table.currentType.limits.match(type.limits)
    case (.memory(let memory), .memory(let type)):
      memory.declaredType.addressType == type.addressType
        && memory.declaredType.pageSize == type.pageSize
        && memory.currentType.limits.match(type.limits)
    case (.global(let global), .global(let type)): global.type == type
    default: false
    }
  }
}

extension Limits {
  /// Spec 3.3.7.1 (limits matching).
  fileprivate func match(_ wanted: Limits) -> Bool {
    guard min >= wanted.min else { return false }
    guard let most = wanted.max else { return true }
    return max.map { $0 <= most } ?? false
  }
}
