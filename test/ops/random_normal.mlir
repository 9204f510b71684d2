// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%key: tensor<2xi64> {dlc.name = "key"}) -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.random_normal %key stream 3 : (tensor<2xi64>) -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%key: tensor<2xi64> {dlc.name = "key"}) -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.random_normal %key stream 3 : (tensor<2xi64>) -> !f64_B_3
    dlc.return %y : !f64_B_3
  }
  // CHECK: values values y = [0.247259602, 1.97717333, -0.470826, -0.912688553]
  dlc.entry @values() -> (tensor<4xf32> {dlc.name = "y"}) {
    %key = dlc.constant dense<[81985529216486895, 7]> : tensor<2xi64>
    %y = dlc.random_normal %key stream 3 : (tensor<2xi64>) -> tensor<4xf32>
    dlc.return %y : tensor<4xf32>
  }
}
