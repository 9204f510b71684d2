// Registration of the dialect and its attributes' text forms.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "ir/Dlc.cpp.inc"
#include "ir/DlcEnums.cpp.inc"
#include "ir/interfaces/Interfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "ir/DlcAttrs.cpp.inc"

namespace dlc::ir {

void DlcDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ir/DlcAttrs.cpp.inc"
      >();
  registerOps();
}

Operation *DlcDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                           Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

bool isSizedTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && (tensor.hasStaticShape() || isa_and_nonnull<DimsAttr>(tensor.getEncoding()));
}

bool isKeyTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getShape() == ArrayRef<int64_t>{2} &&
         tensor.getElementType().isSignlessInteger(64);
}

// Module attributes: `dlc.symbols` is a list of symbols with distinct names.
LogicalResult DlcDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() != "dlc.symbols")
    return success();
  auto symbols = dyn_cast<ArrayAttr>(attribute.getValue());
  if (!symbols || !llvm::all_of(symbols, llvm::IsaPred<SymbolAttr>))
    return op->emitOpError("dlc.symbols must be an array of #dlc.symbol");
  llvm::SmallDenseSet<StringAttr> names;
  for (auto symbol : symbols.getAsRange<SymbolAttr>())
    if (!names.insert(symbol.getName()).second)
      return op->emitOpError("symbol ") << symbol.getName() << " is declared twice";
  return success();
}

Attribute SizeAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  FailureOr<SizeAttr> size = sizeParse(parser);
  if (failed(size) || parser.parseGreater())
    return {};
  return *size;
}

void SizeAttr::print(AsmPrinter &printer) const {
  printer << '<';
  sizePrint(*this, printer.getStream());
  printer << '>';
}

Attribute DimsAttr::parse(AsmParser &parser, Type) {
  SmallVector<SizeAttr> sizes;
  auto parseOne = [&]() -> ParseResult {
    FailureOr<SizeAttr> size = sizeParse(parser);
    if (failed(size))
      return failure();
    sizes.push_back(*size);
    return success();
  };
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne) ||
      parser.parseGreater())
    return {};
  return DimsAttr::get(parser.getContext(), sizes);
}

void DimsAttr::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getSizes(), printer,
                        [&](SizeAttr size) { sizePrint(size, printer.getStream()); });
  printer << "]>";
}

LogicalResult DimsAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                                       function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != getSizes().size())
    return emitError() << "#dlc.dims has " << getSizes().size() << " sizes for a tensor of rank "
                       << shape.size();
  bool anyDynamic = false;
  for (auto [i, dim, size] : llvm::enumerate(shape, getSizes())) {
    anyDynamic |= ShapedType::isDynamic(dim);
    if (ShapedType::isDynamic(dim) == size.isConstant())
      return emitError() << "dimension " << i << " is "
                         << (size.isConstant() ? "dynamic but its size is the constant "
                                               : "static but its size is ")
                         << sizeToString(size);
    if (size.isConstant() && size.getValue() != dim)
      return emitError() << "dimension " << i << " is " << dim << " but its size says "
                         << size.getValue();
  }
  if (!anyDynamic)
    return emitError() << "a static tensor carries no #dlc.dims";
  return success();
}

Attribute SymbolAttr::parse(AsmParser &parser, Type) {
  StringRef name;
  int64_t min = 0, divisor = 1;
  std::optional<int64_t> max;
  if (parser.parseLess() || parser.parseKeyword(&name))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    StringRef key;
    int64_t value = 0;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&key) || parser.parseEqual() || parser.parseInteger(value))
      return {};
    if (key == "min")
      min = value;
    else if (key == "max")
      max = value;
    else if (key == "divisor")
      divisor = value;
    else
      return parser.emitError(loc, "expected min, max or divisor, got '") << key << "'", Attribute();
  }
  if (parser.parseGreater())
    return {};
  return SymbolAttr::getChecked([&] { return parser.emitError(parser.getNameLoc()); },
                                parser.getContext(), StringAttr::get(parser.getContext(), name),
                                min, max, divisor);
}

void SymbolAttr::print(AsmPrinter &printer) const {
  printer << '<' << getName().getValue() << ", min = " << getMin();
  if (getMax())
    printer << ", max = " << *getMax();
  if (getDivisor() != 1)
    printer << ", divisor = " << getDivisor();
  printer << '>';
}

LogicalResult SymbolAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringAttr name,
                                 int64_t min, std::optional<int64_t> max, int64_t divisor) {
  if (min < 0)
    return emitError() << "symbol " << name << " has a negative minimum " << min;
  if (max && *max < min)
    return emitError() << "symbol " << name << " has maximum " << *max << " below its minimum "
                       << min;
  if (divisor < 1)
    return emitError() << "symbol " << name << " has divisor " << divisor << ", expected >= 1";
  return success();
}

} // namespace dlc::ir
