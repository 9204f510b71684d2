// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @attention_c1_ranks(%q: tensor<2x4x8xf32>, %k: tensor<6x8xf32>, %v: tensor<2x6x5xf32>) {
  // expected-error @+1 {{q, k and v have ranks 3, 2 and 3, expected the same rank of at least 2}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<6x8xf32>, tensor<2x6x5xf32>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c1_rank_one(%q: tensor<8xf32>, %k: tensor<8xf32>, %v: tensor<8xf32>) {
  // expected-error @+1 {{q, k and v have ranks 1, 1 and 1}}
  %y, %l = dlc.attention %q, %k, %v axis 0 scale 1.0
      : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>)
      -> (tensor<8xf32>, tensor<f32>)
  return
}

// -----

func.func @attention_c1_axis(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x5xf32>) {
  // expected-error @+1 {{axis 2 is outside [0, 2)}}
  %y, %l = dlc.attention %q, %k, %v axis 2 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c2_batch(%q: tensor<2x4x8xf32>, %k: tensor<3x6x8xf32>, %v: tensor<2x6x5xf32>) {
  // expected-error @+1 {{dimension 0 of k has size 3, of q 2}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<3x6x8xf32>, tensor<2x6x5xf32>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c2_depth(%q: tensor<2x4x8xf32>, %k: tensor<2x6x7xf32>, %v: tensor<2x6x5xf32>) {
  // expected-error @+1 {{dimension 2 of k has size 7, of q 8}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x7xf32>, tensor<2x6x5xf32>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c2_keys(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x7x5xf32>) {
  // expected-error @+1 {{dimension 1 of v has size 7, of k 6}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x7x5xf32>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c2_no_depth(%q: tensor<2x4x0xf32>, %k: tensor<2x6x0xf32>,
    %v: tensor<2x6x5xf32>) {
  // expected-error @+1 {{depth and width must be positive constants, got 0 and 5}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 1.0
      : (tensor<2x4x0xf32>, tensor<2x6x0xf32>, tensor<2x6x5xf32>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c2_symbolic_width(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>,
    %v: tensor<2x6x?xf32, #dlc.dims<[2, 6, W]>>) {
  // expected-error @+1 {{depth and width must be positive constants, got 8 and W}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x?xf32, #dlc.dims<[2, 6, W]>>)
      -> (tensor<2x4x?xf32, #dlc.dims<[2, 4, W]>>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c3_element_types(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf64>,
    %v: tensor<2x6x5xf32>) {
  // expected-error @+1 {{q, k and v have element types 'f32', 'f64' and 'f32'}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf64>, tensor<2x6x5xf32>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c4_dims_missing(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>,
    %v: tensor<2x6x5xf32>, %m: tensor<2x6xi1>) {
  // expected-error @+1 {{mask has 2 dimensions, mask_dims 1}}
  %y, %l = dlc.attention %q, %k, %v mask %m over [0] axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>, tensor<2x6xi1>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c4_order(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x5xf32>,
    %m: tensor<6x2xi1>) {
  // expected-error @+1 {{mask dimension}}
  %y, %l = dlc.attention %q, %k, %v mask %m over [2, 0] axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>, tensor<6x2xi1>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c4_past_rank(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>,
    %v: tensor<2x6x5xf32>, %m: tensor<6xi1>) {
  // expected-error @+1 {{mask dimension 3 is outside [0, 3)}}
  %y, %l = dlc.attention %q, %k, %v mask %m over [3] axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>, tensor<6xi1>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c4_size(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x5xf32>,
    %m: tensor<4xi1>) {
  // expected-error @+1 {{dimension 0 of mask has size 4, dimension 2 of the scores 6}}
  %y, %l = dlc.attention %q, %k, %v mask %m over [2] axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>, tensor<4xi1>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c5_element_type(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>,
    %v: tensor<2x6x5xf32>, %m: tensor<6xf64>) {
  // expected-error @+1 {{mask has element type 'f64', expected i1 or 'f32'}}
  %y, %l = dlc.attention %q, %k, %v mask %m over [2] axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>, tensor<6xf64>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c6_scale(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x5xf32>) {
  // expected-error @+1 {{scale is not finite}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 0x7FF0000000000000
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>)
      -> (tensor<2x4x5xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c7_result(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>,
    %v: tensor<2x6x5xf32>) {
  // expected-error @+1 {{y has type f32 (2, 4, 8), expected f32 (2, 4, 5)}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>)
      -> (tensor<2x4x8xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c7_lse(%q: tensor<2x4x8xf16>, %k: tensor<2x6x8xf16>, %v: tensor<2x6x5xf16>) {
  // expected-error @+1 {{lse has type f16 (2, 4), expected f32 (2, 4)}}
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 1.0
      : (tensor<2x4x8xf16>, tensor<2x6x8xf16>, tensor<2x6x5xf16>)
      -> (tensor<2x4x5xf16>, tensor<2x4xf16>)
  return
}

// -----

func.func @attention_c8_range(%q: tensor<2x4x8xf32>, %key: tensor<2xi64>) {
  // expected-error @+1 {{dropout is 1.000000e+00, expected [0, 1)}}
  %y, %l = dlc.attention %q, %q, %q drop 1.0 by %key axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2xi64>)
      -> (tensor<2x4x8xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @attention_c8_key(%q: tensor<2x4x8xf32>) {
  // expected-error @+1 {{dropout needs a key}}
  %y, %l = dlc.attention %q, %q, %q axis 1 scale 1.0 {dropout = 5.0e-1 : f64}
      : (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>)
      -> (tensor<2x4x8xf32>, tensor<2x4xf32>)
  return
}
