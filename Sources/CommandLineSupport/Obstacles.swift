import Files
import Wasm

/// Says what keeps a module from ever being instantiated.
public func warnOfObstacles(_ module: Module, at path: HostString) {
  for obstacle in module.instantiationObstacles {
    Terminal.warn("\(path): \(obstacle): it cannot be instantiated")
  }
}
