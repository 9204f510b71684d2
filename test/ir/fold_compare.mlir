// RUN: dlc-opt %s --canonicalize | FileCheck %s

!b = tensor<?xf32, #dlc.dims<[B]>>
!h = tensor<?xf16, #dlc.dims<[B]>>
!d = tensor<?xf64, #dlc.dims<[B]>>
!i = tensor<?xi32, #dlc.dims<[B]>>
!c = tensor<?xi8, #dlc.dims<[B]>>
!p = tensor<?xi1, #dlc.dims<[B]>>

// CHECK-LABEL: func @selects_between_equals
//  CHECK-SAME:   %[[P:.*]]: tensor{{.*}}, %[[X:.*]]: tensor
//  CHECK-NEXT:   return %[[X]]
func.func @selects_between_equals(%p: !p, %x: !b) -> !b {
  %y = dlc.select %p, %x, %x : (!p, !b, !b) -> !b
  return %y : !b
}

// CHECK-LABEL: func @follows_a_known_predicate
//  CHECK-SAME:   %[[X:.*]]: tensor{{.*}}, %[[Y:.*]]: tensor
//  CHECK-NEXT:   return %[[Y]]
func.func @follows_a_known_predicate(%x: !b, %y: !b) -> !b {
  %false = dlc.constant dense<false> : tensor<i1>
  %p = dlc.broadcast %false to [] : tensor<i1> -> !p
  %z = dlc.select %p, %x, %y : (!p, !b, !b) -> !b
  return %z : !b
}

// CHECK-LABEL: func @exchanges_branches_of_a_negation
//  CHECK-SAME:   %[[P:.*]]: tensor{{.*}}, %[[X:.*]]: tensor{{.*}}, %[[Y:.*]]: tensor
//  CHECK-NEXT:   dlc.select %[[P]], %[[Y]], %[[X]]
func.func @exchanges_branches_of_a_negation(%p: !p, %x: !b, %y: !b) -> !b {
  %n = dlc.not %p : !p
  %z = dlc.select %n, %x, %y : (!p, !b, !b) -> !b
  return %z : !b
}

// CHECK-LABEL: func @casts_there_and_back
//  CHECK-SAME:   %[[H:.*]]: tensor{{.*}}, %[[I:.*]]: tensor
//  CHECK-NEXT:   return %[[H]], %[[I]]
func.func @casts_there_and_back(%h: !h, %i: !i) -> (!h, !i) {
  %b = dlc.cast %h : !h -> !b
  %y = dlc.cast %b : !b -> !h
  %d = dlc.cast %i : !i -> !d
  %j = dlc.cast %d : !d -> !i
  return %y, %j : !h, !i
}

// CHECK-LABEL: func @casts_through_what_holds_every_value
//  CHECK-SAME:   %[[H:.*]]: tensor{{.*}}, %[[C:.*]]: tensor
//  CHECK-NEXT:   dlc.cast %[[H]] {{.*}} -> tensor<?xi32
//  CHECK-NEXT:   dlc.cast %[[C]] {{.*}} -> tensor<?xf16
func.func @casts_through_what_holds_every_value(%h: !h, %c: !c) -> (!i, !h) {
  %d = dlc.cast %h : !h -> !d
  %i = dlc.cast %d : !d -> !i
  %j = dlc.cast %c : !c -> !i
  %k = dlc.cast %j : !i -> !h
  return %i, %k : !i, !h
}

// Rounds twice, or saturates where the direct cast would wrap.
// CHECK-LABEL: func @keeps_casts_that_lose
// CHECK-COUNT-6: dlc.cast
func.func @keeps_casts_that_lose(%b: !b, %i: !i, %d: !d) -> (!b, !c, !h) {
  %h = dlc.cast %b : !b -> !h
  %y = dlc.cast %h : !h -> !b
  %e = dlc.cast %i : !i -> !d
  %c = dlc.cast %e : !d -> !c
  %f = dlc.cast %d : !d -> !b
  %g = dlc.cast %f : !b -> !h
  return %y, %c, %g : !b, !c, !h
}
