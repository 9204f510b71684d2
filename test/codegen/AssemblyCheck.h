// Reads x86-64 and AArch64 assembly as emitCode writes it and reports what must not stand in an
// innermost loop: a spill to the stack, which is a silent loss of a factor, and scalar
// floating-point arithmetic, which means that something was not vectorised.
//
// A loop that calls a function is not innermost: what it calls has loops of its own, which are
// read. Such are the loops over the tensors of a list kernel.
//
// On AArch64 only vectors count: addresses that packing and attention reload from the stack, one
// load beside dozens of others, are no loss of a factor.
//
// LLVM comments every block with its loop: "This Inner Loop Header" where an innermost loop begins,
// "in Loop: Header=BB0_3" on its other blocks. Nothing has to be guessed from the jumps.
#pragma once
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace dlc::codegen::cpu::testing {

struct AssemblyReport {
  int innermostLoops = 0;
  std::vector<std::string> violations; // "function block: line"
};

// A basic block: its label and comments, and its instructions.
struct AssemblyBlock {
  std::string label, comments;
  std::vector<std::string> instructions;
  int function = 0;
  std::string name; // of the function
};

inline std::vector<AssemblyBlock> assemblyBlocks(const std::string &assembly) {
  std::vector<AssemblyBlock> blocks;
  const std::regex start("^(\\.L)?(BB\\d+_\\d+):|^(?:#|//) (%bb\\.\\d+):|^([A-Za-z_][^:\\s]*):");
  std::istringstream stream(assembly);
  int function = 0;
  std::string name;
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (std::regex_search(line, match, start)) {
      std::string label = match[2].matched ? match[2] : match[3].matched ? match[3] : match[4];
      if (match[4].matched) {
        ++function;
        name = match[4];
      }
      blocks.push_back({label, line, {}, function, name});
      continue;
    }
    if (blocks.empty())
      continue;
    size_t comment = std::min(line.find("# "), line.find("//")); // "#16" is a number on AArch64
    if (comment != std::string::npos && line.find_first_not_of(" \t") == comment) {
      if (blocks.back().instructions.empty())
        blocks.back().comments += line;
    } else if (line[0] == '\t') {
      blocks.back().instructions.push_back(line.substr(0, comment));
    }
  }
  return blocks;
}

inline AssemblyReport checkInnermostLoops(const std::string &assembly) {
  const std::regex scalar("\\bv?(add|sub|mul|div|min|max|sqrt|fn?m(add|sub)\\d*)s[sd]\\b|"
                          "\\bfn?(add|sub|mul|div|minnm|maxnm|min|max|sqrt|madd|msub)\\s+[sdh]\\d");
  const std::regex stack("\\(%rsp|\\b[vqds]\\d+.*\\[sp\\b");
  const std::regex frame("movq\\s+%rsp, %rbp|(mov|add)\\s+x29, sp");
  const std::regex framed("-\\d+\\(%rbp\\)|\\b[vqds]\\d+.*\\[x29, #-");
  const std::regex inLoop("in Loop: Header=(BB\\d+_\\d+)");
  const std::regex call("\\t(call[lq]?|blr?)\\s");
  std::vector<AssemblyBlock> blocks = assemblyBlocks(assembly);
  std::set<std::pair<int, std::string>> headers; // block names repeat from module to module
  std::set<int> withFrame;                       // functions whose rbp points into the stack
  for (const AssemblyBlock &block : blocks) {
    if (block.comments.find("This Inner Loop Header") != std::string::npos)
      headers.insert({block.function, block.label});
    for (const std::string &line : block.instructions)
      if (std::regex_search(line, frame))
        withFrame.insert(block.function);
  }

  for (const AssemblyBlock &block : blocks) {
    std::smatch match;
    bool inner = std::regex_search(block.comments, match, inLoop);
    for (const std::string &line : block.instructions)
      if (std::regex_search(line, call))
        headers.erase({block.function, inner ? match[1].str() : block.label});
  }

  AssemblyReport report;
  report.innermostLoops = int(headers.size());
  for (const AssemblyBlock &block : blocks) {
    std::smatch match;
    bool inside = headers.count({block.function, block.label}) ||
                  (std::regex_search(block.comments, match, inLoop) &&
                   headers.count({block.function, match[1]}));
    for (const std::string &line : block.instructions)
      if (inside && (std::regex_search(line, scalar) || std::regex_search(line, stack) ||
                     (withFrame.count(block.function) && std::regex_search(line, framed))))
        report.violations.push_back(block.name + " " + block.label + ":" + line);
  }
  return report;
}

} // namespace dlc::codegen::cpu::testing
