// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%key: tensor<2xi64> {dlc.name = "key"},
      %p: tensor<f32> {dlc.name = "p", dlc.range = [0.0, 1.0]})
      -> (!i1_B_3 {dlc.name = "y"}) {
    %y = dlc.random_bernoulli %key, %p stream 3 : (tensor<2xi64>, tensor<f32>) -> !i1_B_3
    dlc.return %y : !i1_B_3
  }
  dlc.entry @f64(%key: tensor<2xi64> {dlc.name = "key"},
      %p: tensor<f64> {dlc.name = "p", dlc.range = [0.0, 1.0]})
      -> (!i1_B_3 {dlc.name = "y"}) {
    %y = dlc.random_bernoulli %key, %p stream 3 : (tensor<2xi64>, tensor<f64>) -> !i1_B_3
    dlc.return %y : !i1_B_3
  }
  // CHECK: values values y = [1, 1, 0, 0, 0, 1, 1, 0]
  dlc.entry @values() -> (tensor<8xi1> {dlc.name = "y"}) {
    %key = dlc.constant dense<[81985529216486895, 7]> : tensor<2xi64>
    %p = dlc.constant dense<0.5> : tensor<f32>
    %y = dlc.random_bernoulli %key, %p stream 3 : (tensor<2xi64>, tensor<f32>) -> tensor<8xi1>
    dlc.return %y : tensor<8xi1>
  }
}
