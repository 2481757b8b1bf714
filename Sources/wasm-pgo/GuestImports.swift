import CommandLineSupport
import Files
import Runtime
import WASI
import Wasm

/// What a guest's imports get: WASI, libraries, other modules, and what stands in for the rest. Loaded once, for any number of runs.
struct GuestImports {
  private let libraries: [ImportLibrary]
  private let links: [Link]
  private let substitute: Linker.Substitute?

  /// A module whose exports others import.
  private struct Link {
    let name: String
    let path: HostString
    let compiled: CompiledModule
  }

  /// - Parameters:
  ///   - guest: all that is linked is to be imported by it, or by something that is.
  ///   - recordsLinks: whether what is linked is recorded if the environment asks for it.
  init(_ options: ImportOptions, guest: Module, recordsLinks: Bool = true) throws {
    var libraries: [ImportLibrary] = []
    var substitute: Linker.Substitute?
    for item in options.imports {
      switch item {
      case "trap": substitute = .trap
      case "zero": substitute = .zero
      default: libraries.append(try Self.library(item))
      }
    }
    links = try options.link.compactMap { ImportOptions.parseLink($0) }.map { name, path in
      let file = try ProgramFile(path)
      let compiled: CompiledModule
      if !file.isModule {
        compiled = CompiledModule(artefact: try file.artefact())
      } else if recordsLinks {
        compiled = CompiledModule(try file.module())
      } else {
        compiled = CompiledModule(try file.module(), recorder: nil, relaxed: nil)
      }
      return Link(name: name, path: path, compiled: compiled)
    }
    self.libraries = libraries
    self.substitute = substitute
    for (index, link) in links.enumerated() {
      try checkUse(of: link, in: links[(index + 1)...], guest)
    }
  }

  private static func library(_ path: HostString) throws(Diagnostic) -> ImportLibrary {
    guard path.parent.isEmpty, !fileExists(path), let text = path.text,
      let meant = CommandLineSupport.suggestion(
        for: text, among: ImportOptions.substitutes.compactMap(\.text))
    else { return try ImportLibrary(path) }
    throw Diagnostic(
      "--imports: there is no file '\(path)'", help: "did you mean \(meant)?", status: .usage)
  }

  /// A name that nobody imports from is misspelled.
  private func checkUse(
    of link: Link, in others: ArraySlice<Link>, _ guest: Module
  ) throws(Diagnostic) {
    let names = (others.map(\.compiled.module) + [guest]).flatMap { $0.imports.map(\.module) }
    guard !names.contains(where: { ExactName($0) == ExactName(link.name) }) else { return }
    let known = Set(names).subtracting(WASIVersion.allCases.map(\.rawValue)).sorted()
    let help =
      if let meant = CommandLineSupport.suggestion(for: link.name, among: known) {
        "did you mean \(meant)?"
      } else if known.isEmpty {
        "imports are from WASI only"
      } else {
        "imports are from \(known.prefix(20).joined(separator: ", "))"
      }
    throw Diagnostic(
      "--link: nothing is imported from '\(link.name)'", at: "\(link.path)", help: help,
      status: .usage)
  }

  /// The first of what is linked that makes machine code while it runs.
  var compiledAtRunTime: HostString? { links.first { $0.compiled.mayCompile }?.path }

  // MARK: Checks

  /// Checks that everything the guest and what is linked import exists, before anything is created for them.
  func check(_ guest: Module, at path: HostString) throws(Diagnostic) {
    for (index, link) in links.enumerated() {
      try check(link.compiled.module, at: link.path, links[..<index])
    }
    try check(guest, at: path, links[...])
  }

  private func check(
    _ module: Module, at path: HostString, _ links: ArraySlice<Link>
  ) throws(Diagnostic) {
    for wanted in module.imports where !WASI.provides(wanted, of: module) {
      let name = "\(wanted.module).\(wanted.name)"
      if let offered = type(wanted, links) {
        guard case .function(let index) = wanted.type, let found = offered.type else { continue }
        guard found != module.functionType(index) else { continue }
        throw Diagnostic(
          linking: path, "incompatible import type: \(name)",
          help: "\(offered.place) has it as \(found), the module wants \(wanted.text(in: module))")
      }
      let functions = WASIVersion(rawValue: wanted.module).map { WASI.functions($0) } ?? []
      if let function = functions.first(where: { $0.name == wanted.name }) {
        throw Diagnostic(
          linking: path, "incompatible import type: \(name)",
          help: "WASI has it as \(function.type), the module wants \(wanted.text(in: module))")
      }
      if substitute != nil { continue }
      let offered = functions.map { (wanted.module, $0.name) } + names(links)
      throw Diagnostic(
        linking: path, "unknown import: \(name)",
        help: Self.suggestion(for: wanted, among: offered).map { "did you mean \($0)?" })
    }
  }

  /// Another name of the same module, or the same name of another module.
  private static func suggestion(
    for wanted: Import, among offered: [(module: String, name: String)]
  ) -> String? {
    let names = offered.filter { $0.module == wanted.module }.map(\.name)
    if let name = CommandLineSupport.suggestion(for: wanted.name, among: names) {
      return "\(wanted.module).\(name)"
    }
    let modules = offered.filter { $0.name == wanted.name }.map(\.module)
    return CommandLineSupport.suggestion(for: wanted.module, among: modules)
      .map { "\($0).\(wanted.name)" }
  }

  /// Who defines an import, and, for a function of a library, its type.
  private func type(
    _ wanted: Import, _ links: ArraySlice<Link>
  ) -> (place: HostString, type: FunctionType?)? {
    let name = ExactName(wanted.name)
    // The last definition counts, and those of links come last.
    let link = links.last { link in
      ExactName(link.name) == ExactName(wanted.module)
        && link.compiled.module.exports.contains { ExactName($0.name) == name }
    }
    if let link { return (link.path, nil) }
    return libraries.lazy.reversed().compactMap { library in
      library.type(wanted.module, wanted.name).map { (library.path, $0) }
    }.first
  }

  private func names(_ links: ArraySlice<Link>) -> [(module: String, name: String)] {
    libraries.flatMap(\.names)
      + links.flatMap { link in link.compiled.module.exports.map { (link.name, $0.name) } }
  }

  // MARK: Instances

  /// Instantiates what is linked, then the guest.
  /// - Parameters:
  ///   - wasi: the guest's. What is linked gets its own of the same configuration: one WASI has one memory.
  ///   - beforeStart: called when all of the guest but its start function is done.
  func instantiate(
    _ guest: CompiledModule, in store: Store, wasi: WASI,
    beforeStart: (Instance) throws -> Void
  ) throws -> Instance {
    var linked: [(name: String, instance: Instance)] = []
    func instantiate(
      _ compiled: CompiledModule, _ wasi: WASI, _ beforeStart: (Instance) throws -> Void
    ) throws -> Instance {
      let linker = Linker(store)
      let module = compiled.module
      try wasi.define(in: linker, for: module)
      for library in libraries { try library.define(in: linker) }
      for (name, instance) in linked { linker.define(name, instance) }
      if let substitute { try linker.defineUnknownImports(of: compiled, by: substitute) }
      return try linker.instantiate(compiled) { instance in
        if module.imports.contains(where: { WASI.provides($0, of: module) }) {
          try wasi.bind(instance)
        }
        try beforeStart(instance)
      }
    }
    for link in links {
      do {
        let instance = try instantiate(link.compiled, WASI(wasi.configuration)) { _ in }
        try WASI.initialize(instance)
        linked.append((link.name, instance))
      } catch let error as WASIExit {
        throw error
      } catch let trap as Trap where trap.code == .interrupted {
        throw trap
      } catch {
        throw Diagnostic(ending: link.path, error) ?? error
      }
    }
    return try instantiate(guest, wasi, beforeStart)
  }
}

extension Import {
  fileprivate func text(in module: Module) -> String {
    guard case .function(let index) = type else { return "no function" }
    return "\(module.functionType(index))"
  }
}
