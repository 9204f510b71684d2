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

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_7 {dlc.name = "x"}, %i: tensor<i32> {dlc.name = "i"},
      %j: tensor<i32> {dlc.name = "j"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j) : (!f32_B_7, tensor<i32>, tensor<i32>) -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_7 {dlc.name = "x"}, %i: tensor<i32> {dlc.name = "i"},
      %j: tensor<i32> {dlc.name = "j"})
      -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j) : (!f64_B_7, tensor<i32>, tensor<i32>) -> !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @f16(%x: !f16_B_7 {dlc.name = "x"}, %i: tensor<i32> {dlc.name = "i"},
      %j: tensor<i32> {dlc.name = "j"})
      -> (!f16_B_3 {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j) : (!f16_B_7, tensor<i32>, tensor<i32>) -> !f16_B_3
    dlc.return %y : !f16_B_3
  }
  dlc.entry @bf16(%x: !bf16_B_7 {dlc.name = "x"}, %i: tensor<i32> {dlc.name = "i"},
      %j: tensor<i32> {dlc.name = "j"})
      -> (!bf16_B_3 {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j) : (!bf16_B_7, tensor<i32>, tensor<i32>) -> !bf16_B_3
    dlc.return %y : !bf16_B_3
  }
  dlc.entry @i64(%x: !i64_B_7 {dlc.name = "x"}, %i: tensor<i32> {dlc.name = "i"},
      %j: tensor<i32> {dlc.name = "j"})
      -> (!i64_B_3 {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j) : (!i64_B_7, tensor<i32>, tensor<i32>) -> !i64_B_3
    dlc.return %y : !i64_B_3
  }
  dlc.entry @i32(%x: !i32_B_7 {dlc.name = "x"}, %i: tensor<i32> {dlc.name = "i"},
      %j: tensor<i32> {dlc.name = "j"})
      -> (!i32_B_3 {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j) : (!i32_B_7, tensor<i32>, tensor<i32>) -> !i32_B_3
    dlc.return %y : !i32_B_3
  }
  dlc.entry @i8(%x: !i8_B_7 {dlc.name = "x"}, %i: tensor<i32> {dlc.name = "i"},
      %j: tensor<i32> {dlc.name = "j"})
      -> (!i8_B_3 {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j) : (!i8_B_7, tensor<i32>, tensor<i32>) -> !i8_B_3
    dlc.return %y : !i8_B_3
  }
  dlc.entry @u8(%x: !u8_B_7 {dlc.name = "x"}, %i: tensor<i32> {dlc.name = "i"},
      %j: tensor<i32> {dlc.name = "j"})
      -> (!u8_B_3 {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j) : (!u8_B_7, tensor<i32>, tensor<i32>) -> !u8_B_3
    dlc.return %y : !u8_B_3
  }
  dlc.entry @i1(%x: !i1_B_7 {dlc.name = "x"}, %i: tensor<i32> {dlc.name = "i"},
      %j: tensor<i32> {dlc.name = "j"})
      -> (!i1_B_3 {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j) : (!i1_B_7, tensor<i32>, tensor<i32>) -> !i1_B_3
    dlc.return %y : !i1_B_3
  }
  dlc.entry @static(%x: tensor<4x5xf32> {dlc.name = "x"}, %i: tensor<i64> {dlc.name = "i"},
      %j: tensor<i64> {dlc.name = "j"})
      -> (tensor<2x3xf32> {dlc.name = "y"}) {
    %y = dlc.dynamic_slice %x at (%i, %j)
        : (tensor<4x5xf32>, tensor<i64>, tensor<i64>) -> tensor<2x3xf32>
    dlc.return %y : tensor<2x3xf32>
  }
  // CHECK: values values y = [4, 5]
  dlc.entry @values() -> (tensor<2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>
    %i = dlc.constant dense<9> : tensor<i64>
    %y = dlc.dynamic_slice %x at (%i) : (tensor<5xf32>, tensor<i64>) -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
}
