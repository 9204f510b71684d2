// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_7 = tensor<?x7xf32, #dlc.dims<[B, 7]>>
!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_7 = tensor<?x7xf64, #dlc.dims<[B, 7]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f16_B_7 = tensor<?x7xf16, #dlc.dims<[B, 7]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!bf16_B_7 = tensor<?x7xbf16, #dlc.dims<[B, 7]>>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!i64_B_7 = tensor<?x7xi64, #dlc.dims<[B, 7]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i32_B_7 = tensor<?x7xi32, #dlc.dims<[B, 7]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i8_B_7 = tensor<?x7xi8, #dlc.dims<[B, 7]>>
!i8_B_3 = tensor<?x3xi8, #dlc.dims<[B, 3]>>
!u8_B_7 = tensor<?x7xui8, #dlc.dims<[B, 7]>>
!u8_B_3 = tensor<?x3xui8, #dlc.dims<[B, 3]>>
!i1_B_7 = tensor<?x7xi1, #dlc.dims<[B, 7]>>
!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>
!f32_Bp2_3 = tensor<?x3xf32, #dlc.dims<[B+2, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_7 {dlc.name = "x"}) -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [0, 1] to [B, 7] by [1, 2] : !f32_B_7 -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_7 {dlc.name = "x"}) -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [0, 1] to [B, 7] by [1, 2] : !f64_B_7 -> !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @f16(%x: !f16_B_7 {dlc.name = "x"}) -> (!f16_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [0, 1] to [B, 7] by [1, 2] : !f16_B_7 -> !f16_B_3
    dlc.return %y : !f16_B_3
  }
  dlc.entry @bf16(%x: !bf16_B_7 {dlc.name = "x"}) -> (!bf16_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [0, 1] to [B, 7] by [1, 2] : !bf16_B_7 -> !bf16_B_3
    dlc.return %y : !bf16_B_3
  }
  dlc.entry @i64(%x: !i64_B_7 {dlc.name = "x"}) -> (!i64_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [0, 1] to [B, 7] by [1, 2] : !i64_B_7 -> !i64_B_3
    dlc.return %y : !i64_B_3
  }
  dlc.entry @i32(%x: !i32_B_7 {dlc.name = "x"}) -> (!i32_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [0, 1] to [B, 7] by [1, 2] : !i32_B_7 -> !i32_B_3
    dlc.return %y : !i32_B_3
  }
  dlc.entry @i8(%x: !i8_B_7 {dlc.name = "x"}) -> (!i8_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [0, 1] to [B, 7] by [1, 2] : !i8_B_7 -> !i8_B_3
    dlc.return %y : !i8_B_3
  }
  dlc.entry @u8(%x: !u8_B_7 {dlc.name = "x"}) -> (!u8_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [0, 1] to [B, 7] by [1, 2] : !u8_B_7 -> !u8_B_3
    dlc.return %y : !u8_B_3
  }
  dlc.entry @i1(%x: !i1_B_7 {dlc.name = "x"}) -> (!i1_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [0, 1] to [B, 7] by [1, 2] : !i1_B_7 -> !i1_B_3
    dlc.return %y : !i1_B_3
  }
  dlc.entry @static(%x: tensor<4x5xf32> {dlc.name = "x"}) -> (tensor<2x3xf32> {dlc.name = "y"}) {
    %y = dlc.slice %x from [1, 1] to [3, 4] by [1, 1] : tensor<4x5xf32> -> tensor<2x3xf32>
    dlc.return %y : tensor<2x3xf32>
  }
  dlc.entry @symbolic_start(%x: !f32_Bp2_3 {dlc.name = "x"}) -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.slice %x from [2, 0] to [B+2, 3] by [1, 1] : !f32_Bp2_3 -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  // CHECK: values values y = [2, 4]
  dlc.entry @values() -> (tensor<2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>
    %y = dlc.slice %x from [1] to [5] by [2] : tensor<5xf32> -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
}
