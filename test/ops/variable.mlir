// RUN: dlc check %s --bind B=1,5 --gradients | tee %t | FileCheck %s

!x = tensor<?x2xf32, #dlc.dims<[B, 2]>>
!w = tensor<2x3xf32>
!y = tensor<?x3xf32, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.variable @"dense/kernel" weight : !w
  dlc.variable @"optimizer/learning_rate" hyperparameter : tensor<f32>
  // Read by one entry, assigned by another.
  dlc.entry @predict(%x: !x {dlc.name = "x"}, %w: !w {dlc.state = @"dense/kernel"})
      -> (!y {dlc.name = "y"}) {
    %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
    dlc.return %y : !y
  }
  dlc.entry @decay(%w: !w {dlc.state = @"dense/kernel"},
      %lr: tensor<f32> {dlc.state = @"optimizer/learning_rate"})
      -> (!w {dlc.state = @"dense/kernel"}) {
    %l = dlc.broadcast %lr to [] : tensor<f32> -> !w
    %d = dlc.mul %l, %w : !w
    %n = dlc.sub %w, %d : !w
    dlc.return %n : !w
  }
  // CHECK: values initialize dense/kernel = [1, 2, 3, 4, 5, 6]
  dlc.entry @initialize() -> (!w {dlc.state = @"dense/kernel"}) {
    %w = dlc.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : !w
    dlc.return %w : !w
  }
}
