// RUN: dlc-opt %s --dlc-choose-schedules=cpu=x86-64-v3 --split-input-file --verify-diagnostics
!x = tensor<8x4xf32>
!w = tensor<4x64xf32>
!y = tensor<8x64xf32>
// expected-error @+1 {{a tile of 6 x 64 needs more than the 16 vector registers of x86-64-v3: 6 x 8 for sums, 8 for columns of B, 1 for an element of A}}
dlc.kernel_func @tile_past_registers contract symbols [] schedules [
    #dlc.gemm<tile = [6, 64], row_tiles = 1>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!w = tensor<4x64xf32>
!y = tensor<?x64xf32, #dlc.dims<[B, 64]>>
// expected-error @+1 {{a tile of 1073741824 x 8 needs more than the 16 vector registers}}
dlc.kernel_func @guarded_tile_past_registers contract symbols ["B"] schedules [
    #dlc.when<B in [0, 1], #dlc.gemv<tile = [1073741824, 8]>>,
    #dlc.gemm<tile = [6, 16], row_tiles = 1>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<8x4xf64>
!w = tensor<4x64xf64>
!y = tensor<8x64xf64>
// expected-error @+1 {{a tile of 6 columns is not made of whole vectors of 4 on x86-64-v3}}
dlc.kernel_func @tile_of_broken_vectors contract symbols [] schedules [
    #dlc.gemm<tile = [6, 6], row_tiles = 1>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<8x4xf32>
!w = tensor<4x64xf32>
!y = tensor<8x64xf32>
// expected-error @+1 {{B is not stored in panels}}
dlc.kernel_func @panels_that_are_not_there contract symbols [] schedules [
    #dlc.gemv<tile = [2, 32], b = panels>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<8x4xf32>
!w = tensor<4x64xf32>
!p = tensor<1x4x64xf32>
!y = tensor<8x64xf32>
// expected-error @+1 {{B is stored in panels and cannot be read as direct}}
dlc.kernel_func @panels_that_are_there contract symbols [] schedules [
    #dlc.gemm<tile = [6, 16], row_tiles = 1>] {
^bb0(%x: !x, %p: !p):
  %t = dlc.transpose %p [1, 0, 2] {dlc.panels = "unpack"} : !p -> tensor<4x1x64xf32>
  %w = dlc.reshape %t {dlc.panels = "unpack"} : tensor<4x1x64xf32> -> !w
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<8x4xf16>
!w = tensor<4x64xf16>
!y = tensor<8x64xf16>
// expected-error @+1 {{reduce_block needs a result of the accumulator's type, where unfinished sums can wait}}
dlc.kernel_func @no_room_for_sums contract symbols [] schedules [
    #dlc.gemm<tile = [6, 16], row_tiles = 1, reduce_block = 2>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<8x4xf32>
!w = tensor<4x64xf32>
!y = tensor<8x64xf32>
// expected-error @+1 {{a contraction takes #dlc.gemm or #dlc.gemv, not #dlc.conv<tile = [6, 16], row_tiles = 1>}}
dlc.kernel_func @schedule_of_another_root contract symbols [] schedules [
    #dlc.conv<tile = [6, 16], row_tiles = 1>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<1x6x6x8xf32>
!f = tensor<3x3x1x8xf32>
!y = tensor<1x4x4x8xf32>
// expected-error @+1 {{the filter of a depthwise convolution is read as direct, not pack}}
dlc.kernel_func @packed_depthwise_filter conv symbols [] schedules [
    #dlc.conv<tile = [4, 8], row_tiles = 1, filter = pack>] {
^bb0(%x: !x, %f: !f):
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 8
      : (!x, !f) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<1x6x6x8xf32>
!f = tensor<3x3x1x8xf32>
!y = tensor<1x4x4x8xf32>
// expected-error @+1 {{a tile of 5 x 8 pixels needs more than the 16 vector registers of x86-64-v3}}
dlc.kernel_func @too_many_pixels conv symbols [] schedules [
    #dlc.depthwise<tile = [5, 8], row_block = 5, vectors = 1>] {
^bb0(%x: !x, %f: !f):
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 8
      : (!x, !f) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<1x6x6x8xf32>
!f = tensor<3x3x1x8xf32>
!y = tensor<1x4x4x8xf32>
// expected-error @+1 {{a tile of 60 x 4 pixels, each of 9 taps, is more than 2048 multiplications of code}}
dlc.kernel_func @too_much_code conv symbols [] schedules [
    #dlc.depthwise<tile = [60, 4], row_block = 60, vectors = 1>] {
^bb0(%x: !x, %f: !f):
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 8
      : (!x, !f) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<1x6x6x8xf32>
!f = tensor<3x3x8x8xf32>
!y = tensor<1x4x4x8xf32>
// expected-error @+1 {{this depthwise convolution is no stencil of one or two known dimensions}}
dlc.kernel_func @no_stencil conv symbols [] schedules [
    #dlc.depthwise<tile = [1, 4], row_block = 1, vectors = 1>] {
^bb0(%x: !x, %f: !f):
  %y = dlc.conv %x, %f strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] : (!x, !f) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<1x6x6x8xf32>
!y = tensor<1x4x4x8xf32>
!f = tensor<3x3x8x8xf32>
// expected-error @+1 {{a filter gradient takes #dlc.conv_filter_grad, not #dlc.conv<}}
dlc.kernel_func @schedule_of_a_convolution conv symbols [] schedules [
    #dlc.conv<tile = [4, 8], row_tiles = 1>] {
^bb0(%x: !x, %y: !y):
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (!x, !y) -> !f
  dlc.yield %f : !f
}

// -----

!x = tensor<1x6x6x3xf32>
!y = tensor<1x4x4x8xf32>
!f = tensor<3x3x3x8xf32>
// expected-error @+1 {{the sums of 1000000000000 parts are added in unrolled code, of 64 at most}}
dlc.kernel_func @too_many_parts conv symbols [] schedules [
    #dlc.conv_filter_grad<tile = [4, 8], row_tiles = 1, pixel_block = 8, taps = several, parts = 1000000000000>] {
^bb0(%x: !x, %y: !y):
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (!x, !y) -> !f
  dlc.yield %f : !f
}

// -----

!x = tensor<1x6x6x128xf32>
!y = tensor<1x4x4x8xf32>
!f = tensor<3x3x128x8xf32>
// expected-error @+1 {{pixels are cut into parts for tiles in several taps of a filter that is not depthwise}}
dlc.kernel_func @parts_of_one_tap conv symbols [] schedules [
    #dlc.conv_filter_grad<tile = [4, 8], row_tiles = 1, pixel_block = 8, parts = 2>] {
^bb0(%x: !x, %y: !y):
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (!x, !y) -> !f
  dlc.yield %f : !f
}

// -----

!x = tensor<1x6x6x128xf32>
!y = tensor<1x4x4x8xf32>
!f = tensor<3x3x128x8xf32>
// expected-error @+1 {{tiles in several taps are unrolled over 128 x 3 rows, more than 256}}
dlc.kernel_func @too_many_rows_unrolled conv symbols [] schedules [
    #dlc.conv_filter_grad<tile = [4, 8], row_tiles = 1, taps = several>] {
^bb0(%x: !x, %y: !y):
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
      : (!x, !y) -> !f
  dlc.yield %f : !f
}

// -----

!x = tensor<8x4xf32>
// expected-error @+1 {{map_unroll is 17, more than the 16 vector registers of x86-64-v3}}
dlc.kernel_func @unrolled_past_registers pointwise symbols [] schedules [
    #dlc.stream<tile_bytes = 4096, map_unroll = 17, reduce_unroll = 1, chunk_rows = 1,
                chunk_elements = 1, column_vectors = 1>] {
^bb0(%x: !x):
  %y = dlc.relu %x : !x
  dlc.yield %y : !x
}

// -----

!x = tensor<8x4xf32>
// expected-error @+1 {{a kernel without contraction or convolution takes #dlc.stream, not #dlc.pack}}
dlc.kernel_func @nothing_to_pack pointwise symbols [] schedules [#dlc.pack] {
^bb0(%x: !x):
  %y = dlc.relu %x : !x
  dlc.yield %y : !x
}

// -----

!w = tensor<4x64xf32>
// expected-error @+1 {{a kernel that writes panels takes #dlc.pack, not #dlc.gemv<tile = [2, 32]>}}
dlc.kernel_func @packs pointwise symbols [] schedules [#dlc.gemv<tile = [2, 32]>] {
^bb0(%w: !w):
  %r = dlc.reshape %w {dlc.panels = "pack"} : !w -> tensor<4x1x64xf32>
  %p = dlc.transpose %r [1, 0, 2] {dlc.panels = "pack"} : tensor<4x1x64xf32> -> tensor<1x4x64xf32>
  dlc.yield %p : tensor<1x4x64xf32>
}

// -----

!x = tensor<8x4096xf32>
!w = tensor<4096x64xf32>
!y = tensor<8x64xf32>
// expected-error @+1 {{packed columns of 262144 bytes are more than the 196608 that a thread has for them}}
dlc.kernel_func @long_columns contract symbols [] schedules [
    #dlc.gemm<tile = [6, 16], row_tiles = 1, split = n, b = pack>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<?x8xf32, #dlc.dims<[B, 8]>>
!y = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!w = tensor<8x64xf32>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
// expected-error @+1 {{B, whose rows are not known, is packed column by column only in blocks (reduce_block) or in a phase of its own (split = m)}}
dlc.kernel_func @columns_of_any_length contract symbols ["B"] schedules [
    #dlc.gemm<tile = [6, 16], row_tiles = 1, split = n, b = pack>] {
^bb0(%x: !x, %y: !y):
  %w = dlc.contract %x, %y reduce [0] x [0] : (!x, !y) -> !w
  dlc.yield %w : !w
}
}

// -----

!x = tensor<4x8x3x16xf32>
!w = tensor<8x16x64xf32>
!y = tensor<4x3x64xf32>
// expected-error @+1 {{B cannot be packed in blocks of a reduction that goes over several strides}}
dlc.kernel_func @blocks_of_two_dimensions contract symbols [] schedules [
    #dlc.gemm<tile = [6, 16], row_tiles = 1, split = n, b = pack, reduce_block = 16>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1, 3] x [0, 1] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<40x8xf32>
!y = tensor<40x16xf32>
!w = tensor<8x16xf32>
// expected-error @+1 {{A is read as it lies, or copied in blocks: with b = pack, a reduce_block}}
dlc.kernel_func @rows_without_columns contract symbols [] schedules [
    #dlc.gemm<tile = [6, 16], row_tiles = 1, reduce_block = 16, a = pack>] {
^bb0(%x: !x, %y: !y):
  %w = dlc.contract %x, %y reduce [0] x [0] : (!x, !y) -> !w
  dlc.yield %w : !w
}

// -----

!x = tensor<8x40xf32>
!y = tensor<40x16xf32>
!w = tensor<8x16xf32>
// expected-error @+1 {{A is copied where its rows lie side by side, as columns of B do}}
dlc.kernel_func @rows_apart contract symbols [] schedules [
    #dlc.gemm<tile = [6, 16], row_tiles = 1, b = pack, reduce_block = 16, a = pack>] {
^bb0(%x: !x, %y: !y):
  %w = dlc.contract %x, %y reduce [1] x [0] : (!x, !y) -> !w
  dlc.yield %w : !w
}

// -----

!x = tensor<9000x800xf32>
!y = tensor<9000x16xf32>
!w = tensor<800x16xf32>
// expected-error @+1 {{a copied block of 389120 bytes is more than the 278528 that a thread has for it}}
dlc.kernel_func @rows_past_the_stack contract symbols [] schedules [
    #dlc.gemm<tile = [6, 16], row_tiles = 64, b = pack, reduce_block = 256, a = pack>] {
^bb0(%x: !x, %y: !y):
  %w = dlc.contract %x, %y reduce [0] x [0] : (!x, !y) -> !w
  dlc.yield %w : !w
}

// -----

!x = tensor<2x6x8x32xf32>
!y = tensor<2x6x8x8xf32>
!f = tensor<3x3x32x8xf32>
// expected-error @+1 {{blocks of x and dy are copied where windows and the sizes of their rows are known}}
dlc.kernel_func @copies_of_all_pixels conv symbols [] schedules [
    #dlc.conv_filter_grad<tile = [6, 8], row_tiles = 1, dy = pack>] {
^bb0(%x: !x, %y: !y):
  %f = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !y) -> !f
  dlc.yield %f : !f
}

// -----

!x = tensor<2x6x?x32xf32, #dlc.dims<[2, 6, B, 32]>>
!f = tensor<3x3x32x8xf32>
!y = tensor<2x6x?x8xf32, #dlc.dims<[2, 6, B, 8]>>
// expected-error @+1 {{tiles by lines need lines, windows and padding of known size}}
dlc.kernel_func @lines_of_any_length conv symbols ["B"] schedules [
    #dlc.conv<tile = [6, 8], row_tiles = 1, pixels = lines>] {
^bb0(%x: !x, %f: !f):
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !f) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<2x6x8x32xf32>
!f = tensor<3x3x32x8xf32>
!y = tensor<2x3x4x8xf32>
// expected-error @+1 {{and of an input gradient an innermost stride of 1}}
dlc.kernel_func @strided_lines conv symbols [] schedules [
    #dlc.conv<tile = [4, 8], row_tiles = 1, filter = pack, pixels = lines>] {
^bb0(%dy: !y, %f: !f):
  %x = dlc.conv_input_grad %dy, %f strides [2, 2] low [1, 1] high [0, 0] dilations [1, 1]
      : (!y, !f) -> !x
  dlc.yield %x : !x
}

// -----

!x = tensor<1x4x50x8xf32>
!f = tensor<1x41x8x8xf32>
!y = tensor<1x4x50x8xf32>
// expected-error @+1 {{tiles of 6 pixels see a line of 50 in 42 ways, more than 40}}
dlc.kernel_func @lines_with_many_ends conv symbols [] schedules [
    #dlc.conv<tile = [6, 8], row_tiles = 1, pixels = lines>] {
^bb0(%x: !x, %f: !f):
  %y = dlc.conv %x, %f strides [1, 1] low [0, 20] high [0, 20] dilations [1, 1] : (!x, !f) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<2x6x8x32xf32>
!f = tensor<3x3x32x8xf32>
!y = tensor<2x6x8x8xf32>
// expected-error @+1 {{lanes along the reduction need a filter that is contiguous there}}
dlc.kernel_func @strided_reduction conv symbols [] schedules [
    #dlc.conv<tile = [4, 2], row_tiles = 1, lanes = reduction>] {
^bb0(%x: !x, %f: !f):
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !f) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<2x6x8x3xf32>
!f = tensor<3x3x3x32xf32>
!y = tensor<2x6x8x32xf32>
// expected-error @+1 {{a tile of 9 x 3 registers along the reduction needs more than the 16 of x86-64-v3}}
dlc.kernel_func @reduction_past_registers conv symbols [] schedules [
    #dlc.conv<tile = [9, 3], row_tiles = 1, lanes = reduction>] {
^bb0(%dy: !y, %f: !f):
  %x = dlc.conv_input_grad %dy, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (!y, !f) -> !x
  dlc.yield %x : !x
}

// -----

!x = tensor<8x40xf32>
!w = tensor<40x10xf32>
!y = tensor<8x10xf32>
// expected-error @+1 {{a tile of 3 x 5 registers along the reduction needs more than the 16 of x86-64-v3}}
dlc.kernel_func @sums_past_registers contract symbols [] schedules [
    #dlc.gemm<tile = [3, 5], row_tiles = 1, b = pack, lanes = reduction>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<8x40xf32>
!w = tensor<40x10xf32>
!y = tensor<8x10xf32>
// expected-error @+1 {{lanes along the reduction read B direct where that lies side by side there}}
dlc.kernel_func @columns_that_lie_apart contract symbols [] schedules [
    #dlc.gemm<tile = [1, 5], row_tiles = 1, lanes = reduction>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// -----

!x = tensor<40x8xf32>
!w = tensor<40x10xf32>
!y = tensor<8x10xf32>
// expected-error @+1 {{lanes along the reduction need one that lies side by side in A}}
dlc.kernel_func @rows_that_lie_apart contract symbols [] schedules [
    #dlc.gemm<tile = [1, 5], row_tiles = 1, b = pack, lanes = reduction>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [0] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}
