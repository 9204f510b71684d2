// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @conv_c1_rank(%x: tensor<2x3xf32>, %f: tensor<3x16xf32>) {
  // expected-error @+1 {{operand of rank 2 has no 1 to 3 spatial dimensions}}
  %y = dlc.conv %x, %f strides [] low [] high [] dilations []
      : (tensor<2x3xf32>, tensor<3x16xf32>) -> tensor<2x16xf32>
  return
}

// -----

func.func @conv_c1_filter_rank(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x16xf32>) {
  // expected-error @+1 {{filter has rank 3 for an input of rank 4}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c2_strides(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{has 1 strides for 2 spatial dimensions}}
  %y = dlc.conv %x, %f strides [1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c2_padding(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{has 3 low amounts of padding for 2 spatial dimensions}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c2_high(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{has 0 high amounts of padding for 2 spatial dimensions}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c2_dilations(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{has 1 dilations for 2 spatial dimensions}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c3_stride(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{stride 0 in spatial dimension 1, expected at least 1}}
  %y = dlc.conv %x, %f strides [1, 0] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c3_dilation(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{dilation -1 in spatial dimension 0, expected at least 1}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [-1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c3_padding(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{padding -1 in spatial dimension 0 is negative}}
  %y = dlc.conv %x, %f strides [1, 1] low [-1, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c4_symbolic(
    %x: tensor<2x8x8x3xf32>, %f: tensor<?x3x3x16xf32, #dlc.dims<[K, 3, 3, 16]>>) {
  // expected-error @+1 {{filter has the symbolic spatial size K}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<?x3x3x16xf32, #dlc.dims<[K, 3, 3, 16]>>)
        -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c4_empty(%x: tensor<2x8x8x3xf32>, %f: tensor<0x3x3x16xf32>) {
  // expected-error @+1 {{window 0 in spatial dimension 0, expected at least 1}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<0x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c5_channels(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x4x16xf32>) {
  // expected-error @+1 {{input has 3 channels but the filter has 4 in 1 groups}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x4x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c5_group_channels(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{input has 3 channels but the filter has 3 in 2 groups}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 2
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c5_filters(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x1x16xf32>) {
  // expected-error @+1 {{3 groups do not divide 16 filters}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 3
      : (tensor<2x8x8x3xf32>, tensor<3x3x1x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c5_no_groups(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{has 0 groups, expected at least 1}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 0
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c6_does_not_fit(%x: tensor<2x7x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{window of 9 elements does not fit spatial dimension 0 of size 7}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [4, 1]
      : (tensor<2x7x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c7_element_types(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf64>) {
  // expected-error @+1 {{operands have element types 'f32' and 'f64'}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf64>) -> tensor<2x6x6x16xf32>
  return
}

// -----

func.func @conv_c8_sizes(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{result has type f32 (2, 8, 8, 16), expected f32 (2, 6, 6, 16)}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x8x8x16xf32>
  return
}

// -----

func.func @conv_c8_symbol(
    %x: tensor<2x?x?x3xf32, #dlc.dims<[2, H, W, 3]>>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{result has type f32 (2, H, W, 16), expected f32 (2, H - 2, W, 16)}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 1] high [0, 1] dilations [1, 1]
      : (tensor<2x?x?x3xf32, #dlc.dims<[2, H, W, 3]>>, tensor<3x3x3x16xf32>)
        -> tensor<2x?x?x16xf32, #dlc.dims<[2, H, W, 16]>>
  return
}

// -----

func.func @conv_c8_element_type(%x: tensor<2x8x8x3xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{result has type f64 (2, 6, 6, 16), expected f32 (2, 6, 6, 16)}}
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<3x3x3x16xf32>) -> tensor<2x6x6x16xf64>
  return
}
