// The C API of sessions: translation only. Contracts: dlc/runtime.h.
#include "runtime/core/Session.h"

using namespace dlc::runtime::core;

dlc_status *dlc_session_create(const dlc_artifact *artifact, dlc_state *state, dlc_pool *pool,
                               const dlc_size *sizes, size_t count, dlc_session **out) {
  auto *session = create<dlc_session>();
  if (!session)
    return outOfMemory(sizeof(dlc_session)).release();
  Status status = session->create(artifact, state, pool, sizes, count);
  if (status.ok())
    *out = session;
  else
    destroy(session);
  return status.release();
}

void dlc_session_free(dlc_session *session) { destroy(session); }

const dlc_artifact *dlc_session_artifact(const dlc_session *session) {
  return session->artifact;
}

dlc_status *dlc_session_bind_input(dlc_session *session, uint32_t entry, uint32_t index,
                                   uint32_t dtype, const void *data, const int64_t *dims,
                                   uint32_t rank) {
  return session->bindInput(entry, index, dtype, data, dims, rank).release();
}

dlc_status *dlc_session_bind_output(dlc_session *session, uint32_t entry, uint32_t index,
                                    void *data, size_t bytes) {
  return session->bindOutput(entry, index, data, bytes).release();
}

dlc_status *dlc_session_bind_size(dlc_session *session, const char *symbol, int64_t value) {
  return session->bindSize(symbol, value).release();
}

dlc_status *dlc_session_prepare(dlc_session *session, uint32_t entry, const dlc_size *sizes,
                                size_t count) {
  return session->prepare(entry, sizes, count).release();
}

int64_t dlc_session_arena_bytes(const dlc_session *session) { return session->arenaBytes; }

dlc_status *dlc_session_output_dims(dlc_session *session, uint32_t entry, uint32_t index,
                                    int64_t *dims) {
  return session->outputDims(entry, index, dims).release();
}

dlc_status *dlc_session_run(dlc_session *session, uint32_t entry) {
  return session->run(entry).release();
}

void dlc_session_cancel(dlc_session *session) {
  session->cancelled.store(true, std::memory_order_relaxed);
}

dlc_status *dlc_session_get_cache(dlc_session *session, const char *name, void *data,
                                  size_t bytes) {
  return session->getCache(name, data, bytes).release();
}

dlc_status *dlc_session_set_cache(dlc_session *session, const char *name, const void *data,
                                  size_t bytes) {
  return session->setCache(name, data, bytes).release();
}

void dlc_session_reset_caches(dlc_session *session) { session->caches.zero(); }

dlc_status *dlc_session_set_profiling(dlc_session *session, int enabled) {
  return session->setProfiling(enabled != 0).release();
}

void dlc_session_check_finite(dlc_session *session, int enabled) {
  session->setFiniteCheck(enabled != 0);
}

dlc_kernel_stats dlc_session_kernel_stats(const dlc_session *session, uint32_t kernel) {
  return kernel < session->stats.size() ? session->stats[kernel] : dlc_kernel_stats{};
}

int64_t dlc_session_kernel_tiles(const dlc_session *session, uint32_t kernel, uint32_t thread) {
  size_t index = size_t(kernel) * session->threads() + thread;
  return thread < session->threads() && index < session->recorder.tiles.size()
             ? session->recorder.tiles[index]
             : 0;
}

void dlc_session_set_trace(dlc_session *session, dlc_trace_event *events, size_t capacity) {
  session->setTrace(events, capacity);
}

size_t dlc_session_trace_count(const dlc_session *session) {
  return session->recorder.count.load(std::memory_order_relaxed);
}
