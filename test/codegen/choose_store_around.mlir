// RUN: dlc-opt %s --dlc-choose-schedules=cpu=x86-64-v4 | FileCheck %s
!t = tensor<4096x1024xf32>
!s = tensor<1024x1024xf32>
!b = tensor<?x1024xf32, #dlc.dims<[B, 1024]>>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// No cache keeps 8 MB for long, nor the beginning of less where 24 MB are read and written.
// CHECK-LABEL: @large pointwise
// CHECK-SAME: store_around = 4194304>
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
// CHECK-LABEL: @copied pointwise
// CHECK-SAME: store_around = 8388608>
dlc.kernel_func @copied pointwise symbols [] {
^bb0(%x: !s):
  %y = dlc.broadcast %x to [0, 1] : !s -> tensor<1024x1024x4xf32>
  dlc.yield %y : tensor<1024x1024x4xf32>
}
// CHECK-LABEL: @beside pointwise
// CHECK-SAME: store_around = 4194304>
dlc.kernel_func @beside pointwise symbols [] {
^bb0(%a: !s, %b: !s, %c: !s, %d: !s, %e: !s, %f: !s, %g: !s):
  %y = dlc.add %a, %b : !s
  %y1 = dlc.add %c, %d : !s
  %y2 = dlc.add %e, %f : !s
  %y3 = dlc.add %y1, %y2 : !s
  %y4 = dlc.add %y3, %g : !s
  %z = dlc.add %y, %y4 : !s
  dlc.yield %z : !s
}
// Of a table only the rows that are gathered count.
// CHECK-LABEL: @rows pointwise
// CHECK-NOT: store_around
dlc.kernel_func @rows pointwise symbols [] {
^bb0(%x: tensor<65536x1024xf32>, %i: tensor<1024xi32>):
  %y = dlc.gather %x, %i axis 0 : (tensor<65536x1024xf32>, tensor<1024xi32>) -> !s
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
