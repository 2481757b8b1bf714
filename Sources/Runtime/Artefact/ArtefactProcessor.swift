import Baseline
import CRuntime
import Contract
import X64

/// The features that this CPU and its operating system support.
package enum Processor {
  package static let features: [CPUFeature] = {
    let state = wpgo_xcr0()
    return CPUFeature.allCases.filter { feature in
      let place = feature.place
      var registers: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
      // The tuple has room for the four words that the function writes.
      let isSet = withUnsafeMutablePointer(to: &registers) {
        $0.withMemoryRebound(to: UInt32.self, capacity: 4) {
          wpgo_cpuid(place.leaf, place.subleaf, $0)
          return $0[place.register.rawValue] >> UInt32(place.bit) & 1 != 0
        }
      }
      return isSet && state & place.state.rawValue == place.state.rawValue
    }
  }()

  /// What baseline code with vectors may use here.
  /// - Parameter relaxed: nil: relaxed instructions mean what is shortest.
  static func vectorTarget(_ relaxed: RelaxedSemantics?) -> VectorTarget {
    VectorTarget(features: features, relaxed: relaxed)
  }

  /// The highest micro-architecture level of the psABI that this process sees, as `compile --cpu` takes it.
  package static var level: String {
    let levels = CPUFeature.levels.filter { Set(features).isSuperset(of: $0.value) }
    return levels.max { $0.value.count < $1.value.count }?.key ?? Machine.defaultLevel
  }

  /// Whether there are 32 vector registers that the operating system saves.
  static var hasAVX512: Bool { features.contains(.avx512f) && features.contains(.avx512vl) }

  /// The features that an artefact may use and this CPU lacks.
  static func missing(_ manifest: ArtefactManifest) -> [String] {
    manifest.features.filter { name in
      CPUFeature(rawValue: name).map { !features.contains($0) } ?? true
    }
  }

  static func check(_ manifest: ArtefactManifest) throws(ArtefactError) {
    let missing = missing(manifest)
    guard missing.isEmpty else {
      throw ArtefactError(
        .incompatible,
        "compiled for \(manifest.cpu); this machine lacks \(missing.joined(separator: ", "))",
        section: ArtefactSection.manifest.rawValue)
    }
  }
}
