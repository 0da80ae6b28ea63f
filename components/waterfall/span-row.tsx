import { ChevronDown, ChevronRight, CircleAlert, Repeat } from "lucide-react";
import { FINDING_LOOKS, TONE_TEXT } from "@/components/trace/finding-kinds";
import { formatDuration, shortId } from "@/components/trace/format";
import { hueColor } from "@/components/trace/service-hue";
import { SpanStateIcon } from "@/components/trace/span-state";
import { cn } from "@/components/ui/cn";
import type { Kind } from "@/lib/diagnosis/finding";
import type { Locale } from "@/messages/locale";
import type { RowWords } from "./row-words";
import { hasChildren } from "./rows";
import { barOf, type Domain } from "./scale";
import { SpanBar } from "./span-bar";
import type { SpanTable } from "./span-table";

interface SpanRowProps {
  id: string;
  words: RowWords;
  table: SpanTable;
  row: number;
  view: Domain;
  hue: number;
  topPx: number;
  heightPx: number;
  isSelected: boolean;
  isCollapsed: boolean;
  isMatch: boolean;
  /** The worst finding about this span. */
  findingKind: Kind | null;
  onSelect(row: number): void;
  onToggle(row: number): void;
}

/** One span: its place in the tree, its name, its bar. Does nothing that grows with the trace. */
export function SpanRow({
  id,
  words,
  table,
  row,
  view,
  hue,
  topPx,
  heightPx,
  isSelected,
  isCollapsed,
  isMatch,
  findingKind,
  onSelect,
  onToggle,
}: SpanRowProps) {
  const state = table.state(row);
  const foldable = hasChildren(table, row);
  const label = durationLabel(table, row, view, words.locale);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys; its rows are reached by aria-activedescendant
    // biome-ignore lint/a11y/useFocusableInteractive: focus stays on the tree
    <div
      id={id}
      role="treeitem"
      aria-level={(table.depth[row] ?? 0) + 1}
      aria-expanded={foldable ? !isCollapsed : undefined}
      aria-selected={isSelected}
      data-span={table.key(row)}
      data-state={state}
      onClick={() => onSelect(row)}
      style={{ transform: `translateY(${topPx}px)`, height: heightPx }}
      className={cn(
        "absolute inset-x-0 top-0 flex cursor-default items-stretch max-md:flex-col",
        isSelected ? "bg-fill-strong" : "hover:bg-fill",
        isMatch && "bg-[color-mix(in_oklab,var(--stale)_14%,transparent)]",
      )}
    >
      <TreeCell words={words} table={table} row={row} hue={hue} isCollapsed={isCollapsed} findingKind={findingKind} onToggle={onToggle} />
      <span className="relative min-w-0 flex-1 max-md:mx-3 max-md:h-3.5 max-md:flex-none">
        <SpanBar
          bar={barOf(table, row, view)}
          state={state}
          isUnseen={table.isUnseen(row)}
          hue={hue}
          isError={table.status(row) === "error"}
          label={label}
        />
        <span className="sr-only">{label}</span>
      </span>
    </div>
  );
}

/** Levels up to here are indented; deeper ones stand below each other and say their depth as a number. */
const LEVELS_MAX = 18;
const LEVEL_PX = 12;

type TreeCellProps = Pick<SpanRowProps, "words" | "table" | "row" | "hue" | "isCollapsed" | "findingKind" | "onToggle">;

function TreeCell({ words, table, row, hue, isCollapsed, findingKind, onToggle }: TreeCellProps) {
  const isUnseen = table.isUnseen(row);
  const depth = table.depth[row] ?? 0;
  const id = shortId(table.spanId(row), 4, 4);
  const name = isUnseen ? words.unseen(table.state(row), id) : table.name(row) || words.unnamed;
  const service = table.service(row);
  return (
    <span className="flex w-(--tree) min-w-0 shrink-0 items-center gap-1 pr-2 pl-1.5 max-md:h-6 max-md:w-full">
      <span
        aria-hidden
        className={cn("tree-guides h-full shrink-0", isChildOfUnseen(table, row) && "border-missing border-r border-dashed")}
        style={{ width: Math.min(depth, LEVELS_MAX) * LEVEL_PX }}
      />
      {depth > LEVELS_MAX ? <span className="tabular shrink-0 font-mono text-ink-faint text-tiny">{depth}</span> : null}
      <FoldButton table={table} row={row} isCollapsed={isCollapsed} onToggle={onToggle} />
      <span aria-hidden className="h-3 w-1 shrink-0 rounded-full" style={{ background: isUnseen ? "transparent" : hueColor(hue) }} />
      <Signs words={words} table={table} row={row} />
      <span className={cn("foreign min-w-0 truncate", isUnseen ? "text-missing-ink italic" : "text-ink")} title={titleOf(name, service)}>
        {name}
      </span>
      {isNewService(table, row) ? <span className="foreign min-w-8 shrink-[3] truncate text-ink-faint text-tiny">{service}</span> : null}
      <EndSign words={words} table={table} row={row} findingKind={findingKind} />
    </span>
  );
}

/** State and error of a span, where there is something to say. */
function Signs({ words, table, row }: Pick<SpanRowProps, "words" | "table" | "row">) {
  const state = table.state(row);
  return (
    <>
      {state === "closed" ? null : (
        <>
          <SpanStateIcon state={state} />
          <span className="sr-only">{words.state[state]}: </span>
        </>
      )}
      {table.status(row) === "error" ? (
        <>
          <CircleAlert aria-hidden className="size-3.5 shrink-0 text-abandoned-ink" />
          <span className="sr-only">{words.error}: </span>
        </>
      ) : null}
    </>
  );
}

/** At the end of the name: that a cycle was cut here, or which finding is about this span. */
function EndSign({ words, table, row, findingKind }: Pick<SpanRowProps, "words" | "table" | "row" | "findingKind">) {
  if (table.isCycleCut(row)) {
    return (
      <span className="ml-auto flex shrink-0 items-center gap-1 text-tiny text-wrong-parent-ink" title={words.cycleCutMeans}>
        <Repeat aria-hidden className="size-3" />
        {words.cycleCut}
      </span>
    );
  }
  if (findingKind === null) return null;
  const { icon: Icon, tone } = FINDING_LOOKS[findingKind];
  return (
    <span className={cn("ml-auto shrink-0", TONE_TEXT[tone])} title={words.kind[findingKind]}>
      <Icon aria-hidden className="size-3.5" />
      <span className="sr-only">{words.kind[findingKind]}</span>
    </span>
  );
}

function isChildOfUnseen(table: SpanTable, row: number): boolean {
  const parent = table.parent[row] ?? -1;
  return parent >= 0 && table.isUnseen(parent);
}

const TITLE_MAX = 400;
const titleOf = (name: string, service: string) => `${name.slice(0, TITLE_MAX)}\n${service.slice(0, TITLE_MAX)}`;

/** A service is written where it changes: at tops, and where a call leaves its parent's service. */
function isNewService(table: SpanTable, row: number): boolean {
  const parent = table.parent[row] ?? -1;
  return parent < 0 || table.serviceIndex[parent] !== table.serviceIndex[row];
}

function FoldButton({ table, row, isCollapsed, onToggle }: Pick<SpanRowProps, "table" | "row" | "isCollapsed" | "onToggle">) {
  if (!hasChildren(table, row)) return <span className="w-4 shrink-0" />;
  const Icon = isCollapsed ? ChevronRight : ChevronDown;
  const hidden = (table.subtreeEnd[row] ?? 0) - row - 1;
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-hidden
      onClick={(event) => {
        event.stopPropagation();
        onToggle(row);
      }}
      className="flex h-5 min-w-4 shrink-0 items-center justify-center rounded-sm text-ink-faint hover:bg-fill-strong hover:text-ink"
    >
      <Icon className="size-3.5" />
      {isCollapsed ? <span className="tabular pr-0.5 text-tiny">{hidden}</span> : null}
    </button>
  );
}

function durationLabel(table: SpanTable, row: number, view: Domain, locale: Locale): string {
  const start = table.startMs[row] ?? 0;
  const end = table.endMs[row] ?? Number.NaN;
  if (!Number.isNaN(end)) return formatDuration(end - start, locale);
  return view.nowMs === null || view.breakMs !== null ? "" : `${formatDuration(Math.max(0, view.nowMs - start), locale)} …`;
}
