// Filter gradients of bf16 whose tiles read pairs of dy that a thread packs, a block at a time: taps
// that begin and end within a pair, strides, groups, filters that fill no panel, one to three
// dimensions, several blocks; NaN and infinity are the evaluator's. Lines of an odd number of pixels
// are read as they lie, unless all are one line. Unfinished sums lie beside the result.
// RUN: dlc check %s --bind B=0,1,11 --threads 1 2>&1 | FileCheck %s --check-prefix=RESULTS
// RUN: dlc check %s --bind B=11 --threads 2 2>&1 | FileCheck %s --check-prefix=RESULTS
// RUN: dlc-opt %s --dlc-form-kernels --dlc-outline-kernels --dlc-choose-schedules=cpu=znver4 | FileCheck %s

// RESULTS: 0 failures
// CHECK-COUNT-4: #dlc.conv_filter_grad<tile = [{{[0-9]+, [0-9]+}}, 2], row_tiles = {{[0-9]+}}, pixel_block = 256, dy = pack>
// CHECK: #dlc.conv_filter_grad<tile = [8, 32, 2], row_tiles = 8, pixel_block = 256>
// CHECK: #dlc.conv_filter_grad<tile = [6, 64, 2], row_tiles = 7, pixel_block = 256, dy = pack>
!x = tensor<?x7x8x13xbf16, #dlc.dims<[B, 7, 8, 13]>>
!y = tensor<?x7x8x20xbf16, #dlc.dims<[B, 7, 8, 20]>>
!f = tensor<3x3x13x20xf32>
!xg = tensor<?x9x12x24xbf16, #dlc.dims<[B, 9, 12, 24]>>
!yg = tensor<?x5x6x140xbf16, #dlc.dims<[B, 5, 6, 140]>>
!x1 = tensor<?x30x17xbf16, #dlc.dims<[B, 30, 17]>>
!y1 = tensor<?x30x70xbf16, #dlc.dims<[B, 30, 70]>>
!x3 = tensor<?x3x4x6x9xbf16, #dlc.dims<[B, 3, 4, 6, 9]>>
!y3 = tensor<?x3x4x4x33xbf16, #dlc.dims<[B, 3, 4, 4, 33]>>
!yo = tensor<?x5x7x20xbf16, #dlc.dims<[B, 5, 7, 20]>>
module @filter_gradients attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @padded(%x: !x {dlc.name = "x"}, %y: !y {dlc.name = "y"}) -> (!f {dlc.name = "r"}) {
  %h = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !y) -> tensor<3x3x13x20xbf16>
  %r = dlc.cast %h : tensor<3x3x13x20xbf16> -> !f
  dlc.return %r : !f
}
dlc.entry @grouped(%x: !xg {dlc.name = "x"}, %y: !yg {dlc.name = "y"}) -> (tensor<3x3x12x140xbf16> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [2, 2] low [1, 1] high [1, 1] dilations [1, 1] groups 2 : (!xg, !yg) -> tensor<3x3x12x140xbf16>
  dlc.return %r : tensor<3x3x12x140xbf16>
}
dlc.entry @line(%x: !x1 {dlc.name = "x"}, %y: !y1 {dlc.name = "y"}) -> (tensor<5x17x70xbf16> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1] low [2] high [2] dilations [1] : (!x1, !y1) -> tensor<5x17x70xbf16>
  dlc.return %r : tensor<5x17x70xbf16>
}
dlc.entry @volume(%x: !x3 {dlc.name = "x"}, %y: !y3 {dlc.name = "y"}) -> (tensor<3x3x3x9x33xbf16> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1, 1, 1] low [1, 1, 0] high [1, 1, 0] dilations [1, 1, 1] : (!x3, !y3) -> tensor<3x3x3x9x33xbf16>
  dlc.return %r : tensor<3x3x3x9x33xbf16>
}
dlc.entry @odd(%x: tensor<?x7x9x13xbf16, #dlc.dims<[B, 7, 9, 13]>> {dlc.name = "x"}, %y: !yo {dlc.name = "y"}) -> (tensor<3x3x13x20xbf16> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] : (tensor<?x7x9x13xbf16, #dlc.dims<[B, 7, 9, 13]>>, !yo) -> tensor<3x3x13x20xbf16>
  dlc.return %r : tensor<3x3x13x20xbf16>
}
dlc.entry @pointwise(%x: tensor<?x7x7x77xbf16, #dlc.dims<[B, 7, 7, 77]>> {dlc.name = "x"}, %y: tensor<?x7x7x140xbf16, #dlc.dims<[B, 7, 7, 140]>> {dlc.name = "y"}) -> (tensor<1x1x77x140xbf16> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] : (tensor<?x7x7x77xbf16, #dlc.dims<[B, 7, 7, 77]>>, tensor<?x7x7x140xbf16, #dlc.dims<[B, 7, 7, 140]>>) -> tensor<1x1x77x140xbf16>
  dlc.return %r : tensor<1x1x77x140xbf16>
}
}
