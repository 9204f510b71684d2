// RUN: dlc-opt %s --dlc-simplify=only=reduce-broadcast --split-input-file | FileCheck %s

!h = tensor<?x64xf32, #dlc.dims<[B, 64]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK-LABEL: func @counts_repeated_rows
//  CHECK-SAME:   (%[[A:.*]]: tensor<64xf32>)
//       CHECK:   %[[N:.*]] = dlc.size [B] : tensor<f32>
//       CHECK:   %[[NB:.*]] = dlc.broadcast %[[N]] to [] : tensor<f32> -> tensor<64xf32>
//       CHECK:   %[[R:.*]] = dlc.mul %[[A]], %[[NB]]
//       CHECK:   return %[[R]]
func.func @counts_repeated_rows(%a: tensor<64xf32>) -> tensor<64xf32> {
  %b = dlc.broadcast %a to [1] : tensor<64xf32> -> !h
  %s = dlc.sum %b over [0] : !h -> tensor<64xf32>
  return %s : tensor<64xf32>
}
}

// -----

!w = tensor<2x3x4x?xf32, #dlc.dims<[2, 3, 4, T]>>

module attributes {dlc.symbols = [#dlc.symbol<T, min = 1>]} {
// One repeated dimension is summed, one is kept; the operand's own is summed.
// CHECK-LABEL: func @sums_before_and_repeats_after
//  CHECK-SAME:   (%[[A:.*]]: tensor<3x4xf32>)
//       CHECK:   %[[S:.*]] = dlc.sum %[[A]] over [1] : tensor<3x4xf32> -> tensor<3xf32>
//       CHECK:   dlc.size [T]
//       CHECK:   %[[M:.*]] = dlc.mul %[[S]], %{{.*}} : tensor<3xf32>
//       CHECK:   dlc.broadcast %[[M]] to [1] : tensor<3xf32> -> tensor<2x3xf32>
func.func @sums_before_and_repeats_after(%a: tensor<3x4xf32>) -> tensor<2x3xf32> {
  %b = dlc.broadcast %a to [1, 2] : tensor<3x4xf32> -> !w
  %s = dlc.sum %b over [2, 3] : !w -> tensor<2x3xf32>
  return %s : tensor<2x3xf32>
}
}

// -----

// Stays: 100000 is no f16.
// CHECK-LABEL: func @keeps_narrow_types
//       CHECK:   dlc.sum
func.func @keeps_narrow_types(%a: tensor<f16>) -> tensor<f16> {
  %b = dlc.broadcast %a to [] : tensor<f16> -> tensor<100000xf16>
  %s = dlc.sum %b over [0] : tensor<100000xf16> -> tensor<f16>
  return %s : tensor<f16>
}

// -----

// Stays: B may be 0, and 0 times an infinity is not the sum of nothing.
// CHECK-LABEL: func @keeps_sums_that_may_be_empty
//       CHECK:   dlc.sum
module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
func.func @keeps_sums_that_may_be_empty(%a: tensor<f32>) -> tensor<f32> {
  %b = dlc.broadcast %a to [] : tensor<f32> -> tensor<?xf32, #dlc.dims<[B]>>
  %s = dlc.sum %b over [0] : tensor<?xf32, #dlc.dims<[B]>> -> tensor<f32>
  return %s : tensor<f32>
}
}
