// Reading a weight in panels gives the bits of reading it as it lies, for every form that has
// panels, whoever assigned it last, and on several threads that meet in the refresh.
#include "Tools.h"

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

void check(const Status &status) { ASSERT_TRUE(status.ok()) << status.message(); }

/// The sizes of the inputs without that of the samples.
const std::initializer_list<int64_t> inputDims[] = {
    {5, 6, 32}, {5, 6, 96}, {9, 16}, {3, 520}, {72}};
const char *const inputNames[] = {"image", "dy", "line", "tokens", "hidden"};
const char *const outputNames[] = {"conv", "dx", "grouped", "heads", "back", "loop"};
const int64_t outputElements[] = {5 * 6 * 96, 5 * 6 * 32, 9 * 192, 3 * 4 * 25, 3 * 520, 72};

/// One entry with inputs and outputs of its own, for `rows` samples.
class Call {
public:
  Call(const Artifact &artifact, State &state, Pool &pool, const char *name, int64_t rows) {
    check(artifact.findEntry(name, entry));
    check(Session::create(artifact, state, pool, nullptr, 0, session));
    for (uint32_t i = 0; i < std::size(inputDims); ++i) {
      std::vector<int64_t> dims = {rows};
      dims.insert(dims.end(), inputDims[i].begin(), inputDims[i].end());
      inputs.push_back(randomArray(dims, 10 + i));
      check(session.bindInput(entry, i, DLC_F32, inputs[i].data(), dims.data(),
                              uint32_t(dims.size())));
    }
    for (uint32_t i = 0; i < std::size(outputElements); ++i) {
      outputs.emplace_back(size_t(rows * outputElements[i]));
      check(session.bindOutput(entry, i, outputs[i].data(), outputs[i].size() * sizeof(float)));
    }
    check(session.prepare(entry));
  }

  const std::vector<std::vector<float>> &run() {
    check(session.run(entry));
    return outputs;
  }

private:
  Session session;
  uint32_t entry = 0;
  std::vector<Array> inputs;
  std::vector<std::vector<float>> outputs;
};

/// Of a processor: panels of 16 columns where its tiles have no more, else of 64.
class PanelFormsTest : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    folder = std::make_unique<Folder>("panel_forms");
    folder->compile("panel_forms.mlir", "m.dlca", "--dump-after=dlc-layout-variables " + flags);
    passes = folder->err;
    Status opened = Artifact::open((folder->path / "m.dlca").c_str(), artifact);
    if (!opened.ok() && flags != "--cpu=native")
      GTEST_SKIP() << opened.message();
    check(opened);
    check(Pool::create(2, pool));
    check(State::create(artifact, nullptr, 0, state));
    setWeights(state, 1);
  }

  void setWeights(State &state, uint32_t seed) {
    for (uint32_t i = 0; i < artifact.variableCount(); ++i) {
      dlc_tensor_info info = artifact.variable(i);
      Array values = randomArray({info.dims, info.dims + info.rank}, seed + i);
      check(state.set(info.name, values.data(), size_t(values.elements()) * sizeof(float)));
    }
  }

  std::string flags = std::string("--cpu=") + GetParam();
  std::unique_ptr<Folder> folder;
  std::string passes;
  Artifact artifact;
  Pool pool;
  State state;
};

TEST_P(PanelFormsTest, every_form_has_panels) {
  for (const char *name : {"F.panels", "F.transposed_panels", "G.panels.by_2", "P.panels",
                           "P.transposed_panels", "R.transposed_panels"})
    EXPECT_NE(passes.find(" by @" + std::string(name) + ".pack"), std::string::npos) << name;
  bool narrow = passes.find("x16xf32> from @F by @F.panels.pack") != std::string::npos;
  EXPECT_EQ(narrow, flags == "--cpu=x86-64-v3") << passes;
}

// Packing and unpacking are ops like any others: the evaluator computes them step by step.
TEST_P(PanelFormsTest, panels_mean_what_their_ops_say) {
  if (!fs::exists(DLC_BIN "/dlc-opt"))
    GTEST_SKIP() << "this build has no dlc-opt";
  check(state.save((folder->path / "w.safetensors").c_str(), DLC_ROLES_ALL));
  std::string arguments = " --entry predict --weights w.safetensors", plain, panels;
  for (size_t i = 0; i < std::size(inputDims); ++i) {
    std::vector<int64_t> dims = {2};
    dims.insert(dims.end(), inputDims[i].begin(), inputDims[i].end());
    std::string file = std::string(inputNames[i]) + ".npy";
    ASSERT_TRUE(writeNpy(folder->path / file, randomArray(dims, 10 + uint32_t(i))).ok());
    arguments += std::string(" --in ") + inputNames[i] + "=" + file;
  }
  for (std::string name : outputNames) {
    plain += " --out " + name + "=" + name + ".plain.npy";
    panels += " --out " + name + "=" + name + ".panels.npy";
  }
  std::string width = flags == "--cpu=x86-64-v3" ? "=panel-width=16" : "";
  std::string model = "'" + modelPath("panel_forms.mlir").string() + "'", run = "run --reference ";
  std::string lay = " --dlc-layout-variables" + width;
  ASSERT_EQ(folder->run("dlc-opt", model + lay + " -o p.mlir"), 0) << folder->err;
  ASSERT_EQ(folder->run("dlc", run + model + arguments + plain), 0) << folder->err;
  ASSERT_EQ(folder->run("dlc", run + "p.mlir" + arguments + panels), 0) << folder->err;
  for (std::string name : outputNames)
    EXPECT_EQ(readFile(folder->path / (name + ".plain.npy")),
              readFile(folder->path / (name + ".panels.npy")))
        << name;
}

// The same model with variables that are no weights has no panels: its kernels pack for themselves.
TEST_P(PanelFormsTest, panels_do_not_show_in_the_results) {
  std::string text = readFile(modelPath("panel_forms.mlir"));
  for (size_t at; (at = text.find(" weight :")) != std::string::npos;)
    text.replace(at, strlen(" weight :"), " statistic :");
  std::ofstream(folder->path / "plain.mlir") << text;
  ASSERT_EQ(folder->run("dlc", "compile plain.mlir -o plain.dlca " + flags), 0) << folder->err;
  Artifact plain;
  State other;
  Pool alone;
  check(Artifact::open((folder->path / "plain.dlca").c_str(), plain));
  check(State::create(plain, nullptr, 0, other));
  setWeights(other, 1);
  check(Pool::create(1, alone));
  for (int64_t rows : {1, 2, 7}) {
    Call predict(artifact, state, pool, "predict", rows), step(artifact, state, pool, "step", rows);
    Call single(artifact, state, alone, "predict", rows), by(plain, other, pool, "step", rows);
    for (int round = 0; round < 3; ++round) {
      std::vector<std::vector<float>> got = predict.run(), one = single.run();
      std::vector<std::vector<float>> want = by.run(), trained = step.run(); // turn all signs
      for (size_t i = 0; i < want.size(); ++i) {
        EXPECT_EQ(got[i], want[i]) << outputNames[i] << " of " << rows << " rows";
        EXPECT_EQ(one[i], want[i]) << outputNames[i] << " on one thread";
        EXPECT_EQ(trained[i], want[i]) << outputNames[i] << " of the step";
        if (i != 4) { // read forth and back
          EXPECT_NE(predict.run()[i], want[i]) << outputNames[i] << " of the old weights";
        }
      }
    }
  }
}

TEST_P(PanelFormsTest, threads_that_predict_after_an_assignment_agree) {
  constexpr int kThreads = 3;
  std::vector<std::unique_ptr<Call>> calls;
  for (int t = 0; t < kThreads; ++t)
    calls.push_back(std::make_unique<Call>(artifact, state, pool, "predict", 3));
  Call step(artifact, state, pool, "step", 3);
  for (uint32_t round = 1; round < 20; ++round) {
    setWeights(state, round);
    std::atomic<int> waiting{kThreads};
    std::vector<std::vector<std::vector<float>>> results(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        for (--waiting; waiting > 0;)
          ;
        results[size_t(t)] = calls[size_t(t)]->run();
      });
    for (std::thread &thread : threads)
      thread.join();
    const auto &want = step.run();
    for (const auto &result : results)
      EXPECT_EQ(result, want) << "round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Processors, PanelFormsTest, testing::Values("native", "x86-64-v3"));

} // namespace
