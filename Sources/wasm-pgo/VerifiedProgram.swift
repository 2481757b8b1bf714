import CommandLineSupport
import Files
import Glibc
import Runtime
import Synchronization
import Verification
import WASI
import Wasm

/// A program that runs the same way each time: fixed clocks, randomness and input, its output kept in memory.
struct VerifiedProgram {
  var path: HostString
  var input: VerificationInput
  var wasi: WASIOptions
  var imports: GuestImports
  var limits: LimitOptions
  var invoke: HostString?

  /// - Parameter budget: of deopts; nil: none.
  func observe(_ compiled: CompiledModule, budget: Int?) throws -> Observation {
    do {
      return try run(compiled, budget)
    } catch {
      throw Diagnostic(making: path, error) ?? error
    }
  }

  private func run(_ compiled: CompiledModule, _ budget: Int?) throws -> Observation {
    try imports.check(compiled.module, at: path)
    let invocation = try Invocation(invoke, input.arguments, of: compiled.module, at: path)
    let store = try Store(limits: limits.storeLimits)
    let output = WASIBuffer()
    let errors = WASIBuffer()
    let wasi: WASI
    do throws(WASIConfigurationError) { wasi = try WASI(configuration(output, errors)) } catch {
      throw Diagnostic(configuring: error, command: "verify")
    }
    var instance: Instance?
    let ending: String
    do {
      let made = try imports.instantiate(compiled, in: store, wasi: wasi) { made in
        instance = made
        made.deoptBudget = budget
      }
      let results = try invocation.call(in: made)
      ending = "results \(results.map { "\($0)" }.joined(separator: " "))"
    } catch let exit as WASIExit {
      ending = "exit code \(exit.code)"
    } catch let trap as Trap {
      ending = Observation.describe(trap)
    } catch let exception as Exception {
      ending = Observation.describe(exception)
    }
    return Observation(
      ending: ending, output: output.bytes, errors: errors.bytes, instance: instance, store: store)
  }

  private func configuration(_ output: WASIBuffer, _ errors: WASIBuffer) -> WASIConfiguration {
    var configuration = wasi.configuration(of: path, input.arguments)
    configuration.standardInput = .bytes(input.standardInput)
    configuration.standardOutput = .buffer(output)
    configuration.standardError = .buffer(errors)
    configuration.clock = Self.clock()
    configuration.random = Self.random()
    return configuration
  }

  /// Each look at it is a microsecond later.
  private static func clock() -> WASIClock {
    let start: UInt64 = 1_700_000_000_000_000_000
    let state = SharedNumber(start)
    return WASIClock(time: { _ in state.next { $0 + 1000 } }, resolution: { _ in 1000 })
  }

  /// xorshift64 from a fixed start.
  private static func random() -> WASIRandom {
    let state = SharedNumber(0x9E37_79B9_7F4A_7C15)
    return WASIRandom { buffer in
      for index in buffer.indices {
        let number = state.next { old in
          let first = old ^ old << 13
          let second = first ^ first >> 7
          return second ^ second << 17
        }
        buffer[index] = UInt8(truncatingIfNeeded: number >> 32)
      }
      return true
    }
  }

  private final class SharedNumber: Sendable {
    private let state: Mutex<UInt64>
    init(_ start: UInt64) { state = Mutex(start) }
    func next(_ step: (UInt64) -> UInt64) -> UInt64 {
      state.withLock { value in
        value = step(value)
        return value
      }
    }
  }
}
