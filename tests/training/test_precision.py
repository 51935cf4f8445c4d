"""bfloat16 only where the processor says so."""

import pytest

pytestmark = pytest.mark.train


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("flags : fpu avx2 avx512_bf16 sse", True),
        ("flags : fpu avx2", False),
        ("Features : fp bf16", True),
        ("", False),
    ],
)
def test_reads_the_processor_flags(tmp_path, monkeypatch, flags, expected):
    from calame.training import precision

    monkeypatch.setattr(precision.platform, "system", lambda: "Linux")
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor : 0\n{flags}\n")
    assert precision.has_bfloat16(path) is expected
    assert precision.has_bfloat16(tmp_path / "missing") is False


def test_the_policy_holds_inside_the_block_only():
    import keras

    from calame.training.precision import precision

    before = keras.config.dtype_policy().name
    with precision("bfloat16") as chosen:
        assert chosen == "bfloat16"
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    assert keras.config.dtype_policy().name == before
