// Attention whose blocks of queries follow each other as pieces of work: each finds the panels of
// keys that the one before has packed, of the same batch only, and a thread that begins in between
// packs its own. Causal, the keys grow from piece to piece; here a third piece is shorter, and with
// fewer keys than queries the last pieces have nothing to pack.

// RUN: dlc check %s --threads 1 2>&1 | FileCheck %s
// RUN: dlc check %s --threads 2 2>&1 | FileCheck %s

// CHECK: 0 failures

!q = tensor<3x300x16xf32>
!k = tensor<3x320x16xf32>
!few = tensor<3x192x16xf32>
!l = tensor<3x300xf32>

dlc.entry @causal(%q: !q {dlc.name = "q"}, %k: !k {dlc.name = "k"}, %v: !k {dlc.name = "v"}) -> (!q {dlc.name = "y"}, !l {dlc.name = "l"}) {
  %y, %l = dlc.attention %q, %k, %v causal axis 1 scale 0.25 : (!q, !k, !k) -> (!q, !l)
  dlc.return %y, %l : !q, !l
}

dlc.entry @fewer_keys(%q: !q {dlc.name = "q"}, %k: !few {dlc.name = "k"}, %v: !few {dlc.name = "v"}) -> (!q {dlc.name = "y"}, !l {dlc.name = "l"}) {
  %y, %l = dlc.attention %q, %k, %v causal axis 1 scale 0.25 : (!q, !few, !few) -> (!q, !l)
  dlc.return %y, %l : !q, !l
}

dlc.entry @all(%q: !q {dlc.name = "q"}, %k: !k {dlc.name = "k"}, %v: !k {dlc.name = "v"}) -> (!q {dlc.name = "y"}, !l {dlc.name = "l"}) {
  %y, %l = dlc.attention %q, %k, %v axis 1 scale 0.25 : (!q, !k, !k) -> (!q, !l)
  dlc.return %y, %l : !q, !l
}
