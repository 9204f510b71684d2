// Every function of reals on bf16, which is computed in f32 and rounded once.
//
// RUN: dlc check %s --bind B=1,5 --gradients | tee %t | FileCheck %s

!x = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!r = tensor<?xbf16, #dlc.dims<[B]>>

// CHECK-DAG: "op":"exp","type":"bf16","runs":6,"native":6
// CHECK-DAG: "op":"softmax","type":"bf16","runs":6,"native":6
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
  dlc.entry @unary(%a: !x {dlc.name = "a"})
      -> (!x {dlc.name = "neg"}, !x {dlc.name = "abs"}, !x {dlc.name = "sign"}, !x {dlc.name =
          "exp"}, !x {dlc.name = "expm1"}, !x {dlc.name = "log"}, !x {dlc.name = "log1p"}, !x
          {dlc.name = "sqrt"}, !x {dlc.name = "rsqrt"}, !x {dlc.name = "reciprocal"}, !x {dlc.name =
          "tanh"}, !x {dlc.name = "sigmoid"}, !x {dlc.name = "erf"}, !x {dlc.name = "sin"}, !x
          {dlc.name = "cos"}, !x {dlc.name = "floor"}, !x {dlc.name = "ceil"}, !x {dlc.name =
          "round"}, !x {dlc.name = "relu"}) {
    %neg = dlc.neg %a : !x
    %abs = dlc.abs %a : !x
    %sign = dlc.sign %a : !x
    %exp = dlc.exp %a : !x
    %expm1 = dlc.expm1 %a : !x
    %log = dlc.log %a : !x
    %log1p = dlc.log1p %a : !x
    %sqrt = dlc.sqrt %a : !x
    %rsqrt = dlc.rsqrt %a : !x
    %reciprocal = dlc.reciprocal %a : !x
    %tanh = dlc.tanh %a : !x
    %sigmoid = dlc.sigmoid %a : !x
    %erf = dlc.erf %a : !x
    %sin = dlc.sin %a : !x
    %cos = dlc.cos %a : !x
    %floor = dlc.floor %a : !x
    %ceil = dlc.ceil %a : !x
    %round = dlc.round %a : !x
    %relu = dlc.relu %a : !x
    dlc.return %neg, %abs, %sign, %exp, %expm1, %log, %log1p, %sqrt, %rsqrt, %reciprocal, %tanh,
        %sigmoid, %erf, %sin, %cos, %floor, %ceil, %round, %relu : !x, !x, !x, !x, !x, !x, !x, !x,
        !x, !x, !x, !x, !x, !x, !x, !x, !x, !x, !x
  }
  dlc.entry @binary(%a: !x {dlc.name = "a"}, %b: !x {dlc.name = "b"})
      -> (!x {dlc.name = "add"}, !x {dlc.name = "sub"}, !x {dlc.name = "mul"}, !x {dlc.name =
          "div"}, !x {dlc.name = "max"}, !x {dlc.name = "min"}, !x {dlc.name = "pow"}, !x {dlc.name
          = "rem"}) {
    %add = dlc.add %a, %b : !x
    %sub = dlc.sub %a, %b : !x
    %mul = dlc.mul %a, %b : !x
    %div = dlc.div %a, %b : !x
    %max = dlc.max %a, %b : !x
    %min = dlc.min %a, %b : !x
    %pow = dlc.pow %a, %b : !x
    %rem = dlc.rem %a, %b : !x
    dlc.return %add, %sub, %mul, %div, %max, %min, %pow, %rem : !x, !x, !x, !x, !x, !x, !x, !x
  }
  dlc.entry @rows(%a: !x {dlc.name = "a"})
      -> (!x {dlc.name = "s"}, !x {dlc.name = "l"}, !r {dlc.name = "m"}, !r {dlc.name = "e"}, !r
          {dlc.name = "h"}, !r {dlc.name = "p"}) {
    %s = dlc.softmax %a axis 1 : !x
    %l = dlc.log_softmax %a axis 1 : !x
    %m = dlc.sum %a over [1] : !x -> !r
    %e = dlc.mean %a over [1] : !x -> !r
    %h = dlc.reduce_max %a over [1] : !x -> !r
    %p = dlc.prod %a over [1] : !x -> !r
    dlc.return %s, %l, %m, %e, %h, %p : !x, !x, !r, !r, !r, !r
  }
}
