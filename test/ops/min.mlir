// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%a: !f32_B_3 {dlc.name = "a"}, %b: !f32_B_3 {dlc.name = "b"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.min %a, %b : !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%a: !f64_B_3 {dlc.name = "a"}, %b: !f64_B_3 {dlc.name = "b"})
      -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.min %a, %b : !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @i32(%a: !i32_B_3 {dlc.name = "a"}, %b: !i32_B_3 {dlc.name = "b"})
      -> (!i32_B_3 {dlc.name = "y"}) {
    %y = dlc.min %a, %b : !i32_B_3
    dlc.return %y : !i32_B_3
  }
  dlc.entry @i64(%a: !i64_B_3 {dlc.name = "a"}, %b: !i64_B_3 {dlc.name = "b"})
      -> (!i64_B_3 {dlc.name = "y"}) {
    %y = dlc.min %a, %b : !i64_B_3
    dlc.return %y : !i64_B_3
  }
  // Enough elements for zeros of both signs to meet in either order.
  dlc.entry @zeros(%a: tensor<16x37xf32> {dlc.name = "a"}, %b: tensor<16x37xf32> {dlc.name = "b"})
      -> (tensor<16x37xf32> {dlc.name = "y"}) {
    %y = dlc.min %a, %b : tensor<16x37xf32>
    dlc.return %y : tensor<16x37xf32>
  }
  dlc.entry @static(%a: tensor<2x4xf32> {dlc.name = "a"}, %b: tensor<2x4xf32> {dlc.name = "b"})
      -> (tensor<2x4xf32> {dlc.name = "y"}) {
    %y = dlc.min %a, %b : tensor<2x4xf32>
    dlc.return %y : tensor<2x4xf32>
  }
  // CHECK: values values y = [1, -1, nan]
  dlc.entry @values() -> (tensor<3xf32> {dlc.name = "y"}) {
    %a = dlc.constant dense<[1.0, -0.0, 0x7FC00000]> : tensor<3xf32>
    %b = dlc.constant dense<[3.0, -1.0, 0.0]> : tensor<3xf32>
    %y = dlc.min %a, %b : tensor<3xf32>
    dlc.return %y : tensor<3xf32>
  }
  // CHECK: values integers y = [-7, 0]
  dlc.entry @integers() -> (tensor<2xi32> {dlc.name = "y"}) {
    %a = dlc.constant dense<[-7, 5]> : tensor<2xi32>
    %b = dlc.constant dense<[2, 0]> : tensor<2xi32>
    %y = dlc.min %a, %b : tensor<2xi32>
    dlc.return %y : tensor<2xi32>
  }
}
