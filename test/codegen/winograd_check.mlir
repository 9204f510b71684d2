// Convolutions and input gradients that minimal filtering computes, and what follows from their
// filters: a variable folded with a normalisation, given schedules, numbers that are not finite.
//
// RUN: dlc compile %s --cpu=znver4 --dump-after=dlc-choose-schedules -o %t.dlca 2>&1 | FileCheck %s --check-prefix=SCHEDULE
// RUN: dlc check %s --bind B=1,3 --threads 2 2>&1 | FileCheck %s
// RUN: sed 's/pixel_tiles = 7, channel_block = 16/pixel_tiles = 9000, channel_block = 16/' %s > %t.large.mlir
// RUN: not dlc compile %t.large.mlir --cpu=znver4 -o %t.dlca 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: sed 's/channel_block = 16/channel_block = 1025/' %s > %t.deep.mlir
// RUN: not dlc compile %t.deep.mlir --cpu=znver4 -o %t.dlca 2>&1 | FileCheck %s --check-prefix=DEEP
// RUN: sed 's/#dlc.winograd<tile = .2, 32., pixel_tiles = 7, channel_block = 16, column_tiles = 2>/#dlc.pack/' %s > %t.other.mlir
// RUN: not dlc compile %t.other.mlir --cpu=znver4 -o %t.dlca 2>&1 | FileCheck %s --check-prefix=OTHER

// SCHEDULE: #dlc.winograd<tile = [6, 64], pixel_tiles = 12, channel_block = 48>
// CHECK: 0 failures
// LARGE: @k{{[0-9]+}}: pieces of 9000 tiles of pixels, 16 channels and 2 tiles of columns are more than the 409600 bytes that a thread has for them
// DEEP: channel_block is 1025, expected at most 1024
// OTHER: a convolution by minimal filtering takes #dlc.winograd, not #dlc.pack

!x = tensor<?x10x12x48xf32, #dlc.dims<[B, 10, 12, 48]>>
!y = tensor<?x10x12x96xf32, #dlc.dims<[B, 10, 12, 96]>>
!f = tensor<3x3x48x96xf32>
!u = tensor<16x2x48x64xf32>
!c = tensor<96xf32>
module @winograd attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @f weight : !f
dlc.variable @scale weight : !c
dlc.variable @offset weight : !c
dlc.variable @mean statistic : !c
dlc.variable @variance statistic : !c
dlc.entry @initialize(%f: !f {dlc.name = "f"}, %s: !c {dlc.name = "scale"}, %o: !c {dlc.name = "offset"},
                      %m: !c {dlc.name = "mean"}, %v: !c {dlc.name = "variance"})
    -> (!f {dlc.state = @f}, !c {dlc.state = @scale}, !c {dlc.state = @offset},
        !c {dlc.state = @mean}, !c {dlc.state = @variance}) {
  %p = dlc.mul %v, %v : !c
  dlc.return %f, %s, %o, %m, %p : !f, !c, !c, !c, !c
}
dlc.entry @predict(%x: !x {dlc.name = "x"}, %f: !f {dlc.state = @f}) -> (!y {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !f) -> !y
  dlc.return %y : !y
}
dlc.entry @folded(%x: !x {dlc.name = "x"}, %f: !f {dlc.state = @f}, %s: !c {dlc.state = @scale},
                  %o: !c {dlc.state = @offset}, %m: !c {dlc.state = @mean},
                  %v: !c {dlc.state = @variance}, %r: !y {dlc.name = "r"}) -> (!y {dlc.name = "y"}) {
  %c = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !f) -> !y
  %n = dlc.batch_norm_inference %c, %s, %o, %m, %v epsilon 1.0e-03 : (!y, !c, !c, !c, !c) -> !y
  %t = dlc.add %n, %r : !y
  %y = dlc.relu %t : !y
  dlc.return %y : !y
}
// Of every batch from one image on there are tiles enough for a transform in the call. The border of
// padding alone meets whatever the filter holds.
dlc.entry @gradient(%dy: tensor<?x16x15x96xf32, #dlc.dims<[B, 16, 15, 96]>> {dlc.name = "dy"},
                    %f: !f {dlc.name = "filter"})
    -> (tensor<?x15x16x48xf32, #dlc.dims<[B, 15, 16, 48]>> {dlc.name = "dx"}) {
  %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [2, 1] high [1, 0] dilations [1, 1]
      : (tensor<?x16x15x96xf32, #dlc.dims<[B, 16, 15, 96]>>, !f)
      -> tensor<?x15x16x48xf32, #dlc.dims<[B, 15, 16, 48]>>
  dlc.return %dx : tensor<?x15x16x48xf32, #dlc.dims<[B, 15, 16, 48]>>
}
dlc.entry @given(%x: !x {dlc.name = "x"}, %f: !f {dlc.name = "filter"}) -> (!y {dlc.name = "y"}) {
  %u = dlc.winograd_filter %f : (!f) -> !u
  %y = dlc.kernel conv(%x, %u) schedules [
      #dlc.winograd<tile = [2, 32], pixel_tiles = 7, channel_block = 16, column_tiles = 2>]
      : (!x, !u) -> !y {
  ^bb0(%a: !x, %b: !u):
    %c = dlc.winograd_conv %a, %b low [1, 1] high [1, 1] : (!x, !u) -> !y
    dlc.yield %c : !y
  }
  dlc.return %y : !y
}
}
