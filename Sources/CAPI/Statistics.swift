// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Contract
import Runtime
import Wasm

// A C string that is never freed.
private nonisolated(unsafe) let version: UnsafePointer<CChar> = {
  let bytes = Array("0.1.0".utf8CString)
  let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
  _ = copy.initialize(from: bytes)
  return UnsafePointer(copy.baseAddress!)
}()

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_version() -> UnsafePointer<CChar>? { version }

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_artefact_version() -> UInt32 { ArtefactManifest.currentContract }

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_has_feature(_ name: UnsafePointer<CChar>!) -> Bool {
  let name = String(cString: name)
  if name == "compiler" { return CompilerProcess.path != nil }
  return Feature(rawValue: name).map(FeatureSet.valid.contains) ?? false
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_module_statistics(
  _ module: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_pgo_module_statistics_t>!
) {
  let statistics = module.object(as: ModuleReference.self).compiled.baselineStatistics
  out.pointee = wasm_pgo_module_statistics_t(
    baseline_functions: UInt64(statistics.functions),
    baseline_code_bytes: UInt64(statistics.codeBytes),
    baseline_nanoseconds: statistics.nanoseconds)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_instance_miss_count(_ instance: OpaquePointer!) -> UInt64 {
  instance.object(as: InstanceReference.self).instance.deoptStatistics?.deopts ?? 0
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_instance_misses(
  _ instance: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_pgo_miss_t>!, _ capacity: Int
) -> Int {
  let statistics = instance.object(as: InstanceReference.self).instance.deoptStatistics
  let misses = (statistics?.guards ?? []).compactMap { failed -> wasm_pgo_miss_t? in
    guard let place = failed.path.first, let compiled = failed.path.last else { return nil }
    return wasm_pgo_miss_t(
      function: UInt32(place.function), compiled_in: UInt32(compiled.function),
      module_offset: place.byteOffset, count: failed.deopts)
  }
  for (index, miss) in misses.prefix(max(0, capacity)).enumerated() { out[index] = miss }
  return misses.count
}
