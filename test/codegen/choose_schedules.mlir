// RUN: dlc-opt %s --dlc-choose-schedules=cpu=x86-64-v4 | FileCheck %s
// RUN: dlc-opt %s --dlc-choose-schedules=cpu=x86-64-v3 | FileCheck %s --check-prefix=AVX2
// RUN: dlc-opt %s --dlc-choose-schedules=cpu=x86-64-v4 \
// RUN:   | dlc-opt --dlc-choose-schedules=cpu=x86-64-v4 | FileCheck %s
!x = tensor<?x784xf32, #dlc.dims<[B, 784]>>
!w = tensor<784x512xf32>
!p = tensor<8x784x64xf32>
!y = tensor<?x512xf32, #dlc.dims<[B, 512]>>
!t = tensor<?x784xf32, #dlc.dims<[T, 784]>>
!z = tensor<?x512xf32, #dlc.dims<[T, 512]>>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>, #dlc.symbol<S, min = 1>,
                                  #dlc.symbol<T, min = 2>]} {

// Rows are symbolic: a single one is another kernel.
// CHECK-LABEL: @writes_guards_for_one_row contract symbols ["B"] schedules
// CHECK-SAME:    [#dlc.when<B in [0, 1], #dlc.gemv<tile = [1, 128]>>,
// CHECK-SAME:     #dlc.gemm<tile = [6, 64], row_tiles = 16, reduce_block = 512>]
// AVX2-LABEL:  @writes_guards_for_one_row contract symbols ["B"] schedules
// AVX2-SAME:     [#dlc.when<B in [0, 1], #dlc.gemv<tile = [1, 32]>>,
// AVX2-SAME:      #dlc.when<B in [0, 63], #dlc.gemm<tile = [6, 16], row_tiles = 16, split = n, reduce_block = 512>>,
// AVX2-SAME:      #dlc.gemm<tile = [6, 16], row_tiles = 64, b = pack, reduce_block = 784>]
dlc.kernel_func @writes_guards_for_one_row contract symbols ["B"] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}

// A size that is not one symbol.
// CHECK-LABEL: @guards_products contract symbols ["B", "S"] schedules
// CHECK-SAME:    [#dlc.when<B*S in [0, 1], #dlc.gemv<
dlc.kernel_func @guards_products contract symbols ["B", "S"] {
^bb0(%x: tensor<?x?x64xf32, #dlc.dims<[B, S, 64]>>, %w: tensor<64x512xf32>):
  %y = dlc.contract %x, %w reduce [2] x [0]
      : (tensor<?x?x64xf32, #dlc.dims<[B, S, 64]>>, tensor<64x512xf32>)
      -> tensor<?x?x512xf32, #dlc.dims<[B, S, 512]>>
  dlc.yield %y : tensor<?x?x512xf32, #dlc.dims<[B, S, 512]>>
}

// The module says that there are at least two.
// CHECK-LABEL: @needs_no_guard contract symbols ["T"] schedules
// CHECK-SAME:    [#dlc.gemm<tile = [6, 64], row_tiles = 16, reduce_block = 512>]
dlc.kernel_func @needs_no_guard contract symbols ["T"] {
^bb0(%x: !t, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!t, !w) -> !z
  dlc.yield %y : !z
}

// Known sizes: one schedule, and its order of work is known too.
// CHECK-LABEL: @chooses_for_known_sizes contract symbols [] schedules
// CHECK-SAME:    [#dlc.gemm<tile = [6, 64], row_tiles = 16, split = n, reduce_block = 512>]
dlc.kernel_func @chooses_for_known_sizes contract symbols [] {
^bb0(%x: tensor<128x784xf32>, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (tensor<128x784xf32>, !w) -> tensor<128x512xf32>
  dlc.yield %y : tensor<128x512xf32>
}

// CHECK-LABEL: @chooses_for_one_row contract symbols [] schedules
// CHECK-SAME:    [#dlc.gemv<tile = [1, 128]>]
dlc.kernel_func @chooses_for_one_row contract symbols [] {
^bb0(%x: tensor<1x784xf32>, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (tensor<1x784xf32>, !w) -> tensor<1x512xf32>
  dlc.yield %y : tensor<1x512xf32>
}

// B is transposed and packed by who reads it, which a guard would not spare.
// CHECK-LABEL: @packs_for_all_rows contract symbols ["B"] schedules
// CHECK-SAME:    [#dlc.gemm<tile = [6, 64], row_tiles = 16, split = n, b = pack>]
dlc.kernel_func @packs_for_all_rows contract symbols ["B"] {
^bb0(%y: !y, %w: !w):
  %x = dlc.contract %y, %w reduce [1] x [1] : (!y, !w) -> !x
  dlc.yield %x : !x
}

// Few rows read the rows of a weight where they lie; many pay for packing its columns, if all of
// their steps fit. AVX2 packs from 64 rows on.
// CHECK-LABEL: @packs_for_many_rows contract symbols ["T"] schedules
// CHECK-SAME:    [#dlc.when<T in [0, 255], #dlc.gemm<tile = [6, 64], row_tiles = 16, reduce_block = 512>>,
// CHECK-SAME:     #dlc.gemm<tile = [6, 64], row_tiles = 16, split = n, b = pack>]
// AVX2-LABEL:  @packs_for_many_rows contract symbols ["T"] schedules
// AVX2-SAME:     [#dlc.when<T in [0, 63], #dlc.gemm<
// AVX2-SAME:      #dlc.gemm<tile = [6, 16], row_tiles = 64, b = pack, reduce_block = 768>]
dlc.kernel_func @packs_for_many_rows contract symbols ["T"] {
^bb0(%x: tensor<?x768xf32, #dlc.dims<[T, 768]>>, %w: tensor<768x512xf32>):
  %y = dlc.contract %x, %w reduce [1] x [0]
      : (tensor<?x768xf32, #dlc.dims<[T, 768]>>, tensor<768x512xf32>)
      -> tensor<?x512xf32, #dlc.dims<[T, 512]>>
  dlc.yield %y : tensor<?x512xf32, #dlc.dims<[T, 512]>>
}

// In blocks of steps that pays where the weight's rows are far from each other.
// CHECK-LABEL: @packs_far_rows_in_blocks contract symbols ["T"] schedules
// CHECK-SAME:    [#dlc.when<T in [0, 255], #dlc.gemm<tile = [6, 64], row_tiles = 16, reduce_block = 512>>,
// CHECK-SAME:     #dlc.gemm<tile = [6, 64], row_tiles = 64, b = pack, reduce_block = 768>]
dlc.kernel_func @packs_far_rows_in_blocks contract symbols ["T"] {
^bb0(%x: tensor<?x1536xf32, #dlc.dims<[T, 1536]>>, %w: tensor<1536x768xf32>):
  %y = dlc.contract %x, %w reduce [1] x [0]
      : (tensor<?x1536xf32, #dlc.dims<[T, 1536]>>, tensor<1536x768xf32>)
      -> tensor<?x768xf32, #dlc.dims<[T, 768]>>
  dlc.yield %y : tensor<?x768xf32, #dlc.dims<[T, 768]>>
}

// A batch of one makes the gradient of a weight an outer product.
// CHECK-LABEL: @guards_outer_products contract symbols ["B"] schedules
// CHECK-SAME:    [#dlc.when<B in [0, 4], #dlc.gemm<tile = [1, 64], row_tiles = 1, split = m>>,
// CHECK-SAME:     #dlc.gemm<tile = [6, 64], row_tiles = 128, split = m, b = pack, reduce_block = 512>]
dlc.kernel_func @guards_outer_products contract symbols ["B"] {
^bb0(%x: !x, %y: !y):
  %w = dlc.contract %x, %y reduce [0] x [0] : (!x, !y) -> !w
  dlc.yield %w : !w
}

// Tiles of 5, 5 and 4 pixels make a line.
// CHECK-LABEL: @convolves conv symbols ["B"] schedules
// CHECK-SAME:    [#dlc.conv<tile = [5, 64], row_tiles = 16, pixels = lines>]
dlc.kernel_func @convolves conv symbols ["B"] {
^bb0(%x: tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>, %f: tensor<3x3x64x64xf32>):
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>, tensor<3x3x64x64xf32>)
      -> tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>
  dlc.yield %y : tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>
}

// Lines of a symbolic length run into each other.
// CHECK-LABEL: @convolves_any_width conv symbols ["B"] schedules
// CHECK-SAME:    [#dlc.conv<tile = [6, 64], row_tiles = 8>]
dlc.kernel_func @convolves_any_width conv symbols ["B"] {
^bb0(%x: tensor<2x14x?x64xf32, #dlc.dims<[2, 14, B, 64]>>, %f: tensor<3x3x64x64xf32>):
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (tensor<2x14x?x64xf32, #dlc.dims<[2, 14, B, 64]>>, tensor<3x3x64x64xf32>)
      -> tensor<2x14x?x64xf32, #dlc.dims<[2, 14, B, 64]>>
  dlc.yield %y : tensor<2x14x?x64xf32, #dlc.dims<[2, 14, B, 64]>>
}

// Three channels would fill three lanes; the 64 filters fill registers.
// CHECK-LABEL: @few_channels conv symbols ["B"] schedules
// CHECK-SAME:    [#dlc.conv<tile = [8, 3], row_tiles = 8, lanes = reduction>]
// AVX2-LABEL:  @few_channels conv symbols ["B"] schedules
// AVX2-SAME:     [#dlc.conv<tile = [4, 3], row_tiles = 8, lanes = reduction>]
dlc.kernel_func @few_channels conv symbols ["B"] {
^bb0(%dy: tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>, %f: tensor<7x7x3x64xf32>):
  %dx = dlc.conv_input_grad %dy, %f strides [2, 2] low [3, 3] high [2, 2] dilations [1, 1]
      : (tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>, tensor<7x7x3x64xf32>)
      -> tensor<?x28x28x3xf32, #dlc.dims<[B, 28, 28, 3]>>
  dlc.yield %dx : tensor<?x28x28x3xf32, #dlc.dims<[B, 28, 28, 3]>>
}

// One filter per channel: pixels in the tile, channels in the lanes.
// CHECK-LABEL: @convolves_by_channel conv symbols ["B"] schedules
// CHECK-SAME:    [#dlc.depthwise<tile = [2, 7], row_block = 8, vectors =
dlc.kernel_func @convolves_by_channel conv symbols ["B"] {
^bb0(%x: tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>, %f: tensor<3x3x1x64xf32>):
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 64
      : (tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>, tensor<3x3x1x64xf32>)
      -> tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>
  dlc.yield %y : tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>
}

// CHECK-LABEL: @streams pointwise symbols ["B"] schedules
// CHECK-SAME:    [#dlc.stream<tile_bytes = {{[0-9]+}}, map_unroll = 4
// AVX2-LABEL:  @streams pointwise symbols ["B"] schedules
// AVX2-SAME:     [#dlc.stream<tile_bytes = {{[0-9]+}}, map_unroll = 2
dlc.kernel_func @streams pointwise symbols ["B"] {
^bb0(%a: !y):
  %y = dlc.relu %a : !y
  dlc.yield %y : !y
}

// What a person wrote stays.
// CHECK-LABEL: @keeps_given contract symbols ["B"] schedules
// CHECK-SAME:    [#dlc.when<B in [1, 7], #dlc.gemm<tile = [3, 16], row_tiles = 1, split = m>>,
// CHECK-SAME:     #dlc.gemm<tile = [2, 32], row_tiles = 2, b = pack>]
dlc.kernel_func @keeps_given contract symbols ["B"] schedules [
    #dlc.when<B in [1, 7], #dlc.gemm<tile = [3, 16], row_tiles = 1, split = m>>,
    #dlc.gemm<tile = [2, 32], row_tiles = 2, b = pack>] {
^bb0(%x: !x, %w: !w):
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  dlc.yield %y : !y
}
}
