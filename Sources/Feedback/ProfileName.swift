import Files
import Glibc

/// The name of a profile with parts that are known only when it is recorded:
///
///     %p   number of the process
///     %t   time: seconds since the Epoch
///     %m   StableHash of the module, 16 digits
///     %%   %
public struct ProfileName: Sendable, Equatable {
  private enum Part: Equatable {
    case text([UInt8])
    case process, time, module
  }
  private let parts: [Part]

  /// - Throws: `ProfileError` of kind `.name` for anything else behind a `%`.
  public init(_ pattern: HostString) throws(ProfileError) {
    var parts: [Part] = []
    var text: [UInt8] = []
    var rest = pattern.bytes[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        text.append(byte)
        continue
      }
      let letter = rest.popFirst()
      let part: Part
      switch letter.map({ Unicode.Scalar($0) }) {
      case "p": part = .process
      case "t": part = .time
      case "m": part = .module
      case "%": part = .text([UInt8(ascii: "%")])
      default:
        let found = HostString(bytes: [byte] + (letter.map { [$0] } ?? []))
        throw ProfileError(
          .name, "'\(found)' in a profile's name: write %p, %t, %m, or %% for a percent sign")
      }
      parts += [.text(text), part]
      text = []
    }
    self.parts = parts + [.text(text)]
  }

  /// The name now and here.
  /// - Parameter module: the hash of the module.
  public func path(module: UInt64) -> HostString {
    HostString(
      bytes: parts.flatMap { part -> [UInt8] in
        switch part {
        case .text(let bytes): bytes
        case .process: Array("\(getpid())".utf8)
        case .time: Array("\(time(nil))".utf8)
        case .module: Array(hexadecimal(module).utf8)
        }
      })
  }

  /// A path with the hash of a module before its extension: `app.wasmprof` becomes `app.0123456789abcdef.wasmprof`.
  public static func suffixed(_ path: HostString, module: UInt64) -> HostString {
    suffixed(path, hexadecimal(module))
  }

  /// A path with the number of a process before its extension: `app.wasmprof` becomes `app.4711.wasmprof`.
  public static func suffixed(_ path: HostString, process: Int32) -> HostString {
    suffixed(path, "\(process)")
  }

  private static func suffixed(_ path: HostString, _ suffix: String) -> HostString {
    let name = path.lastComponent.bytes
    // A name that begins with its only dot has no extension.
    let dot = name.lastIndex(of: UInt8(ascii: ".")) ?? 0
    let end = path.bytes.count - (dot == 0 ? 0 : name.count - dot)
    return HostString(
      bytes: path.bytes[..<end] + Array(".\(suffix)".utf8) + path.bytes[end...])
  }
}
