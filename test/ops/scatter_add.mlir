// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f32_B_2 = tensor<?x2xf32, #dlc.dims<[B, 2]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f64_B_2 = tensor<?x2xf64, #dlc.dims<[B, 2]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i32_B_2 = tensor<?x2xi32, #dlc.dims<[B, 2]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i64_B_2 = tensor<?x2xi64, #dlc.dims<[B, 2]>>
!f32_B_2_3 = tensor<?x2x3xf32, #dlc.dims<[B, 2, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"},
      %u: tensor<2x3xf32> {dlc.name = "u"}, %v: !f32_B_2 {dlc.name = "v"})
      -> (!f32_B_3 {dlc.name = "y"}, !f32_B_3 {dlc.name = "z"}) {
    %y = dlc.scatter_add %x, %i, %u axis 0 : (!f32_B_3, tensor<2xi32>, tensor<2x3xf32>) -> !f32_B_3
    %z = dlc.scatter_add %x, %i, %v axis 1 : (!f32_B_3, tensor<2xi32>, !f32_B_2) -> !f32_B_3
    dlc.return %y, %z : !f32_B_3, !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"},
      %u: tensor<2x3xf64> {dlc.name = "u"}, %v: !f64_B_2 {dlc.name = "v"})
      -> (!f64_B_3 {dlc.name = "y"}, !f64_B_3 {dlc.name = "z"}) {
    %y = dlc.scatter_add %x, %i, %u axis 0 : (!f64_B_3, tensor<2xi32>, tensor<2x3xf64>) -> !f64_B_3
    %z = dlc.scatter_add %x, %i, %v axis 1 : (!f64_B_3, tensor<2xi32>, !f64_B_2) -> !f64_B_3
    dlc.return %y, %z : !f64_B_3, !f64_B_3
  }
  dlc.entry @i32(%x: !i32_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"},
      %u: tensor<2x3xi32> {dlc.name = "u"}, %v: !i32_B_2 {dlc.name = "v"})
      -> (!i32_B_3 {dlc.name = "y"}, !i32_B_3 {dlc.name = "z"}) {
    %y = dlc.scatter_add %x, %i, %u axis 0 : (!i32_B_3, tensor<2xi32>, tensor<2x3xi32>) -> !i32_B_3
    %z = dlc.scatter_add %x, %i, %v axis 1 : (!i32_B_3, tensor<2xi32>, !i32_B_2) -> !i32_B_3
    dlc.return %y, %z : !i32_B_3, !i32_B_3
  }
  dlc.entry @i64(%x: !i64_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"},
      %u: tensor<2x3xi64> {dlc.name = "u"}, %v: !i64_B_2 {dlc.name = "v"})
      -> (!i64_B_3 {dlc.name = "y"}, !i64_B_3 {dlc.name = "z"}) {
    %y = dlc.scatter_add %x, %i, %u axis 0 : (!i64_B_3, tensor<2xi32>, tensor<2x3xi64>) -> !i64_B_3
    %z = dlc.scatter_add %x, %i, %v axis 1 : (!i64_B_3, tensor<2xi32>, !i64_B_2) -> !i64_B_3
    dlc.return %y, %z : !i64_B_3, !i64_B_3
  }
  dlc.entry @embedding(%table: tensor<5x3xf32> {dlc.name = "table"},
      %ids: !i64_B_2 {dlc.name = "ids"}, %u: !f32_B_2_3 {dlc.name = "u"})
      -> (tensor<5x3xf32> {dlc.name = "y"}) {
    %y = dlc.scatter_add %table, %ids, %u axis 0
        : (tensor<5x3xf32>, !i64_B_2, !f32_B_2_3) -> tensor<5x3xf32>
    dlc.return %y : tensor<5x3xf32>
  }
  // CHECK: values values y = [13, 2, 23]
  dlc.entry @values() -> (tensor<3xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
    %i = dlc.constant dense<[0, 2, 0, 9]> : tensor<4xi32>
    %u = dlc.constant dense<[5.0, 20.0, 7.0, 1.0]> : tensor<4xf32>
    %y = dlc.scatter_add %x, %i, %u axis 0
        : (tensor<3xf32>, tensor<4xi32>, tensor<4xf32>) -> tensor<3xf32>
    dlc.return %y : tensor<3xf32>
  }
}
