// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @contract_c1_past_rank(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+1 {{dimension of a 2 is outside [0, 2)}}
  %y = dlc.contract %a, %b reduce [2] x [0] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @contract_c1_twice(%a: tensor<2x3x3xf32>, %b: tensor<3x3x4xf32>) {
  // expected-error @+1 {{dimension of b 0 is given twice}}
  %y = dlc.contract %a, %b reduce [1, 2] x [0, 0]
      : (tensor<2x3x3xf32>, tensor<3x3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @contract_c1_batch_and_reduced(%a: tensor<3x3xf32>, %b: tensor<3x3xf32>) {
  // expected-error @+1 {{dimension of a 0 is given twice}}
  %y = dlc.contract %a, %b batch [0] x [0] reduce [0] x [1]
      : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @contract_c2_batch_sizes(%a: tensor<5x2x3xf32>, %b: tensor<6x3x4xf32>) {
  // expected-error @+1 {{batch dimension 0 of a has size 5, dimension 0 of b has size 6}}
  %y = dlc.contract %a, %b batch [0] x [0] reduce [2] x [1]
      : (tensor<5x2x3xf32>, tensor<6x3x4xf32>) -> tensor<5x2x4xf32>
  return
}

// -----

func.func @contract_c2_batch_count(%a: tensor<5x2x3xf32>, %b: tensor<5x3x4xf32>) {
  // expected-error @+1 {{pairs 1 batch dimensions of a with 0 of b}}
  %y = dlc.contract %a, %b batch [0] x [] reduce [2] x [1]
      : (tensor<5x2x3xf32>, tensor<5x3x4xf32>) -> tensor<5x2x4xf32>
  return
}

// -----

func.func @contract_c3_symbols(
    %a: tensor<2x?xf32, #dlc.dims<[2, B]>>, %b: tensor<?x4xf32, #dlc.dims<[T, 4]>>) {
  // expected-error @+1 {{reduced dimension 1 of a has size B, dimension 0 of b has size T}}
  %y = dlc.contract %a, %b reduce [1] x [0]
      : (tensor<2x?xf32, #dlc.dims<[2, B]>>, tensor<?x4xf32, #dlc.dims<[T, 4]>>) -> tensor<2x4xf32>
  return
}

// -----

func.func @contract_c3_count(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+1 {{pairs 1 reduced dimensions of a with 0 of b}}
  %y = dlc.contract %a, %b reduce [1] x [] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @contract_c4_element_types(%a: tensor<2x3xf32>, %b: tensor<3x4xf64>) {
  // expected-error @+1 {{operands have element types 'f32' and 'f64'}}
  %y = dlc.contract %a, %b reduce [1] x [0] : (tensor<2x3xf32>, tensor<3x4xf64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @contract_c5_sizes(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+1 {{result has type f32 (4, 2), expected f32 (2, 4)}}
  %y = dlc.contract %a, %b reduce [1] x [0] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @contract_c5_only_halves_widen(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+1 {{result has type f64 (2, 4), expected f32 (2, 4)}}
  %y = dlc.contract %a, %b reduce [1] x [0] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf64>
  return
}
