// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @kernel_c1_argument_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{block arguments do not have the types of the operands}}
  %y = dlc.kernel pointwise(%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<5xf32>):
    %b = dlc.exp %a : tensor<5xf32>
    dlc.yield %b : tensor<5xf32>
  }
  return
}

// -----

func.func @kernel_c1_argument_count(%x: tensor<4xf32>) {
  // expected-error @+1 {{block arguments do not have the types of the operands}}
  %y = dlc.kernel pointwise(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_c2_yielded_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{body does not yield values of the result types}}
  %y = dlc.kernel reduce(%x) : (tensor<4xf32>) -> tensor<f32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_c2_no_yield(%x: tensor<4xf32>) {
  // expected-error @+1 {{body does not yield values of the result types}}
  dlc.kernel pointwise(%x) : (tensor<4xf32>) -> () {
  ^bb0(%a: tensor<4xf32>):
    dlc.kernel pointwise() : () -> () {
      dlc.yield
    }
  }
  return
}
