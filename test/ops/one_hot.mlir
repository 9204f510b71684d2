// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!i32_B = tensor<?xi32, #dlc.dims<[B]>>
!f32_B_4 = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!f64_B_4 = tensor<?x4xf64, #dlc.dims<[B, 4]>>
!f16_B_4 = tensor<?x4xf16, #dlc.dims<[B, 4]>>
!bf16_B_4 = tensor<?x4xbf16, #dlc.dims<[B, 4]>>
!i64_B_4 = tensor<?x4xi64, #dlc.dims<[B, 4]>>
!i32_B_4 = tensor<?x4xi32, #dlc.dims<[B, 4]>>
!i8_B_4 = tensor<?x4xi8, #dlc.dims<[B, 4]>>
!u8_B_4 = tensor<?x4xui8, #dlc.dims<[B, 4]>>
!i1_B_4 = tensor<?x4xi1, #dlc.dims<[B, 4]>>
!f32_2_3_4 = tensor<2x3x4xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%i: !i32_B {dlc.name = "i"}) -> (!f32_B_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : !i32_B -> !f32_B_4
    dlc.return %y : !f32_B_4
  }
  dlc.entry @f64(%i: !i32_B {dlc.name = "i"}) -> (!f64_B_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : !i32_B -> !f64_B_4
    dlc.return %y : !f64_B_4
  }
  dlc.entry @f16(%i: !i32_B {dlc.name = "i"}) -> (!f16_B_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : !i32_B -> !f16_B_4
    dlc.return %y : !f16_B_4
  }
  dlc.entry @bf16(%i: !i32_B {dlc.name = "i"}) -> (!bf16_B_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : !i32_B -> !bf16_B_4
    dlc.return %y : !bf16_B_4
  }
  dlc.entry @i64(%i: !i32_B {dlc.name = "i"}) -> (!i64_B_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : !i32_B -> !i64_B_4
    dlc.return %y : !i64_B_4
  }
  dlc.entry @i32(%i: !i32_B {dlc.name = "i"}) -> (!i32_B_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : !i32_B -> !i32_B_4
    dlc.return %y : !i32_B_4
  }
  dlc.entry @i8(%i: !i32_B {dlc.name = "i"}) -> (!i8_B_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : !i32_B -> !i8_B_4
    dlc.return %y : !i8_B_4
  }
  dlc.entry @u8(%i: !i32_B {dlc.name = "i"}) -> (!u8_B_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : !i32_B -> !u8_B_4
    dlc.return %y : !u8_B_4
  }
  dlc.entry @i1(%i: !i32_B {dlc.name = "i"}) -> (!i1_B_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : !i32_B -> !i1_B_4
    dlc.return %y : !i1_B_4
  }
  dlc.entry @static(%i: tensor<2x3xi64> {dlc.name = "i"}) -> (!f32_2_3_4 {dlc.name = "y"}) {
    %y = dlc.one_hot %i : tensor<2x3xi64> -> !f32_2_3_4
    dlc.return %y : !f32_2_3_4
  }
  // CHECK: values values y = [0, 1, 1, 0, 0, 0]
  dlc.entry @values() -> (tensor<3x2xf32> {dlc.name = "y"}) {
    %i = dlc.constant dense<[1, 0, 5]> : tensor<3xi32>
    %y = dlc.one_hot %i : tensor<3xi32> -> tensor<3x2xf32>
    dlc.return %y : tensor<3x2xf32>
  }
}
