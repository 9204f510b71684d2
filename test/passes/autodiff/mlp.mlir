// RUN: dlc-opt %s --dlc-differentiate | FileCheck %s

// The dense model of the contracts: what its gradient costs is pinned op by op.
!x = tensor<?x784xf32, #dlc.dims<[B, 784]>>
!y = tensor<?xi32, #dlc.dims<[B]>>
!h = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!z = tensor<?x10xf32, #dlc.dims<[B, 10]>>
!r = tensor<?xf32, #dlc.dims<[B]>>
!W = tensor<784x64xf32>
!b = tensor<64xf32>
!V = tensor<64x10xf32>
!s = tensor<f32>

module @mlp attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @"dense/kernel" weight : !W
dlc.variable @"dense/bias" weight : !b
dlc.variable @"dense_1/kernel" weight : !V
dlc.variable @"optimizer/learning_rate" hyperparameter : !s

// CHECK-LABEL: dlc.entry @train_step
//  CHECK-SAME:   (%[[X:.*]]: tensor<?x784xf32, {{.*}}, %[[Y:.*]]: tensor<?xi32, {{.*}}, %[[W:.*]]: tensor<784x64xf32> {{.*}}, %[[BIAS:.*]]: tensor<64xf32> {{.*}}, %[[V:.*]]: tensor<64x10xf32>
//   CHECK-NOT:   dlc.watch
//       CHECK:   %[[D:.*]] = dlc.add
//       CHECK:   %[[H:.*]] = dlc.relu %[[D]]
//       CHECK:   %[[Z:.*]] = dlc.contract %[[H]], %[[V]]
//       CHECK:   %[[N:.*]] = dlc.size [B]
//   CHECK-NOT:   dlc.gradient
//       CHECK:   %[[ONE:.*]] = dlc.constant dense<1.0
//       CHECK:   %[[I:.*]] = dlc.div %[[ONE]], %[[N]]
//       CHECK:   %[[J:.*]] = dlc.broadcast %[[I]] to []
//       CHECK:   dlc.softmax %[[Z]]
//       CHECK:   dlc.one_hot %[[Y]]
//       CHECK:   %[[DZ:.*]] = dlc.mul
//   CHECK-DAG:   %[[DV:.*]] = dlc.contract %[[H]], %[[DZ]] reduce [0] x [0]
//   CHECK-DAG:   %[[DH:.*]] = dlc.contract %[[DZ]], %[[V]] reduce [1] x [1]
//       CHECK:   %[[M:.*]] = dlc.compare gt %[[H]]
//       CHECK:   %[[DD:.*]] = dlc.select %[[M]], %[[DH]]
//       CHECK:   %[[DB:.*]] = dlc.sum %[[DD]] over [0]
//       CHECK:   %[[DW:.*]] = dlc.contract %[[X]], %[[DD]] reduce [0] x [0]
//   CHECK-NOT:   dlc.contract
//       CHECK:   dlc.return
dlc.entry @train_step(%x: !x {dlc.name = "x"}, %y: !y {dlc.name = "y"},
    %W: !W {dlc.state = @"dense/kernel"}, %b: !b {dlc.state = @"dense/bias"},
    %V: !V {dlc.state = @"dense_1/kernel"}, %lr: !s {dlc.state = @"optimizer/learning_rate"})
    -> (!s {dlc.name = "loss.total"}, !s {dlc.name = "loss.weight"},
        !W {dlc.state = @"dense/kernel"}, !b {dlc.state = @"dense/bias"},
        !V {dlc.state = @"dense_1/kernel"}) {
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
  %lw = dlc.broadcast %lr to [] : !s -> !W
  %uw = dlc.mul %lw, %dW : !W
  %W2 = dlc.sub %W, %uw : !W
  %lb = dlc.broadcast %lr to [] : !s -> !b
  %ub = dlc.mul %lb, %db : !b
  %b2 = dlc.sub %b, %ub : !b
  %lv = dlc.broadcast %lr to [] : !s -> !V
  %uv = dlc.mul %lv, %dV : !V
  %V2 = dlc.sub %V, %uv : !V
  dlc.return %t, %n, %W2, %b2, %V2 : !s, !s, !W, !b, !V
}
}
