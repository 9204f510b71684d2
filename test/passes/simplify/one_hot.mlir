// RUN: dlc-opt %s --dlc-decompose | FileCheck %s

// CHECK-LABEL: func @spells_one_hot
//  CHECK-SAME:   (%[[I:.*]]: tensor<?xi32, #dlc.dims<[B]>>)
//       CHECK:   %[[P:.*]] = dlc.iota 1
//       CHECK:   %[[R:.*]] = dlc.broadcast %[[I]] to [0]
//       CHECK:   %[[M:.*]] = dlc.compare eq %[[P]], %[[R]]
//       CHECK:   %[[Y:.*]] = dlc.cast %[[M]]
//       CHECK:   return %[[Y]]
func.func @spells_one_hot(%i: tensor<?xi32, #dlc.dims<[B]>>) -> tensor<?x10xf32, #dlc.dims<[B, 10]>> {
  %y = dlc.one_hot %i : tensor<?xi32, #dlc.dims<[B]>> -> tensor<?x10xf32, #dlc.dims<[B, 10]>>
  return %y : tensor<?x10xf32, #dlc.dims<[B, 10]>>
}
