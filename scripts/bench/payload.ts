import { BackwardWriter } from "@/lib/otel/wire";

/**
 * An OTLP/protobuf traces request as SDKs write it, always the same for the same arguments: HTTP servers, clients and database calls of
 * five processes, 10 to 12 attributes a span, near 700 bytes a span (performance.md, first lines). Spans of one trace form one tree.
 * `traces` is how many traces the spans are spread over; `now` is the Unix ms at which the request is sent.
 */
export function makeTracesRequest({ spans, traces, seed, now }: { spans: number; traces: number; seed: number; now: number }): Buffer {
  const dice = diceOf(seed);
  const traceIds = Array.from({ length: Math.max(1, traces) }, () => dice.bytes(16));
  const known: DrawnSpan[][] = traceIds.map(() => []);
  const bySender: DrawnSpan[][] = SERVICES.map(() => []);
  for (let i = 0; i < spans; i++) {
    const trace = i % traceIds.length;
    const siblings = known[trace] as DrawnSpan[];
    const parent = siblings.length === 0 ? null : (siblings[dice.below(siblings.length)] as DrawnSpan);
    const sender = (trace + dice.below(2)) % SERVICES.length;
    const span: DrawnSpan = {
      traceId: traceIds[trace] as Uint8Array,
      spanId: dice.bytes(8),
      parent,
      sender,
      shape: dice.below(SHAPES.length),
      ...timesWithin(parent, dice),
    };
    siblings.push(span);
    bySender[sender]?.push(span);
  }
  const writer = new BackwardWriter(spans * 900 + 4096);
  for (let sender = SERVICES.length - 1; sender >= 0; sender--) {
    if (bySender[sender]?.length) writeResourceSpans(writer, sender, bySender[sender] as DrawnSpan[], dice, now);
  }
  return Buffer.from(writer.finish());
}

interface DrawnSpan {
  traceId: Uint8Array;
  spanId: Uint8Array;
  parent: DrawnSpan | null;
  sender: number;
  shape: number;
  /** When it began and ended, ns before the request is sent. */
  beganNs: number;
  endedNs: number;
}

/** As in programs that are well, a span lies within its parent. */
function timesWithin(parent: DrawnSpan | null, dice: Dice): { beganNs: number; endedNs: number } {
  if (parent === null) {
    const endedNs = dice.below(600_000_000);
    return { beganNs: endedNs + 50_000_000 + dice.below(250_000_000), endedNs };
  }
  const { beganNs, endedNs } = parent;
  const began = beganNs - dice.below(Math.max(1, Math.floor((beganNs - endedNs) / 3)));
  return { beganNs: began, endedNs: endedNs + dice.below(Math.max(1, Math.floor((began - endedNs) / 3))) };
}

type Dice = ReturnType<typeof diceOf>;
type Value = string | number | boolean;

const SERVICES = ["checkout-api", "payment-service", "inventory-service", "shipping-worker", "web-frontend"];

const SHAPES: { kind: number; name: string; scope: string; attributes: (dice: Dice) => [string, Value][] }[] = [
  {
    kind: 2,
    name: "GET /api/orders/{orderId}",
    scope: "@opentelemetry/instrumentation-http",
    attributes: (dice) => [
      ["http.request.method", "GET"],
      ["url.scheme", "https"],
      ["url.path", `/api/orders/${dice.below(1e6)}`],
      ["http.route", "/api/orders/{orderId}"],
      ["http.response.status_code", dice.below(20) === 0 ? 500 : 200],
      ["server.address", "orders.shop.internal"],
      ["client.address", `10.4.${dice.below(256)}.${dice.below(256)}`],
      ["user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"],
      ["enduser.id", `user-${dice.below(1e5)}`],
    ],
  },
  {
    kind: 3,
    name: "SELECT shop.orders",
    scope: "@opentelemetry/instrumentation-pg",
    attributes: (dice) => [
      ["db.system.name", "postgresql"],
      ["db.namespace", "shop"],
      ["db.collection.name", "orders"],
      ["db.operation.name", "SELECT"],
      [
        "db.query.text",
        "SELECT id, status, total_cents, currency, created_at FROM orders WHERE customer_id = $1 AND status = ANY($2) ORDER BY created_at DESC LIMIT 50",
      ],
      ["db.response.returned_rows", dice.below(50)],
      ["server.address", "pg-primary.shop.internal"],
      ["server.port", 5432],
      ["network.peer.address", `10.8.0.${dice.below(256)}`],
    ],
  },
  {
    kind: 3,
    name: "POST",
    scope: "@opentelemetry/instrumentation-undici",
    attributes: (dice) => [
      ["http.request.method", "POST"],
      ["url.full", `https://payments.shop.internal/v2/charges/${dice.below(1e6)}?idempotency_key=${dice.below(1e9)}`],
      ["http.response.status_code", 201],
      ["server.address", "payments.shop.internal"],
      ["http.request.body.size", dice.below(4000)],
      ["http.response.body.size", dice.below(9000)],
      ["shop.amount", dice.below(1e6) / 100 + 0.005],
      ["shop.retry", dice.below(10) === 0],
    ],
  },
  {
    kind: 1,
    name: "process order",
    scope: "shop.orders",
    attributes: (dice) => [
      ["code.function.name", "OrderProcessor.process"],
      ["code.file.path", "/srv/app/src/orders/order-processor.ts"],
      ["code.line.number", 100 + dice.below(200)],
      ["order.id", `ord_${dice.below(1e9).toString(36)}`],
      ["order.items", dice.below(20)],
      ["order.total", dice.below(1e5) / 100 + 0.001],
      ["order.priority", dice.below(4) === 0],
      ["feature_flag.key", "new-pricing"],
      ["feature_flag.result.variant", dice.below(2) ? "on" : "off"],
    ],
  },
  {
    kind: 5,
    name: "orders.created process",
    scope: "@opentelemetry/instrumentation-kafkajs",
    attributes: (dice) => [
      ["messaging.system", "kafka"],
      ["messaging.operation.name", "process"],
      ["messaging.destination.name", "orders.created"],
      ["messaging.destination.partition.id", String(dice.below(12))],
      ["messaging.kafka.offset", dice.below(1e9)],
      ["messaging.message.id", `msg-${dice.below(1e9)}`],
      ["messaging.consumer.group.name", "shipping"],
      ["messaging.client.id", "shipping-worker-3"],
      ["messaging.message.body.size", dice.below(5000)],
    ],
  },
];

function writeResourceSpans(writer: BackwardWriter, sender: number, drawn: DrawnSpan[], dice: Dice, now: number): void {
  const end = writer.length;
  for (let shape = SHAPES.length - 1; shape >= 0; shape--) {
    const spans = drawn.filter((span) => span.shape === shape);
    if (spans.length === 0) continue;
    const scopeEnd = writer.length;
    for (const span of spans) writeSpan(writer, span, dice, now);
    const innerEnd = writer.length;
    writer.text(2, "0.57.1");
    writer.text(1, SHAPES[shape]?.scope ?? "");
    writer.close(1, innerEnd);
    writer.close(2, scopeEnd);
  }
  const resourceEnd = writer.length;
  writeAttributes(writer, 1, [
    ["service.name", SERVICES[sender] ?? "unknown_service"],
    ["service.version", "4.12.0"],
    ["service.instance.id", `00000000-0000-4000-8000-00000000000${sender}`],
    ["deployment.environment.name", "production"],
    ["host.name", `node-${sender}`],
    ["process.pid", 4000 + sender],
    ["telemetry.sdk.name", "opentelemetry"],
    ["telemetry.sdk.language", "nodejs"],
    ["telemetry.sdk.version", "2.9.0"],
  ]);
  writer.close(1, resourceEnd);
  writer.close(1, end);
}

function writeSpan(writer: BackwardWriter, span: DrawnSpan, dice: Dice, now: number): void {
  const shape = SHAPES[span.shape] as (typeof SHAPES)[number];
  const end = writer.length;
  const sentAt = BigInt(now) * 1_000_000n;
  const endedAt = sentAt - BigInt(span.endedNs);
  const failed = dice.below(20) === 0;
  writer.fixed32(16, span.parent !== null && span.parent.sender !== span.sender ? 0x301 : 0x101);
  const statusEnd = writer.length;
  if (failed) {
    writer.varint(3, 2);
    writer.text(2, "upstream timed out");
  }
  writer.close(15, statusEnd);
  if (failed) writeException(writer, endedAt);
  writeAttributes(writer, 9, [...shape.attributes(dice), ...commonAttributes(dice)]);
  writer.fixed64(8, endedAt);
  writer.fixed64(7, sentAt - BigInt(span.beganNs));
  writer.varint(6, shape.kind);
  writer.text(5, shape.name);
  if (span.parent) writer.bytes(4, span.parent.spanId);
  writer.bytes(2, span.spanId);
  writer.bytes(1, span.traceId);
  writer.close(2, end);
}

/** What a platform team adds to every span of its services. */
function commonAttributes(dice: Dice): [string, Value][] {
  const hex = (length: number) => Buffer.from(dice.bytes(length)).toString("hex");
  return [
    ["app.request.id", `req-${hex(16)}-${hex(8)}-${hex(8)}`],
    ["app.build", "2026.11.23-4f6d2c9e1b7a/eu-central-1/cluster-b/green/canary-05"],
    ["app.tenant", `tenant-${dice.below(200)}`],
  ];
}

function writeException(writer: BackwardWriter, at: bigint): void {
  const end = writer.length;
  writeAttributes(writer, 3, [
    ["exception.type", "TimeoutError"],
    ["exception.message", "upstream timed out"],
    ["exception.stacktrace", `TimeoutError: upstream timed out\n${"    at call (/srv/app/src/http/client.ts:88:11)\n".repeat(12)}`],
  ]);
  writer.text(2, "exception");
  writer.fixed64(1, at);
  writer.close(11, end);
}

function writeAttributes(writer: BackwardWriter, field: number, attributes: [string, Value][]): void {
  for (const [key, value] of attributes.reverse()) {
    const end = writer.length;
    const valueEnd = writer.length;
    if (typeof value === "string") writer.text(1, value);
    else if (typeof value === "boolean") writer.varint(2, value ? 1 : 0);
    else if (Number.isInteger(value)) writer.varint(3, value);
    else writer.double(4, value);
    writer.close(2, valueEnd);
    writer.text(1, key);
    writer.close(field, end);
  }
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
function diceOf(seed: number) {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    below: (limit: number): number => Math.floor((word() / 2 ** 32) * limit),
    bytes: (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i === 0 ? 1 + (word() % 255) : word() & 0xff)),
  };
}
