// This folder: what the rest of the project has to know of the processor, beside the assembler. A port provides these types for another one.
//
//   Machine             what files and LLVM call it
//   CPUFeature          instruction set extensions, and how to ask for them
//   MachineRegisters    registers in DWARF, in text, and those with a role of their own
//   MachineRelocation   types of relocations
//   MachineStubs        small pieces of code that the runtime writes
//   FrameCode           instructions that set up and leave a frame
//   GuardCode           the compare of a guard: recognized, moved elsewhere, replaced
//
// Not here: what has assembly files (CRuntime), single-pass code (Baseline), the layouts that compiled code sees (Contract).

/// The processor that machine code is made for, by the names that others have for it.
public enum Machine {
  /// ELF's number: EM_X86_64.
  public static let elfMachine: UInt16 = 62
  /// In messages.
  public static let name = "x86-64"
  /// LLVM's.
  public static let triple = "x86_64-pc-linux-gnu"
  /// The least that code may be compiled for: a key of ``CPUFeature/levels``.
  public static let lowestLevel = "x86-64"
  /// What code is compiled for unless something else is asked for.
  public static let defaultLevel = "x86-64-v2"
}
