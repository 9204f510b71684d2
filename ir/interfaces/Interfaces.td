// What the passes ask of an op, so that they need not know its name.
#ifndef DLC_INTERFACES_TD
#define DLC_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Dlc_DifferentiableInterface : OpInterface<"Differentiable"> {
  let description = [{
    The op knows its vector-Jacobian product. Every op says one of three things aloud:
    Differentiable, ZeroGradient (its derivative is zero wherever it exists) or
    NonDifferentiable (an error when a gradient's path crosses it).
  }];
  let cppNamespace = "::dlc::ir";
  let methods = [InterfaceMethod<[{
      Builds the product of the cotangents of the results with the op's Jacobian, from dlc
      ops only, at the builder's insertion point. A null cotangent stands for zero (never
      all of them). Returns one value per operand, null where the derivative is zero; an op
      whose regions cannot be differentiated reports why and returns an empty list. Such an op
      may replace itself by one with more results, for values that the reverse needs.
    }], "::llvm::SmallVector<::mlir::Value>", "buildVjp",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$cotangents)>];
}
def Dlc_Differentiable : DeclareOpInterfaceMethods<Dlc_DifferentiableInterface>;
def Dlc_ZeroGradient : NativeOpTrait<"ZeroGradient"> { let cppNamespace = "::dlc::ir"; }
def Dlc_NonDifferentiable : NativeOpTrait<"NonDifferentiable"> { let cppNamespace = "::dlc::ir"; }

def Dlc_GradientMarkerInterface : OpInterface<"GradientMarker"> {
  let description = [{
    The op means something to gradients only: once none is left, `--dlc-differentiate` puts
    what it computes in its place.
  }];
  let cppNamespace = "::dlc::ir";
  let methods = [InterfaceMethod<[{
      The values that take the place of the results; new ops go to the insertion point.
    }], "::llvm::SmallVector<::mlir::Value>", "dissolve", (ins "::mlir::OpBuilder &":$builder)>];
}
def Dlc_GradientMarker : DeclareOpInterfaceMethods<Dlc_GradientMarkerInterface>;

def Dlc_FusibleInterface : OpInterface<"Fusible"> {
  let description = [{
    How the op takes part in kernels. The kind is a property of the op's definition; whether
    two ops share a kernel is decided by passes/fusion.
  }];
  let cppNamespace = "::dlc::ir";
  let methods = [StaticInterfaceMethod<"The op's part in a kernel.", "::dlc::ir::FusionKind",
                                       "getFusionKind">];
}

// Traits that give an op its fusion kind without a line of C++.
class Dlc_FusesAs<string kind> : NativeOpTrait<"FusesAs<::dlc::ir::FusionKind::" # kind # ">::Impl"> {
  let cppNamespace = "::dlc::ir";
}

#endif // DLC_INTERFACES_TD
