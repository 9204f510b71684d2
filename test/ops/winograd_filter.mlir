// RUN: dlc check %s | tee %t | FileCheck %s
// CHECK: {"op":"winograd_filter","type":"f32"

// One channel, panels that columns fill, that they do not, and several.
dlc.entry @one(%f: tensor<3x3x1x1xf32> {dlc.name = "f"})
    -> (tensor<16x1x1x64xf32> {dlc.name = "u"}) {
  %u = dlc.winograd_filter %f : (tensor<3x3x1x1xf32>) -> tensor<16x1x1x64xf32>
  dlc.return %u : tensor<16x1x1x64xf32>
}
dlc.entry @several(%f: tensor<3x3x21x130xf32> {dlc.name = "f"})
    -> (tensor<16x3x21x64xf32> {dlc.name = "u"}) {
  %u = dlc.winograd_filter %f : (tensor<3x3x21x130xf32>) -> tensor<16x3x21x64xf32>
  dlc.return %u : tensor<16x3x21x64xf32>
}
dlc.entry @narrow(%f: tensor<3x3x5x32xf64> {dlc.name = "f"})
    -> (tensor<16x2x5x16xf64> {dlc.name = "u"}) {
  %u = dlc.winograd_filter %f : (tensor<3x3x5x32xf64>) -> tensor<16x2x5x16xf64>
  dlc.return %u : tensor<16x2x5x16xf64>
}
