// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @conv_filter_grad_c1_symbolic(%x: tensor<2x8x8x3xf32>, %dy: tensor<2x6x6x16xf32>) {
  // expected-error @+1 {{filter has the symbolic spatial size K}}
  %y = dlc.conv_filter_grad %x, %dy strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<2x6x6x16xf32>)
        -> tensor<?x3x3x16xf32, #dlc.dims<[K, 3, 3, 16]>>
  return
}

// -----

func.func @conv_filter_grad_c1_groups(%x: tensor<2x8x8x4xf32>, %dy: tensor<2x6x6x3xf32>) {
  // expected-error @+1 {{2 groups do not divide 3 filters}}
  %y = dlc.conv_filter_grad %x, %dy strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 2
      : (tensor<2x8x8x4xf32>, tensor<2x6x6x3xf32>) -> tensor<3x3x2x3xf32>
  return
}

// -----

func.func @conv_filter_grad_c2_sizes(%x: tensor<2x8x8x3xf32>, %dy: tensor<2x6x6x16xf32>) {
  // expected-error @+1 {{dy has sizes (2, 6, 6, 16), expected (2, 6, 6, 8)}}
  %y = dlc.conv_filter_grad %x, %dy strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<2x6x6x16xf32>) -> tensor<3x3x3x8xf32>
  return
}

// -----

func.func @conv_filter_grad_c3_element_types(%x: tensor<2x8x8x3xf32>, %dy: tensor<2x6x6x16xf64>) {
  // expected-error @+1 {{operands have element types 'f32' and 'f64'}}
  %y = dlc.conv_filter_grad %x, %dy strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<2x6x6x16xf64>) -> tensor<3x3x3x16xf32>
  return
}

// -----

func.func @conv_filter_grad_c4_element_type(%x: tensor<2x8x8x3xf32>, %dy: tensor<2x6x6x16xf32>) {
  // expected-error @+1 {{result has element type 'f16', expected 'f32'}}
  %y = dlc.conv_filter_grad %x, %dy strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (tensor<2x8x8x3xf32>, tensor<2x6x6x16xf32>) -> tensor<3x3x3x16xf16>
  return
}
