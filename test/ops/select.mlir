// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i8_B_3 = tensor<?x3xi8, #dlc.dims<[B, 3]>>
!u8_B_3 = tensor<?x3xui8, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%p: !i1_B_3 {dlc.name = "p"}, %a: !f32_B_3 {dlc.name = "a"},
      %b: !f32_B_3 {dlc.name = "b"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (!i1_B_3, !f32_B_3, !f32_B_3) -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%p: !i1_B_3 {dlc.name = "p"}, %a: !f64_B_3 {dlc.name = "a"},
      %b: !f64_B_3 {dlc.name = "b"})
      -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (!i1_B_3, !f64_B_3, !f64_B_3) -> !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @f16(%p: !i1_B_3 {dlc.name = "p"}, %a: !f16_B_3 {dlc.name = "a"},
      %b: !f16_B_3 {dlc.name = "b"})
      -> (!f16_B_3 {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (!i1_B_3, !f16_B_3, !f16_B_3) -> !f16_B_3
    dlc.return %y : !f16_B_3
  }
  dlc.entry @bf16(%p: !i1_B_3 {dlc.name = "p"}, %a: !bf16_B_3 {dlc.name = "a"},
      %b: !bf16_B_3 {dlc.name = "b"})
      -> (!bf16_B_3 {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (!i1_B_3, !bf16_B_3, !bf16_B_3) -> !bf16_B_3
    dlc.return %y : !bf16_B_3
  }
  dlc.entry @i64(%p: !i1_B_3 {dlc.name = "p"}, %a: !i64_B_3 {dlc.name = "a"},
      %b: !i64_B_3 {dlc.name = "b"})
      -> (!i64_B_3 {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (!i1_B_3, !i64_B_3, !i64_B_3) -> !i64_B_3
    dlc.return %y : !i64_B_3
  }
  dlc.entry @i32(%p: !i1_B_3 {dlc.name = "p"}, %a: !i32_B_3 {dlc.name = "a"},
      %b: !i32_B_3 {dlc.name = "b"})
      -> (!i32_B_3 {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (!i1_B_3, !i32_B_3, !i32_B_3) -> !i32_B_3
    dlc.return %y : !i32_B_3
  }
  dlc.entry @i8(%p: !i1_B_3 {dlc.name = "p"}, %a: !i8_B_3 {dlc.name = "a"},
      %b: !i8_B_3 {dlc.name = "b"})
      -> (!i8_B_3 {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (!i1_B_3, !i8_B_3, !i8_B_3) -> !i8_B_3
    dlc.return %y : !i8_B_3
  }
  dlc.entry @u8(%p: !i1_B_3 {dlc.name = "p"}, %a: !u8_B_3 {dlc.name = "a"},
      %b: !u8_B_3 {dlc.name = "b"})
      -> (!u8_B_3 {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (!i1_B_3, !u8_B_3, !u8_B_3) -> !u8_B_3
    dlc.return %y : !u8_B_3
  }
  dlc.entry @i1(%p: !i1_B_3 {dlc.name = "p"}, %a: !i1_B_3 {dlc.name = "a"},
      %b: !i1_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (!i1_B_3, !i1_B_3, !i1_B_3) -> !i1_B_3
    dlc.return %y : !i1_B_3
  }
  dlc.entry @static(%p: tensor<2xi1> {dlc.name = "p"}, %a: tensor<2xf32> {dlc.name = "a"},
      %b: tensor<2xf32> {dlc.name = "b"})
      -> (tensor<2xf32> {dlc.name = "y"}) {
    %y = dlc.select %p, %a, %b : (tensor<2xi1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
  // CHECK: values values y = [1, 4]
  dlc.entry @values() -> (tensor<2xf32> {dlc.name = "y"}) {
    %p = dlc.constant dense<[true, false]> : tensor<2xi1>
    %a = dlc.constant dense<[1.0, 0x7FC00000]> : tensor<2xf32>
    %b = dlc.constant dense<[0x7FC00000, 4.0]> : tensor<2xf32>
    %y = dlc.select %p, %a, %b : (tensor<2xi1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
}
