// Host code sees buffer numbers and sizes, never pointers: every access goes through the table of
// functions that the runtime passes (runtime/abi/kernel.h). A nonzero status ends the function at
// once, so control flow is plain blocks and branches.
//
// A network is a list of hundreds of dispatches, an optimizer's with hundreds of buffers. What is
// known here stands in one constant table, from which a dispatch takes its arguments; only those in
// loops, whose slices move, are written when the function runs.
#include "codegen/cpu/HostCode.h"
#include "codegen/cpu/KernelBuilder.h"
#include "codegen/cpu/RandomStreams.h"
#include "codegen/lower/SizeCode.h"
#include "ir/support/ShapeMath.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/memory/BufferPlan.h"
#include "runtime/abi/kernel.h"

using namespace mlir;
using namespace dlc::ir;
using namespace dlc::passes;

namespace dlc::codegen::cpu {
namespace {

ArrayRef<int64_t> numbers(Operation *op, StringRef name) {
  return op->getAttrOfType<DenseI64ArrayAttr>(name).asArrayRef();
}

class HostFunction {
public:
  HostFunction(ModuleOp module, EntryOp entry, StringRef name,
               const llvm::StringMap<uint32_t> &kernels, const llvm::StringMap<uint32_t> &symbols,
               const CpuTarget &target)
      : entry(entry), kernels(kernels), symbols(symbols), table(entry->getParentOfType<ModuleOp>()),
        b(module.getContext()), k(b, entry.getLoc(), target), loc(entry.getLoc()) {
    b.setInsertionPointToEnd(module.getBody());
    pointer = k.pointerType();
    auto type = LLVM::LLVMFunctionType::get(b.getI32Type(), {pointer, pointer});
    function = LLVM::LLVMFuncOp::create(b, loc, name, type);
    Block *start = function.addEntryBlock(b);
    b.setInsertionPointToStart(start);
    api = start->getArgument(0);
    context = start->getArgument(1);
    for (Attribute buffer : entry->getAttrOfType<ArrayAttr>(kEntryBuffersAttr))
      buffers.push_back(cast<BufferAttr>(buffer));
  }

  void emit() {
    reserveArguments();
    symbolValues = call(offsetof(dlc_api, symbols), pointer, {});
    emitBlock(entry.getBody().front());
    emitCopies(numbers(entry.getBody().front().getTerminator(), kCopiesAttr));
    LLVM::ReturnOp::create(b, loc, k.intConstant(b.getI32Type(), 0));
    defineTable();
  }

private:
  //===- Calls ------------------------------------------------------------------------------===//

  Value call(size_t slot, Type result, ArrayRef<Value> arguments) {
    SmallVector<Value> all{functionOf(slot), context};
    llvm::append_range(all, arguments);
    SmallVector<Type> types;
    for (Value argument : ArrayRef(all).drop_front())
      types.push_back(argument.getType());
    auto type = LLVM::LLVMFunctionType::get(result, types);
    return LLVM::CallOp::create(b, loc, type, all).getResult();
  }

  /// The function of a slot, loaded once.
  Value functionOf(size_t slot) {
    Value &target = targets[slot];
    if (!target) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(&function.getBody().front());
      Value address = LLVM::GEPOp::create(b, loc, pointer, b.getI8Type(), api,
                                          ArrayRef<LLVM::GEPArg>{int32_t(slot)});
      target = LLVM::LoadOp::create(b, loc, pointer, address);
    }
    return target;
  }

  /// Calls a function that returns a status, and returns from here if it is not 0.
  void check(size_t slot, ArrayRef<Value> arguments) {
    Value status = call(slot, b.getI32Type(), arguments);
    Value zero = k.intConstant(b.getI32Type(), 0);
    Value bad = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::ne, status, zero);
    Block *next = newBlock();
    LLVM::CondBrOp::create(b, loc, bad, failure(), status, next, ValueRange());
    b.setInsertionPointToStart(next);
  }

  /// Returns its argument.
  Block *failure() {
    if (!failureBlock) {
      OpBuilder::InsertionGuard guard(b);
      failureBlock = newBlock();
      failureBlock->addArgument(b.getI32Type(), loc);
      b.setInsertionPointToStart(failureBlock);
      LLVM::ReturnOp::create(b, loc, failureBlock->getArgument(0));
    }
    return failureBlock;
  }

  Block *newBlock() {
    Block *block = new Block;
    function.getBody().push_back(block);
    return block;
  }

  void branch(Block *to, ValueRange values = {}) { LLVM::BrOp::create(b, loc, values, to); }

  //===- The table --------------------------------------------------------------------------===//

  /// Where the 64-bit words of the table begin that will hold `words`.
  Value tableOf(ArrayRef<int64_t> words) {
    Value at = k.address(k.i8(), tableAddress(), int64_t(constants.size() * sizeof(int64_t)));
    llvm::append_range(constants, words);
    return at;
  }

  std::string tableName() { return (function.getSymName() + ".table").str(); }

  Value tableAddress() {
    if (!tableStart) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(&function.getBody().front());
      tableStart = LLVM::AddressOfOp::create(b, loc, pointer, tableName());
    }
    return tableStart;
  }

  void defineTable() {
    if (!tableStart)
      return;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(function);
    auto type = RankedTensorType::get({int64_t(constants.size())}, k.i64());
    LLVM::GlobalOp::create(b, loc, LLVM::LLVMArrayType::get(k.i64(), constants.size()),
                           /*isConstant=*/true, LLVM::Linkage::Internal, tableName(),
                           DenseElementsAttr::get(type, ArrayRef<int64_t>(constants)),
                           /*alignment=*/8);
  }

  //===- Arguments --------------------------------------------------------------------------===//

  /// One stack array for the arguments of any dispatch or copy, one for its sizes.
  void reserveArguments() {
    size_t most = 2;
    entry.walk([&](DispatchOp dispatch) {
      most = std::max(most, numbers(dispatch, kBuffersAttr).size());
    });
    arguments = stackArray(most * sizeof(dlc_arg));
    size_t mostSizes = 1;
    entry.walk([&](DispatchOp dispatch) {
      auto func = table.lookup<KernelFuncOp>(dispatch.getKernel());
      mostSizes = std::max(mostSizes, func.getSymbols().size() + randomStreams(func).size());
    });
    sizes = stackArray(mostSizes * sizeof(int64_t));
  }

  Value stackArray(size_t bytes) {
    return LLVM::AllocaOp::create(b, loc, pointer, b.getI8Type(), k.intConstant(k.i64(), bytes),
                                  /*alignment=*/8);
  }

  Value size(SizeAttr size) {
    return emitSize(b, loc, size, [&](StringRef name) {
      return k.load(k.i64(), symbolValues, int64_t(symbols.lookup(name)));
    });
  }

  /// The buffer that holds `id` and where in it: slices lie at the iteration of their loop.
  std::pair<int64_t, Value> place(int64_t id) {
    if (buffers[id].getKind() != BufferKind::slice)
      return {id, k.intConstant(k.i64(), 0)};
    auto [root, offset] = place(buffers[id].getIndex());
    Size at = k.mul(Size(sliceIndex.lookup(id)), Size(size(buffers[id].getBytes())));
    return {root, k.value(k.add(Size(offset), at))};
  }

  /// Writes element `i` of the argument array.
  Value setArgument(size_t i, int64_t id) {
    auto [buffer, offset] = place(id);
    Value element = k.address(k.i8(), arguments, int64_t(i * sizeof(dlc_arg)));
    k.store(k.intConstant(k.i32(), buffer), element, 0);
    k.store(k.intConstant(k.i32(), 0), element, 1);
    k.store(offset, element, 1);
    return element;
  }

  Value bufferNumber(int64_t id) { return k.intConstant(k.i32(), id); }

  //===- Steps ------------------------------------------------------------------------------===//

  void emitBlock(Block &block) {
    for (Operation &op : block.without_terminator()) {
      if (auto dispatch = dyn_cast<DispatchOp>(op))
        emitDispatch(dispatch);
      else if (auto scan = dyn_cast<ScanOp>(op))
        emitScan(scan);
      else if (auto loop = dyn_cast<WhileOp>(op))
        emitWhile(loop);
      else if (auto branch = dyn_cast<IfOp>(op))
        emitIf(branch);
    }
  }

  void emitDispatch(DispatchOp dispatch) {
    Value given = emitArguments(numbers(dispatch, kBuffersAttr));
    Value extents = emitSizes(table.lookup<KernelFuncOp>(dispatch.getKernel()));
    Value kernel = k.intConstant(k.i32(), kernels.lookup(dispatch.getKernel()));
    Value none = LLVM::ZeroOp::create(b, loc, pointer);
    check(offsetof(dlc_api, dispatch), {kernel, given, extents, none});
  }

  /// Where the arguments of a dispatch lie.
  Value emitArguments(ArrayRef<int64_t> ids) {
    static_assert(sizeof(dlc_arg) == 2 * sizeof(int64_t) && offsetof(dlc_arg, byte_offset) == 8,
                  "an argument is two words: the number of its buffer, and the offset");
    SmallVector<int64_t> words;
    for (auto [i, id] : llvm::enumerate(ids)) {
      if (buffers[id].getKind() != BufferKind::slice) {
        words.append({id, 0});
        continue;
      }
      for (auto [j, each] : llvm::enumerate(ids))
        setArgument(j, each);
      return arguments;
    }
    return tableOf(words);
  }

  /// Where the sizes lie that a kernel takes: among those of the program, or put together.
  Value emitSizes(KernelFuncOp func) {
    SmallVector<int64_t> places, streams = randomStreams(func);
    for (auto symbol : func.getSymbols().getAsRange<StringAttr>())
      places.push_back(symbols.lookup(symbol.getValue()));
    if (places.empty())
      return streams.empty() ? sizes : tableOf(streams);
    bool consecutive = streams.empty();
    for (auto [i, place] : llvm::enumerate(places))
      consecutive &= place == places[0] + int64_t(i);
    if (consecutive)
      return k.address(k.i64(), symbolValues, places[0]);
    for (auto [i, place] : llvm::enumerate(places))
      k.store(k.load(k.i64(), symbolValues, place), sizes, int64_t(i));
    for (auto [i, stream] : llvm::enumerate(streams))
      k.store(k.intConstant(k.i64(), stream), sizes, int64_t(places.size() + i));
    return sizes;
  }

  void emitCopies(ArrayRef<int64_t> pairs) {
    for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
      Value to = setArgument(0, pairs[i]);
      Value from = setArgument(1, pairs[i + 1]);
      check(offsetof(dlc_api, copy), {to, from, size(buffers[pairs[i]].getBytes())});
    }
  }

  Value readPredicate(int64_t id) {
    auto [buffer, offset] = place(id);
    Value read = call(offsetof(dlc_api, read_pred), k.i32(), {bufferNumber(buffer), offset});
    return LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::ne, read, k.intConstant(k.i32(), 0));
  }

  static ArrayRef<int64_t> regionCopies(Operation *op, unsigned region) {
    return cast<DenseI64ArrayAttr>(op->getAttrOfType<ArrayAttr>(kRegionCopiesAttr)[region])
        .asArrayRef();
  }

  int64_t counterOf(Operation *op) {
    return op->getAttrOfType<IntegerAttr>(kCounterBufferAttr).getInt();
  }

  void emitScan(ScanOp scan) {
    emitCopies(numbers(scan, kInitialCopiesAttr));
    Value trip = size(scan.getTrip());
    Block *header = newBlock(), *body = newBlock(), *exit = newBlock();
    Value iteration = header->addArgument(k.i64(), loc);
    branch(header, k.intConstant(k.i64(), 0));
    b.setInsertionPointToStart(header);
    LLVM::CondBrOp::create(b, loc, k.less(Size(iteration), Size(trip)), body, exit);
    b.setInsertionPointToStart(body);
    Value index = iteration;
    if (scan.getReverse())
      index = k.value(k.sub(k.sub(Size(trip), 1), Size(iteration)));
    for (int64_t id : numbers(scan, kSliceBuffersAttr))
      sliceIndex[id] = index;
    check(offsetof(dlc_api, write_i64),
          {bufferNumber(counterOf(scan)), k.intConstant(k.i64(), 0), index});
    emitBlock(scan.getBody().front());
    emitCopies(regionCopies(scan, 0));
    branch(header, k.value(k.add(Size(iteration), 1)));
    b.setInsertionPointToStart(exit);
  }

  void emitWhile(WhileOp loop) {
    emitCopies(numbers(loop, kInitialCopiesAttr));
    Block *header = newBlock(), *test = newBlock(), *body = newBlock(), *exit = newBlock();
    Value iteration = header->addArgument(k.i64(), loc);
    branch(header, k.intConstant(k.i64(), 0));
    b.setInsertionPointToStart(header);
    int64_t most = loop.getMaxTrip();
    Value more = most ? k.less(Size(iteration), Size(most)) : k.intConstant(k.i1(), 1);
    LLVM::CondBrOp::create(b, loc, more, test, exit);
    b.setInsertionPointToStart(test);
    emitBlock(loop.getCondition().front());
    Value go = readPredicate(regionCopies(loop, 0).front());
    LLVM::CondBrOp::create(b, loc, go, body, exit);
    b.setInsertionPointToStart(body);
    emitBlock(loop.getBody().front());
    emitCopies(regionCopies(loop, 1));
    branch(header, k.value(k.add(Size(iteration), 1)));
    b.setInsertionPointToStart(exit);
  }

  void emitIf(IfOp op) {
    Value predicate = readPredicate(numbers(op, kBuffersAttr).front());
    Block *onTrue = newBlock(), *onFalse = newBlock(), *exit = newBlock();
    LLVM::CondBrOp::create(b, loc, predicate, onTrue, onFalse);
    for (auto [i, block] : llvm::enumerate(ArrayRef<Block *>{onTrue, onFalse})) {
      b.setInsertionPointToStart(block);
      emitBlock(op->getRegion(i).front());
      emitCopies(regionCopies(op, i));
      branch(exit);
    }
    b.setInsertionPointToStart(exit);
  }

  EntryOp entry;
  const llvm::StringMap<uint32_t> &kernels, &symbols;
  SymbolTable table;
  OpBuilder b;
  KernelBuilder k;
  Location loc;
  LLVM::LLVMFuncOp function;
  Type pointer;
  Value api, context, symbolValues, arguments, sizes;
  SmallVector<BufferAttr> buffers;
  std::map<size_t, Value> targets; ///< of slots
  Block *failureBlock = nullptr;
  std::vector<int64_t> constants;
  Value tableStart;
  llvm::DenseMap<int64_t, Value> sliceIndex; ///< of a slice buffer: its loop's iteration
};

} // namespace

void emitHostFunction(ModuleOp module, EntryOp entry, StringRef name,
                      const llvm::StringMap<uint32_t> &kernels,
                      const llvm::StringMap<uint32_t> &symbols, const CpuTarget &target) {
  HostFunction(module, entry, name, kernels, symbols, target).emit();
}

} // namespace dlc::codegen::cpu
