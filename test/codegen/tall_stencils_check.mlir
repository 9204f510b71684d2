// Tall tiles of depthwise convolutions: rows are stored as soon as they have met all that they see;
// a filter gradient's are loaded when they are met.
//
// RUN: dlc check %s --bind B=1,3 --bind H=0,1,19 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=2 --bind H=7 --threads 2 2>&1 | FileCheck %s
// CHECK: 0 failures

!w = tensor<3x3x1x40xf32>
!t9_8 = tensor<?x9x8x40xf32, #dlc.dims<[B, 9, 8, 40]>>
!t5_4 = tensor<?x5x4x40xf32, #dlc.dims<[B, 5, 4, 40]>>
!t2_8 = tensor<?x2x8x40xf32, #dlc.dims<[B, 2, 8, 40]>>
!h = tensor<?x?x8x40xf32, #dlc.dims<[B, H, 8, 40]>>
module @stencils attributes {dlc.symbols = [#dlc.symbol<B, min = 1>, #dlc.symbol<H, min = 0>]} {
dlc.entry @whole(%x: !t9_8 {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!t9_8 {dlc.name = "y"}) {
  %y = dlc.kernel conv(%x, %w) schedules [
      #dlc.depthwise<tile = [9, 4], row_block = 9, vectors = 2>] : (!t9_8, !w) -> !t9_8 {
  ^bb0(%a: !t9_8, %b: !w):
    %c = dlc.conv %a, %b strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 40
      : (!t9_8, !w) -> !t9_8
    dlc.yield %c : !t9_8
  }
  dlc.return %y : !t9_8
}
dlc.entry @parts(%x: !t9_8 {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!t9_8 {dlc.name = "y"}) {
  %y = dlc.kernel conv(%x, %w) schedules [
      #dlc.depthwise<tile = [5, 3], row_block = 10, vectors = 2>] : (!t9_8, !w) -> !t9_8 {
  ^bb0(%a: !t9_8, %b: !w):
    %c = dlc.conv %a, %b strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 40
      : (!t9_8, !w) -> !t9_8
    %z = dlc.relu %c : !t9_8
    dlc.yield %z : !t9_8
  }
  dlc.return %y : !t9_8
}
dlc.entry @rolled(%x: !t9_8 {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!t9_8 {dlc.name = "y"}) {
  %y = dlc.kernel conv(%x, %w) schedules [
      #dlc.depthwise<tile = [5, 3], row_block = 5, vectors = 2>] : (!t9_8, !w) -> !t9_8 {
  ^bb0(%a: !t9_8, %b: !w):
    %c = dlc.conv %a, %b strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 40
      : (!t9_8, !w) -> !t9_8
    %z = dlc.erf %c : !t9_8
    dlc.yield %z : !t9_8
  }
  dlc.return %y : !t9_8
}
dlc.entry @strided(%x: !t9_8 {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!t5_4 {dlc.name = "y"}) {
  %y = dlc.kernel conv(%x, %w) schedules [
      #dlc.depthwise<tile = [5, 4], row_block = 5, vectors = 2>] : (!t9_8, !w) -> !t5_4 {
  ^bb0(%a: !t9_8, %b: !w):
    %c = dlc.conv %a, %b strides [2, 2] low [1, 1] high [1, 0] dilations [1, 1] groups 40
      : (!t9_8, !w) -> !t5_4
    %z = dlc.relu %c : !t5_4
    dlc.yield %z : !t5_4
  }
  dlc.return %y : !t5_4
}
dlc.entry @dilated(%x: !t9_8 {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!t9_8 {dlc.name = "y"}) {
  %y = dlc.kernel conv(%x, %w) schedules [
      #dlc.depthwise<tile = [9, 2], row_block = 9, vectors = 2>] : (!t9_8, !w) -> !t9_8 {
  ^bb0(%a: !t9_8, %b: !w):
    %c = dlc.conv %a, %b strides [1, 1] low [2, 2] high [2, 2] dilations [2, 2] groups 40
      : (!t9_8, !w) -> !t9_8
    dlc.yield %c : !t9_8
  }
  dlc.return %y : !t9_8
}
dlc.entry @apart(%x: !t9_8 {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!t2_8 {dlc.name = "y"}) {
  %y = dlc.kernel conv(%x, %w) schedules [
      #dlc.depthwise<tile = [2, 4], row_block = 2, vectors = 2>] : (!t9_8, !w) -> !t2_8 {
  ^bb0(%a: !t9_8, %b: !w):
    %c = dlc.conv %a, %b strides [4, 1] low [0, 1] high [0, 1] dilations [1, 1] groups 40
      : (!t9_8, !w) -> !t2_8
    dlc.yield %c : !t2_8
  }
  dlc.return %y : !t2_8
}
dlc.entry @gradient(%x: !t9_8 {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!t9_8 {dlc.name = "y"}) {
  %y = dlc.kernel conv(%x, %w) schedules [
      #dlc.depthwise<tile = [7, 4], row_block = 7, vectors = 2>] : (!t9_8, !w) -> !t9_8 {
  ^bb0(%a: !t9_8, %b: !w):
    %c = dlc.conv_input_grad %a, %b strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 40
      : (!t9_8, !w) -> !t9_8
    dlc.yield %c : !t9_8
  }
  dlc.return %y : !t9_8
}
dlc.entry @gradient_strided(%x: !t5_4 {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!t9_8 {dlc.name = "y"}) {
  %y = dlc.kernel conv(%x, %w) schedules [
      #dlc.depthwise<tile = [8, 2], row_block = 8, vectors = 2>] : (!t5_4, !w) -> !t9_8 {
  ^bb0(%a: !t5_4, %b: !w):
    %c = dlc.conv_input_grad %a, %b strides [2, 2] low [1, 1] high [1, 0] dilations [1, 1] groups 40
      : (!t5_4, !w) -> !t9_8
    dlc.yield %c : !t9_8
  }
  dlc.return %y : !t9_8
}
dlc.entry @gradient_apart(%x: !t2_8 {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!t9_8 {dlc.name = "y"}) {
  %y = dlc.kernel conv(%x, %w) schedules [
      #dlc.depthwise<tile = [8, 2], row_block = 8, vectors = 2>] : (!t2_8, !w) -> !t9_8 {
  ^bb0(%a: !t2_8, %b: !w):
    %c = dlc.conv_input_grad %a, %b strides [4, 1] low [0, 1] high [0, 1] dilations [1, 1] groups 40
      : (!t2_8, !w) -> !t9_8
    dlc.yield %c : !t9_8
  }
  dlc.return %y : !t9_8
}
dlc.entry @filter(%x: !t9_8 {dlc.name = "x"}, %dy: !t9_8 {dlc.name = "dy"}) -> (!w {dlc.name = "dw"}) {
  %w = dlc.kernel conv(%x, %dy) schedules [
      #dlc.depthwise<tile = [9, 4], row_block = 9, vectors = 2, tap_rows = 3>] : (!t9_8, !t9_8) -> !w {
  ^bb0(%a: !t9_8, %b: !t9_8):
    %c = dlc.conv_filter_grad %a, %b strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 40
      : (!t9_8, !t9_8) -> !w
    dlc.yield %c : !w
  }
  dlc.return %w : !w
}
dlc.entry @filter_rows(%x: !t9_8 {dlc.name = "x"}, %dy: !t9_8 {dlc.name = "dy"}) -> (!w {dlc.name = "dw"}) {
  %w = dlc.kernel conv(%x, %dy) schedules [
      #dlc.depthwise<tile = [4, 3], row_block = 4, vectors = 2, tap_rows = 1, row_turn = 4>] : (!t9_8, !t9_8) -> !w {
  ^bb0(%a: !t9_8, %b: !t9_8):
    %c = dlc.conv_filter_grad %a, %b strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 40
      : (!t9_8, !t9_8) -> !w
    dlc.yield %c : !w
  }
  dlc.return %w : !w
}
dlc.entry @filter_strided(%x: !t9_8 {dlc.name = "x"}, %dy: !t5_4 {dlc.name = "dy"}) -> (!w {dlc.name = "dw"}) {
  %w = dlc.kernel conv(%x, %dy) schedules [
      #dlc.depthwise<tile = [5, 4], row_block = 5, vectors = 2, tap_rows = 3, row_turn = 5>] : (!t9_8, !t5_4) -> !w {
  ^bb0(%a: !t9_8, %b: !t5_4):
    %c = dlc.conv_filter_grad %a, %b strides [2, 2] low [1, 1] high [1, 0] dilations [1, 1] groups 40
      : (!t9_8, !t5_4) -> !w
    dlc.yield %c : !w
  }
  dlc.return %w : !w
}
dlc.entry @filter_dilated(%x: !t9_8 {dlc.name = "x"}, %dy: !t9_8 {dlc.name = "dy"}) -> (!w {dlc.name = "dw"}) {
  %w = dlc.kernel conv(%x, %dy) schedules [
      #dlc.depthwise<tile = [9, 3], row_block = 9, vectors = 2, tap_rows = 2>] : (!t9_8, !t9_8) -> !w {
  ^bb0(%a: !t9_8, %b: !t9_8):
    %c = dlc.conv_filter_grad %a, %b strides [1, 1] low [2, 2] high [2, 2] dilations [2, 2] groups 40
      : (!t9_8, !t9_8) -> !w
    dlc.yield %c : !w
  }
  dlc.return %w : !w
}
dlc.entry @filter_apart(%x: !t9_8 {dlc.name = "x"}, %dy: !t2_8 {dlc.name = "dy"}) -> (!w {dlc.name = "dw"}) {
  %w = dlc.kernel conv(%x, %dy) schedules [
      #dlc.depthwise<tile = [2, 4], row_block = 2, vectors = 2, tap_rows = 3>] : (!t9_8, !t2_8) -> !w {
  ^bb0(%a: !t9_8, %b: !t2_8):
    %c = dlc.conv_filter_grad %a, %b strides [4, 1] low [0, 1] high [0, 1] dilations [1, 1] groups 40
      : (!t9_8, !t2_8) -> !w
    dlc.yield %c : !w
  }
  dlc.return %w : !w
}
dlc.entry @filter_unknown(%x: !h {dlc.name = "x"}, %dy: !h {dlc.name = "dy"}) -> (!w {dlc.name = "dw"}) {
  %w = dlc.kernel conv(%x, %dy) schedules [
      #dlc.depthwise<tile = [7, 4], row_block = 7, vectors = 2, tap_rows = 3, row_turn = 7>] : (!h, !h) -> !w {
  ^bb0(%a: !h, %b: !h):
    %c = dlc.conv_filter_grad %a, %b strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 40
      : (!h, !h) -> !w
    dlc.yield %c : !w
  }
  dlc.return %w : !w
}
}
