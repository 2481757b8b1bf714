import CImports
import CommandLineSupport
import Files
import Glibc
import Runtime
import Wasm

/// A shared object with functions that guests import: see wasm_pgo_imports.h. It stays loaded until this process ends.
struct ImportLibrary {
  let path: HostString
  private let functions: [(module: ExactName, name: ExactName, row: Row)]

  private struct Row {
    var type: FunctionType
    var body: Body
    // Unsafe: the library's own, which it says stay.
    var data: UnsafeMutableRawPointer?
  }
  private typealias Body =
    @convention(c) (
      UnsafeMutablePointer<wasm_pgo_import_call>?, UnsafePointer<wasm_pgo_import_value>?,
      UnsafeMutablePointer<wasm_pgo_import_value>?
    ) -> Void

  /// Loads it, which runs its constructors.
  init(_ path: HostString) throws(Diagnostic) {
    self.path = path
    let table = try Self.load(path)
    guard table.version == UInt32(WASM_PGO_IMPORTS_VERSION) else {
      throw Self.unusable(
        path,
        "its table of imports has version \(table.version), expected \(WASM_PGO_IMPORTS_VERSION)")
    }
    guard table.count == 0 || table.imports != nil else {
      throw Self.unusable(path, "its table has \(table.count) imports at no address")
    }
    var functions: [(ExactName, ExactName, Row)] = []
    for index in 0..<Int(table.count) {
      // As many as the table says.
      let row = table.imports[index]
      guard let module = row.module.flatMap({ String(validatingCString: $0) }),
        let name = row.name.flatMap({ String(validatingCString: $0) }), let body = row.function
      else {
        throw Self.unusable(path, "import \(index) of its table has no names, or no function")
      }
      let text = row.type.map { String(cString: $0) } ?? ""
      guard let type = FunctionType(parsing: text) else {
        throw Self.unusable(
          path, "\(module).\(name) has the type '\(text)', not one like '(i32, i64) -> (f64)'")
      }
      functions.append(
        (ExactName(module), ExactName(name), Row(type: type, body: body, data: row.data)))
    }
    self.functions = functions
  }

  private static func load(_ path: HostString) throws(Diagnostic) -> wasm_pgo_import_table {
    let file = try ProgramFile(path)
    guard !file.isModule else {
      if let kind = FileKind(try file.bytes()), kind != .elf {
        throw Diagnostic(
          "this is \(kind.rawValue), not a shared object", at: "\(path)",
          help: kind == .module ? "link modules: --link NAME=\(path)" : help, status: .badInput)
      }
      throw unusable(path, "it is not a shared object")
    }
    // A name alone would be looked for elsewhere.
    let place = path.parent.isEmpty ? HostString("./") + path : path
    guard let handle = place.withCString({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }) else {
      throw unusable(path, "it cannot be loaded: \(dlerror().map { String(cString: $0) } ?? "")")
    }
    guard let symbol = dlsym(handle, "wasm_pgo_imports") else {
      throw unusable(path, "it does not define wasm_pgo_imports")
    }
    // What the header says that this symbol is.
    return symbol.load(as: wasm_pgo_import_table.self)
  }

  private static let help = "see wasm_pgo_imports.h (toolchain-docs/embedding.md)"

  private static func unusable(_ path: HostString, _ reason: String) -> Diagnostic {
    Diagnostic("cannot use the library: \(reason)", at: "\(path)", help: help, status: .badInput)
  }

  /// The type of the function that an import gets; nil if there is none of these names.
  func type(_ module: String, _ name: String) -> FunctionType? {
    functions.first { $0.module == ExactName(module) && $0.name == ExactName(name) }?.row.type
  }

  /// What it defines.
  var names: [(module: String, name: String)] {
    functions.map { ($0.module.string, $0.name.string) }
  }

  func define(in linker: Linker) throws(UsageError) {
    for (module, name, row) in functions {
      try linker.defineFunction(module.string, name.string, row.type) { caller, slots in
        try LibraryCall(caller).run(row.type, row.data, slots, row.body)
      }
    }
  }
}

extension FunctionType {
  /// Undoes `description`, of what a library may have; nil for anything else.
  init?(parsing text: String) {
    let types: [String: ValueType] = [
      "i32": .i32, "i64": .i64, "f32": .f32, "f64": .f64, "v128": .v128, "funcref": .funcref,
      "externref": .externref,
    ]
    func list(_ text: Substring) -> [ValueType]? {
      let text = text.filter { $0 != " " }
      guard text.hasPrefix("("), text.hasSuffix(")") else { return nil }
      let names = text.dropFirst().dropLast()
        .split(separator: ",", omittingEmptySubsequences: false)
      if names == [""] { return [] }
      let found = names.compactMap { types[String($0)] }
      return found.count == names.count ? found : nil
    }
    let parts = text.split(separator: "->", omittingEmptySubsequences: false)
    guard parts.count == 2, let parameters = list(parts[0]), let results = list(parts[1]) else {
      return nil
    }
    self.init(parameters, results)
  }
}
