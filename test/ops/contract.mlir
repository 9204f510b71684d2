// RUN: dlc check %s --bind B=0,1,5 --bind T=2,3 --gradients | tee %t | FileCheck %s

!f32_B_4 = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_4 = tensor<?x4xf64, #dlc.dims<[B, 4]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f16_B_4 = tensor<?x4xf16, #dlc.dims<[B, 4]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!bf16_B_4 = tensor<?x4xbf16, #dlc.dims<[B, 4]>>
!bf16_4_3 = tensor<4x3xbf16>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!i32_B_4 = tensor<?x4xi32, #dlc.dims<[B, 4]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i64_B_4 = tensor<?x4xi64, #dlc.dims<[B, 4]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!f32_B_2_T_4 = tensor<?x2x?x4xf32, #dlc.dims<[B, 2, T, 4]>>
!f32_B_2_T_T = tensor<?x2x?x?xf32, #dlc.dims<[B, 2, T, T]>>
!f32_B = tensor<?xf32, #dlc.dims<[B]>>
!f32_3_B_2 = tensor<3x?x2xf32, #dlc.dims<[3, B, 2]>>
!f32_3_4_2 = tensor<3x4x2xf32>
!f32_B_2_4_2 = tensor<?x2x4x2xf32, #dlc.dims<[B, 2, 4, 2]>>
!f32_B_3_5 = tensor<?x3x5xf32, #dlc.dims<[B, 3, 5]>>
!f32_33_17 = tensor<33x17xf32>
!f32_5_17 = tensor<5x17xf32>
!f32_33_5 = tensor<33x5xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<T, min = 0>]} {
  dlc.entry @f32(%a: !f32_B_4 {dlc.name = "a"}, %b: tensor<4x3xf32> {dlc.name = "b"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [1] x [0] : (!f32_B_4, tensor<4x3xf32>) -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%a: !f64_B_4 {dlc.name = "a"}, %b: tensor<4x3xf64> {dlc.name = "b"})
      -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [1] x [0] : (!f64_B_4, tensor<4x3xf64>) -> !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @f16(%a: !f16_B_4 {dlc.name = "a"}, %b: tensor<4x3xf16> {dlc.name = "b"})
      -> (!f16_B_3 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [1] x [0] : (!f16_B_4, tensor<4x3xf16>) -> !f16_B_3
    dlc.return %y : !f16_B_3
  }
  dlc.entry @bf16(%a: !bf16_B_4 {dlc.name = "a"}, %b: !bf16_4_3 {dlc.name = "b"})
      -> (!bf16_B_3 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [1] x [0] : (!bf16_B_4, !bf16_4_3) -> !bf16_B_3
    dlc.return %y : !bf16_B_3
  }
  dlc.entry @f16_to_f32(%a: !f16_B_4 {dlc.name = "a"}, %b: tensor<4x3xf16> {dlc.name = "b"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [1] x [0] : (!f16_B_4, tensor<4x3xf16>) -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @bf16_to_f32(%a: !bf16_B_4 {dlc.name = "a"}, %b: !bf16_4_3 {dlc.name = "b"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [1] x [0] : (!bf16_B_4, !bf16_4_3) -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @i32(%a: !i32_B_4 {dlc.name = "a"}, %b: tensor<4x3xi32> {dlc.name = "b"})
      -> (!i32_B_3 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [1] x [0] : (!i32_B_4, tensor<4x3xi32>) -> !i32_B_3
    dlc.return %y : !i32_B_3
  }
  dlc.entry @i64(%a: !i64_B_4 {dlc.name = "a"}, %b: tensor<4x3xi64> {dlc.name = "b"})
      -> (!i64_B_3 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [1] x [0] : (!i64_B_4, tensor<4x3xi64>) -> !i64_B_3
    dlc.return %y : !i64_B_3
  }
  dlc.entry @attention_scores(%q: !f32_B_2_T_4 {dlc.name = "q"}, %k: !f32_B_2_T_4 {dlc.name = "k"})
      -> (!f32_B_2_T_T {dlc.name = "y"}) {
    %y = dlc.contract %q, %k batch [0, 1] x [0, 1] reduce [3] x [3]
        : (!f32_B_2_T_4, !f32_B_2_T_4) -> !f32_B_2_T_T
    dlc.return %y : !f32_B_2_T_T
  }
  dlc.entry @over_the_batch(%a: !f32_B_4 {dlc.name = "a"}, %b: !f32_B_3 {dlc.name = "b"})
      -> (tensor<4x3xf32> {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [0] x [0] : (!f32_B_4, !f32_B_3) -> tensor<4x3xf32>
    dlc.return %y : tensor<4x3xf32>
  }
  dlc.entry @outer_product(%a: !f32_B {dlc.name = "a"}, %b: tensor<3xf32> {dlc.name = "b"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [] x [] : (!f32_B, tensor<3xf32>) -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @bias_on_two_free_dimensions(%a: !f32_3_B_2 {dlc.name = "a"},
      %b: !f32_3_4_2 {dlc.name = "b"}, %s: tensor<2xf32> {dlc.name = "s"})
      -> (!f32_B_2_4_2 {dlc.name = "y"}) {
    %c = dlc.contract %a, %b reduce [0] x [0] : (!f32_3_B_2, !f32_3_4_2) -> !f32_B_2_4_2
    %t = dlc.broadcast %s to [3] : tensor<2xf32> -> !f32_B_2_4_2
    %y = dlc.add %c, %t : !f32_B_2_4_2
    dlc.return %y : !f32_B_2_4_2
  }
  dlc.entry @bias_without_free_dimension(%a: !f32_B_3_5 {dlc.name = "a"},
      %b: tensor<5xf32> {dlc.name = "b"}, %s: tensor<3xf32> {dlc.name = "s"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %c = dlc.contract %a, %b reduce [2] x [0] : (!f32_B_3_5, tensor<5xf32>) -> !f32_B_3
    %t = dlc.broadcast %s to [1] : tensor<3xf32> -> !f32_B_3
    %y = dlc.add %c, %t : !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @static_transposed(%a: !f32_33_17 {dlc.name = "a"}, %b: !f32_5_17 {dlc.name = "b"})
      -> (!f32_33_5 {dlc.name = "y"}) {
    %y = dlc.contract %a, %b reduce [1] x [1] : (!f32_33_17, !f32_5_17) -> !f32_33_5
    dlc.return %y : !f32_33_5
  }
  // CHECK: values values y = [19, 22, 43, 50]
  dlc.entry @values() -> (tensor<2x2xf32> {dlc.name = "y"}) {
    %a = dlc.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
    %b = dlc.constant dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf32>
    %y = dlc.contract %a, %b reduce [1] x [0]
        : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    dlc.return %y : tensor<2x2xf32>
  }
}
