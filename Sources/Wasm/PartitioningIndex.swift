extension RandomAccessCollection where Index == Int {
  /// The first index whose element meets `belongsInSecondPart`, in a collection whose elements before do not and whose elements
  /// behind do; the end if there is none.
  @inlinable
  package func partitioningIndex(_ belongsInSecondPart: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = low + (high - low) / 2
      if belongsInSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
