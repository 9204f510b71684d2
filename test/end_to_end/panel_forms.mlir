// Weights in every form that is kept in panels, read twice: by an entry that reads the panels, and
// by one that assigns the weights and so reads them as they are.
!image = tensor<?x5x6x32xf32, #dlc.dims<[B, 5, 6, 32]>>
!wide = tensor<?x5x6x96xf32, #dlc.dims<[B, 5, 6, 96]>>
!line = tensor<?x9x16xf32, #dlc.dims<[B, 9, 16]>>
!grouped = tensor<?x9x192xf32, #dlc.dims<[B, 9, 192]>>
!tokens = tensor<?x3x520xf32, #dlc.dims<[B, 3, 520]>>
!heads = tensor<?x3x4x25xf32, #dlc.dims<[B, 3, 4, 25]>>
!hidden = tensor<?x72xf32, #dlc.dims<[B, 72]>>
!F = tensor<5x5x32x96xf32>
!G = tensor<3x8x192xf32>
!P = tensor<520x4x25xf32>
!R = tensor<72x72xf32>
module @panel_forms attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @F weight : !F
dlc.variable @G weight : !G
dlc.variable @P weight : !P
dlc.variable @R weight : !R

dlc.entry @predict(%image: !image {dlc.name = "image"}, %dy: !wide {dlc.name = "dy"},
    %line: !line {dlc.name = "line"}, %tokens: !tokens {dlc.name = "tokens"},
    %hidden: !hidden {dlc.name = "hidden"}, %F: !F {dlc.state = @F}, %G: !G {dlc.state = @G},
    %P: !P {dlc.state = @P}, %R: !R {dlc.state = @R})
    -> (!wide {dlc.name = "conv"}, !image {dlc.name = "dx"}, !grouped {dlc.name = "grouped"},
        !heads {dlc.name = "heads"}, !tokens {dlc.name = "back"}, !hidden {dlc.name = "loop"}) {
  %conv = dlc.conv %image, %F strides [1, 1] low [2, 2] high [2, 2] dilations [1, 1]
    groups 1 : (!image, !F) -> !wide
  %dx = dlc.conv_input_grad %dy, %F strides [1, 1] low [2, 2] high [2, 2] dilations [1, 1]
    groups 1 : (!wide, !F) -> !image
  %grouped = dlc.conv %line, %G strides [1] low [1] high [1] dilations [1]
    groups 2 : (!line, !G) -> !grouped
  %heads = dlc.contract %tokens, %P reduce [2] x [0] : (!tokens, !P) -> !heads
  %back = dlc.contract %heads, %P reduce [2, 3] x [1, 2] : (!heads, !P) -> !tokens
  %loop = dlc.scan inits(%hidden) xs() invariants(%R) trip 3 : (!hidden, !R) -> !hidden {
  ^bb0(%i: tensor<i64>, %h: !hidden, %r: !R):
    %0 = dlc.contract %h, %r reduce [1] x [1] : (!hidden, !R) -> !hidden
    %1 = dlc.sin %0 : !hidden
    dlc.yield %1 : !hidden
  }
  dlc.return %conv, %dx, %grouped, %heads, %back, %loop
    : !wide, !image, !grouped, !heads, !tokens, !hidden
}

dlc.entry @step(%image: !image {dlc.name = "image"}, %dy: !wide {dlc.name = "dy"},
    %line: !line {dlc.name = "line"}, %tokens: !tokens {dlc.name = "tokens"},
    %hidden: !hidden {dlc.name = "hidden"}, %F: !F {dlc.state = @F}, %G: !G {dlc.state = @G},
    %P: !P {dlc.state = @P}, %R: !R {dlc.state = @R})
    -> (!wide {dlc.name = "conv"}, !image {dlc.name = "dx"}, !grouped {dlc.name = "grouped"},
        !heads {dlc.name = "heads"}, !tokens {dlc.name = "back"}, !hidden {dlc.name = "loop"},
        !F {dlc.state = @F}, !G {dlc.state = @G}, !P {dlc.state = @P}, !R {dlc.state = @R}) {
  %conv = dlc.conv %image, %F strides [1, 1] low [2, 2] high [2, 2] dilations [1, 1]
    groups 1 : (!image, !F) -> !wide
  %dx = dlc.conv_input_grad %dy, %F strides [1, 1] low [2, 2] high [2, 2] dilations [1, 1]
    groups 1 : (!wide, !F) -> !image
  %grouped = dlc.conv %line, %G strides [1] low [1] high [1] dilations [1]
    groups 2 : (!line, !G) -> !grouped
  %heads = dlc.contract %tokens, %P reduce [2] x [0] : (!tokens, !P) -> !heads
  %back = dlc.contract %heads, %P reduce [2, 3] x [1, 2] : (!heads, !P) -> !tokens
  %loop = dlc.scan inits(%hidden) xs() invariants(%R) trip 3 : (!hidden, !R) -> !hidden {
  ^bb0(%i: tensor<i64>, %h: !hidden, %r: !R):
    %0 = dlc.contract %h, %r reduce [1] x [1] : (!hidden, !R) -> !hidden
    %1 = dlc.sin %0 : !hidden
    dlc.yield %1 : !hidden
  }
  %F2 = dlc.neg %F : !F
  %G2 = dlc.neg %G : !G
  %P2 = dlc.neg %P : !P
  %R2 = dlc.neg %R : !R
  dlc.return %conv, %dx, %grouped, %heads, %back, %loop, %F2, %G2, %P2, %R2
    : !wide, !image, !grouped, !heads, !tokens, !hidden, !F, !G, !P, !R
}
}
