// The compiler as a library: a module in, an artifact out. Knows nothing of MLIR on the outside,
// so that frontend/model and tools can call it without MLIR's headers.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dlc::codegen {

/// What to emit.
enum class Emit {
  Artifact, ///< a shared object (.dlca) that the runtime opens; for wasm32 a module (.wasm)
  Object,   ///< a relocatable object that exports the program table
  Bytecode, ///< the module after the graph passes, as MLIR bytecode
  Assembly, ///< the assembly text of all kernels
};

struct CompileOptions {
  /// What messages and the manifest call the source of a module that has no locations of its own.
  std::string name = "model";
  Emit emit = Emit::Artifact;
  /// The function that returns the program table. Objects that are linked into one program need
  /// different names; the runtime looks for this one in artifacts.
  std::string query = "dlc_query_program";
  /// What the functions of an object's header begin with.
  std::string prefix = "model";
  /// An object that needs no runtime; all symbols are bound, and there is one processor.
  bool freestanding = false;
  /// The kind of machine: x86_64-linux-gnu, aarch64-linux-gnu, riscv64-linux-gnu or wasm32; empty:
  /// the one that the processors are of.
  std::string target;
  /// One ISA variant per name: "native" (with a target: its least processor), an x86-64 level or a
  /// name that LLVM knows.
  std::vector<std::string> cpus = {"native"};
  /// Symbols that become constants, `--bind B=128`.
  std::map<std::string, int64_t> bindings;
  /// Kernels compiled at the same time; 0: one per core. Does not change a byte of the output.
  unsigned jobs = 0;
  /// What the arena of each entry may take, in bytes; 0: no limit. Values are computed a second time
  /// instead of being kept where that is needed to stay within it; results do not change by a bit.
  int64_t maxMemory = 0;
  /// The sizes that the limit holds for, of symbols that are not bound.
  std::map<std::string, int64_t> maxMemorySizes;
  /// The text of a file that `dlc tune` wrote; else the compiler chooses every schedule.
  std::optional<std::string> schedules;
  /// What messages call that file.
  std::string schedulesName = "schedules";
  /// Folder of the content-addressed kernel cache; empty: no cache.
  std::string cacheFolder;
  /// Prints the module after the pass of this name, or after every pass for "all", to stderr.
  std::string dumpAfter;
  /// Measures each stage into CompileResult::timing.
  bool timing = false;
};

struct CompileResult {
  /// Empty on success; else one message per line, with locations.
  std::string error;
  /// The bytes of what was asked for.
  std::string output;
  /// For an object: the C header with a function for each entry.
  std::string header;
  /// For wasm32: the JavaScript module that loads the artifact, in a browser or in node.
  std::string script;
  /// A table of stages and milliseconds, when asked for.
  std::string timing;
  bool ok() const { return error.empty(); }
};

/// The default folder of the kernel cache: $DLC_CACHE_DIR, else $XDG_CACHE_HOME/dlc, else
/// $HOME/.cache/dlc; empty when none of them is set.
std::string defaultCacheFolder();

/// Compiles a module given as MLIR text or bytecode. Never throws; every failure is in the result.
/// Thread-safe.
CompileResult compileModule(std::string_view module, const CompileOptions &options = {});

} // namespace dlc::codegen
