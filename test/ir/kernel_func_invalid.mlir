// RUN: dlc-opt %s --split-input-file --verify-diagnostics
module @kernel_func_c1_argument {
// expected-error @+1 {{uses symbol B that is not in its list of symbols}}
dlc.kernel_func @k pointwise symbols ["T"] {
^bb0(%a: tensor<?xf32, #dlc.dims<[2*B]>>):
  dlc.yield %a : tensor<?xf32, #dlc.dims<[2*B]>>
}
}

// -----

module @kernel_func_c1_inside {
// expected-error @+1 {{uses symbol T that is not in its list of symbols}}
dlc.kernel_func @k pointwise symbols ["B"] {
^bb0(%a: tensor<f32>):
  %y = dlc.broadcast %a to [] : tensor<f32> -> tensor<?x?xf32, #dlc.dims<[B, T]>>
  %s = dlc.sum %y over [0, 1] : tensor<?x?xf32, #dlc.dims<[B, T]>> -> tensor<f32>
  dlc.yield %s : tensor<f32>
}
}

// -----

module @kernel_func_c1_attribute {
// expected-error @+1 {{uses symbol T that is not in its list of symbols}}
dlc.kernel_func @k pointwise symbols [] {
^bb0(%a: tensor<f32>):
  %n = dlc.size [T] : tensor<f32>
  %y = dlc.mul %a, %n : tensor<f32>
  dlc.yield %y : tensor<f32>
}
}

// -----

module @kernel_func_c2_last_guarded {
// expected-error @+1 {{the last schedule is guarded; sizes outside of all guards need one}}
dlc.kernel_func @k pointwise symbols ["B"] schedules [#dlc.when<B in [0, 2], #dlc.pack>] {
^bb0(%a: tensor<?xf32, #dlc.dims<[B]>>):
  dlc.yield %a : tensor<?xf32, #dlc.dims<[B]>>
}
}

// -----

module @kernel_func_c3_unlisted_symbol {
// expected-error @+1 {{schedule 0 is guarded by symbol T, which the kernel does not have}}
dlc.kernel_func @k pointwise symbols ["B"]
    schedules [#dlc.when<T in [0, 2], #dlc.pack>, #dlc.pack] {
^bb0(%a: tensor<?xf32, #dlc.dims<[B]>>):
  dlc.yield %a : tensor<?xf32, #dlc.dims<[B]>>
}
}
