// What follows from unchanged variables is computed once, in variables of its own.
//
// RUN: dlc-opt %s --dlc-derive-variables --split-input-file | FileCheck %s
// RUN: dlc-opt %s --dlc-derive-variables --dlc-layout-variables --dlc-form-kernels --split-input-file | FileCheck %s --check-prefix=KERNEL

// A filter with factors, for two entries; who assigns a factor computes for itself.
!x = tensor<?x8x8x128xf32, #dlc.dims<[B, 8, 8, 128]>>
!F = tensor<1x1x128x128xf32>
!c = tensor<128xf32>
// CHECK-LABEL: module @derives_a_filter
module @derives_a_filter attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK: dlc.variable @F weight
// CHECK: dlc.variable @F.derived derived : tensor<1x1x128x128xf32> from @F by @F.derived.derive
// CHECK-NOT: dlc.variable
dlc.variable @F weight : !F
dlc.variable @s statistic : !c
// CHECK: dlc.entry @predict({{.*}}, %[[D:.*]]: tensor<1x1x128x128xf32> {dlc.state = @F.derived})
// CHECK-NEXT: dlc.conv %{{.*}}, %[[D]] strides
// CHECK-NEXT: dlc.return
dlc.entry @predict(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F}, %s: !c {dlc.state = @s})
    -> (!x {dlc.name = "y"}) {
  %0 = dlc.sqrt %s : !c
  %1 = dlc.broadcast %0 to [3] : !c -> !F
  %2 = dlc.mul %F, %1 : !F
  %3 = dlc.conv %x, %2 strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 1
    : (!x, !F) -> !x
  dlc.return %3 : !x
}
// CHECK: dlc.entry @again({{.*}}, %[[D:.*]]: tensor<1x1x128x128xf32> {dlc.state = @F.derived})
dlc.entry @again(%s: !c {dlc.state = @s}, %F: !F {dlc.state = @F}, %x: !x {dlc.name = "x"})
    -> (!x {dlc.name = "y"}) {
  %0 = dlc.sqrt %s : !c
  %1 = dlc.broadcast %0 to [3] : !c -> !F
  %2 = dlc.mul %F, %1 : !F
  %3 = dlc.conv %x, %2 strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 1
    : (!x, !F) -> !x
  dlc.return %3 : !x
}
// CHECK: dlc.entry @train
// CHECK-NOT: derived
// CHECK: dlc.mul
// CHECK: dlc.conv
dlc.entry @train(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F}, %s: !c {dlc.state = @s})
    -> (!x {dlc.name = "y"}, !c {dlc.state = @s}) {
  %0 = dlc.sqrt %s : !c
  %1 = dlc.broadcast %0 to [3] : !c -> !F
  %2 = dlc.mul %F, %1 : !F
  %3 = dlc.conv %x, %2 strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 1
    : (!x, !F) -> !x
  dlc.return %3, %0 : !x, !c
}
// CHECK: dlc.entry private @F.derived.derive(%[[F:.*]]: {{.*}} {dlc.state = @F}, %[[S:.*]]: {{.*}} {dlc.state = @s})
// CHECK:   dlc.sqrt %[[S]]
// CHECK:   %[[R:.*]] = dlc.mul %[[F]]
// CHECK:   dlc.return %[[R]]
//
// Panels of it are made of the sources in one kernel; the row-major form is gone.
// KERNEL-LABEL: module @derives_a_filter
// KERNEL: dlc.variable @F.derived.panels derived : tensor<2x128x64xf32> from @F by @F.derived.panels.pack
// KERNEL-NOT: @F.derived
// KERNEL: dlc.entry @predict({{.*}} {dlc.state = @F.derived.panels})
// KERNEL-NOT: {dlc.state = @F.derived}
// KERNEL: dlc.entry private @F.derived.panels.pack(%[[F:.*]]: {{.*}} {dlc.state = @F}, %[[S:.*]]: {{.*}} {dlc.state = @s})
// KERNEL-NEXT: %[[P:.*]] = dlc.kernel pointwise(%[[F]], %[[S]])
// KERNEL:        dlc.sqrt
// KERNEL:        dlc.mul
// KERNEL:        dlc.transpose
// KERNEL-NOT:    dlc.panels
// KERNEL:      dlc.return %[[P]]
}

// -----

// Constants per channel are one vector; what repeats it stays, and so does what is returned.
!x = tensor<4x16xf32>
!c = tensor<16xf32>
// CHECK-LABEL: module @derives_vectors
module @derives_vectors {
// CHECK: dlc.variable @a.derived derived : tensor<16xf32> from @a by
dlc.variable @a weight : !c
dlc.variable @b weight : !c
// CHECK: dlc.entry @predict({{.*}}, %[[D:.*]]: tensor<16xf32> {dlc.state = @a.derived})
// CHECK:   %[[W:.*]] = dlc.broadcast %[[D]] to [1]
// CHECK:   dlc.mul %{{.*}}, %[[W]]
// CHECK:   %[[T:.*]] = dlc.transpose
// CHECK:   dlc.contract %{{.*}}, %[[T]]
// CHECK:   dlc.return
dlc.entry @predict(%x: !x {dlc.name = "x"}, %a: !c {dlc.state = @a}, %b: !c {dlc.state = @b})
    -> (!x {dlc.name = "y"}, tensor<4x1xf32> {dlc.name = "z"}, !c {dlc.name = "sum"}) {
  %0 = dlc.add %a, %b : !c
  %1 = dlc.mul %0, %0 : !c
  %2 = dlc.broadcast %1 to [1] : !c -> !x
  %3 = dlc.mul %x, %2 : !x
  %4 = dlc.reshape %a : !c -> tensor<1x16xf32>
  %5 = dlc.transpose %4 [1, 0] : tensor<1x16xf32> -> tensor<16x1xf32>
  %6 = dlc.contract %x, %5 reduce [1] x [0] : (!x, tensor<16x1xf32>) -> tensor<4x1xf32>
  %7 = dlc.sub %a, %b : !c
  dlc.return %3, %6, %7 : !x, tensor<4x1xf32>, !c
}
}

// -----

// Two matrices side by side.
!W = tensor<16x8xf32>
// CHECK-LABEL: module @derives_a_concatenation
module @derives_a_concatenation {
// CHECK: dlc.variable @V.derived derived : tensor<16x24xf32> from @V by
dlc.variable @W weight : !W
dlc.variable @V weight : tensor<16x16xf32>
dlc.entry @predict(%x: tensor<4x16xf32> {dlc.name = "x"}, %W: !W {dlc.state = @W},
                   %V: tensor<16x16xf32> {dlc.state = @V}) -> (tensor<4x24xf32> {dlc.name = "y"}) {
  %0 = dlc.concat %W, %V axis 1 : (!W, tensor<16x16xf32>) -> tensor<16x24xf32>
  %1 = dlc.contract %x, %0 reduce [1] x [0]
    : (tensor<4x16xf32>, tensor<16x24xf32>) -> tensor<4x24xf32>
  dlc.return %1 : tensor<4x24xf32>
}
// CHECK: dlc.entry private @V.derived.derive(%{{.*}} {dlc.state = @W}, %{{.*}} {dlc.state = @V})
}

// -----

// Mixed precision: entries that do not change the weight read it in the type of their cast, which
// is derived once; a step that changes it casts what it has.
!x = tensor<?x40xbf16, #dlc.dims<[B, 40]>>
!y = tensor<?x10xf32, #dlc.dims<[B, 10]>>
!W = tensor<40x10xf32>
!h = tensor<40x10xbf16>
// CHECK-LABEL: module @reads_a_cast
module @reads_a_cast attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK: dlc.variable @W weight : tensor<40x10xf32>
// CHECK: dlc.variable @W.bf16 derived : tensor<40x10xbf16> from @W by @W.bf16.cast
dlc.variable @W weight : !W

// CHECK: dlc.entry @predict({{.*}}, %[[H:.*]]: tensor<40x10xbf16> {dlc.state = @W.bf16})
// CHECK-NEXT: dlc.contract %{{.*}}, %[[H]] reduce [1] x [0]
dlc.entry @predict(%x: !x {dlc.name = "x"}, %W: !W {dlc.state = @W}) -> (!y {dlc.name = "y"}) {
  %0 = dlc.cast %W : !W -> !h
  %1 = dlc.contract %x, %0 reduce [1] x [0] : (!x, !h) -> !y
  dlc.return %1 : !y
}
// CHECK: dlc.entry @update
// CHECK: %[[C:.*]] = dlc.cast
// CHECK: dlc.contract %{{.*}}, %[[C]]
dlc.entry @update(%x: !x {dlc.name = "x"}, %W: !W {dlc.state = @W})
    -> (!y {dlc.name = "y"}, !W {dlc.state = @W}) {
  %0 = dlc.cast %W : !W -> !h
  %1 = dlc.contract %x, %0 reduce [1] x [0] : (!x, !h) -> !y
  %2 = dlc.neg %W : !W
  dlc.return %1, %2 : !y, !W
}
// CHECK: dlc.entry private @W.bf16.cast(%[[S:.*]]: tensor<40x10xf32> {dlc.name = "source"})
// CHECK-NEXT: %[[R:.*]] = dlc.cast %[[S]]
// CHECK-NEXT: dlc.return %[[R]]
}
