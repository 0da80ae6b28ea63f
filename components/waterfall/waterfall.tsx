"use client";
"use no memo"; // the virtualizer is one object that changes inside, which the compiler must not hold on to

import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useEffectEvent, useId, useLayoutEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { useIsPhone } from "@/components/ui/use-media";
import type { Kind } from "@/lib/diagnosis/finding";
import { useRowWords } from "./row-words";
import { indexOfRow } from "./rows";
import { Ruler, RulerLines } from "./ruler";
import type { Domain } from "./scale";
import { SpanRow } from "./span-row";
import type { SpanTable } from "./span-table";
import { TreeWidthHandle, useTreeWidth } from "./tree-width";

const ROW_PX = 24;
const PHONE_ROW_PX = 40;
/** More than the rows of most windows, so that their number rarely changes. */
const SLOTS_MIN = 64;

/** Where the reader should be taken: a new object each time, even to the same row. */
export interface ScrollTarget {
  row: number;
  align: "center" | "auto";
}

interface WaterfallProps {
  table: SpanTable;
  shown: Int32Array;
  collapsed: ReadonlySet<number>;
  view: Domain;
  /** Colour of each of the table's services. */
  hues: readonly number[];
  selectedRow: number | null;
  target: ScrollTarget | null;
  matches: ReadonlySet<number>;
  findingKinds: ReadonlyMap<string, Kind>;
  onSelect(row: number): void;
  onToggle(row: number): void;
}

/** All spans of a trace, of which only the rows in view exist. */
export function Waterfall(props: WaterfallProps) {
  const { table, shown, collapsed, view, hues, selectedRow, target, matches, findingKinds, onSelect, onToggle } = props;
  const t = useTranslations("trace");
  const words = useRowWords();
  const scrollRef = useRef<HTMLDivElement>(null);
  const treeId = useId();
  const rowPx = useIsPhone() ? PHONE_ROW_PX : ROW_PX;
  const [treePercent, setTreePercent] = useTreeWidth();
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowPx,
    overscan: 8,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again because the height of rows is another one
  useEffect(() => virtualizer.measure(), [virtualizer, rowPx]);
  const rememberPlace = useKeptPlace(scrollRef, table, shown, rowPx);

  // Only a new target moves the reader, never new data.
  const goTo = useEffectEvent(({ row, align }: ScrollTarget) => virtualizer.scrollToIndex(Math.max(0, indexOfRow(shown, row)), { align }));
  useEffect(() => {
    if (target) goTo(target);
  }, [target]);

  const items = virtualizer.getVirtualItems();
  // A row that leaves the window gives its elements to one that enters: changing 40 rows costs a third of making them.
  const slots = 2 ** Math.ceil(Math.log2(Math.max(items.length, SLOTS_MIN)));
  const rowId = (row: number) => `${treeId}-${row}`;
  const isSelectedDrawn = selectedRow !== null && items.some((item) => shown[item.index] === selectedRow);
  return (
    <div className="relative flex min-h-0 min-w-0 flex-1 flex-col" style={{ "--tree": `${treePercent}%` } as CSSProperties}>
      <div className="flex shrink-0 items-stretch border-b bg-paper max-md:hidden">
        <span className="w-(--tree) shrink-0 self-center truncate px-2 text-ink-faint text-tiny">
          {t("spanCount", { count: table.count })}
        </span>
        <Ruler view={view} />
      </div>
      <div className="relative min-h-0 flex-1">
        <RulerLines view={view} />
        <div
          ref={scrollRef}
          role="tree"
          aria-label={t("tree")}
          tabIndex={0}
          aria-activedescendant={isSelectedDrawn && selectedRow !== null ? rowId(selectedRow) : undefined}
          className="relative h-full overflow-y-auto overflow-x-hidden outline-offset-[-2px]"
          onScroll={rememberPlace}
          data-testid="waterfall"
        >
          <div role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
            {items.map((item) => {
              const row = shown[item.index] ?? 0;
              return (
                <SpanRow
                  key={item.index % slots}
                  id={rowId(row)}
                  words={words}
                  table={table}
                  row={row}
                  view={view}
                  hue={hues[table.serviceIndex[row] ?? 0] ?? 0}
                  topPx={item.start}
                  heightPx={rowPx}
                  isSelected={row === selectedRow}
                  isCollapsed={collapsed.has(row)}
                  isMatch={matches.has(row)}
                  findingKind={findingKinds.get(table.spanId(row)) ?? null}
                  onSelect={onSelect}
                  onToggle={onToggle}
                />
              );
            })}
          </div>
        </div>
        <TreeWidthHandle percent={treePercent} onChange={setTreePercent} />
      </div>
    </div>
  );
}

/**
 * When data comes in, rows may appear above what the reader looks at. The topmost row he sees stays where it is: what came in above it is
 * added to how far he has scrolled, wherever that is by now.
 * @returns what must be called when he scrolls.
 */
function useKeptPlace(scrollRef: React.RefObject<HTMLDivElement | null>, table: SpanTable, shown: Int32Array, rowPx: number): () => void {
  const top = useRef<{ key: string; index: number } | null>(null);
  const seen = useRef(table);

  function remember() {
    const scrolledPx = scrollRef.current?.scrollTop ?? 0;
    const index = Math.floor(scrolledPx / rowPx);
    const row = shown[index];
    // At the very top one wants to see what comes in.
    top.current = scrolledPx === 0 || row === undefined ? null : { key: table.key(row), index };
  }

  useLayoutEffect(() => {
    const element = scrollRef.current;
    const row = top.current && table.rowOf(top.current.key);
    if (seen.current !== table && element && top.current && typeof row === "number") {
      element.scrollTop += (indexOfRow(shown, row) - top.current.index) * rowPx;
    }
    seen.current = table;
    remember();
  });
  return remember;
}
