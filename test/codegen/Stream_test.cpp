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

std::vector<StreamCase> maps() {
  std::vector<StreamCase> cases;
  for (const char *t : {"f32", "f64", "f16", "bf16"}) {
    std::string x = std::string(t) + "[B]";
    cases.push_back(
        {std::string("gelu_") + t, "\"B\"", "%x: " + x,
         "%h = dlc.constant dense<0.5> : " + std::string(t) +
             "[]\n"
             "%c = dlc.broadcast %h to [] : " +
             t + "[] -> " + x + "\n%a = dlc.mul %x, %c : " + x + "\n%e = dlc.erf %a : " + x +
             "\n%y = dlc.mul %e, %x : " + x + "\ndlc.yield %y : " + x,
         each("B", kSizes), std::string(t).find("16") != std::string::npos ? 1e-2 : 1e-6});
  }
  for (const char *t : {"f32", "f64", "i32", "i64", "i8", "ui8"}) {
    std::string x = std::string(t) + "[B]";
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
    std::string x = std::string(from) + "[B]", body, names, yields;
    int n = 0;
    for (const char *to : types) {
      std::string y = std::string(to) + "[B]";
      body += "%" + std::to_string(n) + " = dlc.cast %x : " + x + " -> " + y + "\n";
      names += (n ? ", %" : "%") + std::to_string(n);
      yields += (n++ ? ", " : "") + y;
    }
    cases.push_back({std::string("cast_") + from, "\"B\"", "%x: " + x,
                     body + "dlc.yield " + names + " : " + yields, each("B", {1, 17, 200}), 0});
  }
  std::string f = "f32[B]", p = "i1[B]";
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
  cases.push_back({"momentum",
                   "\"B\"",
                   "%w: " + f + ", %m: " + f + ", %g: " + f + ", %lr: f32[]",
                   "%l = dlc.broadcast %lr to [] : f32[] -> " + f +
                       "\n%mu = dlc.constant dense<0.9> : f32[]\n"
                       "%mb = dlc.broadcast %mu to [] : f32[] -> " +
                       f + "\n%0 = dlc.mul %m, %mb : " + f + "\n%1 = dlc.mul %g, %l : " + f +
                       "\n%2 = dlc.sub %0, %1 : " + f + "\n%3 = dlc.add %w, %2 : " + f +
                       "\ndlc.yield %3, %2 : " + f + ", " + f,
                   each("B", kSizes),
                   1e-6,
                   true,
                   {{0, 0}, {1, 1}}});
  return cases;
}

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
  cases.push_back({"bias", "\"B\", \"C\"", "%x: f32[B, C], %b: f32[C]",
                   "%0 = dlc.broadcast %b to [1] : f32[C] -> f32[B, C]\n"
                   "%1 = dlc.add %x, %0 : f32[B, C]\n"
                   "%2 = dlc.relu %1 : f32[B, C]\n"
                   "dlc.yield %2 : f32[B, C]",
                   sizes, 0});
  cases.push_back({"per_row", "\"B\", \"C\"", "%x: f32[B, C], %b: f32[B]",
                   "%0 = dlc.broadcast %b to [0] : f32[B] -> f32[B, C]\n"
                   "%1 = dlc.mul %x, %0 : f32[B, C]\n"
                   "dlc.yield %1 : f32[B, C]",
                   sizes, 0});
  cases.push_back({"transpose", "\"B\", \"C\"", "%x: f32[B, C]",
                   "%0 = dlc.transpose %x [1, 0] : f32[B, C] -> f32[C, B]\n"
                   "dlc.yield %0 : f32[C, B]",
                   grid({0, 1, 3, 17, 80}, {0, 1, 5, 16, 33, 130}), 0});
  cases.push_back({"transpose_batched", "\"B\"", "%x: f64[B, 20, 3, 40], %h: bf16[B, 24]",
                   "%0 = dlc.transpose %x [2, 0, 3, 1] : f64[B, 20, 3, 40] -> f64[3, B, 40, 20]\n"
                   "%1 = dlc.transpose %h [1, 0] : bf16[B, 24] -> bf16[24, B]\n"
                   "dlc.yield %0, %1 : f64[3, B, 40, 20], bf16[24, B]",
                   each("B", {0, 1, 7, 70}), 0});
  cases.push_back({"transpose4", "\"B\"", "%x: f32[B, 3, 4, 5]",
                   "%0 = dlc.transpose %x [0, 2, 3, 1] : f32[B, 3, 4, 5] -> f32[B, 4, 5, 3]\n"
                   "dlc.yield %0 : f32[B, 4, 5, 3]",
                   each("B", {0, 1, 7}), 0});
  cases.push_back({"slice", "\"B\"", "%x: f32[B, 20, 6]",
                   "%0 = dlc.slice %x from [0, 3, 0] to [B, 18, 6] by [1, 2, 1] : f32[B, 20, 6] -> "
                   "f32[B, 8, 6]\n"
                   "%1 = dlc.slice %x from [0, 3, 1] to [B, 19, 6] by [1, 1, 2] : f32[B, 20, 6] -> "
                   "f32[B, 16, 3]\n"
                   "dlc.yield %0, %1 : f32[B, 8, 6], f32[B, 16, 3]",
                   each("B", {0, 1, 7}), 0});
  cases.push_back(
      {"slice_symbolic", "\"B\"", "%x: f32[B + 3, 6]",
       "%0 = dlc.slice %x from [2, 0] to [B + 2, 6] by [1, 1] : f32[B + 3, 6] -> f32[B, 6]\n"
       "dlc.yield %0 : f32[B, 6]",
       each("B", {0, 1, 7}), 0});
  cases.push_back({"pad", "\"B\"", "%x: f32[B, 5, 3], %v: f32[]",
                   "%0 = dlc.pad %x, %v low [0, 2, 1] high [1, 3, 0] interior [0, 1, 0] : (f32[B, "
                   "5, 3], f32[]) -> f32[B + 1, 14, 4]\n"
                   "dlc.yield %0 : f32[B + 1, 14, 4]",
                   each("B", {0, 1, 7}), 0});
  cases.push_back({"pad_columns", "\"B\"", "%x: f32[B, 40], %v: f32[]",
                   "%0 = dlc.pad %x, %v low [0, 7] high [0, 3] interior [0, 0] : (f32[B, 40], "
                   "f32[]) -> f32[B, 50]\n"
                   "%1 = dlc.pad %x, %v low [0, 1] high [0, 3] interior [0, 2] : (f32[B, 40], "
                   "f32[]) -> f32[B, 122]\n"
                   "dlc.yield %0, %1 : f32[B, 50], f32[B, 122]",
                   each("B", {0, 1, 7}), 0});
  cases.push_back(
      {"concat", "\"B\", \"C\"", "%x: f32[B, C], %y: f32[B, 9]",
       "%0 = dlc.concat %x, %y, %x axis 1 : (f32[B, C], f32[B, 9], f32[B, C]) -> f32[B, 2*C + 9]\n"
       "%1 = dlc.concat %x, %x axis 0 : (f32[B, C], f32[B, C]) -> f32[2*B, C]\n"
       "dlc.yield %0, %1 : f32[B, 2*C + 9], f32[2*B, C]",
       sizes, 0});
  cases.push_back({"reverse", "\"B\", \"C\"", "%x: f32[B, C]",
                   "%0 = dlc.reverse %x over [1] : f32[B, C] -> f32[B, C]\n"
                   "%1 = dlc.reverse %x over [0] : f32[B, C] -> f32[B, C]\n"
                   "%2 = dlc.reverse %x over [0, 1] : f32[B, C] -> f32[B, C]\n"
                   "dlc.yield %0, %1, %2 : f32[B, C], f32[B, C], f32[B, C]",
                   sizes, 0});
  cases.push_back({"reshape", "\"B\"", "%x: f32[B, 4, 6], %b: f32[24], %c: f32[6]",
                   "%0 = dlc.reshape %x : f32[B, 4, 6] -> f32[B, 24]\n"
                   "%1 = dlc.broadcast %b to [1] : f32[24] -> f32[B, 24]\n"
                   "%2 = dlc.add %0, %1 : f32[B, 24]\n"
                   "%3 = dlc.reshape %2 : f32[B, 24] -> f32[B, 8, 3]\n"
                   "%4 = dlc.transpose %3 [0, 2, 1] : f32[B, 8, 3] -> f32[B, 3, 8]\n"
                   "%5 = dlc.reshape %4 : f32[B, 3, 8] -> f32[24*B]\n"
                   "%6 = dlc.broadcast %c to [2] : f32[6] -> f32[B, 4, 6]\n"
                   "%7 = dlc.reshape %6 : f32[B, 4, 6] -> f32[24*B]\n"
                   "%8 = dlc.add %5, %7 : f32[24*B]\n"
                   "dlc.yield %3, %8 : f32[B, 8, 3], f32[24*B]",
                   each("B", {0, 1, 3, 9}), 0});
  cases.push_back({"units", "\"B\"", "%x: f32[1, B, 1, 8], %b: f32[1], %c: f32[8]",
                   "%0 = dlc.reshape %x : f32[1, B, 1, 8] -> f32[B, 8, 1]\n"
                   "%1 = dlc.broadcast %b to [2] : f32[1] -> f32[B, 8, 1]\n"
                   "%2 = dlc.broadcast %c to [1] : f32[8] -> f32[B, 8, 1]\n"
                   "%3 = dlc.add %0, %1 : f32[B, 8, 1]\n"
                   "%4 = dlc.mul %3, %2 : f32[B, 8, 1]\n"
                   "%5 = dlc.sum %4 over [1] : f32[B, 8, 1] -> f32[B, 1]\n"
                   "%6 = dlc.sum %4 over [0] : f32[B, 8, 1] -> f32[8, 1]\n"
                   "%7 = dlc.sum %4 over [0, 1, 2] : f32[B, 8, 1] -> f32[]\n"
                   "dlc.yield %4, %5, %6, %7 : f32[B, 8, 1], f32[B, 1], f32[8, 1], f32[]",
                   each("B", {0, 1, 3, 300}), 1e-5, false});
  cases.push_back(
      {"sources", "\"B\"", "%i: i32[B]",
       "%0 = dlc.iota 0 : f32[B, 21]\n"
       "%1 = dlc.iota 1 : i64[B, 21]\n"
       "%2 = dlc.one_hot %i : i32[B] -> f32[B, 11]\n"
       "%3 = dlc.constant dense<[1.5, 2.5, -3.0]> : f32[3]\n"
       "%4 = dlc.broadcast %3 to [1] : f32[3] -> f32[B, 3]\n"
       "%5 = dlc.size [B, 3] : f32[]\n"
       "%6 = dlc.broadcast %5 to [] : f32[] -> f32[B, 3]\n"
       "%7 = dlc.add %4, %6 : f32[B, 3]\n"
       "dlc.yield %0, %1, %2, %7, %5 : f32[B, 21], i64[B, 21], f32[B, 11], f32[B, 3], f32[]",
       each("B", {0, 1, 17}), 0});
  cases.push_back({"gather", "\"B\"", "%x: f32[13, 5], %i: i32[B], %j: i64[B, 2]",
                   "%0 = dlc.gather %x, %i axis 0 : (f32[13, 5], i32[B]) -> f32[B, 5]\n"
                   "%1 = dlc.gather %x, %i axis 1 : (f32[13, 5], i32[B]) -> f32[13, B]\n"
                   "%2 = dlc.gather %x, %j axis 0 : (f32[13, 5], i64[B, 2]) -> f32[B, 2, 5]\n"
                   "dlc.yield %0, %1, %2 : f32[B, 5], f32[13, B], f32[B, 2, 5]",
                   each("B", {0, 1, 17, 40}), 0});
  cases.push_back({"gather_empty", "\"B\"", "%x: f32[B, 5], %i: i32[4]",
                   "%0 = dlc.gather %x, %i axis 0 : (f32[B, 5], i32[4]) -> f32[4, 5]\n"
                   "dlc.yield %0 : f32[4, 5]",
                   each("B", {0, 1, 17}), 0});
  cases.push_back(
      {"scatter_add", "\"B\"", "%x: f32[13, 70], %i: i32[B], %u: f32[B, 70]",
       "%0 = dlc.scatter_add %x, %i, %u axis 0 : (f32[13, 70], i32[B], f32[B, 70]) -> f32[13, 70]\n"
       "%1 = dlc.neg %0 : f32[13, 70]\n"
       "dlc.yield %0, %1 : f32[13, 70], f32[13, 70]",
       each("B", {0, 1, 17, 40}), 1e-6});
  cases.push_back(
      {"scatter_add_inner",
       "\"B\"",
       "%x: f32[4, 9], %i: i64[B], %u: f32[4, B]",
       "%0 = dlc.scatter_add %x, %i, %u axis 1 : (f32[4, 9], i64[B], f32[4, B]) -> f32[4, 9]\n"
       "dlc.yield %0 : f32[4, 9]",
       each("B", {0, 1, 17, 40}),
       1e-6,
       true,
       {{0, 0}}});
  // Updates of several tiles of rows and of columns; the operand is a constant.
  cases.push_back({"scatter_add_wide", "\"B\"", "%i: i32[B], %u: f32[2, B, 1100]",
                   "%x = dlc.constant dense<2.5> : f32[2, 19, 1100]\n"
                   "%0 = dlc.scatter_add %x, %i, %u axis 1 : (f32[2, 19, 1100], i32[B], f32[2, B, "
                   "1100]) -> f32[2, 19, 1100]\n"
                   "dlc.yield %0 : f32[2, 19, 1100]",
                   each("B", {0, 1, 17, 40}), 1e-6});
  cases.push_back(
      {"scatter_add_half", "\"B\"", "%x: bf16[13, 7], %i: i32[B], %u: bf16[B, 7]",
       "%0 = dlc.scatter_add %x, %i, %u axis 0 : (bf16[13, 7], i32[B], bf16[B, 7]) -> bf16[13, 7]\n"
       "dlc.yield %0 : bf16[13, 7]",
       each("B", {0, 1, 17, 40}), 4e-3});
  cases.push_back({"scatter_add_scalars", "\"B\"", "%x: f32[13], %i: i32[B], %u: f32[B]",
                   "%0 = dlc.scatter_add %x, %i, %u axis 0 : (f32[13], i32[B], f32[B]) -> f32[13]\n"
                   "dlc.yield %0 : f32[13]",
                   each("B", {0, 1, 17, 40}), 1e-6});
  cases.push_back(
      {"dynamic_slice", "\"B\"", "%x: f32[B + 2, 20], %i: i32[], %j: i64[]",
       "%0 = dlc.dynamic_slice %x at (%i, %j) : (f32[B + 2, 20], i32[], i64[]) -> f32[2, 17]\n"
       "dlc.yield %0 : f32[2, 17]",
       each("B", {0, 1, 17, 40}), 0});
  for (bool shared : {false, true}) {
    StreamCase c{shared ? "dynamic_update_in_place" : "dynamic_update",
                 "\"B\"",
                 "%x: f32[B + 2, 20], %u: f32[2, 17], %i: i32[], %j: i64[]",
                 "%n = dlc.neg %u : f32[2, 17]\n"
                 "%0 = dlc.dynamic_update_slice %x, %n at (%i, %j) : (f32[B + 2, 20], f32[2, 17], "
                 "i32[], i64[]) -> f32[B + 2, 20]\n"
                 "dlc.yield %0 : f32[B + 2, 20]",
                 each("B", {0, 1, 17, 40}),
                 0};
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
    cases.push_back({o + "_rows", "\"B\", \"C\"", "%x: f32[B, C]",
                     "%0 = dlc." + o +
                         " %x over [1] : f32[B, C] -> f32[B]\n"
                         "dlc.yield %0 : f32[B]",
                     sizes, 1e-5, exact});
    cases.push_back({o + "_columns", "\"B\", \"C\"", "%x: f32[B, C]",
                     "%0 = dlc." + o +
                         " %x over [0] : f32[B, C] -> f32[C]\n"
                         "dlc.yield %0 : f32[C]",
                     columns, 1e-5, exact});
    cases.push_back({o + "_all", "\"B\", \"C\"", "%x: f32[B, C]",
                     "%0 = dlc." + o +
                         " %x over [0, 1] : f32[B, C] -> f32[]\n"
                         "dlc.yield %0 : f32[]",
                     tall, 1e-4, exact});
    cases.push_back({o + "_middle", "\"B\"", "%x: f32[B, 7, 18]",
                     "%0 = dlc." + o +
                         " %x over [1] : f32[B, 7, 18] -> f32[B, 18]\n"
                         "%1 = dlc." +
                         o +
                         " %x over [0, 2] : f32[B, 7, 18] -> f32[7]\n"
                         "%2 = dlc." +
                         o +
                         " %x over [1, 2] : f32[B, 7, 18] -> f32[B]\n"
                         "dlc.yield %0, %1, %2 : f32[B, 18], f32[7], f32[B]",
                     each("B", {0, 1, 17, 90}), 1e-5, exact});
  }
  for (const char *t : {"i32", "i64", "f64", "f16", "bf16", "ui8"}) {
    std::string x = std::string(t) + "[B, C]";
    std::string r = std::string(t) + "[B]", c = std::string(t) + "[C]";
    std::string s = std::string(t) + "[]";
    cases.push_back({std::string("sum_") + t, "\"B\", \"C\"", "%x: " + x,
                     "%0 = dlc.sum %x over [1] : " + x + " -> " + r +
                         "\n%1 = dlc.sum %x over [0] : " + x + " -> " + c +
                         "\n%2 = dlc.reduce_max %x over [0, 1] : " + x + " -> " + s +
                         "\n%3 = dlc.reduce_min %x over [1] : " + x + " -> " + r +
                         "\ndlc.yield %0, %1, %2, %3 : " + r + ", " + c + ", " + s + ", " + r,
                     grid({0, 1, 17, 300}, {1, 5, 33}),
                     std::string(t).find("16") != std::string::npos ? 1e-2 : 1e-6, false});
  }
  for (const char *op : {"argmax", "argmin"})
    for (const char *t : {"f32", "i32"}) {
      std::string x = std::string(t) + "[B, C]";
      cases.push_back({std::string(op) + "_" + t, "\"B\", \"C\"", "%x: " + x,
                       std::string("%0 = dlc.") + op + " %x over 1 : " + x +
                           " -> i32[B]\n"
                           "%1 = dlc." +
                           op + " %x over 0 : " + x +
                           " -> i64[C]\n"
                           "dlc.yield %0, %1 : i32[B], i64[C]",
                       sizes});
    }
  // Softmax: two row reductions and a costly value that both passes need.
  std::string softmax = "%m = dlc.reduce_max %x over [1] : f32[B, C] -> f32[B]\n"
                        "%mb = dlc.broadcast %m to [0] : f32[B] -> f32[B, C]\n"
                        "%d = dlc.sub %x, %mb : f32[B, C]\n"
                        "%e = dlc.exp %d : f32[B, C]\n"
                        "%s = dlc.sum %e over [1] : f32[B, C] -> f32[B]\n"
                        "%sb = dlc.broadcast %s to [0] : f32[B] -> f32[B, C]\n"
                        "%y = dlc.div %e, %sb : f32[B, C]\n";
  cases.push_back({"softmax", "\"B\", \"C\"", "%x: f32[B, C]", softmax + "dlc.yield %y : f32[B, C]",
                   sizes, 1e-6});
  cases.push_back({"cross_entropy", "\"B\", \"C\"", "%x: f32[B, C], %t: f32[B, C]",
                   softmax + "%l = dlc.log %s : f32[B]\n"
                             "%lm = dlc.add %l, %m : f32[B]\n"
                             "%p = dlc.mul %t, %x : f32[B, C]\n"
                             "%ps = dlc.sum %p over [1] : f32[B, C] -> f32[B]\n"
                             "%r = dlc.sub %lm, %ps : f32[B]\n"
                             "%all = dlc.sum %r over [0] : f32[B] -> f32[]\n"
                             "%g = dlc.sub %y, %t : f32[B, C]\n"
                             "%db = dlc.sum %g over [0] : f32[B, C] -> f32[C]\n"
                             "dlc.yield %g, %r, %all, %db : f32[B, C], f32[B], f32[], f32[C]",
                   sizes, 2e-5, false});
  cases.push_back({"softmax_columns", "\"B\", \"C\"", "%x: f32[B, C]",
                   "%m = dlc.reduce_max %x over [0] : f32[B, C] -> f32[C]\n"
                   "%mb = dlc.broadcast %m to [1] : f32[C] -> f32[B, C]\n"
                   "%d = dlc.sub %x, %mb : f32[B, C]\n"
                   "%e = dlc.exp %d : f32[B, C]\n"
                   "%s = dlc.sum %e over [0] : f32[B, C] -> f32[C]\n"
                   "%sb = dlc.broadcast %s to [1] : f32[C] -> f32[B, C]\n"
                   "%y = dlc.div %e, %sb : f32[B, C]\n"
                   "dlc.yield %y : f32[B, C]",
                   sizes, 1e-6});
  // Batch norm: statistics of columns, twice over the data, then the normalised data.
  cases.push_back({"batch_norm", "\"B\"", "%x: f32[B, 3, 70], %scale: f32[70]",
                   "%n = dlc.size [B, 3] : f32[]\n"
                   "%nb = dlc.broadcast %n to [] : f32[] -> f32[70]\n"
                   "%s = dlc.sum %x over [0, 1] : f32[B, 3, 70] -> f32[70]\n"
                   "%mean = dlc.div %s, %nb : f32[70]\n"
                   "%mb = dlc.broadcast %mean to [2] : f32[70] -> f32[B, 3, 70]\n"
                   "%c = dlc.sub %x, %mb : f32[B, 3, 70]\n"
                   "%q = dlc.mul %c, %c : f32[B, 3, 70]\n"
                   "%v = dlc.mean %q over [0, 1] : f32[B, 3, 70] -> f32[70]\n"
                   "%r = dlc.rsqrt %v : f32[70]\n"
                   "%rs = dlc.mul %r, %scale : f32[70]\n"
                   "%rb = dlc.broadcast %rs to [2] : f32[70] -> f32[B, 3, 70]\n"
                   "%y = dlc.mul %c, %rb : f32[B, 3, 70]\n"
                   "dlc.yield %y, %mean, %v : f32[B, 3, 70], f32[70], f32[70]",
                   each("B", {0, 2, 17, 500}), 2e-5, false});
  // Sums of columns beside rows that have dimensions of their own, and without a row that is
  // stored.
  cases.push_back({"column_sums_beside_rows", "\"B\"", "%x: f32[B, 5, 33], %w: f32[33]",
                   "%m = dlc.reduce_max %x over [1, 2] : f32[B, 5, 33] -> f32[B]\n"
                   "%mb = dlc.broadcast %m to [0] : f32[B] -> f32[B, 5, 33]\n"
                   "%d = dlc.sub %x, %mb : f32[B, 5, 33]\n"
                   "%e = dlc.exp %d : f32[B, 5, 33]\n"
                   "%wb = dlc.broadcast %w to [2] : f32[33] -> f32[B, 5, 33]\n"
                   "%y = dlc.mul %e, %wb : f32[B, 5, 33]\n"
                   "%t = dlc.sum %y over [0] : f32[B, 5, 33] -> f32[5, 33]\n"
                   "%h = dlc.reduce_max %x over [0] : f32[B, 5, 33] -> f32[5, 33]\n"
                   "dlc.yield %t, %h, %m, %y : f32[5, 33], f32[5, 33], f32[B], f32[B, 5, 33]\n",
                   each("B", {0, 1, 17, 700}), 1e-5, false});
  cases.push_back({"column_sums_of_rows", "\"B\"", "%x: f32[B, 5, 33], %w: f32[33]",
                   "%m = dlc.reduce_max %x over [1, 2] : f32[B, 5, 33] -> f32[B]\n"
                   "%mb = dlc.broadcast %m to [0] : f32[B] -> f32[B, 5, 33]\n"
                   "%d = dlc.sub %x, %mb : f32[B, 5, 33]\n"
                   "%e = dlc.exp %d : f32[B, 5, 33]\n"
                   "%wb = dlc.broadcast %w to [2] : f32[33] -> f32[B, 5, 33]\n"
                   "%y = dlc.mul %e, %wb : f32[B, 5, 33]\n"
                   "%t = dlc.sum %y over [0] : f32[B, 5, 33] -> f32[5, 33]\n"
                   "dlc.yield %t : f32[5, 33]\n",
                   each("B", {0, 1, 17, 700}), 1e-5, false});
  // Layer norm forward and the sums of its gradient, which need each row's statistics.
  cases.push_back({"layer_norm_grad", "\"B\"", "%x: f32[B, 70], %dy: f32[B, 70]",
                   "%mean = dlc.mean %x over [1] : f32[B, 70] -> f32[B]\n"
                   "%mb = dlc.broadcast %mean to [0] : f32[B] -> f32[B, 70]\n"
                   "%c = dlc.sub %x, %mb : f32[B, 70]\n"
                   "%q = dlc.mul %c, %c : f32[B, 70]\n"
                   "%v = dlc.mean %q over [1] : f32[B, 70] -> f32[B]\n"
                   "%r = dlc.rsqrt %v : f32[B]\n"
                   "%rb = dlc.broadcast %r to [0] : f32[B] -> f32[B, 70]\n"
                   "%y = dlc.mul %c, %rb : f32[B, 70]\n"
                   "%p = dlc.mul %y, %dy : f32[B, 70]\n"
                   "%dg = dlc.sum %p over [0] : f32[B, 70] -> f32[70]\n"
                   "%db = dlc.sum %dy over [0] : f32[B, 70] -> f32[70]\n"
                   "%s1 = dlc.mean %dy over [1] : f32[B, 70] -> f32[B]\n"
                   "%s2 = dlc.mean %p over [1] : f32[B, 70] -> f32[B]\n"
                   "%s1b = dlc.broadcast %s1 to [0] : f32[B] -> f32[B, 70]\n"
                   "%s2b = dlc.broadcast %s2 to [0] : f32[B] -> f32[B, 70]\n"
                   "%t = dlc.mul %y, %s2b : f32[B, 70]\n"
                   "%u = dlc.sub %dy, %s1b : f32[B, 70]\n"
                   "%w = dlc.sub %u, %t : f32[B, 70]\n"
                   "%dx = dlc.mul %w, %rb : f32[B, 70]\n"
                   "dlc.yield %y, %dx, %dg, %db : f32[B, 70], f32[B, 70], f32[70], f32[70]",
                   each("B", {0, 1, 17, 500}), 5e-5, false});
  return cases;
}

std::vector<StreamCase> randoms() {
  std::vector<StreamCase> cases;
  std::string key = "%k: i64[2]";
  for (const char *shape : {"[B]", "[B, 12]", "[B, 7]"}) {
    std::string f = std::string("f32") + shape, p = std::string("i1") + shape;
    cases.push_back({std::string("random_") + shape, "\"B\"", key + ", %p: f32[], %i: i64[]",
                     "%f = dlc.random_fold %k, %i : (i64[2], i64[]) -> i64[2]\n"
                     "%0 = dlc.random_uniform %f stream 5 : (i64[2]) -> " +
                         f + "\n%1 = dlc.random_normal %k stream 6 : (i64[2]) -> " + f +
                         "\n%2 = dlc.random_bernoulli %k, %p stream 7 : (i64[2], f32[]) -> " + p +
                         "\ndlc.yield %0, %1, %2, %f : " + f + ", " + f + ", " + p + ", i64[2]",
                     each("B", {0, 1, 16, 67, 1000}), 1e-6, false});
  }
  // Dropout behind a bias, whose broadcast keeps rows apart.
  cases.push_back(
      {"dropout_bias", "\"B\"", "%k: i64[2], %x: f32[B, 64], %b: f32[64]",
       "%half = dlc.constant dense<0.5> : f32[]\n"
       "%bb = dlc.broadcast %b to [1] : f32[64] -> f32[B, 64]\n"
       "%0 = dlc.add %x, %bb : f32[B, 64]\n"
       "%m = dlc.random_bernoulli %k, %half stream 1 : (i64[2], f32[]) -> i1[B, 64]\n"
       "%z = dlc.sub %x, %x : f32[B, 64]\n"
       "%y = dlc.select %m, %0, %z : (i1[B, 64], f32[B, 64], f32[B, 64]) -> f32[B, 64]\n"
       "dlc.yield %y : f32[B, 64]",
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
  StreamCase plain{"plain", "", "%x: f32[8]",
                   "%y = dlc.add %x, %x : f32[8]\n"
                   "dlc.yield %y : f32[8]"};
  StreamCase costly{"costly", "", "%x: f32[8]",
                    "%y = dlc.exp %x : f32[8]\n"
                    "dlc.yield %y : f32[8]"};
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
  StreamCase list{"list", "", "%a: f32[64], %b: f32[64], %s: f32[]",
                  "%r = dlc.broadcast %s to [] : f32[] -> f32[64]\n"
                  "%x = dlc.mul %a, %r : f32[64]\n"
                  "%y = dlc.mul %b, %r : f32[64]\n"
                  "dlc.yield %x, %y : f32[64], f32[64]"};
  StreamRunner runner(list);
  StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
  ASSERT_EQ(plan.phases.size(), 1u);
  EXPECT_EQ(plan.phases[0].size(), 2u);
  EXPECT_TRUE(mayShareBuffer(runner.body(), 0, 0));
  EXPECT_FALSE(mayShareBuffer(runner.body(), 0, 1));
}

TEST(StreamPlan, ReadsDataOnceForMeanAndVariance) {
  StreamCase norm{"norm",
                  "\"B\"",
                  "%x: f32[B, 70]",
                  "%m = dlc.mean %x over [0] : f32[B, 70] -> f32[70]\n"
                  "%mb = dlc.broadcast %m to [1] : f32[70] -> f32[B, 70]\n"
                  "%c = dlc.sub %x, %mb : f32[B, 70]\n"
                  "%q = dlc.mul %c, %c : f32[B, 70]\n"
                  "%v = dlc.mean %q over [0] : f32[B, 70] -> f32[70]\n"
                  "dlc.yield %m, %v : f32[70], f32[70]",
                  each("B", {1, 2, 255, 256, 257, 3000}),
                  1e-5,
                  false};
  StreamRunner runner(norm);
  StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
  ASSERT_EQ(plan.phases.size(), 3u); // both partial, mean, variance
  ASSERT_EQ(plan.phases[0].size(), 1u);
  EXPECT_EQ(plan.phases[0][0].reductions.size(), 2u);
  StreamRunner(norm).check();
}

// The gradient of a relu with its bias: one loop stores the one and sums the other.
TEST(StreamPlan, StoresWhatItSumsInOneLoop) {
  StreamCase test{
      "relu_bias",
      "\"B\"",
      "%y: f32[B, 70], %dy: f32[B, 70]",
      "%z = dlc.constant dense<0.0> : f32[]\n"
      "%zb = dlc.broadcast %z to [] : f32[] -> f32[B, 70]\n"
      "%p = dlc.compare gt %y, %zb : (f32[B, 70], f32[B, 70]) -> i1[B, 70]\n"
      "%d = dlc.select %p, %dy, %zb : (i1[B, 70], f32[B, 70], f32[B, 70]) -> f32[B, 70]\n"
      "%b = dlc.sum %d over [0] : f32[B, 70] -> f32[70]\n"
      "dlc.yield %d, %b : f32[B, 70], f32[70]",
      each("B", {0, 1, 255, 700}),
      1e-5,
      false};
  StreamRunner runner(test);
  StreamPlan plan = planStream(runner.body(), {}, StreamSchedule());
  ASSERT_EQ(plan.phases.size(), 2u);
  ASSERT_EQ(plan.phases[0].size(), 1u);
  EXPECT_EQ(plan.phases[0][0].stores.size(), 1u);
  StreamRunner(test).check();
}

// A cross entropy of fixed batch: its row losses are made beside the gradient, and the label's
// logit is taken, not searched for; labels outside the classes take nothing.
TEST(StreamPlan, MakesRowLossesBesideTheGradient) {
  std::string t = "f32[9, 33]", r = "f32[9]";
  StreamCase test{
      "loss",
      "",
      "%x: " + t + ", %l: i32[9]",
      "%m = dlc.reduce_max %x over [1] : " + t + " -> " + r +
          "\n%mb = dlc.broadcast %m to [0] : " + r + " -> " + t + "\n%s = dlc.sub %x, %mb : " + t +
          "\n%e = dlc.exp %s : " + t + "\n%n = dlc.sum %e over [1] : " + t + " -> " + r +
          "\n%i = dlc.iota 1 : i32[9, 33]\n"
          "%lb = dlc.broadcast %l to [0] : i32[9] -> i32[9, 33]\n"
          "%h = dlc.compare eq %i, %lb : (i32[9, 33], i32[9, 33]) -> i1[9, 33]\n"
          "%z = dlc.constant dense<0.0> : " +
          t + "\n%c = dlc.select %h, %x, %z : (i1[9, 33], " + t + ", " + t + ") -> " + t +
          "\n%p = dlc.sum %c over [1] : " + t + " -> " + r + "\n%g = dlc.log %n : " + r +
          "\n%f = dlc.sub %m, %p : " + r + "\n%o = dlc.add %g, %f : " + r +
          "\n%total = dlc.sum %o over [0] : " + r +
          " -> f32[]\n"
          "%nb = dlc.broadcast %n to [0] : " +
          r + " -> " + t + "\n%q = dlc.div %e, %nb : " + t + "\n%hf = dlc.cast %h : i1[9, 33] -> " +
          t + "\n%d = dlc.sub %q, %hf : " + t + "\ndlc.yield %total, %d : f32[], " + t,
      {{}},
      1e-5,
      false};
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
  } shapes[] = {{"f32[4, 3, 4]", "f32[4]", "[0, 1]"},
                {"f32[3, 7, 5, 70]", "f32[3, 70]", "[1, 2]"},
                {"f32[2, 9, 3, 600]", "f32[2, 3, 600]", "[1]"},
                {"f32[2, 0, 8]", "f32[2, 8]", "[1]"}};
  for (auto [xs, ys, axes] : shapes) {
    const std::string x = xs, y = ys;
    StreamCase test{"columns " + x,
                    "",
                    "%x: " + x + ", %s: " + y,
                    "%a = dlc.sum %x over " + std::string(axes) + " : " + x + " -> " + y +
                        "\n%b = dlc.reduce_max %x over " + axes + " : " + x + " -> " + y +
                        "\n%c = dlc.mul %a, %s : " + y + "\n%d = dlc.add %b, %c : " + y +
                        "\ndlc.yield %c, %d : " + y + ", " + y,
                    {{}},
                    1e-5,
                    true};
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
