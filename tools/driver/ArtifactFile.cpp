#include "tools/driver/ArtifactFile.h"
#include "runtime/core/Arena.h"
#include "runtime/core/Artifact.h"
#include "runtime/core/Isa.h"
#include "tools/driver/Driver.h"
#include <cstdio>

namespace dlc::driver {

namespace core = runtime::core;

bool ArtifactFile::open(const std::string &file, const std::string &variant) {
  path = file;
  dlc_open_options options = {variant.empty() ? nullptr : variant.c_str()};
  if (auto status = runtime::Artifact::open(path.c_str(), artifact, &options); !status.ok())
    return fail(status.message()), false;
  size_t bytes;
  const void *data = artifact.manifest(bytes);
  if (bytes && !manifest.ParseFromArray(data, int(bytes)))
    return fail(path + ": its manifest is damaged or was written by another version"), false;
  return true;
}

std::vector<std::pair<std::string, std::vector<std::string>>> ArtifactFile::variants() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> result;
  core::View<dlc_variant> all(artifact.handle()->program.variants);
  for (uint32_t i = 0; i < all.size(); ++i) {
    std::vector<std::string> features;
    for (unsigned bit = 0; bit < 256; ++bit)
      if (all[i].isa[bit / 64] >> (bit % 64) & 1)
        features.push_back(core::featureName(all[i].device, bit));
    result.emplace_back(core::follow<char>(all[i].name), std::move(features));
  }
  return result;
}

bool ArtifactFile::sizesOf(const SymbolValues &values, std::vector<dlc_size> &sizes) const {
  for (const auto &[symbol, value] : values) {
    std::string known;
    bool found = false;
    for (uint32_t i = 0; i < artifact.symbolCount(); ++i) {
      dlc_symbol_info info = artifact.symbol(i);
      known += (known.empty() ? "" : ", ") + std::string(info.name);
      if (symbol != info.name)
        continue;
      sizes.push_back({info.name, value});
      found = true;
    }
    if (!found)
      return fail("--bind " + symbol + "=" + std::to_string(value) + ": " + path +
                  (known.empty() ? " has no symbols" : " has no such symbol; there are: " + known)),
             false;
  }
  return true;
}

static int64_t valueOf(const dlc_expr &expr, const std::vector<int64_t> &values,
                       const std::vector<uint8_t> &bound) {
  core::EvalResult result =
      core::evaluate(core::Expr(expr), {values.data(), bound.data(), uint32_t(values.size())});
  return result.ok() ? result.value : -1;
}

KernelCost ArtifactFile::costOf(uint32_t kernel, const SymbolValues &values) const {
  core::View<dlc_kernel> kernels(artifact.handle()->variant.kernels);
  const dlc_kernel &entry = kernels[kernel];
  // The manifest names the symbols behind a kernel's sizes; the table has their number only.
  std::vector<int64_t> sizes(entry.sizes, 0);
  std::vector<uint8_t> bound(entry.sizes, 0);
  const proto::Kernel &described = describe(kernel);
  for (int i = 0; i < described.symbols_size() && uint32_t(i) < entry.sizes; ++i)
    if (auto found = values.find(described.symbols(i)); found != values.end()) {
      sizes[i] = found->second;
      bound[i] = 1;
    }
  return {valueOf(entry.flops, sizes, bound), valueOf(entry.bytes, sizes, bound),
          valueOf(entry.scratch, sizes, bound)};
}

int64_t ArtifactFile::arenaBound(uint32_t entry, const std::vector<dlc_size> &sizes,
                                 uint32_t threads) const {
  core::Plan plan;
  bool known =
      core::makePlanFor(*artifact.handle(), entry, sizes.data(), sizes.size(), threads, plan).ok();
  return known ? plan.bound : -1;
}

const proto::Kernel &ArtifactFile::describe(uint32_t kernel) const {
  return int(kernel) < manifest.kernels_size() ? manifest.kernels(int(kernel))
                                               : proto::Kernel::default_instance();
}

std::string sourceOf(const proto::Kernel &kernel) {
  std::string text;
  for (const proto::Location &location : kernel.locations()) {
    std::string place =
        location.file().empty() ? "" : location.file() + ":" + std::to_string(location.line());
    text += (text.empty() ? "" : ", ") + location.name();
    if (!place.empty())
      text += location.name().empty() ? place : " (" + place + ")";
  }
  return text;
}

std::string humanBytes(int64_t bytes) {
  const char *units[] = {"B", "KB", "MB", "GB", "TB"};
  double value = double(bytes);
  int unit = 0;
  while (value >= 1000 && unit < 4) {
    value /= 1000;
    ++unit;
  }
  char text[64];
  std::snprintf(text, sizeof text, unit ? "%.4g %s" : "%.0f %s", value, units[unit]);
  return text;
}

} // namespace dlc::driver
