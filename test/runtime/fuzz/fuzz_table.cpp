// The program table alone, at the beginning of the input: whatever its references say, nothing
// outside the input is read, and what was accepted can be opened and described. Its functions are
// never called; every address counts as code.
#include "Fuzz.h"
#include "dlc/runtime.h"
#include "runtime/core/Artifact.h"

#include <cstring>

using namespace dlc::runtime::core;

static void describe(dlc_artifact *artifact) {
  char text[64];
  (void)dlc_artifact_name(artifact);
  for (uint32_t i = 0; i < dlc_artifact_symbol_count(artifact); ++i)
    (void)dlc_artifact_symbol(artifact, i);
  for (uint32_t i = 0; i < dlc_artifact_variable_count(artifact); ++i)
    dlc_artifact_describe_variable(artifact, i, text, sizeof text);
  for (uint32_t entry = 0; entry < dlc_artifact_entry_count(artifact); ++entry) {
    (void)dlc_artifact_entry_name(artifact, entry);
    (void)dlc_artifact_entry_layout(artifact, entry);
    dlc_artifact_describe_entry(artifact, entry, text, sizeof text);
    for (uint32_t i = 0; i < dlc_artifact_input_count(artifact, entry); ++i)
      dlc_artifact_describe_input(artifact, entry, i, text, sizeof text);
    for (uint32_t i = 0; i < dlc_artifact_output_count(artifact, entry); ++i)
      dlc_artifact_describe_output(artifact, entry, i, text, sizeof text);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < sizeof(dlc_program))
    return 0;
  // Memory of its own and of just that size, so that the sanitizer sees every step beside it.
  void *memory = nullptr;
  if (posix_memalign(&memory, 64, size) != 0)
    std::abort();
  std::memcpy(memory, data, size);
  auto *program = static_cast<const dlc_program *>(memory);
  auto begin = reinterpret_cast<uintptr_t>(memory);
  bool accepted = validate(program, "fuzz", {begin, begin + size, begin, begin + size}).ok();
  dlc::fuzz::countAccepted(accepted);
  dlc_artifact *artifact = nullptr;
  if (accepted && openTable(program, "fuzz", nullptr, &artifact).ok())
    describe(artifact);
  release(artifact);
  free(memory);
  return 0;
}
