// A training step of an artifact on samples that never change, through the runtime alone.
#ifndef DLC_TEST_ENDTOEND_TRAINING_H
#define DLC_TEST_ENDTOEND_TRAINING_H

#include "Tools.h"

namespace dlc::test {

/// A state after the entry `initialize`, and the entry `train_step` bound to random samples.
class TrainingStep {
public:
  void open(const fs::path &path, uint32_t threads, int64_t rows) {
    check(runtime::Artifact::open(path.c_str(), artifact));
    check(runtime::Pool::create(threads, pool));
    check(runtime::State::create(artifact, nullptr, 0, state));
    check(runtime::Session::create(artifact, state, pool, nullptr, 0, session));
    uint32_t initialize;
    check(artifact.findEntry("initialize", initialize));
    check(session.prepare(initialize));
    check(session.run(initialize));
    check(artifact.findEntry("train_step", entry));
    x = randomArray({rows, 8, 8, 1}, 3);
    y = randomLabels(rows, 5);
    bindRows(rows);
  }

  void bindRows(int64_t rows) {
    check(session.bindInput(entry, 0, DLC_F32, x.data(), {rows, 8, 8, 1}));
    check(session.bindInput(entry, 1, DLC_I32, y.data(), {rows}));
    ASSERT_LE(artifact.outputCount(entry), std::size(outputs));
    for (uint32_t i = 0; i < artifact.outputCount(entry); ++i)
      check(session.bindOutput(entry, i, &outputs[i], sizeof outputs[i]));
  }

  void prepare() { check(session.prepare(entry)); }
  bool step() { return session.run(entry).ok(); }

  /// The bytes of all variables, one after the other.
  std::string variables() {
    std::string all;
    for (uint32_t i = 0; i < artifact.variableCount(); ++i) {
      dlc_tensor_info info = artifact.variable(i);
      check(state.dims(info.name, info.dims));
      size_t bytes = dlc_dtype_bytes(info.dtype);
      for (uint32_t d = 0; d < info.rank; ++d)
        bytes *= size_t(info.dims[d]);
      std::string value(bytes, '\0');
      check(state.get(info.name, value.data(), bytes));
      all += value;
    }
    return all;
  }

  runtime::Artifact artifact;
  runtime::Pool pool;
  runtime::State state;
  runtime::Session session;
  runtime::Array x, y;
  float outputs[8] = {}; // loss and metrics, scalars all
  uint32_t entry = 0;

private:
  static void check(const runtime::Status &status) { ASSERT_TRUE(status.ok()) << status.message(); }
};

} // namespace dlc::test

#endif
