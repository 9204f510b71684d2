#include "codegen/Messages.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

using namespace mlir;

namespace dlc::codegen {

std::string placeOf(Location location) {
  if (auto file = dyn_cast<FileLineColLoc>(location)) {
    std::string text = file.getFilename().getValue().str();
    // Lines of a builder's call have no column.
    text += ":" + std::to_string(file.getLine());
    return file.getColumn() ? text + ":" + std::to_string(file.getColumn()) : text;
  }
  if (auto named = dyn_cast<NameLoc>(location)) {
    std::string place = placeOf(named.getChildLoc()), name = named.getName().getValue().str();
    return place.empty() ? name : place + ": " + name;
  }
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return placeOf(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (std::string place = placeOf(part); !place.empty())
        return place;
  return "";
}

static std::string lineOf(Diagnostic &diagnostic) {
  StringRef severity = diagnostic.getSeverity() == DiagnosticSeverity::Error     ? "error: "
                       : diagnostic.getSeverity() == DiagnosticSeverity::Warning ? "warning: "
                                                                                 : "note: ";
  std::string place = placeOf(diagnostic.getLocation());
  return (place.empty() ? "" : place + ": ") + severity.str() + diagnostic.str();
}

std::string messageOf(Diagnostic &diagnostic) {
  std::string text = lineOf(diagnostic);
  for (Diagnostic &note : diagnostic.getNotes())
    text += "\n  " + lineOf(note);
  return text;
}

} // namespace dlc::codegen
