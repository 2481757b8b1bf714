/// The candidate that a misspelled name most likely stands for; nil if none is near.
public func suggestion(for name: String, among candidates: some Sequence<String>) -> String? {
  let limit = name.count / 3
  let near = candidates.map { (distance: editDistance(name, $0), name: $0) }
    .filter { $0.distance <= limit }
  // Of equal ones the first, whatever the order of the candidates.
  return near.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
}

/// Characters to insert, delete, replace or exchange with the next (optimal string alignment distance).
private func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var best = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        best = min(best, rows[i - 1][j - 1] + 1)
      }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
