// A file that declares a model compiles in under 3 seconds: the public headers stay light and pull
// in nothing of the compiler.
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>

namespace {

double childSeconds() {
  rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

TEST(CompileTime, a_model_file_takes_less_than_three_seconds) {
  std::string source = std::getenv("DLC_SOURCE_DIR"), build = std::getenv("DLC_BINARY_DIR");
  for (const char *example : {"digits_convnet", "fashion_mnist", "gan", "input_gradient"}) {
    std::string object = testing::TempDir() + "/dlc_" + example + ".o";
    std::string command = "c++ -std=c++20 -O0 -fPIC -Wall -Wextra -Werror -c " + source +
                          "/examples/" + example + ".cpp -o " + object + " -I " + source +
                          "/frontend/include -I " + build + "/frontend/include";
    double before = childSeconds();
    EXPECT_EQ(std::system(command.c_str()), 0) << example;
    EXPECT_LT(childSeconds() - before, 3) << example;
    std::remove(object.c_str());
  }
}

TEST(CompileTime, public_headers_know_no_mlir) {
  std::string source = std::getenv("DLC_SOURCE_DIR");
  std::string command = "! grep -nE 'mlir::|llvm::|#include \"(mlir|llvm|ir|frontend|codegen|passes)/' " + source +
                        "/frontend/include/dlc/*.h";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

} // namespace
