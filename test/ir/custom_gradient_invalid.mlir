// RUN: dlc-opt %s --split-input-file --verify-diagnostics
!s = tensor<f32>
func.func @custom_gradient_c1_forward(%a: !s) {
  // expected-error @+1 {{forward yields (), expected (f32 ())}}
  %y = dlc.custom_gradient (%a) : (!s) -> !s forward {
  ^bb0(%x: !s):
    dlc.yield
  } backward {
  ^bb0(%x: !s, %r: !s, %dr: !s):
    dlc.yield %dr : !s
  }
  return
}

// -----

!s = tensor<f32>
func.func @custom_gradient_c2_backward_arguments(%a: !s) {
  // expected-error @+1 {{backward takes (f32 (), f32 ()), expected (f32 (), f32 (), f32 ())}}
  %y = dlc.custom_gradient (%a) : (!s) -> !s forward {
  ^bb0(%x: !s):
    dlc.yield %x : !s
  } backward {
  ^bb0(%x: !s, %dr: !s):
    dlc.yield %dr : !s
  }
  return
}

// -----

!s = tensor<f32>
func.func @custom_gradient_c3_float_operands(%a: !s, %n: tensor<i32>) {
  // expected-error @+1 {{backward yields (f32 (), i32 ()), expected (f32 ())}}
  %y = dlc.custom_gradient (%a, %n) : (!s, tensor<i32>) -> !s forward {
  ^bb0(%x: !s, %k: tensor<i32>):
    dlc.yield %x : !s
  } backward {
  ^bb0(%x: !s, %k: tensor<i32>, %r: !s, %dr: !s):
    dlc.yield %dr, %k : !s, tensor<i32>
  }
  return
}
