// RUN: dlc-opt %s --dlc-decompose --canonicalize --cse --dlc-form-kernels --split-input-file | FileCheck %s

// Softmax is one kernel, whatever it is decomposed into.
// CHECK-LABEL: dlc.entry @fuses_softmax
// CHECK: dlc.kernel reduce(
// CHECK-NOT: dlc.kernel
// CHECK: dlc.return
!t = tensor<?x10xf32, #dlc.dims<[B, 10]>>
dlc.entry @fuses_softmax(%x: !t {dlc.name = "x"}) -> (!t {dlc.name = "y"}) {
  %y = dlc.softmax %x axis 1 : !t
  dlc.return %y : !t
}

// -----

// CHECK-LABEL: dlc.entry @fuses_layer_norm
// CHECK: dlc.kernel reduce(
// CHECK-NOT: dlc.kernel
// CHECK: dlc.return
!t = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!c = tensor<64xf32>
dlc.entry @fuses_layer_norm(%x: !t {dlc.name = "x"}, %g: !c {dlc.name = "g"}, %b: !c {dlc.name = "b"})
    -> (!t {dlc.name = "y"}) {
  %y = dlc.layer_norm %x, %g, %b epsilon 1.0e-3 : (!t, !c, !c) -> !t
  dlc.return %y : !t
}

// -----

// CHECK-LABEL: dlc.entry @fuses_batch_norm
// CHECK: dlc.kernel reduce(
// CHECK-NOT: dlc.kernel
// CHECK: dlc.return
!t = tensor<?x8x8x16xf32, #dlc.dims<[B, 8, 8, 16]>>
!c = tensor<16xf32>
dlc.entry @fuses_batch_norm(%x: !t {dlc.name = "x"}, %g: !c {dlc.name = "g"}, %b: !c {dlc.name = "b"})
    -> (!t {dlc.name = "y"}, !c {dlc.name = "m"}, !c {dlc.name = "v"}) {
  %y, %m, %v = dlc.batch_norm_training %x, %g, %b epsilon 1.0e-3 : (!t, !c, !c) -> (!t, !c, !c)
  dlc.return %y, %m, %v : !t, !c, !c
}

// -----

// A value that two contractions need is in one epilogue, not computed twice.
// CHECK-LABEL: dlc.entry @keeps_shared_epilogue
// CHECK: %[[H:.*]] = dlc.kernel contract(
// CHECK:   dlc.relu
// CHECK: dlc.kernel contract(%[[H]]
// CHECK: dlc.kernel contract(%[[H]]
// CHECK-NOT: dlc.kernel
!a = tensor<4x8xf32>
!w = tensor<8x8xf32>
dlc.entry @keeps_shared_epilogue(%x: !a {dlc.name = "x"}, %w: !w {dlc.name = "w"}, %v: !w {dlc.name = "v"})
    -> (!a {dlc.name = "y"}, !a {dlc.name = "z"}) {
  %0 = dlc.contract %x, %w reduce [1] x [0] : (!a, !w) -> !a
  %h = dlc.relu %0 : !a
  %y = dlc.contract %h, %w reduce [1] x [0] : (!a, !w) -> !a
  %z = dlc.contract %h, %v reduce [1] x [0] : (!a, !w) -> !a
  dlc.return %y, %z : !a, !a
}

// -----

// exp is read by a contraction whose result the last addition needs: one kernel of both would need
// its own result.
// CHECK-LABEL: dlc.entry @keeps_cycles_apart
// CHECK: %[[E:.*]] = dlc.kernel pointwise(
// CHECK:   dlc.exp
// CHECK: dlc.kernel contract(%[[E]],
// CHECK:   dlc.add
// CHECK-NOT: dlc.kernel
!a = tensor<8x8xf32>
dlc.entry @keeps_cycles_apart(%x: !a {dlc.name = "x"}) -> (!a {dlc.name = "y"}) {
  %e = dlc.exp %x : !a
  %c = dlc.contract %e, %x reduce [1] x [0] : (!a, !a) -> !a
  %y = dlc.add %c, %e : !a
  dlc.return %y : !a
}

// -----

// A constant that a contraction reads is written to memory.
// CHECK-LABEL: dlc.entry @writes_constants_for_roots
// CHECK: %[[C:.*]] = dlc.kernel pointwise() :
// CHECK: dlc.kernel contract(%{{.*}}, %[[C]]) :
// CHECK:   dlc.add
!a = tensor<8x8xf32>
dlc.entry @writes_constants_for_roots(%x: !a {dlc.name = "x"}) -> (!a {dlc.name = "y"}) {
  %k = dlc.constant dense<2.0> : tensor<f32>
  %b = dlc.broadcast %k to [] : tensor<f32> -> !a
  %c = dlc.contract %x, %b reduce [1] x [0] : (!a, !a) -> !a
  %y = dlc.add %c, %b : !a
  dlc.return %y : !a
}

// -----

// A reshape is another name for the same bytes, not a kernel.
// CHECK-LABEL: dlc.entry @keeps_reshape
// CHECK: %[[P:.*]] = dlc.kernel pointwise(
// CHECK: %[[R:.*]] = dlc.reshape %[[P]]
// CHECK: dlc.kernel contract(%[[R]],
dlc.entry @keeps_reshape(%x: tensor<2x4x4xf32> {dlc.name = "x"}, %w: tensor<16x3xf32> {dlc.name = "w"})
    -> (tensor<2x3xf32> {dlc.name = "y"}) {
  %e = dlc.exp %x : tensor<2x4x4xf32>
  %r = dlc.reshape %e : tensor<2x4x4xf32> -> tensor<2x16xf32>
  %y = dlc.contract %r, %w reduce [1] x [0] : (tensor<2x16xf32>, tensor<16x3xf32>) -> tensor<2x3xf32>
  dlc.return %y : tensor<2x3xf32>
}

// -----

// Column sums of what a row kernel computes are taken by it, and those of what it reads.
// CHECK-LABEL: dlc.entry @takes_column_sums
// CHECK: dlc.kernel reduce(
// CHECK-NOT: dlc.kernel
// CHECK: dlc.return
!t = tensor<?x10xf32, #dlc.dims<[B, 10]>>
!c = tensor<10xf32>
dlc.entry @takes_column_sums(%x: !t {dlc.name = "x"}) -> (!t {dlc.name = "y"}, !c {dlc.name = "s"}, !c {dlc.name = "t"}) {
  %y = dlc.softmax %x axis 1 : !t
  %s = dlc.sum %y over [0] : !t -> !c
  %t = dlc.sum %x over [0] : !t -> !c
  dlc.return %y, %s, %t : !t, !c, !c
}

// -----

// Not if the rows need the sums.
// CHECK-LABEL: dlc.entry @needs_column_sums
// CHECK: dlc.kernel reduce(
// CHECK: dlc.kernel reduce(
// CHECK: dlc.return
!t = tensor<?x10xf32, #dlc.dims<[B, 10]>>
!c = tensor<10xf32>
dlc.entry @needs_column_sums(%x: !t {dlc.name = "x"}) -> (!t {dlc.name = "y"}) {
  %s = dlc.sum %x over [0] : !t -> !c
  %b = dlc.broadcast %s to [1] : !c -> !t
  %d = dlc.sub %x, %b : !t
  %y = dlc.softmax %d axis 1 : !t
  dlc.return %y : !t
}

// -----

// A pool and its winners read %x together, whatever stands between them.
// CHECK-LABEL: dlc.entry @fuses_pool_and_winners
// CHECK: %{{.*}}:2 = dlc.kernel window(
// CHECK: dlc.max_pool
// CHECK: dlc.max_pool_winners
// CHECK: dlc.kernel pointwise(
// CHECK: dlc.kernel window(
// CHECK: dlc.max_pool_scatter
!x = tensor<2x8x8x16xf32>
!y = tensor<2x4x4x16xf32>
!w = tensor<2x4x4x16xi8>
dlc.entry @fuses_pool_and_winners(%x: !x {dlc.name = "x"}) -> (!y {dlc.name = "y"}, !x {dlc.name = "d"}) {
  %y = dlc.max_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !y
  %e = dlc.exp %y : !y
  %w = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !w
  %d = dlc.max_pool_scatter %w, %e window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
    : (!w, !y) -> !x
  dlc.return %y, %d : !y, !x
}

// -----

// What a kernel rounds to bf16 is stored so; each of two kernels widens it for itself.
// CHECK-LABEL: dlc.entry @widens_in_readers
// CHECK: %[[Y:.*]] = dlc.kernel contract({{.*}} -> tensor<?x64xbf16
// CHECK:   dlc.contract
// CHECK:   dlc.cast {{.*}}xf32{{.*}} -> tensor<?x64xbf16
// CHECK:   dlc.yield
// CHECK: dlc.kernel reduce(%[[Y]])
// CHECK:   dlc.cast {{.*}} -> tensor<?x64xf32
// CHECK: dlc.kernel reduce(%[[Y]])
// CHECK:   dlc.cast {{.*}} -> tensor<?x64xf32
// CHECK-NOT: dlc.kernel
// CHECK: dlc.return
!h = tensor<?x64xbf16, #dlc.dims<[B, 64]>>
!f = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!w = tensor<64x64xbf16>
dlc.entry @widens_in_readers(%x: !h {dlc.name = "x"}, %w: !w {dlc.name = "w"})
    -> (tensor<?xf32, #dlc.dims<[B]>> {dlc.name = "rows"}, tensor<64xf32> {dlc.name = "columns"}) {
  %0 = dlc.contract %x, %w reduce [1] x [0] : (!h, !w) -> !f
  %y = dlc.cast %0 : !f -> !h
  %f = dlc.cast %y : !h -> !f
  %r = dlc.sum %f over [1] : !f -> tensor<?xf32, #dlc.dims<[B]>>
  %e = dlc.exp %f : !f
  %c = dlc.sum %e over [0] : !f -> tensor<64xf32>
  dlc.return %r, %c : tensor<?xf32, #dlc.dims<[B]>>, tensor<64xf32>
}

// -----

// A product is stored as narrow as it is rounded, though what follows draws random numbers and is
// no epilogue.
// CHECK-LABEL: dlc.entry @stores_a_rounded_product
// CHECK: %[[Y:.*]] = dlc.kernel contract({{.*}} -> tensor<?x64xbf16
// CHECK:   dlc.cast
// CHECK:   dlc.yield
// CHECK: dlc.kernel pointwise({{.*}}%[[Y]]
// CHECK:   dlc.random_bernoulli
// CHECK-NOT: dlc.kernel
// CHECK: dlc.return
!h = tensor<?x64xbf16, #dlc.dims<[B, 64]>>
!f = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!w = tensor<64x64xbf16>
dlc.entry @stores_a_rounded_product(%x: !h {dlc.name = "x"}, %w: !w {dlc.name = "w"},
    %key: tensor<2xi64> {dlc.name = "key"}) -> (!f {dlc.name = "y"}) {
  %0 = dlc.contract %x, %w reduce [1] x [0] : (!h, !w) -> !f
  %n = dlc.cast %0 : !f -> !h
  %f = dlc.cast %n : !h -> !f
  %p = dlc.constant dense<0.5> : tensor<f32>
  %m = dlc.random_bernoulli %key, %p stream 7
    : (tensor<2xi64>, tensor<f32>) -> tensor<?x64xi1, #dlc.dims<[B, 64]>>
  %z = dlc.constant dense<0.0> : tensor<f32>
  %zs = dlc.broadcast %z to [] : tensor<f32> -> !f
  %y = dlc.select %m, %f, %zs : (tensor<?x64xi1, #dlc.dims<[B, 64]>>, !f, !f) -> !f
  dlc.return %y : !f
}
