import TestSupport
import Testing
import Wasm

@Suite(.enabled(if: Suite.isPresent()))
struct OfficialSuiteTests {
  /// Modules of supported files that use another proposal all the same.
  static let unsupportedAllTheSame = SpecSuite.expectedFailures("validation")

  @Test func supportedFiles() throws {
    let cases = try Suite.cases().filter(\.isSupported)
    var counts: [Suite.Expectation: Int] = [:]
    var wordings: [String: Int] = [:]
    for test in cases {
      counts[test.expectation, default: 0] += 1
      let error = refusal(of: test.bytes)
      switch (test.expectation, error?.kind) {
      case (.valid, nil), (.invalid, .invalid), (.malformed, .malformed): break
      case (_, .unsupported) where Self.unsupportedAllTheSame.contains(test.name): continue
      default:
        Issue.record("\(test.name) is \(test.expectation) (\(test.text)), got \(error as Any)")
      }
      if let error {
        #expect((0...test.bytes.count).contains(error.offset), "\(test.name)")
        if !error.message.hasPrefix(test.text) {
          wordings["\(test.text) | \(error.message)", default: 0] += 1
        }
      }
      checkDecoding(test)
    }
    print("supported files: \(counts)")
    for (wording, count) in wordings.sorted(by: { $0.key < $1.key }) {
      print("other words, \(count) times: \(wording)")
    }
    #expect(cases.count > 5_400)
  }

  /// `Module(decoding:)` refuses what is malformed and nothing else.
  func checkDecoding(_ test: Suite.Case) {
    do throws(WasmError) {
      _ = try Module(decoding: test.bytes)
      #expect(test.expectation != .malformed, "\(test.name) is malformed (\(test.text))")
    } catch {
      #expect(test.expectation != .valid, "\(test.name): \(error)")
      if test.expectation == .invalid {
        #expect(
          error.message == "constant expression required"
            || error.message.hasPrefix("unknown type")
            || Self.unsupportedAllTheSame.contains(test.name), "\(test.name): \(error)")
      }
    }
  }

  /// Files with other features: nothing wrong is taken, nothing right is called wrong.
  @Test func otherFiles() throws {
    var counts: [String: Int] = [:]
    for test in try Suite.cases() where !test.isSupported {
      if test.isOutdated { continue }
      let error = refusal(of: test.bytes)
      switch (test.expectation, error?.kind) {
      case (.valid, nil): counts["valid", default: 0] += 1
      case (.valid, .unsupported(let feature)):
        counts["unsupported \(feature.rawValue)", default: 0] += 1
      case (.valid, .some): Issue.record("\(test.name) is valid: \(error!)")
      case (_, nil): Issue.record("\(test.name) is \(test.expectation): \(test.text)")
      default: counts["refused", default: 0] += 1
      }
    }
    print("other files: \(counts)")
  }
}

func refusal(of bytes: [UInt8]) -> WasmError? {
  do throws(WasmError) {
    _ = try Module(validating: bytes)
    return nil
  } catch {
    return error
  }
}
