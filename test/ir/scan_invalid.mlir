// RUN: dlc-opt %s --split-input-file --verify-diagnostics
!s = tensor<f32>
func.func @scan_c1_leading_size(%x: tensor<4x2xf32>) {
  // expected-error @+1 {{xs operand 0 has sizes (4, 2), expected the trip count 3 in front}}
  dlc.scan inits() xs(%x) invariants() trip 3 : (tensor<4x2xf32>) -> () {
  ^bb0(%i: tensor<i64>, %e: tensor<2xf32>):
    dlc.yield
  }
  return
}

// -----

!s = tensor<f32>
func.func @scan_c2_no_index(%h: !s) {
  // expected-error @+1 {{body takes (f32 ()), expected (i64 (), f32 ())}}
  %r = dlc.scan inits(%h) xs() invariants() trip 3 : (!s) -> !s {
  ^bb0(%c: !s):
    dlc.yield %c : !s
  }
  return
}

// -----

!s = tensor<f32>
func.func @scan_c3_missing_carry(%h: !s) {
  // expected-error @+1 {{body yields (), expected the carries (f32 ()) first}}
  %r = dlc.scan inits(%h) xs() invariants() trip 3 : (!s) -> !s {
  ^bb0(%i: tensor<i64>, %c: !s):
    dlc.yield
  }
  return
}

// -----

!s = tensor<f32>
func.func @scan_c4_unstacked_result(%h: !s) {
  // expected-error @+1 {{results are (f32 (), f32 ()), expected (f32 (), f32 (T))}}
  %r:2 = dlc.scan inits(%h) xs() invariants() trip T : (!s) -> (!s, !s) {
  ^bb0(%i: tensor<i64>, %c: !s):
    dlc.yield %c, %c : !s, !s
  }
  return
}
