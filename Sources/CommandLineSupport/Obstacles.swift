import Files
import Wasm

/// Says what keeps a module from ever being instantiated.
public func obstacleWarnings(_ module: Module, at path: HostString) -> [String] {
  module.instantiationObstacles.map { "\(path): \($0): it cannot be instantiated" }
}
