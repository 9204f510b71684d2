// The logarithm of a row's sum is one number: a few lanes take it where whole registers are wide.
// RUN: dlc check %s --bind B=0,1,7 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=x86-64-v4 --emit=asm -o %t.s
// RUN: FileCheck %s --check-prefix=CODE < %t.s
// CHECK: 0 failures
// CODE: vscalefps{{.*}}%zmm
// CODE-NOT: vfmadd{{.*}}%zmm
// CODE: vfmadd{{.*}}%xmm
module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @cross_entropy(%x: tensor<?x10xf32, #dlc.dims<[B, 10]>> {dlc.name = "x"},
                         %labels: tensor<?xi32, #dlc.dims<[B]>> {dlc.name = "labels", dlc.range = [0, 10]})
    -> (tensor<?xf32, #dlc.dims<[B]>> {dlc.name = "loss"}) {
  %loss = dlc.sparse_softmax_cross_entropy %x, %labels
      : (tensor<?x10xf32, #dlc.dims<[B, 10]>>, tensor<?xi32, #dlc.dims<[B]>>)
      -> tensor<?xf32, #dlc.dims<[B]>>
  dlc.return %loss : tensor<?xf32, #dlc.dims<[B]>>
}
}
