import Files

/// A step of a compilation that ninja runs: ``NinjaFile``.
enum CompileStep: Equatable {
  case plan
  case partition(Int)
  case link

  /// - Returns: nil if no step has this name.
  init?(_ name: String) {
    if name == "plan" {
      self = .plan
    } else if name == "link" {
      self = .link
    } else if name.hasPrefix("partition-"), let number = Int(name.dropFirst(10)),
      case let step = CompileStep.partition(number), step.name == name
    {
      self = step
    } else {
      return nil
    }
  }

  var name: String {
    switch self {
    case .plan: "plan"
    case .partition(let number): "partition-\(number)"
    case .link: "link"
    }
  }

  /// The file that a step other than the link writes.
  func file(in directory: HostString) -> HostString { directory.appending(HostString(name)) }
}

/// A build for ninja that compiles a module.
///
///     module, profiles                              ─> plan
///     module, profiles, plan                        ─> partition-0, partition-1, …
///     module, profiles, plan, partition-0, …        ─> artefact
///     module, profiles                              ─> build.ninja
///
/// A step is the command that wrote the build, with `--step`. It reads the files that the build names and writes one. Besides,
/// it uses the cache and temporary files, and the link runs the linker. Ninja first writes the build again if the module or a profile
/// changed, since the number of partitions depends on them. Paths are those of the command, so ninja has to run in its directory.
struct NinjaFile {
  /// The executable, then its arguments.
  var command: [HostString]
  /// The directory of the build and of the files between the steps.
  var directory: HostString
  /// The module, then the profiles.
  var inputs: [HostString]
  var artefact: HostString
  var partitionCount: Int

  static func path(in directory: HostString) -> HostString { directory.appending("build.ninja") }

  /// Whether ninja's language can express all names.
  var isExpressible: Bool {
    let words =
      (inputs + [directory, artefact]).map { ($0, "\n\r|") } + command.map { ($0, "\n\r") }
    return words.allSatisfy { word, excluded in
      word.bytes.allSatisfy { !excluded.utf8.contains($0) }
    }
  }

  var contents: [UInt8] {
    let program = Self.shellWord(command[0])
    let arguments = command.dropFirst().map(Self.shellWord).joined()
    let partitions = (0..<partitionCount).map { CompileStep.partition($0) }
    let plan = CompileStep.plan.file(in: directory)
    var text: HostString = """
      # Written by wasm-pgo compile --ninja; to be run in the directory where that ran.
      ninja_required_version = 1.5

      """
    text = text + "builddir = " + Self.value(directory) + "\n"
    text = text + "rule write\n  command =" + program + arguments + "\n  generator = 1\n"
    text = text + "rule step\n  command =" + program + " --step $step" + arguments + "\n"
    text = text + "  description = compile $step\n"
    text = text + build(Self.path(in: directory), "write", inputs)
    func step(_ step: CompileStep, to file: HostString, _ more: [HostString]) -> HostString {
      build(file, "step", inputs + more) + "  step = " + HostString(step.name) + "\n"
    }
    text = text + step(.plan, to: plan, [])
    for partition in partitions {
      text = text + step(partition, to: partition.file(in: directory), [plan])
    }
    text = text + step(.link, to: artefact, [plan] + partitions.map { $0.file(in: directory) })
    text = text + "default " + Self.pathWord(artefact) + "\n"
    return text.bytes
  }

  private func build(
    _ output: HostString, _ rule: HostString, _ inputs: [HostString]
  ) -> HostString {
    var line = "build " + Self.pathWord(output) + ": " + rule
    for input in inputs { line = line + " " + Self.pathWord(input) }
    return line + " | " + Self.pathWord(command[0]) + "\n"
  }

  // MARK: Names

  /// As a path of a `build` line.
  private static func pathWord(_ name: HostString) -> HostString { escaped(name, "$ :") }

  /// As the value of a variable.
  private static func value(_ text: HostString) -> HostString { escaped(text, "$") }

  private static func escaped(_ text: HostString, _ special: String) -> HostString {
    HostString(
      bytes: text.bytes.flatMap { special.utf8.contains($0) ? [UInt8(ascii: "$"), $0] : [$0] })
  }

  /// A blank, and a word of a command line that the shell leaves as it is.
  private static func shellWord(_ word: HostString) -> HostString {
    let quote = UInt8(ascii: "'")
    let quoted = word.bytes.flatMap { $0 == quote ? Array(#"'\''"#.utf8) : [$0] }
    return value(HostString(bytes: Array(" '".utf8) + quoted + [quote]))
  }
}

extension [HostString] {
  fileprivate func joined() -> HostString { HostString(bytes: flatMap(\.bytes)) }
}
