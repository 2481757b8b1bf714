import CImports
import Runtime
import Wasm

/// A call of a library's function: what it can do through `wasm_pgo_import_call`. Used by one thread while the call lasts.
final class LibraryCall {
  private let caller: Instance
  /// What its call is to end with.
  private var error: (any Error)?

  init(_ caller: Instance) { self.caller = caller }

  func run(
    _ type: FunctionType, _ data: UnsafeMutableRawPointer?, _ slots: CallSlots,
    _ body: (
      UnsafeMutablePointer<wasm_pgo_import_call>?, UnsafePointer<wasm_pgo_import_value>?,
      UnsafeMutablePointer<wasm_pgo_import_value>?
    ) -> Void
  ) throws {
    let arguments = type.parameters.indices.map {
      wasm_pgo_import_value(slots, $0, type.parameters[$0])
    }
    var results = [wasm_pgo_import_value](
      repeating: .zero, count: type.results.count)
    // Unretained: `self` outlives the call, and the library keeps nothing of it.
    var call = wasm_pgo_import_call(
      version: UInt32(WASM_PGO_IMPORTS_VERSION), host: Unmanaged.passUnretained(self).toOpaque(),
      data: data, memory: Self.memory, memory_size: Self.memorySize, trap: Self.trap,
      call_export: Self.callExport)
    arguments.withUnsafeBufferPointer { arguments in
      results.withUnsafeMutableBufferPointer { results in
        body(
          &call, arguments.isEmpty ? nil : arguments.baseAddress,
          results.isEmpty ? nil : results.baseAddress)
      }
    }
    if let error { throw error }
    for (index, type) in type.results.enumerated() {
      try results[index].store(in: slots, index, type, caller.store)
    }
  }

  // MARK: What the library calls

  private typealias Call = UnsafeMutablePointer<wasm_pgo_import_call>

  private static func of(_ call: Call?) -> LibraryCall {
    // The library passes what it got, while the call lasts.
    Unmanaged<LibraryCall>.fromOpaque(call!.pointee.host).takeUnretainedValue()
  }

  private func memory(_ index: UInt32) -> Memory? {
    Int(index) < caller.memories.count ? caller.memories[Int(index)] : nil
  }

  private static let memory:
    @convention(c) (Call?, UInt32, UInt64, UInt64) -> UnsafeMutableRawPointer? = {
      call, index, address, size in
      guard let memory = LibraryCall.of(call).memory(index), memory.contains(address, size) else {
        return nil
      }
      // A memory never moves, and lives as long as its store.
      return memory.withUnsafeMutableBytes { bytes in bytes.baseAddress.map { $0 + Int(address) } }
    }

  private static let memorySize: @convention(c) (Call?, UInt32) -> UInt64 = { call, index in
    UInt64(LibraryCall.of(call).memory(index)?.byteCount ?? 0)
  }

  private static let trap: @convention(c) (Call?, UnsafePointer<CChar>?) -> Void = {
    call, message in
    LibraryCall.of(call).fail(
      Trap(host: message.map { String(cString: $0) } ?? "a function of the library trapped"))
  }

  private static let callExport:
    @convention(c) (
      Call?, UnsafePointer<CChar>?, UnsafePointer<wasm_pgo_import_value>?, UInt32,
      UnsafeMutablePointer<wasm_pgo_import_value>?, UInt32
    ) -> Int32 = { call, name, arguments, argumentCount, results, resultCount in
      let own = LibraryCall.of(call)
      do {
        try own.callExport(
          name.map { String(cString: $0) } ?? "",
          UnsafeBufferPointer(start: arguments, count: Int(argumentCount)),
          UnsafeMutableBufferPointer(start: results, count: Int(resultCount)))
        return 0
      } catch {
        own.fail(error)
        return 1
      }
    }

  /// The first reason counts.
  private func fail(_ error: any Error) { self.error = self.error ?? error }

  private func callExport(
    _ name: String, _ arguments: UnsafeBufferPointer<wasm_pgo_import_value>,
    _ results: UnsafeMutableBufferPointer<wasm_pgo_import_value>
  ) throws {
    guard let function = caller.exportedFunction(name),
      function.type.parameters.count == arguments.count,
      function.type.results.count == results.count
    else {
      throw Trap(
        host:
          "the library calls an export '\(name)' with \(arguments.count) arguments and \(results.count) results"
      )
    }
    let values = try zip(arguments, function.type.parameters).map {
      try $0.value(of: $1, in: caller.store)
    }
    for (index, value) in try function.call(values).enumerated() {
      results[index] = wasm_pgo_import_value(value)
    }
  }
}
