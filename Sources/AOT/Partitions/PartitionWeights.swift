import Contract
import Speculation

/// The counts that a partition's code is compiled for, by function, in the partition's order.
struct PartitionWeights: Equatable {
  var functions: [PredictedCounts]

  /// Whether code compiled for one set of counts is good enough for the other, in every function.
  func resembles(_ other: PartitionWeights) -> Bool {
    functions.count == other.functions.count
      && zip(functions, other.functions).allSatisfy { $0.resembles($1) }
  }

  // MARK: In a file

  func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(functions.count))
    for counts in functions { counts.encode(to: &writer) }
  }

  init(functions: [PredictedCounts]) { self.functions = functions }

  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    functions = []
    for _ in 0..<(try reader.count(minimumSize: 4)) {
      functions.append(try PredictedCounts(decoding: &reader))
    }
  }
}

extension PredictedCounts {
  func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(rows.count))
    for row in rows {
      writer.integer(row.place.copy)
      writer.integer(row.place.offset)
      writer.integer(row.place.way)
      writer.integer(row.frequency.bitPattern)
    }
  }

  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    var rows: [Row] = []
    for _ in 0..<(try reader.count(minimumSize: 24)) {
      let place = Place(
        copy: try reader.integer(), offset: try reader.integer(), way: try reader.integer())
      rows.append(
        Row(place: place, frequency: Double(bitPattern: try reader.integer(UInt64.self))))
    }
    self.init(rows: rows)
  }
}
