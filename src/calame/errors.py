"""What can go wrong, as one tree; each class owns its exit code, its HTTP status and its message.

CalameError                      5  500
├── UsageError                   2  400   the call itself makes no sense
│   ├── BadRequest               2  400   a body that is not what its content type says
│   ├── NoPicture                2  400   a request to read without a picture
│   ├── Unauthorized             2  401   an API key is asked for
│   ├── ForeignOrigin            2  403   a request that another site made in a person's browser
│   ├── ForeignHost              2  421   a request to this machine under a name that is not its own
│   ├── HistoryOff               2  403   a history that was left off is not switched on by a visitor
│   ├── NotThere                 2  404   no page, thing or entry of this name
│   ├── MethodNotAllowed         2  405   a verb that the address does not know
│   ├── SlowRequest              2  408   a body that does not arrive
│   ├── BodyTooLarge             2  413   bytes of a whole request
│   ├── TooManyPictures          2  413   pictures in one request
│   ├── ForeignBody              2  415   a content type that is not read
│   ├── BadParameter             2  422   a parameter with another value than it can have
│   ├── UnknownParameter         2  422   a parameter of an address that is not known
│   ├── BadCheck                 2  422   a check of codes that does not parse, or may not be used
│   ├── BadStack                 2  422   layers that make no network
│   ├── TrainingClosed           2  403   a visitor trains nothing here
│   ├── AlreadyTraining          2  409   one training at a time
│   ├── RunInUse                 2  409   a run whose network reads now is not deleted
│   ├── PortTaken                2  400   another program listens there
│   └── OtherTask                2  422   a model for pictures asked for digits, or the other way round
├── InputError                   3  422   what was given cannot be used
│   ├── PictureNotFound          3  404
│   ├── EmptyPicture             3  422
│   ├── ForeignPicture           3  415   not a format that Calame reads
│   ├── DamagedPicture           3  422
│   ├── LockedDocument           3  422   a document that asks for a password
│   ├── NoSuchPage               3  404   a page that the document does not have
│   ├── SlowPage                 3  422   a page that takes too long to draw
│   ├── BadBase64                3  422   text that is not the base64 of anything
│   ├── FileTooLarge             3  413   bytes
│   ├── PictureTooLarge          3  413   pixels, read from the header before decoding
│   ├── BadArray                 3  422
│   │   └── BadItem              3  422   no picture at all, nor anything that leads to one
│   ├── NoSuchEntry              3  404   no reading of this id in the history
│   ├── NoSuchRun                3  404   no training run of this number
│   ├── BadRecipe                3  422
│   ├── BadCalibration           3  422   no file of `calame calibrate`, or one for other networks
│   ├── DamagedData              3  422   a data set file with other bytes than its checksum says
│   ├── DamagedModel             3  422
│   ├── Unexplained              3  422   a model that cannot be looked into in the way that was asked for
│   ├── ForeignModel             3  415   not a model file that Calame reads
│   └── UnsupportedModel         3  422   a model file with a layer that is refused, and why
├── MissingError                 4  503   something is not there; the message has the command that gets it
│   ├── NothingToLearn           4  503   the digits to train on are not on the service's machine
│   ├── MissingData              4  503
│   │   ├── NoMirror             4  503   one that no public address has
│   │   ├── NoWeights            4  503   the weights for general pictures, asked of a service
│   │   └── NoSuchData           4  404   a file or folder that was named is not there
│   ├── DownloadFailed           4  503
│   │   └── NoKerasWeights       4  503   of a network of Keras's own
│   ├── CannotWrite              4  507   a full disk, a closed folder
│   │   ├── BadOutput            4  507   the same, in the folder that an option named
│   │   └── UnwritableHistory    4  507   the same, of the service's history
│   ├── MissingModel             4  404
│   │   ├── UnknownModel         4  404   a name that no model of the service has
│   │   ├── NoModelFolder        4  404   a path where no model folder is
│   │   ├── NotImported          4  404   a Keras file, which must become a model folder first
│   │   └── NotShipped           4  404   a name, asked of the models of the package alone
│   ├── MissingExtra             4  503
│   ├── NoLinkToken              4  503   a public link asks for a token
│   ├── NoLink                   4  503   a public link could not be made
│   ├── OtherIndex               4  503   an index of neighbours that another model made
│   └── HistoryUnavailable       4  503   the database of the readings does not answer
│       ├── DamagedHistory       4  503
│       └── NewerHistory         4  503   written by a newer Calame
├── BusyError                    5  503   it would work later; values say in how many seconds
│   ├── Overloaded               5  503   the queue is full
│   ├── TimedOut                 5  503   the work takes too long
│   └── TooManyRequests          5  429   one client asks too much
└── ParityError                  5  500   an exported model does not compute what its source computes

A message says what came, what was expected and the way out. Its words are in `locale/`; this module knows the
values that go into them and nothing of who will print them.
"""

import re
from typing import ClassVar

from calame.locale import catalogue, text


class CalameError(Exception):
    """The root: catch it to catch everything that Calame raises on purpose."""

    exit_code: ClassVar[int] = 5
    http_status: ClassVar[int] = 500
    key: ClassVar[str] = "error.internal"

    def __init_subclass__(cls) -> None:
        # The words of an error are named after its class: `BadRecipe` has "error.bad_recipe".
        cls.key = "error." + re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__.removesuffix("Error")).lower()

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.message())

    def message(self, language: str = "en") -> str:
        """Return the message in `language` ("en" or "fr")."""
        return text(self.key, language, **({"command": self.command(language)} | self.values))

    def command(self, language: str = "en") -> str | None:
        """Return the one command that mends it, or None where there is none."""
        key = f"command.{self.code}"
        return text(key, language, **self.values) if key in catalogue(language) else None

    @property
    def code(self) -> str:
        """The stable name of this kind of error, e.g. "picture_too_large"."""
        return self.key.removeprefix("error.")

    def __reduce__(self):
        return _rebuild, (type(self), self.values)


def _rebuild(kind: type[CalameError], values: dict[str, object]) -> CalameError:
    return kind(**values)


class UsageError(CalameError):
    """The call makes no sense. Values: `problem`."""

    exit_code = 2
    http_status = 400


class BadRequest(UsageError):
    """A request whose body cannot be read. Values: `problem`."""


class NoPicture(UsageError):
    """A request to read that brings no picture. No values."""


class Unauthorized(UsageError):
    """A request without a valid API key, where one is asked for. No values."""

    http_status = 401


class ForeignOrigin(UsageError):
    """A request made by the page of another site. Values: `origin`."""

    http_status = 403


class ForeignHost(UsageError):
    """A request under a host name that is not this service's. Values: `host`."""

    http_status = 421


class HistoryOff(UsageError):
    """The history is off for all, and no visitor switches it on. No values."""

    http_status = 403


class NotThere(UsageError):
    """Nothing of this name here. Values: `name`."""

    http_status = 404


class MethodNotAllowed(UsageError):
    """A verb that the address does not know. Values: `method`, `allowed`."""

    http_status = 405


class SlowRequest(UsageError):
    """A request whose body did not arrive in time. Values: `seconds`."""

    http_status = 408


class BodyTooLarge(UsageError):
    """A request of more bytes than allowed. Values: `limit` (bytes)."""

    http_status = 413


class TooManyPictures(UsageError):
    """More pictures in a request than allowed. Values: `found`, `limit`."""

    http_status = 413


class ForeignBody(UsageError):
    """A content type that is not read. Values: `found`."""

    http_status = 415


class BadParameter(UsageError):
    """A parameter with a value that it cannot have. Values: `name`, `found`, `expected`."""

    http_status = 422


class UnknownParameter(UsageError):
    """A parameter of an address that is not known, a check perhaps that was spelt wrong. Values: `name`, `known`."""

    http_status = 422


class BadStack(UsageError):
    """Layers that make no network. Values: `problem`."""

    http_status = 422


class TrainingClosed(UsageError):
    """A visitor asks for a training, which is for the one whose machine it is. No values."""

    http_status = 403


class AlreadyTraining(UsageError):
    """A training runs already. No values."""

    http_status = 409


class RunInUse(UsageError):
    """A run is to be deleted whose network reads now. Values: `id`, `model`."""

    http_status = 409


class BadCheck(UsageError):
    """A check of codes that does not parse, or may not be used. Values: `check`, `problem`."""

    http_status = 422


class PortTaken(UsageError):
    """Another program listens on the port. Values: `host`, `port`, `free` (a port that is free)."""


class OtherTask(UsageError):
    """A model that reads something else. Values: `model`, `found`, `expected` (tasks)."""

    http_status = 422


class InputError(CalameError):
    """What was given cannot be used. Values: `name`, `problem`."""

    exit_code = 3
    http_status = 422


class PictureNotFound(InputError):
    """No file at this path. Values: `name`."""

    http_status = 404


class EmptyPicture(InputError):
    """A file of no bytes, or a picture of no pixels. Values: `name`."""


class ForeignPicture(InputError):
    """Not a format that Calame reads. Values: `name`, `found` (first bytes or a format name)."""

    http_status = 415


class DamagedPicture(InputError):
    """A picture that starts well and does not decode. Values: `name`, `problem`."""


class LockedDocument(InputError):
    """A document that asks for a password. Values: `name`."""


class NoSuchPage(InputError):
    """A page that the document does not have. Values: `name`, `page`, `pages` (how many it has)."""

    http_status = 404


class SlowPage(InputError):
    """A page that takes too long to draw. Values: `name`, `seconds`."""


class BadBase64(InputError):
    """Text where the base64 of a picture was expected. Values: `name`."""


class FileTooLarge(InputError):
    """More bytes than allowed. Values: `name`, `size`, `limit` (bytes)."""

    http_status = 413


class PictureTooLarge(InputError):
    """More pixels declared in the header than allowed. Values: `name`, `width`, `height`, `limit` (pixels)."""

    http_status = 413


class BadArray(InputError):
    """An array of another shape or dtype than expected. Values: `found`, `expected`."""


class BadItem(BadArray):
    """Something of another type than a picture comes in. Values: `found`, `expected`."""


class NoSuchEntry(InputError):
    """No reading of this id in the history. Values: `id`."""

    http_status = 404


class NoSuchRun(InputError):
    """No training run of this number. Values: `id`."""

    http_status = 404


class BadRecipe(InputError):
    """A preparation recipe that does not parse. Values: `recipe`, `problem`."""


class BadCalibration(InputError):
    """A calibration of codes that is none, or was made for other networks. Values: `name`, `problem`."""


class DamagedData(InputError):
    """A data set file that is corrupt or cut short. Values: `path`, `problem`."""


class DamagedModel(InputError):
    """A model folder or file that is corrupt. Values: `path`, `problem`."""


class ForeignModel(InputError):
    """A file that is no Keras network. Values: `path`, `problem`."""

    http_status = 415


class UnsupportedModel(InputError):
    """A model file that is refused. Values: `path`, `layer`, `problem`."""


class Unexplained(InputError):
    """A model that cannot be looked into in the way that was asked for. Values: `name`, `problem`."""

    http_status = 422


class MissingError(CalameError):
    """Something needed is not there. Values: `name`, `command` (that gets it)."""

    exit_code = 4
    http_status = 503


class NothingToLearn(MissingError):
    """The digits to train on are not here. No values."""


class MissingData(MissingError):
    """A data set that is nowhere and cannot be fetched now. Values: `name`, `files`, `folder`."""


class NoMirror(MissingData):
    """A data set that is nowhere and has no public address. Values: `name`, `files`, `folder`, `url` (its origin)."""


class NoWeights(MissingData):
    """The weights for general pictures are not where a service looks. No values."""


class NoSuchData(MissingData):
    """A file or folder that was named is not there. Values: `name`."""

    http_status = 404


class DownloadFailed(MissingError):
    """No mirror gave the file. Values: `name`, `folder`, `problem`."""


class NoKerasWeights(DownloadFailed):
    """Keras could not fetch the weights of a network of its own. Values: `name`, `folder`, `problem`."""


class CannotWrite(MissingError):
    """No room or no right to write. Values: `path`, `problem`."""

    http_status = 507


class BadOutput(CannotWrite):
    """The folder that an option named cannot be written. Values: `path`, `problem`, `option`."""


class UnwritableHistory(CannotWrite):
    """No right or no room to write the history. Values: `path` (the name of the file alone), `problem`."""


class MissingModel(MissingError):
    """No model of this name. Values: `name`, `known`."""

    http_status = 404


class UnknownModel(MissingModel):
    """A name that no model of the service has. Values: `name`, `known`."""


class NoModelFolder(MissingModel):
    """A path that leads to no model folder. Values: `name`, `known`."""


class NotImported(MissingModel):
    """A file of Keras in the place of a model folder. Values: `name`, `known`."""


class NotShipped(MissingModel):
    """A name that no model of the package has, where the user's shelf is not looked at. Values: `name`, `known`."""


class MissingExtra(MissingError):
    """An optional package is not installed. Values: `package`, `extra`."""


class NoLinkToken(MissingError):
    """There is no token to make a public link with. No values."""


class NoLink(MissingError):
    """A public link could not be made. Values: `problem`."""


class OtherIndex(MissingError):
    """No index of neighbours for this model. Values: `path`, `model`, `found` (the model that it was made with)."""


class HistoryUnavailable(MissingError):
    """The database of the history does not answer. Values: `name`, `problem`."""


class DamagedHistory(HistoryUnavailable):
    """The file of the history is corrupt, or no database at all. Values: `name`, `problem`."""


class NewerHistory(HistoryUnavailable):
    """The history was written by a newer Calame. Values: `name`, `found`, `known` (schema numbers)."""


class BusyError(CalameError):
    """It cannot be done now, and can later. Values: `seconds` (after which to try again)."""

    http_status = 503


class Overloaded(BusyError):
    """More is waiting than can be done in good time. Values: `seconds`."""


class TimedOut(BusyError):
    """The work took longer than one request may. Values: `seconds` (to try again after), `limit`."""


class TooManyRequests(BusyError):
    """One client asks more than its share. Values: `seconds`, `limit` (requests a minute)."""

    http_status = 429


class ParityError(CalameError):
    """An export that computes something else than its source. Values: `name`, `batch`, `difference`, `tolerance`."""
