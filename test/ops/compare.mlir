// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i8_B_3 = tensor<?x3xi8, #dlc.dims<[B, 3]>>
!u8_B_3 = tensor<?x3xui8, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%a: !f32_B_3 {dlc.name = "a"}, %b: !f32_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}) {
    %y = dlc.compare lt %a, %b : (!f32_B_3, !f32_B_3) -> !i1_B_3
    %z = dlc.compare ne %a, %b : (!f32_B_3, !f32_B_3) -> !i1_B_3
    dlc.return %y, %z : !i1_B_3, !i1_B_3
  }
  dlc.entry @f64(%a: !f64_B_3 {dlc.name = "a"}, %b: !f64_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}) {
    %y = dlc.compare lt %a, %b : (!f64_B_3, !f64_B_3) -> !i1_B_3
    %z = dlc.compare ne %a, %b : (!f64_B_3, !f64_B_3) -> !i1_B_3
    dlc.return %y, %z : !i1_B_3, !i1_B_3
  }
  dlc.entry @f16(%a: !f16_B_3 {dlc.name = "a"}, %b: !f16_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}) {
    %y = dlc.compare lt %a, %b : (!f16_B_3, !f16_B_3) -> !i1_B_3
    %z = dlc.compare ne %a, %b : (!f16_B_3, !f16_B_3) -> !i1_B_3
    dlc.return %y, %z : !i1_B_3, !i1_B_3
  }
  dlc.entry @bf16(%a: !bf16_B_3 {dlc.name = "a"}, %b: !bf16_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}) {
    %y = dlc.compare lt %a, %b : (!bf16_B_3, !bf16_B_3) -> !i1_B_3
    %z = dlc.compare ne %a, %b : (!bf16_B_3, !bf16_B_3) -> !i1_B_3
    dlc.return %y, %z : !i1_B_3, !i1_B_3
  }
  dlc.entry @i32(%a: !i32_B_3 {dlc.name = "a"}, %b: !i32_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}) {
    %y = dlc.compare lt %a, %b : (!i32_B_3, !i32_B_3) -> !i1_B_3
    %z = dlc.compare ne %a, %b : (!i32_B_3, !i32_B_3) -> !i1_B_3
    dlc.return %y, %z : !i1_B_3, !i1_B_3
  }
  dlc.entry @i64(%a: !i64_B_3 {dlc.name = "a"}, %b: !i64_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}) {
    %y = dlc.compare lt %a, %b : (!i64_B_3, !i64_B_3) -> !i1_B_3
    %z = dlc.compare ne %a, %b : (!i64_B_3, !i64_B_3) -> !i1_B_3
    dlc.return %y, %z : !i1_B_3, !i1_B_3
  }
  dlc.entry @i8(%a: !i8_B_3 {dlc.name = "a"}, %b: !i8_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}) {
    %y = dlc.compare lt %a, %b : (!i8_B_3, !i8_B_3) -> !i1_B_3
    %z = dlc.compare ne %a, %b : (!i8_B_3, !i8_B_3) -> !i1_B_3
    dlc.return %y, %z : !i1_B_3, !i1_B_3
  }
  dlc.entry @u8(%a: !u8_B_3 {dlc.name = "a"}, %b: !u8_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}) {
    %y = dlc.compare lt %a, %b : (!u8_B_3, !u8_B_3) -> !i1_B_3
    %z = dlc.compare ne %a, %b : (!u8_B_3, !u8_B_3) -> !i1_B_3
    dlc.return %y, %z : !i1_B_3, !i1_B_3
  }
  dlc.entry @i1(%a: !i1_B_3 {dlc.name = "a"}, %b: !i1_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}, !i1_B_3 {dlc.name = "z"}) {
    %y = dlc.compare lt %a, %b : (!i1_B_3, !i1_B_3) -> !i1_B_3
    %z = dlc.compare ne %a, %b : (!i1_B_3, !i1_B_3) -> !i1_B_3
    dlc.return %y, %z : !i1_B_3, !i1_B_3
  }
  dlc.entry @static(%a: tensor<4xf32> {dlc.name = "a"}, %b: tensor<4xf32> {dlc.name = "b"})
      -> (tensor<4xi1> {dlc.name = "y"}) {
    %y = dlc.compare ge %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    dlc.return %y : tensor<4xi1>
  }
  // CHECK: values eq y = [0, 0, 1, 0]
  dlc.entry @eq() -> (tensor<4xi1> {dlc.name = "y"}) {
    %a = dlc.constant dense<[1.0, 0x7FC00000, -0.0, 2.0]> : tensor<4xf32>
    %b = dlc.constant dense<[2.0, 0x7FC00000, 0.0, 1.0]> : tensor<4xf32>
    %y = dlc.compare eq %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    dlc.return %y : tensor<4xi1>
  }
  // CHECK: values ne y = [1, 1, 0, 1]
  dlc.entry @ne() -> (tensor<4xi1> {dlc.name = "y"}) {
    %a = dlc.constant dense<[1.0, 0x7FC00000, -0.0, 2.0]> : tensor<4xf32>
    %b = dlc.constant dense<[2.0, 0x7FC00000, 0.0, 1.0]> : tensor<4xf32>
    %y = dlc.compare ne %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    dlc.return %y : tensor<4xi1>
  }
  // CHECK: values lt y = [1, 0, 0, 0]
  dlc.entry @lt() -> (tensor<4xi1> {dlc.name = "y"}) {
    %a = dlc.constant dense<[1.0, 0x7FC00000, -0.0, 2.0]> : tensor<4xf32>
    %b = dlc.constant dense<[2.0, 0x7FC00000, 0.0, 1.0]> : tensor<4xf32>
    %y = dlc.compare lt %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    dlc.return %y : tensor<4xi1>
  }
  // CHECK: values le y = [1, 0, 1, 0]
  dlc.entry @le() -> (tensor<4xi1> {dlc.name = "y"}) {
    %a = dlc.constant dense<[1.0, 0x7FC00000, -0.0, 2.0]> : tensor<4xf32>
    %b = dlc.constant dense<[2.0, 0x7FC00000, 0.0, 1.0]> : tensor<4xf32>
    %y = dlc.compare le %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    dlc.return %y : tensor<4xi1>
  }
  // CHECK: values gt y = [0, 0, 0, 1]
  dlc.entry @gt() -> (tensor<4xi1> {dlc.name = "y"}) {
    %a = dlc.constant dense<[1.0, 0x7FC00000, -0.0, 2.0]> : tensor<4xf32>
    %b = dlc.constant dense<[2.0, 0x7FC00000, 0.0, 1.0]> : tensor<4xf32>
    %y = dlc.compare gt %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    dlc.return %y : tensor<4xi1>
  }
  // CHECK: values ge y = [0, 0, 1, 1]
  dlc.entry @ge() -> (tensor<4xi1> {dlc.name = "y"}) {
    %a = dlc.constant dense<[1.0, 0x7FC00000, -0.0, 2.0]> : tensor<4xf32>
    %b = dlc.constant dense<[2.0, 0x7FC00000, 0.0, 1.0]> : tensor<4xf32>
    %y = dlc.compare ge %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    dlc.return %y : tensor<4xi1>
  }
}
