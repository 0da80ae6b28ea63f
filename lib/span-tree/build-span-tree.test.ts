import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawTrace } from "@/lib/testing/draw-trace";
import { spanIdOf } from "@/lib/testing/spans";
import { buildingSpanTree, buildSpanTree } from "./build-span-tree";
import { STEPS_PER_SLICE } from "./slices";
import type { SpanTree, TreeSpan } from "./span-tree";

/** The tree as it would be read: one line a node, indented; missing parents in brackets. */
function read(tree: SpanTree, nameOf: (node: number) => string): string[] {
  return [...tree.order].map((node) => "  ".repeat(tree.depth[node] ?? 0) + nameOf(node));
}

function readDrawing(drawing: string, options = {}): string[] {
  const spans = drawTrace(drawing, options);
  return read(buildSpanTree(spans), (node) => spans[node]?.name ?? "(missing)");
}

describe("what is drawn is what is read", () => {
  test("siblings come by start, whatever order they arrived in", () => {
    expect(
      readDrawing(`
        checkout   |---------------|
          pay           |------|
            card          |--|
          reserve    |--|
      `),
    ).toEqual(["checkout", "  reserve", "  pay", "    card"]);
  });

  test("a parent that nobody sent stands where its first child would, with all its children", () => {
    expect(
      readDrawing(`
        before     |--|
        (batch)
          one            |--|
          two          |--|
        after        |--|
      `),
    ).toEqual(["before", "after", "(missing)", "  two", "  one"]);
  });

  test("a span that names itself is shown at the top with its children", () => {
    const spans = drawTrace(`
      snake      |--------|      <- snake
        tail       |---|
    `);
    const tree = buildSpanTree(spans);
    expect(read(tree, (node) => spans[node]?.name ?? "")).toEqual(["snake", "  tail"]);
    expect(tree.cycles.map((cycle) => [...cycle].map((node) => spans[node]?.name))).toEqual([["snake"]]);
    expect(tree.roots).toHaveLength(0);
  });

  test("a cycle is cut above the span that started first, and told in order of parenthood", () => {
    const spans = drawTrace(`
      c        |--|       <- b
      a      |------|     <- c
      b       |----|      <- a
        leaf     |-|
    `);
    const tree = buildSpanTree(spans);
    expect(read(tree, (node) => spans[node]?.name ?? "")).toEqual(["a", "  b", "    c", "    leaf"]);
    expect(tree.cycles.map((cycle) => [...cycle].map((node) => spans[node]?.name))).toEqual([["a", "b", "c"]]);
  });

  test("the server's side of a Zipkin call hangs below the client's and takes the children", () => {
    expect(
      readDrawing(
        `
        page        |--------------|   @web
          get         |--------|       @web client
          get           |----|         @db server
            query         |-|          @db <- get
      `,
        { starts: false },
      ),
    ).toEqual(["page", "  get", "    get", "      query"]);
  });

  test("each worker's spans hang below its own span, though all workers use the same ids", () => {
    expect(
      readDrawing(`
        oslo      |-----|            @worker-1
          day 0     |--|             @worker-1
        lima              |-----|    @worker-2 id=oslo
          day 1             |--|     @worker-2 id=day
      `),
    ).toEqual(["oslo", "  day 0", "lima", "  day 1"]);
  });

  test("a span without a usable start is shown after its siblings instead of first", () => {
    const spans = drawTrace("job |-----|\n  one |-|\n  two   |-|");
    const one = spans.find((span) => span.name === "one");
    if (one) one.startTimeUnixNano = 0n;
    expect(read(buildSpanTree(spans), (node) => spans[node]?.name ?? "")).toEqual(["job", "  two", "  one"]);
  });

  test("only spans that name no parent are roots", () => {
    const spans = drawTrace("a |--|\nb   |--|\n(gone)\n  c     |-|");
    const tree = buildSpanTree(spans);
    expect([...tree.roots].map((node) => spans[node]?.name)).toEqual(["a", "b"]);
    expect(tree.missing).toEqual([spanIdOf("gone")]);
    expect(tree.tops).toHaveLength(3);
  });
});

const id = (n: number) => n.toString(16).padStart(16, "0");
const span = (n: number, parent: number | null, start = n, changes: Partial<TreeSpan> = {}): TreeSpan => ({
  spanId: id(n),
  parentSpanId: parent === null ? null : id(parent),
  startTimeUnixNano: 1_767_225_600_000_000_000n + BigInt(start),
  ...changes,
});

/** Throws where a tree loses, repeats or loops anything, or where its parts disagree. */
function checkTree(tree: SpanTree, spans: readonly TreeSpan[]): void {
  const nodeCount = spans.length + tree.missing.length;
  expect([...tree.order].sort((a, b) => a - b)).toEqual(Array.from({ length: nodeCount }, (_, node) => node));
  expect(new Set(tree.missing).size).toBe(tree.missing.length);
  const place = new Int32Array(nodeCount);
  for (const [at, node] of tree.order.entries()) place[node] = at;
  for (let node = 0; node < nodeCount; node++) {
    const above = tree.parent[node] as number;
    if (above === -1) expect(tree.depth[node]).toBe(0);
    else {
      // A parent stands before its children, so no walk upward can loop.
      expect(place[above]).toBeLessThan(place[node] as number);
      expect(tree.depth[node]).toBe((tree.depth[above] as number) + 1);
    }
    const children = [...tree.childList.subarray(tree.childStart[node], tree.childStart[node + 1])];
    expect(children.every((child) => tree.parent[child] === node)).toBe(true);
  }
  expect(tree.childList.length + tree.tops.length).toBe(nodeCount);
}

describe("any input", () => {
  const anySpan = fc
    .record({
      n: fc.integer({ min: 1, max: 9 }),
      parent: fc.option(fc.integer({ min: 1, max: 11 })),
      start: fc.integer({ min: 0, max: 5 }),
      variant: fc.integer({ min: 0, max: 2 }),
      kind: fc.constantFrom("client" as const, "server" as const, "internal" as const),
      processId: fc.constantFrom("1", "2", null),
    })
    .map(({ n, parent, start, ...more }) => span(n, parent, start, more));

  test("every span is in the tree exactly once and nothing loops", () => {
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 25 }), (spans) => checkTree(buildSpanTree(spans), spans)),
      { numRuns: 1000 },
    );
  });

  test("every cycle is listed and cut once: a span is at the top because it is a root, or heads a cycle", () => {
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 25 }), (spans) => {
        const tree = buildSpanTree(spans);
        const heads = new Set(tree.cycles.map((cycle) => cycle[0]));
        for (const top of tree.tops) {
          if (top < spans.length) expect(spans[top]?.parentSpanId === null || heads.has(top)).toBe(true);
        }
        for (const cycle of tree.cycles) {
          for (const [i, node] of cycle.entries()) expect(tree.parent[node]).toBe(i === 0 ? -1 : cycle[i - 1]);
          const starts = [...cycle].map((node) => spans[node]?.startTimeUnixNano ?? 0n);
          expect(starts.every((start) => start >= (starts[0] ?? 0n))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("the order in which spans are given changes nothing that is read", () => {
    const distinct = fc.uniqueArray(anySpan, {
      maxLength: 25,
      selector: (one) => `${one.spanId} ${one.variant}`,
    });
    const text = (spans: readonly TreeSpan[]) => {
      const tree = buildSpanTree(spans);
      return read(tree, (node) => {
        const one = spans[node];
        return one ? `${one.spanId} ${one.variant}` : `missing ${tree.missing[node - spans.length]}`;
      });
    };
    fc.assert(
      fc.property(
        distinct.chain((spans) => fc.tuple(fc.constant(spans), fc.shuffledSubarray(spans, { minLength: spans.length }))),
        ([spans, shuffled]) => {
          expect(text(shuffled)).toEqual(text(spans));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("large traces", () => {
  const shapes: Record<string, (n: number) => TreeSpan[]> = {
    "a chain": (n) => Array.from({ length: n }, (_, i) => span(i + 1, i === 0 ? null : i)),
    "a chain that arrives from its end": (n) => Array.from({ length: n }, (_, i) => span(n - i, i === n - 1 ? null : n - i - 1)),
    "a star": (n) => Array.from({ length: n }, (_, i) => span(i + 1, i === 0 ? null : 1, (i * 7919) % n)),
    "orphans of one parent": (n) => Array.from({ length: n }, (_, i) => span(i + 1, n + 1, n - i)),
    "one cycle": (n) => Array.from({ length: n }, (_, i) => span(i + 1, ((i + 1) % n) + 1)),
    "spans of one id": (n) => Array.from({ length: n }, (_, i) => span(1, 2, i, { variant: i, processId: `${i}` })),
    "children of spans of one id": (n) => Array.from({ length: n }, (_, i) => span(i % 2 ? 1 : i + 2, i % 2 ? null : 1, i, { variant: i })),
    bush: (n) => Array.from({ length: n }, (_, i) => span(i + 1, i === 0 ? null : (i >> 1) + 1, (i * 104729) % n)),
  };
  const stepsOf = (spans: readonly TreeSpan[]) => {
    let slices = 0;
    for (const _ of buildingSpanTree(spans)) slices++;
    return slices * STEPS_PER_SLICE;
  };

  test.each(Object.entries(shapes))("%s twice as large takes about twice the steps", (_, shape) => {
    expect(stepsOf(shape(80_000)) / stepsOf(shape(40_000))).toBeLessThan(2.4);
    expect(stepsOf(shape(40_000))).toBeLessThan(40_000 * 25);
  });

  test.each(Object.entries(shapes))("%s of 50 000 spans shows every span once", (_, shape) => {
    const spans = shape(50_000);
    const tree = buildSpanTree(spans);
    const seen = new Uint8Array(tree.order.length);
    for (const node of tree.order) seen[node] = (seen[node] as number) + 1;
    expect(seen.every((times) => times === 1)).toBe(true);
    expect(tree.order.length).toBe(spans.length + tree.missing.length);
  });

  test("a chain and a star of a million spans are trees like any other", () => {
    const million = 1_000_000;
    const chain = buildSpanTree((shapes["a chain"] as (n: number) => TreeSpan[])(million));
    expect(chain.depth[million - 1]).toBe(million - 1);
    expect(chain.order).toHaveLength(million);
    const star = buildSpanTree((shapes["a star"] as (n: number) => TreeSpan[])(million));
    expect(star.childStart[1]).toBe(million - 1);
    expect(star.order).toHaveLength(million);
  }, 60_000);
});
