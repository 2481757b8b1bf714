import Contract
import Feedback

extension Instance {
  /// Counts the target of an indirect call, where it is not the first that its site saw.
  /// - Parameters:
  ///   - record: see ``TargetRecord``.
  ///   - reference: the target; not null.
  func recordTarget(_ record: UnsafeMutablePointer<UInt64>, _ reference: UInt64) {
    let key = reference &- UInt64(UInt(bitPattern: context + layout.funcRefs - FuncRefLayout.size))
    let function = TargetRecord.function(key: key, functionCount: module.functions.count)
    guard let function, function >= module.importedFunctionCount else {
      record[TargetRecord.foreignCount / 8] &+= 1
      return
    }
    for slot in 0..<TargetRecord.slotCount {
      let known = record[TargetRecord.key(slot) / 8]
      guard known == key || known == 0 else { continue }
      record[TargetRecord.key(slot) / 8] = key
      record[TargetRecord.count(slot) / 8] &+= 1
      return
    }
    record[TargetRecord.otherCount / 8] &+= 1
  }
}
