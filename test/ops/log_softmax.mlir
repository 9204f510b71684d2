// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_5 = tensor<?x5xf32, #dlc.dims<[B, 5]>>
!f64_B_5 = tensor<?x5xf64, #dlc.dims<[B, 5]>>
!f32_3_B = tensor<3x?xf32, #dlc.dims<[3, B]>>
!f32_B_3_2 = tensor<?x3x2xf32, #dlc.dims<[B, 3, 2]>>
!f32_4_10 = tensor<4x10xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_5 {dlc.name = "x"}) -> (!f32_B_5 {dlc.name = "y"}) {
    %y = dlc.log_softmax %x axis 1 : !f32_B_5
    dlc.return %y : !f32_B_5
  }
  dlc.entry @f64(%x: !f64_B_5 {dlc.name = "x"}) -> (!f64_B_5 {dlc.name = "y"}) {
    %y = dlc.log_softmax %x axis 1 : !f64_B_5
    dlc.return %y : !f64_B_5
  }
  dlc.entry @symbolic_axis(%x: !f32_3_B {dlc.name = "x"}) -> (!f32_3_B {dlc.name = "y"}) {
    %y = dlc.log_softmax %x axis 1 : !f32_3_B
    dlc.return %y : !f32_3_B
  }
  dlc.entry @middle_axis(%x: !f32_B_3_2 {dlc.name = "x"}) -> (!f32_B_3_2 {dlc.name = "y"}) {
    %y = dlc.log_softmax %x axis 1 : !f32_B_3_2
    dlc.return %y : !f32_B_3_2
  }
  dlc.entry @static(%x: !f32_4_10 {dlc.name = "x"}) -> (!f32_4_10 {dlc.name = "y"}) {
    %y = dlc.log_softmax %x axis 1 : !f32_4_10
    dlc.return %y : !f32_4_10
  }
  // CHECK: values values y = [-1.31326163, -0.313261688, -0.693147182, -0.693147182, 0, -inf]
  dlc.entry @values() -> (tensor<3x2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[[0.0, 1.0], [1000.0, 1000.0], [2.0, 0xFF800000]]> : tensor<3x2xf32>
    %y = dlc.log_softmax %x axis 1 : tensor<3x2xf32>
    dlc.return %y : tensor<3x2xf32>
  }
}
