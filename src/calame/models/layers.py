"""Layers that the networks share."""

from typing import Any

import keras

BATCH_MOMENTUM = 0.95  # moving statistics settle within an epoch of some 400 steps


@keras.saving.register_keras_serializable(package="calame")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` over the last axis, its training step fused into one kernel.

    Same variables, same numbers. Keras composes the training step from elementwise operations, which on a CPU
    costs more than all the convolutions of `compact` together (`benchmarks/batch_norm.py`); TensorFlow has it
    as one operation. Other backends, and inference, take the way of the base class.

    Input (n, h, w, c) in float32 or bfloat16, output the same shape and dtype; statistics stay float32.
    Method: Ioffe and Szegedy, "Batch Normalization", 2015.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise over the batch when `training`, and by the moving statistics otherwise."""
        if not training or keras.backend.backend() != "tensorflow" or len(inputs.shape) != 4:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        own: Any = self  # its variables are None to a type checker until they are built
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=tf.convert_to_tensor(own.gamma.value, tf.float32),
            offset=tf.convert_to_tensor(own.beta.value, tf.float32),
            mean=tf.constant([], tf.float32),
            variance=tf.constant([], tf.float32),
            epsilon=self.epsilon,
            is_training=True,
        )
        # The kernel returns Bessel's unbiased variance; Keras keeps the biased one.
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
        variance = variance * (count - 1.0) / count
        keep = self.momentum
        own.moving_mean.assign(own.moving_mean * keep + mean * (1.0 - keep))
        own.moving_variance.assign(own.moving_variance * keep + variance * (1.0 - keep))
        return outputs


def as_plain_keras(model: Any) -> Any:
    """Return a network that computes the same and opens where Calame is not: with Keras's own layers and schedules."""

    def plain(layer: Any) -> Any:
        kind = keras.layers.BatchNormalization if isinstance(layer, FusedBatchNormalization) else type(layer)
        return kind.from_config(layer.get_config())

    copy: Any = keras.models.clone_model(model, clone_function=plain)
    copy.set_weights(model.get_weights())
    if isinstance(copy, keras.Sequential):  # the course's, which learns by one of Keras's own optimisers
        return copy
    return keras.Model(copy.inputs, copy.outputs, name=copy.name)  # which was never compiled


def convolution(
    x: Any, filters: int, size: int | tuple[int, int] = 3, *, name: str, bias: bool = False, padding: str = "same"
) -> Any:
    """Convolution → batch normalisation → ReLU: (n, h, w, c) → (n, h, w, filters), as wide and high as before."""
    x = keras.layers.Conv2D(
        filters, size, padding=padding, use_bias=bias, kernel_initializer="he_normal", name=f"{name}_conv"
    )(x)
    x = FusedBatchNormalization(momentum=BATCH_MOMENTUM, name=f"{name}_norm")(x)
    return keras.layers.Activation("relu", name=name)(x)


def pooled(x: Any, filters: int, size: int, *, name: str) -> Any:
    """Convolution → maximum of 2×2 → batch normalisation → ReLU: (n, h, w, c) → (n, h/2, w/2, filters)."""
    x = keras.layers.Conv2D(
        filters, size, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv"
    )(x)
    x = keras.layers.MaxPooling2D(2, name=f"{name}_pool")(x)
    x = FusedBatchNormalization(momentum=BATCH_MOMENTUM, name=f"{name}_norm")(x)
    return keras.layers.Activation("relu", name=name)(x)


def probabilities(x: Any, classes: int, *, name: str = "output") -> Any:
    """Dense softmax head in float32 whatever the precision of the rest: (n, c) → (n, classes)."""
    return keras.layers.Dense(classes, activation="softmax", dtype="float32", name=name)(x)
