// RUN: dlc-opt %s --split-input-file --verify-diagnostics
!s = tensor<f32>
func.func @while_c1_body_arguments(%a: !s, %p: tensor<i1>) {
  // expected-error @+1 {{body takes (f32 ()), expected (f32 (), i1 ())}}
  %y = dlc.while inits(%a) invariants(%p) : (!s, tensor<i1>) -> !s {
  ^bb0(%c: !s, %q: tensor<i1>):
    dlc.yield %q : tensor<i1>
  } do {
  ^bb0(%c: !s):
    dlc.yield %c : !s
  }
  return
}

// -----

!s = tensor<f32>
func.func @while_c2_condition(%a: !s) {
  // expected-error @+1 {{condition yields (f32 ()), expected (i1 ())}}
  %y = dlc.while inits(%a) invariants() : (!s) -> !s {
  ^bb0(%c: !s):
    dlc.yield %c : !s
  } do {
  ^bb0(%c: !s):
    dlc.yield %c : !s
  }
  return
}

// -----

!p = tensor<i1>
func.func @while_c3_body_yields(%a: !p) {
  // expected-error @+1 {{body yields (), expected (i1 ())}}
  %y = dlc.while inits(%a) invariants() : (!p) -> !p {
  ^bb0(%c: !p):
    dlc.yield %c : !p
  } do {
  ^bb0(%c: !p):
    dlc.yield
  }
  return
}

// -----

!p = tensor<i1>
func.func @while_c3_results(%a: !p) {
  // expected-error @+1 {{results are (f32 ()), expected the carries (i1 ())}}
  %y = dlc.while inits(%a) invariants() : (!p) -> tensor<f32> {
  ^bb0(%c: !p):
    dlc.yield %c : !p
  } do {
  ^bb0(%c: !p):
    dlc.yield %c : !p
  }
  return
}

// -----

!p = tensor<i1>
func.func @while_c4_negative_bound(%a: !p) {
  // expected-error @+1 {{max_trip -1 is negative}}
  %y = dlc.while inits(%a) invariants() max_trip -1 : (!p) -> !p {
  ^bb0(%c: !p):
    dlc.yield %c : !p
  } do {
  ^bb0(%c: !p):
    dlc.yield %c : !p
  }
  return
}
