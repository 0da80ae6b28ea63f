"use client";

import { useMemo, useState } from "react";
import { ancestorsOf, hasChildren, indexOfRow, rowsToCollapse, visibleRows } from "./rows";
import type { SpanTable } from "./span-table";

export type Move = "up" | "down" | "first" | "last" | "in" | "out";

/** What the reader did to the tree: collapsed rows are remembered by key, so that they stay collapsed when data comes in. */
export function useWaterfall(table: SpanTable) {
  const [collapsedKeys, setCollapsedKeys] = useState<ReadonlySet<string>>(new Set());
  const collapsed = useMemo(() => {
    const rows = new Set<number>();
    for (const key of collapsedKeys) {
      const row = table.rowOf(key);
      if (row !== null) rows.add(row);
    }
    return rows;
  }, [table, collapsedKeys]);
  const shown = useMemo(() => visibleRows(table, collapsed), [table, collapsed]);

  const change = (rows: Iterable<number>, isCollapsed: boolean) =>
    setCollapsedKeys((keys) => {
      const next = new Set(keys);
      for (const row of rows) {
        if (isCollapsed) next.add(table.key(row));
        else next.delete(table.key(row));
      }
      return next;
    });

  return {
    shown,
    collapsed,
    toggle: (row: number) => change([row], !collapsed.has(row)),
    /** Opens everything above a row. */
    reveal: (row: number) => {
      const closed = ancestorsOf(table, row).filter((above) => collapsed.has(above));
      if (closed.length > 0) change(closed, false);
    },
    expandAll: () => setCollapsedKeys(new Set()),
    collapseTo: (level: number) => setCollapsedKeys(new Set(rowsToCollapse(table, level).map(table.key))),
    /** The row that a key leads to from `from`, opening and closing on the way, as trees do. */
    move: (from: number | null, move: Move): number | null => {
      if (from === null || (move !== "in" && move !== "out")) return moveAlong(shown, from, move);
      const step = moveAcross(table, collapsed, from, move);
      if (step.fold !== null) change([from], step.fold);
      return step.row;
    },
  };
}

/** In and out of the tree: where to, and whether `from` is closed or opened instead of left. */
function moveAcross(
  table: SpanTable,
  collapsed: ReadonlySet<number>,
  from: number,
  move: "in" | "out",
): { row: number; fold: boolean | null } {
  const foldable = hasChildren(table, from);
  const isOpen = foldable && !collapsed.has(from);
  if (move === "in") return isOpen ? { row: from + 1, fold: null } : { row: from, fold: foldable ? false : null };
  if (isOpen) return { row: from, fold: true };
  const parent = table.parent[from] ?? -1;
  return { row: parent < 0 ? from : parent, fold: null };
}

/** Up and down the rows that are shown. */
function moveAlong(shown: Int32Array, from: number | null, move: Move): number | null {
  const last = shown.length - 1;
  const index = from === null ? -1 : indexOfRow(shown, from);
  if (move === "first") return shown[0] ?? null;
  if (move === "last") return shown[last] ?? null;
  return shown[move === "up" ? Math.max(index - 1, 0) : Math.min(index + 1, last)] ?? null;
}
