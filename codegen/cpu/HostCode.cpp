// Host code sees buffer numbers and sizes, never pointers: every access goes through the table of
// functions that the runtime passes (runtime/abi/kernel.h). A nonzero status ends the function at
// once, so control flow is plain blocks and branches.
//
// A network is a list of hundreds of dispatches, an optimizer's with hundreds of buffers. What is
// known here stands in one constant table, from which a dispatch takes its arguments; only those in
// loops, whose slices move, are written when the function runs. Dispatches in a row whose arguments
// are known are rows of the table, too, and one loop goes through them: what the function costs to
// compile hardly grows with the network. Sizes that lie neither among the symbols' values nor in
// the table, as a batch and the number of a dropout's random stream, are put together before it.
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
                                          ArrayRef<LLVM::GEPArg>{placeOf(slot)});
      target = LLVM::LoadOp::create(b, loc, pointer, address);
    }
    return target;
  }

  /// Where a slot lies in the target's dlc_api: two 32-bit numbers, and pointers behind them.
  int32_t placeOf(size_t slot) {
    constexpr size_t first = offsetof(dlc_api, symbols);
    static_assert(first == 8, "no padding before the first pointer, on any target");
    return int32_t(first + (slot - first) / sizeof(void *) * size_t(k.target().pointerBytes));
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

  /// Appends 64-bit words to the table; at which of its bytes they begin.
  int64_t append(ArrayRef<int64_t> words) {
    auto at = int64_t(constants.size() * sizeof(int64_t));
    llvm::append_range(constants, words);
    return at;
  }

  Value tableOf(ArrayRef<int64_t> words) {
    return k.address(k.i8(), tableAddress(), append(words));
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

  /// One stack array for the arguments of any dispatch or copy, and for sizes one of every dispatch
  /// of a chain, since the runtime may read them when its last one arrives, and one of the rows of
  /// a list of dispatches.
  void reserveArguments() {
    size_t most = 2, all = 0;
    entry.walk([&](DispatchOp dispatch) {
      most = std::max(most, numbers(dispatch, kBuffersAttr).size());
      all += gathersSizes(table.lookup<KernelFuncOp>(dispatch.getKernel()));
    });
    arguments = stackArray(most * sizeof(dlc_arg));
    static_assert(kMostTogether <= DLC_TOGETHER_MAX, "the runtime has room for a chain");
    size_t longest = 1;
    forEachChain(entry, [&](ArrayRef<DispatchOp> chain) {
      longest = std::max(longest, chain.size());
      for (DispatchOp dispatch : chain) {
        auto func = table.lookup<KernelFuncOp>(dispatch.getKernel());
        mostSizes = std::max(mostSizes, func.getSymbols().size() + randomStreams(func).size());
      }
    });
    allSizes = stackArray(longest * mostSizes * sizeof(int64_t));
    if (all > 0)
      listSizes = stackArray(std::min(all, mostGathered + 2 * longest) * mostSizes *
                             sizeof(int64_t));
  }

  Value stackArray(size_t bytes) {
    return LLVM::AllocaOp::create(b, loc, pointer, b.getI8Type(), k.intConstant(k.i64(), bytes),
                                  /*alignment=*/8);
  }

  Value size(SizeAttr size) {
    return emitSize(b, loc, size, [&](StringRef name) { return symbol(name); });
  }

  /// What a symbol is in this run, loaded once.
  Value symbol(StringRef name) {
    Value &value = symbolValue[name];
    if (!value) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointAfterValue(symbolValues);
      value = k.load(k.i64(), symbolValues, int64_t(symbols.lookup(name)));
    }
    return value;
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
  Value setArgument(size_t i, int64_t id, uint32_t flags = 0) {
    auto [buffer, offset] = place(id);
    Value element = k.address(k.i8(), arguments, int64_t(i * sizeof(dlc_arg)));
    k.store(k.intConstant(k.i32(), buffer), element, 0);
    k.store(k.intConstant(k.i32(), flags), element, 1);
    k.store(offset, element, 1);
    return element;
  }

  Value bufferNumber(int64_t id) { return k.intConstant(k.i32(), id); }

  //===- Steps ------------------------------------------------------------------------------===//

  void emitBlock(Block &block) {
    SmallVector<DispatchOp> known;
    size_t gathering = 0; // of the known
    for (Operation &op : block.without_terminator()) {
      auto dispatch = dyn_cast<DispatchOp>(op);
      if (dispatch && isKnown(dispatch)) {
        known.push_back(dispatch);
        gathering += gathersSizes(table.lookup<KernelFuncOp>(dispatch.getKernel()));
        if (gathering >= mostGathered && !flagsOf(dispatch)) {
          emitKnown(known);
          gathering = 0;
        }
        continue;
      }
      if (!isa<ReshapeOp>(op)) {
        emitKnown(known);
        gathering = 0;
      }
      if (dispatch)
        emitDispatch(dispatch);
      else if (auto scan = dyn_cast<ScanOp>(op))
        emitScan(scan);
      else if (auto loop = dyn_cast<WhileOp>(op))
        emitWhile(loop);
      else if (auto branch = dyn_cast<IfOp>(op))
        emitIf(branch);
    }
    emitKnown(known);
  }

  /// Whether the arguments are the same in every run.
  bool isKnown(DispatchOp dispatch) {
    return llvm::all_of(numbers(dispatch, kBuffersAttr), [&](int64_t id) { return isWhole(id); });
  }

  /// How many dispatches of a list may have sizes of their own, but for the rest of a chain: some
  /// kilobytes of stack.
  static constexpr size_t mostGathered = 128;

  /// Whether the sizes that a kernel takes lie together neither among the symbols' values nor in
  /// the table.
  bool gathersSizes(KernelFuncOp func) {
    return !knownSizes(func) && !func.getSymbols().empty();
  }

  static uint32_t flagsOf(DispatchOp dispatch) {
    return dispatch->hasAttr(kTogetherAttr) ? DLC_ARG_TOGETHER : 0;
  }

  /// Calls a list of kernels by rows of four words: kernel, arguments, and the sizes as a distance
  /// from what the last word says (SizesIn).
  void emitKnown(SmallVectorImpl<DispatchOp> &dispatches) {
    if (dispatches.size() < 2) {
      for (DispatchOp dispatch : dispatches)
        emitDispatch(dispatch);
      dispatches.clear();
      return;
    }
    SmallVector<int64_t> rows, parts;
    if (inChain == 0)
      gathered = 0; // else a list before this one has begun the chain
    size_t begin = gathered;
    for (DispatchOp dispatch : dispatches) {
      int64_t given = append(argumentWords(numbers(dispatch, kBuffersAttr), flagsOf(dispatch)));
      rows.append({int64_t(kernels.lookup(dispatch.getKernel())), given});
      llvm::append_range(rows, sizesOfRow(table.lookup<KernelFuncOp>(dispatch.getKernel()), parts));
      inChain = flagsOf(dispatch) ? inChain + 1 : 0;
    }
    gatherParts(parts, begin);
    Value first = tableOf(rows);
    forEachRow(dispatches.size(), [&](Value i) {
      Value row = k.address(k.i64(), first, k.mul(Size(i), 4));
      Value kernel = k.load(k.i32(), row, 0); // the low half
      Value given = k.address(k.i8(), tableAddress(), Size(k.load(k.i64(), row, 1)));
      Value extents = sizeAddress(row, 2);
      Value none = LLVM::ZeroOp::create(b, loc, pointer);
      check(offsetof(dlc_api, dispatch), {kernel, given, extents, none});
    });
    dispatches.clear();
  }

  enum SizesIn : int64_t { InSymbols, InTable, InList };

  /// The last two words of a row. Sizes that have to be put together get the list's next places,
  /// and two such words each in `parts`, which say where the number comes from.
  std::array<int64_t, 2> sizesOfRow(KernelFuncOp func, SmallVectorImpl<int64_t> &parts) {
    if (std::optional<int64_t> known = knownSizes(func))
      return {*known, InSymbols};
    SmallVector<int64_t> streams = randomStreams(func);
    if (!gathersSizes(func))
      return {append(streams), InTable};
    constexpr int64_t word = sizeof(int64_t);
    int64_t place = int64_t(gathered) * word;
    for (auto name : func.getSymbols().getAsRange<StringAttr>())
      parts.append({int64_t(symbols.lookup(name.getValue())) * word, InSymbols});
    for (int64_t stream : streams)
      parts.append({append(stream), InTable});
    gathered += func.getSymbols().size() + streams.size();
    return {place, InList};
  }

  /// Writes what `parts` says to the list's sizes, from number `begin` on.
  void gatherParts(ArrayRef<int64_t> parts, size_t begin) {
    if (parts.empty())
      return;
    Value first = tableOf(parts);
    forEachRow(int64_t(parts.size() / 2), [&](Value i) {
      Value part = k.address(k.i64(), first, k.mul(Size(i), 2));
      k.store(k.load(k.i64(), sizeAddress(part, 0), 0), listSizes, k.add(Size(i), int64_t(begin)));
    });
  }

  /// Where words `at` and `at` + 1 of a row point.
  Value sizeAddress(Value row, int64_t at) {
    Value kind = k.load(k.i64(), row, at + 1);
    auto is = [&](SizesIn place) {
      return LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::eq, kind,
                                  k.intConstant(k.i64(), place));
    };
    Value base = LLVM::SelectOp::create(b, loc, is(InTable), tableAddress(), symbolValues);
    if (listSizes)
      base = LLVM::SelectOp::create(b, loc, is(InList), listSizes, base);
    return k.address(k.i8(), base, Size(k.load(k.i64(), row, at)));
  }

  /// A loop over the first `count` numbers.
  void forEachRow(int64_t count, llvm::function_ref<void(Value)> emitRow) {
    Block *header = newBlock(), *body = newBlock(), *exit = newBlock();
    Value i = header->addArgument(k.i64(), loc);
    branch(header, k.intConstant(k.i64(), 0));
    b.setInsertionPointToStart(header);
    LLVM::CondBrOp::create(b, loc, k.less(Size(i), Size(count)), body, exit);
    b.setInsertionPointToStart(body);
    emitRow(i);
    branch(header, k.value(k.add(Size(i), 1)));
    b.setInsertionPointToStart(exit);
  }

  /// Whether a buffer is no slice of another one, whose place moves.
  bool isWhole(int64_t id) { return buffers[id].getKind() != BufferKind::slice; }

  void emitDispatch(DispatchOp dispatch) {
    uint32_t flags = flagsOf(dispatch);
    Value given = emitArguments(numbers(dispatch, kBuffersAttr), flags);
    sizes = k.address(k.i64(), allSizes, int64_t(inChain * mostSizes));
    inChain = flags ? inChain + 1 : 0;
    Value extents = emitSizes(table.lookup<KernelFuncOp>(dispatch.getKernel()));
    Value kernel = k.intConstant(k.i32(), kernels.lookup(dispatch.getKernel()));
    Value none = LLVM::ZeroOp::create(b, loc, pointer);
    check(offsetof(dlc_api, dispatch), {kernel, given, extents, none});
  }

  /// Where the arguments of a dispatch lie.
  Value emitArguments(ArrayRef<int64_t> ids, uint32_t flags) {
    static_assert(sizeof(dlc_arg) == 2 * sizeof(int64_t) && offsetof(dlc_arg, byte_offset) == 8,
                  "an argument is two words: its buffer below its flags, and the offset");
    if (llvm::all_of(ids, [&](int64_t id) { return isWhole(id); }))
      return tableOf(argumentWords(ids, flags));
    for (auto [i, id] : llvm::enumerate(ids))
      setArgument(i, id, i == 0 ? flags : 0);
    return arguments;
  }

  static SmallVector<int64_t> argumentWords(ArrayRef<int64_t> ids, uint32_t flags) {
    SmallVector<int64_t> words;
    for (int64_t id : ids)
      words.append({id | (words.empty() ? int64_t(flags) << 32 : 0), 0});
    return words;
  }

  /// The bytes from the symbols' values to the sizes that a kernel takes, if they lie there; what
  /// takes none gets any address.
  std::optional<int64_t> knownSizes(KernelFuncOp func) {
    auto names = func.getSymbols().getAsRange<StringAttr>();
    if (!randomStreams(func).empty())
      return std::nullopt;
    if (names.empty())
      return 0;
    auto first = int64_t(symbols.lookup((*names.begin()).getValue()));
    for (auto [i, name] : llvm::enumerate(names))
      if (int64_t(symbols.lookup(name.getValue())) != first + int64_t(i))
        return std::nullopt;
    return first * int64_t(sizeof(int64_t));
  }

  /// Where the sizes lie that a kernel takes: among those of the program, or put together.
  Value emitSizes(KernelFuncOp func) {
    if (func.getSymbols().empty()) {
      SmallVector<int64_t> streams = randomStreams(func);
      return streams.empty() ? sizes : tableOf(streams);
    }
    if (std::optional<int64_t> known = knownSizes(func))
      return k.address(k.i8(), symbolValues, *known);
    gatherSizes(func, sizes);
    return sizes;
  }

  void gatherSizes(KernelFuncOp func, Value to) {
    int64_t count = 0;
    for (auto name : func.getSymbols().getAsRange<StringAttr>())
      k.store(symbol(name.getValue()), to, count++);
    for (int64_t stream : randomStreams(func))
      k.store(k.intConstant(k.i64(), stream), to, count++);
  }

  /// One loop, where all is known and there are several; they are done in order.
  void emitCopies(ArrayRef<int64_t> pairs) {
    SmallVector<int64_t> rows;
    for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
      SizeAttr bytes = buffers[pairs[i]].getBytes();
      bool known = bytes.isConstant() && isWhole(pairs[i]) && isWhole(pairs[i + 1]);
      if (!known || pairs.size() < 4)
        return emitSingleCopies(pairs);
      rows.append({pairs[i], 0, pairs[i + 1], 0, bytes.getValue()});
    }
    if (rows.empty())
      return;
    Value first = tableOf(rows);
    constexpr int64_t words = 5;
    forEachRow(int64_t(rows.size()) / words, [&](Value i) {
      Value to = k.address(k.i64(), first, k.mul(Size(i), words));
      Value from = k.address(k.i64(), to, 2);
      check(offsetof(dlc_api, copy), {to, from, k.load(k.i64(), to, 4)});
    });
  }

  void emitSingleCopies(ArrayRef<int64_t> pairs) {
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
    Block *sides[] = {newBlock(), newBlock()}, *exit = newBlock(); // taken if true, if false
    LLVM::CondBrOp::create(b, loc, predicate, sides[0], sides[1]);
    for (int i : {0, 1}) {
      b.setInsertionPointToStart(sides[i]);
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
  Value api, context, symbolValues, arguments;
  Value allSizes, sizes; ///< of a whole chain, and of the dispatch at hand
  Value listSizes;       ///< of the rows of a list that put them together
  size_t mostSizes = 1, inChain = 0, gathered = 0;
  SmallVector<BufferAttr> buffers;
  std::map<size_t, Value> targets; ///< of slots
  llvm::StringMap<Value> symbolValue;
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
