// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_6 = tensor<?x6xf32, #dlc.dims<[B, 6]>>
!f32_B_2_3 = tensor<?x2x3xf32, #dlc.dims<[B, 2, 3]>>
!f64_B_6 = tensor<?x6xf64, #dlc.dims<[B, 6]>>
!f64_B_2_3 = tensor<?x2x3xf64, #dlc.dims<[B, 2, 3]>>
!f16_B_6 = tensor<?x6xf16, #dlc.dims<[B, 6]>>
!f16_B_2_3 = tensor<?x2x3xf16, #dlc.dims<[B, 2, 3]>>
!bf16_B_6 = tensor<?x6xbf16, #dlc.dims<[B, 6]>>
!bf16_B_2_3 = tensor<?x2x3xbf16, #dlc.dims<[B, 2, 3]>>
!i64_B_6 = tensor<?x6xi64, #dlc.dims<[B, 6]>>
!i64_B_2_3 = tensor<?x2x3xi64, #dlc.dims<[B, 2, 3]>>
!i32_B_6 = tensor<?x6xi32, #dlc.dims<[B, 6]>>
!i32_B_2_3 = tensor<?x2x3xi32, #dlc.dims<[B, 2, 3]>>
!i8_B_6 = tensor<?x6xi8, #dlc.dims<[B, 6]>>
!i8_B_2_3 = tensor<?x2x3xi8, #dlc.dims<[B, 2, 3]>>
!u8_B_6 = tensor<?x6xui8, #dlc.dims<[B, 6]>>
!u8_B_2_3 = tensor<?x2x3xui8, #dlc.dims<[B, 2, 3]>>
!i1_B_6 = tensor<?x6xi1, #dlc.dims<[B, 6]>>
!i1_B_2_3 = tensor<?x2x3xi1, #dlc.dims<[B, 2, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_6 {dlc.name = "x"}) -> (!f32_B_2_3 {dlc.name = "y"}) {
    %y = dlc.reshape %x : !f32_B_6 -> !f32_B_2_3
    dlc.return %y : !f32_B_2_3
  }
  dlc.entry @f64(%x: !f64_B_6 {dlc.name = "x"}) -> (!f64_B_2_3 {dlc.name = "y"}) {
    %y = dlc.reshape %x : !f64_B_6 -> !f64_B_2_3
    dlc.return %y : !f64_B_2_3
  }
  dlc.entry @f16(%x: !f16_B_6 {dlc.name = "x"}) -> (!f16_B_2_3 {dlc.name = "y"}) {
    %y = dlc.reshape %x : !f16_B_6 -> !f16_B_2_3
    dlc.return %y : !f16_B_2_3
  }
  dlc.entry @bf16(%x: !bf16_B_6 {dlc.name = "x"}) -> (!bf16_B_2_3 {dlc.name = "y"}) {
    %y = dlc.reshape %x : !bf16_B_6 -> !bf16_B_2_3
    dlc.return %y : !bf16_B_2_3
  }
  dlc.entry @i64(%x: !i64_B_6 {dlc.name = "x"}) -> (!i64_B_2_3 {dlc.name = "y"}) {
    %y = dlc.reshape %x : !i64_B_6 -> !i64_B_2_3
    dlc.return %y : !i64_B_2_3
  }
  dlc.entry @i32(%x: !i32_B_6 {dlc.name = "x"}) -> (!i32_B_2_3 {dlc.name = "y"}) {
    %y = dlc.reshape %x : !i32_B_6 -> !i32_B_2_3
    dlc.return %y : !i32_B_2_3
  }
  dlc.entry @i8(%x: !i8_B_6 {dlc.name = "x"}) -> (!i8_B_2_3 {dlc.name = "y"}) {
    %y = dlc.reshape %x : !i8_B_6 -> !i8_B_2_3
    dlc.return %y : !i8_B_2_3
  }
  dlc.entry @u8(%x: !u8_B_6 {dlc.name = "x"}) -> (!u8_B_2_3 {dlc.name = "y"}) {
    %y = dlc.reshape %x : !u8_B_6 -> !u8_B_2_3
    dlc.return %y : !u8_B_2_3
  }
  dlc.entry @i1(%x: !i1_B_6 {dlc.name = "x"}) -> (!i1_B_2_3 {dlc.name = "y"}) {
    %y = dlc.reshape %x : !i1_B_6 -> !i1_B_2_3
    dlc.return %y : !i1_B_2_3
  }
  dlc.entry @static(%x: tensor<2x6xf32> {dlc.name = "x"}) -> (tensor<3x4xf32> {dlc.name = "y"}) {
    %y = dlc.reshape %x : tensor<2x6xf32> -> tensor<3x4xf32>
    dlc.return %y : tensor<3x4xf32>
  }
  // CHECK: values values y = [1, 2, 3, 4]
  dlc.entry @values() -> (tensor<4xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
    %y = dlc.reshape %x : tensor<2x2xf32> -> tensor<4xf32>
    dlc.return %y : tensor<4xf32>
  }
}
