// RUN: dlc-opt %s --dlc-simplify=only=hoist-invariants --split-input-file | FileCheck %s

!s = tensor<f32>
!v = tensor<4xf32>
!w = tensor<4x4xf32>
!i = tensor<i64>

// The product of weights and what is elementwise of an invariant leave the loop; the transposed
// weights go along, since only the product reads them.
// CHECK-LABEL: func @scan
//  CHECK-SAME:   (%[[H:.*]]: tensor<4xf32>, %[[U:.*]]: tensor<4x4xf32>, %[[V:.*]]: tensor<4x4xf32>)
//       CHECK:   %[[T:.*]] = dlc.transpose %[[V]]
//       CHECK:   %[[P:.*]] = dlc.contract %[[U]], %[[T]]
//       CHECK:   dlc.scan inits(%[[H]]) xs() invariants(%{{.*}}, %{{.*}}, %[[P]]) trip 5
//       CHECK:   ^bb0(%{{.*}}: tensor<i64>, %[[C:.*]]: tensor<4xf32>, %{{.*}}, %{{.*}}, %[[Q:.*]]: tensor<4x4xf32>):
//   CHECK-NOT:     dlc.transpose
//       CHECK:     %[[N:.*]] = dlc.contract %[[C]], %[[Q]]
//  CHECK-NEXT:     dlc.yield %[[N]]
func.func @scan(%h: !v, %u: !w, %v: !w) -> !v {
  %r = dlc.scan inits(%h) xs() invariants(%u, %v) trip 5 : (!v, !w, !w) -> !v {
  ^bb0(%i: !i, %c: !v, %a: !w, %b: !w):
    %t = dlc.transpose %b [1, 0] : !w -> !w
    %p = dlc.contract %a, %t reduce [1] x [0] : (!w, !w) -> !w
    %n = dlc.contract %c, %p reduce [0] x [0] : (!v, !w) -> !v
    dlc.yield %n : !v
  }
  return %r : !v
}

// -----

!v = tensor<4xf32>
!w = tensor<4x4xf32>
!i = tensor<i64>

// A broadcast and the sum of two broadcasts are free to compute and dear to keep; what depends on
// the iteration stays.
// CHECK-LABEL: func @keeps_free_ops
//       CHECK:   dlc.scan inits(%{{.*}}) xs() invariants(%{{.*}}, %{{.*}}) trip 5
//       CHECK:     dlc.broadcast
//       CHECK:     dlc.broadcast
//       CHECK:     dlc.add
//       CHECK:     dlc.add
func.func @keeps_free_ops(%h: !w, %u: !v, %v: !v) -> !w {
  %r = dlc.scan inits(%h) xs() invariants(%u, %v) trip 5 : (!w, !v, !v) -> !w {
  ^bb0(%i: !i, %c: !w, %a: !v, %b: !v):
    %rows = dlc.broadcast %a to [0] : !v -> !w
    %columns = dlc.broadcast %b to [1] : !v -> !w
    %both = dlc.add %rows, %columns : !w
    %n = dlc.add %c, %both : !w
    dlc.yield %n : !w
  }
  return %r : !w
}

// -----

!s = tensor<f32>
!p = tensor<i1>
!v = tensor<4xf32>

// A while computes the limit of its condition once.
// CHECK-LABEL: func @while
//  CHECK-SAME:   (%[[H:.*]]: tensor<f32>, %[[V:.*]]: tensor<4xf32>)
//       CHECK:   %[[L:.*]] = dlc.reduce_max %[[V]]
//       CHECK:   dlc.while inits(%[[H]]) invariants(%[[V]], %[[L]])
//       CHECK:   ^bb0(%[[C:.*]]: tensor<f32>, %{{.*}}: tensor<4xf32>, %[[M:.*]]: tensor<f32>):
//  CHECK-NEXT:     dlc.compare lt %[[C]], %[[M]]
//       CHECK:   do
//       CHECK:   ^bb0(%{{.*}}: tensor<f32>, %{{.*}}: tensor<4xf32>, %{{.*}}: tensor<f32>):
func.func @while(%h: !s, %v: !v) -> !s {
  %r = dlc.while inits(%h) invariants(%v) : (!s, !v) -> !s {
  ^bb0(%c: !s, %u: !v):
    %limit = dlc.reduce_max %u over [0] : !v -> !s
    %more = dlc.compare lt %c, %limit : (!s, !s) -> !p
    dlc.yield %more : !p
  } do {
  ^bb0(%c: !s, %u: !v):
    %n = dlc.add %c, %c : !s
    dlc.yield %n : !s
  }
  return %r : !s
}
