import CommandLineSupport
import Contract
import Feedback
import Files
import Glibc
import Runtime
import WASI
import Wasm

/// A program and the one run of it that a command makes.
final class Guest {
  let path: String
  let compiled: CompiledModule
  let artefact: Artefact?
  private let limits: LimitOptions
  private let deoptBudget: Int?
  private(set) var statistics = RunStatistics()

  var module: Module { compiled.module }

  /// An artefact or a module, told apart by their first bytes.
  init(_ path: String, limits: LimitOptions, forcing: ForcingOptions) throws {
    let start = monotonicNanoseconds()
    self.path = path
    self.limits = limits
    deoptBudget = forcing.budget
    if try Self.isModule(path) {
      guard !forcing.isForcing else {
        throw Diagnostic(
          "a module on the baseline has no guards to force", at: path,
          help: "compile it, and run the artefact", status: .usage)
      }
      compiled = CompiledModule(try loadModule(path))
      artefact = nil
    } else {
      var artefact = try loadArtefact(path)
      if forcing.isForcing {
        artefact = try loadArtefact(path, forcing: forcing.forcing(artefact.module))
      }
      if let site = artefact.forcedGuards?.unknownSites.first {
        throw Diagnostic(
          "--deopt-at: no guard with a deopt is at byte \(site.byteOffset) of this function",
          at: path, help: "wasm-pgo inspect --guards lists what can be forced", status: .usage)
      }
      compiled = CompiledModule(artefact: artefact)
      self.artefact = artefact
    }
    statistics.loadNanoseconds = monotonicNanoseconds() - start
  }

  init(recording path: String, limits: LimitOptions) throws {
    self.path = path
    self.limits = limits
    deoptBudget = nil
    compiled = CompiledModule(try loadModule(path), feedback: true)
    artefact = nil
  }

  /// By its first bytes.
  static func isModule(_ path: String) throws(Diagnostic) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw Diagnostic(
        "cannot read the file: \(String(cString: strerror(errno)))", at: path,
        help: errno == ENOENT ? "check the path" : nil, status: .missingInput)
    }
    defer { close(file) }
    var magic: UInt32 = 0
    // Four bytes into four bytes.
    guard pread(file, &magic, 4, 0) == 4 else { return true }
    return UInt32(littleEndian: magic) != 0x464C_457F
  }

  /// - Parameter counters: where to count, when recording.
  /// - Returns: the exit code.
  func run(
    _ arguments: [String], wasi options: WASIOptions, streams: StreamOptions, time: TimeOption,
    invoke: String?,
    counters: CountersFile? = nil
  ) throws -> Int32 {
    let start = monotonicNanoseconds()
    let store: Store
    let wasi: WASI
    let linker: Linker
    do {
      store = try Store(limits: limits.storeLimits)
      var configuration = configuration(arguments, options)
      try streams.redirect(&configuration)
      wasi = try WASI(configuration)
      linker = Linker(store)
      try wasi.define(in: linker)
    } catch let error as WASIConfigurationError {
      throw Diagnostic(error.message, help: "wasm-pgo run --help", status: .usage)
    }
    var instance: Instance?
    defer {
      statistics.runNanoseconds =
        monotonicNanoseconds() - start - statistics.instantiateNanoseconds
      statistics.collect(self, instance)
    }
    do {
      return try time.limit(store) { () throws in
        let usesWASI = module.imports.contains { WASIVersion(rawValue: $0.module) != nil }
        let made = try linker.instantiate(compiled) { made in
          instance = made
          made.deoptBudget = deoptBudget
          if usesWASI { try wasi.bind(made) }
          if let counters { made.counters = counters.counters }
        }
        statistics.instantiateNanoseconds = monotonicNanoseconds() - start
        if let invoke { return try call(invoke, of: made, arguments) }
        guard let main = made.exportedFunction("_start"), main.type == FunctionType([], []) else {
          throw Diagnostic(
            "the module is no command: it exports no function _start", at: path,
            help: "name an export with --invoke", status: .badInput)
        }
        _ = try main.call()
        return 0
      }
    } catch let exit as WASIExit {
      return Int32(truncatingIfNeeded: exit.code & 0xFF)
    } catch let trap as Trap where trap.code == .interrupted {
      let place = trap.frames.isEmpty ? "" : ", in" + trap.frameLines
      throw Diagnostic(
        "the guest ran for longer than \(time.text)\(place)", at: path, status: .timeout)
    } catch let trap as Trap {
      throw Diagnostic("\(trap)", at: path, status: .trap)
    } catch let error as LinkError {
      throw Diagnostic(
        error.message, at: path, help: "only WASI preview 1 can be imported", status: .badInput)
    } catch let error as ArtefactError {
      throw Diagnostic(error, at: path)
    } catch let error as WASIConfigurationError {
      throw Diagnostic(error.message, at: path, status: .badInput)
    } catch let error as ResourceError {
      let isLimited = limits.maxMemory != nil
      throw Diagnostic(
        error.message, at: path, help: isLimited ? "a larger --max-memory" : nil,
        status: isLimited ? .usage : .internalError)
    }
  }

  private func configuration(
    _ arguments: [String], _ options: WASIOptions
  ) -> WASIConfiguration {
    var configuration = WASIConfiguration()
    let name = options.argv0 ?? path.split(separator: "/").last.map(String.init) ?? path
    configuration.arguments = [name] + arguments
    configuration.environment = options.environment
    for directory in options.directories {
      let (host, guest, isReadOnly) = WASIOptions.parseDirectory(directory)
      configuration.addDirectory(host, as: guest, isReadOnly: isReadOnly)
    }
    configuration.inheritStandardStreams()
    configuration.passTerminalEscapes = options.allowEscapes
    return configuration
  }

  // MARK: --invoke

  private func call(_ name: String, of instance: Instance, _ arguments: [String]) throws -> Int32 {
    guard let function = instance.exportedFunction(name) else {
      let names = module.exports.filter { $0.kind == .function }.map(\.name)
      throw Diagnostic(
        "the module exports no function '\(name)'", at: path,
        help: "its functions: \(names.prefix(20).joined(separator: ", "))", status: .usage)
    }
    let types = function.type.parameters
    guard types.count == arguments.count else {
      throw Diagnostic(
        "'\(name)' takes \(types.count) arguments, not \(arguments.count)", at: path,
        help: "its type is \(function.type)", status: .usage)
    }
    let values = try zip(types, arguments).map { type, text in
      guard let value = Value(parsing: text, as: type) else {
        throw Diagnostic(
          "'\(text)' is no \(type)", at: path, help: "the type of '\(name)' is \(function.type)",
          status: .usage)
      }
      return value
    }
    let results = try function.call(values)
    try printOutput(results.map { "\($0.text)\n" }.joined())
    return 0
  }
}

/// Loads and checks an artefact.
func loadArtefact(_ path: String, forcing: GuardForcing? = nil) throws(Diagnostic) -> Artefact {
  do throws(ArtefactError) {
    return try Artefact(path: path, forcing: forcing)
  } catch {
    switch error.kind {
    case .system:
      // The runtime's own message begins with the path, too.
      let reason = error.message.drop(prefix: "\(path): ")
      throw Diagnostic("cannot read the file: \(reason)", at: path, status: .missingInput)
    case .incompatible:
      throw Diagnostic(
        "\(error)", at: path, help: "compile the module again, on or for this machine",
        status: .incompatible)
    case .corrupt:
      if let kind = (try? readFile(path)).flatMap(FileKind.init), kind != .elf {
        throw kind.isNot(.elf, name: "an artefact", at: path)
      }
      throw Diagnostic("\(error)", at: path, help: "compile the module again", status: .badInput)
    }
  }
}

extension String {
  fileprivate func drop(prefix: String) -> Substring {
    hasPrefix(prefix) ? dropFirst(prefix.count) : self[...]
  }
}

extension Value {
  /// A number as `--invoke` takes it: decimal or 0x…; floats as Swift reads them.
  init?(parsing text: String, as type: ValueType) {
    func integer() -> UInt64? {
      let isNegative = text.hasPrefix("-")
      let digits = isNegative ? text.dropFirst() : text[...]
      let isHex = digits.hasPrefix("0x")
      guard let size = UInt64(isHex ? digits.dropFirst(2) : digits, radix: isHex ? 16 : 10) else {
        return nil
      }
      return isNegative ? 0 &- size : size
    }
    switch type {
    case .i32:
      guard let bits = integer(),
        (Int64(Int32.min)...Int64(UInt32.max)).contains(Int64(bitPattern: bits))
      else { return nil }
      self = .i32(Int32(truncatingIfNeeded: bits))
    case .i64:
      guard let bits = integer() else { return nil }
      self = .i64(Int64(bitPattern: bits))
    case .f32:
      guard let value = Float(text) else { return nil }
      self = .f32(value)
    case .f64:
      guard let value = Double(text) else { return nil }
      self = .f64(value)
    case .v128, .funcref, .externref: return nil
    }
  }

  /// As `--invoke` prints it.
  var text: String {
    switch self {
    case .i32(let value): "\(value)"
    case .i64(let value): "\(value)"
    case .f32(let bits): "\(Float(bitPattern: bits))"
    case .f64(let bits): "\(Double(bitPattern: bits))"
    default: "\(self)"
    }
  }
}
