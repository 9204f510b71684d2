// RUN: dlc-opt %s --dlc-simplify=only=sink-broadcast --split-input-file | FileCheck %s

!h = tensor<?x64xf32, #dlc.dims<[B, 64]>>

// CHECK-LABEL: func @sinks_below_elementwise
//  CHECK-SAME:   (%[[A:.*]]: tensor<64xf32>, %[[B:.*]]: tensor<64xf32>, %[[S:.*]]: tensor<f32>)
//       CHECK:   %[[M:.*]] = dlc.mul %[[A]], %[[B]] : tensor<64xf32>
//       CHECK:   %[[T:.*]] = dlc.broadcast %[[S]] to [] : tensor<f32> -> tensor<64xf32>
//       CHECK:   %[[N:.*]] = dlc.add %[[M]], %[[T]] : tensor<64xf32>
//       CHECK:   %[[R:.*]] = dlc.broadcast %[[N]] to [1]
//       CHECK:   return %[[R]]
func.func @sinks_below_elementwise(%a: tensor<64xf32>, %b: tensor<64xf32>, %s: tensor<f32>) -> !h {
  %p = dlc.broadcast %a to [1] : tensor<64xf32> -> !h
  %q = dlc.broadcast %b to [1] : tensor<64xf32> -> !h
  %t = dlc.broadcast %s to [] : tensor<f32> -> !h
  %m = dlc.mul %p, %q : !h
  %r = dlc.add %m, %t : !h
  return %r : !h
}

// -----

// The result type changes with the op, the sizes with the operand.
// CHECK-LABEL: func @sinks_below_compare
//       CHECK:   dlc.compare gt %{{.*}}, %{{.*}} : (tensor<f32>, tensor<f32>) -> tensor<i1>
//       CHECK:   dlc.broadcast %{{.*}} to [] : tensor<i1> -> tensor<8xi1>
func.func @sinks_below_compare(%a: tensor<f32>, %b: tensor<f32>) -> tensor<8xi1> {
  %p = dlc.broadcast %a to [] : tensor<f32> -> tensor<8xf32>
  %q = dlc.broadcast %b to [] : tensor<f32> -> tensor<8xf32>
  %r = dlc.compare gt %p, %q : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xi1>
  return %r : tensor<8xi1>
}

// -----

// Stays: rows and columns together make every element different.
// CHECK-LABEL: func @keeps_outer_product
//       CHECK:   dlc.broadcast
//       CHECK:   dlc.broadcast
//       CHECK:   dlc.mul {{.*}} : tensor<4x4xf32>
func.func @keeps_outer_product(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4x4xf32> {
  %p = dlc.broadcast %a to [0] : tensor<4xf32> -> tensor<4x4xf32>
  %q = dlc.broadcast %b to [1] : tensor<4xf32> -> tensor<4x4xf32>
  %r = dlc.mul %p, %q : tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
