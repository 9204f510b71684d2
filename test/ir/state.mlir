// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!w = tensor<3x2xf32>
!x = tensor<?x3xf32, #dlc.dims<[B, 3]>>
module @m attributes {
  dlc.symbols = [#dlc.symbol<B, min = 1, max = 512, divisor = 8>, #dlc.symbol<T, min = 0>]
} {
// CHECK: dlc.variable @"dense/kernel" weight : tensor<3x2xf32>
dlc.variable @"dense/kernel" weight : !w
// CHECK: dlc.variable @cache cache : tensor<?x3xf32, #dlc.dims<[B, 3]>>
dlc.variable @cache cache : !x
// CHECK: dlc.variable @kernel.t derived : tensor<2x3xf32> from @"dense/kernel" by @turn
dlc.variable @kernel.t derived : tensor<2x3xf32> from @"dense/kernel" by @turn

// CHECK-LABEL: dlc.entry @train
// CHECK-SAME: {dlc.name = "x"}, %{{.*}}: tensor<3x2xf32> {dlc.state = @"dense/kernel"})
dlc.entry @train(%x: !x {dlc.name = "x"}, %w: !w {dlc.state = @"dense/kernel"})
    -> (tensor<f32> {dlc.name = "loss"}, !w {dlc.state = @"dense/kernel"}) {
  // CHECK: dlc.watch 0 %{{.*}} : tensor<3x2xf32>
  %w1 = dlc.watch 0 %w : !w
  %s = dlc.stop_gradient %w1 : !w
  %y = dlc.mul %w1, %s : !w
  %l = dlc.sum %y over [0, 1] : !w -> tensor<f32>
  // CHECK: dlc.gradient %{{.*}} wrt(%{{.*}}) : tensor<f32> -> (tensor<3x2xf32>)
  %dw = dlc.gradient %l wrt(%w1) : tensor<f32> -> (!w)
  // CHECK: dlc.gradient %{{.*}} wrt(%{{.*}}) allow_unused
  %dx = dlc.gradient %l wrt(%w1) allow_unused : tensor<f32> -> (!w)
  // CHECK: dlc.return %{{.*}}, %{{.*}} : tensor<f32>, tensor<3x2xf32>
  dlc.return %l, %dw : tensor<f32>, !w
}
}
