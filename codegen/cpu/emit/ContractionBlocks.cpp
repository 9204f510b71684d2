// Contractions that copy blocks of both operands: filter gradients of one tap.
#include "codegen/cpu/emit/ContractionBlocks.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

ConvSchedule dlc::codegen::cpu::blocksSchedule(const ContractionSchedule &schedule) {
  ConvSchedule conv;
  conv.rows = schedule.rows;
  conv.vectors = schedule.vectors;
  conv.rowTiles = schedule.rowTiles;
  conv.pixelBlock = schedule.reduceBlock;
  conv.dy = OperandForm::Pack;
  return conv;
}

void dlc::codegen::cpu::emitContractionBlocks(KernelBuilder &k, const PhaseArguments &phase,
                                              const ContractionShape &shape,
                                              const ContractionOperands &operands,
                                              const ContractionSchedule &schedule,
                                              Epilogue epilogue, EpilogueMode mode) {
  auto extentOf = [&](ArrayRef<ContractionDim> dims) {
    Size extent = 1;
    for (const ContractionDim &dim : dims)
      extent = k.mul(extent, dim.extent);
    return extent;
  };
  ConvShape conv;
  Size steps = extentOf(shape.k);
  conv.batch = 1;
  conv.dims = {{steps, steps, 1, 1, 1, 0}};
  conv.channels = extentOf(shape.m);
  conv.filters = extentOf(shape.n);
  conv.input = shape.input;
  conv.accumulator = shape.accumulator;
  emitConvFilterGrad(k, phase, conv, operands.a, operands.b, operands.partial,
                     blocksSchedule(schedule), epilogue, mode);
}
