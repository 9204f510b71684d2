// The variance of rows whose first one lies far from their mean, as the border of an image does: what
// a chunk of rows is shifted by is the mean of several of them, and little cancels. With the first
// row alone a variance was off by 4e-6 of itself, ten times what its sum of squares is.
//
// RUN: dlc check %s --bind B=127,255,500 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=255 --seed 5 --threads 2 2>&1 | FileCheck %s
// CHECK: 0 failures
!x = tensor<?x24xf32, #dlc.dims<[B, 24]>>
!y = tensor<?x24xf32, #dlc.dims<[B + 1, 24]>>
!w = tensor<?x640xf32, #dlc.dims<[B, 640]>>
!v = tensor<?x640xf32, #dlc.dims<[B + 1, 640]>>
!c = tensor<24xf32>
!d = tensor<640xf32>
module @variance attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @narrow(%first: tensor<1x24xf32> {dlc.name = "first", dlc.range = [-4.0, 0.0]},
    %x: !x {dlc.name = "x", dlc.range = [10.0, 12.0]})
    -> (!c {dlc.name = "mean"}, !c {dlc.name = "variance"}) {
  %0 = dlc.concat %first, %x axis 0 : (tensor<1x24xf32>, !x) -> !y
  %m = dlc.mean %0 over [0] : !y -> !c
  %1 = dlc.broadcast %m to [1] : !c -> !y
  %2 = dlc.sub %0, %1 : !y
  %3 = dlc.mul %2, %2 : !y
  %v = dlc.mean %3 over [0] : !y -> !c
  dlc.return %m, %v : !c, !c
}
// More columns than registers hold: states and what they start from go to memory and back.
dlc.entry @wide(%first: tensor<1x640xf32> {dlc.name = "first", dlc.range = [-4.0, 0.0]},
    %x: !w {dlc.name = "x", dlc.range = [10.0, 12.0]})
    -> (!d {dlc.name = "mean"}, !d {dlc.name = "variance"}) {
  %0 = dlc.concat %first, %x axis 0 : (tensor<1x640xf32>, !w) -> !v
  %m = dlc.mean %0 over [0] : !v -> !d
  %1 = dlc.broadcast %m to [1] : !d -> !v
  %2 = dlc.sub %0, %1 : !v
  %3 = dlc.mul %2, %2 : !v
  %v = dlc.mean %3 over [0] : !v -> !d
  dlc.return %m, %v : !d, !d
}
}
