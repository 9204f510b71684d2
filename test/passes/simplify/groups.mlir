// RUN: not dlc-opt %s --dlc-simplify=only=sink-nagate 2>&1 | FileCheck %s
// CHECK: error: dlc-simplify has no group of rewrites named 'sink-nagate'
module {}
