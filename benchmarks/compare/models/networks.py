"""The networks as peers see them: written once against a few layers, which each framework has in
its own words (peers/pytorch_layers.py, peers/xla_layers.py).

`f` holds the weights by the names of our variables and knows whether it trains; `x` is an image
batch or tokens. A function returns logits.
"""


def mlp(f, x):
    x = f.relu(f.dense(x, "dense"))
    x = f.relu(f.dense(x, "dense_1"))
    return f.dense(x, "dense_2")


def dense32(f, x):
    return f.dense(x, "dense")


def digits(f, x):
    x = f.relu(f.conv(x, "conv"))
    x = f.max_pool(f.relu(f.conv(x, "conv_1")), 2, 2)
    x = f.flatten(f.relu(f.conv(x, "conv_2")))
    return f.dense(f.dropout(x, 0.3), "dense")


def convnet2(f, x):
    x = f.relu(f.conv(x, "conv"))
    return f.dense(f.flatten(f.relu(f.conv(x, "conv_1"))), "dense")


def fashion(f, x):
    for index, suffix in enumerate(("", "_1", "_2")):
        x = f.relu(f.batch_norm(f.conv(x, "conv" + suffix), "norm" + suffix, 1e-3, 0.9))
        if index < 2:
            x = f.max_pool(x, 2, 2)
    x = f.relu(f.dense(f.flatten(x), "dense"))
    return f.dense(f.dropout(x, 0.4), "dense_1")


def resnet50(f, x):
    def convolved(x, name, stride=1, padding="valid"):
        return f.batch_norm(f.conv(x, name + "_conv", stride, padding), name + "_bn", 1.001e-5,
                            0.99)

    def block(x, name, stride, first):
        shortcut = convolved(x, name + "_0", stride) if first else x
        y = f.relu(convolved(x, name + "_1", stride))
        y = f.relu(convolved(y, name + "_2", 1, "same"))
        return f.relu(shortcut + convolved(y, name + "_3"))

    x = f.relu(convolved(x, "conv1", 2, (3, 3)))
    x = f.max_pool(x, 3, 2, 1)
    for stack, blocks in ((2, 3), (3, 4), (4, 6), (5, 3)):
        for index in range(1, blocks + 1):
            stride = 2 if index == 1 and stack > 2 else 1
            x = block(x, f"conv{stack}_block{index}", stride, index == 1)
    return f.dense(f.mean(x), "predictions")


def mobilenetv2(f, x):
    def normalised(x, name, activate=True):
        x = f.batch_norm(x, name, 1e-3, 0.999)
        return f.relu6(x) if activate else x

    def block(x, number, channels, filters, stride):
        prefix = f"block_{number}_" if number else "expanded_conv_"
        y = x
        if number:
            y = normalised(f.conv(y, prefix + "expand"), prefix + "expand_BN")
        y = f.depthwise(y, prefix + "depthwise", stride, "same" if stride == 1 else (0, 1))
        y = normalised(y, prefix + "depthwise_BN")
        y = normalised(f.conv(y, prefix + "project"), prefix + "project_BN", False)
        return x + y if stride == 1 and channels == filters else y

    x = normalised(f.conv(x, "Conv1", 2, (0, 1)), "bn_Conv1")
    number, channels = 0, 32
    for filters, blocks, stride in ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1),
                                    (160, 3, 2), (320, 1, 1)):
        for index in range(blocks):
            x = block(x, number, channels, filters, stride if index == 0 else 1)
            number, channels = number + 1, filters
    x = normalised(f.conv(x, "Conv_1"), "Conv_1_bn")
    return f.dense(f.mean(x), "predictions")


def vgg(f, x):
    for block in (1, 2, 3):
        for index in (1, 2):
            name = f"block{block}_{index}"
            x = f.relu(f.batch_norm(f.conv(x, name + "_conv"), name + "_bn", 1e-3, 0.99))
        x = f.max_pool(x, 2, 2)
    x = f.relu(f.dense(f.flatten(x), "fc"))
    return f.dense(f.dropout(x, 0.5), "predictions")


def vgg16(f, x):
    for block, convolutions in enumerate((2, 2, 3, 3, 3), 1):
        for index in range(1, convolutions + 1):
            x = f.relu(f.conv(x, f"block{block}_conv{index}"))
        x = f.max_pool(x, 2, 2)
    x = f.relu(f.dense(f.flatten(x), "fc1"))
    return f.dense(f.relu(f.dense(x, "fc2")), "predictions")


def xception(f, x):
    def normalised(x, name):
        return f.batch_norm(x, name, 1e-3, 0.99)

    def separable(x, name):
        return normalised(f.separable(x, name), name + "_bn")

    def shrink(x, number, shortcut, activate=True, pad=1):
        suffix = f"_{shortcut}" if shortcut else ""
        around = normalised(f.conv(x, "conv2d" + suffix, 2, "valid"),
                            "batch_normalization" + suffix)
        y = separable(f.relu(x) if activate else x, f"block{number}_sepconv1")
        y = separable(f.relu(y), f"block{number}_sepconv2")
        return f.max_pool(y, 3, 2, pad) + around

    x = f.relu(normalised(f.conv(x, "block1_conv1", 2, "valid"), "block1_conv1_bn"))
    x = f.relu(normalised(f.conv(x, "block1_conv2", 1, "valid"), "block1_conv2_bn"))
    x = shrink(x, 2, 0, activate=False)
    x = shrink(x, 3, 1, pad=(0, 1))  # 74 pixels wide
    x = shrink(x, 4, 2)
    for number in range(5, 13):
        y = x
        for index in (1, 2, 3):
            y = separable(f.relu(y), f"block{number}_sepconv{index}")
        x = x + y
    x = shrink(x, 13, 3)
    for index in (1, 2):
        x = f.relu(separable(x, f"block14_sepconv{index}"))
    return f.dense(f.mean(x), "predictions")


def attend(f, x, name, heads, causal, mask):
    q, k, v = (f.heads(f.dense(x, f"{name}/{part}"), heads) for part in ("query", "key", "value"))
    return f.dense(f.attention(q, k, v, causal, mask, 0.1), f"{name}/attention_output")


def bert(f, tokens, segments):
    x = f.embed(tokens, "token_embedding") + f.positions(tokens.shape[1], "position_embedding")
    x = x + f.embed(segments, "segment_embedding")
    x = f.dropout(f.layer_norm(x, "embeddings_layer_norm", 1e-12), 0.1)
    mask = tokens != 0
    for index in range(12):
        layer = f"transformer_layer_{index}"
        y = attend(f, x, layer + "/self_attention", 12, False, mask)
        x = f.layer_norm(x + f.dropout(y, 0.1), layer + "/self_attention_layer_norm", 1e-12)
        y = f.dense(f.gelu(f.dense(x, layer + "/intermediate")), layer + "/output")
        x = f.layer_norm(x + f.dropout(y, 0.1), layer + "/output_layer_norm", 1e-12)
    pooled = f.tanh(f.dense(x[:, 0], "pooled_dense"))
    return f.dense(f.dropout(pooled, 0.1), "logits")


def gpt2(f, tokens):
    x = f.embed(tokens, "token_embedding") + f.positions(tokens.shape[1], "position_embedding")
    x = f.dropout(x, 0.1)
    for index in range(12):
        layer = f"transformer_layer_{index}"
        y = f.layer_norm(x, layer + "/self_attention_layer_norm", 1e-5)
        x = x + f.dropout(attend(f, y, layer + "/self_attention", 12, True, None), 0.1)
        y = f.layer_norm(x, layer + "/output_layer_norm", 1e-5)
        y = f.dense(f.gelu_tanh(f.dense(y, layer + "/intermediate")), layer + "/output")
        x = x + f.dropout(y, 0.1)
    return f.tied_logits(f.layer_norm(x, "layer_norm", 1e-5), "token_embedding")
