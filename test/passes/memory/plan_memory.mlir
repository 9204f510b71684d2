// RUN: dlc-opt %s --dlc-form-kernels --dlc-outline-kernels --dlc-plan-memory | FileCheck %s

module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @w weight : tensor<8xf32>
dlc.variable @v weight : tensor<8xf32>

// An update that reads the variable at the element it writes is in place.
// CHECK-LABEL: dlc.entry @updates_in_place
// CHECK-SAME: #dlc.buffer<state 0 bytes = <32>
// CHECK-SAME: #dlc.buffer<state_next 0 bytes = <32>
// CHECK: dlc.dispatch {{.*}} {buffers = array<i64: 0, 1>}
// CHECK: dlc.return {dlc.copies = array<i64>}
dlc.entry @updates_in_place(%w: tensor<8xf32> {dlc.state = @w}) -> (tensor<8xf32> {dlc.state = @w}) {
  %0 = dlc.exp %w : tensor<8xf32>
  dlc.return %0 : tensor<8xf32>
}

// The old value is read at other elements: the new one is made aside and copied.
// CHECK-LABEL: dlc.entry @copies_reversed_update
// CHECK-SAME: #dlc.buffer<temporary 0 bytes = <32>
// CHECK: dlc.return {dlc.copies = array<i64: 0, 1>}
dlc.entry @copies_reversed_update(%w: tensor<8xf32> {dlc.state = @w}) -> (tensor<8xf32> {dlc.state = @w}) {
  %0 = dlc.reverse %w over [0] : tensor<8xf32> -> tensor<8xf32>
  dlc.return %0 : tensor<8xf32>
}

// The old value is returned too, after the kernel that would replace it.
// CHECK-LABEL: dlc.entry @copies_when_old_value_is_returned
// CHECK: dlc.return {dlc.copies = array<i64: 1, 0, 0, 2>}
dlc.entry @copies_when_old_value_is_returned(%w: tensor<8xf32> {dlc.state = @w})
    -> (tensor<8xf32> {dlc.state = @w}, tensor<8xf32> {dlc.name = "old"}) {
  %0 = dlc.exp %w : tensor<8xf32>
  dlc.return %0, %w : tensor<8xf32>, tensor<8xf32>
}

// Variables that change places go through a buffer of their own.
// CHECK-LABEL: dlc.entry @swaps_variables
// CHECK: dlc.return {dlc.copies = array<i64: [[T:[0-9]+]], 0, 0, 1, 1, [[T]]>}
dlc.entry @swaps_variables(%w: tensor<8xf32> {dlc.state = @w}, %v: tensor<8xf32> {dlc.state = @v})
    -> (tensor<8xf32> {dlc.state = @w}, tensor<8xf32> {dlc.state = @v}) {
  dlc.return %v, %w : tensor<8xf32>, tensor<8xf32>
}

// Lifetimes end with the last reader; outputs are the caller's memory.
// CHECK-LABEL: dlc.entry @ends_lifetimes
// CHECK-SAME: #dlc.buffer<output 0 bytes = <4*B>
// CHECK-SAME: #dlc.buffer<temporary 0 bytes = <32*B> live = 1 to 2>
dlc.entry @ends_lifetimes(%x: tensor<?x8xf32, #dlc.dims<[B, 8]>> {dlc.name = "x"},
    %m: tensor<8x8xf32> {dlc.name = "m"}) -> (tensor<?xf32, #dlc.dims<[B]>> {dlc.name = "y"}) {
  %0 = dlc.contract %x, %m reduce [1] x [0] : (tensor<?x8xf32, #dlc.dims<[B, 8]>>, tensor<8x8xf32>) -> tensor<?x8xf32, #dlc.dims<[B, 8]>>
  %1 = dlc.sum %0 over [1] : tensor<?x8xf32, #dlc.dims<[B, 8]>> -> tensor<?xf32, #dlc.dims<[B]>>
  dlc.return %1 : tensor<?xf32, #dlc.dims<[B]>>
}
}
