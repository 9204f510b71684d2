// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @sparse_softmax_cross_entropy_c1_scalar(%x: tensor<f32>, %l: tensor<i32>) {
  // expected-error @+1 {{logits are a scalar, expected classes in the last dimension}}
  %y = dlc.sparse_softmax_cross_entropy %x, %l : (tensor<f32>, tensor<i32>) -> tensor<f32>
  return
}

// -----

func.func @sparse_softmax_cross_entropy_c2_sizes(%x: tensor<2x3xf32>, %l: tensor<2x3xi32>) {
  // expected-error @+1 {{labels have sizes (2, 3), expected (2)}}
  %y = dlc.sparse_softmax_cross_entropy %x, %l : (tensor<2x3xf32>, tensor<2x3xi32>) -> tensor<2xf32>
  return
}

// -----

func.func @sparse_softmax_cross_entropy_c2_symbol(
    %x: tensor<?x3xf32, #dlc.dims<[B, 3]>>, %l: tensor<?xi32, #dlc.dims<[T]>>) {
  // expected-error @+1 {{labels have sizes (T), expected (B)}}
  %y = dlc.sparse_softmax_cross_entropy %x, %l
      : (tensor<?x3xf32, #dlc.dims<[B, 3]>>, tensor<?xi32, #dlc.dims<[T]>>)
        -> tensor<?xf32, #dlc.dims<[B]>>
  return
}

// -----

func.func @sparse_softmax_cross_entropy_c2_element_type(%x: tensor<2x3xf32>, %l: tensor<2xf32>) {
  // expected-error @+1 {{must be ranked tensor of i64 or i32}}
  %y = dlc.sparse_softmax_cross_entropy %x, %l : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @sparse_softmax_cross_entropy_c3_result(%x: tensor<2x3xf32>, %l: tensor<2xi32>) {
  // expected-error @+1 {{result has type f32 (), expected f32 (2)}}
  %y = dlc.sparse_softmax_cross_entropy %x, %l : (tensor<2x3xf32>, tensor<2xi32>) -> tensor<f32>
  return
}
