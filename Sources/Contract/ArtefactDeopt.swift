import Wasm

/// A statepoint that is still present in the machine code.
public struct DeoptPoint: ArtefactRow, Hashable {
  /// Offset of the return address of its call.
  public var codeOffset: UInt32
  /// Index into ``DeoptTable/states``.
  public var state: UInt32
  /// Index into ``DeoptTable/locations``; one for each slot of the state's frames.
  public var firstLocation: UInt32
  /// Index into ``DeoptTable/guards``. If LLVM duplicated code, several points belong to one guard.
  public var guardNumber: UInt32

  /// A row of these values.
  public init(codeOffset: UInt32, state: UInt32, firstLocation: UInt32, guardNumber: UInt32) {
    self.codeOffset = codeOffset
    self.state = state
    self.firstLocation = firstLocation
    self.guardNumber = guardNumber
  }

  public static var wordCount: Int { 4 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(codeOffset: words[0], state: words[1], firstLocation: words[2], guardNumber: words[3])
  }
  public func append(to words: inout [UInt32]) {
    words += [codeOffset, state, firstLocation, guardNumber]
  }
}

/// A ``FrameState``: `frameCount` rows of ``DeoptTable/frames``.
public struct FrameStateRow: ArtefactRow, Hashable {
  /// Index into ``DeoptTable/frames``.
  public var firstFrame: UInt32
  /// At least one.
  public var frameCount: UInt32
  /// The number of locals and operands of all its frames.
  public var slotCount: UInt32

  /// A row of these values.
  public init(firstFrame: UInt32, frameCount: UInt32, slotCount: UInt32) {
    self.firstFrame = firstFrame
    self.frameCount = frameCount
    self.slotCount = slotCount
  }

  public static var wordCount: Int { 3 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(firstFrame: words[0], frameCount: words[1], slotCount: words[2])
  }
  public func append(to words: inout [UInt32]) { words += [firstFrame, frameCount, slotCount] }
}

/// A ``FrameState/Frame``.
public struct FrameRow: ArtefactRow, Hashable {
  /// Index into ``CodeTables/inlineNodes``.
  public var node: UInt32
  /// The byte offset of its ``ResumePoint``.
  public var byteOffset: UInt32
  /// Raw value of a ``ResumePoint/Position``.
  public var position: UInt32
  /// Index into ``DeoptTable/types``: first the locals, then the operands from the bottom.
  public var firstType: UInt32
  /// Number of locals, parameters included.
  public var localCount: UInt32
  /// Number of operands on the frame's stack.
  public var operandCount: UInt32

  /// A row of these values.
  public init(
    node: UInt32, byteOffset: UInt32, position: UInt32, firstType: UInt32, localCount: UInt32,
    operandCount: UInt32
  ) {
    self.node = node
    self.byteOffset = byteOffset
    self.position = position
    self.firstType = firstType
    self.localCount = localCount
    self.operandCount = operandCount
  }

  /// Number of locals and operands.
  public var slotCount: Int { Int(localCount) + Int(operandCount) }

  public static var wordCount: Int { 6 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(
      node: words[0], byteOffset: words[1], position: words[2], firstType: words[3],
      localCount: words[4], operandCount: words[5])
  }
  public func append(to words: inout [UInt32]) {
    words += [node, byteOffset, position, firstType, localCount, operandCount]
  }
}

/// Section `.wpgo.deopt`.
public struct DeoptTable: @unchecked Sendable {
  /// Ascending by code offset.
  public var points: ArtefactTable<DeoptPoint>
  /// Frame states without duplicates.
  public var states: ArtefactTable<FrameStateRow>
  /// The states' frames, in order.
  public var frames: ArtefactTable<FrameRow>
  /// Lists of locations without duplicates.
  public var locations: ArtefactTable<PackedLocation>
  /// Constants that do not fit into a location.
  public var constants: ArtefactTable<PooledConstant>
  /// The sites that can deoptimize, by guard number.
  public var guards: ArtefactTable<CodeLocation>
  /// Raw values of `Representation`. Immutable memory of the artefact's mapping, like the tables.
  public var types: UnsafeRawBufferPointer

  /// A point and the locations of its values.
  public struct Point: Sendable, Hashable {
    /// Offset of the return address.
    public var codeOffset: UInt32
    /// The frames to materialize.
    public var state: FrameState
    /// The locations of each frame's locals, then of its operands.
    public var locations: [ValueLocation]
    /// Index into ``DeoptTable/guards``.
    public var guardNumber: UInt32

    /// Creates a guard's point with one location for each slot of its state.
    public init(
      codeOffset: UInt32, state: FrameState, locations: [ValueLocation], guardNumber: UInt32
    ) {
      self.codeOffset = codeOffset
      self.state = state
      self.locations = locations
      self.guardNumber = guardNumber
    }
  }

  /// The minimum frame size below rbp that contains all of these locations.
  public static func extent(_ locations: [ValueLocation]) -> Int {
    locations.reduce(0) { most, location in
      switch location {
      case .stackPointer(let offset, let width):
        max(most, Int(PackedLocation(.stackPointer, offset, width).extent))
      case .framePointer(let offset, let width):
        max(most, Int(PackedLocation(.framePointer, offset, width).extent))
      default: most
      }
    }
  }

  /// - Parameter guards: all sites that can deoptimize, by number, including those without surviving code.
  public static func encode(_ points: [Point], guards: [CodeLocation]) -> [UInt8] {
    var rows: [DeoptPoint] = []
    var states: [FrameStateRow] = []
    var frames: [FrameRow] = []
    var types: [UInt8] = []
    var locations: [PackedLocation] = []
    var constants: [PooledConstant] = []
    var stateIndex: [FrameState: UInt32] = [:]
    var typeRuns: [[UInt8]: UInt32] = [:]
    var locationRuns: [[ValueLocation]: UInt32] = [:]
    var constantIndex: [UInt64: Int32] = [:]

    func intern(_ state: FrameState) -> UInt32 {
      if let known = stateIndex[state] { return known }
      let row = FrameStateRow(
        firstFrame: UInt32(frames.count), frameCount: UInt32(state.frames.count),
        slotCount: UInt32(state.slotCount))
      for frame in state.frames {
        let run = (frame.locals + frame.operands).map(\.rawValue)
        let firstType = typeRuns[run] ?? UInt32(types.count)
        if typeRuns.updateValue(firstType, forKey: run) == nil { types += run }
        frames.append(
          FrameRow(
            node: frame.node, byteOffset: frame.resume.byteOffset,
            position: frame.resume.position.rawValue, firstType: firstType,
            localCount: UInt32(frame.locals.count),
            operandCount: UInt32(frame.operands.count)))
      }
      states.append(row)
      stateIndex[state] = UInt32(states.count - 1)
      return UInt32(states.count - 1)
    }

    func pack(_ location: ValueLocation) -> PackedLocation {
      switch location {
      case .undefined: return PackedLocation(.undefined)
      case .general(let number): return PackedLocation(.saved, Int32(CaptureArea.general(number)))
      case .vector(let number, let width):
        return PackedLocation(.saved, Int32(CaptureArea.vector(number)), width)
      case .stackPointer(let offset, let width):
        return PackedLocation(.stackPointer, offset, width)
      case .framePointer(let offset, let width):
        return PackedLocation(.framePointer, offset, width)
      case .constant(let value):
        if let small = Int32(exactly: Int64(bitPattern: value)) {
          return PackedLocation(.constant, small)
        }
        let index = constantIndex[value] ?? Int32(constants.count)
        if constantIndex.updateValue(index, forKey: value) == nil {
          constants.append(PooledConstant(value: value))
        }
        return PackedLocation(.pooled, index)
      }
    }

    for point in points.sorted(by: { $0.codeOffset < $1.codeOffset }) {
      let first = locationRuns[point.locations] ?? UInt32(locations.count)
      if locationRuns.updateValue(first, forKey: point.locations) == nil {
        locations += point.locations.map(pack)
      }
      rows.append(
        DeoptPoint(
          codeOffset: point.codeOffset, state: intern(point.state), firstLocation: first,
          guardNumber: point.guardNumber))
    }

    var writer = ArtefactWriter()
    writer.table(rows)
    writer.table(states)
    writer.table(frames)
    writer.table(locations)
    writer.table(constants)
    writer.table(guards)
    writer.integer(UInt32(types.count))
    writer.raw(types)
    return writer.bytes
  }

  /// Finds the tables in the section. The contents of their rows are not checked: ``check(_:textSize:chains:)`` must accept
  /// a point before anything that it refers to is used, or ``check(textSize:chains:)`` the whole table.
  public init(decoding contents: UnsafeRawBufferPointer) throws(ArtefactError) {
    var reader = ArtefactReader(contents, section: ArtefactSection.deopt.rawValue)
    points = try reader.table(of: DeoptPoint.self)
    states = try reader.table(of: FrameStateRow.self)
    frames = try reader.table(of: FrameRow.self)
    locations = try reader.table(of: PackedLocation.self)
    constants = try reader.table(of: PooledConstant.self)
    guards = try reader.table(of: CodeLocation.self)
    types = try reader.raw(reader.count(minimumSize: 1))
    try reader.expectEnd()
  }

  // MARK: Checks

  private func fail(_ message: String) -> ArtefactError {
    ArtefactError(.corrupt, message, section: ArtefactSection.deopt.rawValue)
  }

  /// Checks every reference between rows. Takes time linear in the table's size.
  public func check(
    textSize: Int, chains: InlineChains
  ) throws(ArtefactError) {
    try checkTypes(types.indices)
    try checkLocations(locations.indices)
    for site in guards { try check(guardedSite: site, chains) }
    // Frames must be consecutive, so that no frame is checked for many states.
    var nextFrame = 0
    for state in states {
      guard Int(state.firstFrame) == nextFrame else { throw fail("frame states are not in order") }
      try checkChain(state, chains)
      nextFrame += Int(state.frameCount)
    }
    guard nextFrame == frames.count else { throw fail("frame states are not in order") }
    var next: UInt32 = 1
    for point in points {
      guard point.codeOffset >= next else { throw fail("deopt points are not in order") }
      try checkReferences(point, textSize)
      next = point.codeOffset + 1
    }
  }

  /// Checks a point and all that it refers to, so that the deoptimizer need not.
  public func check(
    _ point: DeoptPoint, textSize: Int, chains: InlineChains
  ) throws(ArtefactError) {
    guard Int(point.state) < states.count, Int(point.guardNumber) < guards.count else {
      throw fail("deopt point refers to what is not there")
    }
    try check(guardedSite: guards[Int(point.guardNumber)], chains)
    let state = states[Int(point.state)]
    try checkChain(state, chains)
    try checkReferences(point, textSize)
    let first = Int(state.firstFrame)
    for frame in frames[first..<first + Int(state.frameCount)] {
      try checkTypes(Int(frame.firstType)..<Int(frame.firstType) + frame.slotCount)
    }
    let list = Int(point.firstLocation)
    try checkLocations(list..<list + Int(state.slotCount))
  }

  private func checkTypes(_ range: Range<Int>) throws(ArtefactError) {
    guard types[range].allSatisfy({ Representation(rawValue: $0) != nil }) else {
      throw fail("not a value type")
    }
  }

  private func check(
    guardedSite site: CodeLocation, _ chains: InlineChains
  ) throws(ArtefactError) {
    guard Int(site.node) < chains.nodes.count else { throw fail("guard has no inlining node") }
  }

  private func checkLocations(_ range: Range<Int>) throws(ArtefactError) {
    for location in locations[range] {
      let payload = location.payload
      let isScalar = !location.isVector
      let isGood =
        switch PackedLocation.Kind(rawValue: location.place) {
        case .undefined: isScalar && payload == 0
        case .saved:
          CaptureArea.isRegister(Int(payload), location.width)
        // Whether the offset lies in the frame is checked by those who know the frame's size.
        case .stackPointer: payload >= 0
        case .framePointer: isScalar ? payload < 0 : payload <= -16
        case .constant: isScalar
        case .pooled: isScalar && payload >= 0 && Int(payload) < constants.count
        case nil: false
        }
      guard isGood else { throw fail("not a value location") }
    }
  }

  /// The first frame must return to the compiled function's caller, and each other frame to the one before, behind that one's
  /// call. The innermost frame resumes before its call, the others after theirs.
  private func checkChain(
    _ state: FrameStateRow, _ chains: InlineChains
  ) throws(ArtefactError) {
    let first = Int(state.firstFrame)
    let count = Int(state.frameCount)
    guard count > 0, first + count <= frames.count else {
      throw fail("frame state refers to what is not there")
    }
    var caller: CodeLocation?
    var slots = 0
    for (number, frame) in frames[first..<first + count].enumerated() {
      guard Int(frame.node) < chains.nodes.count,
        Int(frame.firstType) + frame.slotCount <= types.count
      else { throw fail("frame state refers to what is not there") }
      let position: ResumePoint.Position = number + 1 == count ? .before : .after
      guard frame.position == position.rawValue else {
        throw fail("frame state resumes where it cannot")
      }
      guard chains.caller(of: frame.node) == caller else {
        throw fail("frame state is not a chain of inlined calls")
      }
      caller = CodeLocation(node: frame.node, byteOffset: frame.byteOffset)
      slots += frame.slotCount
    }
    guard slots == Int(state.slotCount) else { throw fail("frame state's size does not match") }
  }

  /// Checks what a point refers to; its state's frames must be there.
  private func checkReferences(_ point: DeoptPoint, _ textSize: Int) throws(ArtefactError) {
    guard point.codeOffset > 0, Int(point.codeOffset) <= textSize else {
      throw fail("deopt point outside of the text")
    }
    guard Int(point.state) < states.count, Int(point.guardNumber) < guards.count else {
      throw fail("deopt point refers to what is not there")
    }
    let state = states[Int(point.state)]
    guard Int(point.firstLocation) + Int(state.slotCount) <= locations.count else {
      throw fail("deopt point refers to what is not there")
    }
    let innermost = frames[Int(state.firstFrame) + Int(state.frameCount) - 1]
    // A frame resumes at the call that was guarded, or behind the branch.
    guard guards[Int(point.guardNumber)].node == innermost.node else {
      throw fail("deopt point belongs to another guard")
    }
  }

  /// The minimum frame size below rbp that contains all locations of a checked point.
  public func frameExtent(_ point: DeoptPoint) -> UInt32 {
    let first = Int(point.firstLocation)
    let count = Int(states[Int(point.state)].slotCount)
    return locations[first..<first + count].reduce(0) { max($0, $1.extent) }
  }

  /// ``frameExtent(_:)`` of each point of a checked table.
  /// - Throws: if location lists overlap, or are not in the order in which points first refer to them. This keeps the check
  ///   linear in the table's size.
  public func frameExtents() throws(ArtefactError) -> [UInt32] {
    func fail(_ index: Int) -> ArtefactError {
      self.fail("locations of deopt point \(index) are not in order")
    }
    // By first location: the list's length and its extent.
    var lists = [(count: UInt32, extent: UInt32)](repeating: (0, 0), count: locations.count)
    var next = 0
    var extents: [UInt32] = []
    extents.reserveCapacity(points.count)
    for (index, point) in points.enumerated() {
      let count = states[Int(point.state)].slotCount
      let first = Int(point.firstLocation)
      if count == 0 {
        extents.append(0)
        continue
      }
      if first == next {
        let list = locations[first..<first + Int(count)]
        lists[first] = (count, list.reduce(0) { max($0, $1.extent) })
        next += Int(count)
      }
      guard first < next, lists[first].count == count else { throw fail(index) }
      extents.append(lists[first].extent)
    }
    guard next == locations.count else { throw fail(points.count) }
    return extents
  }

  /// The point whose capture call returns to `codeOffset`.
  public func point(at codeOffset: Int) -> DeoptPoint? {
    let index = points.partitioningIndex { Int($0.codeOffset) >= codeOffset }
    guard index < points.count, Int(points[index].codeOffset) == codeOffset else { return nil }
    return points[index]
  }

  /// - Parameter index: of a row of ``states``.
  public func frameState(_ index: Int) -> FrameState {
    let row = states[index]
    let first = Int(row.firstFrame)
    return FrameState(frames: frames[first..<first + Int(row.frameCount)].map(frame))
  }

  /// Decodes a row.
  public func frame(_ row: FrameRow) -> FrameState.Frame {
    let first = Int(row.firstType)
    let types = types[first..<first + row.slotCount].compactMap { Representation(rawValue: $0) }
    // Decoding the table checked the raw value.
    let position = ResumePoint.Position(rawValue: row.position) ?? .before
    return FrameState.Frame(
      node: row.node, resume: ResumePoint(position, row.byteOffset),
      locals: Array(types.prefix(Int(row.localCount))),
      operands: Array(types.dropFirst(Int(row.localCount))))
  }

  /// Decodes a row of ``locations``.
  public func location(_ index: Int) -> ValueLocation {
    let packed = locations[index]
    let payload = Int(packed.payload)
    return switch PackedLocation.Kind(rawValue: packed.place) {
    case .saved: CaptureArea.register(at: payload, packed.width)
    case .stackPointer: .stackPointer(offset: packed.payload, packed.width)
    case .framePointer: .framePointer(offset: packed.payload, packed.width)
    case .constant: .constant(UInt64(bitPattern: Int64(packed.payload)))
    case .pooled: .constant(constants[payload].value)
    case .undefined, nil: .undefined
    }
  }
}
