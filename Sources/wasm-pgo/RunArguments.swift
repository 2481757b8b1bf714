import ArgumentParser
import CommandLineSupport
import Files
import Runtime

/// Parses the arguments of `run` without the argument parser, whose reflection takes several times as long as loading and
/// running a small artefact.
///
/// It accepts what the parser accepts, with the same meaning, except for rare forms. The parser handles these, help, and
/// whatever is wrong.
struct RunArguments {
  /// The command with these arguments, validated.
  let command: Run

  /// How an option is parsed.
  enum Option {
    case flag(WritableKeyPath<Run, Bool>)
    /// Returns false for a bad value.
    /// - Parameter isList: whether it may be given several times.
    case value(isList: Bool = false, (inout Run, HostString) -> Bool)
    /// May be given several times.
    case list(WritableKeyPath<Run, [HostString]>)

    fileprivate static func string(_ path: WritableKeyPath<Run, HostString?>) -> Option {
      .value {
        $0[keyPath: path] = $1
        return true
      }
    }

    fileprivate static func text(_ path: WritableKeyPath<Run, String?>) -> Option {
      .value {
        $0[keyPath: path] = $1.text
        return $1.text != nil
      }
    }

    fileprivate static func number<T: FixedWidthInteger>(
      _ path: WritableKeyPath<Run, T?>
    ) -> Option {
      .value {
        $0[keyPath: path] = $1.text.flatMap { T($0) }
        return $0[keyPath: path] != nil
      }
    }
  }

  /// By spelling; nil for what is not an option of `run`.
  static func option(_ name: String) -> Option? {
    switch name {
    case "--invoke": .string(\.options.invoke)
    case "--dir": .list(\.options.wasi.directories)
    case "--env": .list(\.options.wasi.variables)
    case "--inherit-env": .flag(\.options.wasi.inheritEnv)
    case "--argv0": .string(\.options.wasi.argv0)
    case "--allow-escapes": .flag(\.options.wasi.allowEscapes)
    case "--imports": .list(\.options.imports.imports)
    case "--link": .list(\.options.imports.link)
    case "--max-memory": .text(\.options.limits.maxMemory)
    case "--max-table-elements": .text(\.options.limits.maxTableElements)
    case "--stack-size": .text(\.options.limits.stackSize)
    case "--stdin": .string(\.streams.stdin)
    case "--stdout": .string(\.streams.stdout)
    case "--stderr": .string(\.streams.stderr)
    case "--timeout": .text(\.time.timeout)
    case "--code-names":
      .value(isList: true) { run, value in
        guard let format = value.text.flatMap(CodeReporter.Format.init) else { return false }
        run.reports.formats.append(format)
        return true
      }
    case "--no-jit": .flag(\.forbidsExecutableMemory)
    case "--deopt-every": .number(\.forcing.deoptEvery)
    case "--deopt-at": .list(\.forcing.deoptAt)
    case "--deopt-random": .text(\.forcing.deoptRandom)
    case "--deopt-once": .flag(\.forcing.deoptOnce)
    case "--deopt-limit":
      .value { run, value in
        guard let limit = value.text.flatMap({ Int($0) }) else { return false }
        run.forcing.deoptLimit = limit
        return true
      }
    case "--osr-every": .number(\.forcing.osrEvery)
    case "--stats":
      .value { run, value in
        run.stats = value.text.flatMap(StatisticsFormat.init)
        return run.stats != nil
      }
    case "--misses": .string(\.misses)
    case "--sample":
      .value { run, value in
        run.sample = value.text.flatMap(SampleShare.init)
        return run.sample != nil
      }
    case "--sample-output": .string(\.sampleOutput)
    default: nil
    }
  }

  /// - Returns: nil if the argument parser has to parse the arguments.
  init?(_ arguments: [HostString]) {
    var run = Run.withDefaults
    var rest = arguments[...]
    var positional: [HostString] = []
    var given: [String] = []
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument != "-" else {
        positional.append(argument)
        continue
      }
      if argument == "--" {
        positional += rest
        break
      }
      let (name, attached) = argument.split(at: "=") ?? (argument, nil)
      guard let name = name.text, let option = Self.option(name) else { return nil }
      let isFirst = !given.contains(name)
      given.append(name)
      switch option {
      case .flag(let path):
        guard attached == nil else { return nil }
        run[keyPath: path] = true
      case .value(let isList, let set):
        guard isFirst || isList, let value = Self.value(attached, &rest), set(&run, value) else {
          return nil
        }
      case .list(let path):
        guard let value = Self.value(attached, &rest) else { return nil }
        run[keyPath: path].append(value)
      }
    }
    guard let file = positional.first else { return nil }
    run.file = file
    run.options.arguments = Array(positional.dropFirst())
    guard (try? run.validateOptions()) != nil else { return nil }
    command = run
  }

  /// A value behind `=`, or the next argument unless that could be an option.
  private static func value(
    _ attached: HostString?, _ rest: inout ArraySlice<HostString>
  ) -> HostString? {
    if let attached { return attached.isEmpty ? nil : attached }
    guard rest.first?.hasPrefix("-") == false else { return nil }
    return rest.popFirst()
  }
}

extension Run {
  /// As the parser makes it of nothing; `file` is empty.
  fileprivate static var withDefaults: Run {
    var run = Run()
    run.file = ""
    run.options = .withDefaults
    run.streams = .withDefaults
    run.time = .withDefaults
    run.reports = .withDefaults
    run.forbidsExecutableMemory = false
    run.forcing = .withDefaults
    run.stats = nil
    run.misses = nil
    run.sample = nil
    run.sampleOutput = nil
    return run
  }

  /// As the parser does for each group.
  fileprivate func validateOptions() throws {
    try options.imports.validate()
    try options.limits.validate()
    try time.validate()
    try forcing.validate()
    try validate()
  }
}

// A property has no value before it is set, not even its default.

extension GuestOptions {
  fileprivate static var withDefaults: GuestOptions {
    var options = GuestOptions()
    options.arguments = []
    options.invoke = nil
    options.wasi = .withDefaults
    options.imports = .withDefaults
    options.limits = .withDefaults
    return options
  }
}

extension WASIOptions {
  fileprivate static var withDefaults: WASIOptions {
    var options = WASIOptions()
    options.directories = []
    options.variables = []
    options.inheritEnv = false
    options.argv0 = nil
    options.allowEscapes = false
    return options
  }
}

extension ImportOptions {
  fileprivate static var withDefaults: ImportOptions {
    var options = ImportOptions()
    options.imports = []
    options.link = []
    return options
  }
}

extension LimitOptions {
  fileprivate static var withDefaults: LimitOptions {
    var options = LimitOptions()
    options.maxMemory = nil
    options.maxTableElements = nil
    options.stackSize = nil
    return options
  }
}

extension StreamOptions {
  fileprivate static var withDefaults: StreamOptions {
    var options = StreamOptions()
    options.stdin = nil
    options.stdout = nil
    options.stderr = nil
    return options
  }
}

extension TimeOption {
  fileprivate static var withDefaults: TimeOption {
    var options = TimeOption()
    options.timeout = nil
    return options
  }
}

extension CodeReportOptions {
  fileprivate static var withDefaults: CodeReportOptions {
    var options = CodeReportOptions()
    options.formats = []
    return options
  }
}

extension ForcingOptions {
  fileprivate static var withDefaults: ForcingOptions {
    var options = ForcingOptions()
    options.deoptEvery = nil
    options.deoptAt = []
    options.deoptRandom = nil
    options.deoptOnce = false
    options.deoptLimit = 10
    options.osrEvery = nil
    return options
  }
}
