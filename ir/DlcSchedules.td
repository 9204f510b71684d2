// Schedules: how the emitters of codegen write a kernel. Chosen by --dlc-choose-schedules or given
// by hand; read by nobody else. Sizes of tiles and blocks are numbers, never symbols.
//
// Here stands what is wrong on every machine. Whether a tile fits the registers, or the form of an
// operand is there at all, is for the target to say (codegen/cpu/choose/Accept.h).
#ifndef DLC_SCHEDULES_TD
#define DLC_SCHEDULES_TD

include "mlir/IR/AttrTypeBase.td"
include "ir/DlcAttrs.td"

def Dlc_OperandForm : Dlc_Enum<"OperandForm", "how a matrix reaches the register tiles", [
  I32EnumAttrCase<"Direct", 0, "direct">, // row-major memory, read as it lies
  I32EnumAttrCase<"Panels", 1, "panels">, // the operand itself is stored in panels
  I32EnumAttrCase<"Pack", 2, "pack">]>;   // one phase packs it into scratch, the next reads that

def Dlc_GridOrder : Dlc_Enum<"GridOrder", "which blocks of a result a thread keeps to", [
  I32EnumAttrCase<"Rows", 0, "m">,            // blocks of rows, each across all columns
  I32EnumAttrCase<"Columns", 1, "n">,         // blocks of columns, each down all rows
  I32EnumAttrCase<"BySize", 2, "by_size">]>;  // n while A fits in the cache, else m: known late

def Dlc_TileTaps : Dlc_Enum<"TileTaps", "taps that the rows of a filter gradient's tile lie in", [
  I32EnumAttrCase<"One", 0, "one">,           // rows are channels
  I32EnumAttrCase<"Several", 1, "several">]>; // (tap of the innermost dimension, channel), unrolled

def Dlc_ChannelOrder : Dlc_Enum<"ChannelOrder", "when a depthwise kernel takes the next channels", [
  I32EnumAttrCase<"Inside", 0, "inside">,    // for each tile of pixels
  I32EnumAttrCase<"Outside", 1, "outside">]>; // after a row of tiles

def Dlc_TilePixels : Dlc_Enum<"TilePixels", "pixels that the rows of a convolution's tile are", [
  I32EnumAttrCase<"Flat", 0, "flat">,    // neighbours in memory, across lines and images
  I32EnumAttrCase<"Lines", 1, "lines">]>; // of one line: taps that its ends do not have are left out

def Dlc_TileLanes : Dlc_Enum<"TileLanes", "what the vectors of a tile run along", [
  I32EnumAttrCase<"Columns", 0, "columns">,       // its columns; the other operand is broadcast
  I32EnumAttrCase<"Reduction", 1, "reduction">]>; // what is summed, added up in the end

// A parameter that is left out of the text where it has the value |other|.
class Dlc_EnumOr<EnumInfo info, string other> : EnumParameter<info> { let defaultValue = other; }

// Every schedule carries this; guards do not.
def Dlc_IsSchedule : NativeAttrTrait<"IsSchedule"> { let cppNamespace = "::dlc::ir"; }

class Dlc_ScheduleAttr<string name, string mnemonic>
    : Dlc_Attr<name # "Schedule", mnemonic, [Dlc_IsSchedule]> {
  let genVerifyDecl = 1;
  let assemblyFormat = "`<` struct(params) `>`";
}

// `tile` is [rows, columns] of the accumulators that one step of the reduction adds to, and where a
// step takes more than one element of the reduction, as pairs of bf16 do, [rows, columns, depth].
class Dlc_TileScheduleAttr<string name, string mnemonic> : Dlc_ScheduleAttr<name, mnemonic> {
  let extraClassDeclaration = [{
    int64_t getRows() const { return getTile()[0]; }
    int64_t getColumns() const { return getTile()[1]; }
  }];
}

def Dlc_GemmScheduleAttr : Dlc_TileScheduleAttr<"Gemm", "gemm"> {
  let summary = "A contraction of many rows";
  let description = [{
    Register tiles of `tile` accumulators; `row_tiles` of them below each other are one piece of
    work, so that A's rows stay in the cache. `split` says how pieces are dealt to threads and
    `b` how B is read. With `reduce_block`, so many steps of the reduction stay in the cache
    across row tiles, and unfinished sums wait in the result, or on the stack if that has another
    type (`b = pack` in pieces of one tile of columns); 0: the whole reduction at once. With few
    columns, `lanes = reduction` fills the registers with steps of the reduction instead: each
    sum of the tile is then a register, its columns are any number, and a piece of work has all
    columns of the result. `b = pack` then is a copy of B with the reduction innermost.

    With `a = pack` each thread copies the rows of A that its piece of work reads, so many steps of
    them as `reduce_block` says, to dense rows of a tile's height; a piece then has all columns.

    `store_around`: a result of at least so many bytes is written past the caches (0: none is), by
    tiles of one row that follow each other, so that no line is written in parts.

    Example: `#dlc.gemm<tile = [6, 64], row_tiles = 16, split = n, b = panels>`

    Constraints:
    - gemm_c1: `tile` is a number of rows, a number of columns and, if given, a depth; all positive.
    - gemm_c2: `row_tiles` is positive, `reduce_block` is not negative.
    - gemm_c3: `store_around` is 0, or positive and the pieces of work are single rows (`tile` of
      one row, `row_tiles = 1`, `split = m`).
  }];
  let parameters = (ins "::mlir::DenseI64ArrayAttr":$tile, "int64_t":$row_tiles,
      Dlc_EnumOr<Dlc_GridOrder, "::dlc::ir::GridOrder::BySize">:$split,
      Dlc_EnumOr<Dlc_OperandForm, "::dlc::ir::OperandForm::Direct">:$b,
      DefaultValuedParameter<"int64_t", "0">:$reduce_block,
      Dlc_EnumOr<Dlc_TileLanes, "::dlc::ir::TileLanes::Columns">:$lanes,
      Dlc_EnumOr<Dlc_OperandForm, "::dlc::ir::OperandForm::Direct">:$a,
      DefaultValuedParameter<"int64_t", "0">:$store_around);
}

def Dlc_GemvScheduleAttr : Dlc_TileScheduleAttr<"Gemv", "gemv"> {
  let summary = "A contraction of one or two rows";
  let description = [{
    Bound by the reading of B: a low and wide tile has enough loads and additions in flight, and
    each piece of work is one tile, so that threads share the columns.

    Example: `#dlc.gemv<tile = [2, 128], b = panels>`

    Constraints:
    - gemv_c1: `tile` is a number of rows, a number of columns and, if given, a depth; all positive.
  }];
  let parameters = (ins "::mlir::DenseI64ArrayAttr":$tile,
      Dlc_EnumOr<Dlc_OperandForm, "::dlc::ir::OperandForm::Direct">:$b);
}

def Dlc_ConvScheduleAttr : Dlc_TileScheduleAttr<"Conv", "conv"> {
  let summary = "A direct convolution, or its input gradient";
  let description = [{
    Rows of a tile are pixels, columns are filters (channels, for the gradient); `row_tiles` of
    them are one piece of work, and `filter` is how the filter is read. `pixels` says whether a
    tile keeps to one line of the image, so that no tap outside is computed, or runs on into the
    next (`flat`). With few columns, `lanes = reduction` fills the registers with source channels
    instead; each sum of the tile is then a register, and the columns are any number.

    Example: `#dlc.conv<tile = [6, 64], row_tiles = 8, filter = pack, pixels = lines>`

    Constraints:
    - conv_schedule_c1: `tile` is a number of rows and a number of columns, both positive.
    - conv_schedule_c2: `row_tiles` is positive.
  }];
  let parameters = (ins "::mlir::DenseI64ArrayAttr":$tile, "int64_t":$row_tiles,
      Dlc_EnumOr<Dlc_OperandForm, "::dlc::ir::OperandForm::Direct">:$filter,
      Dlc_EnumOr<Dlc_TilePixels, "::dlc::ir::TilePixels::Flat">:$pixels,
      Dlc_EnumOr<Dlc_TileLanes, "::dlc::ir::TileLanes::Columns">:$lanes);
}

def Dlc_WinogradScheduleAttr : Dlc_TileScheduleAttr<"Winograd", "winograd"> {
  let summary = "A 3x3 convolution by minimal filtering";
  let description = [{
    A piece of work is about `pixel_tiles` tiles of 2x2 pixels and `column_tiles` register tiles of
    columns. For `channel_block` channels at a time it transforms the pixels and multiplies them
    with the filter, in register tiles of `tile` (tiles of pixels, columns), sixteen times; then it
    transforms the sums back.

    Example: `#dlc.winograd<tile = [6, 64], pixel_tiles = 48, channel_block = 64>`

    Constraints:
    - winograd_c1: `tile` is a number of rows and a number of columns, both positive.
    - winograd_c2: `pixel_tiles`, `channel_block` and `column_tiles` are positive.
  }];
  let parameters = (ins "::mlir::DenseI64ArrayAttr":$tile, "int64_t":$pixel_tiles,
      "int64_t":$channel_block, DefaultValuedParameter<"int64_t", "1">:$column_tiles);
}

def Dlc_ConvFilterGradScheduleAttr
    : Dlc_TileScheduleAttr<"ConvFilterGrad", "conv_filter_grad"> {
  let summary = "The filter gradient of a convolution";
  let description = [{
    Rows of a tile are channels of one of the filter's taps, or of several (`taps`); columns are
    filters. With `pixel_block`, so many pixels stay in the cache across row tiles, and unfinished
    sums wait in the result; 0: all at once. `dy` is how the gradient of the result is read: with
    `pack`, tiles that are 2 deep read panels of a tile's columns that a phase before has made, with
    two neighbours of a line beside each other; others a copy of the block's pixels that each thread
    makes, of dy and x alike, over which it takes all taps. A filter too small to be many pieces of
    work lets threads share pixels: these are cut into `parts` of equal size, whose sums a second
    phase adds in their order.

    Example: `#dlc.conv_filter_grad<tile = [6, 64], row_tiles = 8, pixel_block = 1024>`

    Constraints:
    - conv_filter_grad_schedule_c1: `tile` is a number of rows and a number of columns, both
      positive.
    - conv_filter_grad_schedule_c2: `row_tiles` is positive, `pixel_block` is not negative.
    - conv_filter_grad_schedule_c3: `parts` is positive.
  }];
  let parameters = (ins "::mlir::DenseI64ArrayAttr":$tile, "int64_t":$row_tiles,
      DefaultValuedParameter<"int64_t", "0">:$pixel_block,
      Dlc_EnumOr<Dlc_TileTaps, "::dlc::ir::TileTaps::One">:$taps,
      Dlc_EnumOr<Dlc_OperandForm, "::dlc::ir::OperandForm::Direct">:$dy,
      DefaultValuedParameter<"int64_t", "1">:$parts);
}

def Dlc_DepthwiseScheduleAttr : Dlc_TileScheduleAttr<"Depthwise", "depthwise"> {
  let summary = "A depthwise convolution, or one of its gradients, as a stencil";
  let description = [{
    A register tile is `tile` pixels (rows, columns) of one vector of channels. A piece of work is
    `row_block` rows of results and `vectors` vectors of channels. `channels` says whether all of
    these are done for a tile of pixels before the next one (`inside`), or one vector stays, its
    weights in registers, for a row of tiles (`outside`). For the filter gradient, `tap_rows` rows
    of the window have their sums in registers at once, and after `row_turn` image rows the sums go
    to memory for the next channels' turn; 0: never.

    Example: `#dlc.depthwise<tile = [2, 7], row_block = 8, vectors = 4>`

    Constraints:
    - depthwise_c1: `tile` is a number of rows and a number of columns, both positive.
    - depthwise_c2: `row_block` is a positive multiple of the tile's rows, `vectors` and `tap_rows`
      are positive, `row_turn` is not negative.
  }];
  let parameters = (ins "::mlir::DenseI64ArrayAttr":$tile, "int64_t":$row_block,
      "int64_t":$vectors,
      Dlc_EnumOr<Dlc_ChannelOrder, "::dlc::ir::ChannelOrder::Inside">:$channels,
      DefaultValuedParameter<"int64_t", "1">:$tap_rows,
      DefaultValuedParameter<"int64_t", "0">:$row_turn);
}

def Dlc_AttentionScheduleAttr : Dlc_TileScheduleAttr<"Attention", "attention"> {
  let summary = "Attention, or its gradient";
  let description = [{
    Scores and sums come in register tiles of `tile` (queries or keys, columns). The scores of a
    block of `queries` x `keys` are in the cache at a time. Forward, a piece of work is such a row of
    blocks: `queries` queries of one batch with all its keys. For the gradient it is one batch,
    all its queries with all its keys.

    Example: `#dlc.attention<tile = [6, 64], queries = 128, keys = 256>`

    Constraints:
    - attention_schedule_c1: `tile` is a number of rows and a number of columns, both positive.
    - attention_schedule_c2: `queries` and `keys` are positive.
  }];
  let parameters = (ins "::mlir::DenseI64ArrayAttr":$tile, "int64_t":$queries, "int64_t":$keys);
}

def Dlc_StreamScheduleAttr : Dlc_ScheduleAttr<"Stream", "stream"> {
  let summary = "A kernel of elementwise ops, views and reductions";
  let description = [{
    `tile_bytes`: traffic of one piece of work. `map_unroll`: vectors per step of an elementwise
    loop. `reduce_unroll`: independent accumulators of a row's reduction. `chunk_rows` and
    `chunk_elements`: what one partial sum covers, in a reduction over leading dimensions and in
    one over everything. `column_vectors`: vectors of columns that the former carries at once.
    `store_around`: results of at least so many bytes are written past the caches (0: none is),
    where their size is known and whole vectors of them are written.

    Constraints:
    - stream_c1: every number is positive; `store_around` may be 0.
  }];
  let parameters = (ins "int64_t":$tile_bytes, "int64_t":$map_unroll, "int64_t":$reduce_unroll,
      "int64_t":$chunk_rows, "int64_t":$chunk_elements, "int64_t":$column_vectors,
      DefaultValuedParameter<"int64_t", "0">:$store_around);
}

def Dlc_PackScheduleAttr : Dlc_Attr<"PackSchedule", "pack", [Dlc_IsSchedule]> {
  let summary = "A kernel that writes panels: nothing is left to choose";
}

def Dlc_WhenAttr : Dlc_Attr<"When", "when"> {
  let summary = "A schedule that holds while a size lies in a range";
  let description = [{
    `#dlc.when<B*T in [0, 2], #dlc.gemv<...>>`, both ends included. Of a kernel's list the first
    schedule whose guard holds runs.

    Constraints:
    - when_c1: the range is not empty and its lower end not negative.
    - when_c2: what it guards is a schedule.
  }];
  let parameters = (ins "::dlc::ir::SizeAttr":$size, "int64_t":$low, "int64_t":$high,
                        "::mlir::Attribute":$schedule);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // DLC_SCHEDULES_TD
