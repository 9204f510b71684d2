// The thread pool: runs the tiles of one phase on several threads, in about a microsecond.
//
// Tiles 0..T-1 are cut into one contiguous range per thread, by T alone. A thread takes chunks of
// its own range first, which finds last step's data in its cache, and then helps with the others'.
// A chunk is a quarter of what is left: few calls at first, and in the end little to wait for where
// tiles differ in cost or a thread was away (an input gradient with a stride of 2, whose phases
// have 4, 2, 2 and 1 taps, took 11 % longer on two threads with chunks of equal size).
// Tiles are disjoint work and never share a sum, so who runs which does not show in the result.
//
//   launch:  publish job, open gate | run tiles | close gate | wait for those inside
//   worker:  spin, then sleep, until a job | enter if the gate is open | run tiles | leave
//
// The caller waits only for workers that entered. One that wakes too late finds the gate closed and
// costs nothing, so a pool on a loaded machine is never slower than the caller alone by more than
// a wake-up call; and after fork(), where no worker exists, it still computes.
//
// A pool of the host's threads has no workers: the host calls for each range, and the launch ends
// with what it left.
//
// A launch may be of several phases that do not wait for each other: threads work on one after the
// other without meeting in between, so a phase of one tile keeps one thread busy while the rest
// takes the next. Whether to fork at all is decided by all phases together.
//
// One launch at a time: a second caller meanwhile runs its tiles itself. Launching allocates
// nothing.
#ifndef DLC_RUNTIME_DEVICE_CPU_POOL_H
#define DLC_RUNTIME_DEVICE_CPU_POOL_H

#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"
#include "runtime/device/Device.h"

#include <atomic>
#include <pthread.h>
#include <sys/types.h>

struct dlc_pool : dlc::runtime::core::Device {
  dlc_pool();
  ~dlc_pool();
  // Starts the threads; |count| 0 asks the environment, then the machine.
  dlc::runtime::core::Status start(uint32_t count);
  // Takes the program's threads instead.
  dlc::runtime::core::Status adopt(const dlc_host_threads &threads);

  void launchTiles(const dlc::runtime::core::Launch *launches, uint32_t count);
  void launchTiles(const dlc::runtime::core::Launch &launch) { launchTiles(&launch, 1); }
  int64_t tiles(uint32_t thread) const;

  std::atomic<int> references{1};

private:
  // A thread's share of a phase, and its counter (in its share of the first phase). Alone on its
  // cache line.
  struct alignas(64) Share {
    std::atomic<int64_t> next;
    int64_t end;
    std::atomic<int64_t> tiles;
  };
  struct Worker {
    dlc_pool *pool;
    uint32_t index;
    pthread_t thread;
  };

  dlc::runtime::core::Status makeShares(uint32_t count);
  static void *workerMain(void *worker);
  static void hostWork(void *pool, uint32_t part);
  void serve(uint32_t thread);
  uint32_t awaitJob(uint32_t seen);
  // A phase of the running job, cut into |parts| ranges, each of which is taken in chunks.
  struct Part {
    dlc::runtime::core::Launch launch;
    uint32_t parts;
    Share *shares;
  };
  void share(Part &part, const dlc::runtime::core::Launch &launch);
  void runTiles(uint32_t thread);
  void runRange(uint32_t thread, int64_t begin, int64_t end,
                const dlc::runtime::core::Launch &launch);
  void count(uint32_t thread, int64_t tiles);

  // The job; written by the launching thread while the gate is closed and nobody is inside.
  Part job[DLC_TOGETHER_MAX] = {};
  uint32_t phases = 0;
  Share *shares = nullptr; // of all threads in the first phase, then in the next

  dlc::runtime::core::Array<Worker> workers;
  uint32_t started = 0;
  pid_t process = 0; // that the workers live in; a forked child has none
  int spins = 0;
  dlc_host_threads host = {};

  std::atomic<bool> busy{false};
  alignas(64) std::atomic<uint32_t> epoch{0}; // number of the last job; what sleepers wait on
  std::atomic<uint32_t> sleepers{0};
  std::atomic<bool> stop{false};
  alignas(64) std::atomic<uint64_t> gate{0}; // epoch << 32 | open << 31 | threads inside
};

namespace dlc::runtime::core {

dlc_pool *retain(dlc_pool *pool);
void release(dlc_pool *pool);

} // namespace dlc::runtime::core

#endif
