// RUN: dlc-opt %s --dlc-bind-symbols=bindings=B=4 | FileCheck %s
// RUN: not dlc-opt %s --dlc-bind-symbols=bindings=B=0 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not dlc-opt %s --dlc-bind-symbols=bindings=B 2>&1 | FileCheck %s --check-prefix=FORM

// RANGE: cannot bind "B" to 0, which #dlc.symbol<B, min = 1> does not admit
// FORM: binding "B" is not of the form SYMBOL=SIZE, such as B=128
// CHECK: module attributes {dlc.symbols = [#dlc.symbol<T, min = 0>]}
// CHECK: dlc.entry @binds(%{{.*}}: tensor<4x?xf32, #dlc.dims<[4, T]>>
// CHECK: dlc.size [4]
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>, #dlc.symbol<T, min = 0>]} {
dlc.entry @binds(%x: tensor<?x?xf32, #dlc.dims<[B, T]>> {dlc.name = "x"}) -> (tensor<f32> {dlc.name = "n"}) {
  %n = dlc.size [B] : tensor<f32>
  dlc.return %n : tensor<f32>
}
}
