import Testing
import Wasm

@Suite struct PartitioningIndexTests {
  /// Against looking at one element after the other.
  @Test func firstOfTheSecondPart() {
    for count in 0...9 {
      for first in 0...count {
        let elements = (0..<count).map { $0 >= first }
        #expect(elements.partitioningIndex { $0 } == elements.firstIndex(of: true) ?? count)
        #expect(elements[(count / 2)...].partitioningIndex { $0 } == max(first, count / 2))
      }
    }
  }
}
