// Replaces the locks of a test's binary by ones that count every call while `counting` is set, in
// all threads: mutexes, reader-writer locks, spin locks, semaphores, condition variables, once.
//
// Beside CountingAllocator.h, whose switch it shares; like that, for one file of the binary, and
// nothing under a sanitizer, which has locks of its own. libc's inner locks (of its allocator, of
// stdio) do not pass here; they show as allocations and as system calls.
#pragma once
#include "test/CountingAllocator.h"

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>

namespace dlc::test {

inline std::atomic<int> locks{0};

/// The function of that name behind the one of this file.
template <typename Fn> Fn *behind(Fn *, const char *name) {
  locks += counting.load(std::memory_order_relaxed);
  return reinterpret_cast<Fn *>(dlsym(RTLD_NEXT, name));
}

} // namespace dlc::test

#if !DLC_TEST_ADDRESS && !DLC_TEST_THREAD
#define DLC_COUNTED(name, Type, argument)                                                          \
  extern "C" int name(Type *argument) { return dlc::test::behind(&name, #name)(argument); }
DLC_COUNTED(pthread_mutex_lock, pthread_mutex_t, mutex)
DLC_COUNTED(pthread_mutex_trylock, pthread_mutex_t, mutex)
DLC_COUNTED(pthread_rwlock_rdlock, pthread_rwlock_t, lock)
DLC_COUNTED(pthread_rwlock_wrlock, pthread_rwlock_t, lock)
DLC_COUNTED(pthread_spin_lock, pthread_spinlock_t, lock)
DLC_COUNTED(sem_wait, sem_t, semaphore)
DLC_COUNTED(pthread_cond_signal, pthread_cond_t, condition)
DLC_COUNTED(pthread_cond_broadcast, pthread_cond_t, condition)
#undef DLC_COUNTED
extern "C" int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  return dlc::test::behind(&pthread_cond_wait, "pthread_cond_wait")(condition, mutex);
}
extern "C" int pthread_once(pthread_once_t *once, void (*call)(void)) {
  return dlc::test::behind(&pthread_once, "pthread_once")(once, call);
}
#endif
