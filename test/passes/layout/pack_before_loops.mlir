// Panels of what loops read and do not change.
//
// RUN: dlc-opt %s --dlc-layout-variables --split-input-file | FileCheck %s

// The prediction reads the derived variable inside of the loop; the training step, which changes
// the weight, packs it once. Small as it is: a loop would pack it in every iteration.
!h = tensor<?x32xf32, #dlc.dims<[B, 32]>>
!W = tensor<32x32xf32>
// CHECK-LABEL: module @packs_before_scan
module @packs_before_scan attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK: dlc.variable @W.transposed_panels derived : tensor<1x32x64xf32> from @W
dlc.variable @W weight : !W
// CHECK: dlc.entry @predict({{.*}}, %[[W:.*]]: tensor<32x32xf32> {{{.*}}}, %[[P:.*]]: tensor<1x32x64xf32> {dlc.state = @W.transposed_panels})
// CHECK-NEXT: dlc.scan inits({{.*}}) xs() invariants(%[[W]], %[[P]]) trip 5
// CHECK-NEXT: ^bb0({{.*}}, %[[Q:.*]]: tensor<1x32x64xf32>):
// CHECK-NEXT:   dlc.transpose %[[Q]] [1, 0, 2] {dlc.panels = "unpack"}
dlc.entry @predict(%h: !h {dlc.name = "h"}, %W: !W {dlc.state = @W}) -> (!h {dlc.name = "y"}) {
  %0 = dlc.scan inits(%h) xs() invariants(%W) trip 5 : (!h, !W) -> !h {
  ^bb0(%i: tensor<i64>, %c: !h, %w: !W):
    %1 = dlc.contract %c, %w reduce [1] x [1] : (!h, !W) -> !h
    dlc.yield %1 : !h
  }
  dlc.return %0 : !h
}
// CHECK: dlc.entry @step
// CHECK-NOT: dlc.state = @W.transposed_panels
// CHECK:   %[[T:.*]] = dlc.transpose {{.*}} [1, 0, 2] {dlc.panels = "pack"}
// CHECK:   dlc.scan inits({{.*}}) xs() invariants({{.*}}, %[[T]]) trip 5
dlc.entry @step(%h: !h {dlc.name = "h"}, %W: !W {dlc.state = @W})
    -> (!h {dlc.name = "y"}, !W {dlc.state = @W}) {
  %0 = dlc.scan inits(%h) xs() invariants(%W) trip 5 : (!h, !W) -> !h {
  ^bb0(%i: tensor<i64>, %c: !h, %w: !W):
    %1 = dlc.contract %c, %w reduce [1] x [1] : (!h, !W) -> !h
    dlc.yield %1 : !h
  }
  %2 = dlc.neg %W : !W
  dlc.return %0, %2 : !h, !W
}
}

// -----

// Through a branch inside of a loop, to both of its sides.
!h = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!W = tensor<64x64xf32>
// CHECK-LABEL: module @packs_for_branches
module @packs_for_branches attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK: dlc.entry @run(
// CHECK:   %[[T:.*]] = dlc.transpose {{.*}} [1, 0, 2] {dlc.panels = "pack"}
// CHECK:   dlc.while inits({{.*}}) invariants({{.*}}, %[[T]])
// CHECK:     ^bb0({{.*}}, %[[P:.*]]: tensor<1x64x64xf32>):
// CHECK:   } do {
// CHECK:     ^bb0({{.*}}, %[[P:.*]]: tensor<1x64x64xf32>):
// CHECK:       dlc.if %{{.*}}({{.*}}, %[[P]])
// CHECK:         ^bb0({{.*}}, %[[Q:.*]]: tensor<1x64x64xf32>):
// CHECK:           dlc.transpose %[[Q]] [1, 0, 2] {dlc.panels = "unpack"}
// CHECK:         ^bb0({{.*}}, %{{.*}}: tensor<1x64x64xf32>):
// CHECK-NOT:       unpack
dlc.entry @run(%h: !h {dlc.name = "h"}, %p: tensor<i1> {dlc.name = "p"}, %W: !W {dlc.name = "W"})
    -> (!h {dlc.name = "y"}) {
  %0 = dlc.while inits(%h) invariants(%p, %W) max_trip 3 : (!h, tensor<i1>, !W) -> !h {
  ^bb0(%c: !h, %q: tensor<i1>, %w: !W):
    dlc.yield %q : tensor<i1>
  } do {
  ^bb0(%c: !h, %q: tensor<i1>, %w: !W):
    %1 = dlc.if %q(%c, %w) : (tensor<i1>, !h, !W) -> !h then {
    ^bb0(%a: !h, %u: !W):
      %2 = dlc.contract %a, %u reduce [1] x [1] : (!h, !W) -> !h
      dlc.yield %2 : !h
    } else {
    ^bb0(%a: !h, %u: !W):
      dlc.yield %a : !h
    }
    dlc.yield %1 : !h
  }
  dlc.return %0 : !h
}
}

// -----

// Two kernels of a step would each pack the matrix.
!h = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!W = tensor<64x64xf32>
// CHECK-LABEL: module @packs_for_two_readers
module @packs_for_two_readers attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK: dlc.entry @step(
// CHECK: %[[T:.*]] = dlc.transpose {{.*}} [1, 0, 2] {dlc.panels = "pack"}
// CHECK: dlc.transpose %[[T]] [1, 0, 2] {dlc.panels = "unpack"}
// CHECK: dlc.contract
// CHECK: dlc.transpose %[[T]] [1, 0, 2] {dlc.panels = "unpack"}
// CHECK: dlc.contract
// CHECK-NOT: "pack"
dlc.variable @W weight : !W
dlc.entry @step(%h: !h {dlc.name = "h"}, %W: !W {dlc.state = @W})
    -> (!h {dlc.name = "y"}, !W {dlc.state = @W}) {
  %0 = dlc.contract %h, %W reduce [1] x [1] : (!h, !W) -> !h
  %1 = dlc.contract %0, %W reduce [1] x [1] : (!h, !W) -> !h
  %2 = dlc.neg %W : !W
  dlc.return %1, %2 : !h, !W
}
}

// -----

// What the loop changes cannot be packed before it, and one kernel packs for itself.
!h = tensor<64x64xf32>
// CHECK-LABEL: module @keeps_carried_values
module @keeps_carried_values {
// CHECK-NOT: dlc.panels
dlc.entry @run(%h: !h {dlc.name = "h"}) -> (!h {dlc.name = "y"}) {
  %0 = dlc.scan inits(%h) xs() invariants() trip 5 : (!h) -> !h {
  ^bb0(%i: tensor<i64>, %c: !h):
    %1 = dlc.contract %c, %c reduce [1] x [1] : (!h, !h) -> !h
    dlc.yield %1 : !h
  }
  dlc.return %0 : !h
}
}
