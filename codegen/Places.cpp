#include "codegen/Places.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace dlc::codegen {

static void collect(Location location, StringRef name, std::vector<Place> &places) {
  auto append = [&](Place place) {
    bool known = llvm::any_of(places, [&](const Place &other) {
      return other.name == place.name && other.file == place.file && other.line == place.line;
    });
    if (!known)
      places.push_back(std::move(place));
  };
  if (auto named = dyn_cast<NameLoc>(location)) {
    collect(named.getChildLoc(), named.getName().getValue(), places);
  } else if (auto fused = dyn_cast<FusedLoc>(location)) {
    for (Location part : fused.getLocations())
      collect(part, name, places);
  } else if (auto call = dyn_cast<CallSiteLoc>(location)) {
    collect(call.getCallee(), name, places);
  } else if (auto file = dyn_cast<FileLineColLoc>(location)) {
    append({name.str(), llvm::sys::path::filename(file.getFilename().getValue()).str(),
            file.getLine(), file.getColumn()});
  } else if (!name.empty()) {
    append({name.str(), "", 0, 0});
  }
}

std::vector<Place> placesOf(Location location) {
  std::vector<Place> places;
  collect(location, "", places);
  return places;
}

std::string textOf(ArrayRef<Place> places) {
  constexpr size_t most = 3;
  std::vector<std::string> texts;
  for (const Place &place : places.take_front(most)) {
    std::string line = place.file.empty() ? "" : place.file + ":" + std::to_string(place.line);
    texts.push_back(place.name.empty() || line.empty() ? place.name + line
                                                       : place.name + " (" + line + ")");
  }
  std::string text = llvm::join(texts, ", ");
  return places.size() > most ? text + " and " + std::to_string(places.size() - most) + " more"
                              : text;
}

} // namespace dlc::codegen
