// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_2_3 = tensor<?x2x3xf32, #dlc.dims<[B, 2, 3]>>
!f32_3_B_2 = tensor<3x?x2xf32, #dlc.dims<[3, B, 2]>>
!f64_B_2_3 = tensor<?x2x3xf64, #dlc.dims<[B, 2, 3]>>
!f64_3_B_2 = tensor<3x?x2xf64, #dlc.dims<[3, B, 2]>>
!f16_B_2_3 = tensor<?x2x3xf16, #dlc.dims<[B, 2, 3]>>
!f16_3_B_2 = tensor<3x?x2xf16, #dlc.dims<[3, B, 2]>>
!bf16_B_2_3 = tensor<?x2x3xbf16, #dlc.dims<[B, 2, 3]>>
!bf16_3_B_2 = tensor<3x?x2xbf16, #dlc.dims<[3, B, 2]>>
!i64_B_2_3 = tensor<?x2x3xi64, #dlc.dims<[B, 2, 3]>>
!i64_3_B_2 = tensor<3x?x2xi64, #dlc.dims<[3, B, 2]>>
!i32_B_2_3 = tensor<?x2x3xi32, #dlc.dims<[B, 2, 3]>>
!i32_3_B_2 = tensor<3x?x2xi32, #dlc.dims<[3, B, 2]>>
!i8_B_2_3 = tensor<?x2x3xi8, #dlc.dims<[B, 2, 3]>>
!i8_3_B_2 = tensor<3x?x2xi8, #dlc.dims<[3, B, 2]>>
!u8_B_2_3 = tensor<?x2x3xui8, #dlc.dims<[B, 2, 3]>>
!u8_3_B_2 = tensor<3x?x2xui8, #dlc.dims<[3, B, 2]>>
!i1_B_2_3 = tensor<?x2x3xi1, #dlc.dims<[B, 2, 3]>>
!i1_3_B_2 = tensor<3x?x2xi1, #dlc.dims<[3, B, 2]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_2_3 {dlc.name = "x"}) -> (!f32_3_B_2 {dlc.name = "y"}) {
    %y = dlc.transpose %x [2, 0, 1] : !f32_B_2_3 -> !f32_3_B_2
    dlc.return %y : !f32_3_B_2
  }
  dlc.entry @f64(%x: !f64_B_2_3 {dlc.name = "x"}) -> (!f64_3_B_2 {dlc.name = "y"}) {
    %y = dlc.transpose %x [2, 0, 1] : !f64_B_2_3 -> !f64_3_B_2
    dlc.return %y : !f64_3_B_2
  }
  dlc.entry @f16(%x: !f16_B_2_3 {dlc.name = "x"}) -> (!f16_3_B_2 {dlc.name = "y"}) {
    %y = dlc.transpose %x [2, 0, 1] : !f16_B_2_3 -> !f16_3_B_2
    dlc.return %y : !f16_3_B_2
  }
  dlc.entry @bf16(%x: !bf16_B_2_3 {dlc.name = "x"}) -> (!bf16_3_B_2 {dlc.name = "y"}) {
    %y = dlc.transpose %x [2, 0, 1] : !bf16_B_2_3 -> !bf16_3_B_2
    dlc.return %y : !bf16_3_B_2
  }
  dlc.entry @i64(%x: !i64_B_2_3 {dlc.name = "x"}) -> (!i64_3_B_2 {dlc.name = "y"}) {
    %y = dlc.transpose %x [2, 0, 1] : !i64_B_2_3 -> !i64_3_B_2
    dlc.return %y : !i64_3_B_2
  }
  dlc.entry @i32(%x: !i32_B_2_3 {dlc.name = "x"}) -> (!i32_3_B_2 {dlc.name = "y"}) {
    %y = dlc.transpose %x [2, 0, 1] : !i32_B_2_3 -> !i32_3_B_2
    dlc.return %y : !i32_3_B_2
  }
  dlc.entry @i8(%x: !i8_B_2_3 {dlc.name = "x"}) -> (!i8_3_B_2 {dlc.name = "y"}) {
    %y = dlc.transpose %x [2, 0, 1] : !i8_B_2_3 -> !i8_3_B_2
    dlc.return %y : !i8_3_B_2
  }
  dlc.entry @u8(%x: !u8_B_2_3 {dlc.name = "x"}) -> (!u8_3_B_2 {dlc.name = "y"}) {
    %y = dlc.transpose %x [2, 0, 1] : !u8_B_2_3 -> !u8_3_B_2
    dlc.return %y : !u8_3_B_2
  }
  dlc.entry @i1(%x: !i1_B_2_3 {dlc.name = "x"}) -> (!i1_3_B_2 {dlc.name = "y"}) {
    %y = dlc.transpose %x [2, 0, 1] : !i1_B_2_3 -> !i1_3_B_2
    dlc.return %y : !i1_3_B_2
  }
  dlc.entry @static(%x: tensor<5x7xf32> {dlc.name = "x"}) -> (tensor<7x5xf32> {dlc.name = "y"}) {
    %y = dlc.transpose %x [1, 0] : tensor<5x7xf32> -> tensor<7x5xf32>
    dlc.return %y : tensor<7x5xf32>
  }
  // CHECK: values values y = [1, 4, 2, 5, 3, 6]
  dlc.entry @values() -> (tensor<3x2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
    %y = dlc.transpose %x [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
    dlc.return %y : tensor<3x2xf32>
  }
}
