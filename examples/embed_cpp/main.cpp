// A compiled network behind a class of C++20: opens an artifact and its weights while the program
// runs, and reads drawn digits with it, several at a time. Uses neither exceptions nor type
// information, and no C++ library but what headers hold.
//
//   dlc compile examples/embed_train_c/model.cpp -o mnist_mlp.dlca
//   c++ -std=c++20 -fno-exceptions -fno-rtti main.cpp libdlcRuntimeCore.a
//   ./a.out mnist_mlp.dlca weights.safetensors       # weights as embed_train_c writes them
//
// Returns 0 when nine of ten digits are read correctly.
#include "../embed_train_c/draw.h"
#include "dlc/runtime.hpp"

#include <array>
#include <cstdio>
#include <span>

using dlc::runtime::Artifact;
using dlc::runtime::Pool;
using dlc::runtime::Session;
using dlc::runtime::State;
using dlc::runtime::Status;

// Owns all that predicting takes. Move-only, as its members are.
class Reader {
public:
  static constexpr int64_t mostImages = 16;

  // Opens both files and reserves the memory of every later call.
  [[nodiscard]] static Status open(const char *artifact, const char *weights, Reader &out) {
    Reader made;
    if (Status status = Artifact::open(artifact, made.artifact); !status.ok())
      return status;
    if (Status status = State::create(made.artifact, nullptr, 0, made.state); !status.ok())
      return status;
    if (Status status = made.state.loadFile(weights, DLC_ROLES_MODEL); !status.ok())
      return status;
    if (Status status = Pool::create(2, made.pool); !status.ok())
      return status;
    if (Status status =
            Session::create(made.artifact, made.state, made.pool, nullptr, 0, made.session);
        !status.ok())
      return status;
    if (Status status = made.artifact.findEntry("predict", made.entry); !status.ok())
      return status;
    const std::array largest = {dlc_size{"B", mostImages}};
    Status status = made.session.prepare(made.entry, largest);
    if (status.ok())
      out = std::move(made);
    return status;
  }

  // Scores of ten classes for each image; both spans name memory of the caller.
  [[nodiscard]] Status scores(std::span<const float> images, std::span<float> scores) {
    auto count = static_cast<int64_t>(images.size() / DRAW_PIXELS);
    if (Status status = session.bindInput(entry, 0, images, {count, DRAW_PIXELS}); !status.ok())
      return status;
    if (Status status = session.bindOutput(entry, 0, scores); !status.ok())
      return status;
    return session.run(entry);
  }

private:
  Artifact artifact;
  State state;
  Pool pool;
  Session session;
  uint32_t entry = 0;
};

static int fail(const Status &status) {
  std::fprintf(stderr, "embed_cpp: %s\n", status.message());
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: embed_cpp ARTIFACT WEIGHTS\n");
    return 1;
  }
  Reader reader;
  if (Status opened = Reader::open(argv[1], argv[2], reader); !opened.ok())
    return fail(opened);

  static std::array<float, Reader::mostImages * DRAW_PIXELS> images;
  static std::array<float, Reader::mostImages * 10> scores;
  uint32_t random = 123;
  int right = 0, total = 0;
  for (size_t count : {1, 7, 16, 16}) { // one artifact serves every number of images
    std::array<int, Reader::mostImages> digits = {};
    for (size_t i = 0; i < count; ++i) {
      digits[i] = draw_number(&random, 10);
      draw_digit(digits[i], &random, &images[i * DRAW_PIXELS]);
    }
    if (Status ran = reader.scores(std::span<const float>(images).first(count * DRAW_PIXELS),
                                   std::span(scores).first(count * 10));
        !ran.ok())
      return fail(ran);
    for (size_t i = 0; i < count; ++i, ++total) {
      int best = 0;
      for (int k = 1; k < 10; ++k)
        best = scores[i * 10 + k] > scores[i * 10 + best] ? k : best;
      right += best == digits[i];
    }
  }
  std::printf("%d of %d digits are read\n", right, total);
  return right * 10 < total * 9;
}
