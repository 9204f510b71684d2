// RUN: dlc-opt %s --canonicalize | FileCheck %s

!x = tensor<?x8x3xf32, #dlc.dims<[B, 8, 3]>>
!y = tensor<?x4x3xf32, #dlc.dims<[B, 4, 3]>>

// CHECK-LABEL: func @pools_windows_of_one_element
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   return %[[X]], %[[X]]
func.func @pools_windows_of_one_element(%x: !x) -> (!x, !x) {
  %m = dlc.max_pool %x window [1] strides [1] low [0] high [0] : (!x) -> !x
  %a = dlc.avg_pool %x window [1] strides [1] low [0] high [0] : (!x) -> !x
  return %m, %a : !x, !x
}

// CHECK-LABEL: func @keeps_windows_apart
//       CHECK:   dlc.max_pool
func.func @keeps_windows_apart(%x: !x) -> !y {
  %m = dlc.max_pool %x window [1] strides [2] low [0] high [0] : (!x) -> !y
  return %m : !y
}
