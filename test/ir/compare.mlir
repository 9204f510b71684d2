// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!s = tensor<4xf32>
!p = tensor<4xi1>
!b = tensor<?xf64, #dlc.dims<[B]>>
!q = tensor<?xi1, #dlc.dims<[B]>>

// CHECK-LABEL: func.func @static
func.func @static(%a: !s, %b: !s) -> !s {
  // CHECK: dlc.compare gt %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %p = dlc.compare gt %a, %b : (!s, !s) -> !p
  // CHECK: dlc.select %{{.*}}, %{{.*}}, %{{.*}} : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>)
  %y = dlc.select %p, %a, %b : (!p, !s, !s) -> !s
  return %y : !s
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%a: !b, %b: !b) -> tensor<?xui8, #dlc.dims<[B]>> {
  // CHECK: dlc.compare ne
  %p = dlc.compare ne %a, %b : (!b, !b) -> !q
  %y = dlc.select %p, %a, %b : (!q, !b, !b) -> !b
  // CHECK: dlc.cast %{{.*}} : tensor<?xf64, #dlc.dims<[B]>> -> tensor<?xui8, #dlc.dims<[B]>>
  %c = dlc.cast %y : !b -> tensor<?xui8, #dlc.dims<[B]>>
  return %c : tensor<?xui8, #dlc.dims<[B]>>
}
