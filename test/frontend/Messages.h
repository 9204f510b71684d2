// What tests of messages share: a program to make mistakes in, and the text of what was reported.
#pragma once
#include "dlc/dlc.h"
#include "frontend/builder/Graph.h"
#include <gtest/gtest.h>

namespace dlc {

// The text of `errors`, with "F:L" for each place in files of these tests.
inline std::string textOf(const std::vector<Error> &errors) {
  std::string text;
  for (const Error &error : errors)
    text += (text.empty() ? "" : "\n") + error.str();
  for (const std::string file : {"LayerMessages_test.cpp:", "Messages_test.cpp:", "Messages.h:"})
    for (size_t at = text.find(file); at != std::string::npos; at = text.find(file, at)) {
      size_t end = at + file.size();
      while (end < text.size() && isdigit(text[end]))
        ++end;
      text.replace(at, end - at, "F:L");
    }
  return text;
}

// What the functional calls since the last time reported.
inline std::string pending() {
  std::vector<Error> errors;
  std::swap(errors, detail::scratchProgram()->errors);
  return textOf(errors);
}

class Messages : public testing::Test {
protected:
  void SetUp() override {
    clearSession();
    pending();
  }
  Program program{"p"};
  Entry entry = program.entry("e");
  Value x = entry.input("x", {"B", 784});
  std::string errors() { return textOf(program.errors()); }
};

} // namespace dlc
