"""The oracle is Keras: what it computes, layer by layer, ONNX Runtime must compute from our folder."""

from importlib.util import find_spec

import numpy as np
import pytest

from calame.artifact import load
from calame.engine.session import Inspector, Session
from calame.errors import ParityError, UnsupportedModel, UsageError

pytestmark = pytest.mark.train
if find_spec("tensorflow"):  # without the extra, the mark leaves every test here out
    import keras
    import onnx

    L = keras.layers
CARD = {"name": "tiny", "version": "1", "preparation": "centre=mass"}


@pytest.fixture(scope="module")
def images():
    from calame.export.importer import drawn_strokes

    return drawn_strokes(70)


def settle(model, seed=0):
    """Weights and moving statistics that no initialiser gives, so that nothing passes by being 0 or 1."""
    random = np.random.default_rng(seed)
    for variable in model.variables:
        if "seed" in variable.path:
            continue
        low = 0.5 if "variance" in variable.path else -1.0
        scale = 1.0 if len(variable.shape) < 2 else np.sqrt(3 / np.prod(variable.shape[:-1]))
        variable.assign(random.uniform(low, 1.5 if low > 0 else 1.0, variable.shape) * scale)
    return model


def export(model, tmp_path, images, **options):
    from calame.export.exporter import export_model

    return export_model(model, tmp_path / "model", check_images=images, **CARD, **options)


def sequential(*layers, head=True):
    end = [L.Flatten(), L.Dense(10, activation="softmax")] if head else []
    return settle(keras.Sequential([L.Input((28, 28, 1)), *layers, *end]))


def test_the_course_network(tmp_path, images):
    from calame.models import course

    model = settle(course.build())
    folder = export(model, tmp_path, images, training={"seed": 3}, scores={"n": 1}, data=[{"name": "mnist"}])
    expected = model.predict(images[..., None] / 255, verbose=0)
    for batch in (1, 64):
        np.testing.assert_allclose(Session(folder)(images[:batch]), expected[:batch], atol=1e-5)
    manifest = load(folder.path).manifest
    assert manifest.parameters == 225_034
    assert (manifest.architecture, manifest.training, manifest.data) == ("course", {"seed": 3}, ({"name": "mnist"},))
    kinds = [node.op_type for node in onnx.load(folder.file("model.onnx")).graph.node]
    assert kinds.count("Transpose") == 2  # at the input, and back before Flatten, whose order is Keras's


@pytest.mark.parametrize("network", ["blocks", "compact"])
def test_every_layer_of_our_networks_can_be_looked_at(network, tmp_path, images):
    from importlib import import_module

    model = settle(import_module(f"calame.models.{network}").build())
    given = Inspector(export(model, tmp_path, images)).activations(images[:3])
    seen = [layer for layer in model.layers if not isinstance(layer, (L.InputLayer, L.Dropout))]
    assert list(given) == ["probabilities", *(layer.name for layer in seen)]
    expected = keras.Model(model.input, [layer.output for layer in seen])(images[:3, ..., None] / np.float32(255))
    for layer, values in zip(seen, expected, strict=True):
        size = max(1.0, float(np.abs(values).max()))
        np.testing.assert_allclose(given[layer.name], values, atol=1e-5 * size, err_msg=layer.name)


def test_batch_normalisation_is_folded_away_in_the_network_that_reads(tmp_path, images):
    model = sequential(
        L.Conv2D(4, 3, use_bias=False),
        L.BatchNormalization(),
        L.DepthwiseConv2D(3, depth_multiplier=2),
        L.BatchNormalization(scale=False),
        L.ReLU(),
        L.Flatten(),
        L.Dense(5),
        L.BatchNormalization(center=False),
    )
    folder = export(model, tmp_path, images)
    kinds = {node.op_type for node in onnx.load(folder.file("model.onnx")).graph.node}
    assert kinds.isdisjoint({"Mul", "Add", "BatchNormalization"})
    assert "batch_normalization" in " ".join(Inspector(folder).layers)


def test_batch_normalisation_stays_where_its_input_has_another_reader(tmp_path, images):
    inputs = keras.Input((28, 28, 1))
    x = L.Conv2D(3, 3)(inputs)
    x = L.Flatten()(L.Add()([x, L.BatchNormalization()(x)]))
    folder = export(settle(keras.Model(inputs, L.Dense(10, activation="softmax")(x))), tmp_path, images)
    assert "Mul" in {node.op_type for node in onnx.load(folder.file("model.onnx")).graph.node}


@pytest.mark.parametrize(
    "layer",
    [
        lambda: L.Conv2D(3, (3, 5), strides=2, padding="same"),
        lambda: L.Conv2D(3, 4, strides=3, padding="same", activation="leaky_relu"),
        lambda: L.Conv2D(4, 3, dilation_rate=2, padding="same", activation="gelu"),
        lambda: L.Conv2D(4, 2, padding="valid", use_bias=False, activation="silu"),
        lambda: L.DepthwiseConv2D(3, strides=2, depth_multiplier=3, padding="same", activation="relu6"),
        lambda: L.SeparableConv2D(4, 3, strides=2, depth_multiplier=2, activation="softplus"),
        lambda: L.MaxPooling2D(3, strides=2, padding="same"),
        lambda: L.AveragePooling2D(3, strides=2, padding="same"),
        lambda: L.AveragePooling2D((2, 3), padding="valid"),
        lambda: L.ZeroPadding2D(((1, 2), (0, 3))),
        lambda: L.Reshape((2, -1, 1)),
        lambda: L.Permute((2, 1, 3)),
        lambda: L.ReLU(max_value=0.5),
        lambda: L.ReLU(negative_slope=0.1),
        lambda: L.LeakyReLU(0.2),
        lambda: L.ELU(0.7),
        lambda: L.Rescaling(2.0, offset=-1.0),
        lambda: L.GlobalMaxPooling2D(keepdims=True),
        lambda: L.GaussianNoise(0.3),
    ],
)
@pytest.mark.parametrize("before", [[], [lambda: L.Conv2D(2, 3, activation="tanh")]], ids=["first", "after-conv"])
def test_each_layer(layer, before, tmp_path, images):
    export(sequential(*(make() for make in before), layer()), tmp_path, images)


@pytest.mark.parametrize("activation", ["elu", "selu", "sigmoid", "softsign", "exponential", "linear"])
def test_each_activation(activation, tmp_path, images):
    export(sequential(L.Conv2D(2, 3), L.Activation(activation), L.Dense(3, activation=activation)), tmp_path, images)


def test_softmax_within_the_network(tmp_path, images):
    export(sequential(L.Conv2D(2, 3, activation="softmax"), L.Softmax(), L.Flatten(), L.Softmax()), tmp_path, images)


@pytest.mark.parametrize("merge", ["Add", "Subtract", "Multiply", "Maximum", "Minimum", "Concatenate"])
def test_ways_that_part_meet_again(merge, tmp_path, images):
    inputs = keras.Input((28, 28, 1))
    left, right = L.Conv2D(3, 3, padding="same")(inputs), L.Reshape((28, 28, 3))(L.Dense(3)(inputs))
    x = L.Flatten()(getattr(L, merge)()([left, right]))
    export(settle(keras.Model(inputs, L.Dense(10, activation="softmax")(x))), tmp_path, images)


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_concatenation_along_each_axis(axis, tmp_path, images):
    inputs = keras.Input((28, 28, 1))
    x = L.Conv2D(2, 3)(inputs)
    x = L.Flatten()(L.Concatenate(axis=axis)([x, L.Activation("tanh")(x)]))
    export(settle(keras.Model(inputs, L.Dense(10, activation="softmax")(x))), tmp_path, images)


def test_models_inside_models_are_opened(tmp_path, images):
    inner = keras.Sequential([L.Input((26, 26, 2)), L.Conv2D(3, 3), L.BatchNormalization()], name="inner")
    deeper = keras.Input((24, 24, 3))
    nested = keras.Model(deeper, L.Dropout(0.5)(L.MaxPooling2D(2, name="pool")(deeper)), name="deeper")
    folder = export(sequential(L.Conv2D(2, 3), inner, nested), tmp_path, images)
    assert "deeper/pool" in Inspector(folder).layers


def test_a_network_trained_in_mixed_precision_is_exported_in_float32(tmp_path, images):
    from calame.training.precision import precision

    with precision("bfloat16"):
        model = sequential(L.Conv2D(8, 3), L.BatchNormalization(), L.ReLU())
    assert model.layers[0].compute_dtype == "bfloat16"
    export(model, tmp_path, images)
    assert model.layers[0].compute_dtype == "bfloat16"  # the caller's own is left as it was


def test_other_inputs_and_logits(tmp_path, images):
    model = settle(keras.Sequential([L.Input((784,)), L.Dense(10)]))
    folder = export(model, tmp_path, images, brightest=255.0)
    logits = model.predict(images.reshape(-1, 784).astype("float32"), verbose=0)
    np.testing.assert_allclose(Session(folder)(images), keras.ops.softmax(logits), atol=1e-5)


def test_layers_may_have_the_names_of_the_input_and_the_output(tmp_path, images):
    layers = [
        L.Input((28, 28, 1), name="image"),
        L.Flatten(name="x"),
        L.Dense(10, activation="softmax", name="probabilities"),
    ]
    given = Inspector(export(settle(keras.Sequential(layers)), tmp_path, images)).activations(images[:1])
    np.testing.assert_array_equal(given["probabilities"], given["probabilities_"])


def test_what_computes_something_else_is_not_kept(tmp_path, images):
    class Doubled(L.BatchNormalization):
        def call(self, inputs, training=None, mask=None):
            return 2 * super().call(inputs, training=training, mask=mask)

    with pytest.raises(ParityError, match="at batch size 1, and at most 1e-05"):
        export(sequential(L.Conv2D(2, 3), Doubled()), tmp_path, images)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (
            lambda: sequential(L.Conv2DTranspose(2, 3, name="up")),
            "refused at layer up: layers of the class Conv2DTranspose",
        ),
        (lambda: sequential(L.Lambda(lambda x: x, name="mine")), "refused at layer mine"),
        (lambda: sequential(L.ReLU(threshold=0.5, name="r")), "refused at layer r: threshold is 0.5"),
        (lambda: sequential(L.Conv2D(2, 3, activation="hard_sigmoid")), "activation is hard_sigmoid"),
        (lambda: sequential(L.Flatten(), L.Dense(11, name="wide"), head=False), "refused at layer wide: the output is"),
        (lambda: sequential(L.Flatten(), L.Dense(10, activation="sigmoid"), head=False), "sigmoid"),
    ],
)
def test_what_has_no_operator_is_named(build, said, tmp_path, images):
    with pytest.raises(UnsupportedModel, match=said):
        export(build(), tmp_path, images)


def test_a_layer_used_twice_is_refused(tmp_path, images):
    inputs, shared = keras.Input((28, 28, 1)), L.Conv2D(1, 3, padding="same", name="shared")
    x = L.Flatten()(shared(shared(inputs)))
    with pytest.raises(UnsupportedModel, match="shared: it is used more than once"):
        export(keras.Model(inputs, L.Dense(10, activation="softmax")(x)), tmp_path, images)


@pytest.mark.parametrize("images", [np.zeros((0, 28, 28), np.uint8), np.zeros((4, 28, 28), np.float32)])
def test_an_export_without_digits_to_check_on_is_refused(images, tmp_path):
    with pytest.raises(UsageError, match="real digits"):
        export(sequential(), tmp_path, images)


@pytest.mark.data("mnist")
def test_parity_on_real_digits(tmp_path, data):
    from calame.data.sets import load_mnist
    from calame.models import compact

    export(settle(compact.build()), tmp_path, load_mnist(data).train_images[:256])
