// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!x = tensor<?x?x?x4xbf16, #dlc.dims<[B, H, W, 4]>>
!f = tensor<3x3x2x6xbf16>
!y = tensor<?x?x?x6xf32, #dlc.dims<[B, (H - 1) floordiv 2 + 1, W, 6]>>
!z = tensor<2x?x1xf64,
  #dlc.dims<[2, (H + max(2*((H + 1) floordiv 2) + 1 - H, 0) - 1) floordiv 2, 1]>>
!n = tensor<?x?x?x6xbf16, #dlc.dims<[B, (H - 1) floordiv 2 + 1, W, 6]>>

// CHECK-LABEL: func.func @static
func.func @static(%x: tensor<2x8x3xf32>, %f: tensor<3x3x16xf32>) -> tensor<2x8x3xf32> {
  // CHECK: dlc.conv %{{.*}}, %{{.*}} strides [1] low [2] high [0] dilations [1] :
  // CHECK-SAME: (tensor<2x8x3xf32>, tensor<3x3x16xf32>) -> tensor<2x8x16xf32>
  %y = dlc.conv %x, %f strides [1] low [2] high [0] dilations [1]
    : (tensor<2x8x3xf32>, tensor<3x3x16xf32>) -> tensor<2x8x16xf32>
  // CHECK: dlc.conv_filter_grad %{{.*}}, %{{.*}} strides [1] low [2] high [0] dilations [1] :
  %df = dlc.conv_filter_grad %x, %y strides [1] low [2] high [0] dilations [1]
    : (tensor<2x8x3xf32>, tensor<2x8x16xf32>) -> tensor<3x3x16xf32>
  // CHECK: dlc.conv_input_grad %{{.*}}, %{{.*}} strides [1] low [2] high [0] dilations [1] :
  %dx = dlc.conv_input_grad %y, %df strides [1] low [2] high [0] dilations [1]
    : (tensor<2x8x16xf32>, tensor<3x3x16xf32>) -> tensor<2x8x3xf32>
  return %dx : tensor<2x8x3xf32>
}

// CHECK-LABEL: func.func @symbolic_grouped_widening
func.func @symbolic_grouped_widening(%x: !x, %f: !f, %dy: !n) {
  // CHECK: dlc.conv
  // CHECK-SAME: strides [2, 1] low [1, 2] high [1, 2] dilations [1, 2] groups 2
  // CHECK-SAME: -> tensor<?x?x?x6xf32, #dlc.dims<[B, (H + 1) floordiv 2, W, 6]>>
  %y = dlc.conv %x, %f strides [2, 1] low [1, 2] high [1, 2] dilations [1, 2] groups 2
    : (!x, !f) -> !y
  // CHECK: dlc.conv_input_grad
  // CHECK-SAME: -> tensor<?x?x?x4xbf16, #dlc.dims<[B, H, W, 4]>>
  %dx = dlc.conv_input_grad %dy, %f strides [2, 1] low [1, 2] high [1, 2] dilations [1, 2] groups 2
    : (!n, !f) -> !x
  return
}

// SAME padding of a symbolic size: what is added depends on it.
// CHECK-LABEL: func.func @same_padding
func.func @same_padding(%x: tensor<2x?x1xf64, #dlc.dims<[2, H, 1]>>, %f: tensor<3x1x1xf64>) {
  // CHECK: low [0] high [max(
  %y = dlc.conv %x, %f strides [2] low [0] high [max(2*((H + 1) floordiv 2) + 1 - H, 0)]
    dilations [1] : (tensor<2x?x1xf64, #dlc.dims<[2, H, 1]>>, tensor<3x1x1xf64>) -> !z
  return
}
