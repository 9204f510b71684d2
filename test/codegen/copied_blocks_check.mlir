// Weight gradients for processors with few registers: blocks of both operands are copied. Row tiles
// and columns that are not full, blocks of whole images and of rows of one, at either end of them,
// strides, dilation, groups, one and three dimensions, double precision; batches of any size.
// RUN: dlc-opt %s --dlc-form-kernels --dlc-outline-kernels --dlc-choose-schedules=cpu=x86-64-v3 -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: dlc check %t.mlir --bind B=0,3 --bind H=41 2>&1 | FileCheck %s --check-prefix=RESULTS
// RUN: dlc-opt %s --dlc-form-kernels --dlc-outline-kernels --dlc-choose-schedules=cpu=x86-64-v4 \
// RUN:   | FileCheck %s --check-prefix=OTHERS
// RUN: dlc-opt %s --dlc-form-kernels --dlc-outline-kernels --dlc-choose-schedules=cpu=x86-64-v2 \
// RUN:   | FileCheck %s --check-prefix=OTHERS

// RESULTS: 0 failures
// CHECK: #dlc.gemm<tile = [6, 16], row_tiles = 12, split = m, b = pack, reduce_block = 256, a = pack>
// CHECK: #dlc.gemm<tile = [6, 16], row_tiles = 31, split = m, b = pack, reduce_block = 256, a = pack>
// CHECK: #dlc.conv_filter_grad<tile = [6, 16], row_tiles = 1, pixel_block = 256, dy = pack>
// CHECK: #dlc.conv_filter_grad<tile = [6, 16], row_tiles = 3, pixel_block = 256, dy = pack>
// CHECK: #dlc.conv_filter_grad<tile = [6, 8], row_tiles = 1, pixel_block = 256, dy = pack>
// CHECK-COUNT-5: dy = pack
// OTHERS-NOT: dy = pack
// OTHERS-NOT: a = pack

!x70 = tensor<?x70xf32, #dlc.dims<[B, 70]>>
!y90 = tensor<?x90xf32, #dlc.dims<[B, 90]>>
!steps = tensor<600x65xf32>
!wide = tensor<600x370xf32>
!same_x = tensor<?x13x9x17xf32, #dlc.dims<[B, 13, 9, 17]>>
!same_y = tensor<?x13x9x33xf32, #dlc.dims<[B, 13, 9, 33]>>
!rows_x = tensor<?x?x24x12xf32, #dlc.dims<[B, H, 24, 12]>>
!rows_y = tensor<?x?x24x20xf32, #dlc.dims<[B, H, 24, 20]>>
!large_x = tensor<?x41x24x12xf32, #dlc.dims<[B, 41, 24, 12]>>
!large_y = tensor<?x20x12x20xf32, #dlc.dims<[B, 20, 12, 20]>>
!one_x = tensor<?x5x7x66xf32, #dlc.dims<[B, 5, 7, 66]>>
!one_y = tensor<?x5x7x70xf32, #dlc.dims<[B, 5, 7, 70]>>
!groups_x = tensor<?x6x9x24xf32, #dlc.dims<[B, 6, 9, 24]>>
!groups_y = tensor<?x6x9x54xf32, #dlc.dims<[B, 6, 9, 54]>>
!line_x = tensor<?x700x16xf32, #dlc.dims<[B, 700, 16]>>
!line_y = tensor<?x696x18xf32, #dlc.dims<[B, 696, 18]>>
!volume_x = tensor<?x6x7x8x8xf32, #dlc.dims<[B, 6, 7, 8, 8]>>
!volume_y = tensor<?x5x7x8x20xf32, #dlc.dims<[B, 5, 7, 8, 20]>>
!double_x = tensor<?x9x9x16xf64, #dlc.dims<[B, 9, 9, 16]>>
!double_y = tensor<?x9x9x19xf64, #dlc.dims<[B, 9, 9, 19]>>
module @copied_blocks attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<H, min = 1>]} {
dlc.entry @a_dense(%x: !x70 {dlc.name = "x"}, %y: !y90 {dlc.name = "y"}, %w: tensor<70x90xf32> {dlc.name = "w"})
    -> (tensor<70x90xf32> {dlc.name = "r"}) {
  %c = dlc.contract %x, %y reduce [0] x [0] : (!x70, !y90) -> tensor<70x90xf32>
  %r = dlc.sub %w, %c : tensor<70x90xf32>
  dlc.return %r : tensor<70x90xf32>
}
dlc.entry @b_steps(%x: !wide {dlc.name = "x"}, %y: !steps {dlc.name = "y"}) -> (tensor<370x65xf32> {dlc.name = "r"}) {
  %r = dlc.contract %x, %y reduce [0] x [0] : (!wide, !steps) -> tensor<370x65xf32>
  dlc.return %r : tensor<370x65xf32>
}
dlc.entry @c_same(%x: !same_x {dlc.name = "x"}, %y: !same_y {dlc.name = "y"}) -> (tensor<3x3x17x33xf32> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (!same_x, !same_y) -> tensor<3x3x17x33xf32>
  dlc.return %r : tensor<3x3x17x33xf32>
}
dlc.entry @d_pointwise(%x: !one_x {dlc.name = "x"}, %y: !one_y {dlc.name = "y"}) -> (tensor<1x1x66x70xf32> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (!one_x, !one_y) -> tensor<1x1x66x70xf32>
  dlc.return %r : tensor<1x1x66x70xf32>
}
dlc.entry @e_double(%x: !double_x {dlc.name = "x"}, %y: !double_y {dlc.name = "y"}) -> (tensor<3x3x16x19xf64> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (!double_x, !double_y) -> tensor<3x3x16x19xf64>
  dlc.return %r : tensor<3x3x16x19xf64>
}
dlc.entry @f_rows(%x: !rows_x {dlc.name = "x"}, %y: !rows_y {dlc.name = "y"}) -> (tensor<3x5x12x20xf32> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 4] high [1, 4] dilations [1, 2]
      : (!rows_x, !rows_y) -> tensor<3x5x12x20xf32>
  dlc.return %r : tensor<3x5x12x20xf32>
}
dlc.entry @g_strided(%x: !large_x {dlc.name = "x"}, %y: !large_y {dlc.name = "y"}) -> (tensor<3x3x12x20xf32> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [2, 2] low [0, 1] high [0, 0] dilations [1, 1]
      : (!large_x, !large_y) -> tensor<3x3x12x20xf32>
  dlc.return %r : tensor<3x3x12x20xf32>
}
dlc.entry @h_groups(%x: !groups_x {dlc.name = "x"}, %y: !groups_y {dlc.name = "y"}) -> (tensor<3x3x8x54xf32> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 3
      : (!groups_x, !groups_y) -> tensor<3x3x8x54xf32>
  dlc.return %r : tensor<3x3x8x54xf32>
}
dlc.entry @i_line(%x: !line_x {dlc.name = "x"}, %y: !line_y {dlc.name = "y"}) -> (tensor<5x16x18xf32> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1] low [0] high [0] dilations [1]
      : (!line_x, !line_y) -> tensor<5x16x18xf32>
  dlc.return %r : tensor<5x16x18xf32>
}
dlc.entry @j_volume(%x: !volume_x {dlc.name = "x"}, %y: !volume_y {dlc.name = "y"}) -> (tensor<2x3x3x8x20xf32> {dlc.name = "r"}) {
  %r = dlc.conv_filter_grad %x, %y strides [1, 1, 1] low [0, 1, 1] high [0, 1, 1] dilations [1, 1, 1]
      : (!volume_x, !volume_y) -> tensor<2x3x3x8x20xf32>
  dlc.return %r : tensor<2x3x3x8x20xf32>
}
}
