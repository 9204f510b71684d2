// Panels for weights that contractions of a fixed network read.
//
// RUN: dlc-opt %s --dlc-layout-variables --split-input-file | FileCheck %s
// RUN: dlc-opt %s --dlc-layout-variables --dlc-form-kernels --split-input-file | FileCheck %s --check-prefix=KERNEL

// A wide weight: prediction reads panels, the private entry makes them, and whoever assigns the
// weight refreshes them.
!x = tensor<?x600xf32, #dlc.dims<[B, 600]>>
!y = tensor<?x100xf32, #dlc.dims<[B, 100]>>
!W = tensor<600x100xf32>
// CHECK-LABEL: module @reads_panels
module @reads_panels attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK: dlc.variable @W weight : tensor<600x100xf32>
// CHECK: dlc.variable @b weight
// CHECK: dlc.variable @W.panels derived : tensor<2x600x64xf32> from @W by @W.panels.pack
dlc.variable @W weight : !W
dlc.variable @b weight : tensor<100xf32>

// CHECK: dlc.entry @predict({{.*}}, %[[P:.*]]: tensor<2x600x64xf32> {dlc.state = @W.panels}) ->
// CHECK:   %[[T:.*]] = dlc.transpose %[[P]] [1, 0, 2] {dlc.panels = "unpack"}
// CHECK:   %[[R:.*]] = dlc.reshape %[[T]] {dlc.panels = "unpack"}
// CHECK:   %[[S:.*]] = dlc.slice %[[R]] from [0, 0] to [600, 100] by [1, 1] {dlc.panels = "unpack"}
// CHECK:   dlc.contract {{.*}}, %[[S]] reduce [1] x [0]
// The unpacking is the contraction's own business, and so is its epilogue.
// KERNEL: dlc.entry @predict({{.*}}, %[[P:.*]]: tensor<2x600x64xf32> {dlc.state = @W.panels}) ->
// KERNEL-NEXT: %[[Y:.*]] = dlc.kernel contract({{.*}}%[[P]]{{.*}})
// KERNEL:        dlc.slice
// KERNEL-NEXT:   dlc.contract
// KERNEL:        dlc.relu
// KERNEL:      dlc.return %[[Y]]
dlc.entry @predict(%x: !x {dlc.name = "x"}, %W: !W {dlc.state = @W},
                   %b: tensor<100xf32> {dlc.state = @b}) -> (!y {dlc.name = "y"}) {
  %0 = dlc.contract %x, %W reduce [1] x [0] : (!x, !W) -> !y
  %1 = dlc.broadcast %b to [1] : tensor<100xf32> -> !y
  %2 = dlc.add %0, %1 : !y
  %3 = dlc.relu %2 : !y
  dlc.return %3 : !y
}
// CHECK: dlc.entry @update
// CHECK-SAME: -> (tensor<600x100xf32> {dlc.state = @W}, tensor<2x600x64xf32> {dlc.state = @W.panels})
// CHECK:   %[[N:.*]] = dlc.sub
// CHECK:   %[[A:.*]] = dlc.pad %[[N]], {{.*}} {dlc.panels = "pack"}
// CHECK:   %[[R:.*]] = dlc.reshape %[[A]] {dlc.panels = "pack"}
// CHECK:   %[[T:.*]] = dlc.transpose %[[R]] [1, 0, 2] {dlc.panels = "pack"}
// CHECK:   dlc.return %[[N]], %[[T]]
// KERNEL: dlc.entry @update
// KERNEL:   %[[N:.*]] = dlc.kernel pointwise(
// KERNEL:   %[[P:.*]] = dlc.kernel pointwise(%[[N]])
// KERNEL:     dlc.pad
// KERNEL:     dlc.reshape
// KERNEL:     dlc.transpose
// KERNEL:   dlc.return %[[N]], %[[P]]
dlc.entry @update(%g: !W {dlc.name = "g"}, %W: !W {dlc.state = @W}) -> (!W {dlc.state = @W}) {
  %0 = dlc.sub %W, %g : !W
  dlc.return %0 : !W
}
// The matrix is in memory when it is packed, though a constant could be computed anywhere.
// KERNEL: dlc.entry @initialize
// KERNEL:   %[[N:.*]] = dlc.kernel pointwise()
// KERNEL:   %[[P:.*]] = dlc.kernel pointwise(%[[N]])
// KERNEL:   dlc.return %[[N]], %[[P]]
dlc.entry @initialize() -> (!W {dlc.state = @W}) {
  %0 = dlc.constant dense<0.5> : tensor<f32>
  %1 = dlc.broadcast %0 to [] : tensor<f32> -> !W
  dlc.return %1 : !W
}
// CHECK: dlc.entry private @W.panels.pack(%[[W:.*]]: tensor<600x100xf32> {dlc.name = "source"})
// CHECK:   dlc.pad %[[W]], {{.*}} low [0, 0] high [0, 28]
}

// -----

// The variable is [columns, reduction]: panels of the transposed matrix, and no padding.
!x = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!y = tensor<?x128xf32, #dlc.dims<[B, 128]>>
!W = tensor<128x64xf32>
// CHECK-LABEL: module @reads_transposed_panels
module @reads_transposed_panels attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK: dlc.variable @W.transposed_panels derived : tensor<2x64x64xf32> from @W
dlc.variable @W weight : !W
// CHECK: dlc.entry @predict
// CHECK-NOT: dlc.slice
// CHECK: dlc.contract {{.*}} reduce [1] x [0]
dlc.entry @predict(%x: !x {dlc.name = "x"}, %W: !W {dlc.state = @W}) -> (!y {dlc.name = "y"}) {
  %0 = dlc.contract %x, %W reduce [1] x [1] : (!x, !W) -> !y
  dlc.return %0 : !y
}
// CHECK: dlc.entry private @W.transposed_panels.pack
// CHECK:   dlc.reshape {{.*}} : tensor<128x64xf32> -> tensor<2x64x64xf32>
// CHECK:   dlc.transpose {{.*}} [0, 2, 1]
}

// -----

// An entry that assigns what it reads would pack as often either way.
!x = tensor<?x600xf32, #dlc.dims<[B, 600]>>
!y = tensor<?x600xf32, #dlc.dims<[B, 600]>>
!W = tensor<600x600xf32>
// CHECK-LABEL: module @keeps_trained_weights
module @keeps_trained_weights attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK-NOT: derived
dlc.variable @W weight : !W
dlc.entry @step(%x: !x {dlc.name = "x"}, %W: !W {dlc.state = @W})
    -> (!y {dlc.name = "y"}, !W {dlc.state = @W}) {
  %0 = dlc.contract %x, %W reduce [1] x [0] : (!x, !W) -> !y
  %1 = dlc.neg %W : !W
  dlc.return %0, %1 : !y, !W
}
}

// -----

// Few rows are read in place as fast, and slots are no operands of contractions worth panels.
!x = tensor<?x512xf32, #dlc.dims<[B, 512]>>
!y = tensor<?x100xf32, #dlc.dims<[B, 100]>>
!W = tensor<512x100xf32>
// CHECK-LABEL: module @keeps_short_weights
module @keeps_short_weights attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK-NOT: derived
dlc.variable @W weight : !W
dlc.entry @predict(%x: !x {dlc.name = "x"}, %W: !W {dlc.state = @W}) -> (!y {dlc.name = "y"}) {
  %0 = dlc.contract %x, %W reduce [1] x [0] : (!x, !W) -> !y
  dlc.return %0 : !y
}
}
