// Of zeros +0 is the larger one, also where one side is a number that the compiler knows and compares
// with alone: zeros of both signs and the bounds of a relu6, on either side, in f32 and bf16.
//
// RUN: dlc check %s --bind B=0,1,37 --threads 2 2>&1 | FileCheck %s
// CHECK: 0 failures

!x = tensor<?x37xf32, #dlc.dims<[B, 37]>>
!h = tensor<?x37xbf16, #dlc.dims<[B, 37]>>
module @signed_zeros attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @f32(%x: !x {dlc.name = "x"}) -> (!x {dlc.name = "a"}, !x {dlc.name = "b"}, !x {dlc.name = "c"}, !x {dlc.name = "d"}, !x {dlc.name = "e"}, !x {dlc.name = "f"}, !x {dlc.name = "g"}, !x {dlc.name = "h"}) {
  %pc = dlc.constant dense<0.0> : tensor<f32>
  %nc = dlc.constant dense<-0.0> : tensor<f32>
  %sc = dlc.constant dense<6.0> : tensor<f32>
  %p = dlc.broadcast %pc to [] : tensor<f32> -> !x
  %n = dlc.broadcast %nc to [] : tensor<f32> -> !x
  %s = dlc.broadcast %sc to [] : tensor<f32> -> !x
  %a = dlc.max %x, %p : !x
  %b = dlc.max %n, %x : !x
  %c = dlc.min %p, %x : !x
  %d = dlc.min %x, %n : !x
  %e = dlc.min %s, %a : !x
  %f = dlc.max %s, %x : !x
  %g = dlc.max %p, %x : !x
  %h = dlc.min %n, %x : !x
  dlc.return %a, %b, %c, %d, %e, %f, %g, %h : !x, !x, !x, !x, !x, !x, !x, !x
}
dlc.entry @bf16(%x: !h {dlc.name = "x"}) -> (!h {dlc.name = "a"}, !h {dlc.name = "b"}, !h {dlc.name = "c"}, !h {dlc.name = "d"}, !h {dlc.name = "e"}, !h {dlc.name = "f"}, !h {dlc.name = "g"}, !h {dlc.name = "h"}) {
  %pc = dlc.constant dense<0.0> : tensor<bf16>
  %nc = dlc.constant dense<-0.0> : tensor<bf16>
  %sc = dlc.constant dense<6.0> : tensor<bf16>
  %p = dlc.broadcast %pc to [] : tensor<bf16> -> !h
  %n = dlc.broadcast %nc to [] : tensor<bf16> -> !h
  %s = dlc.broadcast %sc to [] : tensor<bf16> -> !h
  %a = dlc.max %x, %p : !h
  %b = dlc.max %n, %x : !h
  %c = dlc.min %p, %x : !h
  %d = dlc.min %x, %n : !h
  %e = dlc.min %s, %a : !h
  %f = dlc.max %s, %x : !h
  %g = dlc.max %p, %x : !h
  %h = dlc.min %n, %x : !h
  dlc.return %a, %b, %c, %d, %e, %f, %g, %h : !h, !h, !h, !h, !h, !h, !h, !h
}
}
