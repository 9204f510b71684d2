// RUN: dlc check %s --bind B=0,1,3 --bind H=5 --gradients | tee %t | FileCheck %s

!f32_B_5_5_2 = tensor<?x5x5x2xf32, #dlc.dims<[B, 5, 5, 2]>>
!f32_3_3_2_4 = tensor<3x3x2x4xf32>
!f32_B_3_3_4 = tensor<?x3x3x4xf32, #dlc.dims<[B, 3, 3, 4]>>
!f64_B_5_5_2 = tensor<?x5x5x2xf64, #dlc.dims<[B, 5, 5, 2]>>
!f64_3_3_2_4 = tensor<3x3x2x4xf64>
!f64_B_3_3_4 = tensor<?x3x3x4xf64, #dlc.dims<[B, 3, 3, 4]>>
!f16_B_5_5_2 = tensor<?x5x5x2xf16, #dlc.dims<[B, 5, 5, 2]>>
!f16_3_3_2_4 = tensor<3x3x2x4xf16>
!f16_B_3_3_4 = tensor<?x3x3x4xf16, #dlc.dims<[B, 3, 3, 4]>>
!bf16_B_5_5_2 = tensor<?x5x5x2xbf16, #dlc.dims<[B, 5, 5, 2]>>
!bf16_3_3_2_4 = tensor<3x3x2x4xbf16>
!bf16_B_3_3_4 = tensor<?x3x3x4xbf16, #dlc.dims<[B, 3, 3, 4]>>
!f32_B_7_6_1 = tensor<?x7x6x1xf32, #dlc.dims<[B, 7, 6, 1]>>
!f32_3_2_1_2 = tensor<3x2x1x2xf32>
!f32_B_3_4_2 = tensor<?x3x4x2xf32, #dlc.dims<[B, 3, 4, 2]>>
!f32_B_4_4_4 = tensor<?x4x4x4xf32, #dlc.dims<[B, 4, 4, 4]>>
!f32_2_2_2_6 = tensor<2x2x2x6xf32>
!f32_B_3_3_6 = tensor<?x3x3x6xf32, #dlc.dims<[B, 3, 3, 6]>>
!f32_B_9_2 = tensor<?x9x2xf32, #dlc.dims<[B, 9, 2]>>
!f32_3_2_3 = tensor<3x2x3xf32>
!f32_B_4_3 = tensor<?x4x3xf32, #dlc.dims<[B, 4, 3]>>
!f32_B_3_4_3_1 = tensor<?x3x4x3x1xf32, #dlc.dims<[B, 3, 4, 3, 1]>>
!f32_2_2_2_1_2 = tensor<2x2x2x1x2xf32>
!f32_B_2_3_2_2 = tensor<?x2x3x2x2xf32, #dlc.dims<[B, 2, 3, 2, 2]>>
!f32_B_H_H_1 = tensor<?x?x?x1xf32, #dlc.dims<[B, H, H, 1]>>
!f32_3_3_1_2 = tensor<3x3x1x2xf32>
!f32_B_H_H_2 = tensor<?x?x?x2xf32, #dlc.dims<[B, H, H, 2]>>
!f32_2_6_5_3 = tensor<2x6x5x3xf32>
!f32_2_3_3_5 = tensor<2x3x3x5xf32>
!f32_2_5_3_5 = tensor<2x5x3x5xf32>
!f32_1_3_1 = tensor<1x3x1xf32>
!f32_2_1_1 = tensor<2x1x1xf32>
!f32_1_2_1 = tensor<1x2x1xf32>
!f32_B_6_9_16 = tensor<?x6x9x16xf32, #dlc.dims<[B, 6, 9, 16]>>
!f32_3_3_1_16 = tensor<3x3x1x16xf32>
!f32_B_3_5_2 = tensor<?x3x5x2xf32, #dlc.dims<[B, 3, 5, 2]>>
!f32_1_1_2_3 = tensor<1x1x2x3xf32>
!f32_B_4_7_3 = tensor<?x4x7x3xf32, #dlc.dims<[B, 4, 7, 3]>>
!f32_B_5_8_3 = tensor<?x5x8x3xf32, #dlc.dims<[B, 5, 8, 3]>>
!f32_3_3_3_20 = tensor<3x3x3x20xf32>
!f32_B_5_8_20 = tensor<?x5x8x20xf32, #dlc.dims<[B, 5, 8, 20]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<H, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_5_5_2 {dlc.name = "x"}, %filter: !f32_3_3_2_4 {dlc.name = "filter"})
      -> (!f32_B_3_3_4 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!f32_B_5_5_2, !f32_3_3_2_4) -> !f32_B_3_3_4
    dlc.return %y : !f32_B_3_3_4
  }
  dlc.entry @f64(%x: !f64_B_5_5_2 {dlc.name = "x"}, %filter: !f64_3_3_2_4 {dlc.name = "filter"})
      -> (!f64_B_3_3_4 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!f64_B_5_5_2, !f64_3_3_2_4) -> !f64_B_3_3_4
    dlc.return %y : !f64_B_3_3_4
  }
  dlc.entry @f16(%x: !f16_B_5_5_2 {dlc.name = "x"}, %filter: !f16_3_3_2_4 {dlc.name = "filter"})
      -> (!f16_B_3_3_4 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!f16_B_5_5_2, !f16_3_3_2_4) -> !f16_B_3_3_4
    dlc.return %y : !f16_B_3_3_4
  }
  dlc.entry @bf16(%x: !bf16_B_5_5_2 {dlc.name = "x"}, %filter: !bf16_3_3_2_4 {dlc.name = "filter"})
      -> (!bf16_B_3_3_4 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!bf16_B_5_5_2, !bf16_3_3_2_4) -> !bf16_B_3_3_4
    dlc.return %y : !bf16_B_3_3_4
  }
  dlc.entry @same_stride_2(%x: !f32_B_5_5_2 {dlc.name = "x"},
      %filter: !f32_3_3_2_4 {dlc.name = "filter"})
      -> (!f32_B_3_3_4 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [2, 2] low [1, 1] high [1, 1] dilations [1, 1]
        : (!f32_B_5_5_2, !f32_3_3_2_4) -> !f32_B_3_3_4
    dlc.return %y : !f32_B_3_3_4
  }
  dlc.entry @dilated(%x: !f32_B_7_6_1 {dlc.name = "x"}, %filter: !f32_3_2_1_2 {dlc.name = "filter"})
      -> (!f32_B_3_4_2 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [2, 2]
        : (!f32_B_7_6_1, !f32_3_2_1_2) -> !f32_B_3_4_2
    dlc.return %y : !f32_B_3_4_2
  }
  dlc.entry @grouped(%x: !f32_B_4_4_4 {dlc.name = "x"}, %filter: !f32_2_2_2_6 {dlc.name = "filter"})
      -> (!f32_B_3_3_6 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 2
        : (!f32_B_4_4_4, !f32_2_2_2_6) -> !f32_B_3_3_6
    dlc.return %y : !f32_B_3_3_6
  }
  dlc.entry @one_dimension(%x: !f32_B_9_2 {dlc.name = "x"},
      %filter: !f32_3_2_3 {dlc.name = "filter"})
      -> (!f32_B_4_3 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [2] low [0] high [0] dilations [1]
        : (!f32_B_9_2, !f32_3_2_3) -> !f32_B_4_3
    dlc.return %y : !f32_B_4_3
  }
  dlc.entry @three_dimensions(%x: !f32_B_3_4_3_1 {dlc.name = "x"},
      %filter: !f32_2_2_2_1_2 {dlc.name = "filter"})
      -> (!f32_B_2_3_2_2 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1, 1] low [0, 0, 0] high [0, 0, 0] dilations [1, 1, 1]
        : (!f32_B_3_4_3_1, !f32_2_2_2_1_2) -> !f32_B_2_3_2_2
    dlc.return %y : !f32_B_2_3_2_2
  }
  dlc.entry @symbolic_image(%x: !f32_B_H_H_1 {dlc.name = "x"},
      %filter: !f32_3_3_1_2 {dlc.name = "filter"})
      -> (!f32_B_H_H_2 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        : (!f32_B_H_H_1, !f32_3_3_1_2) -> !f32_B_H_H_2
    dlc.return %y : !f32_B_H_H_2
  }
  dlc.entry @depthwise(%x: !f32_B_6_9_16 {dlc.name = "x"},
      %filter: !f32_3_3_1_16 {dlc.name = "filter"})
      -> (!f32_B_6_9_16 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 16
        : (!f32_B_6_9_16, !f32_3_3_1_16) -> !f32_B_6_9_16
    dlc.return %y : !f32_B_6_9_16
  }
  dlc.entry @pads_behind(%x: !f32_B_3_5_2 {dlc.name = "x"},
      %filter: !f32_1_1_2_3 {dlc.name = "filter"})
      -> (!f32_B_4_7_3 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [0, 0] high [1, 2] dilations [1, 1]
        : (!f32_B_3_5_2, !f32_1_1_2_3) -> !f32_B_4_7_3
    dlc.return %y : !f32_B_4_7_3
  }
  dlc.entry @same(%x: !f32_B_5_8_3 {dlc.name = "x"},
      %filter: !f32_3_3_3_20 {dlc.name = "filter"})
      -> (!f32_B_5_8_20 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        : (!f32_B_5_8_3, !f32_3_3_3_20) -> !f32_B_5_8_20
    dlc.return %y : !f32_B_5_8_20
  }
  dlc.entry @static(%x: !f32_2_6_5_3 {dlc.name = "x"}, %filter: !f32_2_3_3_5 {dlc.name = "filter"})
      -> (!f32_2_5_3_5 {dlc.name = "y"}) {
    %y = dlc.conv %x, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!f32_2_6_5_3, !f32_2_3_3_5) -> !f32_2_5_3_5
    dlc.return %y : !f32_2_5_3_5
  }
  // CHECK: values values y = [21, 32]
  dlc.entry @values() -> (!f32_1_2_1 {dlc.name = "y"}) {
    %x = dlc.constant dense<[[[1.0], [2.0], [3.0]]]> : !f32_1_3_1
    %f = dlc.constant dense<[[[1.0]], [[10.0]]]> : !f32_2_1_1
    %y = dlc.conv %x, %f strides [1] low [0] high [0] dilations [1]
        : (!f32_1_3_1, !f32_2_1_1) -> !f32_1_2_1
    dlc.return %y : !f32_1_2_1
  }
}
