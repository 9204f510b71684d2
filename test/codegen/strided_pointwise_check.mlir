// Filter gradients of 1x1 windows with a stride fetch the pixels of the next block that are read, and
// no others: every second or third one of lines that end within a stride or beyond it, in groups.
//
// RUN: dlc check %s --bind B=1,3,40 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=7 --seed 3 --threads 2 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=x86-64-v4 --emit=asm -o %t.s
// RUN: FileCheck %s --check-prefix=CODE < %t.s

// CHECK: 0 failures
// CODE: prefetcht1

!x = tensor<?x9x11x24xf32, #dlc.dims<[B, 9, 11, 24]>>
!y2 = tensor<?x5x6x70xf32, #dlc.dims<[B, 5, 6, 70]>>
!y3 = tensor<?x3x6x70xf32, #dlc.dims<[B, 3, 6, 70]>>
!b = tensor<?x10x8x16xbf16, #dlc.dims<[B, 10, 8, 16]>>
!d = tensor<?x5x4x96xbf16, #dlc.dims<[B, 5, 4, 96]>>
module @strided attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @odd(%x: !x {dlc.name = "x"}, %dy: !y2 {dlc.name = "dy"})
    -> (tensor<1x1x24x70xf32> {dlc.name = "dw"}) {
  %0 = dlc.conv_filter_grad %x, %dy strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1]
    : (!x, !y2) -> tensor<1x1x24x70xf32>
  dlc.return %0 : tensor<1x1x24x70xf32>
}
dlc.entry @groups(%x: !x {dlc.name = "x"}, %dy: !y3 {dlc.name = "dy"})
    -> (tensor<1x1x12x70xf32> {dlc.name = "dw"}) {
  %0 = dlc.conv_filter_grad %x, %dy strides [3, 2] low [0, 0] high [0, 0] dilations [1, 1] groups 2
    : (!x, !y3) -> tensor<1x1x12x70xf32>
  dlc.return %0 : tensor<1x1x12x70xf32>
}
dlc.entry @pairs(%x: !b {dlc.name = "x"}, %dy: !d {dlc.name = "dy"})
    -> (tensor<1x1x16x96xbf16> {dlc.name = "dw"}) {
  %0 = dlc.conv_filter_grad %x, %dy strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1]
    : (!b, !d) -> tensor<1x1x16x96xbf16>
  dlc.return %0 : tensor<1x1x16x96xbf16>
}
}
