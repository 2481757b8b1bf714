import Contract
import Wasm

extension Instance {
  /// Names of all exports.
  public var exportNames: [String] { module.exports.map(\.name) }

  /// The export of that name, nil if there is none.
  public func export(_ name: String) -> Extern? {
    guard let export = compiledModule.exports[ExactName(name)] else { return nil }
    return switch export.kind {
    case .function: .function(body.function(export.index))
    case .table: .table(tables[export.index])
    case .memory: .memory(memories[export.index])
    case .global: .global(body.global(export.index))
    case .tag: .tag(tags[export.index])
    }
  }

  /// The exported function of this name; nil if there is none.
  public func exportedFunction(_ name: String) -> Function? {
    guard case .function(let function)? = export(name) else { return nil }
    return function
  }

  /// The exported memory of this name; nil if there is none.
  public func exportedMemory(_ name: String) -> Memory? {
    guard case .memory(let memory)? = export(name) else { return nil }
    return memory
  }
}

extension InstanceBody {
  /// - Parameter index: in the function index space. An imported function is the one that was imported.
  func function(_ index: Int) -> Function {
    Function(record: context + layout.funcRef(index), store: store)
  }

  /// Whether it refers to a function of the instance's index space.
  func holds(reference: UInt) -> Bool {
    let distance = reference &- UInt(bitPattern: context + layout.funcRefs)
    return distance < UInt(FuncRefLayout.size * module.functions.count)
      && distance % UInt(FuncRefLayout.size) == 0
  }

  func global(_ index: Int) -> Global {
    Global(
      compiledModule.closed(module.globals[index].type), at: globalAddress(index), store: store)
  }
}
