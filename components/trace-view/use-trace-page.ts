"use client";

import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useMemo, useRef, useState } from "react";
import type { EvidenceRef } from "@/components/findings/finding-details";
import { useIsPhone } from "@/components/ui/use-media";
import { findRows, indexOfRow } from "@/components/waterfall/rows";
import type { SpanTable } from "@/components/waterfall/span-table";
import { type Move, useWaterfall } from "@/components/waterfall/use-waterfall";
import type { ScrollTarget } from "@/components/waterfall/waterfall";
import type { FindingJson } from "@/lib/api/contract/findings";
import type { TraceAction } from "./trace-keys";

export const TABS = ["waterfall", "logs", "processes"] as const;
export type Tab = (typeof TABS)[number];
export const PANELS = ["findings", "span"] as const;
export type Panel = (typeof PANELS)[number];

const URL_STATE = {
  tab: parseAsStringLiteral(TABS).withDefault("waterfall"),
  span: parseAsString,
  finding: parseAsString,
};

export interface Zoom {
  startMs: number;
  endMs: number;
}

/**
 * What the reader does on a trace page. What a link should bring back (tab, span, finding) is in the address; the rest lives as long as
 * the page.
 */
export function useTracePage(table: SpanTable, findings: readonly FindingJson[]) {
  const [url, setUrl] = useQueryStates(URL_STATE, { history: "replace" });
  const isPhone = useIsPhone();
  const tree = useWaterfall(table);
  const [panel, setPanel] = useState<Panel>(url.span && !url.finding ? "span" : "findings");
  const [sheetOpen, setSheetOpen] = useState(false);
  const [zoom, setZoom] = useState<Zoom | null>(null);
  // A link to a span or a finding shows it when the page opens.
  const [target, setTarget] = useState<ScrollTarget | null>(() => {
    const finding = findings.find((one) => one.id === url.finding);
    const row = url.span === null ? finding && rowOfFinding(table, finding) : table.rowOf(url.span);
    return typeof row === "number" ? { row, align: "center" } : null;
  });
  const [evidenceId, setEvidenceId] = useState<string | null>(null);
  const [helpOpen, setHelpOpen] = useState(false);
  const [searchText, setSearchText] = useState("");
  const [hitAt, setHitAt] = useState(-1);
  const searchRef = useRef<HTMLInputElement>(null);

  const selectedRow = url.span === null ? null : table.rowOf(url.span);
  const hits = useMemo(() => findRows(table, searchText), [table, searchText]);
  const findingAt = findings.findIndex((finding) => finding.id === url.finding);

  function goTo(row: number, align: ScrollTarget["align"]) {
    tree.reveal(row);
    setTarget({ row, align });
  }
  function select(row: number, align: ScrollTarget["align"] = "auto") {
    void setUrl({ span: table.key(row) });
    goTo(row, align);
  }
  function openFinding(finding: FindingJson | null) {
    const row = finding === null ? null : rowOfFinding(table, finding);
    void setUrl({ finding: finding?.id ?? null, ...(row === null ? {} : { span: table.key(row) }) });
    setPanel("findings");
    if (finding === null) return;
    setSheetOpen(true);
    if (row !== null) goTo(row, "center");
  }
  function stepFinding(step: 1 | -1) {
    if (findings.length === 0) return;
    const from = findingAt < 0 && step < 0 ? 0 : findingAt;
    openFinding(findings[(from + step + findings.length) % findings.length] ?? null);
  }
  function stepHit(step: 1 | -1) {
    if (hits.length === 0) return;
    const next = (Math.max(hitAt, step > 0 ? -1 : 0) + step + hits.length) % hits.length;
    setHitAt(next);
    if (url.tab !== "waterfall") void setUrl({ tab: "waterfall" });
    select(hits[next] ?? 0, "center");
  }
  function zoomToRow() {
    if (selectedRow === null) return;
    const start = table.startMs[selectedRow] ?? 0;
    const end = [table.endMs[selectedRow], table.activityMs[selectedRow]].find((ms) => ms !== undefined && !Number.isNaN(ms)) ?? start;
    const margin = Math.max(Math.abs(end - start) * 0.1, 0.001);
    setZoom({ startMs: Math.min(start, end) - margin, endMs: Math.max(start, end) + margin });
  }

  function act(action: TraceAction) {
    if (isMove(action)) {
      const row = url.tab === "waterfall" ? tree.move(selectedRow, action) : null;
      if (row !== null) select(row);
    } else actions[action]();
  }
  const actions: Record<Exclude<TraceAction, Move>, () => void> = {
    open: () => {
      setPanel("span");
      setSheetOpen(true);
    },
    "next-finding": () => stepFinding(1),
    "previous-finding": () => stepFinding(-1),
    search: () => searchRef.current?.focus(),
    "next-hit": () => stepHit(1),
    "previous-hit": () => stepHit(-1),
    zoom: zoomToRow,
    unzoom: () => setZoom(null),
    collapse: () => tree.collapseTo(1),
    expand: tree.expandAll,
    logs: () => void setUrl({ tab: url.tab === "logs" ? "waterfall" : "logs" }),
    help: () => setHelpOpen(true),
    close: () => {
      setSheetOpen(false);
      setZoom(null);
    },
  };

  return {
    ...tree,
    tab: url.tab,
    setTab: (tab: Tab) => void setUrl({ tab }),
    panel,
    setPanel,
    sheetOpen,
    setSheetOpen,
    zoom,
    setZoom,
    target,
    evidenceId,
    helpOpen,
    setHelpOpen,
    search: {
      ref: searchRef,
      text: searchText,
      hits,
      hitAt,
      setText: (text: string) => {
        setSearchText(text);
        setHitAt(-1);
      },
      step: stepHit,
    },
    selectedRow,
    selectedIndex: selectedRow === null ? -1 : indexOfRow(tree.shown, selectedRow),
    findingAt,
    findingId: url.finding,
    openFinding,
    stepFinding,
    act,
    /** A click on a row. */
    onRowSelect: (row: number) => {
      void setUrl({ span: table.key(row) });
      setPanel("span");
      if (isPhone) setSheetOpen(true);
    },
    /** From a log, an evidence line or another place that names a span. */
    showSpan: (spanId: string) => {
      const row = table.rowOf(spanId);
      if (row === null) return;
      void setUrl({ tab: "waterfall", span: table.key(row) });
      setPanel("span");
      setSheetOpen(!isPhone);
      goTo(row, "center");
    },
    onEvidenceOpen: (ref: EvidenceRef) => {
      if (ref.type === "span") {
        const row = table.rowOf(ref.id);
        if (row === null) return;
        void setUrl({ tab: "waterfall", span: table.key(row) });
        setPanel("span");
        goTo(row, "center");
      } else if (ref.type === "trace") {
        location.assign(`/traces/${encodeURIComponent(ref.id)}`);
      } else if (ref.type === "log") {
        void setUrl({ tab: "logs" });
      } else if (ref.type === "request") {
        setPanel("span");
      } else {
        setEvidenceId(ref.id);
        setSheetOpen(false);
        void setUrl({ tab: "processes" });
      }
    },
  };
}

const MOVES: ReadonlySet<string> = new Set<Move>(["up", "down", "first", "last", "in", "out"]);
const isMove = (action: TraceAction): action is Move => MOVES.has(action);

/** The row that a finding is about: its first span that is here, else the missing span. */
function rowOfFinding(table: SpanTable, finding: FindingJson): number | null {
  const spans = finding.missingSpanId === null ? finding.spanIds : [finding.missingSpanId, ...finding.spanIds];
  for (const spanId of spans) {
    const row = table.rowOf(spanId);
    if (row !== null) return row;
  }
  return null;
}
