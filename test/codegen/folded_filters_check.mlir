// Filters with the factors of a normalisation compute what filter and normalisation do one after
// the other: in panels and not, of one channel, in groups, transposed, of a matrix, with a bias, a
// residual and a relu behind. The bounds are those of the unfolded ops.
//
// RUN: dlc compile %s --dump-after=dlc-layout-variables -o %t.dlca 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: dlc check %s --bind B=1,3 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=2 --seed 7 --threads 2 2>&1 | FileCheck %s

// FORM-DAG: dlc.variable @F.derived.winograd derived : tensor<16x2x72x64xf32> from @F.derived
// FORM-DAG: dlc.variable @D.derived derived : tensor<3x3x1x72xf32> from @D
// FORM-DAG: dlc.variable @G.derived.panels.by_3 derived : tensor<3x1x216x64xf32> from @G
// FORM-DAG: dlc.variable @P.derived.panels derived : tensor<2x72x64xf32> from @P
// FORM-DAG: dlc.variable @T.derived.transposed_panels derived : tensor<2x288x64xf32> from @T
// FORM-DAG: dlc.variable @M.derived derived : tensor<72x72xf32> from @M
// CHECK: 0 failures

!c = tensor<72xf32>
!x = tensor<?x7x6x72xf32, #dlc.dims<[B, 7, 6, 72]>>
!F = tensor<3x3x72x72xf32>
!D = tensor<3x3x1x72xf32>
!G = tensor<3x3x24x72xf32>
!P = tensor<1x1x72x72xf32>
!T = tensor<2x2x72x72xf32>
!t = tensor<?x14x12x72xf32, #dlc.dims<[B, 14, 12, 72]>>
!r = tensor<?x72xf32, #dlc.dims<[B, 72]>>
!M = tensor<72x72xf32>
module @folded attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @F weight : !F
dlc.variable @D weight : !D
dlc.variable @G weight : !G
dlc.variable @P weight : !P
dlc.variable @T weight : !T
dlc.variable @M weight : !M
dlc.variable @bias weight : !c
dlc.variable @scale weight : !c
dlc.variable @offset weight : !c
dlc.variable @mean statistic : !c
dlc.variable @variance statistic : !c

dlc.entry @conv(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F}, %b: !c {dlc.state = @bias},
    %s: !c {dlc.state = @scale, dlc.range = [-2.0, 2.0]},
    %o: !c {dlc.state = @offset, dlc.range = [-2.0, 2.0]},
    %m: !c {dlc.state = @mean, dlc.range = [-2.0, 2.0]},
    %v: !c {dlc.state = @variance, dlc.range = [0.25, 4.0]}) -> (!x {dlc.name = "y"}) {
  %0 = dlc.conv %x, %F strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!x, !F) -> !x
  %1 = dlc.broadcast %b to [3] : !c -> !x
  %2 = dlc.add %0, %1 : !x
  %3 = dlc.batch_norm_inference %2, %s, %o, %m, %v epsilon 1.0e-03 : (!x, !c, !c, !c, !c) -> !x
  %4 = dlc.add %3, %x : !x
  %5 = dlc.relu %4 : !x
  dlc.return %5 : !x
}

dlc.entry @depthwise(%x: !x {dlc.name = "x"}, %D: !D {dlc.state = @D}, %P: !P {dlc.state = @P},
    %s: !c {dlc.state = @scale, dlc.range = [-2.0, 2.0]},
    %o: !c {dlc.state = @offset, dlc.range = [-2.0, 2.0]},
    %m: !c {dlc.state = @mean, dlc.range = [-2.0, 2.0]},
    %v: !c {dlc.state = @variance, dlc.range = [0.25, 4.0]}) -> (!x {dlc.name = "y"}) {
  %0 = dlc.conv %x, %D strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 72
    : (!x, !D) -> !x
  %1 = dlc.batch_norm_inference %0, %s, %o, %m, %v epsilon 1.0e-03 : (!x, !c, !c, !c, !c) -> !x
  %2 = dlc.relu %1 : !x
  %3 = dlc.conv %2, %P strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 1
    : (!x, !P) -> !x
  %4 = dlc.batch_norm_inference %3, %s, %o, %m, %v epsilon 1.0e-03 : (!x, !c, !c, !c, !c) -> !x
  dlc.return %4 : !x
}

dlc.entry @groups(%x: !x {dlc.name = "x"}, %G: !G {dlc.state = @G},
    %s: !c {dlc.state = @scale, dlc.range = [-2.0, 2.0]},
    %o: !c {dlc.state = @offset, dlc.range = [-2.0, 2.0]},
    %m: !c {dlc.state = @mean, dlc.range = [-2.0, 2.0]},
    %v: !c {dlc.state = @variance, dlc.range = [0.25, 4.0]}) -> (!x {dlc.name = "y"}) {
  %0 = dlc.conv %x, %G strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 3
    : (!x, !G) -> !x
  %1 = dlc.batch_norm_inference %0, %s, %o, %m, %v epsilon 1.0e-03 : (!x, !c, !c, !c, !c) -> !x
  dlc.return %1 : !x
}

dlc.entry @transposed(%x: !x {dlc.name = "x"}, %T: !T {dlc.state = @T},
    %s: !c {dlc.state = @scale, dlc.range = [-2.0, 2.0]},
    %o: !c {dlc.state = @offset, dlc.range = [-2.0, 2.0]},
    %m: !c {dlc.state = @mean, dlc.range = [-2.0, 2.0]},
    %v: !c {dlc.state = @variance, dlc.range = [0.25, 4.0]}) -> (!t {dlc.name = "y"}) {
  %0 = dlc.conv_input_grad %x, %T strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] groups 1
    : (!x, !T) -> !t
  %1 = dlc.batch_norm_inference %0, %s, %o, %m, %v epsilon 1.0e-03 : (!t, !c, !c, !c, !c) -> !t
  dlc.return %1 : !t
}

// The second entry changes a statistic, after which predictions have other filters.
dlc.entry @dense(%x: !r {dlc.name = "x"}, %M: !M {dlc.state = @M},
    %s: !c {dlc.state = @scale, dlc.range = [-2.0, 2.0]},
    %o: !c {dlc.state = @offset, dlc.range = [-2.0, 2.0]},
    %m: !c {dlc.state = @mean, dlc.range = [-2.0, 2.0]},
    %v: !c {dlc.state = @variance, dlc.range = [0.25, 4.0]}) -> (!r {dlc.name = "y"}) {
  %0 = dlc.contract %x, %M reduce [1] x [0] : (!r, !M) -> !r
  %1 = dlc.batch_norm_inference %0, %s, %o, %m, %v epsilon 1.0e-03 : (!r, !c, !c, !c, !c) -> !r
  dlc.return %1 : !r
}
dlc.entry @moves(%x: !r {dlc.name = "x"}, %M: !M {dlc.state = @M},
    %s: !c {dlc.state = @scale, dlc.range = [-2.0, 2.0]},
    %o: !c {dlc.state = @offset, dlc.range = [-2.0, 2.0]},
    %m: !c {dlc.state = @mean, dlc.range = [-2.0, 2.0]},
    %v: !c {dlc.state = @variance, dlc.range = [0.25, 4.0]})
    -> (!r {dlc.name = "y"}, !c {dlc.state = @mean}) {
  %0 = dlc.contract %x, %M reduce [1] x [0] : (!r, !M) -> !r
  %1 = dlc.batch_norm_inference %0, %s, %o, %m, %v epsilon 1.0e-03 : (!r, !c, !c, !c, !c) -> !r
  %2 = dlc.add %m, %o : !c
  dlc.return %1, %2 : !r, !c
}
}
