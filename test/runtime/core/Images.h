// The shared objects that the build makes of image.S, as artifact files.
#ifndef DLC_TEST_RUNTIME_IMAGES_H
#define DLC_TEST_RUNTIME_IMAGES_H

#include "runtime/abi/program.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace dlc::test {

inline std::string readImage(const char *name) {
  std::ifstream file(std::string(DLC_TEST_IMAGES) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Appends the trailer that the compiler's artifact writer appends.
inline std::string finish(std::string image) {
  image.resize((image.size() + 7) / 8 * 8);
  dlc_trailer trailer = {DLC_TRAILER_MAGIC, sizeof trailer, DLC_ABI_VERSION,
                         image.size() + sizeof trailer, dlc_checksum(image.data(), image.size())};
  image.append(reinterpret_cast<const char *>(&trailer), sizeof trailer);
  return image;
}

} // namespace dlc::test

#endif
