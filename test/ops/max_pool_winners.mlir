// RUN: dlc check %s --bind B=0,1,3 | tee %t | FileCheck %s

!f32_B_4_6_2 = tensor<?x4x6x2xf32, #dlc.dims<[B, 4, 6, 2]>>
!f32_B_2_3_2 = tensor<?x2x3x2xf32, #dlc.dims<[B, 2, 3, 2]>>
!i8_B_2_3_2 = tensor<?x2x3x2xi8, #dlc.dims<[B, 2, 3, 2]>>
!f64_B_4_6_2 = tensor<?x4x6x2xf64, #dlc.dims<[B, 4, 6, 2]>>
!bf16_B_5_5_19 = tensor<?x5x5x19xbf16, #dlc.dims<[B, 5, 5, 19]>>
!i8_B_3_3_19 = tensor<?x3x3x19xi8, #dlc.dims<[B, 3, 3, 19]>>
!f32_B_H_5_16 = tensor<?x?x5x16xf32, #dlc.dims<[B, B + 1, 5, 16]>>
!f32_B_h_3_16 = tensor<?x?x3x16xf32, #dlc.dims<[B, B + 1, 3, 16]>>
!i8_B_h_3_16 = tensor<?x?x3x16xi8, #dlc.dims<[B, B + 1, 3, 16]>>
!f32_B_7_3 = tensor<?x7x3xf32, #dlc.dims<[B, 7, 3]>>
!i8_B_5_3 = tensor<?x5x3xi8, #dlc.dims<[B, 5, 3]>>
!f32_B_2_4_2_1 = tensor<?x2x4x2x1xf32, #dlc.dims<[B, 2, 4, 2, 1]>>
!i8_B_1_2_1_1 = tensor<?x1x2x1x1xi8, #dlc.dims<[B, 1, 2, 1, 1]>>
!f32_1_16_8_2 = tensor<1x16x8x2xf32>
!i8_1_1_1_2 = tensor<1x1x1x2xi8>
!f32_1_0_1 = tensor<1x0x1xf32>
!i8_1_1_1 = tensor<1x1x1xi8>
!f32_1_8_1 = tensor<1x8x1xf32>
!i8_1_4_1 = tensor<1x4x1xi8>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_4_6_2 {dlc.name = "x"}) -> (!i8_B_2_3_2 {dlc.name = "y"}) {
    %y = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
        : (!f32_B_4_6_2) -> !i8_B_2_3_2
    dlc.return %y : !i8_B_2_3_2
  }
  dlc.entry @f64(%x: !f64_B_4_6_2 {dlc.name = "x"}) -> (!i8_B_2_3_2 {dlc.name = "y"}) {
    %y = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
        : (!f64_B_4_6_2) -> !i8_B_2_3_2
    dlc.return %y : !i8_B_2_3_2
  }
  // Numbers of small values that are often equal: the first one wins.
  dlc.entry @beside_its_pool(%x: !f32_B_4_6_2 {dlc.name = "x"})
      -> (!f32_B_2_3_2 {dlc.name = "y"}, !i8_B_2_3_2 {dlc.name = "winners"}) {
    %rounded = dlc.round %x : !f32_B_4_6_2
    %y = dlc.max_pool %rounded window [3, 2] strides [2, 2] low [1, 0] high [0, 0]
        : (!f32_B_4_6_2) -> !f32_B_2_3_2
    %w = dlc.max_pool_winners %rounded window [3, 2] strides [2, 2] low [1, 0] high [0, 0]
        : (!f32_B_4_6_2) -> !i8_B_2_3_2
    dlc.return %y, %w : !f32_B_2_3_2, !i8_B_2_3_2
  }
  dlc.entry @bf16(%x: !bf16_B_5_5_19 {dlc.name = "x"}) -> (!i8_B_3_3_19 {dlc.name = "y"}) {
    %y = dlc.max_pool_winners %x window [3, 3] strides [2, 2] low [1, 1] high [1, 1]
        : (!bf16_B_5_5_19) -> !i8_B_3_3_19
    dlc.return %y : !i8_B_3_3_19
  }
  dlc.entry @symbolic(%x: !f32_B_H_5_16 {dlc.name = "x"})
      -> (!f32_B_h_3_16 {dlc.name = "y"}, !i8_B_h_3_16 {dlc.name = "winners"}) {
    %y = dlc.max_pool %x window [3, 3] strides [1, 2] low [1, 1] high [1, 1]
        : (!f32_B_H_5_16) -> !f32_B_h_3_16
    %w = dlc.max_pool_winners %x window [3, 3] strides [1, 2] low [1, 1] high [1, 1]
        : (!f32_B_H_5_16) -> !i8_B_h_3_16
    dlc.return %y, %w : !f32_B_h_3_16, !i8_B_h_3_16
  }
  dlc.entry @one_dimension(%x: !f32_B_7_3 {dlc.name = "x"}) -> (!i8_B_5_3 {dlc.name = "y"}) {
    %y = dlc.max_pool_winners %x window [3] strides [1] low [0] high [0]
        : (!f32_B_7_3) -> !i8_B_5_3
    dlc.return %y : !i8_B_5_3
  }
  dlc.entry @three_dimensions(%x: !f32_B_2_4_2_1 {dlc.name = "x"})
      -> (!i8_B_1_2_1_1 {dlc.name = "y"}) {
    %y = dlc.max_pool_winners %x window [2, 2, 2] strides [2, 2, 2] low [0, 0, 0] high [0, 0, 0]
        : (!f32_B_2_4_2_1) -> !i8_B_1_2_1_1
    dlc.return %y : !i8_B_1_2_1_1
  }
  // The largest window that bytes number: 127 is a winner's number, not a sign.
  dlc.entry @many_positions(%x: !f32_1_16_8_2 {dlc.name = "x"})
      -> (!i8_1_1_1_2 {dlc.name = "y"}) {
    %y = dlc.max_pool_winners %x window [16, 8] strides [1, 1] low [0, 0] high [0, 0]
        : (!f32_1_16_8_2) -> !i8_1_1_1_2
    dlc.return %y : !i8_1_1_1_2
  }
  // CHECK: values no_elements y = [-1]
  dlc.entry @no_elements() -> (!i8_1_1_1 {dlc.name = "y"}) {
    %x = dlc.constant dense<> : !f32_1_0_1
    %y = dlc.max_pool_winners %x window [2] strides [1] low [1] high [1]
        : (!f32_1_0_1) -> !i8_1_1_1
    dlc.return %y : !i8_1_1_1
  }
  // The padding is position 0 of the first window; of equal elements and of NaNs the first wins.
  // CHECK: values values y = [1, 1, 2, 0]
  dlc.entry @values() -> (!i8_1_4_1 {dlc.name = "y"}) {
    %x = dlc.constant dense<[[[-1.0], [-2.0], [5.0], [5.0], [0.0], [0x7FC00000], [0x7FC00000],
                              [9.0]]]> : !f32_1_8_1
    %y = dlc.max_pool_winners %x window [3] strides [2] low [1] high [0]
        : (!f32_1_8_1) -> !i8_1_4_1
    dlc.return %y : !i8_1_4_1
  }
}
