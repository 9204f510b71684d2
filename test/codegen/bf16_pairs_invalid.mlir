// RUN: dlc-opt %s --dlc-choose-schedules=cpu=znver4 --split-input-file --verify-diagnostics
!x = tensor<8x4xf32>
!w = tensor<4x64xf32>
!y = tensor<8x64xf32>
// expected-error @+1 {{a tile that is 2 deep multiplies pairs of bf16, which the operands are not}}
dlc.kernel_func @pairs_of_f32 contract symbols [] schedules [
    #dlc.gemm<tile = [6, 64, 2], row_tiles = 1>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<8x4xbf16>
!w = tensor<4x64xbf16>
!y = tensor<8x64xbf16>
// expected-error @+1 {{a tile is 4 deep; 1 and 2 are known}}
dlc.kernel_func @too_deep contract symbols [] schedules [
    #dlc.gemm<tile = [6, 64, 4], row_tiles = 1>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<8x4xbf16>
!w = tensor<4x48xbf16>
!y = tensor<8x48xbf16>
// expected-error @+1 {{a tile of 9 x 48 needs more than the 32 vector registers of znver4: 9 x 3 for sums, 3 for columns of B, 1 for an element of A, 2 to interleave rows of B}}
dlc.kernel_func @no_room_to_interleave contract symbols [] schedules [
    #dlc.gemm<tile = [9, 48, 2], row_tiles = 1>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<8x64xbf16>
!w = tensor<64x64xbf16>
!y = tensor<8x64xf32>
// expected-error @+1 {{a reduce_block of 15 cuts a pair of bf16 in two}}
dlc.kernel_func @odd_blocks contract symbols [] schedules [
    #dlc.gemm<tile = [6, 64, 2], row_tiles = 1, split = n, b = pack, reduce_block = 15>] {
^bb0(%x: !x, %w: !w):
  %c = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> tensor<8x64xbf16>
  %y = dlc.cast %c : tensor<8x64xbf16> -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<1x8x9x16xbf16>
!y = tensor<1x6x7x64xbf16>
// expected-error @+1 {{the gradient of the result is packed in pairs of its lines' pixels, whose number must be known and even}}
dlc.kernel_func @odd_lines conv symbols [] schedules [
    #dlc.conv_filter_grad<tile = [6, 64, 2], row_tiles = 8, dy = pack>] {
^bb0(%x: !x, %y: !y):
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (!x, !y) -> tensor<3x3x16x64xbf16>
  dlc.yield %f : tensor<3x3x16x64xbf16>
}

// -----

!x = tensor<1x8x8x16xbf16>
!y = tensor<1x8x8x64xbf16>
// expected-error @+1 {{a pixel_block of 63 cuts a pair of bf16 in two}}
dlc.kernel_func @cut_pair conv symbols [] schedules [
    #dlc.conv_filter_grad<tile = [6, 64, 2], row_tiles = 8, pixel_block = 63, dy = pack>] {
^bb0(%x: !x, %y: !y):
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (!x, !y) -> tensor<1x1x16x64xbf16>
  dlc.yield %f : tensor<1x1x16x64xbf16>
}

// -----

!x = tensor<1x64x64x16xbf16>
!y = tensor<1x64x64x64xbf16>
// expected-error @+1 {{a packed block of 262144 bytes is more than the 196608 that a thread has for it}}
dlc.kernel_func @large_block conv symbols [] schedules [
    #dlc.conv_filter_grad<tile = [6, 64, 2], row_tiles = 8, pixel_block = 2048, dy = pack>] {
^bb0(%x: !x, %y: !y):
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (!x, !y) -> tensor<3x3x16x64xbf16>
  dlc.yield %f : tensor<3x3x16x64xbf16>
}
