#include "codegen/artifact/EmbeddedObject.h"
#include "codegen/artifact/CHeader.h"
#include "codegen/artifact/Link.h"

namespace dlc::codegen {

llvm::Expected<EmbeddedObject> makeObject(const TableBlob &table, size_t root,
                                          std::vector<std::string> objects, llvm::StringRef query,
                                          llvm::StringRef prefix, const cpu::CpuTarget &target) {
  auto object = emitTableObject(table, root, query, target);
  if (!object)
    return object.takeError();
  objects.insert(objects.begin(), std::move(*object));
  auto linked = linkRelocatable(objects, {query.str()});
  if (!linked)
    return linked.takeError();
  TableReader reader(table, root);
  return EmbeddedObject{std::move(*linked),
                        hostedHeader(reader, nameInterface(reader, prefix), query)};
}

llvm::Expected<EmbeddedObject> makeFreestandingObject(const TableBlob &table, size_t root,
                                                      std::vector<std::string> objects,
                                                      llvm::StringRef prefix,
                                                      const cpu::CpuTarget &target) {
  TableReader reader(table, root);
  StaticProgram program(reader, nameInterface(reader, prefix));
  auto object = emitFreestandingObject(program, target);
  if (!object)
    return object.takeError();
  objects.insert(objects.begin(), std::move(*object));
  auto linked = linkRelocatable(objects, exportedFunctions(program));
  if (!linked)
    return linked.takeError();
  if (llvm::Error error = checkFreestanding(*linked))
    return std::move(error);
  return EmbeddedObject{std::move(*linked), freestandingHeader(program)};
}

} // namespace dlc::codegen
