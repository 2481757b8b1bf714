import CWASI
import Files
import Runtime
import Wasm

/// Preview 1 for one guest: its descriptors and all that its calls need. Not thread-safe, as a guest is not.
///
/// Independent of the engine: ``functions(_:)`` are rows that take 64-bit argument slots and a ``GuestMemory``;
/// `define(in:)` offers them to a linker.
public final class WASI {
  /// What it was made with.
  public let configuration: WASIConfiguration
  let resolver: PathResolver
  var descriptors: DescriptorTable
  /// NUL-terminated.
  let arguments: [[UInt8]]
  let environment: [[UInt8]]
  /// The guest's, once bound.
  var memory: Memory?
  var interrupter: Interrupter?

  /// Opens the directories.
  public init(_ configuration: WASIConfiguration) throws(WASIConfigurationError) {
    self.configuration = configuration
    resolver = try PathResolver(configuration.pathResolution)
    descriptors = DescriptorTable(limit: configuration.maximumDescriptors)
    arguments = try configuration.arguments.map { text throws(WASIConfigurationError) in
      try cString(text, "argument")
    }
    environment = try configuration.environment.map { entry throws(WASIConfigurationError) in
      guard !entry.name.isEmpty, !entry.name.bytes.contains(UInt8(ascii: "=")) else {
        throw WASIConfigurationError("environment variable name '\(entry.name)' is not usable")
      }
      return try cString(entry.name + "=" + entry.value, "environment variable")
    }
    try addStandardStreams()
    for directory in configuration.directories { try add(directory) }
    for descriptor in configuration.inheritedDescriptors { try add(inherited: descriptor) }
  }

  /// Runs one function: what an engine does when the guest calls it.
  /// - Parameter slots: the arguments, one 64-bit slot each.
  /// - Returns: its errno; 0 for success.
  /// - Throws: ``WASIExit``; `Trap(.interrupted)`.
  public func call(
    _ function: WASIFunction, _ memory: GuestMemory, _ slots: UnsafeMutablePointer<UInt64>
  ) throws -> WASIErrno {
    do {
      try function.body(self, GuestCall(memory: memory, slots: slots, version: function.version))
      return .success
    } catch let error as WASIErrno {
      return error
    }
  }

  /// The rows of an interface: name, type, body.
  public static func functions(_ version: WASIVersion) -> [WASIFunction] {
    switch version {
    case .preview1: preview1Functions
    case .unstable: unstableFunctions
    }
  }

  private static let preview1Functions = makeFunctions(.preview1)
  private static let unstableFunctions = makeFunctions(.unstable)
}

/// The arguments of one call and the memory they point into.
package struct GuestCall {
  package let memory: GuestMemory
  package let slots: UnsafeMutablePointer<UInt64>
  package let version: WASIVersion

  // The function's type says how many slots there are; the table's rows and their bodies agree on it.
  package func u32(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: slots[index]) }
  package func u64(_ index: Int) -> UInt64 { slots[index] }

  package func path(_ index: Int) throws(WASIErrno) -> [UInt8] {
    try memory.path(u32(index), u32(index + 1))
  }

  package func slot<T: FixedWidthInteger>(_ index: Int, _ type: T.Type) throws(WASIErrno)
    -> GuestMemory.Slot<T>
  { try memory.slot(u32(index), type) }
}

/// A function of the interface.
public struct WASIFunction: Sendable {
  /// As modules import it.
  public let name: String
  /// Its core type.
  public let type: FunctionType
  /// The interface it belongs to.
  public let version: WASIVersion
  package let body: @Sendable (WASI, GuestCall) throws -> Void
}

private func cString(_ text: HostString, _ what: String) throws(WASIConfigurationError) -> [UInt8] {
  guard !text.bytes.contains(0) else {
    throw WASIConfigurationError("\(what) '\(text)' has a NUL byte")
  }
  return text.bytes + [0]
}
