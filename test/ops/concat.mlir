// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f32_2xB_3 = tensor<?x3xf32, #dlc.dims<[2*B, 3]>>
!f32_B_6 = tensor<?x6xf32, #dlc.dims<[B, 6]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f64_2xB_3 = tensor<?x3xf64, #dlc.dims<[2*B, 3]>>
!f64_B_6 = tensor<?x6xf64, #dlc.dims<[B, 6]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!f16_2xB_3 = tensor<?x3xf16, #dlc.dims<[2*B, 3]>>
!f16_B_6 = tensor<?x6xf16, #dlc.dims<[B, 6]>>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!bf16_2xB_3 = tensor<?x3xbf16, #dlc.dims<[2*B, 3]>>
!bf16_B_6 = tensor<?x6xbf16, #dlc.dims<[B, 6]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i64_2xB_3 = tensor<?x3xi64, #dlc.dims<[2*B, 3]>>
!i64_B_6 = tensor<?x6xi64, #dlc.dims<[B, 6]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i32_2xB_3 = tensor<?x3xi32, #dlc.dims<[2*B, 3]>>
!i32_B_6 = tensor<?x6xi32, #dlc.dims<[B, 6]>>
!i8_B_3 = tensor<?x3xi8, #dlc.dims<[B, 3]>>
!i8_2xB_3 = tensor<?x3xi8, #dlc.dims<[2*B, 3]>>
!i8_B_6 = tensor<?x6xi8, #dlc.dims<[B, 6]>>
!u8_B_3 = tensor<?x3xui8, #dlc.dims<[B, 3]>>
!u8_2xB_3 = tensor<?x3xui8, #dlc.dims<[2*B, 3]>>
!u8_B_6 = tensor<?x6xui8, #dlc.dims<[B, 6]>>
!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>
!i1_2xB_3 = tensor<?x3xi1, #dlc.dims<[2*B, 3]>>
!i1_B_6 = tensor<?x6xi1, #dlc.dims<[B, 6]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%a: !f32_B_3 {dlc.name = "a"}, %b: !f32_B_3 {dlc.name = "b"})
      -> (!f32_2xB_3 {dlc.name = "y"}, !f32_B_6 {dlc.name = "z"}) {
    %y = dlc.concat %a, %b axis 0 : (!f32_B_3, !f32_B_3) -> !f32_2xB_3
    %z = dlc.concat %a, %b axis 1 : (!f32_B_3, !f32_B_3) -> !f32_B_6
    dlc.return %y, %z : !f32_2xB_3, !f32_B_6
  }
  dlc.entry @f64(%a: !f64_B_3 {dlc.name = "a"}, %b: !f64_B_3 {dlc.name = "b"})
      -> (!f64_2xB_3 {dlc.name = "y"}, !f64_B_6 {dlc.name = "z"}) {
    %y = dlc.concat %a, %b axis 0 : (!f64_B_3, !f64_B_3) -> !f64_2xB_3
    %z = dlc.concat %a, %b axis 1 : (!f64_B_3, !f64_B_3) -> !f64_B_6
    dlc.return %y, %z : !f64_2xB_3, !f64_B_6
  }
  dlc.entry @f16(%a: !f16_B_3 {dlc.name = "a"}, %b: !f16_B_3 {dlc.name = "b"})
      -> (!f16_2xB_3 {dlc.name = "y"}, !f16_B_6 {dlc.name = "z"}) {
    %y = dlc.concat %a, %b axis 0 : (!f16_B_3, !f16_B_3) -> !f16_2xB_3
    %z = dlc.concat %a, %b axis 1 : (!f16_B_3, !f16_B_3) -> !f16_B_6
    dlc.return %y, %z : !f16_2xB_3, !f16_B_6
  }
  dlc.entry @bf16(%a: !bf16_B_3 {dlc.name = "a"}, %b: !bf16_B_3 {dlc.name = "b"})
      -> (!bf16_2xB_3 {dlc.name = "y"}, !bf16_B_6 {dlc.name = "z"}) {
    %y = dlc.concat %a, %b axis 0 : (!bf16_B_3, !bf16_B_3) -> !bf16_2xB_3
    %z = dlc.concat %a, %b axis 1 : (!bf16_B_3, !bf16_B_3) -> !bf16_B_6
    dlc.return %y, %z : !bf16_2xB_3, !bf16_B_6
  }
  dlc.entry @i64(%a: !i64_B_3 {dlc.name = "a"}, %b: !i64_B_3 {dlc.name = "b"})
      -> (!i64_2xB_3 {dlc.name = "y"}, !i64_B_6 {dlc.name = "z"}) {
    %y = dlc.concat %a, %b axis 0 : (!i64_B_3, !i64_B_3) -> !i64_2xB_3
    %z = dlc.concat %a, %b axis 1 : (!i64_B_3, !i64_B_3) -> !i64_B_6
    dlc.return %y, %z : !i64_2xB_3, !i64_B_6
  }
  dlc.entry @i32(%a: !i32_B_3 {dlc.name = "a"}, %b: !i32_B_3 {dlc.name = "b"})
      -> (!i32_2xB_3 {dlc.name = "y"}, !i32_B_6 {dlc.name = "z"}) {
    %y = dlc.concat %a, %b axis 0 : (!i32_B_3, !i32_B_3) -> !i32_2xB_3
    %z = dlc.concat %a, %b axis 1 : (!i32_B_3, !i32_B_3) -> !i32_B_6
    dlc.return %y, %z : !i32_2xB_3, !i32_B_6
  }
  dlc.entry @i8(%a: !i8_B_3 {dlc.name = "a"}, %b: !i8_B_3 {dlc.name = "b"})
      -> (!i8_2xB_3 {dlc.name = "y"}, !i8_B_6 {dlc.name = "z"}) {
    %y = dlc.concat %a, %b axis 0 : (!i8_B_3, !i8_B_3) -> !i8_2xB_3
    %z = dlc.concat %a, %b axis 1 : (!i8_B_3, !i8_B_3) -> !i8_B_6
    dlc.return %y, %z : !i8_2xB_3, !i8_B_6
  }
  dlc.entry @u8(%a: !u8_B_3 {dlc.name = "a"}, %b: !u8_B_3 {dlc.name = "b"})
      -> (!u8_2xB_3 {dlc.name = "y"}, !u8_B_6 {dlc.name = "z"}) {
    %y = dlc.concat %a, %b axis 0 : (!u8_B_3, !u8_B_3) -> !u8_2xB_3
    %z = dlc.concat %a, %b axis 1 : (!u8_B_3, !u8_B_3) -> !u8_B_6
    dlc.return %y, %z : !u8_2xB_3, !u8_B_6
  }
  dlc.entry @i1(%a: !i1_B_3 {dlc.name = "a"}, %b: !i1_B_3 {dlc.name = "b"})
      -> (!i1_2xB_3 {dlc.name = "y"}, !i1_B_6 {dlc.name = "z"}) {
    %y = dlc.concat %a, %b axis 0 : (!i1_B_3, !i1_B_3) -> !i1_2xB_3
    %z = dlc.concat %a, %b axis 1 : (!i1_B_3, !i1_B_3) -> !i1_B_6
    dlc.return %y, %z : !i1_2xB_3, !i1_B_6
  }
  dlc.entry @static(%a: tensor<2x1xf32> {dlc.name = "a"}, %b: tensor<2x3xf32> {dlc.name = "b"},
      %c: tensor<2x1xf32> {dlc.name = "c"})
      -> (tensor<2x5xf32> {dlc.name = "y"}) {
    %y = dlc.concat %a, %b, %c axis 1
        : (tensor<2x1xf32>, tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x5xf32>
    dlc.return %y : tensor<2x5xf32>
  }
  // CHECK: values values y = [1, 3, 2, 4]
  dlc.entry @values() -> (tensor<2x2xf32> {dlc.name = "y"}) {
    %a = dlc.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
    %b = dlc.constant dense<[[3.0], [4.0]]> : tensor<2x1xf32>
    %y = dlc.concat %a, %b axis 1 : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>
    dlc.return %y : tensor<2x2xf32>
  }
}
