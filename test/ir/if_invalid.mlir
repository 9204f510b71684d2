// RUN: dlc-opt %s --split-input-file --verify-diagnostics
!s = tensor<f32>
func.func @if_c1_branch_arguments(%p: tensor<i1>, %a: !s) {
  // expected-error @+1 {{else region takes (), expected (f32 ())}}
  %y = dlc.if %p(%a) : (tensor<i1>, !s) -> !s then {
  ^bb0(%u: !s):
    dlc.yield %u : !s
  } else {
    %c = dlc.constant dense<0.0> : !s
    dlc.yield %c : !s
  }
  return
}

// -----

!s = tensor<f32>
func.func @if_c2_branch_results(%p: tensor<i1>, %a: !s) {
  // expected-error @+1 {{then region yields (), expected (f32 ())}}
  %y = dlc.if %p(%a) : (tensor<i1>, !s) -> !s then {
  ^bb0(%u: !s):
    dlc.yield
  } else {
  ^bb0(%u: !s):
    dlc.yield %u : !s
  }
  return
}

// -----

func.func @if_c3_predicate(%p: tensor<2xi1>) {
  // expected-error @+1 {{operand #0 must be scalar (rank 0) ranked tensor of i1}}
  dlc.if %p() : (tensor<2xi1>) -> () then {
    dlc.yield
  } else {
    dlc.yield
  }
  return
}
