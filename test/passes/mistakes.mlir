// The passes that make one op wrong, for tests that must then fail.
// RUN: dlc-opt %s --dlc-test-scale-lowering=op=tanh | FileCheck %s --check-prefix=VALUE
// RUN: dlc-opt %s --dlc-test-scale-gradient=op=tanh | FileCheck %s --check-prefix=GRADIENT
// RUN: dlc-opt %s --dlc-test-scale-lowering=op=compare | FileCheck %s --check-prefix=NOT
// RUN: dlc-opt %s --dlc-test-scale-lowering=op=return | FileCheck %s --check-prefix=RETURN
// RUN: not dlc-opt %s --dlc-test-scale-lowering=op=sin 2>&1 | FileCheck %s --check-prefix=NONE

// VALUE-LABEL: dlc.entry @f
//       VALUE:   %[[Y:.*]] = dlc.tanh
//       VALUE:   dlc.constant dense<1.001000e+00>
//       VALUE:   %[[W:.*]] = dlc.mul %[[Y]]
//       VALUE:   dlc.compare {{ *}}gt %[[W]]
//       VALUE:   dlc.return %[[W]]

// The value is the same, its derivative is not.
// GRADIENT-LABEL: dlc.entry @f
//       GRADIENT:   dlc.constant
//       GRADIENT:   %[[W:.*]] = dlc.mul %[[X:.*]], 
//       GRADIENT:   %[[R:.*]] = dlc.sub %[[X]], %[[W]]
//       GRADIENT:   %[[S:.*]] = dlc.stop_gradient %[[R]]
//       GRADIENT:   %[[A:.*]] = dlc.add %[[W]], %[[S]]
//       GRADIENT:   dlc.tanh %[[A]]

// NOT-LABEL: dlc.entry @f
//       NOT:   %[[Z:.*]] = dlc.compare
//       NOT:   %[[N:.*]] = dlc.not %[[Z]]
//       NOT:   dlc.return %{{.*}}, %[[N]]

// RETURN-LABEL: dlc.entry @f
//       RETURN:   dlc.mul
//       RETURN:   dlc.not
//       RETURN:   dlc.return

// NONE: error: has no "dlc.sin" to be made wrong
dlc.entry @f(%x: tensor<4xf32> {dlc.name = "x"})
    -> (tensor<4xf32> {dlc.name = "y"}, tensor<4xi1> {dlc.name = "z"}) {
  %y = dlc.tanh %x : tensor<4xf32>
  %z = dlc.compare gt %y, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  dlc.return %y, %z : tensor<4xf32>, tensor<4xi1>
}
