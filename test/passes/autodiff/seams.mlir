// RUN: dlc-opt %s --dlc-differentiate --split-input-file | FileCheck %s --check-prefix=AFTER
// RUN: dlc-opt %s --dlc-graph-pipeline --split-input-file | FileCheck %s --check-prefix=KEPT
// RUN: dlc-opt %s --dlc-graph-pipeline --dlc-form-kernels --split-input-file \
// RUN:   | FileCheck %s --check-prefix=FUSED

// The gradient by a variable's value goes to its update through a seam, which names the variable
// and stays until kernels are formed. The gradient by an input needs none.
//  AFTER-LABEL: dlc.entry @marks_variables_only
//        AFTER:   %[[S:.*]] = dlc.seam %{{.*}} of @w
//    AFTER-NOT:   dlc.seam
//        AFTER:   dlc.sub %{{.*}}, %[[S]]
//   KEPT-LABEL: dlc.entry @marks_variables_only
// KEPT-COUNT-1:   dlc.seam
//     KEPT-NOT:   dlc.seam
//  FUSED-LABEL: dlc.entry @marks_variables_only
//    FUSED-NOT:   dlc.seam
dlc.variable @w weight : tensor<f32>
dlc.entry @marks_variables_only(%x0: tensor<f32> {dlc.name = "x"}, %w0: tensor<f32> {dlc.state = @w})
    -> (tensor<f32> {dlc.name = "dx"}, tensor<f32> {dlc.state = @w}) {
  %x = dlc.watch 0 %x0 : tensor<f32>
  %w = dlc.watch 1 %w0 : tensor<f32>
  %l = dlc.mul %x, %w : tensor<f32>
  %dx, %dw = dlc.gradient %l wrt(%x, %w) : tensor<f32> -> (tensor<f32>, tensor<f32>)
  %next = dlc.sub %w0, %dw : tensor<f32>
  dlc.return %dx, %next : tensor<f32>, tensor<f32>
}
