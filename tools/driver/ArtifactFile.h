// What tools know about an artifact beyond running it: the program table and the manifest, decoded.
#pragma once
#include "dlc/runtime.hpp"
#include "runtime/train/manifest.pb.h"
#include <map>
#include <string>
#include <vector>

namespace dlc::driver {

/// Values of symbols, `--bind B=8`.
using SymbolValues = std::map<std::string, int64_t>;

/// What one call of a kernel costs; -1 when it depends on a symbol without a value.
struct KernelCost {
  int64_t flops = -1, bytes = -1, scratch = -1;
};

/// An opened artifact with its manifest.
class ArtifactFile {
public:
  /// Opens a file, with the ISA variant called `variant` or the best one when that is empty. A
  /// failure is printed on stderr.
  bool open(const std::string &path, const std::string &variant);

  /// The names of the ISA variants in the file, in their order, and of the features each needs.
  std::vector<std::pair<std::string, std::vector<std::string>>> variants() const;

  /// The symbols that `values` gives, as the runtime takes them. Fails, with a message on stderr,
  /// for a symbol that the artifact does not have.
  bool sizesOf(const SymbolValues &values, std::vector<dlc_size> &sizes) const;

  /// The cost of a call of kernel number `kernel` under `values`.
  KernelCost costOf(uint32_t kernel, const SymbolValues &values) const;
  /// The least bytes that a run of an entry can take with `threads` threads: the most temporaries
  /// that live at once, and scratch. -1 when that cannot be told for these sizes.
  int64_t arenaBound(uint32_t entry, const std::vector<dlc_size> &sizes, uint32_t threads) const;
  /// What the manifest says about kernel number `kernel`; empty when it says nothing.
  const proto::Kernel &describe(uint32_t kernel) const;

  runtime::Artifact artifact;
  proto::Manifest manifest;
  std::string path;
};

/// "dense (model.cpp:12), activation": the layers and lines behind a kernel.
std::string sourceOf(const proto::Kernel &kernel);
/// "12.3 MB", "640 B".
std::string humanBytes(int64_t bytes);

} // namespace dlc::driver
