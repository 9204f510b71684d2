// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @i1(%x: !i1_B_3 {dlc.name = "x"}) -> (!i1_B_3 {dlc.name = "y"}) {
    %y = dlc.not %x : !i1_B_3
    dlc.return %y : !i1_B_3
  }
  dlc.entry @static(%x: tensor<2xi1> {dlc.name = "x"}) -> (tensor<2xi1> {dlc.name = "y"}) {
    %y = dlc.not %x : tensor<2xi1>
    dlc.return %y : tensor<2xi1>
  }
  // CHECK: values values y = [1, 0]
  dlc.entry @values() -> (tensor<2xi1> {dlc.name = "y"}) {
    %x = dlc.constant dense<[false, true]> : tensor<2xi1>
    %y = dlc.not %x : tensor<2xi1>
    dlc.return %y : tensor<2xi1>
  }
}
