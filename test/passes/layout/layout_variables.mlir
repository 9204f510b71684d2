// Panels for weights that contractions of a fixed network read.
//
// RUN: dlc-opt %s --dlc-layout-variables --split-input-file | FileCheck %s
// RUN: dlc-opt %s --dlc-layout-variables --dlc-form-kernels --split-input-file | FileCheck %s --check-prefix=KERNEL
// RUN: dlc-opt %s --dlc-layout-variables=panel-width=16 --split-input-file | FileCheck %s --check-prefix=NARROW
// RUN: not dlc-opt %s --dlc-layout-variables=panel-width=48 --split-input-file 2>&1 | FileCheck %s --check-prefix=WIDTH

// WIDTH: error: panel-width is 48, expected 64 or 16
// NARROW-LABEL: module @reads_panels
// NARROW: dlc.variable @W.panels derived : tensor<7x600x16xf32> from @W by @W.panels.pack
// NARROW: dlc.pad {{.*}} high [0, 12]

// A wide weight: prediction reads panels, which the private entry makes. Who assigns the weight has
// nothing to do with them.
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
// CHECK-SAME: -> (tensor<600x100xf32> {dlc.state = @W})
// CHECK-NOT:   pack
dlc.entry @update(%g: !W {dlc.name = "g"}, %W: !W {dlc.state = @W}) -> (!W {dlc.state = @W}) {
  %0 = dlc.sub %W, %g : !W
  dlc.return %0 : !W
}
// CHECK: dlc.entry private @W.panels.pack(%[[W:.*]]: tensor<600x100xf32> {dlc.name = "source"})
// CHECK:   %[[A:.*]] = dlc.pad %[[W]], {{.*}} low [0, 0] high [0, 28]{{.*}} {dlc.panels = "pack"}
// CHECK:   %[[R:.*]] = dlc.reshape %[[A]] {dlc.panels = "pack"}
// CHECK:   %[[T:.*]] = dlc.transpose %[[R]] [1, 0, 2] {dlc.panels = "pack"}
// CHECK:   dlc.return %[[T]]
// A packing is a kernel of its own.
// KERNEL: dlc.entry private @W.panels.pack(%[[W:.*]]: tensor<600x100xf32>
// KERNEL-NEXT: %[[P:.*]] = dlc.kernel pointwise(%[[W]])
// KERNEL:     dlc.pad
// KERNEL:     dlc.reshape
// KERNEL:     dlc.transpose
// KERNEL:   dlc.return %[[P]]
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
// CHECK: %[[B:.*]] = dlc.transpose {{.*}} [1, 0] {dlc.panels = "unpack"} : tensor<64x128xf32>
// CHECK: dlc.contract {{.*}}, %[[B]] reduce [1] x [1]
dlc.entry @predict(%x: !x {dlc.name = "x"}, %W: !W {dlc.state = @W}) -> (!y {dlc.name = "y"}) {
  %0 = dlc.contract %x, %W reduce [1] x [1] : (!x, !W) -> !y
  dlc.return %0 : !y
}
// CHECK: dlc.entry private @W.transposed_panels.pack
// CHECK:   dlc.transpose {{.*}} [1, 0] {dlc.panels = "pack"} : tensor<128x64xf32> -> tensor<64x128xf32>
// CHECK:   dlc.reshape {{.*}} -> tensor<64x2x64xf32>
// CHECK:   dlc.transpose {{.*}} [1, 0, 2]
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

// -----

// A filter of more than one panel is a matrix of 3 * 3 * 32 rows. The gradient by the input of an
// entry that does not train it reads another: 3 * 3 * 96 rows, 32 columns.
!x = tensor<?x8x8x32xf32, #dlc.dims<[B, 8, 8, 32]>>
!y = tensor<?x8x8x96xf32, #dlc.dims<[B, 8, 8, 96]>>
!F = tensor<3x3x32x96xf32>
// CHECK-LABEL: module @reads_filters_in_panels
module @reads_filters_in_panels attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK-DAG: dlc.variable @F.panels derived : tensor<2x288x64xf32> from @F
// CHECK-DAG: dlc.variable @F.transposed_panels derived : tensor<1x864x64xf32> from @F
dlc.variable @F weight : !F
// CHECK: dlc.entry @predict
// CHECK:   %[[R:.*]] = dlc.reshape {{.*}} {dlc.panels = "unpack"} : {{.*}} -> tensor<3x3x32x96xf32>
// CHECK:   dlc.conv %{{.*}}, %[[R]]
// The unpacking goes into the convolution's kernel.
// KERNEL-LABEL: module @reads_filters_in_panels
// KERNEL: dlc.entry @predict({{.*}}, %[[P:.*]]: tensor<2x288x64xf32>
// KERNEL-NEXT: dlc.kernel conv(%{{.*}}, %[[P]])
dlc.entry @predict(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F}) -> (!y {dlc.name = "y"}) {
  %0 = dlc.conv %x, %F strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!x, !F) -> !y
  dlc.return %0 : !y
}
// CHECK: dlc.entry @dream
// CHECK:   %[[T:.*]] = dlc.transpose {{.*}} [0, 1, 3, 2] {dlc.panels = "unpack"} : tensor<3x3x96x32xf32>
// CHECK:   dlc.conv_input_grad %{{.*}}, %[[T]]
dlc.entry @dream(%dy: !y {dlc.name = "dy"}, %F: !F {dlc.state = @F}) -> (!x {dlc.name = "dx"}) {
  %0 = dlc.conv_input_grad %dy, %F strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!y, !F) -> !x
  dlc.return %0 : !x
}
// A step that trains the filter packs it for itself, but before the kernel: it then is the one that
// predictions dispatch.
// CHECK: dlc.entry @step
// CHECK-NOT: dlc.state = @F.panels
// CHECK:   %[[T:.*]] = dlc.transpose {{.*}} [1, 0, 2] {dlc.panels = "pack"} : {{.*}} -> tensor<2x288x64xf32>
// CHECK:   dlc.transpose %[[T]] [1, 0, 2] {dlc.panels = "unpack"}
// CHECK:   dlc.conv
// KERNEL: dlc.entry @step
// KERNEL: %[[P:.*]] = dlc.kernel pointwise
// KERNEL: dlc.kernel conv({{.*}}, %[[P]])
dlc.entry @step(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F})
    -> (!y {dlc.name = "y"}, !F {dlc.state = @F}) {
  %0 = dlc.conv %x, %F strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!x, !F) -> !y
  %1 = dlc.neg %F : !F
  dlc.return %0, %1 : !y, !F
}
}

// -----

// Two groups are two matrices.
!x = tensor<?x8x16xf32, #dlc.dims<[B, 8, 16]>>
!y = tensor<?x8x192xf32, #dlc.dims<[B, 8, 192]>>
!F = tensor<3x8x192xf32>
// CHECK-LABEL: module @reads_grouped_filters
module @reads_grouped_filters attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK: dlc.variable @F.panels.by_2 derived : tensor<2x2x24x64xf32> from @F
dlc.variable @F weight : !F
dlc.entry @predict(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F}) -> (!y {dlc.name = "y"}) {
  %0 = dlc.conv %x, %F strides [1] low [1] high [1] dilations [1] groups 2 : (!x, !F) -> !y
  dlc.return %0 : !y
}
// CHECK: dlc.entry private @F.panels.by_2.pack
// CHECK:   dlc.reshape {{.*}} : tensor<3x8x192xf32> -> tensor<3x8x2x96xf32>
// CHECK:   dlc.transpose {{.*}} [2, 0, 1, 3]
// CHECK:   dlc.reshape {{.*}} -> tensor<2x24x96xf32>
// CHECK:   dlc.pad
// CHECK:   dlc.reshape {{.*}} -> tensor<2x24x2x64xf32>
// CHECK:   dlc.transpose {{.*}} [0, 2, 1, 3]
}

// -----

// A projection into heads is a matrix of 600 rows and 4 * 25 columns, one back out of them has as
// many rows.
!x = tensor<?x9x600xf32, #dlc.dims<[B, 9, 600]>>
!h = tensor<?x9x4x150xf32, #dlc.dims<[B, 9, 4, 150]>>
!W = tensor<600x4x150xf32>
!V = tensor<4x150x600xf32>
// CHECK-LABEL: module @reads_projections
module @reads_projections attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK-DAG: dlc.variable @W.panels derived : tensor<10x600x64xf32> from @W
// CHECK-DAG: dlc.variable @V.panels derived : tensor<10x600x64xf32> from @V
dlc.variable @W weight : !W
dlc.variable @V weight : !V
dlc.entry @predict(%x: !x {dlc.name = "x"}, %W: !W {dlc.state = @W}, %V: !V {dlc.state = @V})
    -> (!x {dlc.name = "y"}) {
  %0 = dlc.contract %x, %W reduce [2] x [0] : (!x, !W) -> !h
  %1 = dlc.contract %0, %V reduce [2, 3] x [0, 1] : (!h, !V) -> !x
  dlc.return %1 : !x
}
}

// -----

// A depthwise filter is no matrix, and one of few filters is one panel as it lies.
!x = tensor<?x8x8x64xf32, #dlc.dims<[B, 8, 8, 64]>>
!D = tensor<3x3x1x64xf32>
!F = tensor<3x3x64x64xf32>
// CHECK-LABEL: module @keeps_narrow_filters
module @keeps_narrow_filters attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// CHECK-NOT: derived
dlc.variable @D weight : !D
dlc.variable @F weight : !F
dlc.entry @predict(%x: !x {dlc.name = "x"}, %D: !D {dlc.state = @D}, %F: !F {dlc.state = @F})
    -> (!x {dlc.name = "y"}) {
  %0 = dlc.conv %x, %D strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 64
    : (!x, !D) -> !x
  %1 = dlc.conv %0, %F strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!x, !F) -> !x
  dlc.return %1 : !x
}
}
