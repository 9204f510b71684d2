// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @i1(%a: !i1_B_3 {dlc.name = "a"}, %b: !i1_B_3 {dlc.name = "b"})
      -> (!i1_B_3 {dlc.name = "y"}) {
    %y = dlc.or %a, %b : !i1_B_3
    dlc.return %y : !i1_B_3
  }
  dlc.entry @static(%a: tensor<4xi1> {dlc.name = "a"}, %b: tensor<4xi1> {dlc.name = "b"})
      -> (tensor<4xi1> {dlc.name = "y"}) {
    %y = dlc.or %a, %b : tensor<4xi1>
    dlc.return %y : tensor<4xi1>
  }
  // CHECK: values values y = [0, 1, 1, 1]
  dlc.entry @values() -> (tensor<4xi1> {dlc.name = "y"}) {
    %a = dlc.constant dense<[false, false, true, true]> : tensor<4xi1>
    %b = dlc.constant dense<[false, true, false, true]> : tensor<4xi1>
    %y = dlc.or %a, %b : tensor<4xi1>
    dlc.return %y : tensor<4xi1>
  }
}
