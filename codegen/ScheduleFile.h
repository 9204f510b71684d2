// The file in which `dlc tune` keeps the schedules that won on a machine, and its use: JSON, so that
// people can read and change it.
//
//   {"format": "dlc schedules", "version": 1, "cpu": "znver4", "model": "digits.cpp",
//    "sizes": {"B": 32},
//    "kernels": [{"key": "5f0c...", "name": "k3", "from": "dense (digits.cpp:20)",
//                 "schedules": "[#dlc.gemm<tile = [6, 64], row_tiles = 16>]",
//                 "microseconds": 41.2, "default_microseconds": 44.0}]}
//
// A kernel is known by its key: a hash of its text, which holds its shapes but no names and lines of
// the model, and of the processor. So a file serves every model that has the kernel, and a change of
// the model leaves out the kernels that it changed.
#pragma once
#include "codegen/cpu/Target.h"
#include "ir/Ops.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>
#include <vector>

namespace dlc::codegen {

struct TunedKernel {
  std::string key;
  std::string name, from; ///< in the model that was tuned, for people
  std::string schedules;  ///< as the IR prints the list
  double microseconds = 0, defaultMicroseconds = 0;
};

struct ScheduleFile {
  std::string cpu, model;
  std::map<std::string, int64_t> sizes; ///< that were measured
  std::vector<TunedKernel> kernels;
};

std::string printScheduleFile(const ScheduleFile &file);
/// `name` begins the message about a text that is not such a file.
llvm::Expected<ScheduleFile> parseScheduleFile(llvm::StringRef text, llvm::StringRef name);

/// The name of an outlined kernel in such files; its schedules do not count.
std::string scheduleKey(ir::KernelFuncOp func, const cpu::CpuTarget &target);

/// Gives the kernels of `module` that the file knows, and that have no schedules, those of the
/// file. Returns how many; none when the file is for another processor. Fails where one cannot be
/// read; whether the emitters obey them is for dlc-choose-schedules to say.
llvm::Expected<size_t> applySchedules(const ScheduleFile &file, llvm::StringRef name,
                                      mlir::ModuleOp module, const cpu::CpuTarget &target);

} // namespace dlc::codegen
