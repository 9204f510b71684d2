// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%a: !f32_B_3 {dlc.name = "a"}, %b: !f32_B_3 {dlc.name = "b"})
      -> (!f32_B_3 {dlc.name = "y"}) attributes {dlc.no_gradient} {
    %y = dlc.pow %a, %b : !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%a: !f64_B_3 {dlc.name = "a"}, %b: !f64_B_3 {dlc.name = "b"})
      -> (!f64_B_3 {dlc.name = "y"}) attributes {dlc.no_gradient} {
    %y = dlc.pow %a, %b : !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @i32(%a: !i32_B_3 {dlc.name = "a"}, %b: !i32_B_3 {dlc.name = "b"})
      -> (!i32_B_3 {dlc.name = "y"}) {
    %y = dlc.pow %a, %b : !i32_B_3
    dlc.return %y : !i32_B_3
  }
  dlc.entry @i64(%a: !i64_B_3 {dlc.name = "a"}, %b: !i64_B_3 {dlc.name = "b"})
      -> (!i64_B_3 {dlc.name = "y"}) {
    %y = dlc.pow %a, %b : !i64_B_3
    dlc.return %y : !i64_B_3
  }
  dlc.entry @domain(%a: !f32_B_3 {dlc.name = "a", dlc.range = [0.25, 3.0]},
      %b: !f32_B_3 {dlc.name = "b"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.pow %a, %b : !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @static(%a: tensor<2x4xf32> {dlc.name = "a", dlc.range = [0.25, 3.0]},
      %b: tensor<2x4xf32> {dlc.name = "b"})
      -> (tensor<2x4xf32> {dlc.name = "y"}) {
    %y = dlc.pow %a, %b : tensor<2x4xf32>
    dlc.return %y : tensor<2x4xf32>
  }
  // CHECK: values values y = [8, 1.41421354, 1, -512, nan]
  dlc.entry @values() -> (tensor<5xf32> {dlc.name = "y"}) {
    %a = dlc.constant dense<[2.0, 2.0, 0x7FC00000, -8.0, -2.0]> : tensor<5xf32>
    %b = dlc.constant dense<[3.0, 0.5, 0.0, 3.0, 0.5]> : tensor<5xf32>
    %y = dlc.pow %a, %b : tensor<5xf32>
    dlc.return %y : tensor<5xf32>
  }
  // CHECK: values integers y = [243, -1, 0, 1]
  dlc.entry @integers() -> (tensor<4xi32> {dlc.name = "y"}) {
    %a = dlc.constant dense<[3, -1, 2, 0]> : tensor<4xi32>
    %b = dlc.constant dense<[5, -3, -1, 0]> : tensor<4xi32>
    %y = dlc.pow %a, %b : tensor<4xi32>
    dlc.return %y : tensor<4xi32>
  }
}
