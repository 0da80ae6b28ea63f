/**
 * One export as several: every span or log of an OTLP protobuf request goes into one of `parts` requests, each under copies of its own
 * resource and scope. Works on the wire format alone, so what it does not know stays as it was.
 *
 *   request { resource { scope { a b c } } }   →   request { resource { scope { a c } } }   request { resource { scope { b } } }
 */
export function splitOtlp(body: Uint8Array, parts: number, random: () => number): Uint8Array[] {
  // ResourceSpans and ResourceLogs are field 1 of a request, their scopes field 2, their spans and logs field 2 again.
  const split = splitMessage(body, [1, 2, 2], parts, random);
  return split.filter((part) => part.length > 0);
}

/** How many ResourceSpans (or ResourceLogs) a request has. */
export const countResources = (body: Uint8Array): number => [...fieldsOf(body)].filter(({ number }) => number === 1).length;

/** A Zipkin report, or any JSON list, as several. */
export function splitJsonList(body: Uint8Array, parts: number, random: () => number): Uint8Array[] {
  const items = JSON.parse(Buffer.from(body).toString()) as unknown[];
  const lists = Array.from({ length: parts }, (): unknown[] => []);
  for (const item of items) lists[Math.floor(random() * parts)]?.push(item);
  return lists.filter((list) => list.length > 0).map((list) => Buffer.from(JSON.stringify(list)));
}

/** Each field of the first number in `path` is split in turn; at the path's end it goes whole into one part. Other fields go into all. */
function splitMessage(message: Uint8Array, [field, ...below]: number[], parts: number, random: () => number): Uint8Array[] {
  const pieces = Array.from({ length: parts }, (): Uint8Array[] => []);
  const common: Uint8Array[] = [];
  for (const { number, whole, payload } of fieldsOf(message)) {
    if (number !== field || payload === null) {
      common.push(whole);
      continue;
    }
    if (below.length === 0) {
      pieces[Math.floor(random() * parts)]?.push(whole);
      continue;
    }
    for (const [i, part] of splitMessage(payload, below, parts, random).entries()) {
      if (part.length > 0) pieces[i]?.push(Buffer.from([(number << 3) | 2]), varint(part.length), part);
    }
  }
  // A message of which nothing fell into this part does not exist there.
  return pieces.map((own) => (own.length === 0 ? new Uint8Array() : Buffer.concat([...common, ...own])));
}

function* fieldsOf(message: Uint8Array): Generator<{ number: number; whole: Uint8Array; payload: Uint8Array | null }> {
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] as number;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const from = at;
    const tag = read();
    const wire = tag & 7;
    let payload: Uint8Array | null = null;
    if (wire === 0) read();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = read();
      payload = message.subarray(at, at + length);
      at += length;
    } else throw new Error(`wire type ${wire} at byte ${from}`);
    yield { number: tag >>> 3, whole: message.subarray(from, at), payload };
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
