import Wasm
import WasmText

/// With the types of garbage collection, whose instructions are not supported.
let features3: FeatureSet = {
  var result = FeatureSet.valid
  result.insert(.gc)
  return result
}()

/// A valid module of these fields.
func types3(_ text: String) throws -> Module {
  try Module(validating: assemble("(module \(text))", features: features3), typeFeatures: features3)
}

func refusal3(of bytes: [UInt8]) -> WasmError? {
  do throws(WasmError) {
    _ = try Module(validating: bytes, typeFeatures: features3)
    return nil
  } catch {
    return error
  }
}
