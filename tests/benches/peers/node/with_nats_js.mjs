// nats.js: promises of a thousand publishes at a time, and `consume` with a callback.
// `tests/benches/throughput/child.rs` is who tells it what to do.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers } from "@nats-io/transport-node";

const TOGETHER = 1000;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => (await lines.next()).value;
const say = (line) => process.stdout.write(`${line}\n`);

const wanted = JSON.parse(await hear());
const body = new TextEncoder().encode(wanted.body);
// A trace of the stack for each request is for debugging.
const connection = await connect({ servers: wanted.url, noAsyncTraces: true });
const js = jetstream(connection);
const manager = await jetstreamManager(connection);

function message() {
  const own = headers();
  for (const [name, value] of Object.entries(wanted.headers)) own.set(name, value);
  own.set("Nats-Msg-Id", randomUUID());
  return own;
}

async function publish(messages) {
  for (let first = 0; first < messages.length; first += TOGETHER) {
    const some = messages.slice(first, first + TOGETHER);
    const sent = some.map((headers) => js.publish(wanted.subject, body, { headers, timeout: 30_000 }));
    await Promise.all(sent);
  }
}

// Ends what is being consumed.
let stop = async () => {};

class CloudEvent {
  constructor({ id, type, organizationid, data: { parcel_id, step } }) {
    Object.assign(this, { id, type, organizationid, data: { parcel_id, step } });
  }
}

async function consume(consumer, events) {
  await new Promise((over, failed) => {
    const callback = (message) => {
      const { data } = new CloudEvent(message.json());
      if (typeof data.step !== "number") failed(new Error("an event without a step"));
      message.ack();
      events -= 1;
      if (events === 0) over();
    };
    consumer.consume({ max_messages: TOGETHER, callback }).then((subscription) => {
      stop = () => subscription.close();
    }, failed);
  });
  await connection.flush();
}

function version(name) {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file)).version;
}

say(`nats.js ${version("@nats-io/jetstream")}, Node.js ${process.versions.node}`);
for (let task = await hear(); task; task = await hear()) {
  const [work, count] = task.split(" ");
  const events = Number(count);
  if (work === "publish") {
    const messages = Array.from({ length: events }, message);
    say("ready");
    await hear();
    await publish(messages);
  } else {
    await manager.consumers.add(wanted.stream, {
      durable_name: wanted.durable,
      filter_subject: wanted.subject,
      ack_policy: AckPolicy.Explicit,
      max_ack_pending: wanted.max_ack_pending,
    });
    const consumer = await js.consumers.get(wanted.stream, wanted.durable);
    say("ready");
    await hear();
    await consume(consumer, events);
  }
  say("done");
  await stop();
}
await connection.close();
