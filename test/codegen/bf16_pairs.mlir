// bf16 is multiplied in pairs where the processor can, which the third number of a tile says; other
// processors and other types widen each element.
//
// RUN: dlc-opt %s --dlc-choose-schedules=cpu=znver4 | FileCheck %s --check-prefixes=CHECK,PAIRS
// RUN: dlc-opt %s --dlc-choose-schedules=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,SINGLE
// RUN: dlc-opt %s --dlc-choose-schedules=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,NARROW

// CHECK-LABEL: @forward
// PAIRS-SAME: #dlc.gemm<tile = [6, 64, 2], row_tiles =
// SINGLE-SAME: #dlc.gemm<tile = [6, 64], row_tiles =
// NARROW-SAME: #dlc.gemm<tile = [6, 16], row_tiles =
dlc.kernel_func @forward contract symbols [] {
^bb0(%x: tensor<128x784xbf16>, %w: tensor<784x512xbf16>):
  %y = dlc.contract %x, %w reduce [1] x [0]
      : (tensor<128x784xbf16>, tensor<784x512xbf16>) -> tensor<128x512xbf16>
  dlc.yield %y : tensor<128x512xbf16>
}

// CHECK-LABEL: @one_row
// PAIRS-SAME: #dlc.gemv<tile = [1, 128, 2]>
// SINGLE-SAME: #dlc.gemv<tile = [1, 128]>
dlc.kernel_func @one_row contract symbols [] {
^bb0(%x: tensor<1x784xbf16>, %w: tensor<784x512xbf16>):
  %y = dlc.contract %x, %w reduce [1] x [0]
      : (tensor<1x784xbf16>, tensor<784x512xbf16>) -> tensor<1x512xbf16>
  dlc.yield %y : tensor<1x512xbf16>
}

// Nothing to pair.
// CHECK-LABEL: @outer_product
// CHECK-NOT: , 2]
// CHECK: dlc.contract
dlc.kernel_func @outer_product contract symbols [] {
^bb0(%x: tensor<128x1xbf16>, %w: tensor<1x512xbf16>):
  %y = dlc.contract %x, %w reduce [1] x [0]
      : (tensor<128x1xbf16>, tensor<1x512xbf16>) -> tensor<128x512xbf16>
  dlc.yield %y : tensor<128x512xbf16>
}

// CHECK-LABEL: @half
// CHECK-NOT: , 2]
// CHECK: dlc.contract
dlc.kernel_func @half contract symbols [] {
^bb0(%x: tensor<128x784xf16>, %w: tensor<784x512xf16>):
  %y = dlc.contract %x, %w reduce [1] x [0]
      : (tensor<128x784xf16>, tensor<784x512xf16>) -> tensor<128x512xf16>
  dlc.yield %y : tensor<128x512xf16>
}

// CHECK-LABEL: @convolution
// PAIRS-SAME: #dlc.conv<tile = [6, 64, 2], row_tiles =
// SINGLE-SAME: #dlc.conv<tile = [6, 64], row_tiles =
dlc.kernel_func @convolution conv symbols [] {
^bb0(%x: tensor<1x8x8x64xbf16>, %f: tensor<3x3x64x64xbf16>):
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<1x8x8x64xbf16>, tensor<3x3x64x64xbf16>) -> tensor<1x6x6x64xbf16>
  dlc.yield %y : tensor<1x6x6x64xbf16>
}

// CHECK-LABEL: @filter_gradient
// PAIRS-SAME: #dlc.conv_filter_grad<tile = [6, 64, 2], row_tiles =
// SINGLE-SAME: #dlc.conv_filter_grad<tile = [6, 64], row_tiles =
dlc.kernel_func @filter_gradient conv symbols [] {
^bb0(%x: tensor<1x8x8x64xbf16>, %y: tensor<1x6x6x64xbf16>):
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<1x8x8x64xbf16>, tensor<1x6x6x64xbf16>) -> tensor<3x3x64x64xbf16>
  dlc.yield %f : tensor<3x3x64x64xbf16>
}
