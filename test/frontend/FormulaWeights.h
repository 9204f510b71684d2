// Weights of networks that need no file: make.py computes the same ones.
#pragma once
#include "test/frontend/Evaluate.h"

namespace dlc::test {

/// Numbers in [0, 1) made of a name.
inline Tensor numbersOf(const std::string &name, reference::Dims dims) {
  uint64_t seed = 0xCBF29CE484222325;
  for (char c : name)
    seed = (seed ^ static_cast<uint8_t>(c)) * 0x100000001B3;
  Tensor tensor(reference::DType::F32, std::move(dims));
  for (int64_t i = 0; i < tensor.count(); ++i) {
    uint64_t z = static_cast<uint64_t>(i + 1) * 0x9E3779B97F4A7C15 + seed;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    tensor.setReal(i, std::ldexp(static_cast<double>(z >> 40), -24));
  }
  return tensor;
}

/// A kernel that keeps the size of what flows through it, a scale near 1, an offset near 0; by the
/// name of the variable.
inline Tensor weightOf(const Variable &variable) {
  std::string name = variable.name();
  reference::Dims dims;
  for (const Dim &dim : variable.shape())
    dims.push_back(dim.value());
  Tensor tensor = numbersOf(name, dims);
  llvm::StringRef last = llvm::StringRef(name).rsplit('/').second;
  bool depthwise = last == "depthwise_kernel" || name.find("depthwise/") != std::string::npos;
  double fan = 1;
  for (size_t i = 0; i + (depthwise ? 2 : 1) < dims.size(); ++i)
    fan *= static_cast<double>(dims[i]);
  for (int64_t i = 0; i < tensor.count(); ++i) {
    double u = tensor.real(i);
    if (last.ends_with("kernel"))
      u = (2 * u - 1) * std::sqrt(6 / fan);
    else
      u += last == "gamma" || last == "moving_variance" ? 0.5 : -0.5;
    tensor.setReal(i, u);
  }
  return tensor;
}

} // namespace dlc::test
