// An outer product that no cache keeps until another kernel reads it is written past them, row by
// row; a smaller one is not, nor what the caller gets.
//
// RUN: dlc check %s --bind B=1 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=3 --threads 2 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=x86-64-v4 --emit=asm -o %t.s
// RUN: FileCheck %s --check-prefix=CODE < %t.s
// RUN: sed 's/4112/1040/g' %s > %t.small.mlir
// RUN: dlc compile %t.small.mlir --cpu=x86-64-v4 --emit=asm -o %t.small.s
// RUN: FileCheck %s --check-prefix=SMALL < %t.small.s
// RUN: sed '/dlc.sum/d; /reduce_max/d; s/!rows {/!dw {/; s/!columns {/!dw {/; s/%1, %2 : .*/%0, %0 : !dw, !dw/' \
// RUN:   %s > %t.caller.mlir
// RUN: dlc compile %t.caller.mlir --cpu=x86-64-v4 --emit=asm -o %t.caller.s
// RUN: FileCheck %s --check-prefix=SMALL < %t.caller.s

// CHECK: 0 failures

// Where the result is aligned, else as any other.
// CODE: vmovntps
// CODE: sfence
// CODE: vmovups %zmm
// SMALL-NOT: vmovnt

!x = tensor<?x1021xf32, #dlc.dims<[B, 1021]>>
!dy = tensor<?x4112xf32, #dlc.dims<[B, 4112]>>
!dw = tensor<1021x4112xf32>
!rows = tensor<1021xf32>
!columns = tensor<4112xf32>
module @outer attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @weight(%x: !x {dlc.name = "x"}, %dy: !dy {dlc.name = "dy"}) 
    -> (!rows {dlc.name = "r"}, !columns {dlc.name = "c"}) {
  %0 = dlc.contract %x, %dy reduce [0] x [0] : (!x, !dy) -> !dw
  %1 = dlc.sum %0 over [1] : !dw -> !rows
  %2 = dlc.reduce_max %0 over [0] : !dw -> !columns
  dlc.return %1, %2 : !rows, !columns
}
}
