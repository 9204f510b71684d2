// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f32_B = tensor<?xf32, #dlc.dims<[B]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f64_B = tensor<?xf64, #dlc.dims<[B]>>
!f32_4_2_3 = tensor<4x2x3xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"})
      -> (!f32_B {dlc.name = "rows"}, tensor<3xf32> {dlc.name = "columns"},
        tensor<f32> {dlc.name = "all"}) {
    %rows = dlc.mean %x over [1] : !f32_B_3 -> !f32_B
    %columns = dlc.mean %x over [0] : !f32_B_3 -> tensor<3xf32>
    %all = dlc.mean %x over [0, 1] : !f32_B_3 -> tensor<f32>
    dlc.return %rows, %columns, %all : !f32_B, tensor<3xf32>, tensor<f32>
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"})
      -> (!f64_B {dlc.name = "rows"}, tensor<3xf64> {dlc.name = "columns"},
        tensor<f64> {dlc.name = "all"}) {
    %rows = dlc.mean %x over [1] : !f64_B_3 -> !f64_B
    %columns = dlc.mean %x over [0] : !f64_B_3 -> tensor<3xf64>
    %all = dlc.mean %x over [0, 1] : !f64_B_3 -> tensor<f64>
    dlc.return %rows, %columns, %all : !f64_B, tensor<3xf64>, tensor<f64>
  }
  dlc.entry @static(%x: !f32_4_2_3 {dlc.name = "x"}) -> (tensor<2xf32> {dlc.name = "y"}) {
    %y = dlc.mean %x over [0, 2] : !f32_4_2_3 -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
  // CHECK: values values y = [1, 1.25]
  dlc.entry @values() -> (tensor<2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[[1.0, -2.0, 4.0], [0.5, 0.25, 3.0]]> : tensor<2x3xf32>
    %y = dlc.mean %x over [1] : tensor<2x3xf32> -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
}
