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

  /// Independent of everything else that the artefact holds.
  struct Slot: Sendable, Equatable {
    /// The compiled function that deoptimizes.
    var root: Int
    /// Of the call whose guard fails.
    var byteOffset: Int
    /// Among the locals and operands of all frames.
    var index: Int
  }

  static let names = ["slot", "registers", "frame", "resume"]

  var name: String {
    switch self {
    case .slot: "slot"
    case .registers: "registers"
    case .frame: "frame"
    case .resume: "resume"
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
    guard case .slot(let slot) = self else { return bytes }
    let artefact = try Artefact(bytes: bytes)
    var surgery = try ArtefactSurgery(bytes)
    // The table is in the section's contents, which begin with the first table's count.
    let first = UnsafeRawPointer(artefact.deopts.points.words) - 4
    let table = UnsafeRawPointer(artefact.deopts.locations.words) - first
    for move in Self.moves(artefact) where move.slot == slot {
      surgery[.deopt, table + 8 * move.row] = move.other.kind
      surgery[.deopt, table + 8 * move.row + 4] = UInt32(bitPattern: move.other.payload)
    }
    return surgery.sealed()
  }

  // MARK: In the deoptimizer

  func plant(in instance: Instance) {
    switch self {
    case .slot: break
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
