// Sums over all that leave one column, beside a value of that column: both are stored, each by a
// loop of its own. Found by random graphs as the variance of a normalisation of one channel, which
// nobody wrote.
//
// RUN: dlc check %s 2>&1 | FileCheck %s
// CHECK: 0 failures

!c = tensor<1xf32>
!x = tensor<2x2x1xf32>
dlc.entry @column(%x: !x {dlc.name = "x"}, %v: !c {dlc.name = "v"})
    -> (!c {dlc.name = "half"}, !c {dlc.name = "total"}) {
  %k:2 = dlc.kernel reduce(%x, %v) : (!x, !c) -> (!c, !c) {
  ^bb0(%a: !x, %b: !c):
    %0 = dlc.constant dense<2.0> : tensor<f32>
    %1 = dlc.broadcast %0 to [] : tensor<f32> -> !c
    %half = dlc.div %b, %1 : !c
    %2 = dlc.broadcast %half to [2] : !c -> !x
    %3 = dlc.mul %a, %2 : !x
    %4 = dlc.sum %3 over [0, 1] : !x -> !c
    %5 = dlc.sum %a over [0, 1] : !x -> !c
    %total = dlc.add %4, %5 : !c
    dlc.yield %half, %total : !c, !c
  }
  dlc.return %k#0, %k#1 : !c, !c
}
dlc.entry @normalised(%x: !x {dlc.name = "x"}, %s: !c {dlc.name = "s"})
    -> (!c {dlc.name = "variance"}, !c {dlc.name = "ds"}) {
  %w = dlc.watch 0 %s : !c
  %y, %mean, %variance = dlc.batch_norm_training %x, %w, %w epsilon 5.0e-01
      : (!x, !c, !c) -> (!x, !c, !c)
  %t = dlc.tanh %y : !x
  %l = dlc.sum %t over [0, 1, 2] : !x -> tensor<f32>
  %ds = dlc.gradient %l wrt(%w) : tensor<f32> -> (!c)
  dlc.return %variance, %ds : !c, !c
}
