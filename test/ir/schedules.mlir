// RUN: dlc-opt %s | dlc-opt | FileCheck %s
!x = tensor<?x?x4xf32, #dlc.dims<[B, T, 4]>>
!w = tensor<4x64xf32>
!y = tensor<?x?x64xf32, #dlc.dims<[B, T, 64]>>

// What has the value that goes without saying is left out; keys come in any order.
// CHECK-LABEL: dlc.kernel_func @guarded contract symbols ["B", "T"] schedules
// CHECK-SAME:    [#dlc.when<B*T in [0, 2], #dlc.gemv<tile = [2, 64]>>,
// CHECK-SAME:     #dlc.when<B in [3, 8], #dlc.gemm<tile = [4, 64], row_tiles = 2, split = n>>,
// CHECK-SAME:     #dlc.when<B in [9, 9], #dlc.gemm<tile = [2, 10], row_tiles = 2, b = pack, lanes = reduction>>,
// CHECK-SAME:     #dlc.gemm<tile = [6, 64], row_tiles = 16, b = pack, reduce_block = 512>] {
dlc.kernel_func @guarded contract symbols ["B", "T"] schedules [
    #dlc.when<B*T in [0, 2], #dlc.gemv<b = direct, tile = [2, 64]>>,
    #dlc.when<B in [3, 8], #dlc.gemm<split = n, row_tiles = 2, tile = [4, 64]>>,
    #dlc.when<B in [9, 9], #dlc.gemm<lanes = reduction, row_tiles = 2, tile = [2, 10], b = pack>>,
    #dlc.gemm<tile = [6, 64], row_tiles = 16, split = by_size, b = pack, reduce_block = 512>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [2] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// CHECK-LABEL: func.func @others
// CHECK:         schedules [#dlc.conv<tile = [6, 64], row_tiles = 8, filter = pack>]
// CHECK:         schedules [#dlc.conv<tile = [9, 3], row_tiles = 8, pixels = lines, lanes = reduction>]
// CHECK:         schedules [#dlc.conv_filter_grad<tile = [6, 64], row_tiles = 8, taps = several, parts = 4>]
// CHECK:         schedules [#dlc.conv_filter_grad<tile = [6, 64, 2], row_tiles = 8, dy = pack>]
// CHECK:         schedules [#dlc.stream<tile_bytes = 1, map_unroll = 2, reduce_unroll = 3,
// CHECK-SAME:      chunk_rows = 4, chunk_elements = 5, column_vectors = 6>]
// CHECK:         schedules [#dlc.pack]
// CHECK:         schedules [#dlc.winograd<tile = [6, 64], pixel_tiles = 12, channel_block = 64>]
func.func @others(%x: tensor<4xf32>) {
  %0 = dlc.kernel conv(%x) schedules [#dlc.conv<tile = [6, 64], row_tiles = 8, filter = pack>]
      : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  %6 = dlc.kernel conv(%x) schedules [
      #dlc.conv<tile = [9, 3], row_tiles = 8, pixels = lines, lanes = reduction>]
      : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  %1 = dlc.kernel conv(%x) schedules [
      #dlc.conv_filter_grad<tile = [6, 64], row_tiles = 8, pixel_block = 0, taps = several, parts = 4>]
      : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  %7 = dlc.kernel conv(%x) schedules [
      #dlc.conv_filter_grad<tile = [6, 64, 2], row_tiles = 8, dy = pack>]
      : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  %2 = dlc.kernel pointwise(%x) schedules [
      #dlc.stream<tile_bytes = 1, map_unroll = 2, reduce_unroll = 3, chunk_rows = 4,
                  chunk_elements = 5, column_vectors = 6>] : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  %3 = dlc.kernel pointwise(%x) schedules [#dlc.pack] : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  %8 = dlc.kernel conv(%x) schedules [
      #dlc.winograd<tile = [6, 64], pixel_tiles = 12, channel_block = 64, column_tiles = 1>]
      : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    dlc.yield %a : tensor<4xf32>
  }
  return
}
