// Depthwise convolutions and their gradients: borders, strides, large windows, sizes known late.
// RUN: dlc check %s --bind B=0,2 --bind H=1,2,19

!f32_B_14_14_20 = tensor<?x14x14x20xf32, #dlc.dims<[B, 14, 14, 20]>>
!f32_3_3_1_20 = tensor<3x3x1x20xf32>
!f32_20 = tensor<20xf32>
!f32_B_19_33_16 = tensor<?x19x33x16xf32, #dlc.dims<[B, 19, 33, 16]>>
!f32_3_3_1_16 = tensor<3x3x1x16xf32>
!f32_16 = tensor<16xf32>
!f32_B_13_12_17 = tensor<?x13x12x17xf32, #dlc.dims<[B, 13, 12, 17]>>
!f32_3_3_1_17 = tensor<3x3x1x17xf32>
!f32_B_6_6_17 = tensor<?x6x6x17xf32, #dlc.dims<[B, 6, 6, 17]>>
!f32_17 = tensor<17xf32>
!f32_B_11_10_16 = tensor<?x11x10x16xf32, #dlc.dims<[B, 11, 10, 16]>>
!f32_B_4_5_16 = tensor<?x4x5x16xf32, #dlc.dims<[B, 4, 5, 16]>>
!f32_1_7_9_256 = tensor<1x7x9x256xf32>
!f32_3_3_1_256 = tensor<3x3x1x256xf32>
!f32_256 = tensor<256xf32>
!f32_B_9_15_3 = tensor<?x9x15x3xf32, #dlc.dims<[B, 9, 15, 3]>>
!f32_5_5_1_3 = tensor<5x5x1x3xf32>
!f32_3 = tensor<3xf32>
!f32_B_9_10_16 = tensor<?x9x10x16xf32, #dlc.dims<[B, 9, 10, 16]>>
!f32_B_2_3_16 = tensor<?x2x3x16xf32, #dlc.dims<[B, 2, 3, 16]>>
!f32_5_5_1_16 = tensor<5x5x1x16xf32>
!f32_B_6_3_16 = tensor<?x6x3x16xf32, #dlc.dims<[B, 6, 3, 16]>>
!f32_B_40_18 = tensor<?x40x18xf32, #dlc.dims<[B, 40, 18]>>
!f32_7_1_18 = tensor<7x1x18xf32>
!f32_18 = tensor<18xf32>
!f32_B_H_H_20 = tensor<?x?x?x20xf32, #dlc.dims<[B, H, H, 20]>>
!f32_B_H_16 = tensor<?x?x16xf32, #dlc.dims<[B, H, 16]>>
!f32_5_1_16 = tensor<5x1x16xf32>
!f32_B_4_5_6_16 = tensor<?x4x5x6x16xf32, #dlc.dims<[B, 4, 5, 6, 16]>>
!f32_3_3_3_1_16 = tensor<3x3x3x1x16xf32>
!bf16_B_8_8_24 = tensor<?x8x8x24xbf16, #dlc.dims<[B, 8, 8, 24]>>
!bf16_3_3_1_24 = tensor<3x3x1x24xbf16>
!bf16_24 = tensor<24xbf16>
!f64_B_8_8_24 = tensor<?x8x8x24xf64, #dlc.dims<[B, 8, 8, 24]>>
!f64_3_3_1_24 = tensor<3x3x1x24xf64>
!f64_B_4_4_24 = tensor<?x4x4x24xf64, #dlc.dims<[B, 4, 4, 24]>>
!f64_24 = tensor<24xf64>
!f32_B_14_15_20 = tensor<?x14x15x20xf32, #dlc.dims<[B, 14, 15, 20]>>
!f32_B_7_8_20 = tensor<?x7x8x20xf32, #dlc.dims<[B, 7, 8, 20]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<H, min = 0>]} {
  dlc.entry @same(%x: !f32_B_14_14_20 {dlc.name = "x"}, %f: !f32_3_3_1_20 {dlc.name = "f"},
      %dy: !f32_B_14_14_20 {dlc.name = "dy"})
      -> (!f32_B_14_14_20 {dlc.name = "y"}, !f32_B_14_14_20 {dlc.name = "dx"},
          !f32_3_3_1_20 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 20
        : (!f32_B_14_14_20, !f32_3_3_1_20) -> !f32_B_14_14_20
    %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 20
        : (!f32_B_14_14_20, !f32_3_3_1_20) -> !f32_B_14_14_20
    %df = dlc.conv_filter_grad %x, %dy strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 20
        : (!f32_B_14_14_20, !f32_B_14_14_20) -> !f32_3_3_1_20
    dlc.return %y, %dx, %df : !f32_B_14_14_20, !f32_B_14_14_20, !f32_3_3_1_20
  }
  dlc.entry @large(%x: !f32_B_19_33_16 {dlc.name = "x"}, %f: !f32_3_3_1_16 {dlc.name = "f"},
      %dy: !f32_B_19_33_16 {dlc.name = "dy"})
      -> (!f32_B_19_33_16 {dlc.name = "y"}, !f32_B_19_33_16 {dlc.name = "dx"},
          !f32_3_3_1_16 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 16
        : (!f32_B_19_33_16, !f32_3_3_1_16) -> !f32_B_19_33_16
    %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 16
        : (!f32_B_19_33_16, !f32_3_3_1_16) -> !f32_B_19_33_16
    %df = dlc.conv_filter_grad %x, %dy strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 16
        : (!f32_B_19_33_16, !f32_B_19_33_16) -> !f32_3_3_1_16
    dlc.return %y, %dx, %df : !f32_B_19_33_16, !f32_B_19_33_16, !f32_3_3_1_16
  }
  dlc.entry @strided(%x: !f32_B_13_12_17 {dlc.name = "x"}, %f: !f32_3_3_1_17 {dlc.name = "f"},
      %dy: !f32_B_6_6_17 {dlc.name = "dy"})
      -> (!f32_B_6_6_17 {dlc.name = "y"}, !f32_B_13_12_17 {dlc.name = "dx"},
          !f32_3_3_1_17 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [2, 2] low [0, 1] high [1, 1] dilations [1, 1]
        groups 17
        : (!f32_B_13_12_17, !f32_3_3_1_17) -> !f32_B_6_6_17
    %dx = dlc.conv_input_grad %dy, %f strides [2, 2] low [0, 1] high [1, 1] dilations [1, 1]
        groups 17
        : (!f32_B_6_6_17, !f32_3_3_1_17) -> !f32_B_13_12_17
    %df = dlc.conv_filter_grad %x, %dy strides [2, 2] low [0, 1] high [1, 1] dilations [1, 1]
        groups 17
        : (!f32_B_13_12_17, !f32_B_6_6_17) -> !f32_3_3_1_17
    dlc.return %y, %dx, %df : !f32_B_6_6_17, !f32_B_13_12_17, !f32_3_3_1_17
  }
  dlc.entry @uneven_strides(%x: !f32_B_11_10_16 {dlc.name = "x"},
      %f: !f32_3_3_1_16 {dlc.name = "f"}, %dy: !f32_B_4_5_16 {dlc.name = "dy"})
      -> (!f32_B_4_5_16 {dlc.name = "y"}, !f32_B_11_10_16 {dlc.name = "dx"},
          !f32_3_3_1_16 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [3, 2] low [1, 1] high [1, 0] dilations [1, 1]
        groups 16
        : (!f32_B_11_10_16, !f32_3_3_1_16) -> !f32_B_4_5_16
    %dx = dlc.conv_input_grad %dy, %f strides [3, 2] low [1, 1] high [1, 0] dilations [1, 1]
        groups 16
        : (!f32_B_4_5_16, !f32_3_3_1_16) -> !f32_B_11_10_16
    %df = dlc.conv_filter_grad %x, %dy strides [3, 2] low [1, 1] high [1, 0] dilations [1, 1]
        groups 16
        : (!f32_B_11_10_16, !f32_B_4_5_16) -> !f32_3_3_1_16
    dlc.return %y, %dx, %df : !f32_B_4_5_16, !f32_B_11_10_16, !f32_3_3_1_16
  }
  dlc.entry @aliasing(%x: !f32_1_7_9_256 {dlc.name = "x"}, %f: !f32_3_3_1_256 {dlc.name = "f"},
      %dy: !f32_1_7_9_256 {dlc.name = "dy"})
      -> (!f32_1_7_9_256 {dlc.name = "y"}, !f32_1_7_9_256 {dlc.name = "dx"},
          !f32_3_3_1_256 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 256
        : (!f32_1_7_9_256, !f32_3_3_1_256) -> !f32_1_7_9_256
    %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 256
        : (!f32_1_7_9_256, !f32_3_3_1_256) -> !f32_1_7_9_256
    %df = dlc.conv_filter_grad %x, %dy strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 256
        : (!f32_1_7_9_256, !f32_1_7_9_256) -> !f32_3_3_1_256
    dlc.return %y, %dx, %df : !f32_1_7_9_256, !f32_1_7_9_256, !f32_3_3_1_256
  }
  dlc.entry @five_by_five(%x: !f32_B_9_15_3 {dlc.name = "x"}, %f: !f32_5_5_1_3 {dlc.name = "f"},
      %dy: !f32_B_9_15_3 {dlc.name = "dy"})
      -> (!f32_B_9_15_3 {dlc.name = "y"}, !f32_B_9_15_3 {dlc.name = "dx"},
          !f32_5_5_1_3 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1, 1] low [2, 2] high [2, 2] dilations [1, 1]
        groups 3
        : (!f32_B_9_15_3, !f32_5_5_1_3) -> !f32_B_9_15_3
    %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [2, 2] high [2, 2] dilations [1, 1]
        groups 3
        : (!f32_B_9_15_3, !f32_5_5_1_3) -> !f32_B_9_15_3
    %df = dlc.conv_filter_grad %x, %dy strides [1, 1] low [2, 2] high [2, 2] dilations [1, 1]
        groups 3
        : (!f32_B_9_15_3, !f32_B_9_15_3) -> !f32_5_5_1_3
    dlc.return %y, %dx, %df : !f32_B_9_15_3, !f32_B_9_15_3, !f32_5_5_1_3
  }
  dlc.entry @dilated(%x: !f32_B_9_10_16 {dlc.name = "x"}, %f: !f32_3_3_1_16 {dlc.name = "f"},
      %dy: !f32_B_9_10_16 {dlc.name = "dy"})
      -> (!f32_B_9_10_16 {dlc.name = "y"}, !f32_B_9_10_16 {dlc.name = "dx"},
          !f32_3_3_1_16 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1, 1] low [2, 2] high [2, 2] dilations [2, 2]
        groups 16
        : (!f32_B_9_10_16, !f32_3_3_1_16) -> !f32_B_9_10_16
    %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [2, 2] high [2, 2] dilations [2, 2]
        groups 16
        : (!f32_B_9_10_16, !f32_3_3_1_16) -> !f32_B_9_10_16
    %df = dlc.conv_filter_grad %x, %dy strides [1, 1] low [2, 2] high [2, 2] dilations [2, 2]
        groups 16
        : (!f32_B_9_10_16, !f32_B_9_10_16) -> !f32_3_3_1_16
    dlc.return %y, %dx, %df : !f32_B_9_10_16, !f32_B_9_10_16, !f32_3_3_1_16
  }
  dlc.entry @small_image(%x: !f32_B_2_3_16 {dlc.name = "x"}, %f: !f32_5_5_1_16 {dlc.name = "f"},
      %dy: !f32_B_6_3_16 {dlc.name = "dy"})
      -> (!f32_B_6_3_16 {dlc.name = "y"}, !f32_B_2_3_16 {dlc.name = "dx"},
          !f32_5_5_1_16 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1, 1] low [4, 2] high [4, 2] dilations [1, 1]
        groups 16
        : (!f32_B_2_3_16, !f32_5_5_1_16) -> !f32_B_6_3_16
    %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [4, 2] high [4, 2] dilations [1, 1]
        groups 16
        : (!f32_B_6_3_16, !f32_5_5_1_16) -> !f32_B_2_3_16
    %df = dlc.conv_filter_grad %x, %dy strides [1, 1] low [4, 2] high [4, 2] dilations [1, 1]
        groups 16
        : (!f32_B_2_3_16, !f32_B_6_3_16) -> !f32_5_5_1_16
    dlc.return %y, %dx, %df : !f32_B_6_3_16, !f32_B_2_3_16, !f32_5_5_1_16
  }
  dlc.entry @one_dimension(%x: !f32_B_40_18 {dlc.name = "x"}, %f: !f32_7_1_18 {dlc.name = "f"},
      %dy: !f32_B_40_18 {dlc.name = "dy"})
      -> (!f32_B_40_18 {dlc.name = "y"}, !f32_B_40_18 {dlc.name = "dx"},
          !f32_7_1_18 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1] low [6] high [0] dilations [1]
        groups 18
        : (!f32_B_40_18, !f32_7_1_18) -> !f32_B_40_18
    %dx = dlc.conv_input_grad %dy, %f strides [1] low [6] high [0] dilations [1]
        groups 18
        : (!f32_B_40_18, !f32_7_1_18) -> !f32_B_40_18
    %df = dlc.conv_filter_grad %x, %dy strides [1] low [6] high [0] dilations [1]
        groups 18
        : (!f32_B_40_18, !f32_B_40_18) -> !f32_7_1_18
    dlc.return %y, %dx, %df : !f32_B_40_18, !f32_B_40_18, !f32_7_1_18
  }
  dlc.entry @symbolic_image(%x: !f32_B_H_H_20 {dlc.name = "x"},
      %f: !f32_3_3_1_20 {dlc.name = "f"}, %dy: !f32_B_H_H_20 {dlc.name = "dy"})
      -> (!f32_B_H_H_20 {dlc.name = "y"}, !f32_B_H_H_20 {dlc.name = "dx"},
          !f32_3_3_1_20 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 20
        : (!f32_B_H_H_20, !f32_3_3_1_20) -> !f32_B_H_H_20
    %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 20
        : (!f32_B_H_H_20, !f32_3_3_1_20) -> !f32_B_H_H_20
    %df = dlc.conv_filter_grad %x, %dy strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 20
        : (!f32_B_H_H_20, !f32_B_H_H_20) -> !f32_3_3_1_20
    dlc.return %y, %dx, %df : !f32_B_H_H_20, !f32_B_H_H_20, !f32_3_3_1_20
  }
  dlc.entry @symbolic_length(%x: !f32_B_H_16 {dlc.name = "x"}, %f: !f32_5_1_16 {dlc.name = "f"},
      %dy: !f32_B_H_16 {dlc.name = "dy"})
      -> (!f32_B_H_16 {dlc.name = "y"}, !f32_B_H_16 {dlc.name = "dx"},
          !f32_5_1_16 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1] low [2] high [2] dilations [1]
        groups 16
        : (!f32_B_H_16, !f32_5_1_16) -> !f32_B_H_16
    %dx = dlc.conv_input_grad %dy, %f strides [1] low [2] high [2] dilations [1]
        groups 16
        : (!f32_B_H_16, !f32_5_1_16) -> !f32_B_H_16
    %df = dlc.conv_filter_grad %x, %dy strides [1] low [2] high [2] dilations [1]
        groups 16
        : (!f32_B_H_16, !f32_B_H_16) -> !f32_5_1_16
    dlc.return %y, %dx, %df : !f32_B_H_16, !f32_B_H_16, !f32_5_1_16
  }
  dlc.entry @three_dimensions(%x: !f32_B_4_5_6_16 {dlc.name = "x"},
      %f: !f32_3_3_3_1_16 {dlc.name = "f"}, %dy: !f32_B_4_5_6_16 {dlc.name = "dy"})
      -> (!f32_B_4_5_6_16 {dlc.name = "y"}, !f32_B_4_5_6_16 {dlc.name = "dx"},
          !f32_3_3_3_1_16 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1, 1, 1] low [1, 1, 1] high [1, 1, 1] dilations [1, 1, 1]
        groups 16
        : (!f32_B_4_5_6_16, !f32_3_3_3_1_16) -> !f32_B_4_5_6_16
    %dx = dlc.conv_input_grad %dy,
      %f strides [1, 1, 1] low [1, 1, 1] high [1, 1, 1] dilations [1, 1, 1]
        groups 16
        : (!f32_B_4_5_6_16, !f32_3_3_3_1_16) -> !f32_B_4_5_6_16
    %df = dlc.conv_filter_grad %x,
      %dy strides [1, 1, 1] low [1, 1, 1] high [1, 1, 1] dilations [1, 1, 1]
        groups 16
        : (!f32_B_4_5_6_16, !f32_B_4_5_6_16) -> !f32_3_3_3_1_16
    dlc.return %y, %dx, %df : !f32_B_4_5_6_16, !f32_B_4_5_6_16, !f32_3_3_3_1_16
  }
  dlc.entry @narrow(%x: !bf16_B_8_8_24 {dlc.name = "x"}, %f: !bf16_3_3_1_24 {dlc.name = "f"},
      %dy: !bf16_B_8_8_24 {dlc.name = "dy"})
      -> (!bf16_B_8_8_24 {dlc.name = "y"}, !bf16_B_8_8_24 {dlc.name = "dx"},
          !bf16_3_3_1_24 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 24
        : (!bf16_B_8_8_24, !bf16_3_3_1_24) -> !bf16_B_8_8_24
    %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 24
        : (!bf16_B_8_8_24, !bf16_3_3_1_24) -> !bf16_B_8_8_24
    %df = dlc.conv_filter_grad %x, %dy strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        groups 24
        : (!bf16_B_8_8_24, !bf16_B_8_8_24) -> !bf16_3_3_1_24
    dlc.return %y, %dx, %df : !bf16_B_8_8_24, !bf16_B_8_8_24, !bf16_3_3_1_24
  }
  dlc.entry @wide(%x: !f64_B_8_8_24 {dlc.name = "x"}, %f: !f64_3_3_1_24 {dlc.name = "f"},
      %dy: !f64_B_4_4_24 {dlc.name = "dy"})
      -> (!f64_B_4_4_24 {dlc.name = "y"}, !f64_B_8_8_24 {dlc.name = "dx"},
          !f64_3_3_1_24 {dlc.name = "df"}) {
    %y = dlc.conv %x, %f strides [2, 2] low [0, 0] high [1, 1] dilations [1, 1]
        groups 24
        : (!f64_B_8_8_24, !f64_3_3_1_24) -> !f64_B_4_4_24
    %dx = dlc.conv_input_grad %dy, %f strides [2, 2] low [0, 0] high [1, 1] dilations [1, 1]
        groups 24
        : (!f64_B_4_4_24, !f64_3_3_1_24) -> !f64_B_8_8_24
    %df = dlc.conv_filter_grad %x, %dy strides [2, 2] low [0, 0] high [1, 1] dilations [1, 1]
        groups 24
        : (!f64_B_8_8_24, !f64_B_4_4_24) -> !f64_3_3_1_24
    dlc.return %y, %dx, %df : !f64_B_4_4_24, !f64_B_8_8_24, !f64_3_3_1_24
  }
  dlc.entry @bias_relu6(%x: !f32_B_14_15_20 {dlc.name = "x"}, %f: !f32_3_3_1_20 {dlc.name = "f"},
      %b: !f32_20 {dlc.name = "b"})
      -> (!f32_B_7_8_20 {dlc.name = "y"}) {
    %c = dlc.conv %x, %f strides [2, 2] low [0, 1] high [1, 1] dilations [1, 1]
        groups 20
        : (!f32_B_14_15_20, !f32_3_3_1_20) -> !f32_B_7_8_20
    %w = dlc.broadcast %b to [3] : !f32_20 -> !f32_B_7_8_20
    %s = dlc.add %c, %w : !f32_B_7_8_20
    %r = dlc.relu %s : !f32_B_7_8_20
    %six = dlc.constant dense<6.0> : tensor<f32>
    %limit = dlc.broadcast %six to [] : tensor<f32> -> !f32_B_7_8_20
    %y = dlc.min %r, %limit : !f32_B_7_8_20
    dlc.return %y : !f32_B_7_8_20
  }
}
