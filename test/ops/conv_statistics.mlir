// A convolution whose kernel takes the sums of a batch normalisation: columns that are no whole
// vectors, few columns, lines and flat pixels, strides, a bias, 16-bit floats, values far from zero.
// RUN: dlc check %s --bind B=0,1,5 --gradients > %t

!x3 = tensor<?x9x9x3xf32, #dlc.dims<[B, 9, 9, 3]>>
!y20 = tensor<?x9x9x20xf32, #dlc.dims<[B, 9, 9, 20]>>
!y70 = tensor<?x5x5x70xf32, #dlc.dims<[B, 5, 5, 70]>>
!x16 = tensor<?x6x6x16xf32, #dlc.dims<[B, 6, 6, 16]>>
!y2 = tensor<?x6x6x2xf32, #dlc.dims<[B, 6, 6, 2]>>
!b3 = tensor<?x6x6x3xbf16, #dlc.dims<[B, 6, 6, 3]>>
!b8 = tensor<?x6x6x8xbf16, #dlc.dims<[B, 6, 6, 8]>>
!w8 = tensor<?x6x6x8xf32, #dlc.dims<[B, 6, 6, 8]>>
!d4 = tensor<?x6x6x4xf64, #dlc.dims<[B, 6, 6, 4]>>
!f2 = tensor<?x40x3x2xf32, #dlc.dims<[B, 40, 3, 2]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @symbolic(%x: !x3 {dlc.name = "x"}, %w: tensor<3x3x3x20xf32> {dlc.name = "w"},
      %g: tensor<20xf32> {dlc.name = "g"}, %o: tensor<20xf32> {dlc.name = "o"})
      -> (!y20 {dlc.name = "y"}, tensor<20xf32> {dlc.name = "mean"},
        tensor<20xf32> {dlc.name = "variance"}) {
    %c = dlc.conv %x, %w strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        : (!x3, tensor<3x3x3x20xf32>) -> !y20
    %y:3 = dlc.batch_norm_training %c, %g, %o epsilon 1.0e-3
        : (!y20, tensor<20xf32>, tensor<20xf32>) -> (!y20, tensor<20xf32>, tensor<20xf32>)
    dlc.return %y#0, %y#1, %y#2 : !y20, tensor<20xf32>, tensor<20xf32>
  }
  dlc.entry @strided(%x: !x3 {dlc.name = "x"}, %w: tensor<3x3x3x70xf32> {dlc.name = "w"},
      %b: tensor<70xf32> {dlc.name = "b"}, %g: tensor<70xf32> {dlc.name = "g"},
      %o: tensor<70xf32> {dlc.name = "o"})
      -> (!y70 {dlc.name = "y"}, tensor<70xf32> {dlc.name = "mean"}) {
    %c = dlc.conv %x, %w strides [2, 2] low [1, 1] high [1, 1] dilations [1, 1]
        : (!x3, tensor<3x3x3x70xf32>) -> !y70
    %r = dlc.broadcast %b to [3] : tensor<70xf32> -> !y70
    %a = dlc.add %c, %r : !y70
    %y:3 = dlc.batch_norm_training %a, %g, %o epsilon 1.0e-3
        : (!y70, tensor<70xf32>, tensor<70xf32>) -> (!y70, tensor<70xf32>, tensor<70xf32>)
    dlc.return %y#0, %y#1 : !y70, tensor<70xf32>
  }
  dlc.entry @few_columns(%x: !x16 {dlc.name = "x"}, %w: tensor<1x1x16x2xf32> {dlc.name = "w"},
      %g: tensor<2xf32> {dlc.name = "g"}, %o: tensor<2xf32> {dlc.name = "o"})
      -> (!y2 {dlc.name = "y"}, tensor<2xf32> {dlc.name = "variance"}) {
    %c = dlc.conv %x, %w strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!x16, tensor<1x1x16x2xf32>) -> !y2
    %y:3 = dlc.batch_norm_training %c, %g, %o epsilon 1.0e-3
        : (!y2, tensor<2xf32>, tensor<2xf32>) -> (!y2, tensor<2xf32>, tensor<2xf32>)
    dlc.return %y#0, %y#2 : !y2, tensor<2xf32>
  }
  dlc.entry @static(%x: tensor<3x14x14x8xf32> {dlc.name = "x"},
      %w: tensor<3x3x8x24xf32> {dlc.name = "w"},
      %g: tensor<24xf32> {dlc.name = "g"}, %o: tensor<24xf32> {dlc.name = "o"})
      -> (tensor<3x14x14x24xf32> {dlc.name = "y"}, tensor<24xf32> {dlc.name = "mean"},
        tensor<24xf32> {dlc.name = "variance"}) {
    %c = dlc.conv %x, %w strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        : (tensor<3x14x14x8xf32>, tensor<3x3x8x24xf32>) -> tensor<3x14x14x24xf32>
    %y:3 = dlc.batch_norm_training %c, %g, %o epsilon 1.0e-3
        : (tensor<3x14x14x24xf32>, tensor<24xf32>, tensor<24xf32>)
        -> (tensor<3x14x14x24xf32>, tensor<24xf32>, tensor<24xf32>)
    dlc.return %y#0, %y#1, %y#2 : tensor<3x14x14x24xf32>, tensor<24xf32>, tensor<24xf32>
  }
  // Statistics are those of the 16-bit values that are stored.
  dlc.entry @half(%x: !b3 {dlc.name = "x"}, %w: tensor<3x3x3x8xbf16> {dlc.name = "w"})
      -> (!b8 {dlc.name = "y"}, tensor<8xf32> {dlc.name = "sum"},
        tensor<8xf32> {dlc.name = "squares"}) {
    %c = dlc.conv %x, %w strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
        : (!b3, tensor<3x3x3x8xbf16>) -> !b8
    %f = dlc.cast %c : !b8 -> !w8
    %s = dlc.sum %f over [0, 1, 2] : !w8 -> tensor<8xf32>
    %q = dlc.mul %f, %f : !w8
    %t = dlc.sum %q over [0, 1, 2] : !w8 -> tensor<8xf32>
    dlc.return %c, %s, %t : !b8, tensor<8xf32>, tensor<8xf32>
  }
  dlc.entry @double(%x: !d4 {dlc.name = "x"}, %w: tensor<2x2x4x4xf64> {dlc.name = "w"},
      %g: tensor<4xf64> {dlc.name = "g"}, %o: tensor<4xf64> {dlc.name = "o"})
      -> (!d4 {dlc.name = "y"}, tensor<4xf64> {dlc.name = "mean"}) {
    %c = dlc.conv %x, %w strides [1, 1] low [0, 1] high [1, 0] dilations [1, 1]
        : (!d4, tensor<2x2x4x4xf64>) -> !d4
    %y:3 = dlc.batch_norm_training %c, %g, %o epsilon 1.0e-3
        : (!d4, tensor<4xf64>, tensor<4xf64>) -> (!d4, tensor<4xf64>, tensor<4xf64>)
    dlc.return %y#0, %y#1 : !d4, tensor<4xf64>
  }
  // A thousand away from zero and a deviation of one.
  dlc.entry @far(%x: !f2 {dlc.name = "x", dlc.range = [998.3, 1001.7]})
      -> (tensor<2xf32> {dlc.name = "mean"}, tensor<2xf32> {dlc.name = "variance"}) {
    %w = dlc.constant dense<[[[[1.0, 0.0], [0.0, -1.0]]]]> : tensor<1x1x2x2xf32>
    %g = dlc.constant dense<1.0> : tensor<2xf32>
    %c = dlc.conv %x, %w strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!f2, tensor<1x1x2x2xf32>) -> !f2
    %y:3 = dlc.batch_norm_training %c, %g, %g epsilon 1.0e-3
        : (!f2, tensor<2xf32>, tensor<2xf32>) -> (!f2, tensor<2xf32>, tensor<2xf32>)
    dlc.return %y#1, %y#2 : tensor<2xf32>, tensor<2xf32>
  }
}
