// The dialect and the base class of every op.
#ifndef DLC_BASE_TD
#define DLC_BASE_TD

include "mlir/IR/DialectBase.td"
include "mlir/IR/OpBase.td"
include "ir/interfaces/Interfaces.td"

def Dlc_Dialect : Dialect {
  let name = "dlc";
  let cppNamespace = "::dlc::ir";
  let summary = "Graphs of tensor operations with symbolic sizes, explicit state and gradients";
  let description = [{
    The only representation of a graph between the builder (or an importer) and code
    generation. Tensors are `tensor<...>` whose dynamic sizes carry a `#dlc.dims` encoding;
    state is explicit (`dlc.variable`, arguments and results of `dlc.entry`), every other op
    is pure.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    /// Adds the ops of every family (ir/ops/Register.cpp).
    void registerOps();
  }];
}

// `kind` is the op's part in fusion (FusionKind in ir/Traits.h). `onnxName` and `onnxSince` feed
// the generated table of the ONNX importer; an empty name: no single ONNX op means the same.
class Dlc_Op<string mnemonic, string kind, list<Trait> traits = []>
    : Op<Dlc_Dialect, mnemonic,
         !listconcat([Dlc_FusesAs<kind>, Dlc_FusibleInterface], traits)> {
  string onnxName = "";
  int onnxSince = 0;
}

#endif // DLC_BASE_TD
