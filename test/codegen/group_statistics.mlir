// Group normalisation and its gradients, natively: statistics of a few channels and all pixels.
//
// RUN: dlc check %s --bind B=1,2,3 --gradients --threads 1 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=1,3 --threads 2 2>&1 | FileCheck %s

// CHECK: 0 failures
!x = tensor<?x35x24xf32, #dlc.dims<[B, 35, 24]>>
!z = tensor<?x35x4x6xf32, #dlc.dims<[B, 35, 4, 6]>>
!s = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!c = tensor<24xf32>
module @group attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @norm(%x: !x {dlc.name = "x"}, %g: !c {dlc.name = "g"}) -> (!x {dlc.name = "y"}, !s {dlc.name = "p"}) {
  %z = dlc.reshape %x : !x -> !z
  %m = dlc.mean %z over [1, 3] : !z -> !s
  %mb = dlc.broadcast %m to [0, 2] : !s -> !z
  %c = dlc.sub %z, %mb : !z
  %q = dlc.mul %c, %c : !z
  %v = dlc.mean %q over [1, 3] : !z -> !s
  %e = dlc.constant dense<1.0e-2> : tensor<f32>
  %eb = dlc.broadcast %e to [] : tensor<f32> -> !s
  %w = dlc.add %v, %eb : !s
  %r = dlc.rsqrt %w : !s
  %rb = dlc.broadcast %r to [0, 2] : !s -> !z
  %n = dlc.mul %c, %rb : !z
  %o = dlc.reshape %n : !z -> !x
  %gb = dlc.broadcast %g to [2] : !c -> !x
  %y = dlc.mul %o, %gb : !x
  %p = dlc.reduce_max %n over [1, 3] : !z -> !s
  dlc.return %y, %p : !x, !s
}
}
