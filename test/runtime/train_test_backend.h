// A backend without an artifact: fits y = w * x + b by SGD with momentum, with a little noise from
// its rng variable, so that every kind of state matters. Evaluation can be scripted.
#ifndef DLC_TEST_RUNTIME_TRAIN_TEST_BACKEND_H
#define DLC_TEST_RUNTIME_TRAIN_TEST_BACKEND_H

#include "dlc/train.h"

#include <cstring>
#include <map>

namespace dlc::runtime {

class LineBackend : public TrainBackend {
public:
  enum Entry { Initialize, TrainStep, Evaluate, Predict };

  LineBackend() {
    define("line/kernel", DType::F32, {}, DLC_ROLES_WEIGHT);
    define("line/bias", DType::F32, {}, DLC_ROLES_WEIGHT);
    define("optimizer/line/kernel/momentum", DType::F32, {}, DLC_ROLES_SLOT);
    define("optimizer/learning_rate", DType::F32, {}, DLC_ROLES_HYPERPARAMETER);
    define("rng", DType::I64, {2}, DLC_ROLES_RNG);
    for (const char *name : {"loss.total", "loss.weight"})
      metricSpecs.push_back({name, DType::F32, {}});
    for (int i = 0; i < 2; ++i)
      metricArrays.push_back(Array::allocate(DType::F32, {}));
  }

  std::vector<std::string> entries() const override {
    return {"initialize", "train_step", "evaluate", "predict"};
  }
  int64_t findEntry(const std::string &name) const override {
    std::vector<std::string> names = entries();
    for (size_t i = 0; i < names.size(); ++i)
      if (names[i] == name)
        return static_cast<int64_t>(i);
    return -1;
  }
  std::vector<TensorSpec> inputs(int64_t entry) const override {
    TensorSpec x{"x", DType::F32, {-1, 1}}, y{"y", DType::F32, {-1, 1}};
    if (entry == Initialize)
      return {};
    return entry == Predict ? std::vector<TensorSpec>{x} : std::vector<TensorSpec>{x, y};
  }
  std::vector<TensorSpec> outputs(int64_t entry) const override {
    if (entry == Predict)
      return {{"line", DType::F32, {-1, 1}}};
    return entry == Initialize ? std::vector<TensorSpec>() : metricSpecs;
  }
  std::vector<TensorSpec> variables() const override { return specs; }

  Outcome prepare(int64_t, const std::vector<std::vector<int64_t>> &) override { return {}; }

  Outcome run(int64_t entry, int64_t rows, const std::vector<void *> &inputs) override {
    ++runs;
    if (entry == Initialize) {
      f("line/kernel") = 0.01f * static_cast<float>(i("rng")[0]);
      f("line/bias") = f("optimizer/line/kernel/momentum") = 0;
      f("optimizer/learning_rate") = 0.1f;
      return {};
    }
    auto x = static_cast<const float *>(inputs[0]);
    if (entry == Predict) {
      predictions = {Array::allocate(DType::F32, {rows, 1})};
      for (int64_t r = 0; r < rows; ++r)
        static_cast<float *>(predictions[0].mutableData())[r] =
            f("line/kernel") * x[r] + f("line/bias");
      return {};
    }
    auto y = static_cast<const float *>(inputs[1]);
    float total = 0, dw = 0, db = 0;
    for (int64_t r = 0; r < rows; ++r) {
      float error = f("line/kernel") * x[r] + f("line/bias") - y[r];
      total += error * error;
      dw += 2 * error * x[r] / static_cast<float>(rows);
      db += 2 * error / static_cast<float>(rows);
    }
    if (entry == Evaluate && !scriptedLosses.empty()) {
      total = static_cast<float>(scriptedLosses.front()) * static_cast<float>(rows);
      scriptedLosses.erase(scriptedLosses.begin());
    }
    if (entry == TrainStep && steps++ == poisonStep)
      total = __builtin_nanf("");
    static_cast<float *>(metricArrays[0].mutableData())[0] = total;
    static_cast<float *>(metricArrays[1].mutableData())[0] = static_cast<float>(rows);
    if (entry == TrainStep)
      update(dw, db);
    return {};
  }
  const std::vector<Array> &results(int64_t entry) const override {
    return entry == Predict ? predictions : metricArrays;
  }

  Outcome get(const std::string &variable, void *data, size_t bytes) override {
    if (values.at(variable).size() != bytes)
      return Error{DLC_INVALID_ARGUMENT, "wrong size"};
    std::memcpy(data, values.at(variable).data(), bytes);
    return {};
  }
  Outcome set(const std::string &variable, const void *data, size_t bytes) override {
    if (values.at(variable).size() != bytes)
      return Error{DLC_INVALID_ARGUMENT, "wrong size"};
    std::memcpy(values.at(variable).data(), data, bytes);
    return {};
  }

  float &f(const std::string &name) { return *reinterpret_cast<float *>(values.at(name).data()); }
  int64_t *i(const std::string &name) {
    return reinterpret_cast<int64_t *>(values.at(name).data());
  }

  std::vector<double> scriptedLosses;
  int64_t poisonStep = -1;
  int64_t runs = 0, steps = 0;
  std::map<std::string, std::vector<char>> values;

private:
  void define(const std::string &name, DType type, std::vector<int64_t> dims, uint32_t role) {
    int64_t bytes = dtypeBytes(type) * (dims.empty() ? 1 : dims[0]);
    values[name].assign(bytes, 0);
    specs.push_back({name, type, std::move(dims), role});
  }
  void update(float dw, float db) {
    int64_t *key = i("rng");
    float noise = static_cast<float>((key[0] * 31 + key[1]++ * 17) % 13) * 1e-3f;
    float &velocity = f("optimizer/line/kernel/momentum");
    velocity = 0.5f * velocity - f("optimizer/learning_rate") * (dw + noise);
    f("line/kernel") += velocity;
    f("line/bias") -= f("optimizer/learning_rate") * db;
  }

  std::vector<TensorSpec> specs, metricSpecs;
  std::vector<Array> metricArrays, predictions;
};

/// y = 2x - 1 at |samples| points of [0, 1).
inline Dataset lineData(int64_t samples) {
  std::vector<float> x(samples), y(samples);
  for (int64_t i = 0; i < samples; ++i) {
    x[i] = static_cast<float>((i * 7) % samples) / static_cast<float>(samples);
    y[i] = 2 * x[i] - 1;
  }
  return *Dataset::fromArrays(
      {{"x", Array::of(x, {samples, 1})}, {"y", Array::of(y, {samples, 1})}});
}

/// A trainer on a fresh backend, its output kept as text.
struct Fixture {
  Fixture() : trainer(backend, inferSignature(backend)) {
    options.progress.mode = ProgressMode::None;
    if (!trainer.initialize(3).ok())
      __builtin_trap();
  }
  /// Collects what is printed. The clock advances by |tick| seconds per look at it.
  void listen(ProgressMode mode, bool terminal = false, double tick = 0) {
    options.progress.mode = mode;
    options.progress.terminal = terminal;
    options.progress.output = [this](const std::string &text) { printed += text; };
    options.progress.clock = [this, tick] { return now += tick; };
  }

  LineBackend backend;
  Trainer trainer;
  FitOptions options;
  std::string printed;
  double now = 100;
};

} // namespace dlc::runtime

#endif
