// Streaming kernels against the evaluator: every family of ops, at sizes around the vector length.
#include "codegen/cpu/emit/StreamPlan.h"
#include "test/codegen/StreamRunner.h"
#include "test/codegen/StreamWindows.h"
#include <regex>

using namespace dlc::codegen::cpu::testing;
using namespace dlc::codegen::cpu;
using dlc::reference::Bindings;

namespace {

const std::initializer_list<int64_t> kSizes = {0, 1, 2, 15, 16, 17, 63, 64, 65, 1000, 5000};

#define B1(T) "tensor<?x" T ", #dlc.dims<[B]>>"

std::vector<StreamCase> maps() {
  std::vector<StreamCase> cases;
  for (const char *t : {"f32", "f64", "f16", "bf16"}) {
    std::string x = std::string("tensor<?x") + t + ", #dlc.dims<[B]>>";
    cases.push_back({std::string("gelu_") + t, "\"B\"", "%x: " + x,
                     "%h = dlc.constant dense<0.5> : tensor<" + std::string(t) + ">\n"
                     "%c = dlc.broadcast %h to [] : tensor<" + t + "> -> " + x + "\n"
                     "%a = dlc.mul %x, %c : " + x + "\n%e = dlc.erf %a : " + x + "\n"
                     "%y = dlc.mul %e, %x : " + x + "\ndlc.yield %y : " + x,
                     each("B", kSizes), std::string(t).find("16") != std::string::npos ? 1e-2 : 1e-6});
  }
  for (const char *t : {"f32", "f64", "i32", "i64", "i8", "ui8"}) {
    std::string x = std::string("tensor<?x") + t + ", #dlc.dims<[B]>>";
    std::string body = "%0 = dlc.add %a, %b : " + x + "\n%1 = dlc.mul %0, %a : " + x +
                       "\n%2 = dlc.div %1, %b : " + x + "\n%3 = dlc.rem %1, %b : " + x +
                       "\n%4 = dlc.max %2, %3 : " + x + "\n%5 = dlc.min %0, %1 : " + x +
                       "\n%6 = dlc.neg %5 : " + x + "\n%7 = dlc.abs %6 : " + x +
                       "\n%8 = dlc.sign %0 : " + x + "\n%9 = dlc.relu %6 : " + x +
                       "\n%p = dlc.pow %a, %b : " + x +
                       "\ndlc.yield %2, %3, %4, %5, %7, %8, %9, %p : " + x;
    for (int i = 0; i < 7; ++i)
      body += ", " + x;
    cases.push_back({std::string("arithmetic_") + t, "\"B\"", "%a: " + x + ", %b: " + x, body,
                     each("B", {0, 1, 17, 333}), 1e-6});
  }
  const char *types[] = {"f32", "f64", "f16", "bf16", "i64", "i32", "i8", "ui8", "i1"};
  for (const char *from : types) {
    std::string x = std::string("tensor<?x") + from + ", #dlc.dims<[B]>>", body, names, yields;
    int n = 0;
    for (const char *to : types) {
      std::string y = std::string("tensor<?x") + to + ", #dlc.dims<[B]>>";
      body += "%" + std::to_string(n) + " = dlc.cast %x : " + x + " -> " + y + "\n";
      names += (n ? ", %" : "%") + std::to_string(n);
      yields += (n++ ? ", " : "") + y;
    }
    cases.push_back({std::string("cast_") + from, "\"B\"", "%x: " + x,
                     body + "dlc.yield " + names + " : " + yields, each("B", {1, 17, 200}), 0});
  }
  std::string f = B1("f32"), p = B1("i1");
  cases.push_back({"compare_select", "\"B\"", "%a: " + f + ", %b: " + f,
                   "%0 = dlc.compare gt %a, %b : (" + f + ", " + f + ") -> " + p +
                   "\n%1 = dlc.compare ne %a, %b : (" + f + ", " + f + ") -> " + p +
                   "\n%2 = dlc.compare le %a, %b : (" + f + ", " + f + ") -> " + p +
                   "\n%3 = dlc.and %0, %1 : " + p + "\n%4 = dlc.xor %3, %2 : " + p +
                   "\n%5 = dlc.not %4 : " + p + "\n%6 = dlc.or %5, %0 : " + p +
                   "\n%y = dlc.select %6, %a, %b : (" + p + ", " + f + ", " + f + ") -> " + f +
                   "\ndlc.yield %y, %6 : " + f + ", " + p,
                   each("B", kSizes), 0});
  for (const char *op : {"exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "reciprocal", "tanh",
                         "sigmoid", "erf", "sin", "cos", "floor", "ceil", "round"})
    cases.push_back({op, "\"B\"", "%x: " + f,
                     std::string("%y = dlc.") + op + " %x : " + f + "\ndlc.yield %y : " + f,
                     each("B", {17, 100}), 3e-7});
  // The optimizer's update: scalars, several results in place.
  cases.push_back({"momentum", "\"B\"",
                   "%w: " + f + ", %m: " + f + ", %g: " + f + ", %lr: tensor<f32>",
                   "%l = dlc.broadcast %lr to [] : tensor<f32> -> " + f +
                   "\n%mu = dlc.constant dense<0.9> : tensor<f32>"
                   "\n%mb = dlc.broadcast %mu to [] : tensor<f32> -> " + f +
                   "\n%0 = dlc.mul %m, %mb : " + f + "\n%1 = dlc.mul %g, %l : " + f +
                   "\n%2 = dlc.sub %0, %1 : " + f + "\n%3 = dlc.add %w, %2 : " + f +
                   "\ndlc.yield %3, %2 : " + f + ", " + f,
                   each("B", kSizes), 1e-6, true, {{0, 0}, {1, 1}}});
  return cases;
}

#define BC "tensor<?x?xf32, #dlc.dims<[B, C]>>"
#define BT "tensor<?xf32, #dlc.dims<[B]>>"
#define CT "tensor<?xf32, #dlc.dims<[C]>>"

std::vector<Bindings> grid(std::vector<int64_t> bs, std::vector<int64_t> cs) {
  std::vector<Bindings> out;
  for (int64_t b : bs)
    for (int64_t c : cs)
      out.push_back({{"B", b}, {"C", c}});
  return out;
}

std::vector<StreamCase> views() {
  std::vector<StreamCase> cases;
  auto sizes = grid({0, 1, 3, 17}, {0, 1, 5, 16, 33, 130});
  cases.push_back({"bias", "\"B\", \"C\"", "%x: " BC ", %b: " CT,
                   "%0 = dlc.broadcast %b to [1] : " CT " -> " BC "\n%1 = dlc.add %x, %0 : " BC
                   "\n%2 = dlc.relu %1 : " BC "\ndlc.yield %2 : " BC, sizes, 0});
  cases.push_back({"per_row", "\"B\", \"C\"", "%x: " BC ", %b: " BT,
                   "%0 = dlc.broadcast %b to [0] : " BT " -> " BC "\n%1 = dlc.mul %x, %0 : " BC
                   "\ndlc.yield %1 : " BC, sizes, 0});
  cases.push_back({"transpose", "\"B\", \"C\"", "%x: " BC,
                   "%0 = dlc.transpose %x [1, 0] : " BC " -> tensor<?x?xf32, #dlc.dims<[C, B]>>\n"
                   "dlc.yield %0 : tensor<?x?xf32, #dlc.dims<[C, B]>>", grid({0, 1, 3, 17, 80}, {0, 1, 5, 16, 33, 130}), 0});
  cases.push_back({"transpose_batched", "\"B\"", "%x: tensor<?x20x3x40xf64, #dlc.dims<[B, 20, 3, 40]>>, %h: tensor<?x24xbf16, #dlc.dims<[B, 24]>>",
                   "%0 = dlc.transpose %x [2, 0, 3, 1] : tensor<?x20x3x40xf64, #dlc.dims<[B, 20, 3, 40]>>"
                   " -> tensor<3x?x40x20xf64, #dlc.dims<[3, B, 40, 20]>>\n"
                   "%1 = dlc.transpose %h [1, 0] : tensor<?x24xbf16, #dlc.dims<[B, 24]>> -> tensor<24x?xbf16, #dlc.dims<[24, B]>>\n"
                   "dlc.yield %0, %1 : tensor<3x?x40x20xf64, #dlc.dims<[3, B, 40, 20]>>, tensor<24x?xbf16, #dlc.dims<[24, B]>>",
                   each("B", {0, 1, 7, 70}), 0});
  cases.push_back({"transpose4", "\"B\"", "%x: tensor<?x3x4x5xf32, #dlc.dims<[B, 3, 4, 5]>>",
                   "%0 = dlc.transpose %x [0, 2, 3, 1] : tensor<?x3x4x5xf32, #dlc.dims<[B, 3, 4, 5]>>"
                   " -> tensor<?x4x5x3xf32, #dlc.dims<[B, 4, 5, 3]>>\n"
                   "dlc.yield %0 : tensor<?x4x5x3xf32, #dlc.dims<[B, 4, 5, 3]>>",
                   each("B", {0, 1, 7}), 0});
  cases.push_back({"slice", "\"B\"", "%x: tensor<?x20x6xf32, #dlc.dims<[B, 20, 6]>>",
                   "%0 = dlc.slice %x from [0, 3, 0] to [B, 18, 6] by [1, 2, 1] : "
                   "tensor<?x20x6xf32, #dlc.dims<[B, 20, 6]>> -> tensor<?x8x6xf32, #dlc.dims<[B, 8, 6]>>\n"
                   "%1 = dlc.slice %x from [0, 3, 1] to [B, 19, 6] by [1, 1, 2] : "
                   "tensor<?x20x6xf32, #dlc.dims<[B, 20, 6]>> -> tensor<?x16x3xf32, #dlc.dims<[B, 16, 3]>>\n"
                   "dlc.yield %0, %1 : tensor<?x8x6xf32, #dlc.dims<[B, 8, 6]>>, "
                   "tensor<?x16x3xf32, #dlc.dims<[B, 16, 3]>>",
                   each("B", {0, 1, 7}), 0});
  cases.push_back({"slice_symbolic", "\"B\"", "%x: tensor<?x6xf32, #dlc.dims<[B + 3, 6]>>",
                   "%0 = dlc.slice %x from [2, 0] to [B + 2, 6] by [1, 1] : "
                   "tensor<?x6xf32, #dlc.dims<[B + 3, 6]>> -> tensor<?x6xf32, #dlc.dims<[B, 6]>>\n"
                   "dlc.yield %0 : tensor<?x6xf32, #dlc.dims<[B, 6]>>", each("B", {0, 1, 7}), 0});
  cases.push_back({"pad", "\"B\"", "%x: tensor<?x5x3xf32, #dlc.dims<[B, 5, 3]>>, %v: tensor<f32>",
                   "%0 = dlc.pad %x, %v low [0, 2, 1] high [1, 3, 0] interior [0, 1, 0] : "
                   "(tensor<?x5x3xf32, #dlc.dims<[B, 5, 3]>>, tensor<f32>) -> "
                   "tensor<?x14x4xf32, #dlc.dims<[B + 1, 14, 4]>>\n"
                   "dlc.yield %0 : tensor<?x14x4xf32, #dlc.dims<[B + 1, 14, 4]>>",
                   each("B", {0, 1, 7}), 0});
  cases.push_back({"pad_columns", "\"B\"", "%x: tensor<?x40xf32, #dlc.dims<[B, 40]>>, %v: tensor<f32>",
                   "%0 = dlc.pad %x, %v low [0, 7] high [0, 3] interior [0, 0] : "
                   "(tensor<?x40xf32, #dlc.dims<[B, 40]>>, tensor<f32>) -> "
                   "tensor<?x50xf32, #dlc.dims<[B, 50]>>\n"
                   "%1 = dlc.pad %x, %v low [0, 1] high [0, 3] interior [0, 2] : "
                   "(tensor<?x40xf32, #dlc.dims<[B, 40]>>, tensor<f32>) -> "
                   "tensor<?x122xf32, #dlc.dims<[B, 122]>>\n"
                   "dlc.yield %0, %1 : tensor<?x50xf32, #dlc.dims<[B, 50]>>, tensor<?x122xf32, #dlc.dims<[B, 122]>>",
                   each("B", {0, 1, 7}), 0});
  cases.push_back({"concat", "\"B\", \"C\"", "%x: " BC ", %y: tensor<?x9xf32, #dlc.dims<[B, 9]>>",
                   "%0 = dlc.concat %x, %y, %x axis 1 : (" BC ", tensor<?x9xf32, #dlc.dims<[B, 9]>>, " BC
                   ") -> tensor<?x?xf32, #dlc.dims<[B, 2*C + 9]>>\n"
                   "%1 = dlc.concat %x, %x axis 0 : (" BC ", " BC ") -> tensor<?x?xf32, #dlc.dims<[2*B, C]>>\n"
                   "dlc.yield %0, %1 : tensor<?x?xf32, #dlc.dims<[B, 2*C + 9]>>, tensor<?x?xf32, #dlc.dims<[2*B, C]>>",
                   sizes, 0});
  cases.push_back({"reverse", "\"B\", \"C\"", "%x: " BC,
                   "%0 = dlc.reverse %x over [1] : " BC " -> " BC "\n%1 = dlc.reverse %x over [0] : " BC " -> " BC
                   "\n%2 = dlc.reverse %x over [0, 1] : " BC " -> " BC "\ndlc.yield %0, %1, %2 : " BC ", " BC ", " BC,
                   sizes, 0});
  cases.push_back({"reshape", "\"B\"", "%x: tensor<?x4x6xf32, #dlc.dims<[B, 4, 6]>>, %b: tensor<24xf32>, %c: tensor<6xf32>",
                   "%0 = dlc.reshape %x : tensor<?x4x6xf32, #dlc.dims<[B, 4, 6]>> -> tensor<?x24xf32, #dlc.dims<[B, 24]>>\n"
                   "%1 = dlc.broadcast %b to [1] : tensor<24xf32> -> tensor<?x24xf32, #dlc.dims<[B, 24]>>\n"
                   "%2 = dlc.add %0, %1 : tensor<?x24xf32, #dlc.dims<[B, 24]>>\n"
                   "%3 = dlc.reshape %2 : tensor<?x24xf32, #dlc.dims<[B, 24]>> -> tensor<?x8x3xf32, #dlc.dims<[B, 8, 3]>>\n"
                   "%4 = dlc.transpose %3 [0, 2, 1] : tensor<?x8x3xf32, #dlc.dims<[B, 8, 3]>> -> tensor<?x3x8xf32, #dlc.dims<[B, 3, 8]>>\n"
                   "%5 = dlc.reshape %4 : tensor<?x3x8xf32, #dlc.dims<[B, 3, 8]>> -> tensor<?xf32, #dlc.dims<[24*B]>>\n"
                   "%6 = dlc.broadcast %c to [2] : tensor<6xf32> -> tensor<?x4x6xf32, #dlc.dims<[B, 4, 6]>>\n"
                   "%7 = dlc.reshape %6 : tensor<?x4x6xf32, #dlc.dims<[B, 4, 6]>> -> tensor<?xf32, #dlc.dims<[24*B]>>\n"
                   "%8 = dlc.add %5, %7 : tensor<?xf32, #dlc.dims<[24*B]>>\n"
                   "dlc.yield %3, %8 : tensor<?x8x3xf32, #dlc.dims<[B, 8, 3]>>, tensor<?xf32, #dlc.dims<[24*B]>>",
                   each("B", {0, 1, 3, 9}), 0});
  cases.push_back({"units", "\"B\"", "%x: tensor<1x?x1x8xf32, #dlc.dims<[1, B, 1, 8]>>, %b: tensor<1xf32>, %c: tensor<8xf32>",
                   "%0 = dlc.reshape %x : tensor<1x?x1x8xf32, #dlc.dims<[1, B, 1, 8]>> -> tensor<?x8x1xf32, #dlc.dims<[B, 8, 1]>>\n"
                   "%1 = dlc.broadcast %b to [2] : tensor<1xf32> -> tensor<?x8x1xf32, #dlc.dims<[B, 8, 1]>>\n"
                   "%2 = dlc.broadcast %c to [1] : tensor<8xf32> -> tensor<?x8x1xf32, #dlc.dims<[B, 8, 1]>>\n"
                   "%3 = dlc.add %0, %1 : tensor<?x8x1xf32, #dlc.dims<[B, 8, 1]>>\n"
                   "%4 = dlc.mul %3, %2 : tensor<?x8x1xf32, #dlc.dims<[B, 8, 1]>>\n"
                   "%5 = dlc.sum %4 over [1] : tensor<?x8x1xf32, #dlc.dims<[B, 8, 1]>> -> tensor<?x1xf32, #dlc.dims<[B, 1]>>\n"
                   "%6 = dlc.sum %4 over [0] : tensor<?x8x1xf32, #dlc.dims<[B, 8, 1]>> -> tensor<8x1xf32>\n"
                   "%7 = dlc.sum %4 over [0, 1, 2] : tensor<?x8x1xf32, #dlc.dims<[B, 8, 1]>> -> tensor<f32>\n"
                   "dlc.yield %4, %5, %6, %7 : tensor<?x8x1xf32, #dlc.dims<[B, 8, 1]>>, tensor<?x1xf32, #dlc.dims<[B, 1]>>, tensor<8x1xf32>, tensor<f32>",
                   each("B", {0, 1, 3, 300}), 1e-5, false});
  cases.push_back({"sources", "\"B\"", "%i: tensor<?xi32, #dlc.dims<[B]>>",
                   "%0 = dlc.iota 0 : tensor<?x21xf32, #dlc.dims<[B, 21]>>\n"
                   "%1 = dlc.iota 1 : tensor<?x21xi64, #dlc.dims<[B, 21]>>\n"
                   "%2 = dlc.one_hot %i : tensor<?xi32, #dlc.dims<[B]>> -> tensor<?x11xf32, #dlc.dims<[B, 11]>>\n"
                   "%3 = dlc.constant dense<[1.5, 2.5, -3.0]> : tensor<3xf32>\n"
                   "%4 = dlc.broadcast %3 to [1] : tensor<3xf32> -> tensor<?x3xf32, #dlc.dims<[B, 3]>>\n"
                   "%5 = dlc.size [B, 3] : tensor<f32>\n"
                   "%6 = dlc.broadcast %5 to [] : tensor<f32> -> tensor<?x3xf32, #dlc.dims<[B, 3]>>\n"
                   "%7 = dlc.add %4, %6 : tensor<?x3xf32, #dlc.dims<[B, 3]>>\n"
                   "dlc.yield %0, %1, %2, %7, %5 : tensor<?x21xf32, #dlc.dims<[B, 21]>>, tensor<?x21xi64, #dlc.dims<[B, 21]>>, tensor<?x11xf32, #dlc.dims<[B, 11]>>, tensor<?x3xf32, #dlc.dims<[B, 3]>>, tensor<f32>",
                   each("B", {0, 1, 17}), 0});
  cases.push_back({"gather", "\"B\"", "%x: tensor<13x5xf32>, %i: tensor<?xi32, #dlc.dims<[B]>>, %j: tensor<?x2xi64, #dlc.dims<[B, 2]>>",
                   "%0 = dlc.gather %x, %i axis 0 : (tensor<13x5xf32>, tensor<?xi32, #dlc.dims<[B]>>) -> tensor<?x5xf32, #dlc.dims<[B, 5]>>\n"
                   "%1 = dlc.gather %x, %i axis 1 : (tensor<13x5xf32>, tensor<?xi32, #dlc.dims<[B]>>) -> tensor<13x?xf32, #dlc.dims<[13, B]>>\n"
                   "%2 = dlc.gather %x, %j axis 0 : (tensor<13x5xf32>, tensor<?x2xi64, #dlc.dims<[B, 2]>>) -> tensor<?x2x5xf32, #dlc.dims<[B, 2, 5]>>\n"
                   "dlc.yield %0, %1, %2 : tensor<?x5xf32, #dlc.dims<[B, 5]>>, tensor<13x?xf32, #dlc.dims<[13, B]>>, tensor<?x2x5xf32, #dlc.dims<[B, 2, 5]>>",
                   each("B", {0, 1, 17, 40}), 0});
  cases.push_back({"gather_empty", "\"B\"", "%x: tensor<?x5xf32, #dlc.dims<[B, 5]>>, %i: tensor<4xi32>",
                   "%0 = dlc.gather %x, %i axis 0 : (tensor<?x5xf32, #dlc.dims<[B, 5]>>, tensor<4xi32>) -> tensor<4x5xf32>\n"
                   "dlc.yield %0 : tensor<4x5xf32>", each("B", {0, 1, 17}), 0});
  cases.push_back({"scatter_add", "\"B\"", "%x: tensor<13x70xf32>, %i: tensor<?xi32, #dlc.dims<[B]>>, %u: tensor<?x70xf32, #dlc.dims<[B, 70]>>",
                   "%0 = dlc.scatter_add %x, %i, %u axis 0 : (tensor<13x70xf32>, tensor<?xi32, #dlc.dims<[B]>>, tensor<?x70xf32, #dlc.dims<[B, 70]>>) -> tensor<13x70xf32>\n"
                   "%1 = dlc.neg %0 : tensor<13x70xf32>\n"
                   "dlc.yield %0, %1 : tensor<13x70xf32>, tensor<13x70xf32>",
                   each("B", {0, 1, 17, 40}), 1e-6});
  cases.push_back({"scatter_add_inner", "\"B\"", "%x: tensor<4x9xf32>, %i: tensor<?xi64, #dlc.dims<[B]>>, %u: tensor<4x?xf32, #dlc.dims<[4, B]>>",
                   "%0 = dlc.scatter_add %x, %i, %u axis 1 : (tensor<4x9xf32>, tensor<?xi64, #dlc.dims<[B]>>, tensor<4x?xf32, #dlc.dims<[4, B]>>) -> tensor<4x9xf32>\n"
                   "dlc.yield %0 : tensor<4x9xf32>",
                   each("B", {0, 1, 17, 40}), 1e-6, true, {{0, 0}}});
  // Updates of several tiles of rows and of columns; the operand is a constant.
  cases.push_back({"scatter_add_wide", "\"B\"", "%i: tensor<?xi32, #dlc.dims<[B]>>, %u: tensor<2x?x1100xf32, #dlc.dims<[2, B, 1100]>>",
                   "%x = dlc.constant dense<2.5> : tensor<2x19x1100xf32>\n"
                   "%0 = dlc.scatter_add %x, %i, %u axis 1 : (tensor<2x19x1100xf32>, tensor<?xi32, #dlc.dims<[B]>>, tensor<2x?x1100xf32, #dlc.dims<[2, B, 1100]>>) -> tensor<2x19x1100xf32>\n"
                   "dlc.yield %0 : tensor<2x19x1100xf32>",
                   each("B", {0, 1, 17, 40}), 1e-6});
  cases.push_back({"scatter_add_half", "\"B\"", "%x: tensor<13x7xbf16>, %i: tensor<?xi32, #dlc.dims<[B]>>, %u: tensor<?x7xbf16, #dlc.dims<[B, 7]>>",
                   "%0 = dlc.scatter_add %x, %i, %u axis 0 : (tensor<13x7xbf16>, tensor<?xi32, #dlc.dims<[B]>>, tensor<?x7xbf16, #dlc.dims<[B, 7]>>) -> tensor<13x7xbf16>\n"
                   "dlc.yield %0 : tensor<13x7xbf16>",
                   each("B", {0, 1, 17, 40}), 4e-3});
  cases.push_back({"scatter_add_scalars", "\"B\"", "%x: tensor<13xf32>, %i: tensor<?xi32, #dlc.dims<[B]>>, %u: tensor<?xf32, #dlc.dims<[B]>>",
                   "%0 = dlc.scatter_add %x, %i, %u axis 0 : (tensor<13xf32>, tensor<?xi32, #dlc.dims<[B]>>, tensor<?xf32, #dlc.dims<[B]>>) -> tensor<13xf32>\n"
                   "dlc.yield %0 : tensor<13xf32>",
                   each("B", {0, 1, 17, 40}), 1e-6});
  cases.push_back({"dynamic_slice", "\"B\"", "%x: tensor<?x20xf32, #dlc.dims<[B + 2, 20]>>, %i: tensor<i32>, %j: tensor<i64>",
                   "%0 = dlc.dynamic_slice %x at (%i, %j) : (tensor<?x20xf32, #dlc.dims<[B + 2, 20]>>, tensor<i32>, tensor<i64>) -> tensor<2x17xf32>\n"
                   "dlc.yield %0 : tensor<2x17xf32>", each("B", {0, 1, 17, 40}), 0});
  for (bool shared : {false, true}) {
    StreamCase c{shared ? "dynamic_update_in_place" : "dynamic_update", "\"B\"",
                 "%x: tensor<?x20xf32, #dlc.dims<[B + 2, 20]>>, %u: tensor<2x17xf32>, %i: tensor<i32>, %j: tensor<i64>",
                 "%n = dlc.neg %u : tensor<2x17xf32>\n"
                 "%0 = dlc.dynamic_update_slice %x, %n at (%i, %j) : (tensor<?x20xf32, #dlc.dims<[B + 2, 20]>>, tensor<2x17xf32>, tensor<i32>, tensor<i64>) -> tensor<?x20xf32, #dlc.dims<[B + 2, 20]>>\n"
                 "dlc.yield %0 : tensor<?x20xf32, #dlc.dims<[B + 2, 20]>>", each("B", {0, 1, 17, 40}), 0};
    if (shared)
      c.shared = {{0, 0}};
    cases.push_back(c);
  }
  return cases;
}

std::vector<StreamCase> reductions() {
  std::vector<StreamCase> cases;
  auto sizes = grid({0, 1, 3, 17}, {0, 1, 5, 16, 33, 130, 1000});
  auto tall = grid({0, 1, 3, 17, 300, 3000}, {0, 1, 5, 16, 33, 130});
  for (const char *op : {"sum", "mean", "prod", "reduce_max", "reduce_min"}) {
    std::string o = op;
    bool exact = o.find("reduce") == 0;
    // Long products leave the range of f32 on the way.
    auto columns = o == "prod" ? grid({0, 1, 3, 17, 70}, {0, 1, 5, 33}) : tall;
    cases.push_back({o + "_rows", "\"B\", \"C\"", "%x: " BC,
                     "%0 = dlc." + o + " %x over [1] : " BC " -> " BT "\ndlc.yield %0 : " BT, sizes,
                     1e-5, exact});
    cases.push_back({o + "_columns", "\"B\", \"C\"", "%x: " BC,
                     "%0 = dlc." + o + " %x over [0] : " BC " -> " CT "\ndlc.yield %0 : " CT, columns,
                     1e-5, exact});
    cases.push_back({o + "_all", "\"B\", \"C\"", "%x: " BC,
                     "%0 = dlc." + o + " %x over [0, 1] : " BC " -> tensor<f32>\ndlc.yield %0 : tensor<f32>",
                     tall, 1e-4, exact});
    cases.push_back({o + "_middle", "\"B\"", "%x: tensor<?x7x18xf32, #dlc.dims<[B, 7, 18]>>",
                     "%0 = dlc." + o + " %x over [1] : tensor<?x7x18xf32, #dlc.dims<[B, 7, 18]>> -> tensor<?x18xf32, #dlc.dims<[B, 18]>>\n"
                     "%1 = dlc." + o + " %x over [0, 2] : tensor<?x7x18xf32, #dlc.dims<[B, 7, 18]>> -> tensor<7xf32>\n"
                     "%2 = dlc." + o + " %x over [1, 2] : tensor<?x7x18xf32, #dlc.dims<[B, 7, 18]>> -> tensor<?xf32, #dlc.dims<[B]>>\n"
                     "dlc.yield %0, %1, %2 : tensor<?x18xf32, #dlc.dims<[B, 18]>>, tensor<7xf32>, tensor<?xf32, #dlc.dims<[B]>>",
                     each("B", {0, 1, 17, 90}), 1e-5, exact});
  }
  for (const char *t : {"i32", "i64", "f64", "f16", "bf16", "ui8"}) {
    std::string x = std::string("tensor<?x?x") + t + ", #dlc.dims<[B, C]>>";
    std::string r = std::string("tensor<?x") + t + ", #dlc.dims<[B]>>", c = std::string("tensor<?x") + t + ", #dlc.dims<[C]>>";
    std::string s = std::string("tensor<") + t + ">";
    cases.push_back({std::string("sum_") + t, "\"B\", \"C\"", "%x: " + x,
                     "%0 = dlc.sum %x over [1] : " + x + " -> " + r + "\n%1 = dlc.sum %x over [0] : " + x + " -> " + c +
                     "\n%2 = dlc.reduce_max %x over [0, 1] : " + x + " -> " + s + "\n%3 = dlc.reduce_min %x over [1] : " + x + " -> " + r +
                     "\ndlc.yield %0, %1, %2, %3 : " + r + ", " + c + ", " + s + ", " + r,
                     grid({0, 1, 17, 300}, {1, 5, 33}), std::string(t).find("16") != std::string::npos ? 1e-2 : 1e-6, false});
  }
  for (const char *op : {"argmax", "argmin"})
    for (const char *t : {"f32", "i32"}) {
      std::string x = std::string("tensor<?x?x") + t + ", #dlc.dims<[B, C]>>";
      cases.push_back({std::string(op) + "_" + t, "\"B\", \"C\"", "%x: " + x,
                       std::string("%0 = dlc.") + op + " %x over 1 : " + x + " -> tensor<?xi32, #dlc.dims<[B]>>\n%1 = dlc." + op +
                       " %x over 0 : " + x + " -> tensor<?xi64, #dlc.dims<[C]>>\ndlc.yield %0, %1 : tensor<?xi32, #dlc.dims<[B]>>, tensor<?xi64, #dlc.dims<[C]>>",
                       sizes});
    }
  // Softmax: two row reductions and a costly value that both passes need.
  std::string softmax =
      "%m = dlc.reduce_max %x over [1] : " BC " -> " BT "\n%mb = dlc.broadcast %m to [0] : " BT " -> " BC
      "\n%d = dlc.sub %x, %mb : " BC "\n%e = dlc.exp %d : " BC "\n%s = dlc.sum %e over [1] : " BC " -> " BT
      "\n%sb = dlc.broadcast %s to [0] : " BT " -> " BC "\n%y = dlc.div %e, %sb : " BC "\n";
  cases.push_back({"softmax", "\"B\", \"C\"", "%x: " BC, softmax + "dlc.yield %y : " BC, sizes, 1e-6});
  cases.push_back({"cross_entropy", "\"B\", \"C\"", "%x: " BC ", %t: " BC,
                   softmax + "%l = dlc.log %s : " BT "\n%lm = dlc.add %l, %m : " BT
                   "\n%p = dlc.mul %t, %x : " BC "\n%ps = dlc.sum %p over [1] : " BC " -> " BT
                   "\n%r = dlc.sub %lm, %ps : " BT "\n%all = dlc.sum %r over [0] : " BT " -> tensor<f32>"
                   "\n%g = dlc.sub %y, %t : " BC "\n%db = dlc.sum %g over [0] : " BC " -> " CT
                   "\ndlc.yield %g, %r, %all, %db : " BC ", " BT ", tensor<f32>, " CT,
                   sizes, 2e-5, false});
  cases.push_back({"softmax_columns", "\"B\", \"C\"", "%x: " BC,
                   "%m = dlc.reduce_max %x over [0] : " BC " -> " CT "\n%mb = dlc.broadcast %m to [1] : " CT " -> " BC
                   "\n%d = dlc.sub %x, %mb : " BC "\n%e = dlc.exp %d : " BC "\n%s = dlc.sum %e over [0] : " BC " -> " CT
                   "\n%sb = dlc.broadcast %s to [1] : " CT " -> " BC "\n%y = dlc.div %e, %sb : " BC "\ndlc.yield %y : " BC,
                   sizes, 1e-6});
  // Batch norm: statistics of columns, twice over the data, then the normalised data.
  cases.push_back({"batch_norm", "\"B\"", "%x: tensor<?x3x70xf32, #dlc.dims<[B, 3, 70]>>, %scale: tensor<70xf32>",
                   "%n = dlc.size [B, 3] : tensor<f32>\n%nb = dlc.broadcast %n to [] : tensor<f32> -> tensor<70xf32>\n"
                   "%s = dlc.sum %x over [0, 1] : tensor<?x3x70xf32, #dlc.dims<[B, 3, 70]>> -> tensor<70xf32>\n"
                   "%mean = dlc.div %s, %nb : tensor<70xf32>\n"
                   "%mb = dlc.broadcast %mean to [2] : tensor<70xf32> -> tensor<?x3x70xf32, #dlc.dims<[B, 3, 70]>>\n"
                   "%c = dlc.sub %x, %mb : tensor<?x3x70xf32, #dlc.dims<[B, 3, 70]>>\n"
                   "%q = dlc.mul %c, %c : tensor<?x3x70xf32, #dlc.dims<[B, 3, 70]>>\n"
                   "%v = dlc.mean %q over [0, 1] : tensor<?x3x70xf32, #dlc.dims<[B, 3, 70]>> -> tensor<70xf32>\n"
                   "%r = dlc.rsqrt %v : tensor<70xf32>\n%rs = dlc.mul %r, %scale : tensor<70xf32>\n"
                   "%rb = dlc.broadcast %rs to [2] : tensor<70xf32> -> tensor<?x3x70xf32, #dlc.dims<[B, 3, 70]>>\n"
                   "%y = dlc.mul %c, %rb : tensor<?x3x70xf32, #dlc.dims<[B, 3, 70]>>\n"
                   "dlc.yield %y, %mean, %v : tensor<?x3x70xf32, #dlc.dims<[B, 3, 70]>>, tensor<70xf32>, tensor<70xf32>",
                   each("B", {0, 2, 17, 500}), 2e-5, false});
  // Sums of columns beside rows that have dimensions of their own, and without a row that is stored.
#define X "tensor<?x5x33xf32, #dlc.dims<[B, 5, 33]>>"
#define R "tensor<?xf32, #dlc.dims<[B]>>"
  cases.push_back({"column_sums_beside_rows", "\"B\"", "%x: " X ", %w: tensor<33xf32>",
                   "%m = dlc.reduce_max %x over [1, 2] : " X " -> " R "\n"
                   "%mb = dlc.broadcast %m to [0] : " R " -> " X "\n"
                   "%d = dlc.sub %x, %mb : " X "\n"
                   "%e = dlc.exp %d : " X "\n"
                   "%wb = dlc.broadcast %w to [2] : tensor<33xf32> -> " X "\n"
                   "%y = dlc.mul %e, %wb : " X "\n"
                   "%t = dlc.sum %y over [0] : " X " -> tensor<5x33xf32>\n"
                   "%h = dlc.reduce_max %x over [0] : " X " -> tensor<5x33xf32>\n"
                   "dlc.yield %t, %h, %m, %y : tensor<5x33xf32>, tensor<5x33xf32>, " R ", " X "\n",
                   each("B", {0, 1, 17, 700}), 1e-5, false});
  cases.push_back({"column_sums_of_rows", "\"B\"", "%x: " X ", %w: tensor<33xf32>",
                   "%m = dlc.reduce_max %x over [1, 2] : " X " -> " R "\n"
                   "%mb = dlc.broadcast %m to [0] : " R " -> " X "\n"
                   "%d = dlc.sub %x, %mb : " X "\n"
                   "%e = dlc.exp %d : " X "\n"
                   "%wb = dlc.broadcast %w to [2] : tensor<33xf32> -> " X "\n"
                   "%y = dlc.mul %e, %wb : " X "\n"
                   "%t = dlc.sum %y over [0] : " X " -> tensor<5x33xf32>\n"
                   "dlc.yield %t : tensor<5x33xf32>\n",
                   each("B", {0, 1, 17, 700}), 1e-5, false});
#undef X
#undef R
  // Layer norm forward and the sums of its gradient, which need each row's statistics.
  cases.push_back({"layer_norm_grad", "\"B\"", "%x: tensor<?x70xf32, #dlc.dims<[B, 70]>>, %dy: tensor<?x70xf32, #dlc.dims<[B, 70]>>",
                   "%mean = dlc.mean %x over [1] : tensor<?x70xf32, #dlc.dims<[B, 70]>> -> tensor<?xf32, #dlc.dims<[B]>>\n"
                   "%mb = dlc.broadcast %mean to [0] : tensor<?xf32, #dlc.dims<[B]>> -> tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%c = dlc.sub %x, %mb : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%q = dlc.mul %c, %c : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%v = dlc.mean %q over [1] : tensor<?x70xf32, #dlc.dims<[B, 70]>> -> tensor<?xf32, #dlc.dims<[B]>>\n"
                   "%r = dlc.rsqrt %v : tensor<?xf32, #dlc.dims<[B]>>\n"
                   "%rb = dlc.broadcast %r to [0] : tensor<?xf32, #dlc.dims<[B]>> -> tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%y = dlc.mul %c, %rb : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%p = dlc.mul %y, %dy : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%dg = dlc.sum %p over [0] : tensor<?x70xf32, #dlc.dims<[B, 70]>> -> tensor<70xf32>\n"
                   "%db = dlc.sum %dy over [0] : tensor<?x70xf32, #dlc.dims<[B, 70]>> -> tensor<70xf32>\n"
                   "%s1 = dlc.mean %dy over [1] : tensor<?x70xf32, #dlc.dims<[B, 70]>> -> tensor<?xf32, #dlc.dims<[B]>>\n"
                   "%s2 = dlc.mean %p over [1] : tensor<?x70xf32, #dlc.dims<[B, 70]>> -> tensor<?xf32, #dlc.dims<[B]>>\n"
                   "%s1b = dlc.broadcast %s1 to [0] : tensor<?xf32, #dlc.dims<[B]>> -> tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%s2b = dlc.broadcast %s2 to [0] : tensor<?xf32, #dlc.dims<[B]>> -> tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%t = dlc.mul %y, %s2b : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%u = dlc.sub %dy, %s1b : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%w = dlc.sub %u, %t : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "%dx = dlc.mul %w, %rb : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                   "dlc.yield %y, %dx, %dg, %db : tensor<?x70xf32, #dlc.dims<[B, 70]>>, tensor<?x70xf32, #dlc.dims<[B, 70]>>, tensor<70xf32>, tensor<70xf32>",
                   each("B", {0, 1, 17, 500}), 5e-5, false});
  return cases;
}

std::vector<StreamCase> randoms() {
  std::vector<StreamCase> cases;
  std::string key = "%k: tensor<2xi64>";
  for (const char *shape : {"[B]", "[B, 12]", "[B, 7]"}) {
    std::string rank = std::string(shape) == "[B]" ? "?x" : std::string(shape) == "[B, 12]" ? "?x12x" : "?x7x";
    std::string f = "tensor<" + rank + "f32, #dlc.dims<" + shape + ">>", p = "tensor<" + rank + "i1, #dlc.dims<" + shape + ">>";
    cases.push_back({std::string("random_") + shape, "\"B\"", key + ", %p: tensor<f32>, %i: tensor<i64>",
                     "%f = dlc.random_fold %k, %i : (tensor<2xi64>, tensor<i64>) -> tensor<2xi64>\n"
                     "%0 = dlc.random_uniform %f stream 5 : (tensor<2xi64>) -> " + f + "\n"
                     "%1 = dlc.random_normal %k stream 6 : (tensor<2xi64>) -> " + f + "\n"
                     "%2 = dlc.random_bernoulli %k, %p stream 7 : (tensor<2xi64>, tensor<f32>) -> " + p + "\n"
                     "dlc.yield %0, %1, %2, %f : " + f + ", " + f + ", " + p + ", tensor<2xi64>",
                     each("B", {0, 1, 16, 67, 1000}), 1e-6, false});
  }
  // Dropout behind a bias, whose broadcast keeps rows apart.
  cases.push_back({"dropout_bias", "\"B\"", "%k: tensor<2xi64>, %x: tensor<?x64xf32, #dlc.dims<[B, 64]>>, %b: tensor<64xf32>",
                   "%half = dlc.constant dense<0.5> : tensor<f32>\n"
                   "%bb = dlc.broadcast %b to [1] : tensor<64xf32> -> tensor<?x64xf32, #dlc.dims<[B, 64]>>\n"
                   "%0 = dlc.add %x, %bb : tensor<?x64xf32, #dlc.dims<[B, 64]>>\n"
                   "%m = dlc.random_bernoulli %k, %half stream 1 : (tensor<2xi64>, tensor<f32>) -> tensor<?x64xi1, #dlc.dims<[B, 64]>>\n"
                   "%z = dlc.sub %x, %x : tensor<?x64xf32, #dlc.dims<[B, 64]>>\n"
                   "%y = dlc.select %m, %0, %z : (tensor<?x64xi1, #dlc.dims<[B, 64]>>, tensor<?x64xf32, #dlc.dims<[B, 64]>>, tensor<?x64xf32, #dlc.dims<[B, 64]>>) -> tensor<?x64xf32, #dlc.dims<[B, 64]>>\n"
                   "dlc.yield %y : tensor<?x64xf32, #dlc.dims<[B, 64]>>",
                   each("B", {0, 1, 16, 67}), 0});
  return cases;
}

class Stream : public ::testing::TestWithParam<StreamCase> {};

TEST_P(Stream, EqualsEvaluator) { StreamRunner(GetParam()).check(); }

// Narrower vectors, fewer registers, no fused multiply-add, no conversions of f16.
class LesserStream : public ::testing::TestWithParam<const char *> {};

TEST_P(LesserStream, EqualsEvaluator) {
  for (const auto &cases : {maps(), views(), reductions(), windows(), randoms()})
    for (size_t i = 0; i < cases.size(); i += 4)
      StreamRunner(cases[i], GetParam()).check();
}

INSTANTIATE_TEST_SUITE_P(Targets, LesserStream, ::testing::Values("x86-64-v2", "x86-64-v3"));

TEST(ChooseStream, UnrollsByCostAndRegisters) {
  StreamCase plain{"plain", "", "%x: tensor<8xf32>",
                   "%y = dlc.add %x, %x : tensor<8xf32>\ndlc.yield %y : tensor<8xf32>"};
  StreamCase costly{"costly", "", "%x: tensor<8xf32>",
                    "%y = dlc.exp %x : tensor<8xf32>\ndlc.yield %y : tensor<8xf32>"};
  StreamRunner p(plain), c(costly);
  CpuTarget wide = targetNamed("x86-64-v4"), narrow = targetNamed("x86-64-v3");
  EXPECT_EQ(chooseStream(p.body(), wide).mapUnroll, 4);
  EXPECT_EQ(chooseStream(c.body(), wide).mapUnroll, 2);
  EXPECT_EQ(chooseStream(p.body(), narrow).mapUnroll, 2);
  EXPECT_EQ(chooseStream(c.body(), narrow).mapUnroll, 1);
  EXPECT_EQ(chooseStream(p.body(), wide).reduceUnroll, 4);
  EXPECT_EQ(chooseStream(c.body(), narrow).reduceUnroll, 1);
}

TEST(StreamPlan, SharesOneLoopOnlyWhereTensorsAreShared) {
  // Two updates that have nothing in common but a scalar: two jobs of one phase.
  StreamCase list{"list", "", "%a: tensor<64xf32>, %b: tensor<64xf32>, %s: tensor<f32>",
                  "%r = dlc.broadcast %s to [] : tensor<f32> -> tensor<64xf32>\n"
                  "%x = dlc.mul %a, %r : tensor<64xf32>\n%y = dlc.mul %b, %r : tensor<64xf32>\n"
                  "dlc.yield %x, %y : tensor<64xf32>, tensor<64xf32>"};
  StreamRunner runner(list);
  StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
  ASSERT_EQ(plan.phases.size(), 1u);
  EXPECT_EQ(plan.phases[0].size(), 2u);
  EXPECT_TRUE(mayShareBuffer(runner.body(), 0, 0));
  EXPECT_FALSE(mayShareBuffer(runner.body(), 0, 1));
}

TEST(StreamPlan, ReadsDataOnceForMeanAndVariance) {
  StreamCase norm{"norm", "\"B\"", "%x: tensor<?x70xf32, #dlc.dims<[B, 70]>>",
                  "%m = dlc.mean %x over [0] : tensor<?x70xf32, #dlc.dims<[B, 70]>> -> tensor<70xf32>\n"
                  "%mb = dlc.broadcast %m to [1] : tensor<70xf32> -> tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                  "%c = dlc.sub %x, %mb : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                  "%q = dlc.mul %c, %c : tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                  "%v = dlc.mean %q over [0] : tensor<?x70xf32, #dlc.dims<[B, 70]>> -> tensor<70xf32>\n"
                  "dlc.yield %m, %v : tensor<70xf32>, tensor<70xf32>",
                  each("B", {1, 2, 255, 256, 257, 3000}), 1e-5, false};
  StreamRunner runner(norm);
  StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
  ASSERT_EQ(plan.phases.size(), 3u); // both partial, mean, variance
  ASSERT_EQ(plan.phases[0].size(), 1u);
  EXPECT_EQ(plan.phases[0][0].reductions.size(), 2u);
  StreamRunner(norm).check();
}

// The gradient of a relu with its bias: one loop stores the one and sums the other.
TEST(StreamPlan, StoresWhatItSumsInOneLoop) {
  StreamCase test{"relu_bias", "\"B\"",
                  "%y: tensor<?x70xf32, #dlc.dims<[B, 70]>>, %dy: tensor<?x70xf32, #dlc.dims<[B, 70]>>",
                  "%z = dlc.constant dense<0.0> : tensor<f32>\n"
                  "%zb = dlc.broadcast %z to [] : tensor<f32> -> tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                  "%p = dlc.compare gt %y, %zb : (tensor<?x70xf32, #dlc.dims<[B, 70]>>, tensor<?x70xf32, #dlc.dims<[B, 70]>>) -> tensor<?x70xi1, #dlc.dims<[B, 70]>>\n"
                  "%d = dlc.select %p, %dy, %zb : (tensor<?x70xi1, #dlc.dims<[B, 70]>>, tensor<?x70xf32, #dlc.dims<[B, 70]>>, tensor<?x70xf32, #dlc.dims<[B, 70]>>) -> tensor<?x70xf32, #dlc.dims<[B, 70]>>\n"
                  "%b = dlc.sum %d over [0] : tensor<?x70xf32, #dlc.dims<[B, 70]>> -> tensor<70xf32>\n"
                  "dlc.yield %d, %b : tensor<?x70xf32, #dlc.dims<[B, 70]>>, tensor<70xf32>",
                  each("B", {0, 1, 255, 700}), 1e-5, false};
  StreamRunner runner(test);
  StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
  ASSERT_EQ(plan.phases.size(), 2u);
  ASSERT_EQ(plan.phases[0].size(), 1u);
  EXPECT_EQ(plan.phases[0][0].stores.size(), 1u);
  StreamRunner(test).check();
}

// A cross entropy of fixed batch: its row losses are made beside the gradient, and the label's logit
// is taken, not searched for; labels outside the classes take nothing.
TEST(StreamPlan, MakesRowLossesBesideTheGradient) {
  std::string t = "tensor<9x33xf32>", r = "tensor<9xf32>";
  StreamCase test{"loss", "", "%x: " + t + ", %l: tensor<9xi32>",
                  "%m = dlc.reduce_max %x over [1] : " + t + " -> " + r +
                  "\n%mb = dlc.broadcast %m to [0] : " + r + " -> " + t +
                  "\n%s = dlc.sub %x, %mb : " + t + "\n%e = dlc.exp %s : " + t +
                  "\n%n = dlc.sum %e over [1] : " + t + " -> " + r +
                  "\n%i = dlc.iota 1 : tensor<9x33xi32>"
                  "\n%lb = dlc.broadcast %l to [0] : tensor<9xi32> -> tensor<9x33xi32>"
                  "\n%h = dlc.compare eq %i, %lb : (tensor<9x33xi32>, tensor<9x33xi32>) -> tensor<9x33xi1>"
                  "\n%z = dlc.constant dense<0.0> : " + t +
                  "\n%c = dlc.select %h, %x, %z : (tensor<9x33xi1>, " + t + ", " + t + ") -> " + t +
                  "\n%p = dlc.sum %c over [1] : " + t + " -> " + r +
                  "\n%g = dlc.log %n : " + r + "\n%f = dlc.sub %m, %p : " + r + "\n%o = dlc.add %g, %f : " + r +
                  "\n%total = dlc.sum %o over [0] : " + r + " -> tensor<f32>"
                  "\n%nb = dlc.broadcast %n to [0] : " + r + " -> " + t + "\n%q = dlc.div %e, %nb : " + t +
                  "\n%hf = dlc.cast %h : tensor<9x33xi1> -> " + t + "\n%d = dlc.sub %q, %hf : " + t +
                  "\ndlc.yield %total, %d : tensor<f32>, " + t,
                  {{}}, 1e-5, false};
  StreamRunner runner(test);
  StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
  ASSERT_EQ(plan.phases.size(), 2u);
  EXPECT_EQ(plan.phases[0].size(), 1u);
  StreamRunner(test).check();
}

// Reductions over the middle and over few leading rows, with what is made of them.
TEST(StreamColumns, GoDownTogether) {
  struct {
    const char *x, *y, *axes;
  } shapes[] = {{"tensor<4x3x4xf32>", "tensor<4xf32>", "[0, 1]"},
                {"tensor<3x7x5x70xf32>", "tensor<3x70xf32>", "[1, 2]"},
                {"tensor<2x9x3x600xf32>", "tensor<2x3x600xf32>", "[1]"},
                {"tensor<2x0x8xf32>", "tensor<2x8xf32>", "[1]"}};
  for (auto [xs, ys, axes] : shapes) {
    const std::string x = xs, y = ys;
    StreamCase test{"columns " + x, "", "%x: " + x + ", %s: " + y, "%a = dlc.sum %x over " + std::string(axes) + " : " + x + " -> " + y +
                    "\n%b = dlc.reduce_max %x over " + axes + " : " + x + " -> " + y +
                    "\n%c = dlc.mul %a, %s : " + y + "\n%d = dlc.add %b, %c : " + y +
                    "\ndlc.yield %c, %d : " + y + ", " + y,
                    {{}}, 1e-5, true};
    StreamRunner(test).check();
  }
}

std::string caseName(const ::testing::TestParamInfo<StreamCase> &info) {
  return std::regex_replace(info.param.name, std::regex("[^A-Za-z0-9]"), "_");
}
INSTANTIATE_TEST_SUITE_P(Maps, Stream, ::testing::ValuesIn(maps()), caseName);
INSTANTIATE_TEST_SUITE_P(Views, Stream, ::testing::ValuesIn(views()), caseName);
INSTANTIATE_TEST_SUITE_P(Reductions, Stream, ::testing::ValuesIn(reductions()), caseName);
INSTANTIATE_TEST_SUITE_P(Windows, Stream, ::testing::ValuesIn(windows()), caseName);
INSTANTIATE_TEST_SUITE_P(Randoms, Stream, ::testing::ValuesIn(randoms()), caseName);

} // namespace
