// The variables of a program, shared by the sessions that run on it.
#ifndef DLC_RUNTIME_CORE_STATE_H
#define DLC_RUNTIME_CORE_STATE_H

#include "runtime/core/Store.h"

struct dlc_weights;

struct dlc_state {
  ~dlc_state() { dlc::runtime::core::release(artifact); }

  dlc::runtime::core::Status get(const char *name, void *data, size_t bytes);
  dlc::runtime::core::Status set(const char *name, const void *data, size_t bytes);
  dlc::runtime::core::Status load(const dlc_weights &weights, uint32_t roles);
  dlc::runtime::core::Status save(const char *path, uint32_t roles, const dlc_metadata *metadata,
                                  size_t metadataCount);

  dlc_artifact *artifact = nullptr;
  dlc::runtime::core::Symbols symbols;
  dlc::runtime::core::Store store;
  std::atomic<int> users{0}; // readers, or -1 for one writer
  std::atomic<int> references{1};
};

namespace dlc::runtime::core {

Status createState(const dlc_artifact *artifact, const dlc_size *sizes, size_t count,
                   dlc_state **out);
dlc_state *retain(dlc_state *state);
void release(dlc_state *state);

// Holds a state for reading or writing while in scope; never waits.
class StateUse {
public:
  StateUse(dlc_state &state, bool writes);
  ~StateUse();
  StateUse(const StateUse &) = delete;
  StateUse &operator=(const StateUse &) = delete;
  // False when somebody else's use forbids this one.
  bool granted() const { return held; }

private:
  dlc_state &state;
  bool writes, held;
};

// Finds a variable of |owner| and checks that |bytes| is its logical size.
Status findSized(const dlc_artifact &artifact, const Store &store, Owner owner, const char *name,
                 size_t bytes, uint32_t *variable);

} // namespace dlc::runtime::core

#endif
