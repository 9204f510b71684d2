// RUN: dlc check %s --bind B=0,1,3 --gradients | tee %t | FileCheck %s

!f32_B_4_6_2 = tensor<?x4x6x2xf32, #dlc.dims<[B, 4, 6, 2]>>
!f32_B_2_3_2 = tensor<?x2x3x2xf32, #dlc.dims<[B, 2, 3, 2]>>
!f64_B_4_6_2 = tensor<?x4x6x2xf64, #dlc.dims<[B, 4, 6, 2]>>
!f64_B_2_3_2 = tensor<?x2x3x2xf64, #dlc.dims<[B, 2, 3, 2]>>
!f32_B_5_5_2 = tensor<?x5x5x2xf32, #dlc.dims<[B, 5, 5, 2]>>
!f32_B_3_3_2 = tensor<?x3x3x2xf32, #dlc.dims<[B, 3, 3, 2]>>
!f32_B_7_3 = tensor<?x7x3xf32, #dlc.dims<[B, 7, 3]>>
!f32_B_5_3 = tensor<?x5x3xf32, #dlc.dims<[B, 5, 3]>>
!f32_B_2_4_2_1 = tensor<?x2x4x2x1xf32, #dlc.dims<[B, 2, 4, 2, 1]>>
!f32_B_1_2_1_1 = tensor<?x1x2x1x1xf32, #dlc.dims<[B, 1, 2, 1, 1]>>
!f32_2_6_5_3 = tensor<2x6x5x3xf32>
!f32_2_3_2_3 = tensor<2x3x2x3xf32>
!f32_1_4_1 = tensor<1x4x1xf32>
!f32_1_2_1 = tensor<1x2x1xf32>
!f32_1_2_2 = tensor<1x2x2xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_4_6_2 {dlc.name = "x"}, %dy: !f32_B_2_3_2 {dlc.name = "dy"})
      -> (!f32_B_4_6_2 {dlc.name = "dx"}) {
    %dx = dlc.max_pool_grad %x, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
        : (!f32_B_4_6_2, !f32_B_2_3_2) -> !f32_B_4_6_2
    dlc.return %dx : !f32_B_4_6_2
  }
  dlc.entry @f64(%x: !f64_B_4_6_2 {dlc.name = "x"}, %dy: !f64_B_2_3_2 {dlc.name = "dy"})
      -> (!f64_B_4_6_2 {dlc.name = "dx"}) {
    %dx = dlc.max_pool_grad %x, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
        : (!f64_B_4_6_2, !f64_B_2_3_2) -> !f64_B_4_6_2
    dlc.return %dx : !f64_B_4_6_2
  }
  dlc.entry @same_overlapping(%x: !f32_B_5_5_2 {dlc.name = "x"},
      %dy: !f32_B_3_3_2 {dlc.name = "dy"})
      -> (!f32_B_5_5_2 {dlc.name = "dx"}) {
    %dx = dlc.max_pool_grad %x, %dy window [3, 3] strides [2, 2] low [1, 1] high [1, 1]
        : (!f32_B_5_5_2, !f32_B_3_3_2) -> !f32_B_5_5_2
    dlc.return %dx : !f32_B_5_5_2
  }
  dlc.entry @one_dimension(%x: !f32_B_7_3 {dlc.name = "x"}, %dy: !f32_B_5_3 {dlc.name = "dy"})
      -> (!f32_B_7_3 {dlc.name = "dx"}) {
    %dx = dlc.max_pool_grad %x, %dy window [3] strides [1] low [0] high [0]
        : (!f32_B_7_3, !f32_B_5_3) -> !f32_B_7_3
    dlc.return %dx : !f32_B_7_3
  }
  dlc.entry @three_dimensions(%x: !f32_B_2_4_2_1 {dlc.name = "x"},
      %dy: !f32_B_1_2_1_1 {dlc.name = "dy"})
      -> (!f32_B_2_4_2_1 {dlc.name = "dx"}) {
    %dx = dlc.max_pool_grad %x, %dy window [2, 2, 2]
        strides [2, 2, 2] low [0, 0, 0] high [0, 0, 0]
        : (!f32_B_2_4_2_1, !f32_B_1_2_1_1) -> !f32_B_2_4_2_1
    dlc.return %dx : !f32_B_2_4_2_1
  }
  dlc.entry @static(%x: !f32_2_6_5_3 {dlc.name = "x"}, %dy: !f32_2_3_2_3 {dlc.name = "dy"})
      -> (!f32_2_6_5_3 {dlc.name = "dx"}) {
    %dx = dlc.max_pool_grad %x, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
        : (!f32_2_6_5_3, !f32_2_3_2_3) -> !f32_2_6_5_3
    dlc.return %dx : !f32_2_6_5_3
  }
  // More positions than bytes number: the winners are looked for in %x by the kernel itself.
  dlc.entry @large(%x: tensor<1x130x2xf32> {dlc.name = "x"}, %dy: !f32_1_2_2 {dlc.name = "dy"})
      -> (tensor<1x130x2xf32> {dlc.name = "dx"}) {
    %dx = dlc.max_pool_grad %x, %dy window [129] strides [1] low [0] high [0]
        : (tensor<1x130x2xf32>, !f32_1_2_2) -> tensor<1x130x2xf32>
    dlc.return %dx : tensor<1x130x2xf32>
  }
  // Windows of one element hand back where they stand.
  // CHECK: values strided dx = [1, 0, 0, 2, 0]
  dlc.entry @strided() -> (tensor<1x5x1xf32> {dlc.name = "dx"}) {
    %x = dlc.constant dense<7.0> : tensor<1x5x1xf32>
    %dy = dlc.constant dense<[[[1.0], [2.0]]]> : !f32_1_2_1
    %dx = dlc.max_pool_grad %x, %dy window [1] strides [3] low [0] high [0]
        : (tensor<1x5x1xf32>, !f32_1_2_1) -> tensor<1x5x1xf32>
    dlc.return %dx : tensor<1x5x1xf32>
  }
  // CHECK: values values y = [0, 10, 20, 0]
  dlc.entry @values() -> (!f32_1_4_1 {dlc.name = "y"}) {
    %x = dlc.constant dense<[[[1.0], [4.0], [3.0], [3.0]]]> : !f32_1_4_1
    %dy = dlc.constant dense<[[[10.0], [20.0]]]> : !f32_1_2_1
    %y = dlc.max_pool_grad %x, %dy window [2] strides [2] low [0] high [0]
        : (!f32_1_4_1, !f32_1_2_1) -> !f32_1_4_1
    dlc.return %y : !f32_1_4_1
  }
}
