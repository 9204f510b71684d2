#!/usr/bin/env python3
"""Writes the golden numbers of Keras that test/frontend/Golden_test.cpp compares with.

    python3 -m venv ~/keras && ~/keras/bin/pip install keras jax
    ~/keras/bin/python test/frontend/golden/make.py

Cases are named as in the test. Numbers are float32 in their shortest form, which is exact.
"""
import json
import os
import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import jax.numpy as jnp
import keras
from keras import layers as L

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


def layer_case(name, layer, *inputs, training=False, **call):
    """Builds the layer, gives every weight random values, records inputs, outputs and weights."""
    arguments = list(inputs) if len(inputs) > 1 else inputs[0]
    layer(arguments)
    for weight in layer.weights:
        value = np.round(normal(*weight.shape) * 0.5, 2).astype(np.float32)
        weight.assign(np.abs(value) + 0.5 if weight.name == "moving_variance" else value)
    before = {w.name: tensor(np.asarray(w)) for w in layer.weights}
    if "training" in call or training:
        call["training"] = training
    output = np.asarray(layer(arguments, **call))
    case = {"name": name, "inputs": [tensor(x) for x in inputs], "weights": before,
            "training": training, "output": tensor(output), "parameters": layer.count_params()}
    if training:
        case["after"] = {w.name: tensor(np.asarray(w)) for w in layer.weights}
    return case


def layers():
    image, line, volume = normal(2, 7, 6, 4), normal(2, 9, 4), normal(1, 4, 5, 4, 2)
    rows = normal(3, 5)
    cases = [layer_case("dense_" + f, L.Dense(4, activation=f), rows)
             for f in ("linear", "relu", "sigmoid", "tanh", "softmax", "gelu", "elu", "silu", "softplus")]
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
    tokens = np.array([[1, 2, 0, 0], [3, 1, 2, 5]], np.int32)
    table = L.Embedding(6, 3, mask_zero=True)
    pooled = L.GlobalAveragePooling1D()
    embedded = table(tokens)
    table.embeddings.assign(normal(6, 3))
    embedded = table(tokens)
    output = np.asarray(pooled(embedded, mask=table.compute_mask(tokens)))
    cases.append({"name": "masked_average", "inputs": [tensor(tokens)], "training": False,
                  "weights": {"embeddings": tensor(np.asarray(table.embeddings))},
                  "output": tensor(output), "parameters": 18})
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


write("layers", layers())
write("losses", losses())
write("optimizers", optimizers())
write("training", training())
