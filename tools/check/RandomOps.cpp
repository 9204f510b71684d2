// The makers of random graphs: one line per elementwise op, a short function for each other.
#include "tools/check/RandomGraph.h"

using namespace mlir;

namespace dlc::check {

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }
static Type elementOf(Value value) { return typeOf(value).getElementType(); }

template <typename Op, typename... Args> static Value make(RandomGraph &g, Args &&...args) {
  Value result = Op::create(g.builder(), g.loc(), std::forward<Args>(args)...)->getResult(0);
  g.add(result);
  return result;
}

//===- elementwise --------------------------------------------------------------------------===//

template <typename Op> static void floatUnary(RandomGraph &g) { make<Op>(g, g.anyFloat()); }
template <typename Op> static void numberUnary(RandomGraph &g) { make<Op>(g, g.anyNumber()); }
template <typename Op> static void ofPositive(RandomGraph &g) {
  make<Op>(g, g.positive(g.anyFloat()));
}
template <typename Op> static void ofBounded(RandomGraph &g) {
  make<Op>(g, g.bounded(g.anyFloat()));
}

template <typename Op> static void numberBinary(RandomGraph &g) {
  Value a = g.anyNumber();
  make<Op>(g, a, g.value(typeOf(a)));
}
template <typename Op> static void byPositive(RandomGraph &g) {
  Value a = g.anyFloat();
  make<Op>(g, a, g.positive(g.value(typeOf(a))));
}

static void makePow(RandomGraph &g) {
  Value a = g.positive(g.bounded(g.anyFloat()));
  make<ir::PowOp>(g, a, g.bounded(g.value(typeOf(a))));
}

static Value comparison(RandomGraph &g) {
  Value a = g.anyNumber();
  auto predicate = ir::ComparePredicate(g.below(6));
  return make<ir::CompareOp>(g, predicate, a, g.value(typeOf(a)));
}
static void makeCompare(RandomGraph &g) { comparison(g); }

static void makeSelect(RandomGraph &g) {
  Value p = comparison(g);
  RankedTensorType type = ir::withElementType(typeOf(p), g.numberElement());
  make<ir::SelectOp>(g, p, g.value(type), g.value(type));
}

template <typename Op> static void logical(RandomGraph &g) {
  Value p = comparison(g);
  make<Op>(g, p, g.value(typeOf(p)));
}
static void makeNot(RandomGraph &g) { make<ir::NotOp>(g, comparison(g)); }

static void makeCast(RandomGraph &g) {
  Value x = g.anyNumber();
  Type target = g.numberElement();
  if (target != elementOf(x))
    make<ir::CastOp>(g, x, target);
}

//===- reductions and contractions ----------------------------------------------------------===//

static SmallVector<int64_t> someAxes(RandomGraph &g, int64_t rank) {
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (g.chance(50))
      axes.push_back(axis);
  if (axes.empty() && rank)
    axes.push_back(g.below(rank));
  return axes;
}

template <typename Op> static void reduce(RandomGraph &g) {
  Value x = g.anyFloat(1);
  make<Op>(g, x, someAxes(g, typeOf(x).getRank()));
}
static void makeProd(RandomGraph &g) {
  Value x = g.bounded(g.anyFloat(1));
  make<ir::ProdOp>(g, x, someAxes(g, typeOf(x).getRank()));
}
template <typename Op> static void argReduce(RandomGraph &g) {
  Value x = g.anyNumber(1);
  Type index = g.chance(50) ? g.builder().getI32Type() : g.builder().getI64Type();
  make<Op>(g, x, g.below(typeOf(x).getRank()), index);
}

static void makeContract(RandomGraph &g) {
  Value a = g.anyFloat(1);
  ir::Shape shape = ir::shapeOf(a);
  int64_t reduced = g.below(int64_t(shape.size()));
  ir::Shape other{shape[size_t(reduced)]};
  for (int64_t i = 0, free = g.below(2) + 1; i < free; ++i)
    other.push_back(g.constant(1 + g.below(5)));
  SmallVector<int64_t> aBatch, bBatch;
  int64_t bReduced = 0;
  if (shape.size() > 1 && g.chance(30)) {
    aBatch.push_back(reduced == 0 ? 1 : 0);
    bBatch.push_back(0);
    other.insert(other.begin(), shape[size_t(aBatch[0])]);
    bReduced = 1;
  }
  Value b = g.value(g.type(other, elementOf(a)));
  make<ir::ContractOp>(g, a, b, aBatch, bBatch, ArrayRef<int64_t>{reduced},
                       ArrayRef<int64_t>{bReduced});
}

//===- shape --------------------------------------------------------------------------------===//

static void makeReshape(RandomGraph &g) {
  Value x = g.anyNumber(1);
  ir::Shape shape = ir::shapeOf(x);
  if (shape.size() > 1) {
    shape[0] = ir::sizeMul(shape[0], shape[1]);
    shape.erase(shape.begin() + 1);
  } else {
    shape.insert(shape.begin() + int(g.below(2)), g.constant(1));
  }
  make<ir::ReshapeOp>(g, g.type(shape, elementOf(x)), x);
}

static void makeTranspose(RandomGraph &g) {
  Value x = g.anyNumber(1);
  SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, typeOf(x).getRank()));
  for (size_t i = permutation.size(); i > 1; --i)
    std::swap(permutation[i - 1], permutation[size_t(g.below(int64_t(i)))]);
  make<ir::TransposeOp>(g, x, permutation);
}

static void makeBroadcast(RandomGraph &g) {
  Value x = g.anyNumber();
  if (typeOf(x).getRank() > 3)
    return;
  ir::Shape shape;
  SmallVector<int64_t> dims;
  for (ir::SizeAttr size : ir::shapeOf(x)) {
    if (g.chance(40) && shape.size() < 2)
      shape.push_back(g.size());
    dims.push_back(int64_t(shape.size()));
    shape.push_back(size);
  }
  if (shape.size() == dims.size())
    shape.push_back(g.size());
  make<ir::BroadcastOp>(g, g.type(shape, elementOf(x)), x, dims);
}

static void makeSlice(RandomGraph &g) {
  Value x = g.anyNumber(1);
  ir::Shape starts, limits;
  SmallVector<int64_t> strides;
  for (ir::SizeAttr size : ir::shapeOf(x)) {
    bool cut = size.isConstant() && size.getValue() > 1;
    starts.push_back(g.constant(cut ? g.below(2) : 0));
    limits.push_back(size);
    strides.push_back(cut ? 1 + g.below(2) : 1);
  }
  make<ir::SliceOp>(g, x, starts, limits, strides);
}

static SmallVector<Value> indicesFor(RandomGraph &g, int64_t rank) {
  SmallVector<Value> indices;
  for (int64_t i = 0; i < rank; ++i)
    indices.push_back(g.value(g.type({}, g.builder().getI32Type())));
  return indices;
}

// The first constant size is halved; symbolic ones stay whole.
static RankedTensorType partOf(RandomGraph &g, Value x) {
  ir::Shape shape = ir::shapeOf(x);
  for (ir::SizeAttr &size : shape)
    if (size.isConstant() && size.getValue() > 1) {
      size = g.constant((size.getValue() + 1) / 2);
      break;
    }
  return g.type(shape, elementOf(x));
}

static void makeDynamicSlice(RandomGraph &g) {
  Value x = g.anyNumber(1);
  make<ir::DynamicSliceOp>(g, partOf(g, x), x, indicesFor(g, typeOf(x).getRank()));
}
static void makeDynamicUpdateSlice(RandomGraph &g) {
  Value x = g.anyNumber(1);
  Value update = g.value(partOf(g, x));
  make<ir::DynamicUpdateSliceOp>(g, x.getType(), x, update, indicesFor(g, typeOf(x).getRank()));
}

static void makePad(RandomGraph &g) {
  Value x = g.anyNumber(1);
  ir::Shape low, high;
  SmallVector<int64_t> interior;
  for (ir::SizeAttr size : ir::shapeOf(x)) {
    low.push_back(g.constant(g.below(2)));
    high.push_back(g.constant(g.below(3)));
    interior.push_back(size.isConstant() && g.chance(30));
  }
  Value value = ir::buildScalar(g.builder(), g.loc(), elementOf(x), double(g.below(2)));
  make<ir::PadOp>(g, x, value, low, high, interior);
}

static void makeConcat(RandomGraph &g) {
  Value a = g.anyNumber(1);
  SmallVector<Value> inputs{a, g.value(typeOf(a))};
  if (g.chance(30))
    inputs.push_back(g.value(typeOf(a)));
  make<ir::ConcatOp>(g, inputs, g.below(typeOf(a).getRank()));
}

static void makeReverse(RandomGraph &g) {
  Value x = g.anyNumber(1);
  make<ir::ReverseOp>(g, x, someAxes(g, typeOf(x).getRank()));
}

static void makeConstant(RandomGraph &g) {
  Type element = g.numberElement();
  g.add(ir::buildSplat(g.builder(), g.loc(), g.randomType(element), double(g.below(7)) - 3));
}
static void makeSize(RandomGraph &g) {
  ir::Shape sizes{g.size(), g.size()};
  make<ir::SizeOp>(g, g.type({}, g.numberElement()),
                   ir::DimsAttr::get(g.builder().getContext(), sizes));
}

//===- windows ------------------------------------------------------------------------------===//

namespace {
/// A random window over images of 1 or 2 spatial dimensions.
struct RandomWindow {
  SmallVector<int64_t> sizes, strides, dilations;
  ir::Shape low, high, image;

  explicit RandomWindow(RandomGraph &g) {
    for (int64_t d = 0, rank = 1 + g.below(2); d < rank; ++d) {
      sizes.push_back(2 + g.below(2));
      strides.push_back(1 + g.below(2));
      dilations.push_back(1);
      low.push_back(g.constant(g.below(2)));
      high.push_back(g.constant(g.below(2)));
      image.push_back(g.constant(3 + g.below(4)));
    }
  }
  ir::Shape imageType(RandomGraph &g, int64_t channels) const {
    ir::Shape shape{g.size()};
    llvm::append_range(shape, image);
    shape.push_back(g.constant(channels));
    return shape;
  }
  ir::PoolGeometry pool() const { return {sizes, strides, low, high}; }
  ir::ConvGeometry conv(int64_t groups) const { return {strides, dilations, low, high, groups}; }
};
} // namespace

static RankedTensorType lastOf(RandomGraph &g, Value x) {
  return g.type({ir::shapeOf(x).back()}, elementOf(x));
}

static void normalise(RandomGraph &g, Value x) {
  auto op = ir::BatchNormTrainingOp::create(g.builder(), g.loc(), x, g.value(lastOf(g, x)),
                                            g.value(lastOf(g, x)), 0.5);
  for (Value result : op->getResults())
    g.add(result);
}

/// A convolution of such shapes, or a gradient of one.
static void convOf(RandomGraph &g, const ir::Shape &image, const ir::Shape &filter,
                   const ir::ConvGeometry &geometry) {
  Type element = g.floatElement();
  Value x = g.value(g.type(image, element)), f = g.value(g.type(filter, element));
  Value y = ir::ConvOp::create(g.builder(), g.loc(), x, f, geometry);
  if (g.chance(20)) // its statistics belong to the kernel if nothing else asks for them before
    return normalise(g, y);
  if (g.chance(40))
    return g.add(y);
  if (g.chance(50))
    make<ir::ConvInputGradOp>(g, x.getType(), y, f, geometry);
  else
    make<ir::ConvFilterGradOp>(g, f.getType(), x, y, geometry);
}

/// With channels and pixels enough for minimal filtering.
static void makeWideConv(RandomGraph &g) {
  auto pads = [&] { return ir::Shape{g.constant(g.below(3)), g.constant(g.below(3))}; };
  auto least = [&](int64_t size) { return g.constant(size + g.below(4)); };
  SmallVector<int64_t> ones{1, 1};
  ir::Shape image{g.constant(1), least(13), least(13), least(16)};
  convOf(g, image, {g.constant(3), g.constant(3), image.back(), least(16)},
         {ones, ones, pads(), pads(), 1});
}

/// More pixels than kernels take at once: lines, and images that windows of one make lines of.
static void makeLongConv(RandomGraph &g) {
  bool line = g.chance(50);
  SmallVector<int64_t> ones(2 - line, 1);
  ir::Shape none(ones.size(), g.constant(0)), image{g.constant(1)}, filter;
  int64_t window = 1 + g.below(2) * g.below(3);
  for (size_t d = 0; d < ones.size(); ++d) {
    image.push_back(g.constant(line ? 250 + g.below(350) : 15 + g.below(8)));
    filter.push_back(g.constant(window));
  }
  image.push_back(g.constant(1 + g.below(8)));
  filter.append({image.back(), g.constant(1 + g.below(8))});
  convOf(g, image, filter, {ones, ones, none, none, 1});
}

static void makeConv(RandomGraph &g) {
  if (g.chance(15))
    return makeWideConv(g);
  if (g.chance(15))
    return makeLongConv(g);
  RandomWindow window(g);
  int64_t groups = 1 + g.below(2), channels = groups * (1 + g.below(2));
  ir::Shape filter;
  for (int64_t size : window.sizes)
    filter.push_back(g.constant(size));
  filter.append({g.constant(channels / groups), g.constant(groups * (1 + g.below(3)))});
  convOf(g, window.imageType(g, channels), filter, window.conv(groups));
}

template <typename Pool> static std::pair<Value, Value> pool(RandomGraph &g, RandomWindow &window) {
  Value x = g.value(g.type(window.imageType(g, 1 + g.below(3)), g.floatElement()));
  return {x, Pool::create(g.builder(), g.loc(), x, window.pool())};
}

static void makeAvgPool(RandomGraph &g) {
  RandomWindow window(g);
  auto [x, y] = pool<ir::AvgPoolOp>(g, window);
  if (g.chance(50))
    g.add(y);
  else
    make<ir::AvgPoolGradOp>(g, x.getType(), y, window.pool());
}

static void makeMaxPool(RandomGraph &g) {
  RandomWindow window(g);
  auto [x, y] = pool<ir::MaxPoolOp>(g, window);
  if (g.chance(50)) {
    g.add(y);
  } else if (g.chance(50)) {
    make<ir::MaxPoolGradOp>(g, x, y, window.pool());
  } else { // one kernel computes the pool and its winners
    Value winners = ir::MaxPoolWinnersOp::create(g.builder(), g.loc(), x, window.pool());
    make<ir::MaxPoolScatterOp>(g, x.getType(), winners, y, window.pool());
  }
}

//===- rows ---------------------------------------------------------------------------------===//

template <typename Op> static void makeSoftmax(RandomGraph &g) {
  Value x = g.anyFloat(1);
  make<Op>(g, x, g.below(typeOf(x).getRank()));
}

static void makeAttention(RandomGraph &g) {
  Type element = g.floatElement();
  ir::SizeAttr batch = g.size(), queries = g.size(), keys = g.chance(50) ? queries : g.size();
  ir::SizeAttr depth = g.constant(1 + g.below(4)), width = g.constant(1 + g.below(4));
  int64_t axis = g.below(2);
  auto operand = [&](ir::SizeAttr rows, ir::SizeAttr columns) {
    ir::Shape shape = {axis ? batch : rows, axis ? rows : batch, columns};
    return g.bounded(g.value(g.type(shape, element)));
  };
  Value q = operand(queries, depth), k = operand(keys, depth), v = operand(keys, width);
  make<ir::AttentionOp>(g, q, k, v, Value(), Value(),
                        ir::AttentionGeometry{{}, g.chance(30), axis, 0.5});
}

static void makeBatchNormTraining(RandomGraph &g) { normalise(g, g.anyFloat(2)); }
static void makeBatchNormInference(RandomGraph &g) {
  Value x = g.anyFloat(2);
  RankedTensorType row = lastOf(g, x);
  Value variance = g.positive(g.value(row));
  make<ir::BatchNormInferenceOp>(g, x, g.value(row), g.value(row), g.value(row), variance, 0.5);
}
static void makeLayerNorm(RandomGraph &g) {
  Value x = g.anyFloat(1);
  make<ir::LayerNormOp>(g, x, g.value(lastOf(g, x)), g.value(lastOf(g, x)), 0.5);
}

static void makeSparseCrossEntropy(RandomGraph &g) {
  Value x = g.anyFloat(1);
  ir::Shape rows = ir::shapeOf(x);
  rows.pop_back();
  Value labels = g.input(g.type(rows, g.builder().getI32Type()), {{0, 3}});
  make<ir::SparseSoftmaxCrossEntropyOp>(g, x, labels);
}
static void makeCrossEntropy(RandomGraph &g) {
  Value x = g.anyFloat(1);
  make<ir::SoftmaxCrossEntropyOp>(g, x, g.value(typeOf(x)));
}
static void makeSigmoidCrossEntropy(RandomGraph &g) {
  Value x = g.anyFloat();
  make<ir::SigmoidCrossEntropyOp>(g, x, g.value(typeOf(x)));
}

//===- indices and random numbers -----------------------------------------------------------===//

static void makeGather(RandomGraph &g) {
  Value x = g.anyNumber(1);
  Value indices = g.value(g.type({g.size()}, g.builder().getI32Type()));
  make<ir::GatherOp>(g, x, indices, g.below(typeOf(x).getRank()));
}
static void makeScatterAdd(RandomGraph &g) {
  Value x = g.anyNumber(1);
  int64_t axis = g.below(typeOf(x).getRank());
  ir::Shape updates = ir::shapeOf(x);
  updates[size_t(axis)] = g.size();
  Value indices = g.value(g.type({updates[size_t(axis)]}, g.builder().getI32Type()));
  make<ir::ScatterAddOp>(g, x, indices, g.value(g.type(updates, elementOf(x))), axis);
}
static void makeOneHot(RandomGraph &g) {
  ir::SizeAttr rows = g.size();
  Value indices = g.value(g.type({rows}, g.builder().getI32Type()));
  make<ir::OneHotOp>(g, g.type({rows, g.constant(3)}, g.floatElement()), indices);
}
static void makeIota(RandomGraph &g) {
  RankedTensorType type = g.randomType(g.numberElement(), 1);
  make<ir::IotaOp>(g, type, g.below(type.getRank()));
}

static Value key(RandomGraph &g) {
  return g.value(g.type({g.constant(2)}, g.builder().getI64Type()));
}
template <typename Op> static void makeRandom(RandomGraph &g) {
  make<Op>(g, g.randomType(g.floatElement(), 1), key(g), g.below(5));
}
static void makeBernoulli(RandomGraph &g) {
  Value p = ir::buildScalar(g.builder(), g.loc(), g.builder().getF32Type(), 0.25);
  make<ir::RandomBernoulliOp>(g, g.randomType(g.builder().getI1Type(), 1), key(g), p, g.below(5));
}
static void makeFold(RandomGraph &g) {
  Value k = key(g);
  make<ir::RandomFoldOp>(g, k.getType(), k, g.value(g.type({}, g.builder().getI32Type())));
}

//===- control ------------------------------------------------------------------------------===//

/// Fills a region's block: one value of the type of `x` from `x` and `y`.
static Value smallBody(RandomGraph &g, OpBuilder &b, Value x, Value y) {
  Value product = ir::MulOp::create(b, g.loc(), x, y);
  Value sum = g.chance(50) ? Value(ir::AddOp::create(b, g.loc(), product, x)) : product;
  return ir::TanhOp::create(b, g.loc(), sum);
}

static OpBuilder into(Region &region) { return OpBuilder::atBlockEnd(&region.front()); }

static void makeScan(RandomGraph &g) {
  Value carry = g.anyFloat();
  if (typeOf(carry).getRank() > 2)
    return;
  ir::SizeAttr trip = g.size();
  RankedTensorType stack = ir::ScanOp::stackedType(trip, carry.getType());
  Value xs = g.value(stack), invariant = g.value(typeOf(carry));
  auto scan =
      ir::ScanOp::create(g.builder(), g.loc(), TypeRange{carry.getType(), stack}, ValueRange{carry},
                         ValueRange{xs}, ValueRange{invariant}, trip, g.chance(30));
  Block &body = scan.addBody();
  OpBuilder b = OpBuilder::atBlockEnd(&body);
  Value first = smallBody(g, b, body.getArgument(1), body.getArgument(2));
  Value next = ir::AddOp::create(b, g.loc(), first, body.getArgument(3));
  ir::YieldOp::create(b, g.loc(), ValueRange{next, first});
  for (Value result : scan->getResults())
    g.add(result);
}

static void makeIf(RandomGraph &g) {
  Value x = g.anyFloat(), y = g.value(typeOf(x));
  Value p = g.value(g.type({}, g.builder().getI1Type()));
  auto op = ir::IfOp::create(g.builder(), g.loc(), TypeRange{x.getType()}, p, ValueRange{x, y});
  op.addBodies();
  OpBuilder onTrue = into(op.getOnTrue()), onFalse = into(op.getOnFalse());
  Value a = smallBody(g, onTrue, op.getOnTrue().getArgument(0), op.getOnTrue().getArgument(1));
  ir::YieldOp::create(onTrue, g.loc(), a);
  Value c = ir::SinOp::create(onFalse, g.loc(), op.getOnFalse().getArgument(1));
  ir::YieldOp::create(onFalse, g.loc(), c);
  g.add(op->getResult(0));
}

static void makeWhile(RandomGraph &g) {
  Value x = g.anyFloat(), factor = g.value(typeOf(x));
  auto op = ir::WhileOp::create(g.builder(), g.loc(), TypeRange{x.getType()}, ValueRange{x},
                                ValueRange{factor}, 1 + g.below(3));
  op.addBodies();
  OpBuilder b = into(op.getCondition());
  Value sum = ir::SumOp::create(b, g.loc(), op.getCondition().getArgument(0),
                                llvm::to_vector(llvm::seq<int64_t>(0, typeOf(x).getRank())));
  Value zero = ir::buildScalar(b, g.loc(), elementOf(x), 0.125);
  ir::YieldOp::create(
      b, g.loc(),
      ir::CompareOp::create(b, g.loc(), ir::ComparePredicate::gt, sum, zero).getResult());
  OpBuilder body = into(op.getBody());
  Value next = smallBody(g, body, op.getBody().getArgument(0), op.getBody().getArgument(1));
  ir::YieldOp::create(body, g.loc(), next);
  g.add(op->getResult(0));
}

static void makeCustomGradient(RandomGraph &g) {
  Value x = g.anyFloat();
  auto op =
      ir::CustomGradientOp::create(g.builder(), g.loc(), TypeRange{x.getType()}, ValueRange{x});
  op.addBodies();
  OpBuilder forward = into(op.getForward()), backward = into(op.getBackward());
  Value y = ir::SinOp::create(forward, g.loc(), op.getForward().getArgument(0));
  ir::YieldOp::create(forward, g.loc(), y);
  Value dx = ir::MulOp::create(backward, g.loc(), op.getBackward().getArgument(2),
                               op.getBackward().getArgument(1));
  ir::YieldOp::create(backward, g.loc(), dx);
  g.add(op->getResult(0));
}

ArrayRef<OpMaker> opMakers() {
  static const OpMaker makers[] = {
      {"neg", 2, numberUnary<ir::NegOp>},
      {"abs", 2, numberUnary<ir::AbsOp>},
      {"sign", 1, numberUnary<ir::SignOp>},
      {"relu", 4, numberUnary<ir::ReluOp>},
      {"exp", 2, ofBounded<ir::ExpOp>},
      {"expm1", 1, ofBounded<ir::Expm1Op>},
      {"log", 2, ofPositive<ir::LogOp>},
      {"log1p", 1, ofPositive<ir::Log1pOp>},
      {"sqrt", 2, ofPositive<ir::SqrtOp>},
      {"rsqrt", 2, ofPositive<ir::RsqrtOp>},
      {"reciprocal", 1, ofPositive<ir::ReciprocalOp>},
      {"tanh", 3, floatUnary<ir::TanhOp>},
      {"sigmoid", 3, floatUnary<ir::SigmoidOp>},
      {"erf", 2, floatUnary<ir::ErfOp>},
      {"sin", 1, ofBounded<ir::SinOp>},
      {"cos", 1, ofBounded<ir::CosOp>},
      {"floor", 1, floatUnary<ir::FloorOp>},
      {"ceil", 1, floatUnary<ir::CeilOp>},
      {"round", 1, floatUnary<ir::RoundOp>},
      {"add", 8, numberBinary<ir::AddOp>},
      {"sub", 5, numberBinary<ir::SubOp>},
      {"mul", 8, numberBinary<ir::MulOp>},
      {"div", 3, byPositive<ir::DivOp>},
      {"max", 2, numberBinary<ir::MaxOp>},
      {"min", 2, numberBinary<ir::MinOp>},
      {"pow", 1, makePow},
      {"rem", 1, byPositive<ir::RemOp>},
      {"and", 1, logical<ir::AndOp>},
      {"or", 1, logical<ir::OrOp>},
      {"xor", 1, logical<ir::XorOp>},
      {"not", 1, makeNot},
      {"compare", 2, makeCompare},
      {"select", 3, makeSelect},
      {"cast", 2, makeCast},
      {"sum", 4, reduce<ir::SumOp>},
      {"mean", 2, reduce<ir::MeanOp>},
      {"prod", 1, makeProd},
      {"reduce_max", 2, reduce<ir::ReduceMaxOp>},
      {"reduce_min", 1, reduce<ir::ReduceMinOp>},
      {"argmax", 1, argReduce<ir::ArgmaxOp>},
      {"argmin", 1, argReduce<ir::ArgminOp>},
      {"contract", 8, makeContract},
      {"reshape", 3, makeReshape},
      {"transpose", 3, makeTranspose},
      {"broadcast", 5, makeBroadcast},
      {"slice", 2, makeSlice},
      {"dynamic_slice", 1, makeDynamicSlice},
      {"dynamic_update_slice", 1, makeDynamicUpdateSlice},
      {"pad", 2, makePad},
      {"concat", 2, makeConcat},
      {"reverse", 1, makeReverse},
      {"constant", 2, makeConstant},
      {"size", 1, makeSize},
      {"conv", 5, makeConv},
      {"max_pool", 2, makeMaxPool},
      {"avg_pool", 2, makeAvgPool},
      {"softmax", 2, makeSoftmax<ir::SoftmaxOp>},
      {"log_softmax", 1, makeSoftmax<ir::LogSoftmaxOp>},
      {"attention", 1, makeAttention},
      {"batch_norm_training", 2, makeBatchNormTraining},
      {"batch_norm_inference", 1, makeBatchNormInference},
      {"layer_norm", 2, makeLayerNorm},
      {"sparse_softmax_cross_entropy", 1, makeSparseCrossEntropy},
      {"softmax_cross_entropy", 1, makeCrossEntropy},
      {"sigmoid_cross_entropy", 1, makeSigmoidCrossEntropy},
      {"gather", 2, makeGather},
      {"scatter_add", 2, makeScatterAdd},
      {"one_hot", 1, makeOneHot},
      {"iota", 1, makeIota},
      {"random_uniform", 1, makeRandom<ir::RandomUniformOp>},
      {"random_normal", 1, makeRandom<ir::RandomNormalOp>},
      {"random_bernoulli", 1, makeBernoulli},
      {"random_fold", 1, makeFold},
      {"stop_gradient", 1, floatUnary<ir::StopGradientOp>},
      {"scan", 2, makeScan},
      {"if", 1, makeIf},
      {"while", 1, makeWhile},
      {"custom_gradient", 1, makeCustomGradient},
  };
  return makers;
}

} // namespace dlc::check
