#include "ir/ops/State.h"
#include "ir/ops/Assembly.h"
#include "ir/support/ShapeMath.h"
#include "llvm/ADT/StringSet.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/State.cpp.inc"

namespace dlc::ir {

//===- variable -----------------------------------------------------------------------------===//

void VariableOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                       VariableRole role, RankedTensorType type) {
  build(builder, state, builder.getStringAttr(name),
        VariableRoleAttr::get(builder.getContext(), role), TypeAttr::get(type), nullptr, nullptr);
}

/// variable_c2: a State binds the module's symbols, so no other can size a variable.
static LogicalResult verifySymbols(VariableOp variable, RankedTensorType type) {
  auto symbols = variable->getParentOp()
                     ? variable->getParentOp()->getAttrOfType<ArrayAttr>("dlc.symbols")
                     : ArrayAttr();
  auto isDeclared = [&](StringRef name) {
    return symbols && llvm::any_of(symbols, [&](Attribute symbol) {
             auto declared = dyn_cast<SymbolAttr>(symbol);
             return declared && declared.getName().getValue() == name;
           });
  };
  for (SizeAttr size : shapeOf(type)) {
    std::string missing;
    sizeForEachSymbol(size, [&](StringRef name) {
      if (!isDeclared(name))
        missing = name;
    });
    if (!missing.empty())
      return variable.emitOpError("@") << variable.getSymName() << " has size "
                                       << sizeToString(size)
                                       << " but the module declares no symbol " << missing;
  }
  return success();
}

LogicalResult VariableOp::verify() {
  bool derived = getRole() == VariableRole::derived;
  if (derived ? !getSource() || !getDerivation() : getSource() || getDerivation()) // variable_c1
    return emitOpError("@") << getSymName() << (derived ? " is derived but names no source and "
                                                          "entry"
                                                        : " is not derived but names a source");
  if (!isSizedTensor(getType()) || isa<IndexType>(cast<ShapedType>(getType()).getElementType()))
    return emitOpError("@") << getSymName() << " has type " << getType() // variable_c2
                            << ", expected a tensor with known or symbolic sizes";
  return verifySymbols(*this, cast<RankedTensorType>(getType()));
}

//===- entry --------------------------------------------------------------------------------===//

void EntryOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                    FunctionType type) {
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  Region *body = state.addRegion();
  Block *block = new Block;
  body->push_back(block);
  for (Type input : type.getInputs())
    block->addArgument(input, state.location);
}

ParseResult EntryOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &builder, ArrayRef<Type> inputs, ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag, std::string &) {
    return builder.getFunctionType(inputs, results);
  };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false, getFunctionTypeAttrName(result.name), buildType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void EntryOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false,
                                           getFunctionTypeAttrName(), getArgAttrsAttrName(),
                                           getResAttrsAttrName());
}

/// An attribute of an argument or result. The function interface would find the op's class anew for
/// each, and passes ask for thousands.
template <typename T> static T attributeAt(ArrayAttr all, unsigned index, StringRef name) {
  return all ? cast<DictionaryAttr>(all[index]).getAs<T>(name) : T();
}

StringRef EntryOp::getArgName(unsigned index) {
  auto name = attributeAt<StringAttr>(getArgAttrsAttr(), index, kNameAttr);
  return name ? name.getValue() : StringRef();
}

StringRef EntryOp::getResultName(unsigned index) {
  auto name = attributeAt<StringAttr>(getResAttrsAttr(), index, kNameAttr);
  return name ? name.getValue() : StringRef();
}

FlatSymbolRefAttr EntryOp::getArgState(unsigned index) {
  return attributeAt<FlatSymbolRefAttr>(getArgAttrsAttr(), index, kStateAttr);
}

FlatSymbolRefAttr EntryOp::getResultState(unsigned index) {
  return attributeAt<FlatSymbolRefAttr>(getResAttrsAttr(), index, kStateAttr);
}

void EntryOp::setArg(unsigned index, StringRef inputName) {
  setArgAttr(index, kNameAttr, StringAttr::get(getContext(), inputName));
}
void EntryOp::setArg(unsigned index, FlatSymbolRefAttr variable) {
  setArgAttr(index, kStateAttr, variable);
}
void EntryOp::setResult(unsigned index, StringRef outputName) {
  setResultAttr(index, kNameAttr, StringAttr::get(getContext(), outputName));
}
void EntryOp::setResult(unsigned index, FlatSymbolRefAttr variable) {
  setResultAttr(index, kStateAttr, variable);
}

using Variables = llvm::DenseMap<StringAttr, VariableOp>;

/// The variables that an entry names, found in one walk: it may name thousands, and there may be
/// hundreds of entries that name one or two.
static Variables variablesOf(EntryOp entry) {
  Variables variables;
  for (unsigned i = 0, e = entry.getNumArguments(); i < e; ++i)
    if (FlatSymbolRefAttr state = entry.getArgState(i))
      variables[state.getAttr()] = {};
  for (unsigned i = 0, e = entry.getNumResults(); i < e; ++i)
    if (FlatSymbolRefAttr state = entry.getResultState(i))
      variables[state.getAttr()] = {};
  Operation *table = SymbolTable::getNearestSymbolTable(entry->getParentOp());
  if (table && table->getNumRegions() && !table->getRegion(0).empty())
    for (VariableOp variable : table->getRegion(0).front().getOps<VariableOp>())
      if (auto named = variables.find(variable.getSymNameAttr()); named != variables.end())
        named->second = variable;
  return variables;
}

/// Checks one side (arguments or results) of an entry's interface.
static LogicalResult verifySide(EntryOp entry, StringRef what, const Variables &known,
                                ArrayRef<Type> types, function_ref<StringRef(unsigned)> nameOf,
                                function_ref<FlatSymbolRefAttr(unsigned)> stateOf) {
  llvm::StringSet<> names, variables;
  for (auto [i, type] : llvm::enumerate(types)) {
    StringRef name = nameOf(i);
    FlatSymbolRefAttr state = stateOf(i);
    if (name.empty() == !state) // entry_c1
      return entry.emitOpError(what) << " " << i << " must have exactly one of dlc.name and "
                                     << "dlc.state";
    if (!state) {
      if (!names.insert(name).second) // entry_c2
        return entry.emitOpError(what) << " name \"" << name << "\" is used twice";
      continue;
    }
    if (!variables.insert(state.getValue()).second) // entry_c3
      return entry.emitOpError(what) << "s name variable " << state << " twice";
    VariableOp variable = known.lookup(state.getAttr());
    if (!variable)
      return entry.emitOpError(what) << " " << i << " names " << state
                                     << ", which is not a dlc.variable";
    if (variable.getType() != type)
      return entry.emitOpError(what) << " " << i << " has type " << typeToString(type) << " but "
                                     << state << " has type " << typeToString(variable.getType());
  }
  return success();
}

LogicalResult EntryOp::verify() {
  for (Type type : llvm::concat<const Type>(getArgumentTypes(), getResultTypes()))
    if (!isSizedTensor(type))
      return emitOpError("takes or returns ") << type << ", expected tensors with known or "
                                              << "symbolic sizes";
  if (isExternal())
    return emitOpError("has no body");
  Variables known = variablesOf(*this);
  if (failed(verifySide(
          *this, "argument", known, getArgumentTypes(), [&](unsigned i) { return getArgName(i); },
          [&](unsigned i) { return getArgState(i); })))
    return failure();
  return verifySide(
      *this, "result", known, getResultTypes(), [&](unsigned i) { return getResultName(i); },
      [&](unsigned i) { return getResultState(i); });
}

//===- return, yield, gradient --------------------------------------------------------------===//

LogicalResult ReturnOp::verify() {
  auto entry = cast<EntryOp>((*this)->getParentOp());
  if (!llvm::equal(getValues().getTypes(), entry.getResultTypes())) // return_c1
    return emitOpError("returns types other than the results of @") << entry.getSymName();
  return success();
}

LogicalResult YieldOp::verify() {
  Operation *parent = (*this)->getParentOp();
  if (!parent || !isa_and_nonnull<DlcDialect>(parent->getDialect()) || isa<EntryOp>(parent))
    return emitOpError("ends no region of a dlc op"); // yield_c1
  return success();
}

LogicalResult GradientOp::verify() {
  if (getTargets().empty() || getTargets().size() != getGradients().size()) // gradient_c3
    return emitOpError("has ") << getTargets().size() << " targets and " << getGradients().size()
                               << " results, expected equally many and at least one";
  for (auto [i, target, gradient] : llvm::enumerate(getTargets(), getGradients()))
    if (target.getType() != gradient.getType()) // gradient_c2
      return emitOpError("derivative ") << i << " has type " << typeToString(gradient.getType())
                                        << ", expected that of its target, "
                                        << typeToString(target.getType());
  return success();
}

//===- seam ---------------------------------------------------------------------------------===//

LogicalResult SeamOp::verify() {
  auto entry = (*this)->getParentOfType<EntryOp>(); // seam_c2
  if (!entry)
    return success();
  for (unsigned i = 0, e = entry.getNumArguments(); i < e; ++i)
    if (entry.getArgState(i) == getVariableAttr())
      return success();
  return emitOpError("is of ") << getVariableAttr() << ", whose value the entry @"
                               << entry.getSymName() << " does not receive";
}

} // namespace dlc::ir
