import fc from "fast-check";
import { expect, test } from "vitest";
import { ancestorsOf, findRows, hasChildren, indexOfRow, rowsToCollapse, visibleRows } from "./rows";

/** Depths in reading order to the shape of a tree, by the slow and obvious way. */
function shape(depths: number[]) {
  const parent = Int32Array.from(depths, (depth, row) => {
    for (let above = row - 1; above >= 0; above--) if ((depths[above] ?? 0) < depth) return above;
    return -1;
  });
  const subtreeEnd = Int32Array.from(depths, (depth, row) => {
    for (let below = row + 1; below < depths.length; below++) if ((depths[below] ?? 0) <= depth) return below;
    return depths.length;
  });
  return { count: depths.length, parent, subtreeEnd, depth: Int32Array.from(depths) };
}

//  0 root / 1 a / 2 a1 / 3 b / 4 b1 / 5 b11
const TREE = shape([0, 1, 2, 1, 2, 3]);

test("a collapsed row hides its subtree and nothing else", () => {
  expect([...visibleRows(TREE, new Set())]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...visibleRows(TREE, new Set([3]))]).toEqual([0, 1, 2, 3]);
  expect([...visibleRows(TREE, new Set([1, 3]))]).toEqual([0, 1, 3]);
  expect([...visibleRows(TREE, new Set([0, 1]))]).toEqual([0]);
});

test("collapsing a leaf hides nothing", () => {
  expect([...visibleRows(TREE, new Set([2, 5]))]).toEqual([0, 1, 2, 3, 4, 5]);
  expect(hasChildren(TREE, 2)).toBe(false);
});

test("whatever is collapsed, a row is shown exactly once, and only when nothing above it is collapsed", () => {
  const depths = fc.array(fc.nat(5), { maxLength: 40 }).map((wild) => {
    let above = -1;
    return wild.map((depth) => {
      above = Math.min(depth, above + 1);
      return above;
    });
  });
  fc.assert(
    fc.property(depths, fc.array(fc.nat(39)), (given, closed) => {
      const tree = shape(given);
      const collapsed = new Set(closed);
      const expected = given.map((_, row) => row).filter((row) => !ancestorsOf(tree, row).some((above) => collapsed.has(above)));
      expect([...visibleRows(tree, collapsed)]).toEqual(expected);
    }),
  );
});

test("a hidden row is found at the nearest row above that is shown", () => {
  const shown = visibleRows(TREE, new Set([3]));
  expect([0, 3, 4, 5].map((row) => indexOfRow(shown, row))).toEqual([0, 3, 3, 3]);
  expect(indexOfRow(new Int32Array(), 2)).toBe(-1);
});

test("collapsing to the first level closes what is below it", () => {
  expect(rowsToCollapse(TREE, 1)).toEqual([1, 3, 4]);
  expect([...visibleRows(TREE, new Set(rowsToCollapse(TREE, 1)))]).toEqual([0, 1, 3]);
});

test("search finds names, services and ids, whatever their case", () => {
  const names = ["GET /a", "SELECT", "get b"];
  const table = {
    count: 3,
    name: (row: number) => names[row] ?? "",
    service: () => "Shop",
    spanId: (row: number) => `00000000000000a${row}`,
  };
  expect(findRows(table, "get")).toEqual([0, 2]);
  expect(findRows(table, "shop")).toEqual([0, 1, 2]);
  expect(findRows(table, "00a1")).toEqual([1]);
  expect(findRows(table, "  ")).toEqual([]);
});

test("100 000 rows are walked without recursion", () => {
  const depths = Array.from({ length: 100_000 }, (_, row) => row);
  const tree = {
    count: depths.length,
    parent: Int32Array.from(depths, (row) => row - 1),
    subtreeEnd: new Int32Array(depths.length).fill(depths.length),
  };
  expect(visibleRows(tree, new Set()).length).toBe(100_000);
  expect(ancestorsOf(tree, 99_999).length).toBe(99_999);
});
