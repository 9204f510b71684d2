// Loads a model file that was built as a shared object and writes the program that it defines.
// A process of its own, because the model's code may do anything: dlc compile starts it.
#include "dlc/define.h"
#include <cstdio>

int main(int argc, char **argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: dlc-define MODEL.so OUTPUT.mlirbc [DTYPE_POLICY]\n");
    return 2;
  }
  return dlc::writeDefinedProgram(argv[1], argv[2], argc == 4 ? argv[3] : nullptr) ? 0 : 1;
}
