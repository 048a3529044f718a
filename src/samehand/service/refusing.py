"""What a service answers where it does not do what is asked: one sentence, and the status that fits."""

from __future__ import annotations

from starlette.exceptions import HTTPException

__all__ = ["Refusal"]


class Refusal(HTTPException):
    """A request that is not answered: status, what is wrong, and headers that go with it."""

    def __init__(self, status: int, said: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, said, headers)
