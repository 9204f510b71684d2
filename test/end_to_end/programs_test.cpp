// The examples that write entries of their own: compiled by `dlc`, run through the runtime.
#include "Tools.h"

#include <algorithm>
#include <cmath>
#include <map>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

void check(const Status &status) { ASSERT_TRUE(status.ok()) << status.message(); }

/// An artifact with a state and a session, after the entry `initialize`.
class Running {
public:
  using Arrays = std::map<std::string, Array>;

  void open(Folder &folder, const std::string &example) {
    std::string source = (sourceFolder() / "examples" / (example + ".cpp")).string();
    ASSERT_EQ(folder.run("dlc", "compile '" + source + "' -o model.dlca"), 0) << folder.err;
    check(Artifact::open((folder.path / "model.dlca").c_str(), artifact));
    check(Pool::create(2, pool));
    check(State::create(artifact, nullptr, 0, state));
    check(Session::create(artifact, state, pool, nullptr, 0, session));
    run("initialize", {});
  }

  /// Runs an entry once; its outputs by name.
  Arrays run(const std::string &name, const Arrays &inputs) {
    uint32_t entry = 0, index = 0;
    check(artifact.findEntry(name.c_str(), entry));
    for (const auto &[input, array] : inputs) {
      check(artifact.findInput(entry, input.c_str(), index));
      check(session.bindInput(entry, index, uint32_t(array.type()), array.data(),
                              array.dims().data(), uint32_t(array.rank())));
    }
    Arrays outputs;
    for (uint32_t i = 0; i < artifact.outputCount(entry); ++i) {
      dlc_tensor_info info = artifact.output(entry, i);
      check(session.outputDims(entry, i, info.dims));
      Array array = Array::allocate(DType(info.dtype), {info.dims, info.dims + info.rank});
      check(session.bindOutput(entry, i, array.mutableData(), size_t(array.bytes())));
      outputs[info.name] = array;
    }
    check(session.prepare(entry));
    check(session.run(entry));
    return outputs;
  }

  float loss(const std::string &entry, const Arrays &inputs, const char *output = "loss") {
    return *run(entry, inputs).at(output).as<float>();
  }

  /// Values of the variables whose name begins with one of |prefixes|; of all for {""}.
  Arrays variables(const std::vector<std::string> &prefixes) {
    Arrays values;
    for (uint32_t i = 0; i < artifact.variableCount(); ++i) {
      dlc_tensor_info info = artifact.variable(i);
      bool wanted = std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string &prefix) {
        return std::string(info.name).compare(0, prefix.size(), prefix) == 0;
      });
      if (!wanted)
        continue;
      Array array = Array::allocate(DType(info.dtype), {info.dims, info.dims + info.rank});
      check(state.get(info.name, array.mutableData(), size_t(array.bytes())));
      values[info.name] = array;
    }
    return values;
  }

  void restore(const Arrays &values) {
    for (const auto &[name, array] : values)
      check(state.set(name.c_str(), array.data(), size_t(array.bytes())));
  }

private:
  Artifact artifact;
  Pool pool;
  State state;
  Session session;
};

bool sameBits(const Running::Arrays &a, const Running::Arrays &b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto &x, const auto &y) {
    return x.first == y.first && x.second.bytes() == y.second.bytes() &&
           !memcmp(x.second.data(), y.second.data(), size_t(x.second.bytes()));
  });
}

/// The first |count| digits, f32 from 0 to 1.
Array digits(std::vector<int64_t> dims) {
  std::string file = (sourceFolder() / "examples/data/digits.csv.gz").string();
  Result<Array> pixels = loadArray(file + ":0-63*0.0625?take=" + std::to_string(dims[0]));
  EXPECT_TRUE(pixels.ok()) << pixels.message();
  return pixels->converted(DType::F32).reshaped(dims);
}

Array labels(int64_t count) {
  std::string file = (sourceFolder() / "examples/data/digits.csv.gz").string();
  Result<Array> values = loadArray(file + ":64?take=" + std::to_string(count));
  EXPECT_TRUE(values.ok()) << values.message();
  return values->converted(DType::I32).reshaped({count});
}

bool within(const Array &array, float low, float high) {
  return std::all_of(array.as<float>(), array.as<float>() + array.elements(),
                     [=](float value) { return value >= low && value <= high; });
}

TEST(Programs, EachEntryOfTheGanTrainsItsOwnHalf) {
  Folder folder("gan");
  Running gan;
  gan.open(folder, "gan");
  const std::vector<std::string> generator = {"dense/", "dense_1/", "dense_2/"};
  const std::vector<std::string> discriminator = {"dense_3/", "dense_4/", "dense_5/"};
  Array real = digits({96, 64});

  Running::Arrays frozen = gan.variables(generator), trained = gan.variables(discriminator);
  float first = gan.loss("train_discriminator", {{"real", real}}), last = first;
  for (int step = 0; step < 200; ++step)
    last = gan.loss("train_discriminator", {{"real", real}});
  EXPECT_LT(last, 0.75f * first);
  EXPECT_TRUE(sameBits(frozen, gan.variables(generator)));
  EXPECT_FALSE(sameBits(trained, gan.variables(discriminator)));

  frozen = gan.variables(discriminator);
  trained = gan.variables(generator);
  first = gan.loss("train_generator", {{"like", real}});
  for (int step = 0; step < 200; ++step)
    last = gan.loss("train_generator", {{"like", real}});
  EXPECT_LT(last, 0.75f * first);
  EXPECT_TRUE(sameBits(frozen, gan.variables(discriminator)));
  EXPECT_FALSE(sameBits(trained, gan.variables(generator)));

  Array images = gan.run("generate", {{"noise", randomArray({5, 16}, 1)}}).at("images");
  EXPECT_EQ(images.dims(), (std::vector<int64_t>{5, 64}));
  EXPECT_TRUE(within(images, 0, 1));
}

TEST(Programs, GradientsByTheInputMoveImagesTowardsAClass) {
  Folder folder("saliency");
  Running program;
  program.open(folder, "input_gradient");
  const int64_t count = 64;
  Array x = digits({count, 8, 8, 1}), y = labels(count);
  for (int step = 0; step < 100; ++step)
    program.run("train_step", {{"x", x}, {"y", y}});
  Running::Arrays weights = program.variables({""});

  Array map = program.run("saliency", {{"image", x}, {"label", y}}).at("map");
  EXPECT_EQ(map.dims(), x.dims());
  EXPECT_TRUE(within(map, 0, 1e6f));
  EXPECT_GT(*std::max_element(map.as<float>(), map.as<float>() + map.elements()), 1e-3f);

  Array target = Array::of(std::vector<int32_t>(count, 3));
  Array rate = Array::of(std::vector<float>{0.05f}).reshaped({});
  Array image = x;
  for (int step = 0; step < 20; ++step)
    image = program.run("dream", {{"image", image}, {"label", target}, {"rate", rate}}).at("image");
  EXPECT_TRUE(within(image, 0, 1));
  EXPECT_TRUE(sameBits(weights, program.variables({""}))) << "these entries only read weights";

  float before = program.loss("train_step", {{"x", x}, {"y", target}}, "loss.total");
  program.restore(weights);
  float after = program.loss("train_step", {{"x", image}, {"y", target}}, "loss.total");
  EXPECT_LT(after, 0.2f * before);
}

} // namespace
