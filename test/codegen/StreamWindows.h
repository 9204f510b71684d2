// Kernels of pools and their gradients: alone, where they are walked window by window, and beside
// others, where each element asks for its windows.
#pragma once
#include "test/codegen/StreamRunner.h"

namespace dlc::codegen::cpu::testing {

/// The sizes |values| of one symbol.
inline std::vector<Bindings> each(const char *name, std::vector<int64_t> values) {
  std::vector<Bindings> out;
  for (int64_t v : values)
    out.push_back({{name, v}});
  return out;
}

inline std::vector<StreamCase> windows() {
  std::vector<StreamCase> cases;
  struct Geometry {
    const char *name, *window, *strides, *low, *high;
    int64_t out;
  };
  const Geometry geometries[] = {{"2x2", "[2, 2]", "[2, 2]", "[0, 0]", "[0, 0]", 4},
                                 {"3x3_overlap", "[3, 3]", "[2, 2]", "[1, 1]", "[1, 1]", 5},
                                 {"2x2_gaps", "[2, 2]", "[3, 3]", "[0, 0]", "[0, 0]", 3},
                                 {"3x3_same", "[3, 3]", "[1, 1]", "[1, 1]", "[1, 1]", 9}};
  for (const Geometry &g : geometries)
    for (int c : {1, 3, 17}) {
      std::string cs = std::to_string(c), o = std::to_string(g.out);
      std::string x = "f32[B, 9, 9, " + cs + "]", pooled = "[B, " + o + ", " + o + ", " + cs + "]";
      std::string y = "f32" + pooled, w = "i8" + pooled;
      std::string attrs = std::string(" window ") + g.window + " strides " + g.strides + " low " +
                          g.low + " high " + g.high;
      cases.push_back(
          {std::string("pool_") + g.name + "_" + cs, "\"B\"", "%x: " + x + ", %dy: " + y,
           "%0 = dlc.max_pool %x" + attrs + " : (" + x + ") -> " + y + "\n%1 = dlc.avg_pool %x" +
               attrs + " : (" + x + ") -> " + y + "\n%2 = dlc.max_pool_grad %x, %dy" + attrs +
               " : (" + x + ", " + y + ") -> " + x + "\n%3 = dlc.avg_pool_grad %dy" + attrs +
               " : (" + y + ") -> " + x + "\ndlc.yield %0, %1, %2, %3 : " + y + ", " + y + ", " +
               x + ", " + x,
           each("B", {0, 1, 3}), 2e-6, c == 3});
      // Alone, a gradient is walked window by window.
      cases.push_back({std::string("max_pool_grad_") + g.name + "_" + cs, "\"B\"",
                       "%x: " + x + ", %dy: " + y,
                       "%0 = dlc.max_pool_grad %x, %dy" + attrs + " : (" + x + ", " + y + ") -> " +
                           x + "\ndlc.yield %0 : " + x,
                       each("B", {0, 1, 3}), 2e-6, true});
      cases.push_back({std::string("avg_pool_grad_") + g.name + "_" + cs, "\"B\"", "%dy: " + y,
                       "%0 = dlc.avg_pool_grad %dy" + attrs + " : (" + y + ") -> " + x +
                           "\ndlc.yield %0 : " + x,
                       each("B", {0, 1, 3}), 2e-6, c == 3});
      std::string values = "%0 = dlc.max_pool %x" + attrs + " : (" + x + ") -> " + y;
      std::string winners = "\n%1 = dlc.max_pool_winners %x" + attrs + " : (" + x + ") -> " + w;
      cases.push_back({std::string("max_pool_alone_") + g.name + "_" + cs, "\"B\"", "%x: " + x,
                       values + "\ndlc.yield %0 : " + y, each("B", {0, 1, 3}), 2e-6, true});
      // A pool beside its winners: window by window, and (of what is no memory) element by element.
      cases.push_back({std::string("max_pool_winners_") + g.name + "_" + cs, "\"B\"", "%x: " + x,
                       values + winners + "\ndlc.yield %1, %0 : " + w + ", " + y,
                       each("B", {0, 1, 3}), 2e-6, true});
      cases.push_back({std::string("max_pool_winners_of_negated_") + g.name + "_" + cs, "\"B\"",
                       "%a: " + x,
                       "%x = dlc.neg %a : " + x + "\n" + values + winners +
                           "\ndlc.yield %0, %1 : " + y + ", " + w,
                       each("B", {0, 1, 3}), 2e-6, true});
      std::string scatter =
          "%0 = dlc.max_pool_scatter %w, %dy" + attrs + " : (" + w + ", " + y + ") -> " + x;
      cases.push_back({std::string("max_pool_scatter_") + g.name + "_" + cs, "\"B\"",
                       "%w: " + w + ", %dy: " + y, scatter + "\ndlc.yield %0 : " + x,
                       each("B", {0, 1, 3}), 2e-6, false});
      cases.push_back({std::string("max_pool_scatter_of_negated_") + g.name + "_" + cs, "\"B\"",
                       "%w: " + w + ", %a: " + y,
                       "%dy = dlc.neg %a : " + y + "\n" + scatter + "\ndlc.yield %0 : " + x,
                       each("B", {0, 1, 3}), 2e-6, false});
    }
  // Every element in one window; more channels than a tile owns; one dimension, three; symbols.
  struct Alone {
    const char *name, *x, *y, *attributes;
    std::vector<Bindings> bindings;
  };
  std::vector<Bindings> sizes{{{"B", 2}, {"H", 0}}, {{"B", 1}, {"H", 1}}, {{"B", 3}, {"H", 7}}};
  const Alone alone[] = {
      {"complete", "f32[B, 8, 6, 19]", "f32[B, 4, 3, 19]",
       "window [2, 2] strides [2, 2] low [0, 0] high [0, 0]", each("B", {0, 1, 3})},
      {"complete_padded", "f32[B, 7, 5, 3]", "f32[B, 4, 3, 3]",
       "window [2, 2] strides [2, 2] low [0, 1] high [1, 0]", each("B", {1, 3})},
      {"complete_half", "bf16[B, 4, 4, 19]", "bf16[B, 2, 2, 19]",
       "window [2, 2] strides [2, 2] low [0, 0] high [0, 0]", each("B", {1, 3})},
      {"wide", "f32[B, 5, 5, 150]", "f32[B, 3, 3, 150]",
       "window [3, 3] strides [2, 2] low [1, 1] high [1, 1]", each("B", {1, 2})},
      {"one", "f32[B, 11, 5]", "f32[B, 5, 5]", "window [3] strides [2] low [0] high [0]",
       each("B", {1, 3})},
      {"three", "f64[B, 3, 4, 5, 2]", "f64[B, 2, 2, 3, 2]",
       "window [2, 3, 2] strides [1, 2, 2] low [0, 1, 1] high [0, 0, 0]", each("B", {1, 3})},
      {"symbolic", "f32[B, 2 * H, 5, 3]", "f32[B, H, 3, 3]",
       "window [2, 3] strides [2, 2] low [0, 1] high [0, 1]", sizes}};
  for (const Alone &a : alone) {
    std::string x = a.x, y = a.y,
                symbols = a.bindings.front().size() == 2 ? "\"B\", \"H\"" : "\"B\"";
    bool half = x.find("bf16") != std::string::npos;
    std::string attributes = std::string(" ") + a.attributes + " : ";
    cases.push_back({std::string("max_pool_grad_alone_") + a.name, symbols,
                     "%x: " + x + ", %dy: " + y,
                     "%0 = dlc.max_pool_grad %x, %dy" + attributes + "(" + x + ", " + y + ") -> " +
                         x + "\ndlc.yield %0 : " + x,
                     a.bindings, 2e-6, !half});
    std::string w = "i8" + y.substr(y.find('['));
    cases.push_back({std::string("max_pool_winners_alone_") + a.name, symbols, "%x: " + x,
                     "%0 = dlc.max_pool %x" + attributes + "(" + x + ") -> " + y +
                         "\n%1 = dlc.max_pool_winners %x" + attributes + "(" + x + ") -> " + w +
                         "\ndlc.yield %0, %1 : " + y + ", " + w,
                     a.bindings, 2e-6, true});
    cases.push_back({std::string("max_pool_scatter_alone_") + a.name, symbols,
                     "%w: " + w + ", %dy: " + y,
                     "%0 = dlc.max_pool_scatter %w, %dy" + attributes + "(" + w + ", " + y +
                         ") -> " + x + "\ndlc.yield %0 : " + x,
                     a.bindings, half ? 1e-2 : 2e-6, false});
    cases.push_back({std::string("avg_pool_grad_alone_") + a.name, symbols, "%dy: " + y,
                     "%0 = dlc.avg_pool_grad %dy" + attributes + "(" + y + ") -> " + x +
                         "\ndlc.yield %0 : " + x,
                     a.bindings, half ? 1e-2 : 2e-6, !half});
  }
  return cases;
}

} // namespace dlc::codegen::cpu::testing
