// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f32_B_2 = tensor<?x2xf32, #dlc.dims<[B, 2]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f64_B_2 = tensor<?x2xf64, #dlc.dims<[B, 2]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!f16_B_2 = tensor<?x2xf16, #dlc.dims<[B, 2]>>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!bf16_2_3 = tensor<2x3xbf16>
!bf16_B_2 = tensor<?x2xbf16, #dlc.dims<[B, 2]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i64_B_2 = tensor<?x2xi64, #dlc.dims<[B, 2]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i32_B_2 = tensor<?x2xi32, #dlc.dims<[B, 2]>>
!i8_B_3 = tensor<?x3xi8, #dlc.dims<[B, 3]>>
!i8_B_2 = tensor<?x2xi8, #dlc.dims<[B, 2]>>
!u8_B_3 = tensor<?x3xui8, #dlc.dims<[B, 3]>>
!u8_B_2 = tensor<?x2xui8, #dlc.dims<[B, 2]>>
!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>
!i1_B_2 = tensor<?x2xi1, #dlc.dims<[B, 2]>>
!f32_B_2_3 = tensor<?x2x3xf32, #dlc.dims<[B, 2, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"})
      -> (tensor<2x3xf32> {dlc.name = "y"}, !f32_B_2 {dlc.name = "z"}) {
    %y = dlc.gather %x, %i axis 0 : (!f32_B_3, tensor<2xi32>) -> tensor<2x3xf32>
    %z = dlc.gather %x, %i axis 1 : (!f32_B_3, tensor<2xi32>) -> !f32_B_2
    dlc.return %y, %z : tensor<2x3xf32>, !f32_B_2
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"})
      -> (tensor<2x3xf64> {dlc.name = "y"}, !f64_B_2 {dlc.name = "z"}) {
    %y = dlc.gather %x, %i axis 0 : (!f64_B_3, tensor<2xi32>) -> tensor<2x3xf64>
    %z = dlc.gather %x, %i axis 1 : (!f64_B_3, tensor<2xi32>) -> !f64_B_2
    dlc.return %y, %z : tensor<2x3xf64>, !f64_B_2
  }
  dlc.entry @f16(%x: !f16_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"})
      -> (tensor<2x3xf16> {dlc.name = "y"}, !f16_B_2 {dlc.name = "z"}) {
    %y = dlc.gather %x, %i axis 0 : (!f16_B_3, tensor<2xi32>) -> tensor<2x3xf16>
    %z = dlc.gather %x, %i axis 1 : (!f16_B_3, tensor<2xi32>) -> !f16_B_2
    dlc.return %y, %z : tensor<2x3xf16>, !f16_B_2
  }
  dlc.entry @bf16(%x: !bf16_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"})
      -> (!bf16_2_3 {dlc.name = "y"}, !bf16_B_2 {dlc.name = "z"}) {
    %y = dlc.gather %x, %i axis 0 : (!bf16_B_3, tensor<2xi32>) -> !bf16_2_3
    %z = dlc.gather %x, %i axis 1 : (!bf16_B_3, tensor<2xi32>) -> !bf16_B_2
    dlc.return %y, %z : !bf16_2_3, !bf16_B_2
  }
  dlc.entry @i64(%x: !i64_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"})
      -> (tensor<2x3xi64> {dlc.name = "y"}, !i64_B_2 {dlc.name = "z"}) {
    %y = dlc.gather %x, %i axis 0 : (!i64_B_3, tensor<2xi32>) -> tensor<2x3xi64>
    %z = dlc.gather %x, %i axis 1 : (!i64_B_3, tensor<2xi32>) -> !i64_B_2
    dlc.return %y, %z : tensor<2x3xi64>, !i64_B_2
  }
  dlc.entry @i32(%x: !i32_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"})
      -> (tensor<2x3xi32> {dlc.name = "y"}, !i32_B_2 {dlc.name = "z"}) {
    %y = dlc.gather %x, %i axis 0 : (!i32_B_3, tensor<2xi32>) -> tensor<2x3xi32>
    %z = dlc.gather %x, %i axis 1 : (!i32_B_3, tensor<2xi32>) -> !i32_B_2
    dlc.return %y, %z : tensor<2x3xi32>, !i32_B_2
  }
  dlc.entry @i8(%x: !i8_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"})
      -> (tensor<2x3xi8> {dlc.name = "y"}, !i8_B_2 {dlc.name = "z"}) {
    %y = dlc.gather %x, %i axis 0 : (!i8_B_3, tensor<2xi32>) -> tensor<2x3xi8>
    %z = dlc.gather %x, %i axis 1 : (!i8_B_3, tensor<2xi32>) -> !i8_B_2
    dlc.return %y, %z : tensor<2x3xi8>, !i8_B_2
  }
  dlc.entry @u8(%x: !u8_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"})
      -> (tensor<2x3xui8> {dlc.name = "y"}, !u8_B_2 {dlc.name = "z"}) {
    %y = dlc.gather %x, %i axis 0 : (!u8_B_3, tensor<2xi32>) -> tensor<2x3xui8>
    %z = dlc.gather %x, %i axis 1 : (!u8_B_3, tensor<2xi32>) -> !u8_B_2
    dlc.return %y, %z : tensor<2x3xui8>, !u8_B_2
  }
  dlc.entry @i1(%x: !i1_B_3 {dlc.name = "x"}, %i: tensor<2xi32> {dlc.name = "i"})
      -> (tensor<2x3xi1> {dlc.name = "y"}, !i1_B_2 {dlc.name = "z"}) {
    %y = dlc.gather %x, %i axis 0 : (!i1_B_3, tensor<2xi32>) -> tensor<2x3xi1>
    %z = dlc.gather %x, %i axis 1 : (!i1_B_3, tensor<2xi32>) -> !i1_B_2
    dlc.return %y, %z : tensor<2x3xi1>, !i1_B_2
  }
  dlc.entry @embedding(%table: tensor<5x3xf32> {dlc.name = "table"},
      %ids: !i64_B_2 {dlc.name = "ids"})
      -> (!f32_B_2_3 {dlc.name = "y"}) {
    %y = dlc.gather %table, %ids axis 0 : (tensor<5x3xf32>, !i64_B_2) -> !f32_B_2_3
    dlc.return %y : !f32_B_2_3
  }
  // CHECK: values values y = [3, 1, 1, 3]
  dlc.entry @values() -> (tensor<4xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
    %i = dlc.constant dense<[2, 0, -7, 99]> : tensor<4xi32>
    %y = dlc.gather %x, %i axis 0 : (tensor<3xf32>, tensor<4xi32>) -> tensor<4xf32>
    dlc.return %y : tensor<4xf32>
  }
}
