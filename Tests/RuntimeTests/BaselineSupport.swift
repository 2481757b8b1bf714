import Baseline
import Contract
import Feedback
import Glibc
import Runtime
import Wasm
import WasmText
import X64

/// Machine code made by a test, executable for as long as the object lives.
final class ExecutableCode {
  let address: UInt
  private let size: Int

  init(_ code: [UInt8]) {
    size = (code.count + 4095) & ~4095
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    precondition(memory != MAP_FAILED)
    // The mapping has `size` >= `code.count` bytes.
    memory.copyMemory(from: code, byteCount: code.count)
    precondition(mprotect(memory, size, PROT_READ | PROT_EXEC) == 0)
    address = UInt(bitPattern: memory)
  }

  deinit { munmap(UnsafeMutableRawPointer(bitPattern: address), size) }
}

/// Runs baseline code from its middle, as a deoptimizer does: in a frame built from given slots.
enum FrameEntry {
  typealias Function =
    @convention(c) (UnsafeMutableRawPointer, UnsafePointer<UInt64>, UInt64) ->
    UInt64

  /// - Parameters:
  ///   - resume: offset in the code at which to go on.
  ///   - result: what rax holds there.
  /// - Returns: what the function returns in rax.
  static func run(
    _ compiled: CompiledFunction, at resume: Int, slots: [UInt64], result: UInt64 = 0,
    in instance: Instance, code: UInt
  ) -> UInt64 {
    var assembler = Assembler()
    for register: Register in [.rbp, .rbx, .r12] { assembler.push(register) }
    let inner = assembler.makeLabel()
    assembler.call(inner)
    for register: Register in [.r12, .rbx, .rbp] { assembler.pop(register) }
    assembler.return()
    assembler.bind(inner)
    // The frame that the function's prologue would have made.
    for register: Register in [.rbp, .rbx, .r12] {
      assembler.push(register)
      if register == .rbp { assembler.move(.qword, .rbp, .rsp) }
    }
    assembler.move(.qword, .rbx, .rdi)
    assembler.load(.qword, .r12, .memory(.rbx, Int32(ContextLayout.memoryBase)))
    assembler.loadAddress(.qword, .rsp, .memory(.rbp, -Int32(compiled.frameSize)))
    assembler.move(.qword, .rax, .rdx)
    assembler.move(.rcx, immediate: UInt64(slots.count))
    assembler.move(.qword, .rdi, .rsp)
    assembler.repeatMoveQuadwords()
    assembler.move(.r11, immediate: UInt64(code) + UInt64(resume))
    // Nothing may rely on other registers.
    for register: Register in [.rcx, .rdx, .rsi, .rdi, .r8, .r9, .r10] {
      assembler.move(register, immediate: 0xDEAD_BEEF_DEAD_BEEF)
    }
    assembler.jump(.register(.r11))
    let entry = ExecutableCode(assembler.code)
    // The code above follows the C convention for these arguments, and saves what it must.
    let function = unsafeBitCast(entry.address, to: Function.self)
    return withoutStackLimit(instance) { function(instance.context, slots, result) }
  }

  /// Code runs on the test's own stack here.
  static func withoutStackLimit<T>(_ instance: Instance, _ body: () -> T) -> T {
    let limit = instance.context.load(fromByteOffset: ContextLayout.stackLimit, as: UInt.self)
    instance.context.storeBytes(of: 0, toByteOffset: ContextLayout.stackLimit, as: UInt.self)
    defer {
      instance.context.storeBytes(of: limit, toByteOffset: ContextLayout.stackLimit, as: UInt.self)
    }
    return body()
  }
}

/// A module's first instance with the compiled code of one exported function.
struct BaselineCase {
  let machine: Machine
  let instance: Instance
  let compiled: CompiledFunction
  let code: UInt

  init(
    _ text: String, function name: String, feedback: Bool = false, target: VectorTarget = .least
  ) throws {
    machine = try Machine()
    let valid = try Module(validating: assemble(text))
    let module = CompiledModule(
      valid, recorder: feedback ? Recorder(valid) : nil, target: target)
    instance = try machine.linker.instantiate(module)
    let index = module.module.exports.first { $0.name == name }!.index
    let baseline = try module.baseline(function: index)
    // The module has no artefact.
    compiled = baseline.metadata as! CompiledFunction
    code = baseline.address
  }

  /// The sites of the function, in order.
  func resume(before site: Int, slots: [UInt64]) -> UInt64 {
    FrameEntry.run(
      compiled, at: compiled.callSites[site].resumeBefore, slots: slots, in: instance, code: code)
  }

  func resume(after site: Int, slots: [UInt64], result: UInt64) -> UInt64 {
    FrameEntry.run(
      compiled, at: compiled.callSites[site].resumeAfter!, slots: slots, result: result,
      in: instance, code: code)
  }
}
