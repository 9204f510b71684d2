// The last sum of a residual stage, of which every other position is read: the convolution before
// takes the steps, and its shortcut is read through a slice.
//
// RUN: dlc compile %s --dump-after=dlc-outline-kernels -o %t.dlca 2>&1 | FileCheck %s --check-prefix=KERNELS
// RUN: dlc check %s --bind B=0,1,3 --threads 2 2>&1 | FileCheck %s

// KERNELS: strides [2, 2] low [1, 1] high [1, 1]
// KERNELS: dlc.slice
// CHECK: 0 failures

!x = tensor<?x9x8x40xf32, #dlc.dims<[B, 9, 8, 40]>>
!y = tensor<?x5x4x70xf32, #dlc.dims<[B, 5, 4, 70]>>
!v = tensor<1x1x40x70xf32>
!h = tensor<?x9x8x40xbf16, #dlc.dims<[B, 9, 8, 40]>>
!k = tensor<?x5x4x70xbf16, #dlc.dims<[B, 5, 4, 70]>>
!u = tensor<1x1x40x70xbf16>
module @skipped attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @stage(%x: !x {dlc.name = "x"}, %w: tensor<3x3x40x40xf32> {dlc.name = "w"}, %b: tensor<40xf32> {dlc.name = "b"}, %v: !v {dlc.name = "v"}, %t: !v {dlc.name = "t"}) -> (!y {dlc.name = "y"}, !y {dlc.name = "z"}) {
  %s = dlc.relu %x : !x
  %c = dlc.conv %s, %w strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, tensor<3x3x40x40xf32>) -> !x
  %r = dlc.broadcast %b to [3] : tensor<40xf32> -> !x
  %a = dlc.add %c, %r : !x
  %d = dlc.add %a, %s : !x
  %e = dlc.relu %d : !x
  %y = dlc.conv %e, %v strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (!x, !v) -> !y
  %z = dlc.conv %e, %t strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (!x, !v) -> !y
  dlc.return %y, %z : !y, !y
}
dlc.entry @pooled(%x: !h {dlc.name = "x"}, %u: !u {dlc.name = "u"}) -> (!k {dlc.name = "y"}) {
  %p = dlc.max_pool %x window [3, 3] strides [1, 1] low [1, 1] high [1, 1] : (!h) -> !h
  %n = dlc.neg %p : !h
  %y = dlc.conv %n, %u strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (!h, !u) -> !k
  dlc.return %y : !k
}
}
