"""FastStream: tasks that publish one message after the other, and subscribers with a pydantic model: one whose batches are
settled as a whole, as fast as it goes, and one that settles each event by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version

import uvloop
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from nats.js import api
from pydantic import BaseModel

import peer

TASKS = 256
TOGETHER = 1000


class ParcelSent(BaseModel):
    parcel_id: str
    step: int


class CloudEvent(BaseModel):
    id: str
    type: str
    organizationid: str
    data: ParcelSent


class FastStream:
    name = f"FastStream {version('faststream')}"

    async def connect(self, wanted: peer.Wanted) -> None:
        self.wanted = wanted
        self.broker = self.quiet()
        await self.broker.start()
        self.consumers = {"consume": self.each, "consume-batches": self.batches}

    def quiet(self) -> NatsBroker:
        # Else each message is a line in a log.
        return NatsBroker(self.wanted.url, logger=None)

    async def publish(self, messages: list[peer.Headers]) -> None:
        publish, wanted, left = self.broker.publish, self.wanted, iter(messages)

        async def some() -> None:
            for headers in left:
                await publish(
                    wanted.body,
                    wanted.subject,
                    headers=headers,
                    stream=wanted.stream,
                    timeout=30,
                )

        await asyncio.gather(*(some() for _ in range(TASKS)))

    async def each(self, countdown: peer.Countdown) -> Callable[[], Awaitable[None]]:
        broker = self.quiet()

        # A push consumer; its durable gets the queue's name.
        @broker.subscriber(self.wanted.subject, queue=self.wanted.durable, **self.settled())
        async def handle(event: CloudEvent) -> None:
            countdown.handled()

        return await self.ready(broker, countdown)

    async def batches(self, countdown: peer.Countdown) -> Callable[[], Awaitable[None]]:
        broker = self.quiet()
        pulled = PullSub(batch_size=TOGETHER, batch=True)

        @broker.subscriber(
            self.wanted.subject, durable=self.wanted.durable, pull_sub=pulled, **self.settled()
        )
        async def handle(events: list[CloudEvent]) -> None:
            countdown.handled(len(events))

        return await self.ready(broker, countdown)

    def settled(self) -> dict:
        config = api.ConsumerConfig(
            ack_policy=api.AckPolicy.EXPLICIT, max_ack_pending=self.wanted.max_ack_pending
        )
        stream = JStream(self.wanted.stream, declare=False)
        return {"stream": stream, "config": config, "ack_policy": AckPolicy.NACK_ON_ERROR}

    async def ready(
        self, broker: NatsBroker, countdown: peer.Countdown
    ) -> Callable[[], Awaitable[None]]:
        await broker.connect()

        async def consume() -> None:
            await broker.start()
            await countdown.over.wait()
            # Waits for what is not acknowledged yet.
            await broker.stop()

        return consume


if __name__ == "__main__":
    uvloop.run(peer.serve(FastStream()))
