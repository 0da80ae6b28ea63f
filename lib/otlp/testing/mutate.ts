import { FieldCursor, WIRE } from "@/lib/otel/wire";
import { fieldWith } from "../trim";

/** Dice that fall the same way for the same seed (mulberry32). */
export function diceOf(seed: number) {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => (limit <= 0 ? 0 : word() % limit);
  return { below, pick: <T>(list: readonly T[]): T => list[below(list.length)] as T };
}
export type Dice = ReturnType<typeof diceOf>;

const LENGTHS = [0, 1, 0x7f, 0x80, 0xff];
/** 2^32 − 1, 2^63, 2^64 − 1 and a varint that never ends: what a liar writes for a length. */
const LIES = ["ffffffff0f", "80808080808080808001", "ffffffffffffffffff01", "ffffffffffffffffffffff"].map((hex) => Buffer.from(hex, "hex"));

/** Keys and words that have hurt others, in protobuf's own form (length before text) where it matters. */
export const DICTIONARY = [
  ...[
    "__proto__",
    "constructor.prototype",
    "toString",
    "then",
    "logfire.span_type",
    "pending_span",
    "log",
    "partial.event",
    "heartbeat",
    "_dd.partial_version",
  ],
  ...["brave.flush", "\0", "\ud800", "NaN", "-1", "9".repeat(40), "1e999", '{"resourceSpans":', "[[[[", "]]]]", "null", '"traceId":""'],
].map((text) => Buffer.from(text));

type Mutation = (body: Buffer, dice: Dice, corpus: readonly Buffer[]) => Buffer;

const MUTATIONS: Mutation[] = [
  function flipBits(body, dice) {
    const changed = Buffer.from(body);
    for (let i = 0; i <= dice.below(8) && changed.length > 0; i++) {
      const at = dice.below(changed.length);
      changed[at] = (changed[at] as number) ^ (1 << dice.below(8));
    }
    return changed;
  },
  function truncate(body, dice) {
    return body.subarray(0, dice.below(body.length));
  },
  function loseHead(body, dice) {
    return body.subarray(dice.below(body.length));
  },
  function splice(body, dice, corpus) {
    const other = dice.pick(corpus);
    return Buffer.concat([body.subarray(0, dice.below(body.length)), other.subarray(dice.below(other.length))]);
  },
  function repeat(body, dice) {
    const at = dice.below(body.length);
    const piece = body.subarray(at, at + dice.below(64));
    return Buffer.concat([body.subarray(0, at), ...Array.from({ length: dice.below(40) }, () => piece), body.subarray(at)]);
  },
  function lieAboutLength(body, dice) {
    const changed = Buffer.from(body);
    if (changed.length > 0) changed[dice.below(changed.length)] = dice.pick(LENGTHS);
    return changed;
  },
  function lieGreatly(body, dice) {
    const at = dice.below(body.length);
    return Buffer.concat([body.subarray(0, at), dice.pick(LIES), body.subarray(at + dice.below(2))]);
  },
  function insertWord(body, dice) {
    const at = dice.below(body.length);
    const word = dice.pick(DICTIONARY);
    return Buffer.concat([body.subarray(0, at), word, body.subarray(at + (dice.below(2) ? word.length : 0))]);
  },
  function nestDeeply(body, dice) {
    const at = dice.below(body.length);
    const opening = dice.pick([
      Buffer.from([0x2a, 0x7f]),
      Buffer.from([0x0b]),
      Buffer.from("["),
      Buffer.from('{"a":'),
      Buffer.from([0x0a, 0x7f]),
    ]);
    return Buffer.concat([body.subarray(0, at), ...Array.from({ length: dice.below(300) }, () => opening), body.subarray(at)]);
  },
  function cutOut(body, dice) {
    const at = dice.below(body.length);
    return Buffer.concat([body.subarray(0, at), body.subarray(at + dice.below(32))]);
  },
];

/** The protobuf message with something done to a field deep inside it, all lengths around it made right again. */
export function mutateInside(message: Buffer, dice: Dice, corpus: readonly Buffer[]): Buffer {
  const spots: { at: number; valueAt: number; end: number; field: number }[] = [];
  const fields = new FieldCursor(message);
  try {
    while (fields.next()) {
      if (fields.wire === WIRE.bytes) spots.push({ at: fields.fieldAt, valueAt: fields.valueAt, end: fields.at, field: fields.field });
    }
  } catch {
    return mutate(message, dice, corpus);
  }
  if (spots.length === 0) return mutate(message, dice, corpus);
  const { at, valueAt, end, field } = dice.pick(spots);
  const content = message.subarray(valueAt, end);
  const changed = dice.below(5) ? mutateInside(content, dice, corpus) : mutate(content, dice, corpus);
  return Buffer.concat([message.subarray(0, at), fieldWith(field, changed), message.subarray(end)]);
}

/** The body with one to three things done to it. */
export function mutate(body: Buffer, dice: Dice, corpus: readonly Buffer[]): Buffer {
  let changed = body;
  for (let i = 0; i <= dice.below(3); i++) changed = dice.pick(MUTATIONS)(changed, dice, corpus);
  return changed;
}
