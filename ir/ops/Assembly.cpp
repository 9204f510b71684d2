#include "ir/ops/Assembly.h"
#include "ir/symbols/SizeExpr.h"

using namespace mlir;

namespace dlc::ir {

ParseResult parseSizes(OpAsmParser &parser, DimsAttr &sizes) {
  SmallVector<SizeAttr> list;
  auto parseOne = [&]() -> ParseResult {
    FailureOr<SizeAttr> size = sizeParse(parser);
    if (failed(size))
      return failure();
    list.push_back(*size);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne))
    return failure();
  sizes = DimsAttr::get(parser.getContext(), list);
  return success();
}

void printSizes(OpAsmPrinter &printer, Operation *, DimsAttr sizes) {
  printer << '[';
  llvm::interleaveComma(sizes.getSizes(), printer,
                        [&](SizeAttr size) { sizePrint(size, printer.getStream()); });
  printer << ']';
}

ParseResult parseSize(OpAsmParser &parser, SizeAttr &size) {
  FailureOr<SizeAttr> parsed = sizeParse(parser);
  if (failed(parsed))
    return failure();
  size = *parsed;
  return success();
}

void printSize(OpAsmPrinter &printer, Operation *, SizeAttr size) {
  sizePrint(size, printer.getStream());
}

ParseResult parseGradientTypes(OpAsmParser &parser, SmallVectorImpl<Type> &targets,
                               SmallVectorImpl<Type> &gradients) {
  if (parser.parseLParen() || parser.parseTypeList(gradients) || parser.parseRParen())
    return failure();
  targets.assign(gradients.begin(), gradients.end());
  return success();
}

void printGradientTypes(OpAsmPrinter &printer, Operation *, TypeRange, TypeRange gradients) {
  printer << '(' << gradients << ')';
}

} // namespace dlc::ir
