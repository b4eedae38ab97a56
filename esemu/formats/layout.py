# SPDX-License-Identifier: MIT
"""Fixed layouts: a header is declared once, field by field, as offset, kind and the engine's name.

Such a table is data (`Layout.FIELDS`) and at the same time the class whose attributes read and write the bytes in place,
so that what is not declared survives and nothing is copied. A `Kind` says how one value is stored.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypeVar, overload

T = TypeVar("T")
S = TypeVar("S", bound="Stored")

if TYPE_CHECKING:  # making a Protocol costs as much as everything else here
    from typing import Protocol

    from esemu.formats.checksum import Buffer

    class Kind(Protocol[T]):
        """How a value of type T is stored: its name, its size in bytes, and both directions."""

        name: str
        size: int

        def read(self, data: Buffer, offset: int) -> T:
            """Return the value at `offset` of `data`."""
            ...

        def write(self, data: bytearray, offset: int, value: T) -> None:
            """Store the value at `offset` of `data`; what does not fit raises struct.error, ValueError or OverflowError."""
            ...

    class Stored(Protocol):
        """A small immutable value that knows how it is stored."""

        def to_bytes(self) -> bytes:
            """Return the value as it is stored."""
            ...

        @classmethod
        def parse(cls, data: Buffer, offset: int = 0) -> Self:
            """Return the value stored at `offset` of `data`."""
            ...


class Integer:
    """A little-endian integer."""

    __slots__ = ("name", "size", "struct")

    def __init__(self, name: str, code: str) -> None:
        self.name = name
        self.struct = struct.Struct("<" + code)
        self.size = self.struct.size

    def read(self, data: Buffer, offset: int) -> int:
        """Return the integer at `offset`."""
        value: int = self.struct.unpack_from(data, offset)[0]
        return value

    def write(self, data: bytearray, offset: int, value: int) -> None:
        """Store the integer at `offset`."""
        self.struct.pack_into(data, offset, value)


class Raw:
    """Bytes that mean nothing here, or whose meaning is read elsewhere."""

    __slots__ = ("name", "size")

    def __init__(self, size: int) -> None:
        self.name = f"bytes[{size}]"
        self.size = size

    def read(self, data: Buffer, offset: int) -> bytes:
        """Return the bytes at `offset`."""
        return bytes(data[offset : offset + self.size])

    def write(self, data: bytearray, offset: int, value: bytes) -> None:
        """Store bytes at `offset`; fewer than `size` are filled up with zeros."""
        if len(value) > self.size:
            raise ValueError(f"{len(value)} bytes do not fit into {self.name}")
        data[offset : offset + self.size] = value.ljust(self.size, b"\0")


class Structure(Generic[S]):
    """A value class of `esemu.formats.structures`."""

    __slots__ = ("name", "size", "value_class")

    def __init__(self, value_class: type[S], size: int) -> None:
        self.name = value_class.__name__
        self.size = size
        self.value_class = value_class

    def read(self, data: Buffer, offset: int) -> S:
        """Return the value at `offset`."""
        return self.value_class.parse(data, offset)

    def write(self, data: bytearray, offset: int, value: S) -> None:
        """Store the value at `offset`."""
        data[offset : offset + self.size] = value.to_bytes()


U8: Final = Integer("u8", "B")
U16: Final = Integer("u16", "H")
U32: Final = Integer("u32", "I")
I32: Final = Integer("i32", "i")
U64: Final = Integer("u64", "Q")


class Field(Generic[T]):
    """One field of a layout: offset and size in bytes, kind, the attribute's name and the engine's own name."""

    __slots__ = ("engine_name", "kind", "name", "offset")

    def __init__(self, offset: int, kind: Kind[T], engine_name: str) -> None:
        self.offset = offset
        self.kind = kind
        self.engine_name = engine_name
        self.name = ""

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self.kind.size

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the attribute's name."""
        self.name = name

    @overload
    def __get__(self, layout: None, owner: type) -> Self: ...

    @overload
    def __get__(self, layout: Layout, owner: type) -> T: ...

    def __get__(self, layout: Layout | None, owner: type) -> T | Self:
        """Return the value, or the field itself where the class is asked."""
        return self if layout is None else self.kind.read(layout.data, self.offset)

    def __set__(self, layout: Layout, value: T) -> None:
        """Store the value."""
        self.kind.write(layout.data, self.offset, value)

    def __repr__(self) -> str:
        """Say where the field is and what it holds."""
        return f"<field {self.name} at {self.offset}: {self.kind.name}, {self.engine_name}>"


class Layout:
    """Base of the headers: `SIZE` bytes in `data`, read and written through the fields in `FIELDS`."""

    __slots__ = ("data",)

    SIZE: ClassVar[int]
    FIELDS: ClassVar[tuple[Field[Any], ...]]

    def __init__(self, **values: Any) -> None:
        self.data = bytearray(self.SIZE)
        for name, value in values.items():
            if not isinstance(getattr(type(self), name, None), Field):
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)

    def __init_subclass__(cls) -> None:
        """Collect the fields; a layout may go on where its base ends."""
        own = tuple(field for field in vars(cls).values() if isinstance(field, Field))
        cls.FIELDS = getattr(cls, "FIELDS", ()) + own
        cls.SIZE = max(field.offset + field.size for field in cls.FIELDS)

    @classmethod
    def parse(cls, data: Buffer) -> Self:
        """Return the header that `data` starts with. ValueError: `data` is too short. Checksums are not looked at."""
        if len(data) < cls.SIZE:
            raise ValueError(f"A {cls.__name__} has {cls.SIZE} bytes, not {len(data)}")
        parsed = cls.__new__(cls)
        parsed.data = bytearray(data[: cls.SIZE])
        return parsed

    def copy(self) -> Self:
        """Return an independent copy."""
        return self.parse(self.data)

    def __eq__(self, other: object) -> bool:
        """Compare all bytes, declared or not."""
        return self.data == other.data if isinstance(other, type(self)) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # it can change

    def __repr__(self) -> str:
        """Show the fields that are not zero."""
        shown = (field for field in self.FIELDS if any(self.data[field.offset : field.offset + field.size]))
        return f"{type(self).__name__}({', '.join(f'{field.name}={getattr(self, field.name)!r}' for field in shown)})"
