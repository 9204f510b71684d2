// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @size_c1_not_a_scalar() {
  // expected-error @+1 {{must be scalar (rank 0)}}
  %y = dlc.size [B] : tensor<1xf32>
  return
}

// -----

func.func @size_c1_element_type() {
  // expected-error @+1 {{must be scalar (rank 0) ranked tensor of f32, f64, i32 or i64}}
  %y = dlc.size [B] : tensor<f16>
  return
}
