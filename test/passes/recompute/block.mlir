// RUN: dlc-opt %s --dlc-recompute --split-input-file | FileCheck %s

!h = tensor<?x512xf32, #dlc.dims<[B, 512]>>
!p = tensor<?x512xi1, #dlc.dims<[B, 512]>>
!W = tensor<512x512xf32>

// The mask is drawn again for the backward part.
// CHECK-LABEL: func @redraws_dropout_mask
//  CHECK-SAME:   (%{{.*}}, %{{.*}}, %[[KEY:.*]]: tensor<2xi64>
//       CHECK:   %[[M:.*]] = dlc.random_bernoulli %[[KEY]], %[[P:.*]] stream 7
//       CHECK:   dlc.select %[[M]]
//       CHECK:   dlc.contract
//       CHECK:   %[[DH:.*]] = dlc.contract
//       CHECK:   %[[M2:.*]] = dlc.random_bernoulli %[[KEY]], %[[P]] stream 7
//       CHECK:   dlc.select %[[M2]], %[[DH]]
func.func @redraws_dropout_mask(%x: !h, %W: !W, %key: tensor<2xi64>, %dy: !h) -> (!h, !h) {
  %p = dlc.constant dense<0.5> : tensor<f32>
  %m = dlc.random_bernoulli %key, %p stream 7 : (tensor<2xi64>, tensor<f32>) -> !p
  %z = dlc.constant dense<0.0> : tensor<f32>
  %zs = dlc.broadcast %z to [] : tensor<f32> -> !h
  %d = dlc.select %m, %x, %zs : (!p, !h, !h) -> !h
  %y = dlc.contract %d, %W reduce [1] x [0] : (!h, !W) -> !h
  %dh = dlc.contract %dy, %W reduce [1] x [1] : (!h, !W) -> !h
  %dx = dlc.select %m, %dh, %zs : (!p, !h, !h) -> !h
  return %y, %dx : !h, !h
}

// -----

!h = tensor<?x512xf32, #dlc.dims<[B, 512]>>
!W = tensor<512x512xf32>

// %x is kept for the product below, so the chain from it costs no memory.
// CHECK-LABEL: func @recomputes_chain_from_kept_value
//       CHECK:   %[[E:.*]] = dlc.erf
//       CHECK:   dlc.contract
//       CHECK:   %[[S:.*]] = dlc.mul %[[X:.*]], %[[X]]
//       CHECK:   %[[E2:.*]] = dlc.erf %[[S]]
//       CHECK:   %[[A:.*]] = dlc.mul %{{.*}}, %[[E2]]
//       CHECK:   dlc.add %[[A]], %[[X]]
func.func @recomputes_chain_from_kept_value(%x0: !h, %W: !W) -> !h {
  %x = dlc.contract %x0, %W reduce [1] x [0] : (!h, !W) -> !h
  %s = dlc.mul %x, %x : !h
  %e = dlc.erf %s : !h
  %y = dlc.contract %e, %W reduce [1] x [0] : (!h, !W) -> !h
  %a = dlc.mul %y, %e : !h
  %r = dlc.add %a, %x : !h
  return %r : !h
}

// -----

!h = tensor<?x512xf32, #dlc.dims<[B, 512]>>
!W = tensor<512x512xf32>

// Stays: computing %e again would keep %x in its place.
// CHECK-LABEL: func @keeps_value_whose_operand_would_live_longer
//       CHECK:   %[[E:.*]] = dlc.exp
//       CHECK:   %[[Y:.*]] = dlc.contract %[[E]]
//       CHECK:   dlc.mul %[[Y]], %[[E]]
func.func @keeps_value_whose_operand_would_live_longer(%x0: !h, %W: !W) -> !h {
  %x = dlc.contract %x0, %W reduce [1] x [0] : (!h, !W) -> !h
  %e = dlc.exp %x : !h
  %y = dlc.contract %e, %W reduce [1] x [0] : (!h, !W) -> !h
  %a = dlc.mul %y, %e : !h
  return %a : !h
}

// -----

!h = tensor<?x512xf32, #dlc.dims<[B, 512]>>
!W = tensor<512x512xf32>

// Stays: the last contraction reads %e from memory.
// CHECK-LABEL: func @keeps_value_that_contraction_reads_late
//       CHECK:   %[[E:.*]] = dlc.exp
//   CHECK-NOT:   dlc.exp
//       CHECK:   return
func.func @keeps_value_that_contraction_reads_late(%x: !h, %W: !W) -> (!W, !h) {
  %e = dlc.exp %x : !h
  %y = dlc.contract %e, %W reduce [1] x [0] : (!h, !W) -> !h
  %a = dlc.mul %y, %e : !h
  %g = dlc.contract %e, %a reduce [0] x [0] : (!h, !h) -> !W
  return %g, %a : !W, !h
}

// -----

!h = tensor<?x512xf32, #dlc.dims<[B, 512]>>

// Stays: a reduction and what uses its result are one kernel.
// CHECK-LABEL: func @keeps_value_around_reduction
//       CHECK:   %[[E:.*]] = dlc.exp
//   CHECK-NOT:   dlc.exp
//       CHECK:   dlc.div %[[E]]
func.func @keeps_value_around_reduction(%x: !h) -> !h {
  %e = dlc.exp %x : !h
  %s = dlc.sum %e over [1] : !h -> tensor<?xf32, #dlc.dims<[B]>>
  %b = dlc.broadcast %s to [0] : tensor<?xf32, #dlc.dims<[B]>> -> !h
  %y = dlc.div %e, %b : !h
  return %y : !h
}

// -----

!c = tensor<?x8x8x32xf32, #dlc.dims<[B, 8, 8, 32]>>
!k = tensor<3x3x32x32xf32>
!v = tensor<32xf32>

// The reduction reads the convolution's result from memory; kept for the late use instead of the
// centered values, it saves writing those.
// CHECK-LABEL: func @exchanges_for_value_in_memory
//       CHECK:   %[[X:.*]] = dlc.conv
//       CHECK:   %[[M:.*]] = dlc.sum %[[X]]
//       CHECK:   dlc.sub %[[X]]
//       CHECK:   dlc.conv
//       CHECK:   %[[B:.*]] = dlc.broadcast %[[M]]
//       CHECK:   %[[C:.*]] = dlc.sub %[[X]], %[[B]]
//       CHECK:   dlc.mul %{{.*}}, %[[C]]
func.func @exchanges_for_value_in_memory(%x0: !c, %k: !k) -> !c {
  %x = dlc.conv %x0, %k strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!c, !k) -> !c
  %m = dlc.sum %x over [0, 1, 2] : !c -> !v
  %b = dlc.broadcast %m to [3] : !v -> !c
  %s = dlc.sub %x, %b : !c
  %r = dlc.relu %s : !c
  %y = dlc.conv %r, %k strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!c, !k) -> !c
  %g = dlc.mul %y, %s : !c
  return %g : !c
}

// -----

!h = tensor<?x512xf32, #dlc.dims<[B, 512]>>
!W = tensor<512x512xf32>

// Two values that would be kept are made of one: that one is kept for both.
// CHECK-LABEL: func @keeps_one_value_for_two
//       CHECK:   %[[U:.*]] = dlc.add
//       CHECK:   %[[Y:.*]] = dlc.contract
//       CHECK:   %[[A:.*]] = dlc.mul %[[U]],
//       CHECK:   %[[P:.*]] = dlc.mul %[[Y]], %[[A]]
//       CHECK:   %[[E:.*]] = dlc.mul %[[U]],
//       CHECK:   dlc.mul %[[P]], %[[E]]
func.func @keeps_one_value_for_two(%x0: !h, %W: !W, %b: tensor<512xf32>, %h: tensor<f32>,
                                   %s: tensor<f32>) -> !h {
  %x = dlc.contract %x0, %W reduce [1] x [0] : (!h, !W) -> !h
  %bs = dlc.broadcast %b to [1] : tensor<512xf32> -> !h
  %u = dlc.add %x, %bs : !h
  %hs = dlc.broadcast %h to [] : tensor<f32> -> !h
  %ss = dlc.broadcast %s to [] : tensor<f32> -> !h
  %a = dlc.mul %u, %hs : !h
  %e = dlc.mul %u, %ss : !h
  %g = dlc.mul %a, %e : !h
  %y = dlc.contract %g, %W reduce [1] x [0] : (!h, !W) -> !h
  %a3 = dlc.mul %y, %a : !h
  %r = dlc.mul %a3, %e : !h
  return %r : !h
}

// -----

!h = tensor<?x512xf32, #dlc.dims<[B, 512]>>
!W = tensor<512x512xf32>

// One of two is in memory for the product: nothing would be saved by keeping what both are made of.
// CHECK-LABEL: func @keeps_the_other_where_one_is_read
//       CHECK:   %[[A:.*]] = dlc.tanh %[[U:.*]]
//       CHECK:   %[[E:.*]] = dlc.exp %[[U]]
//       CHECK:   %[[Y:.*]] = dlc.contract
//       CHECK:   %[[Z:.*]] = dlc.contract %[[A]]
//  CHECK-NEXT:   dlc.mul %[[Z]], %[[E]]
func.func @keeps_the_other_where_one_is_read(%x0: !h, %W: !W) -> (!h, !h) {
  %x = dlc.contract %x0, %W reduce [1] x [0] : (!h, !W) -> !h
  %u = dlc.add %x, %x : !h
  %a = dlc.tanh %u : !h
  %e = dlc.exp %u : !h
  %g = dlc.mul %a, %e : !h
  %y = dlc.contract %g, %W reduce [1] x [0] : (!h, !W) -> !h
  %z = dlc.contract %a, %W reduce [1] x [0] : (!h, !W) -> !h
  %r = dlc.mul %z, %e : !h
  return %y, %r : !h, !h
}

// -----

!c = tensor<?x8x8x64xf32, #dlc.dims<[B, 8, 8, 64]>>
!k = tensor<3x3x64x64xf32>
!v = tensor<64xf32>

// A convolution's result is stored with its bias: that is kept, and what was centred is made anew.
// CHECK-LABEL: func @keeps_what_a_bias_ends
//       CHECK:   %[[X:.*]] = dlc.add
//       CHECK:   dlc.sub %[[X]],
//       CHECK:   %[[Y:.*]] = dlc.conv
//       CHECK:   %[[S:.*]] = dlc.sub %[[X]],
//       CHECK:   dlc.mul %[[Y]], %[[S]]
func.func @keeps_what_a_bias_ends(%x0: !c, %k: !k, %bias: !v) -> !c {
  %x1 = dlc.conv %x0, %k strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!c, !k) -> !c
  %bs = dlc.broadcast %bias to [3] : !v -> !c
  %x = dlc.add %x1, %bs : !c
  %m = dlc.sum %x over [0, 1, 2] : !c -> !v
  %b = dlc.broadcast %m to [3] : !v -> !c
  %s = dlc.sub %x, %b : !c
  %r = dlc.relu %s : !c
  %y = dlc.conv %r, %k strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!c, !k) -> !c
  %g = dlc.mul %y, %s : !c
  return %g : !c
}

// -----

!c = tensor<?x8x8x64xf32, #dlc.dims<[B, 8, 8, 64]>>
!h = tensor<?x8x8x64xbf16, #dlc.dims<[B, 8, 8, 64]>>
!k = tensor<3x3x64x64xf32>
!v = tensor<64xf32>

// The result is rounded: half of the bytes are kept, and widened late.
// CHECK-LABEL: func @keeps_the_rounded_result
//       CHECK:   %[[H:.*]] = dlc.cast %{{.*}} -> tensor<?x8x8x64xbf16
//       CHECK:   %[[X:.*]] = dlc.cast %[[H]]
//       CHECK:   dlc.sub %[[X]],
//       CHECK:   %[[Y:.*]] = dlc.conv
//       CHECK:   %[[S:.*]] = dlc.sub %[[X]],
//       CHECK:   dlc.mul %[[Y]], %[[S]]
func.func @keeps_the_rounded_result(%x0: !c, %k: !k) -> !c {
  %x1 = dlc.conv %x0, %k strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!c, !k) -> !c
  %h = dlc.cast %x1 : !c -> !h
  %x = dlc.cast %h : !h -> !c
  %m = dlc.sum %x over [0, 1, 2] : !c -> !v
  %b = dlc.broadcast %m to [3] : !v -> !c
  %s = dlc.sub %x, %b : !c
  %r = dlc.relu %s : !c
  %y = dlc.conv %r, %k strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!c, !k) -> !c
  %g = dlc.mul %y, %s : !c
  return %g : !c
}

// -----

!h = tensor<?x64xbf16, #dlc.dims<[B, 64]>>
!f = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!p = tensor<?x64xi1, #dlc.dims<[B, 64]>>
!w = tensor<64x64xbf16>

// The relu of a widened value is a number of bf16, in which it is stored for two products: the mask
// of its gradient reads that, rather than what the relu is made of.
// CHECK-LABEL: func @reads_the_narrow_form
//       CHECK:   %[[R:.*]] = dlc.relu
//       CHECK:   %[[N:.*]] = dlc.cast %[[R]]
//       CHECK:   dlc.contract %[[N]]
//       CHECK:   %[[F:.*]] = dlc.cast %[[N]]
//       CHECK:   %[[D:.*]] = dlc.contract
//       CHECK:   %[[M:.*]] = dlc.compare gt %[[F]]
//       CHECK:   dlc.select %[[M]], %[[D]]
//       CHECK:   dlc.contract %[[N]]
func.func @reads_the_narrow_form(%x: !h, %u: !h, %w: !w, %dy: !h) -> (!f, !f, tensor<64x64xf32>) {
  %f = dlc.cast %x : !h -> !f
  %r = dlc.relu %f : !f
  %n = dlc.cast %r : !f -> !h
  %y = dlc.contract %n, %w reduce [1] x [0] : (!h, !w) -> !f
  %z = dlc.constant dense<0.0> : tensor<f32>
  %zs = dlc.broadcast %z to [] : tensor<f32> -> !f
  %m = dlc.compare gt %r, %zs : (!f, !f) -> !p
  %d = dlc.contract %dy, %w reduce [1] x [1] : (!h, !w) -> !f
  %dx = dlc.select %m, %d, %zs : (!p, !f, !f) -> !f
  %dw = dlc.contract %n, %dy reduce [0] x [0] : (!h, !h) -> tensor<64x64xf32>
  return %y, %dx, %dw : !f, !f, tensor<64x64xf32>
}

// -----

!h = tensor<?x512xf32, #dlc.dims<[B, 512]>>
!p = tensor<?x512xi1, #dlc.dims<[B, 512]>>
!W = tensor<512x512xf32>

// The kernel before reads %r: it lives one kernel longer, rather than be made of two others again.
// CHECK-LABEL: func @reads_what_was_just_read
//       CHECK:   %[[R:.*]] = dlc.relu
//   CHECK-NOT:   dlc.relu
//       CHECK:   dlc.contract %[[R]], %{{.*}} reduce [0] x [0]
//       CHECK:   dlc.compare gt %[[R]]
func.func @reads_what_was_just_read(%a: !h, %b: !h, %W: !W, %dy: !h) -> (!h, !h, !W, !h) {
  %s = dlc.add %a, %b : !h
  %r = dlc.relu %s : !h
  %y = dlc.contract %r, %W reduce [1] x [0] : (!h, !W) -> !h
  %d = dlc.contract %dy, %W reduce [1] x [1] : (!h, !W) -> !h
  %dw = dlc.contract %r, %dy reduce [0] x [0] : (!h, !h) -> !W
  %z = dlc.constant dense<0.0> : tensor<f32>
  %zs = dlc.broadcast %z to [] : tensor<f32> -> !h
  %m = dlc.compare gt %r, %zs : (!h, !h) -> !p
  %dx = dlc.select %m, %d, %zs : (!p, !h, !h) -> !h
  %e = dlc.mul %a, %b : !h
  return %y, %dx, %dw, %e : !h, !h, !W, !h
}
