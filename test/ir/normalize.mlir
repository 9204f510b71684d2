// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!x = tensor<2x5x5x3xf32>
!c = tensor<3xf32>
!b = tensor<?x?xf64, #dlc.dims<[B, C]>>
!d = tensor<?xf64, #dlc.dims<[C]>>

// CHECK-LABEL: func.func @static
func.func @static(%x: !x, %s: !c, %o: !c) {
  // CHECK: dlc.batch_norm_training %{{.*}}, %{{.*}}, %{{.*}} epsilon 1.000000e-03 :
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3 : (!x, !c, !c) -> (!x, !c, !c)
  // CHECK: dlc.batch_norm_inference %{{.*}} epsilon 1.000000e-03 :
  %z = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon 1.0e-3 : (!x, !c, !c, !c, !c) -> !x
  // CHECK: dlc.layer_norm %{{.*}}, %{{.*}}, %{{.*}} epsilon 0.000000e+00 :
  %l = dlc.layer_norm %z, %s, %o epsilon 0.0 : (!x, !c, !c) -> !x
  return
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%x: !b, %s: !d, %o: !d) {
  // CHECK: dlc.batch_norm_training
  // CHECK-SAME: -> (tensor<?x?xf64, #dlc.dims<[B, C]>>, tensor<?xf64, #dlc.dims<[C]>>,
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-5 : (!b, !d, !d) -> (!b, !d, !d)
  %z = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon 1.0e-3 : (!b, !d, !d, !d, !d) -> !b
  %l = dlc.layer_norm %z, %s, %o epsilon 1.0e-5 : (!b, !d, !d) -> !b
  return
}
