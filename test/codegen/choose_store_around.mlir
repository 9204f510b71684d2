// RUN: dlc-opt %s --dlc-choose-schedules=cpu=x86-64-v4 | FileCheck %s
!t = tensor<4096x1024xf32>
!s = tensor<1024x1024xf32>
!b = tensor<?x1024xf32, #dlc.dims<[B, 1024]>>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// No cache keeps 16 MB.
// CHECK-LABEL: @large pointwise
// CHECK-SAME: store_around = 16777216>
dlc.kernel_func @large pointwise symbols [] {
^bb0(%x: !t):
  %y = dlc.relu %x : !t
  dlc.yield %y : !t
}
// CHECK-LABEL: @small pointwise
// CHECK-NOT: store_around
dlc.kernel_func @small pointwise symbols [] {
^bb0(%x: !s):
  %y = dlc.relu %x : !s
  dlc.yield %y : !s
}
// CHECK-LABEL: @unknown pointwise
// CHECK-NOT: store_around
dlc.kernel_func @unknown pointwise symbols ["B"] {
^bb0(%x: !b):
  %y = dlc.relu %x : !b
  dlc.yield %y : !b
}
}
