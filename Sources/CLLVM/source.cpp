#include "source.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "llvm/ADT/StringMap.h"
#include "llvm/DebugInfo/DIContext.h"
#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace {

struct Reader {
  StringMap<std::unique_ptr<MemoryBuffer>> sections;
  std::unique_ptr<DWARFContext> context;
};

const char *known(const std::string &text) {
  return text.empty() || text == DILineInfo::BadString ? nullptr : text.c_str();
}

}  // namespace

void *wpgo_source_open(const wpgo_debug_section *sections, size_t count) {
  auto reader = std::make_unique<Reader>();
  for (size_t i = 0; i < count; i++) {
    // DWARFContext knows the names without their dot.
    StringRef name(sections[i].name);
    name.consume_front(".");
    StringRef bytes(static_cast<const char *>(sections[i].bytes), sections[i].size);
    reader->sections[name] = MemoryBuffer::getMemBuffer(bytes, name, false);
  }
  auto ignore = [](Error error) { consumeError(std::move(error)); };
  reader->context = DWARFContext::create(reader->sections, 4, true, ignore, ignore);
  if (!reader->context || reader->context->getNumCompileUnits() == 0) return nullptr;
  return reader.release();
}

void wpgo_source_close(void *reader) { delete static_cast<Reader *>(reader); }

void wpgo_source_frames(
    void *reader, uint64_t offset, void (*visit)(void *, const wpgo_source_frame *), void *context) {
  DILineInfoSpecifier wanted(
      DILineInfoSpecifier::FileLineInfoKind::AbsoluteFilePath, DINameKind::LinkageName);
  object::SectionedAddress address{offset, object::SectionedAddress::UndefSection};
  auto &reading = *static_cast<Reader *>(reader)->context;
  DIInliningInfo frames = reading.getInliningInfoForAddress(address, wanted);
  for (uint32_t i = 0; i < frames.getNumberOfFrames(); i++) {
    const DILineInfo &info = frames.getFrame(i);
    std::string name = known(info.FunctionName) ? demangle(info.FunctionName) : std::string();
    wpgo_source_frame frame{
        known(name), known(info.FileName), info.Line, info.Column, info.StartLine};
    visit(context, &frame);
  }
}

char *wpgo_demangle(const char *name) { return strdup(demangle(name).c_str()); }
