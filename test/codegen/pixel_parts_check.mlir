// Filter gradients of few channels, whose pixels threads share in parts: more parts than rows, a
// batch of none, groups, a NaN where tiles across taps meet padding, a result in bf16, an epilogue.
//
// RUN: dlc compile %s --cpu=znver4 --dump-after=dlc-choose-schedules -o %t.dlca 2>&1 | FileCheck %s --check-prefix=SCHEDULE
// RUN: dlc check %s --bind B=0,1,7 --threads 2 2>&1 | FileCheck %s

// SCHEDULE-COUNT-4: taps = several{{.*}} parts = 4>
// CHECK: 0 failures

!x = tensor<?x28x28x1xf32, #dlc.dims<[B, 28, 28, 1]>>
!y = tensor<?x28x28x40xf32, #dlc.dims<[B, 28, 28, 40]>>
!w = tensor<3x3x1x40xf32>
!s = tensor<?x1x3x3xf32, #dlc.dims<[B, 1, 3, 3]>>
!t = tensor<?x1x3x70xf32, #dlc.dims<[B, 1, 3, 70]>>
!v = tensor<1x5x3x70xf32>
!h = tensor<?x21x17x3xbf16, #dlc.dims<[B, 21, 17, 3]>>
!k = tensor<?x11x9x24xbf16, #dlc.dims<[B, 11, 9, 24]>>
!u = tensor<7x7x3x24xbf16>
!g = tensor<?x12x12x4xf32, #dlc.dims<[B, 12, 12, 4]>>
!o = tensor<?x12x12x6xf32, #dlc.dims<[B, 12, 12, 6]>>
!q = tensor<3x3x2x6xf32>
module @parts attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @image(%x: !x {dlc.name = "x"}, %y: !y {dlc.name = "y"}) -> (!w {dlc.name = "w"}) {
  %w = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !y) -> !w
  %d = dlc.add %w, %w : !w
  dlc.return %d : !w
}
dlc.entry @line(%x: !s {dlc.name = "x"}, %y: !t {dlc.name = "y"}) -> (!v {dlc.name = "w"}) {
  %w = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 2] high [0, 2] dilations [1, 1] : (!s, !t) -> !v
  dlc.return %w : !v
}
dlc.entry @rounded(%x: !h {dlc.name = "x"}, %y: !k {dlc.name = "y"}) -> (!u {dlc.name = "w"}) {
  %w = dlc.conv_filter_grad %x, %y strides [2, 2] low [3, 3] high [3, 3] dilations [1, 1] : (!h, !k) -> !u
  dlc.return %w : !u
}
dlc.entry @groups(%x: !g {dlc.name = "x"}, %y: !o {dlc.name = "y"}) -> (!q {dlc.name = "w"}) {
  %w = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 2 : (!g, !o) -> !q
  dlc.return %w : !q
}
}
