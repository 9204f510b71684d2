// RUN: dlc-opt %s --split-input-file --verify-diagnostics
// expected-error @+1 {{tile must be [rows, columns], both positive}}
func.func private @gemm_c1_one_number() attributes {s = #dlc.gemm<tile = [64], row_tiles = 1>}

// -----

// expected-error @+1 {{tile must be [rows, columns], both positive}}
func.func private @gemm_c1_no_rows() attributes {s = #dlc.gemm<tile = [0, 64], row_tiles = 1>}

// -----

// expected-error @+1 {{row_tiles is 0, expected at least 1}}
func.func private @gemm_c2_row_tiles() attributes {s = #dlc.gemm<tile = [6, 64], row_tiles = 0>}

// -----

func.func private @gemm_c3_store_around()
// expected-error @+1 {{store_around is -1, expected at least 0}}
    attributes {s = #dlc.gemm<tile = [1, 64], row_tiles = 1, split = m, store_around = -1>}

// -----

func.func private @gemm_c3_rows()
// expected-error @+1 {{store_around is for single rows, expected a tile of 1 row, row_tiles = 1 and split = m}}
    attributes {s = #dlc.gemm<tile = [6, 64], row_tiles = 1, split = m, store_around = 1>}

// -----

func.func private @gemm_c2_reduce_block()
// expected-error @+1 {{reduce_block is -1, expected at least 0}}
    attributes {s = #dlc.gemm<tile = [6, 64], row_tiles = 1, reduce_block = -1>}

// -----

// expected-error @+1 {{tile must be [rows, columns], both positive}}
func.func private @gemv_c1_columns() attributes {s = #dlc.gemv<tile = [2, -16]>}

// -----

func.func private @conv_schedule_c1_depth_of_one()
// expected-error @+1 {{tile must be [rows, columns, depth], all positive, and depth more than 1}}
    attributes {s = #dlc.conv<tile = [6, 64, 1], row_tiles = 1>}

// -----

func.func private @conv_schedule_c2_row_tiles()
// expected-error @+1 {{row_tiles is -2, expected at least 1}}
    attributes {s = #dlc.conv<tile = [6, 64], row_tiles = -2>}

// -----

func.func private @winograd_c1_rows()
// expected-error @+1 {{tile must be [rows, columns], both positive}}
    attributes {s = #dlc.winograd<tile = [0, 64], pixel_tiles = 12, channel_block = 64>}

// -----

func.func private @winograd_c2_column_tiles()
// expected-error @+1 {{column_tiles is 0, expected at least 1}}
    attributes {s = #dlc.winograd<tile = [6, 64], pixel_tiles = 12, channel_block = 64,
                                  column_tiles = 0>}

// -----

func.func private @conv_filter_grad_schedule_c1_columns()
// expected-error @+1 {{tile must be [rows, columns], both positive}}
    attributes {s = #dlc.conv_filter_grad<tile = [6, 0], row_tiles = 1>}

// -----

func.func private @conv_filter_grad_schedule_c2_pixel_block()
// expected-error @+1 {{pixel_block is -1, expected at least 0}}
    attributes {s = #dlc.conv_filter_grad<tile = [6, 64], row_tiles = 1, pixel_block = -1>}

// -----

func.func private @conv_filter_grad_schedule_c3_parts()
// expected-error @+1 {{parts is 0, expected at least 1}}
    attributes {s = #dlc.conv_filter_grad<tile = [6, 64], row_tiles = 1, parts = 0>}

// -----

func.func private @stream_c1_chunk_rows() attributes {
// expected-error @+1 {{chunk_rows is 0, expected at least 1}}
    s = #dlc.stream<tile_bytes = 1, map_unroll = 1, reduce_unroll = 1, chunk_rows = 0,
                    chunk_elements = 1, column_vectors = 1>}

// -----

// expected-error @+1 {{the range [3, 2] of 2*B is empty or begins below 0}}
func.func private @when_c1_empty() attributes {s = #dlc.when<2*B in [3, 2], #dlc.pack>}

// -----

// expected-error @+1 {{the range [-1, 2] of B is empty or begins below 0}}
func.func private @when_c1_negative() attributes {s = #dlc.when<B in [-1, 2], #dlc.pack>}

// -----

// expected-error @+1 {{a guard holds a schedule such as #dlc.gemm<...>, got 1 : i64}}
func.func private @when_c2_number() attributes {s = #dlc.when<B in [0, 2], 1 : i64>}

// -----

func.func private @when_c2_guard()
// expected-error @+1 {{a guard holds a schedule such as #dlc.gemm<...>, got #dlc.when<}}
    attributes {s = #dlc.when<B in [0, 2], #dlc.when<T in [0, 2], #dlc.pack>>}

// -----

// expected-error @+1 {{expected 'in'}}
func.func private @when_syntax() attributes {s = #dlc.when<B = 2, #dlc.pack>}

// -----

func.func private @depthwise_c1_tile()
// expected-error @+1 {{tile must be [rows, columns], both positive}}
    attributes {s = #dlc.depthwise<tile = [2], row_block = 2, vectors = 1>}

// -----

func.func private @depthwise_c2_vectors()
// expected-error @+1 {{vectors is 0, expected at least 1}}
    attributes {s = #dlc.depthwise<tile = [2, 7], row_block = 2, vectors = 0>}

// -----

func.func private @depthwise_c2_row_block()
// expected-error @+1 {{row_block is 7, expected a multiple of the tile's 2 rows}}
    attributes {s = #dlc.depthwise<tile = [2, 7], row_block = 7, vectors = 1>}

// -----

func.func private @depthwise_c2_row_turn()
// expected-error @+1 {{row_turn is -1, expected at least 0}}
    attributes {s = #dlc.depthwise<tile = [2, 7], row_block = 2, vectors = 1, row_turn = -1>}

// -----

func.func private @attention_schedule_c1_tile()
// expected-error @+1 {{tile must be [rows, columns], both positive}}
    attributes {s = #dlc.attention<tile = [6], queries = 48, keys = 512>}

// -----

func.func private @attention_schedule_c2_queries()
// expected-error @+1 {{queries is 0, expected at least 1}}
    attributes {s = #dlc.attention<tile = [6, 64], queries = 0, keys = 512>}
