// Every misuse is reported at the call, with the template of messages: what was called, its kind,
// file and line; expected and got; the producer; one hint.
#include "Messages.h"

using namespace dlc;

namespace {

//===- layers -------------------------------------------------------------------------------===//

TEST_F(Messages, template_names_layer_producer_and_hint) {
  Dense dense({.units = 10});
  Value flat = Flatten()(Input({128, 8}));
  dense(flat);
  Value pooled = MaxPooling1D()(Input({256, 8}));
  Value result = dense(pooled);
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(pending(),
            "error: layer 'dense' (Dense, F:L): input has shape (B, 128, 8) but weights were "
            "built for last axis 1024\n"
            "  produced by 'max_pooling1d' (MaxPooling1D, F:L), shape (B, 128, 8)\n"
            "  hint: add Flatten() or GlobalAveragePooling1D() between them");
}

TEST_F(Messages, errors_carry_file_and_line_of_the_call) {
  Dense({.units = 0})(Input({4}));
  int line = __LINE__ - 1;
  const std::vector<Error> &errors = detail::scratchProgram()->errors;
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].file, "Messages_test.cpp");
  EXPECT_EQ(int(errors[0].line), line);
}

TEST_F(Messages, one_mistake_is_one_message) {
  Value y = Dense({.units = -1})(Input({4}));
  y = Activation("relu")(Dense({.units = 3})(y));
  EXPECT_FALSE(y.ok());
  EXPECT_EQ(pending(), "error: layer 'dense' (Dense, F:L): units is -1, expected at least 1\n"
                       "  hint: Dense({.units = 10})");
}

TEST_F(Messages, dense_refuses_integers) {
  Dense({.units = 2})(Input({4}, {.dtype = DType::I32}));
  EXPECT_EQ(pending(), "error: layer 'dense' (Dense, F:L): input is i32 (B, 4), expected floats\n"
                       "  produced by Input (F:L), shape (B, 4)\n"
                       "  hint: put Embedding() or a cast before it");
}

TEST_F(Messages, conv_without_channels) {
  Conv2D({.filters = 8, .kernel = 3})(Input({28, 28}));
  EXPECT_EQ(pending(), "error: layer 'conv2d' (Conv2D, F:L): input has shape (B, 28, 28), "
                       "expected (B, height, width, channels)\n"
                       "  produced by Input (F:L), shape (B, 28, 28)\n"
                       "  hint: add a dimension of channels, for example with Reshape");
}

TEST_F(Messages, conv_kernel_of_wrong_rank) {
  Conv2D({.filters = 8, .kernel = {3, 3, 3}})(Input({28, 28, 1}));
  EXPECT_EQ(pending(), "error: layer 'conv2d' (Conv2D, F:L): kernel has 3 entries, expected 1 or "
                       "2\n  hint: Conv2D({.filters = 32, .kernel = 3})");
}

TEST_F(Messages, conv_groups_do_not_divide) {
  Conv1D({.filters = 8, .kernel = 3, .groups = 3})(Input({28, 4}));
  EXPECT_EQ(pending(), "error: layer 'conv1d' (Conv1D, F:L): groups = 3 does not divide both 4 "
                       "input channels and 8 filters");
}

TEST_F(Messages, conv_window_does_not_fit) {
  Conv2D({.filters = 8, .kernel = 5})(Input({4, 9, 1}));
  EXPECT_EQ(pending(), "error: layer 'conv2d' (Conv2D, F:L): a window of 5 does not fit dimension "
                       "1 of (B, 4, 9, 1)\n"
                       "  produced by Input (F:L), shape (B, 4, 9, 1)\n"
                       "  hint: use a smaller window or padding 'same'");
}

TEST_F(Messages, unknown_padding) {
  MaxPooling2D({.padding = "full"})(Input({4, 4, 1}));
  EXPECT_EQ(pending(), "error: layer 'max_pooling2d' (MaxPooling2D, F:L): padding 'full' is "
                       "unknown\n  hint: expected 'valid', 'same', 'causal' or 'explicit'");
}

TEST_F(Messages, unknown_activation) {
  Dense({.units = 2, .activation = "rely"})(Input({4}));
  EXPECT_EQ(pending(), "error: layer 'dense' (Dense, F:L): unknown activation 'rely'\n"
                       "  hint: known are linear, relu, relu6, leaky_relu, elu, selu, gelu, "
                       "gelu_approximate, silu, swish, mish, softplus, softsign, sigmoid, "
                       "hard_sigmoid, tanh, exponential, softmax, log_softmax");
}

TEST_F(Messages, unknown_initializer) {
  Dense({.units = 2, .kernelInitializer = "glorot"})(Input({4}));
  EXPECT_NE(pending().find("error: variable 'dense/kernel' (F:L): unknown initializer 'glorot'"),
            std::string::npos);
}

TEST_F(Messages, add_of_different_shapes) {
  Value a = Input({4}), b = Dense({.units = 5})(a);
  Add()({a, b});
  EXPECT_EQ(pending(), "error: layer 'add' (Add, F:L): inputs are f32 (B, 4) and f32 (B, 5), "
                       "expected equal shapes and types\n"
                       "  produced by 'dense' (Dense, F:L), shape (B, 5)\n"
                       "  hint: project one with Dense or Conv so that both have the same size");
}

TEST_F(Messages, concatenate_beside_the_axis) {
  Concatenate({.axis = 1})({Input({4, 2}), Input({4, 3})});
  EXPECT_NE(pending().find("layer 'concatenate' (Concatenate, F:L): inputs have shapes (B, 4, 2) "
                           "and (B, 4, 3), which differ beside axis 1"),
            std::string::npos);
}

TEST_F(Messages, reshape_keeps_the_number_of_elements) {
  Reshape({.shape = {7, 5}})(Input({4, 8}));
  EXPECT_EQ(pending(), "error: layer 'reshape' (Reshape, F:L): input has shape (B, 4, 8) with 32*B "
                       "elements, which do not fit (B, 7, 5)\n"
                       "  produced by Input (F:L), shape (B, 4, 8)\n"
                       "  hint: the product of the sizes must stay the same");
}

TEST_F(Messages, embedding_wants_indices) {
  Embedding({.inputDim = 10, .outputDim = 4})(Input({7}));
  EXPECT_EQ(pending(), "error: layer 'embedding' (Embedding, F:L): input is f32 (B, 7), expected "
                       "indices of i32 or i64\n"
                       "  produced by Input (F:L), shape (B, 7)\n"
                       "  hint: Input(shape, {.dtype = DType::I32})");
}

TEST_F(Messages, dropout_rate_out_of_range) {
  Dropout({.rate = 1})(Input({7}));
  EXPECT_EQ(pending(), "error: layer 'dropout' (Dropout, F:L): rate is 1.000000, expected 0 <= "
                       "rate < 1");
}

TEST_F(Messages, too_many_inputs) {
  Dense({.units = 2})({Input({7}), Input({7})});
  EXPECT_NE(pending().find("error: layer 'dense' (Dense, F:L): takes 1 input, got 2"),
            std::string::npos);
}

TEST_F(Messages, lambda_errors_point_into_the_users_code) {
  Lambda lambda([](Value x) { return x + transpose(x); });
  int line = __LINE__ - 1;
  lambda(Input({7}));
  ASSERT_EQ(detail::scratchProgram()->errors.size(), 1u);
  EXPECT_EQ(int(detail::scratchProgram()->errors[0].line), line);
  EXPECT_EQ(pending().substr(0, 80),
            "error: layer 'lambda' (Lambda, F:L): op 'add': shapes (B, 7) and (7, B) do not b");
}

//===- models -------------------------------------------------------------------------------===//

TEST_F(Messages, model_of_ops_outside_layers) {
  Value a = Input({4});
  Model model({a}, {tanh(a)});
  EXPECT_EQ(textOf(model.errors()),
            "error: model 'functional' (F:L): outputs depend on an op that is not part of a layer\n"
            "  produced by op 'tanh' (F:L), shape (B, 4)\n"
            "  hint: put ops on values of Input() into a Lambda layer");
}

TEST_F(Messages, model_without_one_of_its_inputs) {
  Value a = Input({4}), b = Input({4});
  Model model({a}, {Add()({a, b})});
  EXPECT_EQ(textOf(model.errors()),
            "error: model 'functional' (F:L): outputs depend on the input of F:L, which is not "
            "among the model's inputs\n  hint: add it to the first list");
}

TEST_F(Messages, compile_returns_every_error) {
  Sequential model({Input({4}), Dense({.units = 3, .activation = "rely"})});
  Dense bad({.units = 0});
  Program program = model.compile({.loss = "mse"});
  EXPECT_FALSE(program.ok());
  EXPECT_NE(textOf(program.errors()).find("unknown activation 'rely'"), std::string::npos);
  EXPECT_EQ(program.text(), "");
}

TEST_F(Messages, compile_without_input) {
  Sequential model({Dense({.units = 3})});
  EXPECT_EQ(textOf(model.compile({.loss = "mse"}).errors()),
            "error: model 'sequential' (F:L): the model has no input\n"
            "  hint: begin with Input: Sequential({Input({784}), Dense({.units = 10})})");
}

TEST_F(Messages, compile_with_unknown_words) {
  Sequential model({Input({4}), Dense({.units = 3})});
  Program program = model.compile({.optimizer = "adem", .loss = "msee", .metrics = {"acc"}});
  EXPECT_EQ(textOf(program.errors()),
            "error: model 'sequential' (F:L): unknown optimizer 'adem'\n"
            "  hint: known are sgd, rmsprop, adam\n"
            "error: model 'sequential' (F:L): unknown loss 'msee'\n"
            "  hint: known are binary_crossentropy, categorical_crossentropy, "
            "sparse_categorical_crossentropy, mse, mae\n"
            "error: model 'sequential' (F:L): unknown metric 'acc'\n"
            "  hint: known are accuracy, binary_accuracy, categorical_accuracy, "
            "sparse_categorical_accuracy and the names of losses");
}

TEST_F(Messages, compile_with_nothing_to_train) {
  Dense dense({.units = 3});
  dense.setTrainable(false);
  Sequential model({Input({4}), dense});
  EXPECT_EQ(textOf(model.compile({.loss = "mse"}).errors()),
            "error: model 'sequential' (F:L): there is nothing to train: no layer has trainable "
            "weights\n  hint: setTrainable(true) on what is to be trained");
}

TEST_F(Messages, two_layers_of_one_name) {
  Dense first({.units = 3, .name = "a"}), second({.units = 3, .name = "a"});
  Sequential model({Input({4}), first, second});
  EXPECT_EQ(textOf(model.compile({.loss = "mse"}).errors()).substr(0, 72),
            "error: variable 'a/kernel' (F:L): a variable of this name was made at F:");
}

TEST_F(Messages, values_from_before_the_session_was_cleared) {
  Value a = Input({4});
  Value b = Dense({.units = 2})(a);
  clearSession();
  Model model({a}, {b});
  EXPECT_EQ(textOf(model.errors()),
            "error: model 'functional' (F:L): a value is from before clearSession()\n"
            "  produced by 'dense' (Dense, F:L), shape (B, 2)\n"
            "  hint: call Input() and the layers again");
}

TEST_F(Messages, a_layer_that_is_not_there) {
  Sequential model({Input({4}), Dense({.units = 3})});
  EXPECT_FALSE(model.layer("dense_7").ok());
  model.layer("dense_7")(x);
  EXPECT_EQ(errors(), "error: layer '' (F:L): an empty layer was called");
}

//===- ops ----------------------------------------------------------------------------------===//

TEST_F(Messages, shapes_that_do_not_broadcast) {
  x + entry.input("y", {"B", 10});
  EXPECT_EQ(errors(), "error: op 'add' (F:L): shapes (B, 784) and (B, 10) do not broadcast: 784 "
                      "and 10 differ\n  produced by input 'y' (F:L), shape (B, 10)\n"
                      "  hint: only a size of 1 stretches; reshape or transpose one operand");
}

TEST_F(Messages, a_symbol_never_stretches) {
  x *entry.input("y", {"S", 784});
  EXPECT_NE(errors().find("do not broadcast: B and S differ"), std::string::npos);
}

TEST_F(Messages, operands_of_different_types) {
  x + entry.input("y", {"B", 784}, DType::I32);
  EXPECT_EQ(errors(), "error: op 'add' (F:L): operands have element types f32 and i32\n"
                      "  produced by input 'y' (F:L), shape (B, 784)\n"
                      "  hint: cast one of them");
}

TEST_F(Messages, matmul_of_different_inner_sizes) {
  matmul(x, entry.input("w", {10, 5}));
  EXPECT_NE(errors().find("op 'matmul' (F:L): shapes (B, 784) and (10, 5) do not multiply: 784 and "
                          "10 differ"),
            std::string::npos);
}

TEST_F(Messages, axis_outside_the_rank) {
  sum(x, {2});
  EXPECT_EQ(errors(), "error: op 'sum' (F:L): axis 2 is outside [-2, 2) for rank 2\n"
                      "  produced by input 'x' (F:L), shape (B, 784)");
}

TEST_F(Messages, exp_of_integers) {
  exp(entry.input("n", {3}, DType::I32));
  EXPECT_NE(errors().find("error: op 'exp' (F:L): operand #0 must be ranked tensor of f32, f64, "
                          "f16 or bf16"),
            std::string::npos);
}

TEST_F(Messages, select_by_floats) {
  select(x, 1.0, x);
  EXPECT_NE(errors().find("op 'select' (F:L): the predicate has element type f32, expected i1"),
            std::string::npos);
}

TEST_F(Messages, gradient_of_a_tensor) {
  gradient(x, {x});
  EXPECT_EQ(errors(), "error: op 'gradient' (F:L): the loss has shape (B, 784), expected a scalar\n"
                      "  produced by input 'x' (F:L), shape (B, 784)\n"
                      "  hint: reduce it with mean() or sum()");
}

TEST_F(Messages, slice_past_the_end) {
  slice(x, {0, 700}, {"B", 800});
  EXPECT_NE(errors().find("[700, 800) with stride 1 is no part of dimension 1 of (B, 784)"),
            std::string::npos);
}

TEST_F(Messages, sparse_labels_for_the_dense_loss) {
  CategoricalCrossentropy()(entry.input("y", {"B"}), x);
  EXPECT_NE(errors().find("targets have shape (B) for an output of shape (B, 784)\n"
                          "  produced by input 'x' (F:L), shape (B, 784)\n"
                          "  hint: integer labels go with sparse_categorical_crossentropy"),
            std::string::npos);
}

TEST_F(Messages, scan_over_different_lengths) {
  scan({}, {entry.input("a", {"T", 3}), entry.input("b", {"S", 3})},
       [](Value, Values, Values slices) { return slices; });
  EXPECT_NE(errors().find("op 'scan' (F:L): leading sizes T and S of what is scanned over differ"),
            std::string::npos);
}

TEST_F(Messages, carry_that_changes_its_type) {
  scan({entry.constant(0)}, {x},
       [](Value, Values carries, Values slices) { return Values{carries[0] + slices[0]}; });
  EXPECT_NE(errors().find("carry 0 begins as f32 () but the body returned f32 (784)"),
            std::string::npos);
}

TEST_F(Messages, random_numbers_in_a_while_loop) {
  whileLoop(
      {x}, [](Values v) { return less(sum(v[0]), 1.0); },
      [](Values v) { return Values{v[0] + randomUniform(v[0])}; });
  EXPECT_NE(errors().find("random numbers inside a while loop would repeat in every iteration"),
            std::string::npos);
}

//===- programs -----------------------------------------------------------------------------===//

TEST_F(Messages, values_of_two_entries) {
  Entry other = program.entry("f");
  x + other.input("x", {"B", 784});
  EXPECT_EQ(errors(), "error: op 'add' (F:L): operands belong to entries 'e' and 'f'\n"
                      "  hint: values do not travel between entries; share variables instead");
}

TEST_F(Messages, an_empty_value) {
  x + Value();
  EXPECT_NE(errors().find("op 'add' (F:L): an operand is an empty value"), std::string::npos);
}

TEST_F(Messages, names_that_repeat) {
  program.variable("w", {3});
  program.variable("w", {3});
  program.entry("e");
  entry.input("x", {3});
  entry.output("y", x);
  entry.output("y", x);
  EXPECT_EQ(errors(), "error: variable 'w' (F:L): a variable of this name was made at F:L\n"
                      "  hint: give layers and variables distinct names\n"
                      "error: entry 'e' (F:L): an entry of this name was made at F:L\n"
                      "error: input 'x' (F:L): entry 'e' has an input of this name\n"
                      "error: output 'y' (F:L): entry 'e' has an output of this name");
}

TEST_F(Messages, assign_of_another_type) {
  entry.assign(program.variable("w", {3}), x);
  EXPECT_EQ(errors(), "error: variable 'w' (F:L): has type f32 (3) but the new value has f32 (B, "
                      "784)\n  produced by input 'x' (F:L), shape (B, 784)");
}

TEST_F(Messages, negative_sizes_and_bad_symbols) {
  entry.input("a", {-3});
  entry.input("b", {"my size"});
  EXPECT_EQ(errors(), "error: input 'a' (F:L): size -3 of dimension 0 is negative\n"
                      "error: input 'b' (F:L): size 'my size' is not the name of a symbol\n"
                      "  hint: names are a letter followed by letters, digits or '_'");
}

TEST_F(Messages, a_finished_program_is_closed) {
  EXPECT_TRUE(program.finish());
  tanh(x);
  EXPECT_EQ(errors(), "error: op 'tanh' (F:L): the program was written before the op was added");
}

TEST_F(Messages, symbols_declared_late_or_empty) {
  program.symbol("B");
  program.symbol("T", {.min = 5, .max = 2});
  EXPECT_NE(errors().find("symbol 'B' (F:L): the symbol was declared or used before"),
            std::string::npos);
  EXPECT_NE(errors().find("symbol 'T' (F:L): bounds min = 5, max = 2, divisor = 1 allow no size"),
            std::string::npos);
}

} // namespace
