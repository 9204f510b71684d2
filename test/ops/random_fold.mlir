// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @i32(%key: tensor<2xi64> {dlc.name = "key"}, %i: tensor<i32> {dlc.name = "i"})
      -> (tensor<2xi64> {dlc.name = "y"}, !f32_B_3 {dlc.name = "u"}) {
    %y = dlc.random_fold %key, %i : (tensor<2xi64>, tensor<i32>) -> tensor<2xi64>
    %u = dlc.random_uniform %y stream 0 : (tensor<2xi64>) -> !f32_B_3
    dlc.return %y, %u : tensor<2xi64>, !f32_B_3
  }
  dlc.entry @i64(%key: tensor<2xi64> {dlc.name = "key"}, %i: tensor<i64> {dlc.name = "i"})
      -> (tensor<2xi64> {dlc.name = "y"}, !f32_B_3 {dlc.name = "u"}) {
    %y = dlc.random_fold %key, %i : (tensor<2xi64>, tensor<i64>) -> tensor<2xi64>
    %u = dlc.random_uniform %y stream 0 : (tensor<2xi64>) -> !f32_B_3
    dlc.return %y, %u : tensor<2xi64>, !f32_B_3
  }
  // CHECK: values values y = [2598122814422115429, 7]
  dlc.entry @values() -> (tensor<2xi64> {dlc.name = "y"}) {
    %key = dlc.constant dense<[81985529216486895, 7]> : tensor<2xi64>
    %i = dlc.constant dense<5> : tensor<i64>
    %y = dlc.random_fold %key, %i : (tensor<2xi64>, tensor<i64>) -> tensor<2xi64>
    dlc.return %y : tensor<2xi64>
  }
}
