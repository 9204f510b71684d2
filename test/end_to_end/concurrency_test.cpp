// Nothing shared by mistake: one state and eight threads, training beside predicting, two artifacts
// in one process, sessions by the hundred thousand, children of fork, and steps that ask the
// operating system for nothing. All of it with the code of a compiled network.
#include "Training.h"

#include "test/Sanitized.h"

#include <cstring>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <thread>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

constexpr int64_t kClasses = 10;

/// A session of the entry `predict`, with samples of its own.
class Predictor {
public:
  Predictor(const Artifact &artifact, State &state, const Pool &pool, uint32_t seed,
            int64_t rows = 16)
      : x(randomArray({rows, 8, 8, 1}, seed)), y(size_t(rows * kClasses)) {
    ok = artifact.findEntry("predict", entry).ok() &&
         Session::create(artifact, state, pool, nullptr, 0, session).ok() &&
         session.bindInput(entry, 0, DLC_F32, x.data(), {rows, 8, 8, 1}).ok() &&
         session.bindOutput(entry, 0, y.data(), y.size() * sizeof(float)).ok() &&
         session.prepare(entry).ok();
  }
  /// The bits of the results; empty when the run failed.
  std::string run() {
    std::memset(y.data(), 0xff, y.size() * sizeof(float));
    ok = ok && session.run(entry).ok();
    return ok ? std::string(reinterpret_cast<char *>(y.data()), y.size() * sizeof(float)) : "";
  }

  bool ok = false;
  Session session;
  uint32_t entry = 0;

private:
  Array x;
  std::vector<float> y;
};

class ConcurrencyTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = new Folder("concurrency");
    fs::path digits = sourceFolder() / "examples" / "digits_convnet.cpp";
    ASSERT_EQ(folder->run("dlc", "compile '" + digits.string() + "' -o d.dlca"), 0) << folder->err;
    folder->compile("one_layer.mlir", "one.dlca");
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }
  static fs::path digits() { return folder->path / "d.dlca"; }

  static Folder *folder;
};
Folder *ConcurrencyTest::folder = nullptr;

// ---- threads -----------------------------------------------------------------------------------

/// Eight threads, each with its session and samples on one state; |pool| may be none.
void predictOnEight(const Artifact &artifact, State &state, const Pool &pool, int rounds) {
  constexpr uint32_t kThreads = 8;
  std::string expected[kThreads];
  for (uint32_t t = 0; t < kThreads; ++t) {
    expected[t] = Predictor(artifact, state, Pool(), 100 + t, 5 + t).run();
    ASSERT_FALSE(expected[t].empty());
    if (t) {
      ASSERT_NE(expected[t], expected[t - 1]);
    }
  }
  std::atomic<int> different{0};
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      Predictor mine(artifact, state, pool, 100 + t, 5 + t);
      for (int i = 0; i < rounds; ++i)
        different += mine.run() != expected[t];
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(different, 0);
}

TEST_F(ConcurrencyTest, eightThreadsOnOneStatePredictWhatOneDoes) {
  TrainingStep training; // its state has random weights
  training.open(digits(), 1, 16);
  predictOnEight(training.artifact, training.state, Pool(), 50);
  Pool shared;
  ASSERT_TRUE(Pool::create(2, shared).ok());
  predictOnEight(training.artifact, training.state, shared, 50);
}

TEST_F(ConcurrencyTest, trainingDoesNotDisturbPredictionsOnAnotherState) {
  constexpr int kSteps = 30;
  TrainingStep alone;
  alone.open(digits(), 1, 32);
  alone.prepare();
  for (int i = 0; i < kSteps; ++i)
    ASSERT_TRUE(alone.step());

  // The same training again; the predictions' state belongs to another opening of the artifact and
  // to the same pool.
  TrainingStep training, other;
  training.open(digits(), 2, 32);
  training.prepare();
  other.open(digits(), 1, 32);
  std::string expected = Predictor(other.artifact, other.state, Pool(), 9).run();
  std::atomic<bool> done{false};
  std::atomic<int> different{0}, predictions{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      Predictor mine(other.artifact, other.state, training.pool, 9);
      do {
        different += mine.run() != expected;
        ++predictions;
      } while (!done);
    });
  bool trained = true;
  for (int i = 0; i < kSteps; ++i)
    trained &= training.step();
  done = true;
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_TRUE(trained);
  EXPECT_EQ(different, 0);
  EXPECT_GE(predictions, 3);
  EXPECT_TRUE(training.variables() == alone.variables());
}

TEST_F(ConcurrencyTest, artifactsInOneProcessStayApart) {
  TrainingStep digitsStep;
  digitsStep.open(digits(), 2, 16);
  std::string expected =
      Predictor(digitsStep.artifact, digitsStep.state, digitsStep.pool, 5).run();
  ASSERT_FALSE(expected.empty());
  Artifact again;
  ASSERT_TRUE(Artifact::open(digits().c_str(), again).ok());

  Artifact one;
  State state;
  Session session;
  uint32_t entry;
  ASSERT_TRUE(Artifact::open((folder->path / "one.dlca").c_str(), one).ok());
  ASSERT_TRUE(one.findEntry("predict", entry).ok());
  ASSERT_TRUE(State::create(one, nullptr, 0, state).ok());
  ASSERT_TRUE(Session::create(one, state, digitsStep.pool, nullptr, 0, session).ok());
  Array x = randomArray({40, 64}, 3);
  std::vector<float> first(400), now(400);
  ASSERT_TRUE(session.bindInput(entry, 0, DLC_F32, x.data(), {40, 64}).ok());
  ASSERT_TRUE(session.bindOutput(entry, 0, first.data(), first.size() * 4).ok());
  ASSERT_TRUE(session.prepare(entry).ok());
  ASSERT_TRUE(session.run(entry).ok());
  ASSERT_TRUE(session.bindOutput(entry, 0, now.data(), now.size() * 4).ok());

  // Both openings of one file and the other artifact, at once, on one pool.
  std::atomic<int> different{0};
  std::thread mine([&] {
    for (int i = 0; i < 100; ++i)
      different += !session.run(entry).ok() || now != first;
  });
  std::thread twin([&] {
    Predictor second(again, digitsStep.state, digitsStep.pool, 5);
    for (int i = 0; i < 100; ++i)
      different += second.run() != expected;
  });
  Predictor third(digitsStep.artifact, digitsStep.state, digitsStep.pool, 5);
  for (int i = 0; i < 100; ++i)
    different += third.run() != expected;
  mine.join();
  twin.join();
  EXPECT_EQ(different, 0);
}

// ---- what is made is given back ----------------------------------------------------------------

int64_t residentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

int64_t openFiles() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

/// Calls |make| |count| times, and holds what the process has then against what it had after a
/// tenth of these. A leak of eleven bytes at each of 100,000 calls would show.
template <typename Make> void expectNoGrowth(int count, Make make) {
  for (int i = 0; i < count / 10; ++i)
    ASSERT_TRUE(make(i));
  int64_t bytes = residentBytes(), files = openFiles();
  for (int i = 0; i < count; ++i)
    ASSERT_TRUE(make(i));
  EXPECT_EQ(openFiles(), files);
  if (kSanitized)
    return; // freed memory is kept for a while; what is never freed is reported at the end
  EXPECT_LT(residentBytes() - bytes, 1 << 20);
}

TEST_F(ConcurrencyTest, sessionsComeAndGo) {
  TrainingStep training;
  training.open(digits(), 2, 16);
  std::string expected = Predictor(training.artifact, training.state, training.pool, 5, 1).run();
  const Pool none;
  expectNoGrowth(kSanitized ? 2000 : 100000, [&](int i) {
    Predictor mine(training.artifact, training.state, i % 2 ? training.pool : none, 5, 1);
    return mine.ok && (i % 100 != 0 || mine.run() == expected);
  });
}

TEST_F(ConcurrencyTest, artifactsStatesAndPoolsComeAndGo) {
  expectNoGrowth(kSanitized ? 100 : 2000, [&](int i) {
    Artifact artifact, broken;
    State state;
    Pool pool;
    return Artifact::open(digits().c_str(), artifact).ok() &&
           State::create(artifact, nullptr, 0, state).ok() &&
           Pool::create(uint32_t(1 + i % 3), pool).ok() &&
           !Artifact::openMemory("\x7f" "ELF and no more", 16, "broken", broken).ok();
  });
}

// ---- the operating system ----------------------------------------------------------------------

/// Runs |child| in a forked process that has one thread; its exit code, or -1 if it was killed.
template <typename Child> int exitOfChild(Child child) {
  pid_t process = fork();
  if (process == 0) {
    alarm(120);
    int code = child();
    syscall(SYS_exit, code); // the one way out that strict mode leaves
  }
  int status = -1;
  waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// In strict mode the kernel kills at any system call but read, write, exit and the return from a
// signal: so there is no allocation from the system, no lock that anyone waits at, no file.
TEST_F(ConcurrencyTest, stepsMakeNoSystemCall) {
  if (kSanitized)
    GTEST_SKIP() << "sanitizers make system calls of their own";
  TrainingStep training;
  training.open(digits(), 1, 48);
  training.prepare();
  Predictor predictor(training.artifact, training.state, Pool(), 3);
  ASSERT_TRUE(predictor.ok);
  auto strict = [] { return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0; };
  if (exitOfChild([&] { return strict() ? 0 : 1; }) != 0)
    GTEST_SKIP() << "this kernel has no strict mode";
  EXPECT_EQ(exitOfChild([&] {
              if (!strict())
                return 2;
              for (int i = 0; i < 20; ++i)
                if (!training.step() || !predictor.session.run(predictor.entry).ok())
                  return 1;
              return 0;
            }),
            0);
  EXPECT_EQ(exitOfChild([&] { return strict() ? int(syscall(SYS_getpid)) : 2; }), -1)
      << "strict mode lets calls pass";
}

TEST_F(ConcurrencyTest, childrenOfForkTrainAndPredict) {
  if (kThreadSanitizer)
    GTEST_SKIP() << "the thread sanitizer allows no threads after a fork from several";
  constexpr int kSteps = 5;
  TrainingStep training;
  training.open(digits(), 2, 48);
  training.prepare();
  ASSERT_TRUE(training.step());
  std::string before = training.variables();
  fs::path result = folder->path / "child";
  EXPECT_EQ(exitOfChild([&] {
              for (int i = 0; i < kSteps; ++i)
                if (!training.step())
                  return 1;
              std::string after = training.variables();
              int file = open(result.c_str(), O_WRONLY | O_CREAT, 0600);
              return write(file, after.data(), after.size()) == ssize_t(after.size()) ? 0 : 2;
            }),
            0);
  EXPECT_TRUE(training.variables() == before) << "a child's variables are its own";
  for (int i = 0; i < kSteps; ++i)
    ASSERT_TRUE(training.step());
  EXPECT_TRUE(training.variables() == readFile(result)) << "the same bits without workers";
}

} // namespace
