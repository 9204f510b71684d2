// The runtime as a guest: on threads of its host, in forked children, and without leaving a trace
// in what belongs to the whole process.
#include "Toy.h"

#include "dlc/runtime.hpp"
#include "runtime/device/cpu/Pool.h"
#include "test/Sanitized.h"

#include <gtest/gtest.h>

#include <clocale>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <vector>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

using Work = void (*)(void *job, uint32_t part);

// Ways in which a host may run parts.
void oneByOne(void *, uint32_t parts, Work work, void *job) {
  for (uint32_t part = parts; part-- > 0;)
    work(job, part);
}
void allAtOnce(void *, uint32_t parts, Work work, void *job) {
  std::vector<std::thread> threads;
  for (uint32_t part = 0; part < parts; ++part)
    threads.emplace_back(work, job, part);
  for (std::thread &thread : threads)
    thread.join();
}
void onlyTheLast(void *, uint32_t parts, Work work, void *job) { work(job, parts - 1); }
void none(void *, uint32_t, Work, void *) {}

// The toy with weights 1 2 3 4, whose predictions are known.
struct Toy {
  explicit Toy(const Pool &pool) {
    EXPECT_TRUE(Artifact::openLinked(queryToy, artifact).ok());
    EXPECT_TRUE(State::create(artifact, nullptr, 0, state).ok());
    float w[] = {1, 2, 3, 4};
    EXPECT_TRUE(state.set("w", w, sizeof w).ok());
    makeSession(pool);
  }
  void makeSession(const Pool &pool) {
    EXPECT_TRUE(Session::create(artifact, state, pool, nullptr, 0, session).ok());
    std::iota(x.begin(), x.end(), 0.0f);
    EXPECT_TRUE(session.bindInput(Predict, 0, DLC_F32, x.data(), {rows, 4}).ok());
    EXPECT_TRUE(session.bindOutput(Predict, 0, y.data(), y.size() * sizeof(float)).ok());
    EXPECT_TRUE(session.prepare(Predict).ok());
  }
  bool predicts() {
    std::fill(y.begin(), y.end(), -1.0f);
    bool right = session.run(Predict).ok();
    for (size_t i = 0; i < y.size(); ++i)
      right &= y[i] == x[i] * float(i % 4 + 1) + 100;
    return right;
  }

  static constexpr int64_t rows = 500;
  Artifact artifact;
  State state;
  Session session;
  std::vector<float> x = std::vector<float>(rows * 4), y = std::vector<float>(rows * 4);
};

// ---- threads of the host -----------------------------------------------------------------------

void hit(void *const *ptrs, const int64_t *, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    ++static_cast<unsigned char *>(ptrs[0])[i];
}

TEST(HostThreads, runEveryTileOnceHoweverTheyAreCalled) {
  for (auto *run : {oneByOne, allAtOnce, onlyTheLast, none})
    for (int64_t tiles : {1, 2, 3, 64, 1000}) {
      dlc_pool pool;
      ASSERT_TRUE(pool.adopt({4, nullptr, run}).ok());
      std::vector<unsigned char> hits(size_t(tiles), 0);
      void *ptrs[] = {hits.data()};
      pool.launchTiles({hit, ptrs, 0, nullptr, tiles, 1, nullptr});
      EXPECT_EQ(hits, std::vector<unsigned char>(size_t(tiles), 1)) << tiles;
      int64_t counted = 0;
      for (uint32_t thread = 0; thread < 4; ++thread)
        counted += pool.tiles(thread);
      EXPECT_EQ(counted, tiles);
    }
}

// What the host was asked for, and by whom its parts were run.
struct Log {
  int calls = 0;
  uint32_t mostParts = 0;
};
void logged(void *context, uint32_t parts, Work work, void *job) {
  auto &log = *static_cast<Log *>(context);
  ++log.calls;
  log.mostParts = std::max(log.mostParts, parts);
  allAtOnce(nullptr, parts, work, job);
}

TEST(HostThreads, runSessions) {
  Log log;
  Pool pool;
  ASSERT_TRUE(Pool::create({3, &log, logged}, pool).ok());
  EXPECT_EQ(pool.threads(), 3u);
  Toy toy(pool);
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(toy.predicts());
  EXPECT_GE(log.calls, 20);
  EXPECT_EQ(log.mostParts, 3u);
  EXPECT_EQ(Pool::create({0, nullptr, none}, pool).code(), DLC_INVALID_ARGUMENT);
  EXPECT_EQ(Pool::create({257, nullptr, none}, pool).code(), DLC_INVALID_ARGUMENT);
}

#if defined(__x86_64__)
unsigned controlBits() { return _mm_getcsr() & 0xffc0; } // without the status flags

void readMode(void *const *ptrs, const int64_t *, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    static_cast<unsigned *>(ptrs[0])[i] = controlBits();
}

// A game's threads flush subnormals; kernels must not, and the threads must go on doing so.
void flushing(void *context, uint32_t parts, Work work, void *job) {
  for (uint32_t part = 0; part < parts; ++part)
    std::thread([=] {
      _mm_setcsr(0x9fc0);
      work(job, part);
      *static_cast<bool *>(context) &= controlBits() == 0x9fc0;
    }).join();
}

TEST(HostThreads, computeInTheDefaultModeAndKeepTheirOwn) {
  bool kept = true;
  dlc_pool pool;
  ASSERT_TRUE(pool.adopt({2, &kept, flushing}).ok());
  unsigned modes[64] = {};
  void *ptrs[] = {modes};
  pool.launchTiles({readMode, ptrs, 0, nullptr, 64, 1, nullptr});
  EXPECT_TRUE(kept);
  for (unsigned mode : modes)
    EXPECT_EQ(mode, 0x1f80u);
}
#endif

// ---- what belongs to the process ---------------------------------------------------------------

std::set<std::string> listFolder(const char *path) {
  std::set<std::string> names;
  for (const auto &entry : std::filesystem::directory_iterator(path))
    names.insert(entry.path().filename());
  return names;
}

size_t threadCount() { return listFolder("/proc/self/task").size(); }

// Everything process-wide that a library could change, as text.
std::string surroundings() {
  std::string all;
  for (int number = 1; number < 65; ++number) {
    struct sigaction action = {};
    if (sigaction(number, nullptr, &action) != 0)
      continue;
    all += std::to_string(number) + ":" +
           std::to_string(reinterpret_cast<uintptr_t>(action.sa_handler)) + "/" +
           std::to_string(action.sa_flags) + " ";
  }
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  for (int number = 1; number < 65; ++number)
    all += sigismember(&mask, number) == 1 ? '1' : '0';
  all += std::string("\nlocale ") + setlocale(LC_ALL, nullptr);
  for (char **variable = environ; *variable; ++variable)
    all += std::string("\n") + *variable;
  all += "\nfolder " + std::filesystem::current_path().string();
  mode_t mode = umask(0);
  umask(mode);
  all += "\numask " + std::to_string(mode);
  for (auto resource : {RLIMIT_STACK, RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_AS, RLIMIT_DATA}) {
    rlimit limit;
    getrlimit(resource, &limit);
    all += "\nlimit " + std::to_string(limit.rlim_cur);
  }
#if defined(__x86_64__)
  all += "\nmode " + std::to_string(controlBits());
#endif
  all += "\nthreads " + std::to_string(threadCount());
  all += "\nfiles " + std::to_string(listFolder("/proc/self/fd").size());
  return all;
}

void useEverything() {
  std::string file = (std::filesystem::path(testing::TempDir()) /
                      ("dlc_host_" + std::to_string(getpid()) + ".safetensors"))
                         .string();
  Pool pool;
  EXPECT_TRUE(Pool::create(3, pool).ok());
  Toy toy(pool);
  EXPECT_TRUE(toy.predicts());
  EXPECT_TRUE(toy.state.save(file.c_str(), DLC_ROLES_ALL).ok());
  EXPECT_TRUE(toy.state.loadFile(file.c_str(), DLC_ROLES_ALL).ok());
  EXPECT_FALSE(toy.session.run(Broken).ok());
  Artifact none;
  EXPECT_FALSE(Artifact::open("/no/such/file", none).ok());
  EXPECT_FALSE(Artifact::openMemory("\x7f" "ELF", 4, "short", none).ok());
  std::filesystem::remove(file);
}

TEST(Process, isLeftAsItWas) {
  useEverything(); // sanitizers and libc start what they need at the first use
  std::string before = surroundings();
  useEverything();
  EXPECT_EQ(surroundings(), before);
  setenv("DLC_HOST_TEST", "1", 1);
  EXPECT_NE(surroundings(), before) << "the test sees changes";
  unsetenv("DLC_HOST_TEST");
}

TEST(Process, hasTheThreadsThatWereAskedFor) {
  size_t before = threadCount();
  {
    Toy toy{Pool()};
    EXPECT_TRUE(toy.predicts());
    EXPECT_EQ(threadCount(), before) << "no pool: the calling thread alone";
  }
  Log log;
  Pool hosted, one, three;
  ASSERT_TRUE(Pool::create({4, &log, logged}, hosted).ok());
  ASSERT_TRUE(Pool::create(1, one).ok());
  EXPECT_EQ(threadCount(), before);
  ASSERT_TRUE(Pool::create(3, three).ok());
  EXPECT_EQ(threadCount(), before + 2);
  Toy toy(three);
  EXPECT_TRUE(toy.predicts());
  EXPECT_EQ(threadCount(), before + 2);
}

// Handlers belong to the program's own threads: workers block all that can be blocked.
TEST(Process, workersTakeNoSignals) {
  Pool pool;
  ASSERT_TRUE(Pool::create(2, pool).ok());
  int workers = 0;
  for (const std::string &task : listFolder("/proc/self/task")) {
    std::ifstream name("/proc/self/task/" + task + "/comm");
    std::ifstream status("/proc/self/task/" + task + "/status");
    std::string text, blocked;
    // The thread names itself when it starts.
    for (int i = 0; i < 1000 && std::stol(task) != getpid(); ++i) {
      name.clear();
      name.seekg(0);
      if (std::getline(name, text) && text.compare(0, 4, "dlc-") == 0)
        break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (text.compare(0, 4, "dlc-") != 0)
      continue;
    while (std::getline(status, text))
      if (text.compare(0, 7, "SigBlk:") == 0)
        blocked = text;
    // All but SIGKILL and SIGSTOP, and the two that libc keeps to itself.
    uint64_t mask = std::strtoull(blocked.c_str() + 7, nullptr, 16);
    EXPECT_EQ(mask | 1u << (SIGKILL - 1) | 1u << (SIGSTOP - 1) | uint64_t(3) << 31, ~uint64_t(0));
    ++workers;
  }
  EXPECT_EQ(workers, 1);
}

// ---- fork --------------------------------------------------------------------------------------

// Runs |child| in a forked process and returns whether it said true, in time.
template <typename Child> bool inChild(Child child) {
  pid_t process = fork();
  if (process == 0) {
    alarm(60);
    _exit(child() ? 0 : 1);
  }
  int status = -1;
  waitpid(process, &status, 0);
  return process > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A child has memory and code, and of the threads only the one that forked.
TEST(Fork, childrenGoOnAloneAndFreeEverything) {
  if (kThreadSanitizer)
    GTEST_SKIP() << "the thread sanitizer allows no threads after a fork from several";
  auto pool = std::make_unique<Pool>();
  ASSERT_TRUE(Pool::create(3, *pool).ok());
  auto toy = std::make_unique<Toy>(*pool);
  ASSERT_TRUE(toy->predicts());
  for (int i = 0; i < 5; ++i) // workers spin or sleep when the fork comes
    EXPECT_TRUE(inChild([&] {
      bool right = toy->predicts() && toy->predicts();
      Pool own;
      right &= Pool::create(2, own).ok();
      toy->makeSession(own);
      right &= toy->predicts();
      float w[] = {1, 2, 3, 4};
      right &= toy->state.set("w", w, sizeof w).ok();
      pool.reset();
      toy.reset();
      return right;
    }));
  EXPECT_TRUE(toy->predicts()) << "the parent does not notice";
}

// A fork in the midst of another thread's runs leaves that thread's use of the state behind, which
// the child is told; it makes what it needs anew from the artifact.
TEST(Fork, amidRunsOfOtherThreadsChildrenMakeTheirOwn) {
  if (kThreadSanitizer)
    GTEST_SKIP() << "the thread sanitizer allows no threads after a fork from several";
  Pool pool;
  ASSERT_TRUE(Pool::create(2, pool).ok());
  Toy toy(pool);
  std::atomic<bool> stop{false};
  std::thread runner([&] {
    while (!stop)
      (void)toy.session.run(Predict).ok();
  });
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(inChild([&] {
      State state;
      Session session;
      float w[] = {1, 1, 1, 1}, x[] = {1, 2, 3, 4}, y[4] = {};
      bool right = State::create(toy.artifact, nullptr, 0, state).ok() &&
                   state.set("w", w, sizeof w).ok() &&
                   Session::create(toy.artifact, state, pool, nullptr, 0, session).ok() &&
                   session.bindInput(Predict, 0, DLC_F32, x, {1, 4}).ok() &&
                   session.bindOutput(Predict, 0, y, sizeof y).ok() &&
                   session.prepare(Predict).ok() && session.run(Predict).ok();
      return right && y[0] == 101 && y[3] == 104;
    }));
  stop = true;
  runner.join();
}

} // namespace
