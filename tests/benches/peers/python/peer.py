"""What the benchmark tells a peer, line by line; `tests/benches/throughput/child.rs` is the other end."""

import asyncio
import json
import platform
import sys
import uuid
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

Headers = dict[str, str]


class Wanted(NamedTuple):
    """The message to publish, where it goes, and how it is consumed."""

    url: str
    subject: str
    stream: str
    durable: str
    max_ack_pending: int
    # As the runtime writes them, without the message's id: each has one of its own.
    headers: Headers
    body: bytes

    @classmethod
    def read(cls, line: str) -> "Wanted":
        told = json.loads(line)
        return cls(**{**told, "body": told["body"].encode()})

    def messages(self, events: int) -> list[Headers]:
        """The headers of so many messages."""
        return [{**self.headers, "Nats-Msg-Id": str(uuid.uuid4())} for _ in range(events)]


class Countdown:
    """Tells when the last of some events was handled."""

    def __init__(self, events: int) -> None:
        self.left = events
        self.over = asyncio.Event()

    def handled(self, events: int = 1) -> None:
        self.left -= events
        if self.left == 0:
            self.over.set()


class Peer(Protocol):
    # With its version.
    name: str

    async def connect(self, wanted: Wanted) -> None: ...

    async def publish(self, messages: list[Headers]) -> None:
        """Returns when the stream has acknowledged each."""

    # By the first word of a task: makes ready, and gives what consumes and returns when all is acknowledged.
    consumers: dict[str, Callable[[Countdown], Awaitable[Callable[[], Awaitable[None]]]]]


async def hear() -> str:
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return line.strip()


def say(line: str) -> None:
    print(line, flush=True)


async def serve(peer: Peer) -> None:
    """Does what it is told, until it is told nothing more. What is timed is between `ready` and `done`."""
    wanted = Wanted.read(await hear())
    await peer.connect(wanted)
    say(f"{peer.name}, Python {platform.python_version()}")
    while task := await hear():
        work, events = task.split()
        if work == "publish":
            messages = wanted.messages(int(events))
            say("ready")
            await hear()
            await peer.publish(messages)
        else:
            consume = await peer.consumers[work](Countdown(int(events)))
            say("ready")
            await hear()
            await consume()
        say("done")
