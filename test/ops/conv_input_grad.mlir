// RUN: dlc check %s --bind B=0,1,3 --gradients | tee %t | FileCheck %s

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
!f32_B_6_6_2 = tensor<?x6x6x2xf32, #dlc.dims<[B, 6, 6, 2]>>
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

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%dy: !f32_B_3_3_4 {dlc.name = "dy"}, %filter: !f32_3_3_2_4 {dlc.name = "filter"})
      -> (!f32_B_5_5_2 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!f32_B_3_3_4, !f32_3_3_2_4) -> !f32_B_5_5_2
    dlc.return %dx : !f32_B_5_5_2
  }
  dlc.entry @f64(%dy: !f64_B_3_3_4 {dlc.name = "dy"}, %filter: !f64_3_3_2_4 {dlc.name = "filter"})
      -> (!f64_B_5_5_2 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!f64_B_3_3_4, !f64_3_3_2_4) -> !f64_B_5_5_2
    dlc.return %dx : !f64_B_5_5_2
  }
  dlc.entry @f16(%dy: !f16_B_3_3_4 {dlc.name = "dy"}, %filter: !f16_3_3_2_4 {dlc.name = "filter"})
      -> (!f16_B_5_5_2 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!f16_B_3_3_4, !f16_3_3_2_4) -> !f16_B_5_5_2
    dlc.return %dx : !f16_B_5_5_2
  }
  dlc.entry @bf16(%dy: !bf16_B_3_3_4 {dlc.name = "dy"},
      %filter: !bf16_3_3_2_4 {dlc.name = "filter"})
      -> (!bf16_B_5_5_2 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!bf16_B_3_3_4, !bf16_3_3_2_4) -> !bf16_B_5_5_2
    dlc.return %dx : !bf16_B_5_5_2
  }
  dlc.entry @same_stride_2(%dy: !f32_B_3_3_4 {dlc.name = "dy"},
      %filter: !f32_3_3_2_4 {dlc.name = "filter"})
      -> (!f32_B_6_6_2 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [2, 2] low [0, 0] high [1, 1] dilations [1, 1]
        : (!f32_B_3_3_4, !f32_3_3_2_4) -> !f32_B_6_6_2
    dlc.return %dx : !f32_B_6_6_2
  }
  dlc.entry @dilated(%dy: !f32_B_3_4_2 {dlc.name = "dy"},
      %filter: !f32_3_2_1_2 {dlc.name = "filter"})
      -> (!f32_B_7_6_1 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [2, 2]
        : (!f32_B_3_4_2, !f32_3_2_1_2) -> !f32_B_7_6_1
    dlc.return %dx : !f32_B_7_6_1
  }
  dlc.entry @grouped(%dy: !f32_B_3_3_6 {dlc.name = "dy"},
      %filter: !f32_2_2_2_6 {dlc.name = "filter"})
      -> (!f32_B_4_4_4 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter
        strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 2
        : (!f32_B_3_3_6, !f32_2_2_2_6) -> !f32_B_4_4_4
    dlc.return %dx : !f32_B_4_4_4
  }
  dlc.entry @one_dimension(%dy: !f32_B_4_3 {dlc.name = "dy"},
      %filter: !f32_3_2_3 {dlc.name = "filter"})
      -> (!f32_B_9_2 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [2] low [0] high [0] dilations [1]
        : (!f32_B_4_3, !f32_3_2_3) -> !f32_B_9_2
    dlc.return %dx : !f32_B_9_2
  }
  dlc.entry @three_dimensions(%dy: !f32_B_2_3_2_2 {dlc.name = "dy"},
      %filter: !f32_2_2_2_1_2 {dlc.name = "filter"})
      -> (!f32_B_3_4_3_1 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter
        strides [1, 1, 1] low [0, 0, 0] high [0, 0, 0] dilations [1, 1, 1]
        : (!f32_B_2_3_2_2, !f32_2_2_2_1_2) -> !f32_B_3_4_3_1
    dlc.return %dx : !f32_B_3_4_3_1
  }
  dlc.entry @depthwise(%dy: !f32_B_6_9_16 {dlc.name = "dy"},
      %filter: !f32_3_3_1_16 {dlc.name = "filter"})
      -> (!f32_B_6_9_16 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter
        strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 16
        : (!f32_B_6_9_16, !f32_3_3_1_16) -> !f32_B_6_9_16
    dlc.return %dx : !f32_B_6_9_16
  }
  dlc.entry @pads_behind(%dy: !f32_B_4_7_3 {dlc.name = "dy"},
      %filter: !f32_1_1_2_3 {dlc.name = "filter"})
      -> (!f32_B_3_5_2 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [1, 1] low [0, 0] high [1, 2] dilations [1, 1]
        : (!f32_B_4_7_3, !f32_1_1_2_3) -> !f32_B_3_5_2
    dlc.return %dx : !f32_B_3_5_2
  }
  dlc.entry @same(%dy: !f32_B_5_8_20 {dlc.name = "dy"},
      %filter: !f32_3_3_3_20 {dlc.name = "filter"})
      -> (!f32_B_5_8_3 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        : (!f32_B_5_8_20, !f32_3_3_3_20) -> !f32_B_5_8_3
    dlc.return %dx : !f32_B_5_8_3
  }
  dlc.entry @static(%dy: !f32_2_5_3_5 {dlc.name = "dy"},
      %filter: !f32_2_3_3_5 {dlc.name = "filter"})
      -> (!f32_2_6_5_3 {dlc.name = "dx"}) {
    %dx = dlc.conv_input_grad %dy, %filter strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!f32_2_5_3_5, !f32_2_3_3_5) -> !f32_2_6_5_3
    dlc.return %dx : !f32_2_6_5_3
  }
  // CHECK: values values y = [1, 12, 20]
  dlc.entry @values() -> (!f32_1_3_1 {dlc.name = "y"}) {
    %dy = dlc.constant dense<[[[1.0], [2.0]]]> : !f32_1_2_1
    %f = dlc.constant dense<[[[1.0]], [[10.0]]]> : !f32_2_1_1
    %y = dlc.conv_input_grad %dy, %f strides [1] low [0] high [0] dilations [1]
        : (!f32_1_2_1, !f32_2_1_1) -> !f32_1_3_1
    dlc.return %y : !f32_1_3_1
  }
}
