// Filter gradients whose pixels are one line, as those of windows of one are, in blocks that do not
// divide it: no pixel is left out.
//
// RUN: dlc check %s --bind B=1,3 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=2 --threads 2 2>&1 | FileCheck %s
// CHECK: 0 failures

!x20 = tensor<1x20x20x24xf32>
!y20 = tensor<1x20x20x64xf32>
!x17 = tensor<1x17x17x24xf32>
!y17 = tensor<1x17x17x40xf32>
!x28 = tensor<2x28x28x24xf32>
!y28 = tensor<2x28x28x64xf32>
!xl = tensor<?x300x24xf32, #dlc.dims<[B, 300, 24]>>
!yl = tensor<?x300x64xf32, #dlc.dims<[B, 300, 64]>>
!xh = tensor<?x298x24xbf16, #dlc.dims<[B, 298, 24]>>
!yh = tensor<?x298x64xbf16, #dlc.dims<[B, 298, 64]>>
!w = tensor<1x1x24x64xf32>
!w40 = tensor<1x1x24x40xf32>
!wl = tensor<3x24x64xf32>
!wh = tensor<3x24x64xbf16>
module @lines attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @image(%x: !x20 {dlc.name = "x"}, %dy: !y20 {dlc.name = "dy"}) -> (!w {dlc.name = "dw"}) {
  %w = dlc.conv_filter_grad %x, %dy strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] : (!x20, !y20) -> !w
  dlc.return %w : !w
}
dlc.entry @odd_image(%x: !x17 {dlc.name = "x"}, %dy: !y17 {dlc.name = "dy"}) -> (!w40 {dlc.name = "dw"}) {
  %w = dlc.conv_filter_grad %x, %dy strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] : (!x17, !y17) -> !w40
  dlc.return %w : !w40
}
dlc.entry @large_blocks(%x: !x28 {dlc.name = "x"}, %dy: !y28 {dlc.name = "dy"}) -> (!w {dlc.name = "dw"}) {
  %w = dlc.kernel conv(%x, %dy) schedules [
      #dlc.conv_filter_grad<tile = [6, 16], row_tiles = 32, pixel_block = 1024>] : (!x28, !y28) -> !w {
  ^bb0(%a: !x28, %b: !y28):
    %c = dlc.conv_filter_grad %a, %b strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] : (!x28, !y28) -> !w
    dlc.yield %c : !w
  }
  dlc.return %w : !w
}
dlc.entry @line(%x: !xl {dlc.name = "x"}, %dy: !yl {dlc.name = "dy"}) -> (!wl {dlc.name = "dw"}) {
  %w = dlc.conv_filter_grad %x, %dy strides [1] low [1] high [1] dilations [1] : (!xl, !yl) -> !wl
  dlc.return %w : !wl
}
dlc.entry @narrow_line(%x: !xh {dlc.name = "x"}, %dy: !yh {dlc.name = "dy"}) -> (!wh {dlc.name = "dw"}) {
  %w = dlc.conv_filter_grad %x, %dy strides [1] low [1] high [1] dilations [1] : (!xh, !yh) -> !wh
  dlc.return %w : !wh
}
}
