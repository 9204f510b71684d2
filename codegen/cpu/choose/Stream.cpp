// The schedule of streaming kernels: a few cases, told apart by the ops of the body.
#include "codegen/cpu/choose/Stream.h"
#include "codegen/cpu/emit/StreamPlan.h"
#include "ir/Ops.h"

namespace dlc::codegen::cpu {

// What no cache keeps until it is read again: written past the caches, it is not read before it is
// written. Smaller results would wait for memory where a cache holds them, unless the kernel reads
// and writes so much meanwhile that their beginning is gone when it ends. Where the next kernel
// reads the result at once it loses less than this one gains: layer norm of 4096 x 768, 12 MB, and
// a product with 768 x 64 take 4.8 to 5.6 ms instead of 5.2 to 6.1, and a transposition 2.4 to 3.4
// instead of 2.7 to 3.9. What a kernel reads several times stays in the cache that its results
// would have filled: batch norm of 32 x 14 x 14 x 256 with its gradient, 26 MB, .77 ms, not 1.07.
static constexpr int64_t kStoreAround = 8 << 20;
static constexpr int64_t kMuch = 24 << 20;      // that a kernel reads and writes
static constexpr int64_t kBesideMuch = 4 << 20; // of a result, in such a kernel

// 0 where symbols decide.
static int64_t bytesOf(mlir::Value value) {
  auto type = mlir::cast<mlir::ShapedType>(value.getType());
  if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return 0;
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

// What |argument| costs to read: of a table, the rows that are wanted.
static int64_t bytesRead(mlir::BlockArgument argument) {
  int64_t bytes = 0;
  for (mlir::Operation *user : argument.getUsers()) {
    bool part = mlir::isa<ir::GatherOp, ir::SliceOp, ir::DynamicSliceOp>(user);
    bytes = std::max(bytes, bytesOf(part ? user->getResult(0) : mlir::Value(argument)));
  }
  return std::min(bytes, bytesOf(argument));
}

// Results of so many bytes are written past the caches; 0: none.
static int64_t storesAround(mlir::Block &body) {
  int64_t all = 0, largest = 0;
  for (mlir::BlockArgument argument : body.getArguments())
    all += bytesRead(argument);
  for (mlir::Value result : body.getTerminator()->getOperands()) {
    all += bytesOf(result);
    largest = std::max(largest, bytesOf(result));
  }
  int64_t least = all >= kMuch ? kBesideMuch : kStoreAround;
  return largest >= least ? least : 0;
}

StreamSchedule chooseStream(mlir::Block &body, const CpuTarget &target) {
  StreamSchedule schedule;
  llvm::SmallDenseSet<mlir::OperationName> polynomials;
  for (mlir::Operation &op : body)
    if (mlir::isa<ir::ExpOp, ir::Expm1Op, ir::LogOp, ir::Log1pOp, ir::TanhOp, ir::SigmoidOp,
                  ir::ErfOp, ir::SinOp, ir::CosOp, ir::PowOp>(op))
      polynomials.insert(op.getName());
  bool costly = !polynomials.empty();
  // One run of the generator fills four vectors.
  bool random = false;
  for (mlir::Operation &op : body)
    random |= mlir::isa<ir::RandomUniformOp, ir::RandomNormalOp, ir::RandomBernoulliOp>(op);
  // A window has an address for each tap: more vectors at once would not leave registers for them.
  bool windows = false;
  for (mlir::Operation &op : body)
    windows |= isWindow(&op);
  // Polynomials bring parallelism of their own and need the registers.
  schedule.mapUnroll = costly || windows ? 2 : 4;
  // Coefficients of two of them fill most of 32 beside the sums of columns.
  schedule.columnVectors = random || !costly ? 4 : polynomials.size() == 1 ? 2 : 1;
  // So do NEON's, of which a vector takes as many as of wider ones but holds four numbers.
  if (costly && target.vectorBits < 256)
    schedule.mapUnroll = 1;
  // Sixteen registers hold half as many accumulators.
  if (target.vectorRegisters < 32) {
    schedule.mapUnroll = costly || windows ? 1 : 2;
    schedule.reduceUnroll = costly ? 1 : 2;
    schedule.columnVectors = costly && !random ? 1 : 2;
  }
  schedule.storeAround = storesAround(body);
  return schedule;
}

} // namespace dlc::codegen::cpu
