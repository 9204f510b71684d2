#include "tools/driver/GuardedParse.h"
#include "ir/Dlc.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "tools/driver/Driver.h"
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// Shadow memory: a bound on addresses would stop the child at once.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DLC_HUGE_ADDRESS_SPACE true
#endif
#endif
#ifndef DLC_HUGE_ADDRESS_SPACE
#define DLC_HUGE_ADDRESS_SPACE false
#endif

namespace dlc::driver {
namespace {

constexpr bool kHugeAddressSpace = DLC_HUGE_ADDRESS_SPACE;

constexpr rlim_t kSeconds = 60;
constexpr rlim_t kStack = 4 << 20; // half of what this process commonly has: passes recurse too
constexpr rlim_t kMemory = rlim_t(4) << 30;
constexpr rlim_t kMemoryPerByte = 256; // of the file; large models hold large modules

void limit(int resource, rlim_t value) {
  rlimit bound;
  if (getrlimit(resource, &bound) != 0 || bound.rlim_cur <= value)
    return; // no limit is the largest number
  bound.rlim_cur = value;
  setrlimit(resource, &bound);
}

/// The child: leaves with 0 whatever the parser says, and silently.
[[noreturn]] void parseAndLeave(const std::string &module) {
  for (int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE})
    std::signal(signal, SIG_DFL);
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0)
    dup2(nowhere, STDERR_FILENO);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kSeconds);
  limit(RLIMIT_STACK, kStack);
  if (!kHugeAddressSpace)
    limit(RLIMIT_AS, kMemory + kMemoryPerByte * module.size());
  {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    context.loadDialect<ir::DlcDialect>();
    auto parsed = mlir::parseSourceString<mlir::ModuleOp>(module, mlir::ParserConfig(&context));
  }
  _exit(0);
}

} // namespace

bool survivesParsing(const std::string &path, const std::string &module) {
  pid_t child = fork();
  if (child == 0)
    parseAndLeave(module);
  int status = 0;
  pid_t done = child;
  while (child > 0 && (done = waitpid(child, &status, 0)) < 0 && errno == EINTR)
    ;
  if (child < 0 || done != child) {
    fail(path + ": cannot start a process to read it in: " + std::strerror(errno));
    return false;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return true;
  int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  std::string what = signal == SIGXCPU ? "takes more than a minute to read"
                     : signal          ? std::string("kills its reader (") + strsignal(signal) + ")"
                                       : "makes its reader fail";
  fail(path + ": " + what + "; it is damaged, nested too deeply, or made to do so");
  return false;
}

} // namespace dlc::driver
