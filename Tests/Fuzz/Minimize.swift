/// Leaves out of a list what can be: halves first, then smaller stretches, then one by one (Zeller's ddmin, its complements).
/// - Parameter fails: whether what is left is still enough.
func minimized<T>(_ items: [T], fails: ([T]) -> Bool) -> [T] {
  var items = items
  var size = max(1, items.count / 2)
  while !items.isEmpty {
    var start = 0
    var isChanged = false
    while start < items.count {
      let rest = Array(items[..<start] + items[min(start + size, items.count)...])
      if fails(rest) {
        items = rest
        isChanged = true
      } else {
        start += size
      }
    }
    if size == 1 && !isChanged { break }
    size = size == 1 ? 1 : size / 2
  }
  return items
}
