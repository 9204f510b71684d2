// RUN: dlc-opt %s --dlc-form-kernels --split-input-file | FileCheck %s
// RUN: dlc-opt %s --dlc-form-kernels --split-input-file | FileCheck %s --check-prefix=KEEP

// Group statistics: whole rows are folded first, and repeated last.
// CHECK-LABEL: dlc.entry @groups
// CHECK: dlc.sum %{{.*}} over [1] : tensor<2x50x4x8xf32> -> tensor<2x4x8xf32>
// CHECK: dlc.sum %{{.*}} over [2] : tensor<2x4x8xf32> -> tensor<2x4xf32>
// CHECK: dlc.neg %{{.*}} : tensor<2x4xf32>
// CHECK: dlc.transpose %{{.*}} [0, 1, 2] : tensor<2x4x8xf32> -> tensor<2x4x8xf32>
// CHECK: dlc.broadcast %{{.*}} to [0, 2, 3] : tensor<2x4x8xf32> -> tensor<2x50x4x8xf32>
!x = tensor<2x50x4x8xf32>
!s = tensor<2x4xf32>
dlc.entry @groups(%x: !x {dlc.name = "x"}) -> (!x {dlc.name = "y"}) {
  %s = dlc.sum %x over [1, 3] : !x -> !s
  %n = dlc.neg %s : !s
  %b = dlc.broadcast %n to [0, 2] : !s -> !x
  %y = dlc.add %x, %b : !x
  dlc.return %y : !x
}

// -----

// The centred value is computed by both who read it, and stored by none.
// CHECK-LABEL: dlc.entry @centred
// CHECK: dlc.kernel pointwise(
// CHECK:   dlc.sub
// CHECK:   dlc.tanh
// CHECK: dlc.kernel reduce(
// CHECK:   dlc.sub
// CHECK:   dlc.mul
// CHECK:   %[[S:.*]] = dlc.sum
// CHECK:   dlc.yield %[[S]] :
!x = tensor<2x50x4x8xf32>
!s = tensor<2x4xf32>
dlc.entry @centred(%x: !x {dlc.name = "x"}, %m: !s {dlc.name = "m"}) -> (!x {dlc.name = "y"}, !s {dlc.name = "v"}) {
  %n = dlc.neg %m : !s
  %b = dlc.broadcast %n to [0, 2] : !s -> !x
  %c = dlc.sub %x, %b : !x
  %q = dlc.mul %c, %c : !x
  %v = dlc.sum %q over [1, 3] : !x -> !s
  %y = dlc.tanh %c : !x
  dlc.return %y, %v : !x, !s
}

// -----

// The cotangent of normalised groups: what two sums and the result are made of is made for each of
// them, of the two arguments, and no kernel but the last writes a large tensor.
// CHECK-LABEL: dlc.entry @cotangent
// CHECK: dlc.kernel reduce(%{{.*}}, %{{.*}}, %{{.*}}) : ({{.*}}) -> tensor<2x4x8xf32> {
// CHECK:   dlc.mul
// CHECK:   dlc.mul
// CHECK:   dlc.sum
// CHECK: dlc.kernel reduce(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : ({{.*}}) -> tensor<2x4x8xf32> {
// CHECK:   dlc.mul
// CHECK:   dlc.mul
// CHECK:   dlc.add
// CHECK:   dlc.sum
// CHECK: dlc.kernel pointwise({{.*}}) -> tensor<2x50x4x8xf32> {
// CHECK:   dlc.mul
// CHECK:   dlc.mul
// CHECK:   dlc.add
// CHECK:   dlc.add
// CHECK-NOT: tensor<2x50x4x8xf32> {
!x = tensor<2x50x4x8xf32>
!s = tensor<2x4xf32>
!c = tensor<4x8xf32>
dlc.entry @cotangent(%x: !x {dlc.name = "x"}, %dy: !x {dlc.name = "dy"}, %scale: !c {dlc.name = "scale"}) -> (!x {dlc.name = "dx"}) {
  %sb = dlc.broadcast %scale to [2, 3] : !c -> !x
  %g = dlc.mul %dy, %sb : !x
  %p = dlc.mul %g, %x : !x
  %v = dlc.sum %p over [1, 3] : !x -> !s
  %n = dlc.neg %v : !s
  %b = dlc.broadcast %n to [0, 2] : !s -> !x
  %q = dlc.mul %x, %b : !x
  %h = dlc.add %g, %q : !x
  %m = dlc.sum %h over [1, 3] : !x -> !s
  %o = dlc.neg %m : !s
  %ob = dlc.broadcast %o to [0, 2] : !s -> !x
  %y = dlc.add %h, %ob : !x
  dlc.return %y : !x
}

// -----

// What is made of three tensors is written once: reading them again would cost more.
// CHECK-LABEL: dlc.entry @three
// CHECK: dlc.kernel {{.*}} -> (tensor<2x50x4x8xf32>, tensor<2x4x8xf32>) {
!x = tensor<2x50x4x8xf32>
!s = tensor<2x4xf32>
dlc.entry @three(%x: !x {dlc.name = "x"}, %z: !x {dlc.name = "z"}, %w: !x {dlc.name = "w"}) -> (!x {dlc.name = "y"}) {
  %p = dlc.mul %x, %z : !x
  %g = dlc.add %p, %w : !x
  %v = dlc.sum %g over [1, 3] : !x -> !s
  %n = dlc.neg %v : !s
  %b = dlc.broadcast %n to [0, 2] : !s -> !x
  %y = dlc.mul %g, %b : !x
  dlc.return %y : !x
}

// -----

// Long rows are vectors as they are, and sums of 16-bit floats are rounded once.
// KEEP-LABEL: dlc.entry @long_rows
// KEEP: dlc.sum %{{.*}} over [0, 2] : tensor<2x50x400xf32> -> tensor<50xf32>
// KEEP: dlc.sum %{{.*}} over [0, 2] : tensor<2x50x4xbf16> -> tensor<50xbf16>
dlc.entry @long_rows(%x: tensor<2x50x400xf32> {dlc.name = "x"}, %h: tensor<2x50x4xbf16> {dlc.name = "h"})
    -> (tensor<50xf32> {dlc.name = "s"}, tensor<50xbf16> {dlc.name = "t"}) {
  %s = dlc.sum %x over [0, 2] : tensor<2x50x400xf32> -> tensor<50xf32>
  %t = dlc.sum %h over [0, 2] : tensor<2x50x4xbf16> -> tensor<50xbf16>
  dlc.return %s, %t : tensor<50xf32>, tensor<50xbf16>
}
