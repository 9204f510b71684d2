// Attributes: size expressions, the encoding that carries them, symbols.
#ifndef DLC_ATTRS_TD
#define DLC_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/TensorEncoding.td"
include "ir/DlcBase.td"
include "ir/DlcEnums.td"

class Dlc_Attr<string name, string mnemonic_, list<Trait> traits = []>
    : AttrDef<Dlc_Dialect, name, traits> {
  let mnemonic = mnemonic_;
}

def Dlc_SizeAttr : Dlc_Attr<"Size", "size"> {
  let summary = "An integer expression of size symbols, in normal form";
  let description = [{
    Polynomials of symbols with integer coefficients, and `floordiv`, `min`, `max` of such.
    Every constructor (ir/symbols/SizeExpr.h) returns the normal form, so that two sizes are
    equal exactly when they are the same attribute.

    Example: `#dlc.size<2*B + 1>`, `#dlc.size<max(B - 3, 0) floordiv 2>`
  }];
  let parameters = (ins "SizeKind":$kind, "int64_t":$value, "::mlir::StringAttr":$symbol,
                        ArrayRefParameter<"::dlc::ir::SizeAttr">:$operands);
  let hasCustomAssemblyFormat = 1;
  let skipDefaultBuilders = 1;
  let builders = [AttrBuilder<(ins "SizeKind":$kind, "int64_t":$value,
      "::mlir::StringAttr":$symbol, "::llvm::ArrayRef<SizeAttr>":$operands), [{
    return $_get($_ctxt, kind, value, symbol, operands);
  }]>];
  let extraClassDeclaration = [{
    bool isConstant() const { return getKind() == SizeKind::Constant; }
    bool isConstant(int64_t value) const { return isConstant() && getValue() == value; }
    bool isSymbol() const { return getKind() == SizeKind::Symbol; }
  }];
}

def Dlc_DimsAttr : Dlc_Attr<"Dims", "dims",
    [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "The sizes of a tensor, one expression per dimension";
  let description = [{
    As a tensor's encoding: dimension i is `?` exactly when expression i is not a constant.
    Fully static tensors carry no encoding.
  }];
  let parameters = (ins ArrayRefParameter<"::dlc::ir::SizeAttr">:$sizes);
  let hasCustomAssemblyFormat = 1;
}

def Dlc_SymbolAttr : Dlc_Attr<"Symbol", "symbol"> {
  let summary = "A named size that is bound when the program is called";
  let description = [{
    `#dlc.symbol<B, min = 1, max = 512, divisor = 8>`; without a maximum, `max` is left out.
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "int64_t":$min,
                        "std::optional<int64_t>":$max, "int64_t":$divisor);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Dlc_BufferAttr : Dlc_Attr<"Buffer", "buffer"> {
  let summary = "A planned buffer of an entry";
  let description = [{
    `#dlc.buffer<temporary 0 bytes = <4*B> live = 2 to 5>`. `first` and `last` are the first and
    the last step (numbered dispatch or control op of the entry) that touches it, inclusive.
  }];
  let parameters = (ins EnumParameter<Dlc_BufferKind>:$kind, "int64_t":$index,
                        "::dlc::ir::SizeAttr":$bytes, "int64_t":$first, "int64_t":$last);
  let assemblyFormat = "`<` $kind $index `bytes` `=` $bytes `live` `=` $first `to` $last `>`";
}

#endif // DLC_ATTRS_TD
