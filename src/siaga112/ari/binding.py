"""Turns pure operations into awaitable, typed methods: the thread between `operations` and `client`.

Knows that a request becomes a reply and a reply's body a model. Does not know any operation by name:
`objects` (generated) lists them.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from pydantic import BaseModel

from siaga112.ari.request import Reply, Request

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Carrier(Protocol):
    """Whoever can carry a request to Asterisk and bring back its reply."""

    def carry(self, request: Request) -> Awaitable[Reply]:
        """Send; the awaitable raises `AriError`."""


Decode = Callable[[Carrier, Any], T]


class Group:
    """The operations of one kind of resource, as in `client.channels`."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier


class Live(Generic[M]):
    """Something in Asterisk, as it was when it was asked about, with the operations on it."""

    def __init__(self, carrier: Carrier, model: M, key: str) -> None:
        self.carrier = carrier
        self.model = model
        self.id = key

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


class Call(Generic[P, T]):
    """A method of a group."""

    def __init__(self, operation: Callable[P, Request], decode: Decode[T]) -> None:
        self._operation = operation
        self._decode = decode

    def __get__(self, group: Group, _: type) -> Callable[P, Awaitable[T]]:
        """Bind to a group's carrier."""

        def call(*args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
            return carried(group.carrier, self._operation(*args, **kwargs), self._decode)

        return call


class On(Generic[P, T]):
    """A method of a live object: the operation's first parameter is the object itself."""

    def __init__(self, operation: Callable[Concatenate[str, P], Request], decode: Decode[T]) -> None:
        self._operation = operation
        self._decode = decode

    def __get__(self, target: Live[Any], _: type) -> Callable[P, Awaitable[T]]:
        """Bind to an object's id and carrier."""

        def call(*args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
            return carried(target.carrier, self._operation(target.id, *args, **kwargs), self._decode)

        return call


async def carried(carrier: Carrier, request: Request, decode: Decode[T]) -> T:
    """Send a request and decode its reply's body."""
    return decode(carrier, (await carrier.carry(request)).body)


def nothing(_: Carrier, __: Any) -> None:
    """Decode a reply that has no body."""


def raw(_: Carrier, body: Any) -> bytes:
    """Decode a reply that is a file."""
    return bytes(body or b"")


def one(model: type[M]) -> Decode[M]:
    """Decode a reply that is one object."""
    return lambda _, body: model.model_validate(body)


def several(model: type[M]) -> Decode[list[M]]:
    """Decode a reply that is a list of objects."""
    return lambda _, body: [model.model_validate(item) for item in body]
