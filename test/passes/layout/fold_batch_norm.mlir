// Normalisations of networks that do not learn go into the filters in front of them.
//
// RUN: dlc-opt %s --dlc-fold-batch-norm --split-input-file | FileCheck %s

!x = tensor<?x8x8x3xf32, #dlc.dims<[B, 8, 8, 3]>>
!y = tensor<?x8x8x16xf32, #dlc.dims<[B, 8, 8, 16]>>
!F = tensor<3x3x3x16xf32>
!c = tensor<16xf32>
// CHECK-LABEL: module @folds_into_a_convolution
module @folds_into_a_convolution attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @F weight : !F
dlc.variable @b weight : !c
dlc.variable @scale weight : !c
dlc.variable @offset weight : !c
dlc.variable @mean statistic : !c
dlc.variable @variance statistic : !c
// CHECK: dlc.entry @predict(%[[X:.*]]: {{.*}}, %[[F:.*]]: {{.*}}, %[[B:.*]]: {{.*}}, %[[S:.*]]: {{.*}}, %[[O:.*]]: {{.*}}, %[[M:.*]]: {{.*}}, %[[V:.*]]: tensor<16xf32> {dlc.state = @variance})
// CHECK:     %[[E:.*]] = dlc.add %[[V]]
// CHECK:     %[[R:.*]] = dlc.rsqrt %[[E]]
// CHECK:     %[[A:.*]] = dlc.mul %[[S]], %[[R]] : tensor<16xf32>
// CHECK:     %[[W:.*]] = dlc.broadcast %[[A]] to [3] : tensor<16xf32> -> tensor<3x3x3x16xf32>
// CHECK:     %[[G:.*]] = dlc.mul %[[F]], %[[W]] : tensor<3x3x3x16xf32>
// CHECK:     %[[C:.*]] = dlc.conv %[[X]], %[[G]]
// CHECK:     %[[D:.*]] = dlc.sub %[[B]], %[[M]] : tensor<16xf32>
// CHECK:     %[[T:.*]] = dlc.mul %[[D]], %[[A]] : tensor<16xf32>
// CHECK:     %[[U:.*]] = dlc.add %[[O]], %[[T]] : tensor<16xf32>
// CHECK:     %[[Z:.*]] = dlc.broadcast %[[U]] to [3]
// CHECK:     %[[Y:.*]] = dlc.add %[[C]], %[[Z]]
// CHECK-NOT: dlc.batch_norm_inference
// CHECK:     dlc.return %[[Y]]
dlc.entry @predict(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F}, %b: !c {dlc.state = @b},
                   %s: !c {dlc.state = @scale}, %o: !c {dlc.state = @offset},
                   %m: !c {dlc.state = @mean}, %v: !c {dlc.state = @variance})
    -> (!y {dlc.name = "y"}) {
  %0 = dlc.conv %x, %F strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!x, !F) -> !y
  %1 = dlc.broadcast %b to [3] : !c -> !y
  %2 = dlc.add %0, %1 : !y
  %3 = dlc.batch_norm_inference %2, %s, %o, %m, %v epsilon 1.0e-03
    : (!y, !c, !c, !c, !c) -> !y
  dlc.return %3 : !y
}
// A step that changes the filter, or only the mean, has to normalise.
// CHECK: dlc.entry @train
// CHECK:   dlc.conv %{{.*}}, %[[F:.*]] strides
// CHECK:   dlc.batch_norm_inference
dlc.entry @train(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F}, %s: !c {dlc.state = @scale},
                 %o: !c {dlc.state = @offset}, %m: !c {dlc.state = @mean},
                 %v: !c {dlc.state = @variance})
    -> (!y {dlc.name = "y"}, !c {dlc.state = @mean}) {
  %0 = dlc.conv %x, %F strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!x, !F) -> !y
  %1 = dlc.batch_norm_inference %0, %s, %o, %m, %v epsilon 1.0e-03
    : (!y, !c, !c, !c, !c) -> !y
  %2 = dlc.neg %m : !c
  dlc.return %1, %2 : !y, !c
}
// Sums that are read by themselves stay what they are, and so do those of a filter that is given.
// CHECK: dlc.entry @keeps
// CHECK-COUNT-2: dlc.batch_norm_inference
dlc.entry @keeps(%x: !x {dlc.name = "x"}, %G: !F {dlc.name = "filter"}, %F: !F {dlc.state = @F},
                 %s: !c {dlc.state = @scale}, %o: !c {dlc.state = @offset},
                 %m: !c {dlc.state = @mean}, %v: !c {dlc.state = @variance})
    -> (!y {dlc.name = "y"}, !y {dlc.name = "z"}, !y {dlc.name = "sums"}) {
  %0 = dlc.conv %x, %F strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!x, !F) -> !y
  %1 = dlc.batch_norm_inference %0, %s, %o, %m, %v epsilon 1.0e-03
    : (!y, !c, !c, !c, !c) -> !y
  %2 = dlc.conv %x, %G strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!x, !F) -> !y
  %3 = dlc.batch_norm_inference %2, %s, %o, %m, %v epsilon 1.0e-03
    : (!y, !c, !c, !c, !c) -> !y
  dlc.return %1, %3, %0 : !y, !y, !y
}
}

// -----

// One filter per channel, a transposed convolution (its channels are the filter's last but one),
// and a matrix.
!x = tensor<2x8x16xf32>
!D = tensor<3x1x16xf32>
!T = tensor<2x16x16xf32>
!M = tensor<16x16xf32>
!c = tensor<16xf32>
// CHECK-LABEL: module @folds_into_other_sums
module @folds_into_other_sums {
dlc.variable @D weight : !D
dlc.variable @T weight : !T
dlc.variable @M weight : !M
dlc.variable @scale weight : !c
dlc.variable @mean statistic : !c
// CHECK: dlc.entry @predict
// CHECK: dlc.broadcast %{{.*}} to [2] : tensor<16xf32> -> tensor<3x1x16xf32>
// CHECK: dlc.conv %
// CHECK: dlc.broadcast %{{.*}} to [1] : tensor<16xf32> -> tensor<2x16x16xf32>
// CHECK: dlc.conv_input_grad
// CHECK: dlc.broadcast %{{.*}} to [1] : tensor<16xf32> -> tensor<16x16xf32>
// CHECK: dlc.contract
// CHECK-NOT: dlc.batch_norm_inference
// CHECK: dlc.return
dlc.entry @predict(%x: !x {dlc.name = "x"}, %D: !D {dlc.state = @D}, %T: !T {dlc.state = @T},
                   %M: !M {dlc.state = @M}, %s: !c {dlc.state = @scale},
                   %m: !c {dlc.state = @mean}) -> (tensor<2x16x16xf32> {dlc.name = "y"}) {
  %0 = dlc.conv %x, %D strides [1] low [1] high [1] dilations [1] groups 16 : (!x, !D) -> !x
  %1 = dlc.batch_norm_inference %0, %s, %m, %m, %s epsilon 1.0e-03 : (!x, !c, !c, !c, !c) -> !x
  %2 = dlc.conv_input_grad %1, %T strides [2] low [0] high [0] dilations [1] groups 1
    : (!x, !T) -> tensor<2x16x16xf32>
  %3 = dlc.batch_norm_inference %2, %s, %m, %m, %s epsilon 1.0e-03
    : (tensor<2x16x16xf32>, !c, !c, !c, !c) -> tensor<2x16x16xf32>
  %4 = dlc.contract %3, %M reduce [2] x [0] : (tensor<2x16x16xf32>, !M) -> tensor<2x16x16xf32>
  %5 = dlc.batch_norm_inference %4, %s, %m, %m, %s epsilon 1.0e-03
    : (tensor<2x16x16xf32>, !c, !c, !c, !c) -> tensor<2x16x16xf32>
  dlc.return %5 : tensor<2x16x16xf32>
}
}
