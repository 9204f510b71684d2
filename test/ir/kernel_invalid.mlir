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

// -----

func.func @kernel_c3_empty(%x: tensor<4xf32>) {
  // expected-error @+1 {{has an empty list of schedules; leave it out to have them chosen}}
  %y = dlc.kernel pointwise(%x) schedules [] : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_c3_no_schedule(%x: tensor<4xf32>) {
  // expected-error @+1 {{schedule 0 is 1 : i64, which is no schedule}}
  %y = dlc.kernel pointwise(%x) schedules [1] : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  return
}

// -----

!b = tensor<?xf32, #dlc.dims<[B]>>
func.func @kernel_c3_last_guarded(%x: !b) {
  // expected-error @+1 {{the last schedule is guarded; sizes outside of all guards need one}}
  %y = dlc.kernel pointwise(%x) schedules [#dlc.when<B in [0, 2], #dlc.pack>] : (!b) -> !b {
  ^bb0(%a: !b):
    dlc.yield %a : !b
  }
  return
}

// -----

func.func @kernel_c3_unreachable(%x: tensor<4xf32>) {
  // expected-error @+1 {{schedule 0 has no guard, so those behind it cannot run}}
  %y = dlc.kernel pointwise(%x) schedules [#dlc.pack, #dlc.pack]
      : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  return
}

// -----

!b = tensor<?xf32, #dlc.dims<[B]>>
func.func @kernel_c4_unknown_symbol(%x: !b) {
  // expected-error @+1 {{schedule 0 is guarded by symbol T, which the kernel does not have}}
  %y = dlc.kernel pointwise(%x) schedules [#dlc.when<B*T in [0, 2], #dlc.pack>, #dlc.pack]
      : (!b) -> !b {
  ^bb0(%a: !b):
    dlc.yield %a : !b
  }
  return
}
