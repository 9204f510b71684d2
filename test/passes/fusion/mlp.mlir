// The step of a dense network, from the builder's form to kernels: exactly these eight.
//
// RUN: dlc-opt %s --dlc-graph-pipeline --dlc-form-kernels | FileCheck %s
// RUN: dlc-opt %s --dlc-graph-pipeline --dlc-form-kernels | grep -c "= dlc.kernel " | FileCheck %s --check-prefix=COUNT

// COUNT: {{^}}8{{$}}
// CHECK-LABEL: dlc.entry @train_step
// The hidden layer with its bias and relu, and the output layer.
// CHECK: %[[H:.*]] = dlc.kernel contract(
// CHECK:   dlc.contract
// CHECK:   dlc.add
// CHECK:   dlc.relu
// CHECK: %[[Z:.*]] = dlc.kernel contract(%[[H]],
// Loss, its sum and its gradient by the logits.
// CHECK: %[[L:.*]]:2 = dlc.kernel reduce(%[[Z]],
// CHECK: %[[DD:.*]] = dlc.kernel contract(
// The bias gradient; the weight of the loss rides along.
// CHECK: %[[DB:.*]]:2 = dlc.kernel reduce(%[[DD]])
// CHECK: dlc.kernel contract(
// CHECK: dlc.kernel contract(
// CHECK: %[[U:.*]]:3 = dlc.kernel list(
// CHECK: dlc.return %[[L]]#0, %[[DB]]#0, %[[U]]#0, %[[U]]#1, %[[U]]#2
!x = tensor<?x784xf32, #dlc.dims<[B, 784]>>
!y = tensor<?xi32, #dlc.dims<[B]>>
!r = tensor<?xf32, #dlc.dims<[B]>>
!h = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!z = tensor<?x10xf32, #dlc.dims<[B, 10]>>
!W = tensor<784x64xf32>
!b = tensor<64xf32>
!V = tensor<64x10xf32>
!s = tensor<f32>
module @mlp attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @"dense/kernel" weight : !W
dlc.variable @"dense/bias" weight : !b
dlc.variable @"dense_1/kernel" weight : !V
dlc.variable @"optimizer/learning_rate" hyperparameter : !s
dlc.entry @train_step(%x: !x {dlc.name = "x"}, %y: !y {dlc.name = "y"},
    %W: !W {dlc.state = @"dense/kernel"}, %b: !b {dlc.state = @"dense/bias"}, %V: !V {dlc.state = @"dense_1/kernel"}, %lr: !s {dlc.state = @"optimizer/learning_rate"})
    -> (!s {dlc.name = "loss.total"}, !s {dlc.name = "loss.weight"}, !W {dlc.state = @"dense/kernel"}, !b {dlc.state = @"dense/bias"}, !V {dlc.state = @"dense_1/kernel"}) {
  %W1 = dlc.watch 0 %W : !W
  %b1 = dlc.watch 1 %b : !b
  %V1 = dlc.watch 2 %V : !V
  %a = dlc.contract %x, %W1 reduce [1] x [0] : (!x, !W) -> !h
  %c = dlc.broadcast %b1 to [1] : !b -> !h
  %d = dlc.add %a, %c : !h
  %h = dlc.relu %d : !h
  %z = dlc.contract %h, %V1 reduce [1] x [0] : (!h, !V) -> !z
  %e = dlc.sparse_softmax_cross_entropy %z, %y : (!z, !y) -> !r
  %t = dlc.sum %e over [0] : !r -> !s
  %n = dlc.size [B] : !s
  %loss = dlc.div %t, %n : !s
  %dW, %db, %dV = dlc.gradient %loss wrt(%W1, %b1, %V1) : !s -> (!W, !b, !V)
  %l = dlc.broadcast %lr to [] : !s -> !W
  %u = dlc.mul %l, %dW : !W
  %W2 = dlc.sub %W, %u : !W
  %lb = dlc.broadcast %lr to [] : !s -> !b
  %ub = dlc.mul %lb, %db : !b
  %b2 = dlc.sub %b, %ub : !b
  %lv = dlc.broadcast %lr to [] : !s -> !V
  %uv = dlc.mul %lv, %dV : !V
  %V2 = dlc.sub %V, %uv : !V
  dlc.return %t, %n, %W2, %b2, %V2 : !s, !s, !W, !b, !V
}
}
