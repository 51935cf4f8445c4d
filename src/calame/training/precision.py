"""Which arithmetic a training run uses: bfloat16 where the processor computes in it, float32 elsewhere."""

import platform
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import keras

CPUINFO = Path("/proc/cpuinfo")
NATIVE = {"avx512_bf16", "amx_bf16", "bf16"}  # x86 and Arm names of the instructions


def has_bfloat16(cpuinfo: Path = CPUINFO) -> bool:
    """Whether the processor says that it multiplies in bfloat16; False where it cannot be asked."""
    if platform.system() != "Linux" or not cpuinfo.is_file():
        return False
    for line in cpuinfo.read_text(encoding="utf-8").splitlines():
        if line.lower().startswith(("flags", "features")):
            return not NATIVE.isdisjoint(line.split())
    return False


@contextmanager
def precision(name: str) -> Generator[str]:
    """Build layers in `name` ("auto", "float32", "bfloat16") inside the block; yields what was chosen.

    Weights stay float32 either way; "bfloat16" is the mixed policy (Micikevicius and others, "Mixed Precision
    Training", 2018).
    """
    chosen = name if name != "auto" else ("bfloat16" if has_bfloat16() else "float32")
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if chosen == "bfloat16" else "float32")
    try:
        yield chosen
    finally:
        keras.config.set_dtype_policy(before)
