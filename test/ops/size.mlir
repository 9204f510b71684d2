// RUN: dlc check %s --bind B=0,1,5 --bind T=2 | tee %t | FileCheck %s

!f32_B_T = tensor<?x?xf32, #dlc.dims<[B, T]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<T, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_T {dlc.name = "x"})
      -> (tensor<f32> {dlc.name = "y"}, tensor<f32> {dlc.name = "one"}) {
    %y = dlc.size [B, 2*T] : tensor<f32>
    %one = dlc.size [] : tensor<f32>
    dlc.return %y, %one : tensor<f32>, tensor<f32>
  }
  dlc.entry @f64(%x: !f32_B_T {dlc.name = "x"})
      -> (tensor<f64> {dlc.name = "y"}, tensor<f64> {dlc.name = "one"}) {
    %y = dlc.size [B, 2*T] : tensor<f64>
    %one = dlc.size [] : tensor<f64>
    dlc.return %y, %one : tensor<f64>, tensor<f64>
  }
  dlc.entry @i32(%x: !f32_B_T {dlc.name = "x"})
      -> (tensor<i32> {dlc.name = "y"}, tensor<i32> {dlc.name = "one"}) {
    %y = dlc.size [B, 2*T] : tensor<i32>
    %one = dlc.size [] : tensor<i32>
    dlc.return %y, %one : tensor<i32>, tensor<i32>
  }
  dlc.entry @i64(%x: !f32_B_T {dlc.name = "x"})
      -> (tensor<i64> {dlc.name = "y"}, tensor<i64> {dlc.name = "one"}) {
    %y = dlc.size [B, 2*T] : tensor<i64>
    %one = dlc.size [] : tensor<i64>
    dlc.return %y, %one : tensor<i64>, tensor<i64>
  }
  // CHECK: values values y = [12]
  dlc.entry @values() -> (tensor<i32> {dlc.name = "y"}) {
    %y = dlc.size [3, 4] : tensor<i32>
    dlc.return %y : tensor<i32>
  }
}
