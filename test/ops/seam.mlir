// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s
// CHECK: {"op":"seam","type":"f32"

!x = tensor<?xf32, #dlc.dims<[B]>>
!s = tensor<f32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.variable @w weight : !s
  // An identity where it stands, and in the middle of a path.
  dlc.entry @f32(%x: !x {dlc.name = "x"}, %w: !s {dlc.state = @w}) -> (!x {dlc.name = "y"}) {
    %v = dlc.seam %x of @w : !x
    %y = dlc.sin %v : !x
    dlc.return %y : !x
  }
  // A step of descent, whose gradient leaves through one.
  dlc.entry @step(%x: !x {dlc.name = "x"}, %w0: !s {dlc.state = @w})
      -> (!s {dlc.name = "loss"}, !s {dlc.state = @w}) {
    %w = dlc.watch 0 %w0 : !s
    %b = dlc.broadcast %w to [] : !s -> !x
    %p = dlc.mul %b, %x : !x
    %e = dlc.sin %p : !x
    %l = dlc.sum %e over [0] : !x -> !s
    %dw = dlc.gradient %l wrt(%w) : !s -> (!s)
    %next = dlc.sub %w0, %dw : !s
    dlc.return %l, %next : !s, !s
  }
}
