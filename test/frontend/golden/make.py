#!/usr/bin/env python3
"""Writes the golden numbers of Keras that test/frontend/Golden_test.cpp compares with.

    python3 -m venv ~/keras && ~/keras/bin/pip install keras jax
    ~/keras/bin/python test/frontend/golden/make.py [FILE...]

All files, or those that are named; each has numbers of its own. Cases are named as in the test. Numbers are
float32 in their shortest form, which is exact.
"""
import json
import os
import sys
import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import jax.numpy as jnp
import keras
from keras import layers as L
from keras.src.backend import set_keras_mask

jax.config.update("jax_default_matmul_precision", "float32")
FOLDER = os.path.dirname(os.path.abspath(__file__))
rng = np.random.RandomState(7)


def tensor(array):
    array = np.asarray(array)
    kind = {"f": "f32", "i": "i32", "b": "i1"}[array.dtype.kind]
    flat = array.ravel().tolist()
    if kind == "f32":
        flat = [float(str(np.float32(value))) for value in flat]
    return {"type": kind, "shape": list(array.shape), "data": [int(v) for v in flat] if kind != "f32" else flat}


def normal(*shape):
    return np.round(rng.normal(size=shape), 2).astype(np.float32)  # short in the file


def write(name, cases):
    with open(os.path.join(FOLDER, name + ".json"), "w") as file:
        rows = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        file.write('{"keras":"%s","cases":[\n%s\n]}\n' % (keras.__version__, rows))
    print(name, len(cases))


def cotangent(shape):
    """What gradients are taken with; GoldenLayers_test.cpp computes the same."""
    index = np.arange(int(np.prod(shape)))
    return (((index * 7919) % 13 - 6) / 8).astype(np.float32).reshape(shape)


def gradients(layer, inputs, call, query_mask):
    """By every float input, then by every trained weight, of sum(output * cotangent)."""
    floats = [i for i, x in enumerate(inputs) if x.dtype == np.float32]

    def loss(values, weights):
        given = list(inputs)
        for i, value in zip(floats, values):
            given[i] = value
        output, _ = layer.stateless_call(weights, [v.value for v in layer.non_trainable_variables],
                                         *arguments(layer, given, query_mask), **call)
        return jnp.sum(output * cotangent(output.shape))

    by_inputs, by_weights = jax.grad(loss, argnums=(0, 1))(
        [jnp.asarray(inputs[i]) for i in floats], [v.value for v in layer.trainable_variables])
    return ([tensor(g) for g in by_inputs],
            {name_of(v): tensor(g) for v, g in zip(layer.trainable_variables, by_weights)})


def arguments(layer, inputs, query_mask=None):
    if query_mask is not None:
        inputs = [jnp.asarray(inputs[0])] + inputs[1:]
        set_keras_mask(inputs[0], query_mask)  # the layer reads the one that the query carries
    if isinstance(layer, L.MultiHeadAttention):
        return inputs if len(inputs) > 1 else inputs * 2
    return [inputs] if len(inputs) > 1 else inputs


def name_of(weight):
    """"kernel", or "query/kernel" of a layer inside."""
    return weight.path.split("/", 1)[1]


MASKS = {"mask": "value_mask", "attention_mask": "attention_mask", "value_mask": "value_mask",
         "key_mask": "key_mask"}


def layer_case(name, layer, *inputs, training=False, masks={}, **call):
    """Builds the layer, gives every weight random values; records inputs, weights, outputs and gradients.

    "mask" and "attention_mask" go into the call; the other masks are carried by the inputs.
    """
    inputs = list(inputs)
    layer(*arguments(layer, inputs))
    for weight in layer.weights:
        value = np.round(normal(*weight.shape) * 0.5, 2).astype(np.float32)
        weight.assign(np.abs(value) + 0.5 if weight.name == "moving_variance" else value)
    before = {name_of(w): tensor(np.asarray(w)) for w in layer.weights}
    case = {"name": name, "inputs": [tensor(x) for x in inputs], "weights": before, "training": training,
            "parameters": layer.count_params()}
    for key, value in call.items():
        case[key] = value
    for key, value in masks.items():
        case[key] = tensor(value)
        if key in MASKS:
            call[MASKS[key]] = value
    if training:
        call["training"] = True
    case["gradients"], case["weight_gradients"] = gradients(layer, inputs, call, masks.get("query_mask"))
    case["output"] = tensor(np.asarray(layer(*arguments(layer, inputs, masks.get("query_mask")), **call)))
    if training:
        case["after"] = {name_of(w): tensor(np.asarray(w)) for w in layer.weights}
    return case


def layers():
    image, line, volume = normal(2, 7, 6, 4), normal(2, 9, 4), normal(1, 4, 5, 4, 2)
    rows = normal(3, 5)
    cases = [layer_case("dense_" + f, L.Dense(4, activation=f), rows)
             for f in ("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "mish",
                       "softplus", "softsign", "sigmoid", "hard_sigmoid", "tanh", "exponential", "softmax",
                       "log_softmax")]
    cases += [
        layer_case("dense_no_bias_3d", L.Dense(3, use_bias=False), line),
        layer_case("conv1d_valid", L.Conv1D(3, 4, strides=2), line),
        layer_case("conv1d_same", L.Conv1D(3, 4, strides=2, padding="same"), line),
        layer_case("conv1d_causal", L.Conv1D(3, 3, dilation_rate=2, padding="causal"), line),
        layer_case("conv2d_valid", L.Conv2D(5, 3, activation="relu"), image),
        layer_case("conv2d_same_stride", L.Conv2D(3, (3, 2), strides=2, padding="same"), image),
        layer_case("conv2d_dilated", L.Conv2D(3, 3, dilation_rate=2, padding="same"), image),
        layer_case("conv2d_groups", L.Conv2D(6, 3, groups=2), image),
        layer_case("conv2d_no_bias", L.Conv2D(3, 1, use_bias=False), image),
        layer_case("conv3d_same", L.Conv3D(3, 3, strides=(1, 2, 1), padding="same"), volume),
        layer_case("max_pooling1d", L.MaxPooling1D(2), line),
        layer_case("max_pooling2d_same", L.MaxPooling2D(3, strides=2, padding="same"), image),
        layer_case("max_pooling2d", L.MaxPooling2D((2, 3)), image),
        layer_case("max_pooling3d", L.MaxPooling3D(2), volume),
        layer_case("average_pooling1d_same", L.AveragePooling1D(4, strides=3, padding="same"), line),
        layer_case("average_pooling2d_same", L.AveragePooling2D(3, strides=2, padding="same"), image),
        layer_case("average_pooling2d", L.AveragePooling2D(2), image),
        layer_case("average_pooling3d_same", L.AveragePooling3D(3, strides=2, padding="same"), volume),
        layer_case("global_max_pooling1d", L.GlobalMaxPooling1D(), line),
        layer_case("global_max_pooling2d_keep", L.GlobalMaxPooling2D(keepdims=True), image),
        layer_case("global_max_pooling3d", L.GlobalMaxPooling3D(), volume),
        layer_case("global_average_pooling1d", L.GlobalAveragePooling1D(), line),
        layer_case("global_average_pooling2d", L.GlobalAveragePooling2D(), image),
        layer_case("global_average_pooling3d_keep", L.GlobalAveragePooling3D(keepdims=True), volume),
        layer_case("flatten", L.Flatten(), image),
        layer_case("reshape", L.Reshape((-1, 8)), image),
        layer_case("dropout_inference", L.Dropout(0.5), rows),
        layer_case("batch_normalization_inference", L.BatchNormalization(), image),
        layer_case("batch_normalization_training", L.BatchNormalization(), image, training=True),
        layer_case("batch_normalization_options",
                   L.BatchNormalization(momentum=0.9, epsilon=1e-5, center=False, scale=False), rows,
                   training=True),
        layer_case("layer_normalization", L.LayerNormalization(), line),
        layer_case("layer_normalization_options", L.LayerNormalization(epsilon=1e-5, center=False), rows),
        layer_case("activation_relu", L.Activation("relu"), rows),
        layer_case("activation_softmax", L.Activation("softmax"), rows),
        layer_case("add", L.Add(), rows, normal(3, 5), normal(3, 5)),
        layer_case("concatenate", L.Concatenate(), rows, normal(3, 2)),
        layer_case("concatenate_axis1", L.Concatenate(axis=1), line, normal(2, 3, 4)),
        layer_case("embedding", L.Embedding(6, 3), rng.randint(0, 6, size=(2, 5)).astype(np.int32)),
    ]
    return cases + [masked_average()]


def masked_average():
    tokens = np.array([[1, 2, 0, 0], [3, 1, 2, 5]], np.int32)
    table = L.Embedding(6, 3, mask_zero=True)
    pooled = L.GlobalAveragePooling1D()
    embedded = table(tokens)
    table.embeddings.assign(normal(6, 3))
    embedded = table(tokens)
    output = np.asarray(pooled(embedded, mask=table.compute_mask(tokens)))
    return {"name": "masked_average", "inputs": [tensor(tokens)], "training": False,
            "weights": {"embeddings": tensor(np.asarray(table.embeddings))}, "output": tensor(output),
            "parameters": 18}


def windows():
    image, line, volume = normal(1, 5, 4, 2), normal(2, 6, 3), normal(1, 3, 4, 3, 2)
    cases = [
        layer_case("depthwise_conv1d", L.DepthwiseConv1D(3, strides=2, padding="same"), line),
        layer_case("depthwise_conv2d", L.DepthwiseConv2D(3, activation="relu"), image),
        layer_case("depthwise_conv2d_multiplier",
                   L.DepthwiseConv2D((2, 3), padding="same", depth_multiplier=3, use_bias=False), image),
        layer_case("depthwise_conv2d_stride", L.DepthwiseConv2D(3, strides=2, padding="same"), image),
        layer_case("depthwise_conv2d_dilated", L.DepthwiseConv2D(2, dilation_rate=2), image),
        layer_case("separable_conv1d_same", L.SeparableConv1D(2, 3, padding="same"), line),
        layer_case("separable_conv1d", L.SeparableConv1D(4, 2, strides=2, depth_multiplier=2), line),
        layer_case("separable_conv2d", L.SeparableConv2D(3, 3, padding="same", activation="tanh"), image),
        layer_case("separable_conv2d_no_bias", L.SeparableConv2D(2, 2, strides=2, use_bias=False), image),
        layer_case("conv1d_transpose_valid", L.Conv1DTranspose(2, 3, strides=2), line),
        layer_case("conv1d_transpose_short_kernel", L.Conv1DTranspose(2, 2, strides=3), line),
        layer_case("conv2d_transpose_same", L.Conv2DTranspose(3, 3, strides=2, padding="same"), image),
        layer_case("conv2d_transpose_same_1", L.Conv2DTranspose(2, 4, padding="same"), image),
        layer_case("conv2d_transpose_short_kernel", L.Conv2DTranspose(2, 2, strides=3, padding="same"), image),
        layer_case("conv2d_transpose_valid", L.Conv2DTranspose(2, (2, 3), activation="relu"), image),
        layer_case("conv2d_transpose_output_padding",
                   L.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1), image),
        layer_case("conv2d_transpose_valid_output_padding",
                   L.Conv2DTranspose(2, 3, strides=(2, 3), output_padding=(0, 2)), image),
        layer_case("conv2d_transpose_dilated", L.Conv2DTranspose(2, 2, dilation_rate=2, use_bias=False), image),
        layer_case("conv3d_transpose_same", L.Conv3DTranspose(2, 3, strides=(1, 2, 1), padding="same"), volume),
        layer_case("zero_padding1d", L.ZeroPadding1D((1, 2)), line),
        layer_case("zero_padding2d", L.ZeroPadding2D(((1, 0), (2, 3))), image),
        layer_case("zero_padding2d_each", L.ZeroPadding2D((1, 2)), image),
        layer_case("zero_padding3d", L.ZeroPadding3D(1), volume),
        layer_case("cropping1d", L.Cropping1D((1, 2)), line),
        layer_case("cropping2d", L.Cropping2D(((1, 0), (0, 2))), image),
        layer_case("cropping3d", L.Cropping3D(1), normal(1, 3, 4, 5, 2)),
        layer_case("up_sampling1d", L.UpSampling1D(3), line),
        layer_case("up_sampling2d", L.UpSampling2D((2, 3)), image),
        layer_case("up_sampling2d_bilinear", L.UpSampling2D((2, 3), interpolation="bilinear"), image),
        layer_case("up_sampling3d", L.UpSampling3D((1, 2, 2)), volume),
    ]
    return cases


class PositionEmbedding(L.Layer):
    """The formula of Keras Hub's layer of this name."""

    def __init__(self, sequence_length):
        super().__init__()
        self.sequence_length = sequence_length

    def build(self, shape):
        self.table = self.add_weight(name="embeddings", shape=(self.sequence_length, shape[-1]))

    def call(self, x):
        return jnp.broadcast_to(self.table.value[:x.shape[1]], x.shape)


def elements():
    rows, line, image = normal(3, 5) * 3, normal(2, 4, 3), normal(2, 3, 2, 6)
    cases = [
        layer_case("relu", L.ReLU(), rows),
        layer_case("relu_6", L.ReLU(max_value=6), rows * 3),
        layer_case("relu_slope", L.ReLU(negative_slope=0.1), rows),
        layer_case("relu_all", L.ReLU(max_value=2, negative_slope=0.2, threshold=0.7), rows),
        layer_case("leaky_relu", L.LeakyReLU(), rows),
        layer_case("leaky_relu_slope", L.LeakyReLU(negative_slope=0.05), rows),
        layer_case("elu", L.ELU(), rows),
        layer_case("elu_alpha", L.ELU(alpha=0.5), rows),
        layer_case("softmax", L.Softmax(), rows),
        layer_case("softmax_axis", L.Softmax(axis=1), line),
        layer_case("gelu_approximate",
                   L.Activation(lambda x: keras.activations.gelu(x, approximate=True)), rows),
        layer_case("add_stretched", L.Add(), line, normal(2, 1, 3)),
        layer_case("subtract", L.Subtract(), rows, normal(3, 5)),
        layer_case("multiply", L.Multiply(), rows, normal(3, 5), normal(3, 5)),
        layer_case("multiply_channels", L.Multiply(), image, normal(2, 1, 1, 6)),
        layer_case("average", L.Average(), rows, normal(3, 5), normal(3, 5)),
        layer_case("maximum", L.Maximum(), rows, normal(3, 5), normal(3, 5)),
        layer_case("minimum", L.Minimum(), rows, normal(3, 5)),
        layer_case("dot", L.Dot(axes=1), rows, normal(3, 5)),
        layer_case("dot_cosine", L.Dot(axes=-1, normalize=True), rows, normal(3, 5)),
        layer_case("dot_matrices", L.Dot(axes=(2, 1)), line, normal(2, 3, 2)),
        layer_case("permute", L.Permute((3, 1, 2)), image),
        layer_case("repeat_vector", L.RepeatVector(3), rows),
        layer_case("group_normalization", L.GroupNormalization(3), image),
        layer_case("group_normalization_all", L.GroupNormalization(1, epsilon=1e-5, center=False), line),
        layer_case("instance_normalization", L.GroupNormalization(-1, scale=False), image),
        layer_case("group_normalization_rows", L.GroupNormalization(1), rows),
        layer_case("rms_normalization", L.RMSNormalization(), line),
        layer_case("unit_normalization", L.UnitNormalization(), line),
        layer_case("spatial_dropout_inference", L.SpatialDropout2D(0.5), image),
        layer_case("gaussian_noise_inference", L.GaussianNoise(0.5), rows),
        layer_case("gaussian_dropout_inference", L.GaussianDropout(0.5), rows),
        layer_case("reversible_embedding", L.ReversibleEmbedding(6, 3),
                   rng.randint(0, 6, size=(2, 5)).astype(np.int32)),
        layer_case("reversible_embedding_reverse", L.ReversibleEmbedding(6, 3), line, reverse=True),
        layer_case("position_embedding", PositionEmbedding(7), line),
    ]
    return cases


def attention():
    query, value, key = normal(2, 4, 6), normal(2, 5, 3), normal(2, 5, 4)
    A = L.MultiHeadAttention
    # With dropout, which is off here, Keras sets probabilities under a mask to 0 and takes values of another
    # size than keys; without, this back end does neither.
    slow = {"dropout": 1e-9}
    steps = np.array([[1, 1, 1, 1, 0], [0, 1, 0, 1, 1]], bool)
    queries = np.array([[1, 1, 1, 0], [0, 1, 0, 1]], bool)
    allowed = rng.rand(2, 4, 5) < 0.6
    allowed[1, 2] = False  # nowhere to look
    cases = [
        layer_case("self", A(2, 3), query),
        layer_case("self_causal", A(3, 2), query, use_causal_mask=True),
        layer_case("cross", A(2, 3, value_dim=4, output_shape=5, **slow), query, value),
        layer_case("cross_key", A(2, 3, use_bias=False), query, value, key),
        layer_case("cross_causal", A(1, 3), query, value, use_causal_mask=True),
        layer_case("attention_mask", A(2, 3, **slow), query, value, masks={"attention_mask": allowed}),
        layer_case("attention_mask_heads", A(2, 3, **slow), query, value,
                   masks={"attention_mask": rng.rand(2, 2, 4, 5) < 0.5}),
        layer_case("padding_mask", A(2, 3, **slow), query, value, masks={"mask": steps}),
        layer_case("carried_masks", A(2, 3, **slow), query, value, key,
                   masks={"query_mask": queries, "value_mask": steps, "key_mask": steps[::-1].copy()}),
        layer_case("all_masks", A(2, 3, **slow), query, value, use_causal_mask=True,
                   masks={"query_mask": queries, "value_mask": steps, "attention_mask": allowed}),
    ]
    return cases


def loss_case(name, loss, target, output):
    loss.reduction = None
    samples = np.asarray(loss(target, output))
    loss.reduction = "sum_over_batch_size"
    gradient = jax.grad(lambda x: jnp.asarray(loss(target, x)))(jnp.asarray(output))
    return {"name": name, "target": tensor(target), "output": tensor(output), "samples": tensor(samples),
            "mean": tensor(np.asarray(loss(target, output))), "gradient": tensor(np.asarray(gradient))}


def losses():
    logits = normal(4, 3) * 3
    raw = np.abs(normal(4, 3)) + 0.05  # sums are not 1
    edge = np.array([[1, 0, 0], [0, 0.5, 0.5], [0, 1, 0], [1e-9, 1, 1e-9]], np.float32)
    onehot = np.eye(3, dtype=np.float32)[[0, 2, 1, 0]]
    labels = np.array([0, 2, 1, 0], np.int32)
    bits = np.array([[0], [1], [1], [0]], np.float32)
    bit_logits = normal(4, 1) * 4
    bit_probabilities = np.array([[0.0], [1.0], [0.3], [0.9999999]], np.float32)
    K = keras.losses
    cases = [
        loss_case("binary_probabilities", K.BinaryCrossentropy(), bits, bit_probabilities),
        loss_case("binary_logits", K.BinaryCrossentropy(from_logits=True), bits, bit_logits),
        loss_case("binary_smoothing", K.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), bits, bit_logits),
        loss_case("binary_many", K.BinaryCrossentropy(from_logits=True), onehot, logits),
        loss_case("categorical_probabilities", K.CategoricalCrossentropy(), onehot, raw),
        loss_case("categorical_edges", K.CategoricalCrossentropy(), onehot, edge),
        loss_case("categorical_logits", K.CategoricalCrossentropy(from_logits=True), onehot, logits),
        loss_case("categorical_smoothing", K.CategoricalCrossentropy(label_smoothing=0.2), onehot, raw),
        loss_case("sparse_probabilities", K.SparseCategoricalCrossentropy(), labels, raw),
        loss_case("sparse_edges", K.SparseCategoricalCrossentropy(), labels, edge),
        loss_case("sparse_logits", K.SparseCategoricalCrossentropy(from_logits=True), labels, logits),
        loss_case("mse", K.MeanSquaredError(), normal(4, 3), logits),
        loss_case("mse_vector_target", K.MeanSquaredError(), normal(4), normal(4, 1)),
        loss_case("mse_time", K.MeanSquaredError(), normal(2, 3, 2), normal(2, 3, 2)),
        loss_case("mae", K.MeanAbsoluteError(), normal(4, 3), logits),
    ]
    M = keras.metrics
    for name, function, target, output in [
        ("binary_accuracy", M.binary_accuracy, bits, np.array([[0.2], [0.7], [0.5], [0.9]], np.float32)),
        ("categorical_accuracy", M.categorical_accuracy, onehot, logits),
        ("sparse_categorical_accuracy", M.sparse_categorical_accuracy, labels, logits),
    ]:
        cases.append({"name": name, "target": tensor(target), "output": tensor(output),
                      "samples": tensor(np.asarray(function(target, output), np.float32).reshape(4, -1).mean(-1))})
    return cases


def optimizer_case(name, optimizer, steps=4):
    start = [normal(3, 2), normal(4)]
    gradients = [[normal(3, 2), normal(4)] for _ in range(steps)]
    variables = [keras.Variable(value) for value in start]
    after = []
    for step in gradients:
        optimizer.apply([jnp.asarray(g) for g in step], variables)
        after.append([tensor(np.asarray(v)) for v in variables])
    return {"name": name, "start": [tensor(v) for v in start],
            "gradients": [[tensor(g) for g in step] for step in gradients], "after": after}


def optimizers():
    O = keras.optimizers
    return [
        optimizer_case("sgd", O.SGD()),
        optimizer_case("sgd_momentum", O.SGD(0.1, momentum=0.9)),
        optimizer_case("sgd_nesterov", O.SGD(0.1, momentum=0.9, nesterov=True)),
        optimizer_case("rmsprop", O.RMSprop()),
        optimizer_case("rmsprop_momentum", O.RMSprop(0.01, rho=0.8, momentum=0.5, epsilon=1e-3)),
        optimizer_case("rmsprop_centered", O.RMSprop(0.01, centered=True)),
        optimizer_case("adam", O.Adam()),
        optimizer_case("adam_options", O.Adam(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-2)),
        optimizer_case("adam_amsgrad", O.Adam(0.01, amsgrad=True)),
    ]


def training():
    """A small network, three steps of Adam on full batches: losses, and the weights at the end."""
    keras.utils.clear_session()  # names begin at "conv2d" again
    model = keras.Sequential([
        keras.Input((6, 6, 1)), L.Conv2D(4, 3, activation="relu"), L.BatchNormalization(), L.MaxPooling2D(2),
        L.Flatten(), L.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = {}
    for layer in model.layers:
        for weight in layer.weights:
            value = np.round(normal(*weight.shape) * 0.4, 2).astype(np.float32)
            if weight.name == "moving_variance":
                value = np.abs(value) + 0.5
            weight.assign(value)
            start[layer.name + "/" + weight.name] = tensor(value)
    batches = [(normal(8, 6, 6, 1), rng.randint(0, 3, size=8).astype(np.int32)) for _ in range(3)]
    logs = []
    for x, y in batches:
        model.reset_metrics()
        values = model.train_on_batch(x, y, return_dict=True)
        logs.append([float("%.9g" % values["loss"]), float("%.9g" % values["accuracy"])])
    end = {layer.name + "/" + w.name: tensor(np.asarray(w)) for layer in model.layers for w in layer.weights}
    x, y = batches[0]
    evaluated = model.evaluate(x, y, verbose=0, return_dict=True)
    return [{"name": "convnet", "start": start, "end": end, "logs": logs,
             "batches": [[tensor(x), tensor(y)] for x, y in batches],
             "evaluate": [float("%.9g" % evaluated["loss"]), float("%.9g" % evaluated["accuracy"])],
             "predict": tensor(np.asarray(model.predict(x, verbose=0)))}]


def splitmix(name, count):
    """Numbers in [0, 1) made of a name; Applications_test.cpp computes the same."""
    mask = (1 << 64) - 1
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & mask
    z = (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) + np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) * 2.0 ** -24


def formula_weight(name, shape):
    """Kernels keep the size of what flows through them; statistics and scales are near 1 or 0."""
    u = splitmix(name, int(np.prod(shape)))
    last = name.split("/")[-1]
    if last.endswith("kernel"):
        fan = np.prod(shape[:-2]) if last == "depthwise_kernel" or "depthwise/" in name else np.prod(shape[:-1])
        u = (2 * u - 1) * np.sqrt(6 / fan)
    elif last in ("gamma", "moving_variance"):
        u = 0.5 + u
    else:
        u = u - 0.5
    return u.astype(np.float32).reshape(shape)


def application_case(name, function, run=None, **options):
    """The layers of a network, and, for a small one, its output with weights of a formula."""
    keras.utils.clear_session()
    model = function(weights=None, **options)
    rows = [[l.name, type(l).__name__, list(l.output.shape[1:]), l.count_params()]
            for l in model.layers if type(l).__name__ != "InputLayer"]
    case = {"name": name, "parameters": model.count_params(), "layers": sorted(rows)}
    if run:
        for layer in model.layers:
            for weight in layer.weights:
                weight.assign(formula_weight(layer.name + "/" + weight.name, weight.shape))
        shape = (1,) + tuple(model.input_shape[1:])
        x = splitmix("x", int(np.prod(shape))).astype(np.float32).reshape(shape)
        case["output"] = tensor(np.asarray(model(x, training=False)))
    return case


def applications():
    A = keras.applications
    small = dict(classes=10, classifier_activation=None, run=True)
    return [
        application_case("ResNet50", A.ResNet50),
        application_case("MobileNetV2", A.MobileNetV2),
        application_case("VGG16", A.VGG16),
        application_case("Xception", A.Xception),
        application_case("ResNet50_small", A.ResNet50, input_shape=(33, 40, 3), **small),
        application_case("MobileNetV2_small", A.MobileNetV2, input_shape=(45, 32, 1), alpha=0.35, **small),
        application_case("VGG16_small", A.VGG16, input_shape=(32, 32, 3), include_top=False, pooling="max", run=True),
        application_case("Xception_small", A.Xception, input_shape=(71, 75, 3), **small),
        application_case("MobileNetV2_wide", A.MobileNetV2, input_shape=(64, 64, 3), alpha=1.4, include_top=False),
    ]


for make in (layers, windows, elements, attention, losses, optimizers, training, applications):
    if len(sys.argv) < 2 or make.__name__ in sys.argv[1:]:
        rng = np.random.RandomState(7)
        write(make.__name__, make())
