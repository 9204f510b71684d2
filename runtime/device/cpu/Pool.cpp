#include "runtime/device/cpu/Pool.h"

#include "runtime/device/FloatMode.h"

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace dlc::runtime::core;

namespace {

constexpr uint32_t maxThreads = 256;
constexpr uint64_t gateOpen = uint64_t(1) << 31;
constexpr uint64_t gateInside = gateOpen - 1;

// About 50 microseconds of looking for the next job before sleeping: kernels of one step follow
// each other faster than that, and waking a sleeper costs several microseconds.
constexpr int spinCount = 2000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void futexWait(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

void futexWake(std::atomic<uint32_t> &word, int count) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

uint32_t usableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  int count = CPU_COUNT(&set);
  return count < 1 ? 1 : count > int(maxThreads) ? maxThreads : uint32_t(count);
}

Status threadsFromEnvironment(uint32_t *count) {
  *count = usableProcessors();
  const char *text = getenv("DLC_NUM_THREADS");
  if (!text || !*text)
    return Status();
  char *end;
  long value = strtol(text, &end, 10);
  if (*end || value < 1 || value > long(maxThreads))
    return fail(DLC_INVALID_ARGUMENT,
                "DLC_NUM_THREADS: expected a number from 1 to %u, got \"%.40s\"", maxThreads, text);
  *count = uint32_t(value);
  return Status();
}

void launchOnPool(Device *device, const Launch *launches, uint32_t count) {
  static_cast<dlc_pool *>(device)->launchTiles(launches, count);
}

void launchOnCaller(Device *, const Launch *launches, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i)
    runWatched(launches[i], 0, 0, launches[i].tiles);
}

} // namespace

Device *dlc::runtime::core::callerDevice() {
  static Device device = {launchOnCaller, 1};
  return &device;
}

dlc_pool *dlc::runtime::core::retain(dlc_pool *pool) {
  if (pool)
    pool->references.fetch_add(1, std::memory_order_relaxed);
  return pool;
}

void dlc::runtime::core::release(dlc_pool *pool) {
  if (pool && pool->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy(pool);
}

dlc_pool::dlc_pool() : Device{launchOnPool, 1} {}

dlc_pool::~dlc_pool() {
  stop.store(true, std::memory_order_relaxed);
  epoch.fetch_add(1);
  futexWake(epoch, INT_MAX);
  for (uint32_t i = 0; i < started && process == getpid(); ++i)
    pthread_join(workers[i].thread, nullptr);
  freeTensors(shares);
}

Status dlc_pool::makeShares(uint32_t count) {
  if (count - 1 >= maxThreads)
    return fail(DLC_INVALID_ARGUMENT, "a pool has 1 to %u threads, not %u", maxThreads, count);
  uint32_t shareCount = count * DLC_TOGETHER_MAX;
  shares = static_cast<Share *>(allocateTensors(int64_t(shareCount) * int64_t(sizeof(Share))));
  if (!shares)
    return outOfMemory(count);
  for (uint32_t i = 0; i < shareCount; ++i)
    new (&shares[i]) Share();
  threads = count;
  return Status();
}

Status dlc_pool::adopt(const dlc_host_threads &given) {
  host = given;
  return makeShares(given.threads);
}

void dlc_pool::hostWork(void *pool, uint32_t part) {
  FloatMode mode;
  static_cast<dlc_pool *>(pool)->runTiles(part);
}

Status dlc_pool::start(uint32_t count) {
  if (count == 0)
    DLC_TRY(threadsFromEnvironment(&count));
  DLC_TRY(makeShares(count));
  if (!workers.allocate(count - 1))
    return outOfMemory(count);
  // Spinning threads that outnumber the processors would keep the one with work from running.
  spins = count <= usableProcessors() ? spinCount : 0;
  process = getpid();
  // Workers take no signals: handlers belong to the program's own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = 0;
  for (; started < count - 1 && error == 0; started += error == 0) {
    workers[started] = {this, started + 1, {}};
    error = pthread_create(&workers[started].thread, nullptr, workerMain, &workers[started]);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error)
    return fail(DLC_RESOURCE_EXHAUSTED, "thread %u of %u could not be started: %s", started + 2,
                count, strerror(error));
  return Status();
}

int64_t dlc_pool::tiles(uint32_t thread) const {
  return thread < threads ? shares[thread].tiles.load(std::memory_order_relaxed) : 0;
}

void *dlc_pool::workerMain(void *argument) {
  auto *worker = static_cast<Worker *>(argument);
  char name[16];
  snprintf(name, sizeof name, "dlc-%u", worker->index);
  pthread_setname_np(pthread_self(), name);
  FloatMode mode;
  worker->pool->serve(worker->index);
  return nullptr;
}

void dlc_pool::serve(uint32_t thread) {
  for (uint32_t seen = 0;;) {
    seen = awaitJob(seen);
    if (stop.load(std::memory_order_relaxed))
      return;
    uint64_t now = gate.load(std::memory_order_relaxed);
    while (uint32_t(now >> 32) == seen && (now & gateOpen)) {
      if (!gate.compare_exchange_weak(now, now + 1, std::memory_order_acquire,
                                      std::memory_order_relaxed))
        continue;
      runTiles(thread);
      gate.fetch_sub(1, std::memory_order_release);
      break;
    }
  }
}

// Returns the number of a job that is not |seen|.
uint32_t dlc_pool::awaitJob(uint32_t seen) {
  for (int i = 0; i < spins; ++i) {
    uint32_t now = epoch.load(std::memory_order_acquire);
    if (now != seen)
      return now;
    relax();
  }
  // Announced before the kernel compares the word again, so that a launch that missed the
  // announcement has changed the word already.
  sleepers.fetch_add(1);
  while (epoch.load() == seen)
    futexWait(epoch, seen);
  sleepers.fetch_sub(1);
  return epoch.load(std::memory_order_acquire);
}

void dlc_pool::launchTiles(const Launch *launches, uint32_t count) {
  double grains = 0; // each worth a fork
  for (uint32_t i = 0; i < count; ++i)
    grains += double(launches[i].tiles) / double(launches[i].grain);
  bool alone = threads == 1 || grains < 2 || busy.exchange(true, std::memory_order_acquire);
  if (alone) {
    for (uint32_t i = 0; i < count; ++i)
      runRange(0, 0, launches[i].tiles, launches[i]);
    return;
  }
  phases = count;
  for (uint32_t i = 0; i < count; ++i) {
    job[i].shares = shares + size_t(i) * threads;
    share(job[i], launches[i]);
  }
  uint32_t helpers = grains < threads ? uint32_t(grains) - 1 : threads - 1;
  if (host.run) {
    host.run(host.context, helpers + 1, hostWork, this);
    runTiles(0);
    busy.store(false, std::memory_order_release);
    return;
  }
  uint32_t number = epoch.load(std::memory_order_relaxed) + 1;
  gate.store(uint64_t(number) << 32 | gateOpen, std::memory_order_release);
  epoch.store(number);
  if (uint32_t asleep = sleepers.load())
    futexWake(epoch, int(asleep < helpers ? asleep : helpers));
  runTiles(0);
  gate.fetch_and(~gateOpen, std::memory_order_acq_rel);
  for (int i = 0; gate.load(std::memory_order_acquire) & gateInside; ++i)
    i < spinCount ? relax() : void(sched_yield());
  busy.store(false, std::memory_order_release);
}

// Cuts the tiles into a range per thread.
void dlc_pool::share(Part &part, const Launch &launch) {
  part.launch = launch;
  int64_t most = launch.tiles / launch.grain;
  uint32_t parts = most < 1 ? 1 : most < threads ? uint32_t(most) : threads;
  int64_t length = launch.tiles / parts, rest = launch.tiles % parts, begin = 0;
  for (uint32_t i = 0; i < parts; ++i) {
    part.shares[i].next.store(begin, std::memory_order_relaxed);
    begin += length + (i < rest);
    part.shares[i].end = begin;
  }
  part.parts = parts;
}

void dlc_pool::runTiles(uint32_t thread) {
  for (Part *part = job; part < job + phases; ++part) {
    int64_t grain = part->launch.grain;
    for (uint32_t i = 0; i < part->parts; ++i) {
      Share &range = part->shares[(thread + i) % part->parts];
      for (;;) {
        int64_t left = range.end - range.next.load(std::memory_order_relaxed);
        if (left <= 0)
          break;
        int64_t quarter = (left + 3) / 4, chunk = quarter > grain ? quarter : grain;
        int64_t begin = range.next.fetch_add(chunk, std::memory_order_relaxed);
        if (begin >= range.end)
          break;
        int64_t end = begin + chunk;
        runRange(thread, begin, end < range.end ? end : range.end, part->launch);
      }
    }
  }
}

void dlc_pool::runRange(uint32_t thread, int64_t begin, int64_t end, const Launch &launch) {
  runWatched(launch, thread, begin, end);
  count(thread, end - begin);
}

// Callers that found the pool busy all count as thread 0, hence the atomic addition there.
void dlc_pool::count(uint32_t thread, int64_t tiles) {
  shares[thread].tiles.fetch_add(tiles, std::memory_order_relaxed);
}
