"""nats-py: `publish_async` with a window of futures, and a push consumer whose callback acknowledges."""

import json
from asyncio import Future
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version

import nats
import uvloop
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig

import peer

WINDOW = 1024


@dataclass(slots=True)
class ParcelSent:
    parcel_id: str
    step: int


@dataclass(slots=True)
class CloudEvent:
    id: str
    type: str
    organizationid: str
    data: ParcelSent

    @classmethod
    def read(cls, body: bytes) -> "CloudEvent":
        event = json.loads(body)
        data = ParcelSent(event["data"]["parcel_id"], event["data"]["step"])
        return cls(event["id"], event["type"], event["organizationid"], data)


class NatsPy:
    name = f"nats-py {version('nats-py')}"

    async def connect(self, wanted: peer.Wanted) -> None:
        self.wanted = wanted
        self.connection = await nats.connect(wanted.url)
        self.jetstream = self.connection.jetstream(publish_async_max_pending=WINDOW)
        self.consumers = {"consume": self.pushed}

    async def publish(self, messages: list[peer.Headers]) -> None:
        publish, subject, body = self.jetstream.publish_async, self.wanted.subject, self.wanted.body
        on_their_way: deque[Future] = deque()
        for headers in messages:
            if len(on_their_way) == WINDOW:
                await on_their_way.popleft()
            on_their_way.append(await publish(subject, body, headers=headers))
        for acknowledged in on_their_way:
            await acknowledged

    async def pushed(self, countdown: peer.Countdown) -> Callable[[], Awaitable[None]]:
        wanted = self.wanted
        config = ConsumerConfig(
            ack_policy=AckPolicy.EXPLICIT, max_ack_pending=wanted.max_ack_pending
        )

        async def handle(message: Msg) -> None:
            CloudEvent.read(message.data)
            await message.ack()
            countdown.handled()

        async def consume() -> None:
            subscription = await self.jetstream.subscribe(
                wanted.subject,
                stream=wanted.stream,
                durable=wanted.durable,
                config=config,
                cb=handle,
                manual_ack=True,
            )
            await countdown.over.wait()
            await self.connection.flush()
            await subscription.unsubscribe()

        return consume


if __name__ == "__main__":
    uvloop.run(peer.serve(NatsPy()))
