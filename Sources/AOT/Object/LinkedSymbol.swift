import Contract
import Files

/// Gives an object the symbol by which a program that it is linked into finds the artefact (``LinkedArtefact``). All its other symbols become
/// local, so that several artefacts can be in one program.
///
///     artefact.o, symbol.s ─as─> symbol.o ─ld -r─> linkable.o ─objcopy─> linkable.o
func addLinkedSymbol(
  _ symbol: String, to object: HostString, scratch: ScratchDirectory
) throws(CompileError) -> HostString {
  let sizes = try readELF(readFile(object)) { elf throws(ArtefactError) in
    try LinkedArtefact.sections.map { name throws(ArtefactError) in
      guard let section = elf.sections.first(where: { $0.name == name }) else {
        throw ArtefactError(.corrupt, "section is missing", section: name)
      }
      return section.size
    }
  }
  let script = scratch.file("symbol.ld")
  let assembly = scratch.file("symbol.s")
  let descriptor = scratch.file("symbol.o")
  let result = scratch.file("linkable.o")
  try writeFile(Array(LinkedArtefact.script(symbol: symbol).utf8), to: script)
  try writeFile(
    Array(LinkedArtefact.assembly(symbol: symbol, sizes: sizes).utf8), to: assembly)
  try run("as", ["--64", "-o", descriptor, assembly], scratch: scratch)
  try run(
    "ld", ["-r", "-z", "noexecstack", "-T", script, "-o", result, object, descriptor],
    scratch: scratch)
  try run(
    "objcopy", ["--keep-global-symbol=" + HostString(symbol), result], scratch: scratch)
  return result
}
