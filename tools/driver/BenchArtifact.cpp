// Inputs are generated, variables come from the entry `initialize` or are small numbers: what a run
// costs does not depend on them.
#include "tools/driver/BenchArtifact.h"
#include "dlc/data.h"
#include "runtime/abi/program.h"
#include "tools/driver/ArtifactFile.h"
#include "tools/driver/BareKernels.h"
#include "tools/driver/BenchProfile.h"
#include "tools/driver/Driver.h"
#include <algorithm>
#include <chrono>
#include <cstdio>

namespace dlc::driver {
namespace {

using runtime::Array;
using runtime::DType;

/// Fractions for floats and small counts for integers, the same on every machine.
Array generate(DType type, std::vector<int64_t> dims, double scale) {
  Array values = Array::allocate(DType::F32, std::move(dims));
  if (!values)
    return values;
  bool isFloat =
      type == DType::F32 || type == DType::F64 || type == DType::F16 || type == DType::BF16;
  auto *data = static_cast<float *>(values.mutableData());
  uint32_t random = 1;
  for (int64_t i = 0; i < values.elements(); ++i) {
    random = random * 1664525u + 1013904223u;
    data[i] = isFloat ? float(random >> 8) * 0x1p-24f * float(scale)
                      : float((random >> 16) % (type == DType::I1 ? 2 : 10));
  }
  return type == DType::F32 ? values : values.converted(type);
}

class Bench {
public:
  explicit Bench(const ArtifactBench &options) : options(options) {}

  bool run() {
    if (!file.open(options.artifact, options.variant) || !chooseEntry() || !chooseSizes())
      return false;
    if (!check(runtime::Pool::create(options.threads, pool)) ||
        !check(runtime::State::create(file.artifact, sizes.data(), sizes.size(), state)) ||
        !check(runtime::Session::create(file.artifact, state, pool, nullptr, 0, session)) ||
        !fillState() || !bind(entry) || !measure())
      return false;
    if ((options.latency && !latency()) || (options.profile && !profile()) ||
        (!options.trace.empty() && !trace()))
      return false;
    if (options.json)
      std::printf("%s\n", document.dump(2).c_str());
    else
      printText();
    return true;
  }

private:
  bool check(const runtime::Status &status) {
    if (!status.ok())
      fail(options.artifact + ": " + status.message());
    return status.ok();
  }

  //===- Preparing --------------------------------------------------------------------------===//

  bool hasEntry(const std::string &name) const {
    for (uint32_t i = 0; i < file.artifact.entryCount(); ++i)
      if (name == file.artifact.entryName(i))
        return true;
    return false;
  }

  bool chooseEntry() {
    std::string name = options.entry;
    if (name.empty() && hasEntry("predict"))
      name = "predict";
    if (name.empty() && file.artifact.entryCount())
      name = file.artifact.entryName(0);
    return check(file.artifact.findEntry(name.c_str(), entry));
  }

  bool chooseSizes() {
    values.insert(options.bindings.begin(), options.bindings.end());
    for (uint32_t i = 0; i < file.artifact.symbolCount(); ++i) {
      dlc_symbol_info symbol = file.artifact.symbol(i);
      int64_t size = std::min(std::max<int64_t>(symbol.min, 32), symbol.max);
      values.try_emplace(symbol.name, std::max<int64_t>(size / symbol.divisor, 1) * symbol.divisor);
    }
    return file.sizesOf(values, sizes);
  }

  bool fillState() {
    uint32_t initialize;
    if (hasEntry("initialize") && options.entry != "initialize") {
      return check(file.artifact.findEntry("initialize", initialize)) && bind(initialize) &&
             check(session.run(initialize));
    }
    for (uint32_t i = 0; i < file.artifact.variableCount(); ++i) {
      dlc_tensor_info info = file.artifact.variable(i);
      if (info.role == DLC_ROLE_CACHE)
        continue;
      if (!check(state.dims(info.name, info.dims)))
        return false;
      Array value =
          generate(DType(info.dtype), std::vector<int64_t>(info.dims, info.dims + info.rank), 0.05);
      if (!value)
        return fail("variable \"" + std::string(info.name) + "\": out of memory"), false;
      if (!check(state.set(info.name, value.data(), size_t(value.bytes()))))
        return false;
    }
    return true;
  }

  /// Binds generated inputs and new outputs, and reserves memory.
  bool bind(uint32_t which) {
    for (const dlc_size &size : sizes)
      if (!check(session.bindSize(size.symbol, size.value)))
        return false;
    for (uint32_t i = 0; i < file.artifact.inputCount(which); ++i) {
      dlc_tensor_info info = file.artifact.input(which, i);
      if (!check(file.artifact.inputDims(which, i, sizes.data(), sizes.size(), info.dims)))
        return false;
      Array input =
          generate(DType(info.dtype), std::vector<int64_t>(info.dims, info.dims + info.rank), 1);
      if (!input)
        return fail("input \"" + std::string(info.name) + "\": out of memory"), false;
      if (!check(session.bindInput(which, i, info.dtype, input.data(), input.dims().data(),
                                   uint32_t(input.rank()))))
        return false;
      arrays.push_back(input);
    }
    for (uint32_t i = 0; i < file.artifact.outputCount(which); ++i) {
      dlc_tensor_info info = file.artifact.output(which, i);
      if (!check(session.outputDims(which, i, info.dims)))
        return false;
      Array output = Array::allocate(DType(info.dtype),
                                     std::vector<int64_t>(info.dims, info.dims + info.rank));
      if (!output)
        return fail("output \"" + std::string(info.name) + "\": out of memory"), false;
      if (!check(session.bindOutput(which, i, output.mutableData(), size_t(output.bytes()))))
        return false;
      arrays.push_back(output);
    }
    return check(session.prepare(which));
  }

  //===- Measuring --------------------------------------------------------------------------===//

  bool timeOne(double &microseconds) {
    auto start = std::chrono::steady_clock::now();
    if (!check(session.run(entry)))
      return false;
    std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - start;
    microseconds = passed.count();
    return true;
  }

  bool measure() {
    double first, total = 0;
    std::vector<double> times;
    if (!timeOne(first)) // memory is touched for the first time
      return false;
    while (options.runs ? int(times.size()) < options.runs
                        : times.size() < 5 || (total < 1e6 && times.size() < 1000)) {
      times.emplace_back();
      if (!timeOne(times.back()))
        return false;
      total += times.back();
    }
    std::sort(times.begin(), times.end());
    document["artifact"] = options.artifact;
    document["entry"] = file.artifact.entryName(entry);
    document["variant"] = file.artifact.variant();
    document["threads"] = pool.threads();
    document["sizes"] = Json::object();
    for (const auto &[symbol, value] : values)
      document["sizes"][symbol] = value;
    document["runs"] = times.size();
    document["median_us"] = times[times.size() / 2];
    document["min_us"] = times.front();
    document["arena_bytes"] = session.arenaBytes();
    document["state_bytes"] = state.bytes();
    return true;
  }

  /// Calls one by one; and of calls and of their kernels in a bare loop, the least median of some
  /// rounds, since other programs share the machine.
  bool latency() {
    std::vector<double> times(options.runs ? size_t(options.runs) : 100000);
    for (double &time : times)
      if (!timeOne(time))
        return false;
    std::sort(times.begin(), times.end());
    Json &row = document["latency"];
    row = {{"calls", times.size()},
           {"median_us", times[times.size() / 2]},
           {"p99_us", times[times.size() * 99 / 100]},
           {"most_us", times.back()}};
    std::vector<int64_t> symbols;
    for (uint32_t i = 0; i < file.artifact.symbolCount(); ++i)
      symbols.push_back(values.at(file.artifact.symbol(i).name));
    BareKernels kernels(file.artifact.handle(), entry, std::move(symbols));
    if (!kernels.complete())
      return true;
    constexpr int rounds = 10, calls = 1000;
    bool ok = true;
    std::vector<double> run(rounds), bare(rounds);
    for (int round = 0; round < rounds; ++round) {
      run[round] = medianOf(calls, [&] { ok &= session.run(entry).ok(); });
      bare[round] = medianOf(calls, [&] { kernels.run(); });
    }
    row["call_us"] = *std::min_element(run.begin(), run.end());
    row["kernels_us"] = *std::min_element(bare.begin(), bare.end());
    row["beyond_kernels_us"] = row["call_us"].get<double>() - row["kernels_us"].get<double>();
    return ok || fail(options.artifact + ": a call failed");
  }

  /// The median microseconds of `count` calls.
  template <typename Call> static double medianOf(int count, Call call) {
    std::vector<double> times(count);
    for (double &time : times) {
      auto start = std::chrono::steady_clock::now();
      call();
      time = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
                 .count();
    }
    std::nth_element(times.begin(), times.begin() + count / 2, times.end());
    return times[count / 2];
  }

  bool profile() {
    int runs = int(std::min<size_t>(document["runs"].get<size_t>(), 100));
    if (!check(session.setProfiling(true)))
      return false;
    for (int i = 0; i < runs; ++i)
      if (!check(session.run(entry)))
        return false;
    std::vector<KernelTime> kernels;
    for (uint32_t i = 0; i < file.artifact.kernelCount(); ++i) {
      dlc_kernel_stats stats = session.kernelStats(i);
      if (stats.calls)
        kernels.push_back({i, double(stats.calls) / runs, double(stats.nanoseconds) / runs,
                           double(stats.tiles) / runs, file.costOf(i, values)});
    }
    std::optional<MachineLimits> limits = measureLimits(int(pool.threads()));
    if (!limits)
      return false;
    describeProfile(file, std::move(kernels), *limits, document);
    return check(session.setProfiling(false));
  }

  /// Three runs: the first shows what a run after others does, two more whether that repeats.
  bool trace() {
    dlc_trace_event one;
    session.setTrace(&one, 1);
    if (!check(session.run(entry)))
      return false;
    // Threads may cut the tiles otherwise in another run.
    std::vector<dlc_trace_event> events(16 + 2 * 3 * session.traceCount());
    session.setTrace(events.data(), events.size());
    for (int i = 0; i < 3; ++i)
      if (!check(session.run(entry)))
        return false;
    events.resize(std::min(events.size(), session.traceCount()));
    session.setTrace(nullptr, 0);
    return writeFile(options.trace, traceOf(file, events, pool.threads()));
  }

  //===- Text -------------------------------------------------------------------------------===//

  void printText() const {
    std::string given;
    for (const auto &[symbol, value] : values)
      given += " " + symbol + "=" + std::to_string(value);
    std::printf("%s: entry %s%s, variant %s, %u thread%s\n", options.artifact.c_str(),
                file.artifact.entryName(entry), given.c_str(), file.artifact.variant(),
                pool.threads(), pool.threads() == 1 ? "" : "s");
    std::printf("median %.2f us, least %.2f us of %d runs; %s of temporaries, %s of variables\n",
                document["median_us"].get<double>(), document["min_us"].get<double>(),
                document["runs"].get<int>(), humanBytes(session.arenaBytes()).c_str(),
                humanBytes(state.bytes()).c_str());
    if (document.contains("latency"))
      printLatency(document["latency"]);
    if (document.contains("kernels"))
      printProfile(document);
  }

  static void printLatency(const Json &row) {
    std::printf("%d calls one by one: median %.3f us, p99 %.3f us, most %.1f us\n",
                row["calls"].get<int>(), row["median_us"].get<double>(),
                row["p99_us"].get<double>(), row["most_us"].get<double>());
    if (row.contains("call_us"))
      std::printf("a call %.3f us, its kernels alone %.3f us: %.3f us beyond them\n",
                  row["call_us"].get<double>(), row["kernels_us"].get<double>(),
                  row["beyond_kernels_us"].get<double>());
  }

  const ArtifactBench &options;
  ArtifactFile file;
  uint32_t entry = 0;
  SymbolValues values;
  std::vector<dlc_size> sizes;
  runtime::Pool pool;
  runtime::State state;
  runtime::Session session;
  std::vector<Array> arrays; // that the session is bound to
  Json document;
};

} // namespace

bool benchArtifact(const ArtifactBench &options) { return Bench(options).run(); }

} // namespace dlc::driver
