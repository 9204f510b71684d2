// Each text is written once, over sizes that the rows fill in.
#include "tools/driver/BenchStreamTexts.h"

using namespace dlc::driver;

namespace {

// Aliases of types and the entry's arguments, results and body. "$N" in them is the size that tells
// the row in cache from the row in memory.
struct Template {
  const char *name, *aliases, *arguments, *results, *body, *returned;
  double perElement; // bytes that a run cannot do without; 0: bound by arithmetic
  double elementsPerN;
  int64_t cached, large;     // N
  double cachedGoal, largeGoal; // ns per element
};

constexpr Template kTemplates[] = {
    {"softmax $Nx1024", "!t = tensor<$Nx1024xf32>", "%x: !t {dlc.name = \"x\"}",
     "!t {dlc.name = \"y\"}", "%y = dlc.softmax %x axis 1 : !t", "%y : !t", 8, 1024, 64, 32768, .29,
     .31},
    {"cross entropy with gradient $Nx1024",
     "!t = tensor<$Nx1024xf32>\n!i = tensor<$Nxi32>\n!r = tensor<$Nxf32>\n!s = tensor<f32>",
     "%x: !t {dlc.name = \"x\"}, %i: !i {dlc.name = \"i\"}",
     "!s {dlc.name = \"l\"}, !t {dlc.name = \"dx\"}",
     "%w = dlc.watch 0 %x : !t\n"
     "%r = dlc.sparse_softmax_cross_entropy %w, %i : (!t, !i) -> !r\n"
     "%l = dlc.sum %r over [0] : !r -> !s\n"
     "%d = dlc.gradient %l wrt(%w) : !s -> (!t)",
     "%l, %d : !s, !t", 8, 1024, 64, 32768, .30, .32},
    {"layer norm $Nx768", "!t = tensor<$Nx768xf32>\n!c = tensor<768xf32>",
     "%x: !t {dlc.name = \"x\"}, %g: !c {dlc.name = \"g\"}, %b: !c {dlc.name = \"b\"}",
     "!t {dlc.name = \"y\"}",
     "%y = dlc.layer_norm %x, %g, %b epsilon 1.0e-3 : (!t, !c, !c) -> !t", "%y : !t", 8, 768, 64,
     40960, .13, .29},
    {"layer norm gradient $Nx768", "!t = tensor<$Nx768xf32>\n!c = tensor<768xf32>\n!s = tensor<f32>",
     "%x: !t {dlc.name = \"x\"}, %g: !c {dlc.name = \"g\"}, %b: !c {dlc.name = \"b\"}, "
     "%dy: !t {dlc.name = \"dy\"}",
     "!t {dlc.name = \"dx\"}, !c {dlc.name = \"dg\"}, !c {dlc.name = \"db\"}",
     "%w = dlc.watch 0 %x : !t\n%wg = dlc.watch 1 %g : !c\n%wb = dlc.watch 2 %b : !c\n"
     "%y = dlc.layer_norm %w, %wg, %wb epsilon 1.0e-3 : (!t, !c, !c) -> !t\n"
     "%m = dlc.mul %y, %dy : !t\n"
     "%l = dlc.sum %m over [0, 1] : !t -> !s\n"
     "%dx, %dg, %db = dlc.gradient %l wrt(%w, %wg, %wb) : !s -> (!t, !c, !c)",
     "%dx, %dg, %db : !t, !c, !c", 12, 768, 64, 40960, .18, .43},
    {"batch norm $Nx64", "!t = tensor<$Nx64xf32>\n!c = tensor<64xf32>",
     "%x: !t {dlc.name = \"x\"}, %g: !c {dlc.name = \"g\"}, %b: !c {dlc.name = \"b\"}",
     "!t {dlc.name = \"y\"}, !c {dlc.name = \"m\"}, !c {dlc.name = \"v\"}",
     "%y, %m, %v = dlc.batch_norm_training %x, %g, %b epsilon 1.0e-3 "
     ": (!t, !c, !c) -> (!t, !c, !c)",
     "%y, %m, %v : !t, !c, !c", 12, 64, 1024, 401408, .103, .37},
    {"batch norm $Nx256", "!t = tensor<$Nx256xf32>\n!c = tensor<256xf32>",
     "%x: !t {dlc.name = \"x\"}, %g: !c {dlc.name = \"g\"}, %b: !c {dlc.name = \"b\"}",
     "!t {dlc.name = \"y\"}, !c {dlc.name = \"m\"}, !c {dlc.name = \"v\"}",
     "%y, %m, %v = dlc.batch_norm_training %x, %g, %b epsilon 1.0e-3 "
     ": (!t, !c, !c) -> (!t, !c, !c)",
     "%y, %m, %v : !t, !c, !c", 12, 256, 256, 100352, .103, .37},
    {"batch norm gradient $Nx64", "!t = tensor<$Nx64xf32>\n!c = tensor<64xf32>\n!s = tensor<f32>",
     "%x: !t {dlc.name = \"x\"}, %g: !c {dlc.name = \"g\"}, %b: !c {dlc.name = \"b\"}, "
     "%dy: !t {dlc.name = \"dy\"}, %m: !c {dlc.name = \"m\"}, %r: !c {dlc.name = \"r\"}",
     "!t {dlc.name = \"dx\"}, !c {dlc.name = \"dg\"}, !c {dlc.name = \"db\"}",
     "%db = dlc.sum %dy over [0] : !t -> !c\n"
     "%mb = dlc.broadcast %m to [1] : !c -> !t\n"
     "%xc = dlc.sub %x, %mb : !t\n"
     "%p = dlc.mul %dy, %xc : !t\n"
     "%q = dlc.sum %p over [0] : !t -> !c\n"
     "%dg = dlc.mul %q, %r : !c\n"
     "%gr = dlc.mul %g, %r : !c\n"
     "%n = dlc.size [$N] : !s\n%nb = dlc.broadcast %n to [] : !s -> !c\n"
     "%a = dlc.div %db, %nb : !c\n%a1 = dlc.mul %a, %gr : !c\n"
     "%c = dlc.div %dg, %nb : !c\n%c1 = dlc.mul %c, %gr : !c\n%c2 = dlc.mul %c1, %r : !c\n"
     "%grb = dlc.broadcast %gr to [1] : !c -> !t\n%ab = dlc.broadcast %a1 to [1] : !c -> !t\n"
     "%cb = dlc.broadcast %c2 to [1] : !c -> !t\n"
     "%d0 = dlc.mul %dy, %grb : !t\n%d1 = dlc.sub %d0, %ab : !t\n"
     "%d2 = dlc.mul %xc, %cb : !t\n%dx = dlc.sub %d1, %d2 : !t",
     "%dx, %dg, %db : !t, !c, !c", 20, 64, 512, 401408, .172, .73},
    {"batch norm gradient $Nx256", "!t = tensor<$Nx256xf32>\n!c = tensor<256xf32>\n!s = tensor<f32>",
     "%x: !t {dlc.name = \"x\"}, %g: !c {dlc.name = \"g\"}, %b: !c {dlc.name = \"b\"}, "
     "%dy: !t {dlc.name = \"dy\"}, %m: !c {dlc.name = \"m\"}, %r: !c {dlc.name = \"r\"}",
     "!t {dlc.name = \"dx\"}, !c {dlc.name = \"dg\"}, !c {dlc.name = \"db\"}",
     "%db = dlc.sum %dy over [0] : !t -> !c\n"
     "%mb = dlc.broadcast %m to [1] : !c -> !t\n"
     "%xc = dlc.sub %x, %mb : !t\n"
     "%p = dlc.mul %dy, %xc : !t\n"
     "%q = dlc.sum %p over [0] : !t -> !c\n"
     "%dg = dlc.mul %q, %r : !c\n"
     "%gr = dlc.mul %g, %r : !c\n"
     "%n = dlc.size [$N] : !s\n%nb = dlc.broadcast %n to [] : !s -> !c\n"
     "%a = dlc.div %db, %nb : !c\n%a1 = dlc.mul %a, %gr : !c\n"
     "%c = dlc.div %dg, %nb : !c\n%c1 = dlc.mul %c, %gr : !c\n%c2 = dlc.mul %c1, %r : !c\n"
     "%grb = dlc.broadcast %gr to [1] : !c -> !t\n%ab = dlc.broadcast %a1 to [1] : !c -> !t\n"
     "%cb = dlc.broadcast %c2 to [1] : !c -> !t\n"
     "%d0 = dlc.mul %dy, %grb : !t\n%d1 = dlc.sub %d0, %ab : !t\n"
     "%d2 = dlc.mul %xc, %cb : !t\n%dx = dlc.sub %d1, %d2 : !t",
     "%dx, %dg, %db : !t, !c, !c", 20, 256, 128, 100352, .172, .73},
    {"group norm $Nx1024x64",
     "!t = tensor<$Nx1024x64xf32>\n!g = tensor<$Nx1024x8x8xf32>\n!m = tensor<$Nx8xf32>\n"
     "!c = tensor<64xf32>",
     "%x: !t {dlc.name = \"x\"}, %g: !c {dlc.name = \"g\"}, %b: !c {dlc.name = \"b\"}",
     "!t {dlc.name = \"y\"}",
     "%e = dlc.constant dense<0.001> : !m\n"
     "%a = dlc.reshape %x : !t -> !g\n%m = dlc.mean %a over [1, 3] : !g -> !m\n"
     "%mb = dlc.broadcast %m to [0, 2] : !m -> !g\n%d = dlc.sub %a, %mb : !g\n"
     "%q = dlc.mul %d, %d : !g\n%v = dlc.mean %q over [1, 3] : !g -> !m\n"
     "%ve = dlc.add %v, %e : !m\n%r = dlc.rsqrt %ve : !m\n"
     "%rb = dlc.broadcast %r to [0, 2] : !m -> !g\n%n = dlc.mul %d, %rb : !g\n"
     "%z = dlc.reshape %n : !g -> !t\n"
     "%gb = dlc.broadcast %g to [2] : !c -> !t\n%bb = dlc.broadcast %b to [2] : !c -> !t\n"
     "%s = dlc.mul %z, %gb : !t\n%y = dlc.add %s, %bb : !t",
     "%y : !t", 12, 65536, 2, 384, 0, 0},
    {"gelu gradient $N", "!t = tensor<$Nxf32>", "%x: !t {dlc.name = \"x\"}, %dy: !t {dlc.name = \"dy\"}",
     "!t {dlc.name = \"dx\"}",
     "%half = dlc.constant dense<0.5> : !t\n%one = dlc.constant dense<1.0> : !t\n"
     "%root = dlc.constant dense<0.70710678118654752> : !t\n"
     "%scale = dlc.constant dense<0.39894228040143267> : !t\n"
     "%a = dlc.mul %x, %root : !t\n%e = dlc.erf %a : !t\n%b = dlc.add %e, %one : !t\n"
     "%p = dlc.mul %b, %half : !t\n%xx = dlc.mul %x, %x : !t\n%h = dlc.mul %xx, %half : !t\n"
     "%n = dlc.neg %h : !t\n%g = dlc.exp %n : !t\n%gs = dlc.mul %g, %scale : !t\n"
     "%q = dlc.mul %x, %gs : !t\n%d = dlc.add %p, %q : !t\n%y = dlc.mul %dy, %d : !t",
     "%y : !t", 0, 1, 65536, 0, .76, 0},
    {"tanh $N", "!t = tensor<$Nxf32>", "%x: !t {dlc.name = \"x\"}", "!t {dlc.name = \"y\"}",
     "%y = dlc.tanh %x : !t", "%y : !t", 0, 1, 65536, 0, .38, 0},
    {"relu gradient with bias gradient $Nx512",
     "!t = tensor<$Nx512xf32>\n!c = tensor<512xf32>\n!p = tensor<$Nx512xi1>",
     "%y: !t {dlc.name = \"y\"}, %dy: !t {dlc.name = \"dy\"}",
     "!t {dlc.name = \"dx\"}, !c {dlc.name = \"db\"}",
     "%z = dlc.constant dense<0.0> : !t\n%p = dlc.compare gt %y, %z : (!t, !t) -> !p\n"
     "%d = dlc.select %p, %dy, %z : (!p, !t, !t) -> !t\n%b = dlc.sum %d over [0] : !t -> !c",
     "%d, %b : !t, !c", 12, 512, 128, 32768, 0, 0},
    {"max pool 2x2 $Nx28x28x64", "!t = tensor<$Nx28x28x64xf32>\n!o = tensor<$Nx14x14x64xf32>",
     "%x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}",
     "%y = dlc.max_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!t) -> !o",
     "%y : !o", 5, 50176, 2, 512, .043, .18},
    {"max pool gradient 2x2 $Nx28x28x64",
     "!t = tensor<$Nx28x28x64xf32>\n!o = tensor<$Nx14x14x64xf32>\n!w = tensor<$Nx14x14x64xi8>",
     "%w: !w {dlc.name = \"winners\"}, %dy: !o {dlc.name = \"dy\"}", "!t {dlc.name = \"dx\"}",
     "%d = dlc.max_pool_scatter %w, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0] "
     ": (!w, !o) -> !t",
     "%d : !t", 5.25, 50176, 2, 512, .088, .35},
    {"max pool 3x3 s2 $Nx56x56x64", "!t = tensor<$Nx56x56x64xf32>\n!o = tensor<$Nx28x28x64xf32>",
     "%x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}",
     "%y = dlc.max_pool %x window [3, 3] strides [2, 2] low [1, 1] high [1, 1] : (!t) -> !o",
     "%y : !o", 5, 200704, 1, 128, 0, 0},
    {"max pool with winners 3x3 s2 $Nx56x56x64",
     "!t = tensor<$Nx56x56x64xf32>\n!o = tensor<$Nx28x28x64xf32>\n!w = tensor<$Nx28x28x64xi8>",
     "%x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}, !w {dlc.name = \"winners\"}",
     "%y = dlc.max_pool %x window [3, 3] strides [2, 2] low [1, 1] high [1, 1] : (!t) -> !o\n"
     "%w = dlc.max_pool_winners %x window [3, 3] strides [2, 2] low [1, 1] high [1, 1] "
     ": (!t) -> !w",
     "%y, %w : !o, !w", 5.25, 200704, 1, 128, 0, 0},
    {"max pool gradient 3x3 s2 $Nx56x56x64",
     "!t = tensor<$Nx56x56x64xf32>\n!o = tensor<$Nx28x28x64xf32>\n!w = tensor<$Nx28x28x64xi8>",
     "%w: !w {dlc.name = \"winners\"}, %dy: !o {dlc.name = \"dy\"}", "!t {dlc.name = \"dx\"}",
     "%d = dlc.max_pool_scatter %w, %dy window [3, 3] strides [2, 2] low [1, 1] high [1, 1] "
     ": (!w, !o) -> !t",
     "%d : !t", 5.25, 200704, 1, 128, 0, 0},
    {"average pool 2x2 $Nx28x28x64", "!t = tensor<$Nx28x28x64xf32>\n!o = tensor<$Nx14x14x64xf32>",
     "%x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}",
     "%y = dlc.avg_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!t) -> !o",
     "%y : !o", 5, 50176, 2, 512, .043, .18},
    {"average pool gradient 2x2 $Nx28x28x64",
     "!t = tensor<$Nx28x28x64xf32>\n!o = tensor<$Nx14x14x64xf32>", "%dy: !o {dlc.name = \"dy\"}",
     "!t {dlc.name = \"dx\"}",
     "%d = dlc.avg_pool_grad %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0] "
     ": (!o) -> !t",
     "%d : !t", 5, 50176, 2, 512, 0, 0},
    {"global average pool $Nx7x7x1024", "!t = tensor<$Nx7x7x1024xf32>\n!o = tensor<$Nx1024xf32>",
     "%x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}",
     "%y = dlc.mean %x over [1, 2] : !t -> !o", "%y : !o", 4, 50176, 3, 512, 0, 0},
    {"dropout $N", "!t = tensor<$Nxf32>\n!b = tensor<$Nxi1>\n!s = tensor<f32>",
     "%x: !t {dlc.name = \"x\"}, %k: tensor<2xi64> {dlc.name = \"k\"}", "!t {dlc.name = \"y\"}",
     "%p = dlc.constant dense<0.9> : !s\n%z = dlc.constant dense<0.0> : !t\n"
     "%c = dlc.constant dense<1.1111111> : !t\n"
     "%b = dlc.random_bernoulli %k, %p stream 1 : (tensor<2xi64>, !s) -> !b\n"
     "%m = dlc.mul %x, %c : !t\n%y = dlc.select %b, %m, %z : (!b, !t, !t) -> !t",
     "%y : !t", 0, 1, 65536, 0, .52, 0},
    {"transpose $Nx1024", "!t = tensor<$Nx1024xf32>\n!o = tensor<1024x$Nxf32>",
     "%x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}",
     "%y = dlc.transpose %x [1, 0] : !t -> !o", "%y : !o", 8, 1024, 96, 16384, .21, .56},
    {"transpose heads $Nx128x12x64",
     "!t = tensor<$Nx128x12x64xf32>\n!o = tensor<$Nx12x128x64xf32>", "%x: !t {dlc.name = \"x\"}",
     "!o {dlc.name = \"y\"}", "%y = dlc.transpose %x [0, 2, 1, 3] : !t -> !o", "%y : !o", 8, 98304,
     1, 256, 0, 0},
    {"sum over rows $Nx1024", "!t = tensor<$Nx1024xf32>\n!o = tensor<1024xf32>",
     "%x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}", "%y = dlc.sum %x over [0] : !t -> !o",
     "%y : !o", 4, 1024, 128, 32768, 0, 0},
    {"sum over columns $Nx1024", "!t = tensor<$Nx1024xf32>\n!o = tensor<$Nxf32>",
     "%x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}", "%y = dlc.sum %x over [1] : !t -> !o",
     "%y : !o", 4, 1024, 128, 32768, 0, 0},
    {"sum over the middle $Nx128x256", "!t = tensor<$Nx128x256xf32>\n!o = tensor<$Nx256xf32>",
     "%x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}", "%y = dlc.sum %x over [1] : !t -> !o",
     "%y : !o", 4, 32768, 4, 1024, 0, 0},
    {"sum of all $N", "!t = tensor<$Nxf32>\n!o = tensor<f32>", "%x: !t {dlc.name = \"x\"}",
     "!o {dlc.name = \"y\"}", "%y = dlc.sum %x over [0] : !t -> !o", "%y : !o", 4, 1, 131072,
     33554432, .034, .12},
    {"argmax $Nx1024", "!t = tensor<$Nx1024xf32>\n!o = tensor<$Nxi32>", "%x: !t {dlc.name = \"x\"}",
     "!o {dlc.name = \"y\"}", "%y = dlc.argmax %x over 1 : !t -> !o", "%y : !o", 4, 1024, 128,
     32768, 0, 0},
    {"embedding gather $Nx256", "!t = tensor<32768x256xf32>\n!i = tensor<$Nxi32>\n!o = tensor<$Nx256xf32>",
     "%i: !i {dlc.name = \"i\"}, %x: !t {dlc.name = \"x\"}", "!o {dlc.name = \"y\"}",
     "%y = dlc.gather %x, %i axis 0 : (!t, !i) -> !o", "%y : !o", 8, 256, 256, 65536, 0, 0},
    {"embedding scatter-add $Nx256",
     "!t = tensor<32768x256xf32>\n!i = tensor<$Nxi32>\n!o = tensor<$Nx256xf32>",
     "%i: !i {dlc.name = \"i\"}, %u: !o {dlc.name = \"u\"}", "!t {dlc.name = \"y\"}",
     "%x = dlc.constant dense<0.0> : !t\n"
     "%y = dlc.scatter_add %x, %i, %u axis 0 : (!t, !i, !o) -> !t", "%y : !t", 12, 256, 0, 65536, 0,
     0},
};

std::string replaceAll(std::string text, const std::string &what, const std::string &with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

StreamText fill(const Template &t, int64_t n, bool large) {
  std::string entry = std::string(t.aliases) + "\ndlc.entry @run(" + t.arguments + ") -> (" +
                      t.results + ") {\n" + t.body + "\ndlc.return " + t.returned + "\n}\n";
  StreamText row;
  row.name = replaceAll(t.name, "$N", std::to_string(n));
  row.text = replaceAll(entry, "$N", std::to_string(n));
  row.elements = t.elementsPerN * n;
  if (large)
    row.bytes = t.perElement * row.elements;
  if (row.name.find("embedding") == 0)
    row.indexBelow = 32768; // rows of the table
  row.goal = large ? t.largeGoal : t.cachedGoal;
  return row;
}

} // namespace

std::vector<StreamText> dlc::driver::streamTexts() {
  std::vector<StreamText> rows;
  for (const Template &t : kTemplates) {
    if (t.cached)
      rows.push_back(fill(t, t.cached, false));
    if (t.large)
      rows.push_back(fill(t, t.large, true));
  }
  return rows;
}
