// RUN: dlc check %s --bind B=0,1,3 --gradients | tee %t | FileCheck %s

!f32_B_4_6_2 = tensor<?x4x6x2xf32, #dlc.dims<[B, 4, 6, 2]>>
!f32_B_2_3_2 = tensor<?x2x3x2xf32, #dlc.dims<[B, 2, 3, 2]>>
!i8_B_2_3_2 = tensor<?x2x3x2xi8, #dlc.dims<[B, 2, 3, 2]>>
!f64_B_4_6_2 = tensor<?x4x6x2xf64, #dlc.dims<[B, 4, 6, 2]>>
!f64_B_2_3_2 = tensor<?x2x3x2xf64, #dlc.dims<[B, 2, 3, 2]>>
!f32_B_5_5_16 = tensor<?x5x5x16xf32, #dlc.dims<[B, 5, 5, 16]>>
!f32_B_3_3_16 = tensor<?x3x3x16xf32, #dlc.dims<[B, 3, 3, 16]>>
!i8_B_3_3_16 = tensor<?x3x3x16xi8, #dlc.dims<[B, 3, 3, 16]>>
!bf16_B_5_5_16 = tensor<?x5x5x16xbf16, #dlc.dims<[B, 5, 5, 16]>>
!bf16_B_3_3_16 = tensor<?x3x3x16xbf16, #dlc.dims<[B, 3, 3, 16]>>
!f32_B_7_3 = tensor<?x7x3xf32, #dlc.dims<[B, 7, 3]>>
!f32_B_5_3 = tensor<?x5x3xf32, #dlc.dims<[B, 5, 3]>>
!i8_B_5_3 = tensor<?x5x3xi8, #dlc.dims<[B, 5, 3]>>
!f32_B_2_4_2_1 = tensor<?x2x4x2x1xf32, #dlc.dims<[B, 2, 4, 2, 1]>>
!f32_B_1_2_1_1 = tensor<?x1x2x1x1xf32, #dlc.dims<[B, 1, 2, 1, 1]>>
!i8_B_1_2_1_1 = tensor<?x1x2x1x1xi8, #dlc.dims<[B, 1, 2, 1, 1]>>
!f32_1_5_1 = tensor<1x5x1xf32>
!i8_1_5_1 = tensor<1x5x1xi8>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%w: !i8_B_2_3_2 {dlc.name = "winners"}, %dy: !f32_B_2_3_2 {dlc.name = "dy"})
      -> (!f32_B_4_6_2 {dlc.name = "dx"}) {
    %dx = dlc.max_pool_scatter %w, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
        : (!i8_B_2_3_2, !f32_B_2_3_2) -> !f32_B_4_6_2
    dlc.return %dx : !f32_B_4_6_2
  }
  dlc.entry @of_a_pool_f64(%x: !f64_B_4_6_2 {dlc.name = "x"}, %dy: !f64_B_2_3_2 {dlc.name = "dy"})
      -> (!f64_B_4_6_2 {dlc.name = "dx"}) {
    %w = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
        : (!f64_B_4_6_2) -> !i8_B_2_3_2
    %dx = dlc.max_pool_scatter %w, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
        : (!i8_B_2_3_2, !f64_B_2_3_2) -> !f64_B_4_6_2
    dlc.return %dx : !f64_B_4_6_2
  }
  dlc.entry @overlapping(%x: !f32_B_5_5_16 {dlc.name = "x"}, %dy: !f32_B_3_3_16 {dlc.name = "dy"})
      -> (!f32_B_5_5_16 {dlc.name = "dx"}) {
    %w = dlc.max_pool_winners %x window [3, 3] strides [2, 2] low [1, 1] high [1, 1]
        : (!f32_B_5_5_16) -> !i8_B_3_3_16
    %dx = dlc.max_pool_scatter %w, %dy window [3, 3] strides [2, 2] low [1, 1] high [1, 1]
        : (!i8_B_3_3_16, !f32_B_3_3_16) -> !f32_B_5_5_16
    dlc.return %dx : !f32_B_5_5_16
  }
  dlc.entry @overlapping_bf16(%x: !bf16_B_5_5_16 {dlc.name = "x"},
      %dy: !bf16_B_3_3_16 {dlc.name = "dy"}) -> (!bf16_B_5_5_16 {dlc.name = "dx"}) {
    %w = dlc.max_pool_winners %x window [3, 3] strides [2, 2] low [1, 1] high [1, 1]
        : (!bf16_B_5_5_16) -> !i8_B_3_3_16
    %dx = dlc.max_pool_scatter %w, %dy window [3, 3] strides [2, 2] low [1, 1] high [1, 1]
        : (!i8_B_3_3_16, !bf16_B_3_3_16) -> !bf16_B_5_5_16
    dlc.return %dx : !bf16_B_5_5_16
  }
  dlc.entry @one_dimension(%w: !i8_B_5_3 {dlc.name = "winners"}, %dy: !f32_B_5_3 {dlc.name = "dy"})
      -> (!f32_B_7_3 {dlc.name = "dx"}) {
    %dx = dlc.max_pool_scatter %w, %dy window [3] strides [1] low [0] high [0]
        : (!i8_B_5_3, !f32_B_5_3) -> !f32_B_7_3
    dlc.return %dx : !f32_B_7_3
  }
  dlc.entry @three_dimensions(%x: !f32_B_2_4_2_1 {dlc.name = "x"},
      %dy: !f32_B_1_2_1_1 {dlc.name = "dy"})
      -> (!f32_B_2_4_2_1 {dlc.name = "dx"}) {
    %w = dlc.max_pool_winners %x window [2, 2, 2] strides [2, 2, 2] low [0, 0, 0] high [0, 0, 0]
        : (!f32_B_2_4_2_1) -> !i8_B_1_2_1_1
    %dx = dlc.max_pool_scatter %w, %dy window [2, 2, 2]
        strides [2, 2, 2] low [0, 0, 0] high [0, 0, 0]
        : (!i8_B_1_2_1_1, !f32_B_1_2_1_1) -> !f32_B_2_4_2_1
    dlc.return %dx : !f32_B_2_4_2_1
  }
  // Position 0 of the first window is padding, -1 and 3 are no positions; both others add up.
  // CHECK: values values y = [0, 0, 0, 60, 0]
  dlc.entry @values() -> (!f32_1_5_1 {dlc.name = "y"}) {
    %w = dlc.constant dense<[[[0], [-1], [2], [1], [3]]]> : !i8_1_5_1
    %dy = dlc.constant dense<[[[10.0], [15.0], [20.0], [40.0], [80.0]]]> : !f32_1_5_1
    %y = dlc.max_pool_scatter %w, %dy window [3] strides [1] low [1] high [1]
        : (!i8_1_5_1, !f32_1_5_1) -> !f32_1_5_1
    dlc.return %y : !f32_1_5_1
  }
}
