// Programs end to end through the public API: states, sessions, plans, messages.
#include "Toy.h"

#include "TableBuilder.h"
#include "dlc/runtime.hpp"
#include "runtime/core/Finite.h"
#include "runtime/core/Isa.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include <numeric>
#include <thread>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

#define ASSERT_OK(call)                                                                            \
  do {                                                                                             \
    Status status_ = (call);                                                                       \
    ASSERT_TRUE(status_.ok()) << status_.message();                                                \
  } while (false)

#define EXPECT_FAILS(call, expectedCode, expectedMessage)                                          \
  do {                                                                                             \
    Status status_ = (call);                                                                       \
    EXPECT_EQ(status_.code(), expectedCode);                                                       \
    EXPECT_STREQ(status_.message(), expectedMessage);                                              \
  } while (false)

// A toy with state and session, weights 1 2 3 4, and helpers for one row-wise entry.
class ToySession : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_OK(Artifact::openLinked(queryToy, artifact));
    ASSERT_OK(State::create(artifact, nullptr, 0, state));
    ASSERT_OK(Pool::create(2, pool));
    ASSERT_OK(Session::create(artifact, state, pool, nullptr, 0, session));
    float w[] = {1, 2, 3, 4};
    ASSERT_OK(state.set("w", w, sizeof w));
  }

  Status bindPredict(int64_t rows) { return bindPredict(session, rows, x, y); }
  static Status bindPredict(Session &session, int64_t rows, std::vector<float> &x,
                            std::vector<float> &y) {
    x.resize(size_t(rows) * 4);
    y.assign(size_t(rows) * 4, -1);
    std::iota(x.begin(), x.end(), 0.0f);
    if (Status s = session.bindInput(Predict, 0, DLC_F32, x.data(), {rows, 4}); !s.ok())
      return s;
    return session.bindOutput(Predict, 0, y.data(), y.size() * 4);
  }
  static void expectPrediction(const std::vector<float> &x, const std::vector<float> &y) {
    for (size_t i = 0; i < y.size(); ++i)
      ASSERT_EQ(y[i], x[i] * float(i % 4 + 1) + 100) << i;
  }

  Artifact artifact;
  State state;
  Pool pool;
  Session session;
  std::vector<float> x, y;
};

TEST_F(ToySession, describesTheProgram) {
  EXPECT_STREQ(artifact.name(), "toy");
  EXPECT_STREQ(artifact.variant(), "baseline");
  EXPECT_EQ(artifact.identity(), 42u);
  EXPECT_EQ(artifact.entryCount(), 4u);
  EXPECT_STREQ(artifact.entryName(Train), "train");
  EXPECT_TRUE(artifact.entryWrites(Train));
  EXPECT_FALSE(artifact.entryWrites(Predict));
  EXPECT_TRUE(artifact.entryReads(Predict));
  dlc_tensor_info input = artifact.input(Predict, 0);
  EXPECT_STREQ(input.name, "x");
  EXPECT_EQ(input.rank, 2u);
  EXPECT_EQ(input.dims[0], -1);
  EXPECT_EQ(input.dims[1], 4);
  char text[32];
  dlc_artifact_describe_input(artifact.handle(), Predict, 0, text, sizeof text);
  EXPECT_STREQ(text, "f32[B,4]");
  EXPECT_EQ(artifact.variableCount(), 3u);
  EXPECT_EQ(artifact.symbol(0).max, 1000);
  uint32_t index;
  EXPECT_FAILS(artifact.findEntry("fit", index), DLC_NOT_FOUND,
               "no entry is called \"fit\"; there are: predict, train, repeat, broken");
  EXPECT_FAILS(artifact.findInput(Predict, "z", index), DLC_NOT_FOUND,
               "no input of entry \"predict\" is called \"z\"; there are: x");
}

TEST_F(ToySession, theSizesOfAScalarNeedNoRoom) {
  EXPECT_EQ(dlc_artifact_input_dims(artifact.handle(), Repeat, 0, nullptr, 0, nullptr), nullptr);
}

TEST_F(ToySession, runsAtAnyBatch) {
  for (int64_t rows : {1, 2, 31, 33, 128}) {
    ASSERT_OK(bindPredict(rows));
    ASSERT_OK(session.prepare(Predict));
    ASSERT_OK(session.run(Predict));
    expectPrediction(x, y);
    int64_t bytes;
    dlc_size size = {"B", rows};
    ASSERT_OK(artifact.arenaBytes(Predict, &size, 1, 2, bytes));
    EXPECT_EQ(bytes, (rows * 16 + 63) / 64 * 64);
    EXPECT_EQ(session.arenaBytes(), bytes) << "declared and reserved bytes differ";
  }
}

TEST_F(ToySession, trainsAndRefreshesDerivedForms) {
  ASSERT_OK(bindPredict(3));
  float loss = 0;
  ASSERT_OK(session.bindInput(Train, 0, DLC_F32, x.data(), {3, 4}));
  ASSERT_OK(session.bindOutput(Train, 0, &loss, sizeof loss));
  ASSERT_OK(session.prepare(Train));
  ASSERT_OK(session.run(Train));
  EXPECT_EQ(loss, 66); // 0 + 1 + ... + 11
  float w[4];
  ASSERT_OK(state.get("w", w, sizeof w));
  EXPECT_EQ(w[0], 2);
  EXPECT_EQ(w[3], 5);
  int64_t total;
  ASSERT_OK(state.get("total", &total, sizeof total));
  EXPECT_EQ(total, 1);
  ASSERT_OK(session.prepare(Predict));
  ASSERT_OK(session.run(Predict));
  EXPECT_EQ(y[5], 5 * 3 + 100) << "predict reads the derived form that train refreshed";
}

TEST_F(ToySession, threadsMeetInTheRefreshOfADerivedForm) {
  std::vector<float> in[3], out[3];
  Session sessions[3];
  for (int t = 0; t < 3; ++t) {
    ASSERT_OK(Session::create(artifact, state, pool, nullptr, 0, sessions[t]));
    ASSERT_OK(bindPredict(sessions[t], 2, in[t], out[t]));
    ASSERT_OK(sessions[t].prepare(Predict));
  }
  for (int round = 1; round <= 100; ++round) {
    float w[4] = {float(round), 2, 3, 4};
    ASSERT_OK(state.set("w", w, sizeof w));
    std::atomic<int> waiting{3}, failures{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&, t] {
        for (--waiting; waiting > 0;)
          ;
        failures += !sessions[t].run(Predict).ok();
      });
    for (std::thread &thread : threads)
      thread.join();
    ASSERT_EQ(failures, 0);
    for (int t = 0; t < 3; ++t)
      ASSERT_EQ(out[t][4], float(4 * round + 100)) << "thread " << t;
  }
}

TEST_F(ToySession, loopsAndKeepsCachesPerSession) {
  Session other;
  ASSERT_OK(Session::create(artifact, state, pool, nullptr, 0, other));
  int64_t n = 10, power = 0;
  for (Session *s : {&session, &session, &other}) {
    ASSERT_OK(s->bindInput(Repeat, 0, DLC_I64, &n, {}));
    ASSERT_OK(s->bindOutput(Repeat, 0, &power, sizeof power));
    ASSERT_OK(s->prepare(Repeat));
    ASSERT_OK(s->run(Repeat));
    EXPECT_EQ(power, 1024);
  }
  float memory[2];
  ASSERT_OK(session.getCache("memory", memory, sizeof memory));
  EXPECT_EQ(memory[0], 20);
  ASSERT_OK(other.getCache("memory", memory, sizeof memory));
  EXPECT_EQ(memory[0], 10);
  other.resetCaches();
  ASSERT_OK(other.getCache("memory", memory, sizeof memory));
  EXPECT_EQ(memory[0], 0);
  EXPECT_FAILS(state.get("memory", memory, sizeof memory), DLC_FAILED_PRECONDITION,
               "variable \"memory\" is a cache: it belongs to sessions, not to a state");
}

TEST_F(ToySession, replansInTheReservedSpaceOnly) {
  ASSERT_OK(bindPredict(64));
  EXPECT_FAILS(session.run(Predict), DLC_RESOURCE_EXHAUSTED,
               "entry \"predict\": these sizes need 1024 bytes of temporaries, 0 are reserved; "
               "prepare the session for them");
  dlc_size most = {"B", 100};
  ASSERT_OK(session.prepare(Predict, &most, 1));
  ASSERT_OK(session.run(Predict));
  expectPrediction(x, y);
  EXPECT_EQ(session.arenaBytes(), 1600);
  ASSERT_OK(bindPredict(101));
  EXPECT_EQ(session.run(Predict).code(), DLC_RESOURCE_EXHAUSTED);
}

TEST_F(ToySession, saysWhatIsWrongWithInputs) {
  ASSERT_OK(bindPredict(8));
  int64_t dims[] = {8, 4};
  EXPECT_FAILS(session.bindInput(Predict, 0, DLC_I64, x.data(), dims, 2), DLC_INVALID_ARGUMENT,
               "input \"x\": expected f32[B,4], got i64[8,4]; the artifact was compiled for f32");
  EXPECT_FAILS(session.bindInput(Predict, 0, DLC_F32, x.data(), dims, 1), DLC_INVALID_ARGUMENT,
               "input \"x\": expected f32[B,4], got f32[8]; its rank is 2, not 1");
  EXPECT_FAILS(session.bindInput(Predict, 0, DLC_F32, x.data(), {8, 5}), DLC_INVALID_ARGUMENT,
               "input \"x\": expected f32[B,4], got f32[8,5]; dimension 1 is 4");
  EXPECT_FAILS(session.bindInput(Predict, 1, DLC_F32, x.data(), dims, 2), DLC_INVALID_ARGUMENT,
               "there is no input 1: entry \"predict\" has 1");
  EXPECT_FAILS(session.bindInput(9, 0, DLC_F32, x.data(), dims, 2), DLC_INVALID_ARGUMENT,
               "there is no entry 9: artifact \"toy\" has 4");
  EXPECT_FAILS(session.bindInput(Predict, 0, DLC_F32, nullptr, dims, 2), DLC_INVALID_ARGUMENT,
               "input \"x\": its memory is a null pointer");
  const char *odd = reinterpret_cast<const char *>(x.data()) + 2;
  EXPECT_FAILS(session.bindInput(Predict, 0, DLC_F32, odd, {7, 4}), DLC_INVALID_ARGUMENT,
               "input \"x\": its memory is not aligned to 4 bytes");
  ASSERT_OK(session.bindInput(Predict, 0, DLC_F32, x.data(), {0, 4}));
  EXPECT_FAILS(session.run(Predict), DLC_INVALID_ARGUMENT,
               "input \"x\": B = 0 is below its minimum 1");
  x.resize(4004);
  ASSERT_OK(session.bindInput(Predict, 0, DLC_F32, x.data(), {1001, 4}));
  EXPECT_FAILS(session.run(Predict), DLC_INVALID_ARGUMENT,
               "input \"x\": B = 1001 is above its maximum 1000");
}

TEST_F(ToySession, saysWhatIsWrongWithOutputsAndVariables) {
  EXPECT_FAILS(session.run(Predict), DLC_FAILED_PRECONDITION,
               "input \"x\" of entry \"predict\" is not bound");
  ASSERT_OK(bindPredict(8));
  ASSERT_OK(session.bindOutput(Predict, 0, y.data(), 64));
  EXPECT_FAILS(session.run(Predict), DLC_INVALID_ARGUMENT,
               "output \"y\": f32[8,4] takes 128 bytes, got room for 64");
  float w[3];
  EXPECT_FAILS(state.get("w", w, sizeof w), DLC_INVALID_ARGUMENT,
               "variable \"w\": f32[4] takes 16 bytes, got 12");
  EXPECT_FAILS(state.set("v", w, sizeof w), DLC_NOT_FOUND,
               "no variable is called \"v\"; there are: w, total, memory");
  dlc_size wrong = {"N", 1};
  EXPECT_FAILS(session.prepare(Predict, &wrong, 1), DLC_NOT_FOUND,
               "no symbol is called \"N\"; there are: B");
  int64_t bytes;
  EXPECT_FAILS(artifact.arenaBytes(Predict, nullptr, 0, 1, bytes), DLC_INVALID_ARGUMENT,
               "entry \"predict\": the size B has no value; no bound input tells it, so it must "
               "be given");
}

TEST_F(ToySession, checksSymbolsAgainstFixedSizes) {
  ASSERT_OK(session.bindSize("B", 8));
  ASSERT_OK(bindPredict(9));
  EXPECT_FAILS(session.run(Predict), DLC_INVALID_ARGUMENT,
               "input \"x\": expected f32[B,4], got f32[9,4]; B is 8 here");
  EXPECT_FAILS(session.bindSize("B", 9), DLC_INVALID_ARGUMENT, "B = 9, but it is already 8");
}

TEST_F(ToySession, cancelsTheNextRunOnce) {
  ASSERT_OK(bindPredict(8));
  ASSERT_OK(session.prepare(Predict));
  session.cancel();
  EXPECT_FAILS(session.run(Predict), DLC_CANCELLED, "entry \"predict\" was cancelled");
  ASSERT_OK(session.run(Predict));
}

TEST_F(ToySession, reportsAHostFunctionThatBreaksItsTables) {
  EXPECT_EQ(session.run(Broken).code(), DLC_INTERNAL);
}

TEST_F(ToySession, profilesKernelsAndThreads) {
  ASSERT_OK(bindPredict(512));
  ASSERT_OK(session.prepare(Predict));
  ASSERT_OK(session.run(Predict));
  EXPECT_EQ(session.kernelStats(Scale).calls, 0);
  ASSERT_OK(session.setProfiling(true));
  for (int i = 0; i < 3; ++i)
    ASSERT_OK(session.run(Predict));
  dlc_kernel_stats stats = session.kernelStats(Scale);
  EXPECT_EQ(stats.calls, 3);
  EXPECT_EQ(stats.tiles, 3 * 512);
  EXPECT_GT(stats.nanoseconds, 0);
  EXPECT_EQ(session.kernelTiles(Scale, 0) + session.kernelTiles(Scale, 1), 3 * 512);
  EXPECT_EQ(session.kernelTiles(Scale, 2), 0);
}

TEST_F(ToySession, tracesWhatEachThreadRuns) {
  ASSERT_OK(bindPredict(512));
  ASSERT_OK(session.prepare(Predict));
  std::vector<dlc_trace_event> events(256);
  session.setTrace(events.data(), events.size());
  ASSERT_OK(session.run(Predict));
  session.setTrace(nullptr, 0);
  ASSERT_OK(session.run(Predict)); // leaves no trace
  EXPECT_EQ(session.traceCount(), 0u);

  session.setTrace(events.data(), events.size());
  ASSERT_OK(session.run(Predict));
  size_t count = session.traceCount();
  ASSERT_LE(count, events.size());
  int64_t tiles = 0, last[2] = {0, 0};
  for (size_t i = 0; i < count; ++i) {
    const dlc_trace_event &event = events[i];
    tiles += event.kernel == Scale ? event.tiles : 0;
    ASSERT_LT(event.thread, 2u);
    EXPECT_GE(event.end, event.begin);
    EXPECT_GE(event.begin, last[event.thread]) << "stretches of a thread follow each other";
    last[event.thread] = event.end;
  }
  EXPECT_EQ(tiles, 512);

  // Without room only the number is known, and nothing is written beyond the end.
  dlc_trace_event fence = events[1];
  session.setTrace(events.data(), 1);
  ASSERT_OK(session.run(Predict));
  EXPECT_GE(session.traceCount(), 1u);
  EXPECT_EQ(events[1].begin, fence.begin);
  session.setTrace(nullptr, 0);
}

// Unchecked, such values pass; checked, the first kernel that makes one is named with its layer.
TEST_F(ToySession, checkedRunNamesTheFirstValueThatIsNotFinite) {
  ASSERT_OK(bindPredict(3));
  ASSERT_OK(session.prepare(Predict));
  session.checkFinite(true);
  ASSERT_OK(session.run(Predict));
  expectPrediction(x, y);

  x[6] = std::numeric_limits<float>::max(); // times the third weight, 3: too large
  EXPECT_FAILS(session.run(Predict), DLC_OUT_OF_RANGE,
               "entry \"predict\": the first value that is not finite is inf, element 6 of result 0 "
               "of kernel \"scale\": dense (toy.cpp:3)");
  x[6] = 0;
  x[4] = -std::numeric_limits<float>::quiet_NaN();
  EXPECT_FAILS(session.run(Predict), DLC_OUT_OF_RANGE,
               "entry \"predict\": element 4 of input \"x\" is nan");
  session.checkFinite(false);
  ASSERT_OK(session.run(Predict));
  EXPECT_TRUE(std::isnan(y[4]));
}

TEST(Finite, knowsEveryFloatType) {
  namespace core = dlc::runtime::core;
  core::NotFinite found;
  auto first = [&](uint32_t type, auto values) {
    bool any = core::findNotFinite(type, values.data(), int64_t(values.size()), &found);
    return any ? std::to_string(found.element) + " " + found.value : std::string();
  };
  EXPECT_EQ(first(DLC_F32, std::vector<float>{1, -3e38f, 1e-45f, -INFINITY}), "3 -inf");
  EXPECT_EQ(first(DLC_F64, std::vector<double>{1, 1e308, NAN, INFINITY}), "2 nan");
  EXPECT_EQ(first(DLC_F16, std::vector<uint16_t>{0x7bff, 0xfbff, 0x7c00}), "2 inf");
  EXPECT_EQ(first(DLC_F16, std::vector<uint16_t>{0x0001, 0xfc01}), "1 nan");
  EXPECT_EQ(first(DLC_BF16, std::vector<uint16_t>{0x7f7f, 0xff80}), "1 -inf");
  EXPECT_EQ(first(DLC_F32, std::vector<float>{0, 3.4e38f}), "");
  EXPECT_EQ(first(DLC_I32, std::vector<int32_t>{0x7f800000, -1}), "");
}

TEST_F(ToySession, givesTheSameBitsAtAnyThreadCount) {
  std::vector<float> first, again;
  for (uint32_t threads : {1, 2, 3}) {
    Pool some;
    Session mine;
    ASSERT_OK(Pool::create(threads, some));
    ASSERT_OK(Session::create(artifact, state, some, nullptr, 0, mine));
    ASSERT_OK(bindPredict(mine, 333, x, threads == 1 ? first : again));
    ASSERT_OK(mine.prepare(Predict));
    ASSERT_OK(mine.run(Predict));
    if (threads > 1) {
      EXPECT_EQ(memcmp(first.data(), again.data(), first.size() * 4), 0);
    }
  }
}

// Prints what a run costs beyond its kernels, two of a few nanoseconds here; machines are shared,
// so only a wild figure fails.
TEST_F(ToySession, addsLittleToItsKernels) {
  ASSERT_OK(bindPredict(1));
  ASSERT_OK(session.prepare(Predict));
  std::vector<double> times;
  for (int i = 0; i < 5000; ++i) {
    auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(session.run(Predict).ok());
    auto took = std::chrono::steady_clock::now() - start;
    times.push_back(std::chrono::duration<double, std::micro>(took).count());
  }
  std::sort(times.begin(), times.end());
  printf("run_us=%.3f\n", times[times.size() / 2]);
  EXPECT_LT(times[times.size() / 2], 100);
}

TEST_F(ToySession, sharesAStateBetweenReadingThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      Session mine;
      std::vector<float> in, out;
      failures += !Session::create(artifact, state, pool, nullptr, 0, mine).ok();
      failures += !bindPredict(mine, 10 + t, in, out).ok();
      failures += !mine.prepare(Predict).ok();
      for (int i = 0; i < 200; ++i)
        failures += !mine.run(Predict).ok();
      for (size_t i = 0; i < out.size(); ++i)
        failures += out[i] != in[i] * float(i % 4 + 1) + 100;
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(ToySession, refusesAssignmentsWhileOthersUseTheState) {
  // Many threads train and predict at once: each run succeeds alone or is refused, and every
  // success of train counts exactly once.
  std::atomic<int64_t> trained{0}, strange{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      Session mine;
      float in[8] = {}, loss;
      strange += !Session::create(artifact, state, Pool(), nullptr, 0, mine).ok();
      strange += !mine.bindInput(Train, 0, DLC_F32, in, {2, 4}).ok();
      strange += !mine.bindOutput(Train, 0, &loss, sizeof loss).ok();
      strange += !mine.prepare(Train).ok();
      for (int i = 0; i < 500; ++i) {
        Status status = mine.run(Train);
        trained += status.ok();
        strange += !status.ok() && status.code() != DLC_FAILED_PRECONDITION;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  int64_t total;
  ASSERT_OK(state.get("total", &total, sizeof total));
  EXPECT_EQ(total, trained);
  EXPECT_EQ(strange, 0);
}

TEST_F(ToySession, refusesAStateOfAnotherLayout) {
  static dlc_program *other = makeToy();
  auto *variant = const_cast<dlc_variant *>(reinterpret_cast<const dlc_variant *>(
      reinterpret_cast<const char *>(&other->variants.rel) + other->variants.rel));
  Artifact same, different;
  Session mine;
  ASSERT_OK(Artifact::openLinked([]() -> const dlc_program * { return other; }, same));
  ASSERT_OK(Session::create(same, state, pool, nullptr, 0, mine)); // equal layouts: shared
  variant->layout_hash = 8;
  ASSERT_OK(Artifact::openLinked([]() -> const dlc_program * { return other; }, different));
  EXPECT_FAILS(Session::create(different, state, pool, nullptr, 0, mine), DLC_FAILED_PRECONDITION,
               "the state was made by artifact \"toy\", whose weights are laid out differently "
               "from those of \"toy\"; move them by a weight file");
}

TEST_F(ToySession, outlivesWhatItWasMadeFrom) {
  ASSERT_OK(bindPredict(4));
  ASSERT_OK(session.prepare(Predict));
  artifact = Artifact();
  state = State();
  pool = Pool();
  ASSERT_OK(session.run(Predict));
  expectPrediction(x, y);
}

// ---- tables that must not be opened -------------------------------------------------------------

static dlc_program *spoiled;
static const dlc_program *querySpoiled() { return spoiled; }

template <typename T> T &element(dlc_ref &ref, uint32_t i) {
  return reinterpret_cast<T *>(reinterpret_cast<char *>(&ref.rel) + ref.rel)[i];
}

static std::string openSpoiled(void (*spoil)(dlc_program &, dlc_variant &)) {
  spoiled = makeToy();
  spoil(*spoiled, element<dlc_variant>(spoiled->variants, 0));
  Artifact artifact;
  Status status = Artifact::openLinked(querySpoiled, artifact);
  return status.message();
}

// A step that does not refresh what derives from its variables leaves that to the next reader.
TEST(DerivedForms, areRefreshedByTheNextRunThatReadsThem) {
  spoiled = makeToy();
  dlc_variant &variant = element<dlc_variant>(spoiled->variants, 0);
  dlc_buffer &derived = element<dlc_buffer>(element<dlc_body>(variant.bodies, Train).buffers, 4);
  derived.kind = DLC_BUFFER_TEMPORARY;
  derived.index = 0;
  derived.first = 1;
  derived.last = 4;
  Artifact artifact;
  State state;
  Session session;
  ASSERT_OK(Artifact::openLinked(querySpoiled, artifact));
  ASSERT_OK(State::create(artifact, nullptr, 0, state));
  ASSERT_OK(Session::create(artifact, state, Pool(), nullptr, 0, session));
  float x[] = {1, 1, 1, 1}, y[4], loss;
  ASSERT_OK(session.bindInput(Train, 0, DLC_F32, x, {1, 4}));
  ASSERT_OK(session.bindOutput(Train, 0, &loss, sizeof loss));
  ASSERT_OK(session.bindInput(Predict, 0, DLC_F32, x, {1, 4}));
  ASSERT_OK(session.bindOutput(Predict, 0, y, sizeof y));
  ASSERT_OK(session.prepare(Train));
  ASSERT_OK(session.prepare(Predict));
  for (int step = 1; step <= 3; ++step) {
    ASSERT_OK(session.run(Train)); // w += 1
    ASSERT_OK(session.run(Predict));
    EXPECT_EQ(y[0], float(step + 100));
    ASSERT_OK(session.run(Predict));
    EXPECT_EQ(y[0], float(step + 100)) << "a fresh form stays";
  }
}

TEST(Tables, refusesWhatDoesNotFit) {
  EXPECT_EQ(openSpoiled([](dlc_program &p, dlc_variant &) { p.magic = 1; }),
            "linked artifact: not a dlc program table");
  EXPECT_EQ(openSpoiled([](dlc_program &p, dlc_variant &) { p.abi = 9; }),
            "linked artifact: made for runtime ABI 9, this runtime has 2; compile the model again");
  EXPECT_EQ(openSpoiled([](dlc_program &p, dlc_variant &) {
              element<dlc_symbol>(p.symbols, 0).divisor = 0;
            }),
            "linked artifact: the program table is malformed at symbol 0");
  EXPECT_EQ(openSpoiled([](dlc_program &p, dlc_variant &) {
              element<dlc_variable>(p.variables, 1).dtype = 99;
            }),
            "linked artifact: the program table is malformed at variable 1");
  EXPECT_EQ(openSpoiled([](dlc_program &p, dlc_variant &) {
              dlc_entry &entry = element<dlc_entry>(p.entries, 0);
              element<uint32_t>(entry.reads, 0) = 77;
            }),
            "linked artifact: the program table is malformed at entry 0");
  EXPECT_EQ(openSpoiled([](dlc_program &, dlc_variant &v) {
              element<dlc_storage>(v.storages, 3).refresh_kernel = 1000;
            }),
            "linked artifact: the program table is malformed at storage 3");
  EXPECT_EQ(openSpoiled([](dlc_program &, dlc_variant &v) {
              dlc_body &body = element<dlc_body>(v.bodies, 0);
              element<dlc_buffer>(body.buffers, 2).index = 50;
            }),
            "linked artifact: the program table is malformed at the body of entry 0");
  EXPECT_EQ(openSpoiled([](dlc_program &, dlc_variant &v) {
              element<dlc_kernel>(v.kernels, 4).phases.count = 0;
            }),
            "linked artifact: the program table is malformed at kernel 4");
}

TEST(Tables, picksTheVariantThatUsesMostOfTheProcessor) {
  TableBuilder table;
  spoiled = table.program("variants");
  dlc_variant *variants = table.array<dlc_variant>(spoiled->variants, 4);
  const char *names[] = {"baseline", "all", "also all", "impossible"};
  for (int i = 0; i < 4; ++i)
    table.name(variants[i].name, names[i]);
  core::IsaFeatures host = core::hostFeatures();
  memcpy(variants[1].isa, host.words, sizeof host.words);
  memcpy(variants[2].isa, host.words, sizeof host.words);
  memset(variants[3].isa, 0xff, sizeof variants[3].isa);
  Artifact best, named;
  ASSERT_OK(Artifact::openLinked(querySpoiled, best));
  EXPECT_STREQ(best.variant(), host.words[0] ? "all" : "baseline");
  dlc_open_options options = {"baseline"};
  ASSERT_OK(Artifact::openLinked(querySpoiled, named, &options));
  EXPECT_STREQ(named.variant(), "baseline");
}

TEST(Tables, refusesVariantsThatTheProcessorCannotRun) {
  std::string message =
      openSpoiled([](dlc_program &, dlc_variant &v) { v.isa[3] = uint64_t(1) << 63; });
  EXPECT_EQ(message, "linked artifact: no variant runs on this processor; there are: baseline; "
                     "compile with --cpu=native");
  spoiled = makeToy();
  dlc_open_options options = {"znver9"};
  Artifact artifact;
  EXPECT_FAILS(Artifact::openLinked(querySpoiled, artifact, &options), DLC_NOT_FOUND,
               "linked artifact: no variant is called \"znver9\"; there are: baseline");
  element<dlc_variant>(spoiled->variants, 0).isa[3] = uint64_t(1) << 63;
  options.variant = "baseline";
  EXPECT_FAILS(Artifact::openLinked(querySpoiled, artifact, &options), DLC_UNIMPLEMENTED,
               "linked artifact: variant \"baseline\" needs what this processor lacks: a feature "
               "unknown to this runtime");
}

} // namespace
