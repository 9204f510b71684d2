// Whether an artifact's entry is the one that a program was built for.
#include "runtime/abi/layout.h"

#include "runtime/core/Artifact.h"

namespace dlc::runtime::core {

uint64_t layoutOf(const dlc_artifact &artifact, uint32_t entry) {
  return dlc_layout_of_entry(&artifact.program, &artifact.entries[entry]);
}

void describeEntry(const dlc_artifact &artifact, uint32_t entry, char *text, size_t capacity) {
  dlc_describe_entry(&artifact.program, &artifact.entries[entry], text, capacity);
}

// Where the tensor begins in which two descriptions differ first; 0 when that is near their begin.
static size_t firstDifference(const char *a, const char *b) {
  constexpr size_t near = 160;
  size_t at = 0;
  while (a[at] && a[at] == b[at])
    ++at;
  if (at < near)
    return 0;
  while (at > 0 && a[at - 1] != '(' && !(a[at - 1] == ' ' && a[at - 2] == ','))
    --at;
  return at;
}

Status checkEntry(const dlc_artifact &artifact, uint32_t entry, uint64_t layout,
                  const char *signature) {
  constexpr int shown = 280; // bytes of a description in a message
  const char *expected = signature ? signature : "an entry";
  if (entry >= artifact.entries.size())
    return fail(DLC_FAILED_PRECONDITION,
                "artifact \"%s\" is not the model that this program was built for: expected entry "
                "%u to be %.*s, but it has %u entries; open the model of the program's header",
                artifact.name(), entry, shown, expected, artifact.entries.size());
  uint64_t mine = layoutOf(artifact, entry);
  if (mine == layout)
    return Status();
  char got[4096];
  describeEntry(artifact, entry, got, sizeof got);
  size_t from = signature ? firstDifference(signature, got) : 0;
  const char *cut = from ? "..." : "";
  return fail(DLC_FAILED_PRECONDITION,
              "artifact \"%s\" is not the model that this program was built for: expected entry %u "
              "to be %s%.*s (layout %016llx), got %s%.*s (layout %016llx); open the model of the "
              "program's header, or build the program with the header of this model",
              artifact.name(), entry, cut, shown, expected + from,
              static_cast<unsigned long long>(layout), cut, shown, got + from,
              static_cast<unsigned long long>(mine));
}

} // namespace dlc::runtime::core
