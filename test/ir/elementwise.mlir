// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!s = tensor<3x4xf32>
!b = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!i = tensor<?xi32, #dlc.dims<[2*B + 1]>>

// CHECK-LABEL: func.func @static
func.func @static(%x: !s, %y: !s) -> !s {
  // CHECK: dlc.neg %{{.*}} : tensor<3x4xf32>
  %u0 = dlc.neg %x : !s
  // CHECK: dlc.abs %{{.*}} : tensor<3x4xf32>
  %u1 = dlc.abs %u0 : !s
  // CHECK: dlc.sign %{{.*}} : tensor<3x4xf32>
  %u2 = dlc.sign %u1 : !s
  // CHECK: dlc.exp %{{.*}} : tensor<3x4xf32>
  %u3 = dlc.exp %u2 : !s
  // CHECK: dlc.expm1 %{{.*}} : tensor<3x4xf32>
  %u4 = dlc.expm1 %u3 : !s
  // CHECK: dlc.log %{{.*}} : tensor<3x4xf32>
  %u5 = dlc.log %u4 : !s
  // CHECK: dlc.log1p %{{.*}} : tensor<3x4xf32>
  %u6 = dlc.log1p %u5 : !s
  // CHECK: dlc.sqrt %{{.*}} : tensor<3x4xf32>
  %u7 = dlc.sqrt %u6 : !s
  // CHECK: dlc.rsqrt %{{.*}} : tensor<3x4xf32>
  %u8 = dlc.rsqrt %u7 : !s
  // CHECK: dlc.reciprocal %{{.*}} : tensor<3x4xf32>
  %u9 = dlc.reciprocal %u8 : !s
  // CHECK: dlc.tanh %{{.*}} : tensor<3x4xf32>
  %u10 = dlc.tanh %u9 : !s
  // CHECK: dlc.sigmoid %{{.*}} : tensor<3x4xf32>
  %u11 = dlc.sigmoid %u10 : !s
  // CHECK: dlc.erf %{{.*}} : tensor<3x4xf32>
  %u12 = dlc.erf %u11 : !s
  // CHECK: dlc.sin %{{.*}} : tensor<3x4xf32>
  %u13 = dlc.sin %u12 : !s
  // CHECK: dlc.cos %{{.*}} : tensor<3x4xf32>
  %u14 = dlc.cos %u13 : !s
  // CHECK: dlc.floor %{{.*}} : tensor<3x4xf32>
  %u15 = dlc.floor %u14 : !s
  // CHECK: dlc.ceil %{{.*}} : tensor<3x4xf32>
  %u16 = dlc.ceil %u15 : !s
  // CHECK: dlc.round %{{.*}} : tensor<3x4xf32>
  %u17 = dlc.round %u16 : !s
  // CHECK: dlc.relu %{{.*}} : tensor<3x4xf32>
  %u18 = dlc.relu %u17 : !s
  // CHECK: dlc.add %{{.*}}, %{{.*}} : tensor<3x4xf32>
  %v0 = dlc.add %u18, %y : !s
  // CHECK: dlc.sub %{{.*}}, %{{.*}} : tensor<3x4xf32>
  %v1 = dlc.sub %v0, %y : !s
  // CHECK: dlc.mul %{{.*}}, %{{.*}} : tensor<3x4xf32>
  %v2 = dlc.mul %v1, %y : !s
  // CHECK: dlc.div %{{.*}}, %{{.*}} : tensor<3x4xf32>
  %v3 = dlc.div %v2, %y : !s
  // CHECK: dlc.max %{{.*}}, %{{.*}} : tensor<3x4xf32>
  %v4 = dlc.max %v3, %y : !s
  // CHECK: dlc.min %{{.*}}, %{{.*}} : tensor<3x4xf32>
  %v5 = dlc.min %v4, %y : !s
  // CHECK: dlc.pow %{{.*}}, %{{.*}} : tensor<3x4xf32>
  %v6 = dlc.pow %v5, %y : !s
  // CHECK: dlc.rem %{{.*}}, %{{.*}} : tensor<3x4xf32>
  %v7 = dlc.rem %v6, %y : !s
  return %v7 : !s
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%x: !b, %i: !i) -> (!b, !i) {
  // CHECK: dlc.tanh %{{.*}} : tensor<?x4xf32, #dlc.dims<[B, 4]>>
  %t = dlc.tanh %x : !b
  // CHECK: dlc.rem %{{.*}}, %{{.*}} : tensor<?xi32, #dlc.dims<[2*B + 1]>>
  %r = dlc.rem %i, %i : !i
  return %t, %r : !b, !i
}

// CHECK-LABEL: func.func @logical
func.func @logical(%p: tensor<?xi1, #dlc.dims<[B]>>, %q: tensor<?xi1, #dlc.dims<[B]>>) {
  // CHECK: dlc.and
  // CHECK: dlc.or
  // CHECK: dlc.xor
  // CHECK: dlc.not %{{.*}} : tensor<?xi1, #dlc.dims<[B]>>
  %a = dlc.and %p, %q : tensor<?xi1, #dlc.dims<[B]>>
  %b = dlc.or %a, %q : tensor<?xi1, #dlc.dims<[B]>>
  %c = dlc.xor %b, %q : tensor<?xi1, #dlc.dims<[B]>>
  %d = dlc.not %c : tensor<?xi1, #dlc.dims<[B]>>
  return
}
