// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f32_Bp3_7 = tensor<?x7xf32, #dlc.dims<[B+3, 7]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f64_Bp3_7 = tensor<?x7xf64, #dlc.dims<[B+3, 7]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!f16_Bp3_7 = tensor<?x7xf16, #dlc.dims<[B+3, 7]>>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!bf16_Bp3_7 = tensor<?x7xbf16, #dlc.dims<[B+3, 7]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i64_Bp3_7 = tensor<?x7xi64, #dlc.dims<[B+3, 7]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i32_Bp3_7 = tensor<?x7xi32, #dlc.dims<[B+3, 7]>>
!i8_B_3 = tensor<?x3xi8, #dlc.dims<[B, 3]>>
!i8_Bp3_7 = tensor<?x7xi8, #dlc.dims<[B+3, 7]>>
!u8_B_3 = tensor<?x3xui8, #dlc.dims<[B, 3]>>
!u8_Bp3_7 = tensor<?x7xui8, #dlc.dims<[B+3, 7]>>
!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>
!i1_Bp3_7 = tensor<?x7xi1, #dlc.dims<[B+3, 7]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"}, %value: tensor<f32> {dlc.name = "value"})
      -> (!f32_Bp3_7 {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [1, 0] high [2, 2] interior [0, 1]
        : (!f32_B_3, tensor<f32>) -> !f32_Bp3_7
    dlc.return %y : !f32_Bp3_7
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"}, %value: tensor<f64> {dlc.name = "value"})
      -> (!f64_Bp3_7 {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [1, 0] high [2, 2] interior [0, 1]
        : (!f64_B_3, tensor<f64>) -> !f64_Bp3_7
    dlc.return %y : !f64_Bp3_7
  }
  dlc.entry @f16(%x: !f16_B_3 {dlc.name = "x"}, %value: tensor<f16> {dlc.name = "value"})
      -> (!f16_Bp3_7 {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [1, 0] high [2, 2] interior [0, 1]
        : (!f16_B_3, tensor<f16>) -> !f16_Bp3_7
    dlc.return %y : !f16_Bp3_7
  }
  dlc.entry @bf16(%x: !bf16_B_3 {dlc.name = "x"}, %value: tensor<bf16> {dlc.name = "value"})
      -> (!bf16_Bp3_7 {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [1, 0] high [2, 2] interior [0, 1]
        : (!bf16_B_3, tensor<bf16>) -> !bf16_Bp3_7
    dlc.return %y : !bf16_Bp3_7
  }
  dlc.entry @i64(%x: !i64_B_3 {dlc.name = "x"}, %value: tensor<i64> {dlc.name = "value"})
      -> (!i64_Bp3_7 {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [1, 0] high [2, 2] interior [0, 1]
        : (!i64_B_3, tensor<i64>) -> !i64_Bp3_7
    dlc.return %y : !i64_Bp3_7
  }
  dlc.entry @i32(%x: !i32_B_3 {dlc.name = "x"}, %value: tensor<i32> {dlc.name = "value"})
      -> (!i32_Bp3_7 {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [1, 0] high [2, 2] interior [0, 1]
        : (!i32_B_3, tensor<i32>) -> !i32_Bp3_7
    dlc.return %y : !i32_Bp3_7
  }
  dlc.entry @i8(%x: !i8_B_3 {dlc.name = "x"}, %value: tensor<i8> {dlc.name = "value"})
      -> (!i8_Bp3_7 {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [1, 0] high [2, 2] interior [0, 1]
        : (!i8_B_3, tensor<i8>) -> !i8_Bp3_7
    dlc.return %y : !i8_Bp3_7
  }
  dlc.entry @u8(%x: !u8_B_3 {dlc.name = "x"}, %value: tensor<ui8> {dlc.name = "value"})
      -> (!u8_Bp3_7 {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [1, 0] high [2, 2] interior [0, 1]
        : (!u8_B_3, tensor<ui8>) -> !u8_Bp3_7
    dlc.return %y : !u8_Bp3_7
  }
  dlc.entry @i1(%x: !i1_B_3 {dlc.name = "x"}, %value: tensor<i1> {dlc.name = "value"})
      -> (!i1_Bp3_7 {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [1, 0] high [2, 2] interior [0, 1]
        : (!i1_B_3, tensor<i1>) -> !i1_Bp3_7
    dlc.return %y : !i1_Bp3_7
  }
  dlc.entry @static(%x: tensor<4x5xf32> {dlc.name = "x"}, %value: tensor<f32> {dlc.name = "value"})
      -> (tensor<4x7xf32> {dlc.name = "y"}) {
    %y = dlc.pad %x, %value low [0, 1] high [0, 1] interior [0, 0]
        : (tensor<4x5xf32>, tensor<f32>) -> tensor<4x7xf32>
    dlc.return %y : tensor<4x7xf32>
  }
  // CHECK: values values y = [9, 1, 9, 9, 2, 9]
  dlc.entry @values() -> (tensor<6xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %v = dlc.constant dense<9.0> : tensor<f32>
    %y = dlc.pad %x, %v low [1] high [1] interior [2]
        : (tensor<2xf32>, tensor<f32>) -> tensor<6xf32>
    dlc.return %y : tensor<6xf32>
  }
}
