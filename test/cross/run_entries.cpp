// Runs every entry of an artifact on inputs that are a formula of their place, and prints what comes
// out. Needs the runtime's core and nothing else, so that it can be built for any processor that
// the runtime is built for; its lines are compared with those of another processor.
//
//   run_entries ARTIFACT [SYMBOL=N ...] [--save=FILE]
//
// FILE.0 gets all variables as they are after the entry `initialize`, FILE.1 as they are at the end.
//
//   train_step loss.total f32 1
//   2.30258512
#include "dlc/runtime.hpp"
#include "runtime/abi/program.h"

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

using namespace dlc::runtime;

namespace {

void check(const Status &status) {
  if (status.ok())
    return;
  std::fprintf(stderr, "error: %s\n", status.message());
  std::exit(1);
}

struct Type {
  const char *name;
  size_t bytes;
};

Type typeOf(uint32_t dtype) {
  switch (dtype) {
  case DLC_F32:
    return {"f32", 4};
  case DLC_F64:
    return {"f64", 8};
  case DLC_F16:
    return {"f16", 2};
  case DLC_BF16:
    return {"bf16", 2};
  case DLC_I64:
    return {"i64", 8};
  case DLC_I32:
    return {"i32", 4};
  default:
    return {dtype == DLC_I8 ? "i8" : dtype == DLC_U8 ? "u8" : "i1", 1};
  }
}

struct Tensor {
  dlc_tensor_info info;
  std::vector<int64_t> dims;
  std::vector<unsigned char> data;
  size_t count = 1;

  void size() {
    for (int64_t dim : dims)
      count *= size_t(dim);
    data.resize(count * typeOf(info.dtype).bytes + 8);
  }
  template <typename T> T *as() { return reinterpret_cast<T *>(data.data()); }
};

// Numbers between -1.5 and 1.5; as f16, whose bits are written as they are, between .5 and 2.
void fill(Tensor &tensor, uint32_t seed) {
  for (size_t i = 0; i < tensor.count; ++i) {
    uint32_t step = uint32_t(i) * 2654435761u + seed * 40503u;
    float x = (float(step >> 8) / float(1 << 24) - 0.5f) * 3;
    switch (tensor.info.dtype) {
    case DLC_F32:
      tensor.as<float>()[i] = x;
      break;
    case DLC_F64:
      tensor.as<double>()[i] = x;
      break;
    case DLC_F16:
      tensor.as<uint16_t>()[i] = uint16_t(0x3800 + (step >> 21));
      break;
    case DLC_BF16: {
      uint32_t bits;
      std::memcpy(&bits, &x, 4);
      tensor.as<uint16_t>()[i] = uint16_t(bits >> 16);
      break;
    }
    case DLC_I64:
      tensor.as<int64_t>()[i] = int64_t(step >> 30);
      break;
    case DLC_I32:
      tensor.as<int32_t>()[i] = int32_t(step >> 30);
      break;
    default:
      tensor.data[i] = static_cast<unsigned char>(step >> 31);
    }
  }
}

double half(uint16_t bits) {
  int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  double value = exponent == 31  ? (fraction ? NAN : INFINITY)
                 : exponent == 0 ? std::ldexp(fraction, -24)
                                 : std::ldexp(1024 + fraction, exponent - 25);
  return bits & 0x8000 ? -value : value;
}

double brain(uint16_t bits) {
  uint32_t wide = uint32_t(bits) << 16;
  float x;
  std::memcpy(&x, &wide, 4);
  return x;
}

double real(Tensor &tensor, size_t i) {
  switch (tensor.info.dtype) {
  case DLC_F32:
    return tensor.as<float>()[i];
  case DLC_F64:
    return tensor.as<double>()[i];
  case DLC_F16:
    return half(tensor.as<uint16_t>()[i]);
  default:
    return brain(tensor.as<uint16_t>()[i]);
  }
}

int64_t integer(Tensor &tensor, size_t i) {
  switch (tensor.info.dtype) {
  case DLC_I64:
    return tensor.as<int64_t>()[i];
  case DLC_I32:
    return tensor.as<int32_t>()[i];
  case DLC_I8:
    return tensor.as<int8_t>()[i];
  default:
    return tensor.data[i];
  }
}

void print(Tensor &tensor) {
  const char *type = typeOf(tensor.info.dtype).name;
  bool isReal = *type == 'f' || *type == 'b'; // f32 f64 f16 bf16
  for (size_t i = 0; i < tensor.count; ++i)
    if (isReal)
      std::printf("%.17g\n", real(tensor, i));
    else
      std::printf("%" PRId64 "\n", integer(tensor, i));
}

void run(const Artifact &artifact, Session &session, uint32_t entry,
         const std::vector<dlc_size> &sizes) {
  std::vector<Tensor> inputs(artifact.inputCount(entry)), outputs(artifact.outputCount(entry));
  for (const dlc_size &size : sizes)
    check(session.bindSize(size.symbol, size.value));
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    Tensor &input = inputs[i];
    input.info = dlc_artifact_input(artifact.handle(), entry, i);
    input.dims.resize(input.info.rank);
    check(artifact.inputDims(entry, i, sizes.data(), sizes.size(), input.dims.data()));
    input.size();
    fill(input, i + 1);
    check(session.bindInput(entry, i, input.info.dtype, input.data.data(), input.dims.data(),
                            input.info.rank));
  }
  for (uint32_t i = 0; i < outputs.size(); ++i) {
    Tensor &output = outputs[i];
    output.info = dlc_artifact_output(artifact.handle(), entry, i);
    output.dims.resize(output.info.rank);
    check(artifact.outputDims(entry, i, sizes.data(), sizes.size(), output.dims.data()));
    output.size();
    check(session.bindOutput(entry, i, output.data.data(),
                             output.count * typeOf(output.info.dtype).bytes));
  }
  check(session.prepare(entry));
  check(session.run(entry));
  for (Tensor &output : outputs) {
    std::printf("%s %s %s %zu\n", artifact.entryName(entry), output.info.name,
                typeOf(output.info.dtype).name, output.count);
    print(output);
  }
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: run_entries ARTIFACT [SYMBOL=N ...] [--save=FILE]\n");
    return 2;
  }
  std::vector<std::string> names(argv + 2, argv + argc);
  std::vector<dlc_size> sizes;
  std::string saved;
  for (std::string &name : names) {
    if (name.rfind("--save=", 0) == 0) {
      saved = name.substr(7);
      continue;
    }
    size_t equals = name.find('=');
    if (equals == std::string::npos) {
      std::fprintf(stderr, "error: '%s' is not SYMBOL=N\n", name.c_str());
      return 2;
    }
    int64_t value = std::strtoll(name.c_str() + equals + 1, nullptr, 10);
    name.resize(equals);
    sizes.push_back({name.c_str(), value});
  }
  Artifact artifact;
  check(Artifact::open(argv[1], artifact));
  State state;
  check(State::create(artifact, nullptr, 0, state));
  Pool pool;
  check(Pool::create(2, pool));
  Session session;
  check(Session::create(artifact, state, pool, nullptr, 0, session));
  uint32_t first = 0, index;
  int64_t key[2] = {7, 0};
  if (artifact.findVariable("rng/state", index).ok())
    check(state.set("rng/state", key, sizeof key));
  bool initializes = artifact.findEntry("initialize", first).ok();
  if (initializes)
    run(artifact, session, first, sizes);
  if (!saved.empty())
    check(state.save((saved + ".0").c_str(), DLC_ROLES_ALL));
  for (uint32_t entry = 0; entry < artifact.entryCount(); ++entry)
    if (!initializes || entry != first)
      run(artifact, session, entry, sizes);
  if (!saved.empty())
    check(state.save((saved + ".1").c_str(), DLC_ROLES_ALL));
}
