import Contract
import Runtime
import TestSupport
import Wasm

/// Faults that are put into what is sound, to see that they are found.
enum PlantedFault: Sendable, Equatable {
  /// One local or operand of a frame state is looked for where another one is.
  case slot(Slot)
  /// Two registers change places in what the capture stub saved.
  case registers
  /// The outermost of several frames is not built.
  case frame
  /// An outer frame goes on before its call instead of behind it.
  case resume
  /// Handlers of a function change places.
  case handlers
  /// Frames that an exception leaves keep no registers for their callers.
  case saved

  /// Independent of everything else that the artefact holds.
  struct Slot: Sendable, Equatable {
    /// The compiled function that deoptimizes.
    var root: Int
    /// Of the call whose guard fails.
    var byteOffset: Int
    /// Among the locals and operands of all frames.
    var index: Int
  }

  static let names = ["slot", "registers", "frame", "resume", "handlers", "saved"]

  var name: String {
    switch self {
    case .slot: "slot"
    case .registers: "registers"
    case .frame: "frame"
    case .resume: "resume"
    case .handlers: "handlers"
    case .saved: "saved"
    }
  }

  /// - Parameter number: which of the artefact's slots.
  /// - Returns: nil if there is no such fault, or no slot to move.
  static func named(_ name: String, in bytes: [UInt8], number: Int) throws -> PlantedFault? {
    switch name {
    case "slot":
      let slots = try movableSlots(bytes)
      // Far apart: neighbours belong to one deopt point.
      return slots.isEmpty ? nil : .slot(slots[number * 37 % slots.count])
    case "registers": return .registers
    case "frame": return .frame
    case "resume": return .resume
    case "handlers": return try Artefact(bytes: bytes).exchangedPads.isEmpty ? nil : .handlers
    case "saved":
      let rows = try Artefact(bytes: bytes).handlers.functions
      return rows.contains { !$0.saved.isEmpty } ? .saved : nil
    default: return nil
    }
  }

  // MARK: In the tables

  /// A slot of a point: which rows of the location table to exchange contents with which.
  private struct Move {
    var slot: Slot
    var row: Int
    var other: PackedLocation
  }

  private static func moves(_ artefact: Artefact) -> [Move] {
    let deopts = artefact.deopts
    var result: [Move] = []
    for point in deopts.points {
      let site = deopts.guards[Int(point.guardNumber)]
      let count = Int(deopts.states[Int(point.state)].slotCount)
      let first = Int(point.firstLocation)
      for index in 0..<count {
        let own = deopts.locations[first + index]
        guard own.isRegister,
          let other = (1..<max(1, count)).lazy
            .map({ deopts.locations[first + (index + $0) % count] })
            .first(where: { $0.isRegister && $0 != own })
        else { continue }
        let slot = Slot(
          root: artefact.root(site.node), byteOffset: Int(site.byteOffset), index: index)
        result.append(Move(slot: slot, row: first + index, other: other))
      }
    }
    return result
  }

  private static func movableSlots(_ bytes: [UInt8]) throws -> [Slot] {
    try moves(Artefact(bytes: bytes)).map(\.slot)
  }

  /// The artefact with the fault in its tables; as it is, for faults of the deoptimizer, and if it has no such slot.
  func plant(in bytes: [UInt8]) throws -> [UInt8] {
    let artefact = try Artefact(bytes: bytes)
    var surgery = try ArtefactSurgery(bytes)
    switch self {
    case .registers, .frame, .resume: return bytes
    case .handlers, .saved: plantInHandlers(artefact, &surgery)
    case .slot(let slot): plant(slot, artefact, &surgery)
    }
    return surgery.sealed()
  }

  private func plant(_ slot: Slot, _ artefact: Artefact, _ surgery: inout ArtefactSurgery) {
    // The table is in the section's contents, which begin with the first table's count.
    let first = UnsafeRawPointer(artefact.deopts.points.words) - 4
    let table = UnsafeRawPointer(artefact.deopts.locations.words) - first
    for move in Self.moves(artefact) where move.slot == slot {
      surgery[.deopt, table + 8 * move.row] = move.other.kind
      surgery[.deopt, table + 8 * move.row + 4] = UInt32(bitPattern: move.other.payload)
    }
  }

  private func plantInHandlers(_ artefact: Artefact, _ surgery: inout ArtefactSurgery) {
    let handlers = artefact.handlers
    let first = UnsafeRawPointer(handlers.functions.words) - 4
    if self == .handlers {
      let table = UnsafeRawPointer(handlers.sites.words) - first
      for (site, pad) in artefact.exchangedPads {
        surgery[.handlers, table + 4 * HandlerSite.wordCount * site + 8] = pad
      }
      return
    }
    for index in handlers.functions.indices {
      var words: [UInt32] = []
      var row = handlers.functions[index]
      row.saved = []
      row.append(to: &words)
      surgery[.handlers, 4 + 4 * HandlerFunction.wordCount * index + 4] = words[1]
    }
  }

  // MARK: In the deoptimizer

  func plant(in instance: Instance) {
    switch self {
    case .slot, .handlers, .saved: break
    case .registers: instance.plantDeoptFault(.swappedRegisters)
    case .frame: instance.plantDeoptFault(.missingOuterFrame)
    case .resume: instance.plantDeoptFault(.resumeBeforeCall)
    }
  }
}

extension PackedLocation {
  fileprivate var isRegister: Bool { kind == Kind.saved.rawValue }
}

extension Artefact {
  /// For calls with handlers: the number of the row, and the handler of the next one in the function, if that is another.
  fileprivate var exchangedPads: [(site: Int, pad: UInt32)] {
    zip(handlers.functions, handlers.functions.dropFirst()).flatMap { row, next in
      let sites = Int(row.firstSite)..<Int(next.firstSite)
      return sites.compactMap { site in
        let other = site + 1 < sites.upperBound ? site + 1 : sites.lowerBound
        let pad = handlers.sites[other].pad
        return pad == handlers.sites[site].pad ? nil : (site, pad)
      }
    }
  }

  /// The function into which a node is inlined, at the end.
  func root(_ node: UInt32) -> Int {
    var node = node
    // Ends: a node's parent has a smaller index.
    while code.inlineNodes[Int(node)].parent != InlineNode.root {
      node = code.inlineNodes[Int(node)].parent
    }
    return Int(code.inlineNodes[Int(node)].function)
  }
}
