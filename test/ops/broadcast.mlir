// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f32_B = tensor<?xf32, #dlc.dims<[B]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f64_B = tensor<?xf64, #dlc.dims<[B]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!f16_B = tensor<?xf16, #dlc.dims<[B]>>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!bf16_B = tensor<?xbf16, #dlc.dims<[B]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i64_B = tensor<?xi64, #dlc.dims<[B]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i32_B = tensor<?xi32, #dlc.dims<[B]>>
!i8_B_3 = tensor<?x3xi8, #dlc.dims<[B, 3]>>
!i8_B = tensor<?xi8, #dlc.dims<[B]>>
!u8_B_3 = tensor<?x3xui8, #dlc.dims<[B, 3]>>
!u8_B = tensor<?xui8, #dlc.dims<[B]>>
!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>
!i1_B = tensor<?xi1, #dlc.dims<[B]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: tensor<3xf32> {dlc.name = "x"}, %s: tensor<f32> {dlc.name = "s"},
      %r: !f32_B {dlc.name = "r"})
      -> (!f32_B_3 {dlc.name = "y"}, !f32_B_3 {dlc.name = "z"}, !f32_B_3 {dlc.name = "w"}) {
    %y = dlc.broadcast %x to [1] : tensor<3xf32> -> !f32_B_3
    %z = dlc.broadcast %s to [] : tensor<f32> -> !f32_B_3
    %w = dlc.broadcast %r to [0] : !f32_B -> !f32_B_3
    dlc.return %y, %z, %w : !f32_B_3, !f32_B_3, !f32_B_3
  }
  dlc.entry @f64(%x: tensor<3xf64> {dlc.name = "x"}, %s: tensor<f64> {dlc.name = "s"},
      %r: !f64_B {dlc.name = "r"})
      -> (!f64_B_3 {dlc.name = "y"}, !f64_B_3 {dlc.name = "z"}, !f64_B_3 {dlc.name = "w"}) {
    %y = dlc.broadcast %x to [1] : tensor<3xf64> -> !f64_B_3
    %z = dlc.broadcast %s to [] : tensor<f64> -> !f64_B_3
    %w = dlc.broadcast %r to [0] : !f64_B -> !f64_B_3
    dlc.return %y, %z, %w : !f64_B_3, !f64_B_3, !f64_B_3
  }
  dlc.entry @f16(%x: tensor<3xf16> {dlc.name = "x"}, %s: tensor<f16> {dlc.name = "s"},
      %r: !f16_B {dlc.name = "r"})
      -> (!f16_B_3 {dlc.name = "y"}, !f16_B_3 {dlc.name = "z"}, !f16_B_3 {dlc.name = "w"}) {
    %y = dlc.broadcast %x to [1] : tensor<3xf16> -> !f16_B_3
    %z = dlc.broadcast %s to [] : tensor<f16> -> !f16_B_3
    %w = dlc.broadcast %r to [0] : !f16_B -> !f16_B_3
    dlc.return %y, %z, %w : !f16_B_3, !f16_B_3, !f16_B_3
  }
  dlc.entry @bf16(%x: tensor<3xbf16> {dlc.name = "x"}, %s: tensor<bf16> {dlc.name = "s"},
      %r: !bf16_B {dlc.name = "r"})
      -> (!bf16_B_3 {dlc.name = "y"}, !bf16_B_3 {dlc.name = "z"}, !bf16_B_3 {dlc.name = "w"}) {
    %y = dlc.broadcast %x to [1] : tensor<3xbf16> -> !bf16_B_3
    %z = dlc.broadcast %s to [] : tensor<bf16> -> !bf16_B_3
    %w = dlc.broadcast %r to [0] : !bf16_B -> !bf16_B_3
    dlc.return %y, %z, %w : !bf16_B_3, !bf16_B_3, !bf16_B_3
  }
  dlc.entry @i64(%x: tensor<3xi64> {dlc.name = "x"}, %s: tensor<i64> {dlc.name = "s"},
      %r: !i64_B {dlc.name = "r"})
      -> (!i64_B_3 {dlc.name = "y"}, !i64_B_3 {dlc.name = "z"}, !i64_B_3 {dlc.name = "w"}) {
    %y = dlc.broadcast %x to [1] : tensor<3xi64> -> !i64_B_3
    %z = dlc.broadcast %s to [] : tensor<i64> -> !i64_B_3
    %w = dlc.broadcast %r to [0] : !i64_B -> !i64_B_3
    dlc.return %y, %z, %w : !i64_B_3, !i64_B_3, !i64_B_3
  }
  dlc.entry @i32(%x: tensor<3xi32> {dlc.name = "x"}, %s: tensor<i32> {dlc.name = "s"},
      %r: !i32_B {dlc.name = "r"})
      -> (!i32_B_3 {dlc.name = "y"}, !i32_B_3 {dlc.name = "z"}, !i32_B_3 {dlc.name = "w"}) {
    %y = dlc.broadcast %x to [1] : tensor<3xi32> -> !i32_B_3
    %z = dlc.broadcast %s to [] : tensor<i32> -> !i32_B_3
    %w = dlc.broadcast %r to [0] : !i32_B -> !i32_B_3
    dlc.return %y, %z, %w : !i32_B_3, !i32_B_3, !i32_B_3
  }
  dlc.entry @i8(%x: tensor<3xi8> {dlc.name = "x"}, %s: tensor<i8> {dlc.name = "s"},
      %r: !i8_B {dlc.name = "r"})
      -> (!i8_B_3 {dlc.name = "y"}, !i8_B_3 {dlc.name = "z"}, !i8_B_3 {dlc.name = "w"}) {
    %y = dlc.broadcast %x to [1] : tensor<3xi8> -> !i8_B_3
    %z = dlc.broadcast %s to [] : tensor<i8> -> !i8_B_3
    %w = dlc.broadcast %r to [0] : !i8_B -> !i8_B_3
    dlc.return %y, %z, %w : !i8_B_3, !i8_B_3, !i8_B_3
  }
  dlc.entry @u8(%x: tensor<3xui8> {dlc.name = "x"}, %s: tensor<ui8> {dlc.name = "s"},
      %r: !u8_B {dlc.name = "r"})
      -> (!u8_B_3 {dlc.name = "y"}, !u8_B_3 {dlc.name = "z"}, !u8_B_3 {dlc.name = "w"}) {
    %y = dlc.broadcast %x to [1] : tensor<3xui8> -> !u8_B_3
    %z = dlc.broadcast %s to [] : tensor<ui8> -> !u8_B_3
    %w = dlc.broadcast %r to [0] : !u8_B -> !u8_B_3
    dlc.return %y, %z, %w : !u8_B_3, !u8_B_3, !u8_B_3
  }
  dlc.entry @i1(%x: tensor<3xi1> {dlc.name = "x"}, %s: tensor<i1> {dlc.name = "s"},
      %r: !i1_B {dlc.name = "r"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}, !i1_B_3 {dlc.name = "w"}) {
    %y = dlc.broadcast %x to [1] : tensor<3xi1> -> !i1_B_3
    %z = dlc.broadcast %s to [] : tensor<i1> -> !i1_B_3
    %w = dlc.broadcast %r to [0] : !i1_B -> !i1_B_3
    dlc.return %y, %z, %w : !i1_B_3, !i1_B_3, !i1_B_3
  }
  dlc.entry @static(%x: tensor<2xf32> {dlc.name = "x"}) -> (tensor<2x3xf32> {dlc.name = "y"}) {
    %y = dlc.broadcast %x to [0] : tensor<2xf32> -> tensor<2x3xf32>
    dlc.return %y : tensor<2x3xf32>
  }
  // CHECK: values values y = [1, 1, 1, 2, 2, 2]
  dlc.entry @values() -> (tensor<2x3xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %y = dlc.broadcast %x to [0] : tensor<2xf32> -> tensor<2x3xf32>
    dlc.return %y : tensor<2x3xf32>
  }
}
