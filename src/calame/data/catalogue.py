"""The data sets that Calame can learn from: their files, sizes, checksums, licences and public addresses.

Knows what each file must be and where it can be had; nothing of how it is fetched or what is in it. The paths
are relative to a data root (`CALAME_DATA` or the cache), and a public contract: put the files there by hand
and everything finds them.
"""

from dataclasses import dataclass
from typing import Literal, TypedDict

from calame.locale import Phrase

Form = Literal["same", "compress", "numbers"]


@dataclass(frozen=True)
class Mirror:
    """A public address of a file.

    Attributes:
        url: https only.
        form: what it holds: the "same" bytes; the content of a file that is kept gzipped here, packed by Unix
            "compress" (.Z); or that content as a table whose "numbers" are written otherwise (padded, 1.0000).
            The last two are brought into the form that is kept, and checked by the content's checksum.
    """

    url: str
    form: Form = "same"

    @property
    def filename(self) -> str:
        """The last part of the address, which tells the forms of a file apart."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class File:
    """One file of a data set.

    Attributes:
        path: relative to a data root, with forward slashes.
        size: bytes of the file.
        sha256: of the file.
        content_size, content_sha256: the same of what a .gz holds (compressors differ, contents do not);
            unset for a file that is not compressed.
        md5: of the file, as other tools list it.
        mirrors: tried in order.
        needed: False for a licence or a description, without which the set can be read just as well.
    """

    path: str
    size: int
    sha256: str
    content_size: int = 0
    content_sha256: str = ""
    md5: str | None = None
    mirrors: tuple[Mirror, ...] = ()
    needed: bool = True

    @property
    def plain_name(self) -> str:
        """What the unpacked content is called."""
        return self.path.rpartition("/")[2].removesuffix(".gz")


@dataclass(frozen=True)
class Source:
    """A data set.

    Attributes:
        name: what it is called on the command line.
        title: what its authors call it.
        what: what is in it and how much.
        licence: its name; licence_url: its text.
        url: where it comes from.
        may_learn: whether weights that are given away may learn from it.
        files: what belongs to it.
    """

    name: str
    title: str
    what: Phrase
    licence: str
    licence_url: str
    url: str
    may_learn: bool
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def has_mirrors(self) -> bool:
        """Whether every file that is needed has a public address."""
        return all(file.mirrors for file in self.files if file.needed)


GOOGLE = "https://storage.googleapis.com/cvdf-datasets/mnist/"
OSSCI = "https://ossci-datasets.s3.amazonaws.com/mnist/"
QMNIST = "https://raw.githubusercontent.com/facebookresearch/qmnist/master/"
CORAL = "https://raw.githubusercontent.com/google-coral/test_data/master/"
TENSORFLOW = "https://storage.googleapis.com/download.tensorflow.org/data/"
UCI = "https://archive.ics.uci.edu/ml/machine-learning-databases/"


def _on(*hosts: str, name: str, form: Form = "same") -> tuple[Mirror, ...]:
    return tuple(Mirror(host + name, form) for host in hosts)


_ALL = (
    Source(
        name="mnist",
        title="MNIST",
        what=Phrase("data.what.mnist"),
        licence="CC BY-SA 3.0",
        licence_url="https://creativecommons.org/licenses/by-sa/3.0/",
        url="http://yann.lecun.com/exdb/mnist/",
        may_learn=True,
        files=(
            File(
                path="mnist/train-images-idx3-ubyte.gz",
                size=9_912_422,
                sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                content_size=47_040_016,
                content_sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                md5="f68b3c2dcbeaaa9fbdd348bbdeb94873",
                mirrors=_on(GOOGLE, OSSCI, name="train-images-idx3-ubyte.gz"),
            ),
            File(
                path="mnist/train-labels-idx1-ubyte.gz",
                size=28_881,
                sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                content_size=60_008,
                content_sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                md5="d53e105ee54ea40749a09fcbcd1e9432",
                mirrors=_on(GOOGLE, OSSCI, name="train-labels-idx1-ubyte.gz"),
            ),
            File(
                path="mnist/t10k-images-idx3-ubyte.gz",
                size=1_648_877,
                sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                content_size=7_840_016,
                content_sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                md5="9fb629c4189551a2d022fa330f9573f3",
                mirrors=_on(GOOGLE, OSSCI, name="t10k-images-idx3-ubyte.gz"),
            ),
            File(
                path="mnist/t10k-labels-idx1-ubyte.gz",
                size=4_542,
                sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                content_size=10_008,
                content_sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                md5="ec29112dd5afa0611ce80d1b7f02629c",
                mirrors=_on(GOOGLE, OSSCI, name="t10k-labels-idx1-ubyte.gz"),
            ),
        ),
    ),
    Source(
        name="qmnist",
        title="QMNIST",
        what=Phrase("data.what.qmnist"),
        licence="BSD-3-Clause",
        licence_url="https://github.com/facebookresearch/qmnist/blob/master/LICENSE",
        url="https://github.com/facebookresearch/qmnist",
        may_learn=True,
        files=(
            File(
                path="qmnist/qmnist-train-labels-idx2-int.gz",
                size=463_024,
                sha256="2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
                content_size=1_920_012,
                content_sha256="bb1b6e1ec7b04fd5696f1ed50b5f58f8ef195118edd5c93c81783df9740b8ac5",
                md5="0058f8dd561b90ffdd0f734c6a30e5e4",
                mirrors=_on(QMNIST, name="qmnist-train-labels-idx2-int.gz"),
            ),
            File(
                path="qmnist/qmnist-test-labels-idx2-int.gz",
                size=526_800,
                sha256="9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
                content_size=1_920_012,
                content_sha256="92d0ccb8c25f9c6534270fb4be7e1d24a1c6d315edfc8a638bfbd31c70f362dd",
                md5="5b5b05890a5e13444e108efe57b788aa",
                mirrors=_on(QMNIST, name="qmnist-test-labels-idx2-int.gz"),
            ),
            File(
                path="qmnist/LICENSE",
                size=1_534,
                sha256="21e925cd3e398ade2f9fe9185d35d84429b52c3b86a529cfb3011e25b68e18dc",
                mirrors=_on(QMNIST, name="LICENSE"),
                needed=False,
            ),
        ),
    ),
    Source(
        name="unipen",
        title="UNIPEN",
        what=Phrase("data.what.unipen"),
        licence="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        url="https://zenodo.org/records/1195803",
        may_learn=True,
        files=(
            File(
                path="unipen/unipen_digits.jsonl.gz",
                size=2_542_974,
                sha256="e314f0cf820f09dc3de4927739296cf49eba4520d19d0f25db24924dabcedb5e",
                content_size=9_842_465,
                content_sha256="be1b788d63d8f582ba81c2cb814a54263c8d85fe4cffe7fa6622d56251b2b34e",
            ),
            File(
                path="unipen/LICENSE",
                size=18_658,
                sha256="f5b745ef98087f531e719ee8ca6a96809444573ecc7173c6fa68eaad39b3cc3f",
                needed=False,
            ),
        ),
    ),
    Source(
        name="uci",
        title="UCI optdigits, pendigits, semeion",
        what=Phrase("data.what.uci"),
        licence="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        url="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
        may_learn=True,
        files=(
            File(
                path="uci/optdigits-orig.tra.gz",
                size=125_587,
                sha256="3ed11e13da49532808a1f6effb45396a244b94ddcf965542f5c8dece78050f9c",
                content_size=2_048_417,
                content_sha256="a4eff709680076cae40420343de292b5960fc2b0da439b8a57c3d14124113bda",
                mirrors=_on(UCI, name="optdigits/optdigits-orig.tra.Z", form="compress"),
            ),
            File(
                path="uci/optdigits.tra.gz",
                size=112_544,
                sha256="a2e24b84170ab64c21b5df82cff4493677ef13d63f1b3ade4bb3f5b95435a709",
                content_size=563_639,
                content_sha256="e1b683cc211604fe8fd8c4417e6a69f31380e0c61d4af22e93cc21e9257ffedd",
                mirrors=_on(UCI, name="optdigits/optdigits.tra", form="numbers"),
            ),
            File(
                path="uci/pendigits.tra.gz",
                size=125_420,
                sha256="237dff437bdb561714d3ad05388403ddeb00b30793b37570f503ca7ade708adb",
                content_size=367_892,
                content_sha256="13a29b9cc1b40503c51030840092d32e0e99efcbd5331146f832a2e815bb4c35",
                mirrors=_on(UCI, name="pendigits/pendigits.tra", form="numbers"),
            ),
            File(
                path="uci/semeion.data.gz",
                size=40_266,
                sha256="4623d128321258750f917ea69720e74eb6632678f2d67037d74d379993bfc98f",
                content_size=847_476,
                content_sha256="d457908a38bcc292195cfa25a13c8233cdc0cff8389cc5183072c361ffe9beb1",
                mirrors=_on(UCI, name="semeion/semeion.data", form="numbers"),
            ),
            File(
                path="uci/optdigits.names",
                size=2_439,
                sha256="3e82f7202d72a2b7dbdbc324c8c90fe8853164f5d6ab978a071357ad3de89f02",
                needed=False,
            ),
            File(
                path="uci/semeion.names",
                size=2_586,
                sha256="d7b5e6469a897fbe16a10a57ecfa6b4fcbf32ba45c539c61877be1626d564d78",
                needed=False,
            ),
        ),
    ),
    Source(
        name="images",
        title="MobileNetV2",
        what=Phrase("data.what.images"),
        licence="Apache-2.0",
        licence_url="https://www.apache.org/licenses/LICENSE-2.0",
        url="https://github.com/google-coral/test_data",
        may_learn=True,
        files=(
            File(
                path="images/tf2_mobilenet_v2_1.0_224_ptq.tflite",
                size=4_070_174,
                sha256="5d3137241276e79c86d14a74fe43581398ae0e815191d3dba45495b810840e8c",
                mirrors=_on(CORAL, name="tf2_mobilenet_v2_1.0_224_ptq.tflite"),
            ),
            File(
                path="images/imagenet_class_index.json",
                size=35_363,
                sha256="a1e7a966a1f601d39e4b43e119b3e7dd4a2ad3ea08cf69847cbaf021013767bc",
                md5="c2c37ea517e94d9795004a39431a14cb",
                mirrors=_on(TENSORFLOW, name="imagenet_class_index.json"),
            ),
        ),
    ),
)

SOURCES: dict[str, Source] = {source.name: source for source in _ALL}


class Credit(TypedDict):
    """How a model's manifest names a set that its weights learned from, `count` examples of it."""

    name: str
    source: str
    licence: str
    count: int


def credit(**counts: int) -> list[Credit]:
    """Return the credits of the sets named, with the number of examples learned from each.

    Example:
        >>> credit(mnist=60_000)[0]["licence"]
        'CC BY-SA 3.0'
    """
    sets = [(SOURCES[name], count) for name, count in counts.items()]
    return [{"name": one.title, "source": one.url, "licence": one.licence, "count": count} for one, count in sets]
