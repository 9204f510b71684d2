// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i8_B_3 = tensor<?x3xi8, #dlc.dims<[B, 3]>>
!u8_B_3 = tensor<?x3xui8, #dlc.dims<[B, 3]>>
!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"}) -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.reverse %x over [0, 1] : !f32_B_3 -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"}) -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.reverse %x over [0, 1] : !f64_B_3 -> !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @f16(%x: !f16_B_3 {dlc.name = "x"}) -> (!f16_B_3 {dlc.name = "y"}) {
    %y = dlc.reverse %x over [0, 1] : !f16_B_3 -> !f16_B_3
    dlc.return %y : !f16_B_3
  }
  dlc.entry @bf16(%x: !bf16_B_3 {dlc.name = "x"}) -> (!bf16_B_3 {dlc.name = "y"}) {
    %y = dlc.reverse %x over [0, 1] : !bf16_B_3 -> !bf16_B_3
    dlc.return %y : !bf16_B_3
  }
  dlc.entry @i64(%x: !i64_B_3 {dlc.name = "x"}) -> (!i64_B_3 {dlc.name = "y"}) {
    %y = dlc.reverse %x over [0, 1] : !i64_B_3 -> !i64_B_3
    dlc.return %y : !i64_B_3
  }
  dlc.entry @i32(%x: !i32_B_3 {dlc.name = "x"}) -> (!i32_B_3 {dlc.name = "y"}) {
    %y = dlc.reverse %x over [0, 1] : !i32_B_3 -> !i32_B_3
    dlc.return %y : !i32_B_3
  }
  dlc.entry @i8(%x: !i8_B_3 {dlc.name = "x"}) -> (!i8_B_3 {dlc.name = "y"}) {
    %y = dlc.reverse %x over [0, 1] : !i8_B_3 -> !i8_B_3
    dlc.return %y : !i8_B_3
  }
  dlc.entry @u8(%x: !u8_B_3 {dlc.name = "x"}) -> (!u8_B_3 {dlc.name = "y"}) {
    %y = dlc.reverse %x over [0, 1] : !u8_B_3 -> !u8_B_3
    dlc.return %y : !u8_B_3
  }
  dlc.entry @i1(%x: !i1_B_3 {dlc.name = "x"}) -> (!i1_B_3 {dlc.name = "y"}) {
    %y = dlc.reverse %x over [0, 1] : !i1_B_3 -> !i1_B_3
    dlc.return %y : !i1_B_3
  }
  dlc.entry @static(%x: tensor<4x5xf32> {dlc.name = "x"}) -> (tensor<4x5xf32> {dlc.name = "y"}) {
    %y = dlc.reverse %x over [1] : tensor<4x5xf32> -> tensor<4x5xf32>
    dlc.return %y : tensor<4x5xf32>
  }
  // CHECK: values values y = [2, 1, 4, 3]
  dlc.entry @values() -> (tensor<2x2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
    %y = dlc.reverse %x over [1] : tensor<2x2xf32> -> tensor<2x2xf32>
    dlc.return %y : tensor<2x2xf32>
  }
}
