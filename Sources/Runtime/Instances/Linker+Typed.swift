import Wasm

extension Linker {
  /// Defines a host function by a Swift closure, whose types say the function's:
  ///
  ///     try linker.defineFunction("env", "scale") { (count: Int32, size: Int64) -> Float in … }
  ///
  /// - Parameter body: returns a tuple for several results.
  /// - Throws: as ``Store/makeFunction(_:_:)``.
  public func defineFunction<each Parameter: HostValue, each Result: HostValue>(
    _ module: String, _ name: String,
    _ body: @escaping (repeat each Parameter) throws -> (repeat each Result)
  ) throws(UsageError) {
    let type = Self.type((repeat (each Parameter).self), (repeat (each Result).self))
    try defineFunction(module, name, type) { (slots: CallSlots) in
      var reader = SlotReader(slots: slots)
      let results = try body(repeat reader.next((each Parameter).self))
      var writer = SlotWriter(slots: slots)
      repeat writer.add(each results)
    }
  }

  /// The same for one that needs to know its caller, the instance that imports it.
  public func defineFunction<each Parameter: HostValue, each Result: HostValue>(
    _ module: String, _ name: String,
    _ body: @escaping (_ caller: Instance, repeat each Parameter) throws -> (repeat each Result)
  ) throws(UsageError) {
    let type = Self.type((repeat (each Parameter).self), (repeat (each Result).self))
    try defineFunction(module, name, type) { (caller: Instance, slots: CallSlots) in
      var reader = SlotReader(slots: slots)
      let results = try body(caller, repeat reader.next((each Parameter).self))
      var writer = SlotWriter(slots: slots)
      repeat writer.add(each results)
    }
  }

  private static func type<each Parameter: HostValue, each Result: HostValue>(
    _ parameters: (repeat (each Parameter).Type), _ results: (repeat (each Result).Type)
  ) -> FunctionType {
    var (parameterTypes, resultTypes): ([ValueType], [ValueType]) = ([], [])
    repeat parameterTypes.append((each parameters).valueType)
    repeat resultTypes.append((each results).valueType)
    return FunctionType(parameterTypes, resultTypes)
  }
}

/// Reads arguments in order.
private struct SlotReader {
  let slots: CallSlots
  private var index = 0

  init(slots: CallSlots) { self.slots = slots }

  mutating func next<Value: HostValue>(_: Value.Type) -> Value {
    defer { index += 1 }
    return Value(slots, index)
  }
}

/// Writes results in order.
private struct SlotWriter {
  let slots: CallSlots
  private var index = 0

  init(slots: CallSlots) { self.slots = slots }

  mutating func add(_ value: some HostValue) {
    value.store(in: slots, index)
    index += 1
  }
}
