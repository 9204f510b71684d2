// The rows as entries in IR text: what is measured is what a model's compilation gives.
#include "tools/driver/BenchRoots.h"
#include "tools/driver/BenchStreams.h"
#include "llvm/Support/FormatVariadic.h"

using namespace dlc::driver;

namespace {

struct Depthwise {
  int64_t size, channels, stride = 1;
  double forward = 0, inputGrad = 0, filterGrad = 0; // floors
};

// 3x3 on a square image, padded so that stride 1 keeps its size and stride 2 halves it.
void addDepthwiseRows(std::vector<BenchKernel> &rows, const Depthwise &c) {
  int64_t out = c.size / c.stride;
  std::string types = llvm::formatv("!x = tensor<1x{0}x{0}x{1}xf32>\n!f = tensor<3x3x1x{1}xf32>\n"
                                    "!y = tensor<1x{2}x{2}x{1}xf32>\n",
                                    c.size, c.channels, out);
  std::string attributes =
      llvm::formatv("strides [{0}, {0}] low [{1}, {1}] high [1, 1] dilations [1, 1] groups {2}",
                    c.stride, c.stride == 1 ? 1 : 0, c.channels);
  auto add = [&](const char *what, const char *op, const char *a, const char *b, const char *result,
                 double floor) {
    std::string name =
        llvm::formatv("depthwise {0} 3x3 s{1} {2}x{2}x{3}", what, c.stride, c.size, c.channels);
    std::string text = llvm::formatv("{0}dlc.entry @run(%a: {1} {{dlc.name = \"a\"}, %b: {2} "
                                     "{{dlc.name = \"b\"}) -> ({3} {{dlc.name = \"r\"}) {{\n"
                                     "%r = {4} %a, %b {5} : ({1}, {2}) -> {3}\n"
                                     "dlc.return %r : {3}\n}\n",
                                     types, a, b, result, op, attributes);
    double work = 2.0 * 9 * out * out * c.channels;
    rows.push_back(entryKernel(name, text, Limit::Flops, work, floor));
    rows.back().twoThreads = true;
  };
  add("forward", "dlc.conv", "!x", "!f", "!y", c.forward);
  add("input gradient", "dlc.conv_input_grad", "!y", "!f", "!x", c.inputGrad);
  add("filter gradient", "dlc.conv_filter_grad", "!x", "!y", "!f", c.filterGrad);
}

struct AttentionCase {
  int64_t batch, heads, size;
  bool causal = false, padding = false;
};

void addAttentionRows(std::vector<BenchKernel> &rows, const AttentionCase &c) {
  std::string types =
      llvm::formatv("!t = tensor<{0}x{1}x{2}x64xf32>\n!l = tensor<{0}x{1}x{2}xf32>\n"
                    "!m = tensor<{0}x{2}xi1>\n",
                    c.batch, c.heads, c.size);
  std::string attributes =
      llvm::formatv("{0}{1} axis 2 scale 0.125", c.padding ? " mask %m over [0, 3]" : "",
                    c.causal ? " causal" : "");
  const char *mask = c.padding ? ", %m: !m {dlc.name = \"m\"}" : "";
  const char *maskType = c.padding ? ", !m" : "";
  std::string name = llvm::formatv("{0}x{1}x{2}x64{3}{4}", c.batch, c.heads, c.size,
                                   c.causal ? " causal" : "", c.padding ? " key padding" : "");
  const char *qkv = "%q: !t {dlc.name = \"q\"}, %k: !t {dlc.name = \"k\"}, "
                    "%v: !t {dlc.name = \"v\"}";
  std::string forward =
      llvm::formatv("{0}dlc.entry @run({1}{2}) -> (!t {{dlc.name = \"y\"}, !l {{dlc.name = \"l\"}) "
                    "{{\n%y, %l = dlc.attention %q, %k, %v{3} : (!t, !t, !t{4}) -> (!t, !l)\n"
                    "dlc.return %y, %l : !t, !l\n}\n",
                    types, qkv, mask, attributes, maskType);
  std::string gradient = llvm::formatv(
      "{0}dlc.entry @run({1}, %l: !l {{dlc.name = \"l\"}, %d: !l {{dlc.name = \"d\"}, "
      "%dy: !t {{dlc.name = \"dy\"}{2}) -> (!t {{dlc.name = \"dq\"}, "
      "!t {{dlc.name = \"dk\"}, !t {{dlc.name = \"dv\"}) {{\n"
      "%dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %l, %d, %dy{3} "
      ": (!t, !t, !t, !l, !l, !t{4}) -> (!t, !t, !t)\n"
      "dlc.return %dq, %dk, %dv : !t, !t, !t\n}\n",
      types, qkv, mask, attributes, maskType);
  // Two products forward, five for the gradient, of which one repeats the scores.
  double product = 2.0 * c.batch * c.heads * c.size * c.size * 64 * (c.causal ? 0.5 : 1);
  rows.push_back(entryKernel("attention " + name, forward, Limit::Flops, 2 * product, 0));
  rows.back().twoThreads = true;
  rows.push_back(entryKernel("attention gradient " + name, gradient, Limit::Flops, 5 * product, 0));
  rows.back().twoThreads = true;
}

} // namespace

void dlc::driver::addDepthwise(std::vector<BenchKernel> &rows) {
  addDepthwiseRows(rows, {56, 128, 1, 0.7, 0.7, 0.6});
  addDepthwiseRows(rows, {112, 32, 1, 0.7, 0.7, 0.6});
  addDepthwiseRows(rows, {14, 480, 1, 0.8, 0.8, 0.7});
  addDepthwiseRows(rows, {14, 512, 1});
  addDepthwiseRows(rows, {7, 960, 1});
  addDepthwiseRows(rows, {56, 128, 2});
}

void dlc::driver::addAttention(std::vector<BenchKernel> &rows) {
  addAttentionRows(rows, {8, 12, 128});
  addAttentionRows(rows, {2, 12, 512});
  addAttentionRows(rows, {2, 12, 512, true});
  addAttentionRows(rows, {2, 12, 512, false, true});
  addAttentionRows(rows, {1, 4, 2048});
}
