// One row whose passes stand outside of the loop over rows: the next row, of which there is none,
// must not be asked for there.
// RUN: dlc check %s 2>&1 | FileCheck %s
// CHECK: 0 failures

!row = tensor<1x1000xf32>
!one = tensor<1xf32>
module {
  dlc.entry @one_row(%x: !row {dlc.name = "x"}, %label: tensor<1xi32> {dlc.name = "label"})
      -> (!one {dlc.name = "sum"}, !one {dlc.name = "at_label"}, !row {dlc.name = "y"}) {
    %position = dlc.iota 1 : tensor<1x1000xi32>
    %labels = dlc.broadcast %label to [0] : tensor<1xi32> -> tensor<1x1000xi32>
    %hit = dlc.compare eq %position, %labels
        : (tensor<1x1000xi32>, tensor<1x1000xi32>) -> tensor<1x1000xi1>
    %none = dlc.constant dense<0.0> : tensor<f32>
    %zero = dlc.broadcast %none to [] : tensor<f32> -> !row
    %chosen = dlc.select %hit, %x, %zero : (tensor<1x1000xi1>, !row, !row) -> !row
    %at_label = dlc.sum %chosen over [1] : !row -> !one
    %max = dlc.reduce_max %x over [1] : !row -> !one
    %largest = dlc.broadcast %max to [0] : !one -> !row
    %shifted = dlc.sub %x, %largest : !row
    %y = dlc.exp %shifted : !row
    %sum = dlc.sum %y over [1] : !row -> !one
    dlc.return %sum, %at_label, %y : !one, !one, !row
  }
}
