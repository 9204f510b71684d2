// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @conv_input_grad_c1_channels(%dy: tensor<2x6x6x16xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{input has 4 channels but the filter has 3 in 1 groups}}
  %y = dlc.conv_input_grad %dy, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x6x6x16xf32>, tensor<3x3x3x16xf32>) -> tensor<2x8x8x4xf32>
  return
}

// -----

func.func @conv_input_grad_c1_stride(%dy: tensor<2x6x6x16xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{stride 0 in spatial dimension 0, expected at least 1}}
  %y = dlc.conv_input_grad %dy, %f strides [0, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x6x6x16xf32>, tensor<3x3x3x16xf32>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @conv_input_grad_c2_sizes(%dy: tensor<2x6x6x16xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{dy has sizes (2, 6, 6, 16), expected (2, 3, 3, 16)}}
  %y = dlc.conv_input_grad %dy, %f strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x6x6x16xf32>, tensor<3x3x3x16xf32>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @conv_input_grad_c3_element_types(%dy: tensor<2x6x6x16xf32>, %f: tensor<3x3x3x16xf64>) {
  // expected-error @+1 {{operands have element types 'f32' and 'f64'}}
  %y = dlc.conv_input_grad %dy, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x6x6x16xf32>, tensor<3x3x3x16xf64>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @conv_input_grad_c4_element_type(%dy: tensor<2x6x6x16xf32>, %f: tensor<3x3x3x16xf32>) {
  // expected-error @+1 {{result has element type 'f64', expected 'f32'}}
  %y = dlc.conv_input_grad %dy, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x6x6x16xf32>, tensor<3x3x3x16xf32>) -> tensor<2x8x8x3xf64>
  return
}
