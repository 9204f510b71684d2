// Runs the code of a model file. The object is left loaded: destructors of its statics run at exit.
#include "dlc/define.h"
#include "dlc/layer.h"
#include "dlc/model.h"
#include <cstdio>
#include <dlfcn.h>

namespace dlc {

bool writeDefinedProgram(const char *library, const char *output, const char *policy) {
  void *object = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!object) {
    std::fprintf(stderr, "error: cannot load the compiled model file: %s\n", dlerror());
    return false;
  }
  // The mangled name of dlc::Program defineProgram(), which is the same for gcc and clang.
  auto define = reinterpret_cast<Program (*)()>(dlsym(object, "_Z13defineProgramv"));
  if (!define) {
    std::fprintf(stderr, "error: the model file defines no function "
                         "'dlc::Program defineProgram()'\n");
    return false;
  }
  if (policy && *policy)
    setDtypePolicy(policy);
  Program program = define();
  if (program.write(output))
    return true;
  for (const Error &error : program.errors())
    std::fprintf(stderr, "%s\n", error.str().c_str());
  return false;
}

} // namespace dlc
