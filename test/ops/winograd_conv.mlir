// RUN: dlc check %s --bind B=0,1,3 --bind H=6 --threads 2 | tee %t | FileCheck %s
// The filter comes from winograd_filter: sixteen numbers of no filter mean nothing.
// CHECK: {"op":"winograd_conv","type":"f32"

!x = tensor<?x6x8x20xf32, #dlc.dims<[B, 6, 8, 20]>>
!y = tensor<?x6x8x24xf32, #dlc.dims<[B, 6, 8, 24]>>
// Odd sizes, padding that differs from side to side, channels beyond a block, an epilogue with
// a function.
!v = tensor<?x7x5x270xf32, #dlc.dims<[B, 7, 5, 270]>>
!w = tensor<?x7x6x20xf32, #dlc.dims<[B, 7, 6, 20]>>
// No padding; a result of one tile; sizes that are symbols; many tiles, in blocks that
// differ, and columns of two panels.
!s = tensor<?x4x4x3xf32, #dlc.dims<[B, 4, 4, 3]>>
!t = tensor<?x2x2x1xf32, #dlc.dims<[B, 2, 2, 1]>>
!d = tensor<?x?x9x17xf64, #dlc.dims<[B, H, 9, 17]>>
!e = tensor<?x?x9x33xf64, #dlc.dims<[B, H, 9, 33]>>
!m = tensor<?x21x29x16xf32, #dlc.dims<[B, 21, 29, 16]>>
!n = tensor<?x23x31x70xf32, #dlc.dims<[B, 23, 31, 70]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<H, min = 0>]} {
dlc.entry @even(%x: !x {dlc.name = "x"}, %f: tensor<3x3x20x24xf32> {dlc.name = "f"})
    -> (!y {dlc.name = "y"}) {
  %u = dlc.winograd_filter %f : (tensor<3x3x20x24xf32>) -> tensor<16x1x20x64xf32>
  %y = dlc.winograd_conv %x, %u low [1, 1] high [1, 1]
      : (!x, tensor<16x1x20x64xf32>) -> !y
  dlc.return %y : !y
}
dlc.entry @odd(%x: !v {dlc.name = "x"}, %f: tensor<3x3x270x20xf32> {dlc.name = "f"},
               %b: tensor<20xf32> {dlc.name = "b"}, %r: !w {dlc.name = "r"})
    -> (!w {dlc.name = "y"}) {
  %u = dlc.winograd_filter %f : (tensor<3x3x270x20xf32>) -> tensor<16x1x270x64xf32>
  %c = dlc.winograd_conv %x, %u low [0, 2] high [2, 1]
      : (!v, tensor<16x1x270x64xf32>) -> !w
  %bias = dlc.broadcast %b to [3] : tensor<20xf32> -> !w
  %s = dlc.add %c, %bias : !w
  %z = dlc.add %s, %r : !w
  %y = dlc.tanh %z : !w
  dlc.return %y : !w
}
dlc.entry @small(%x: !s {dlc.name = "x"}, %f: tensor<3x3x3x1xf32> {dlc.name = "f"})
    -> (!t {dlc.name = "y"}) {
  %u = dlc.winograd_filter %f : (tensor<3x3x3x1xf32>) -> tensor<16x1x3x64xf32>
  %y = dlc.winograd_conv %x, %u low [0, 0] high [0, 0]
      : (!s, tensor<16x1x3x64xf32>) -> !t
  dlc.return %y : !t
}
dlc.entry @symbolic(%x: !d {dlc.name = "x"}, %f: tensor<3x3x17x33xf64> {dlc.name = "f"})
    -> (!e {dlc.name = "y"}) {
  %u = dlc.winograd_filter %f : (tensor<3x3x17x33xf64>) -> tensor<16x3x17x16xf64>
  %y = dlc.winograd_conv %x, %u low [1, 1] high [1, 1]
      : (!d, tensor<16x3x17x16xf64>) -> !e
  dlc.return %y : !e
}
// Column sums of the result, as a normalisation in training takes them.
dlc.entry @sums(%x: !m {dlc.name = "x"}, %f: tensor<3x3x16x70xf32> {dlc.name = "f"})
    -> (!n {dlc.name = "y"}, tensor<70xf32> {dlc.name = "s"}) {
  %u = dlc.winograd_filter %f : (tensor<3x3x16x70xf32>) -> tensor<16x2x16x64xf32>
  %y = dlc.winograd_conv %x, %u low [2, 2] high [2, 2]
      : (!m, tensor<16x2x16x64xf32>) -> !n
  %s = dlc.sum %y over [0, 1, 2] : !n -> tensor<70xf32>
  dlc.return %y, %s : !n, tensor<70xf32>
}
}
