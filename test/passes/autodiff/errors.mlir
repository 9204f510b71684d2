// RUN: dlc-opt %s --dlc-differentiate --split-input-file --verify-diagnostics

func.func @unreached_target(%x: tensor<f32>, %u: tensor<2xf32>) -> tensor<2xf32> {
  // expected-note @+1 {{the target}}
  %w = dlc.watch 0 %u : tensor<2xf32>
  %l = dlc.exp %x : tensor<f32>
  // expected-error @+1 {{target 0 has no influence on the loss; leave it out, or say allow_unused to get zeros}}
  %d = dlc.gradient %l wrt(%w) : tensor<f32> -> (tensor<2xf32>)
  return %d : tensor<2xf32>
}

// -----

// Rounding has a derivative of zero everywhere: nothing reaches the target.
func.func @target_behind_zero_gradient(%x: tensor<f32>) -> tensor<f32> {
  // expected-note @+1 {{the target}}
  %w = dlc.watch 0 %x : tensor<f32>
  %l = dlc.round %w : tensor<f32>
  // expected-error @+1 {{target 0 has no influence on the loss}}
  %d = dlc.gradient %l wrt(%w) : tensor<f32> -> (tensor<f32>)
  return %d : tensor<f32>
}

// -----

func.func private @opaque(tensor<f32>) -> tensor<f32>
func.func @foreign_op_on_the_path(%x: tensor<f32>) -> tensor<f32> {
  %w = dlc.watch 0 %x : tensor<f32>
  // expected-error @+1 {{'func.call' has no derivative, but a gradient passes through it; use dlc.stop_gradient or dlc.custom_gradient}}
  %l = func.call @opaque(%w) : (tensor<f32>) -> tensor<f32>
  // expected-remark @+1 {{needed by this gradient}}
  %d = dlc.gradient %l wrt(%w) : tensor<f32> -> (tensor<f32>)
  return %d : tensor<f32>
}

// -----

func.func @while_without_bound(%x: tensor<f32>) -> tensor<f32> {
  %w = dlc.watch 0 %x : tensor<f32>
  // expected-error @+1 {{needs max_trip for its gradient: the values of every iteration are kept}}
  %l = dlc.while inits(%w) invariants() : (tensor<f32>) -> tensor<f32> {
  ^bb0(%c: tensor<f32>):
    %one = dlc.constant dense<1.0> : tensor<f32>
    %p = dlc.compare lt %c, %one : (tensor<f32>, tensor<f32>) -> tensor<i1>
    dlc.yield %p : tensor<i1>
  } do {
  ^bb0(%c: tensor<f32>):
    %e = dlc.exp %c : tensor<f32>
    dlc.yield %e : tensor<f32>
  }
  // expected-remark @+1 {{needed by this gradient}}
  %d = dlc.gradient %l wrt(%w) : tensor<f32> -> (tensor<f32>)
  return %d : tensor<f32>
}
