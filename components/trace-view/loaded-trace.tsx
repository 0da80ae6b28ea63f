"use client";

import { useMemo } from "react";
import { useTranslations } from "use-intl";
import { assignHues } from "@/components/trace/service-hue";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TabPanel, Tabs } from "@/components/ui/tabs";
import { useMedia } from "@/components/ui/use-media";
import { useNow } from "@/components/use-now";
import { Minimap } from "@/components/waterfall/minimap";
import { domainOf, extentOf } from "@/components/waterfall/scale";
import type { SpanTable } from "@/components/waterfall/span-table";
import { Waterfall } from "@/components/waterfall/waterfall";
import type { FindingJson } from "@/lib/api/contract/findings";
import type { TraceColumns } from "@/lib/api/contract/trace-columns";
import type { Kind } from "@/lib/diagnosis/finding";
import { FindingList } from "./finding-list";
import { KeysHelp } from "./keys-help";
import { LogList } from "./log-list";
import { ProcessList } from "./process-list";
import { SearchBox } from "./search-box";
import { SpanPanel } from "./span-panel";
import { TraceHeader } from "./trace-header";
import { useTraceKeys } from "./use-trace-keys";
import { PANELS, type Panel, TABS, useTracePage } from "./use-trace-page";
import { sortFindings, verdictOf } from "./verdict";
import { VerdictLine } from "./verdict-line";

interface LoadedTraceProps {
  data: TraceColumns;
  table: SpanTable;
  clockAheadMs: number;
}

/** A trace that is here: verdict, minimap, waterfall or logs or processes, and the panel of findings and span. */
export function LoadedTrace({ data, table, clockAheadMs }: LoadedTraceProps) {
  const t = useTranslations("trace");
  const { trace, processes, settled } = data;
  const findings = useMemo(() => sortFindings(data.findings), [data]);
  const page = useTracePage(table, findings);
  useTraceKeys(page.act);

  const hues = useMemo(() => assignHues(table.services), [table]);
  const findingKinds = useMemo(() => kindsBySpan(findings), [findings]);
  const marks = useMemo(() => marksOf(table, findings), [table, findings]);
  const hits = page.search.hits;
  const matches = useMemo(() => new Set(hits), [hits]);
  const extent = useMemo(() => extentOf(table), [table]);
  const now = useNow(table.hasOpen);
  const domain = useMemo(() => domainOf(extent, now + clockAheadMs - table.baseMs), [extent, now, clockAheadMs, table]);
  const view = page.zoom ? { ...domain, ...page.zoom } : domain;
  const isWide = useMedia("(min-width: 1024px)");

  const panel = (
    <Tabs<Panel>
      label={t("panel.label")}
      value={page.panel}
      onChange={page.setPanel}
      tabs={PANELS.map((value) => ({ value, label: value === "findings" ? `${t("panel.findings")} ${findings.length}` : t("panel.span") }))}
      className="flex-1"
    >
      <TabPanel value="findings" className="overflow-y-auto">
        <FindingList
          findings={findings}
          openId={page.findingId}
          settled={settled}
          onOpen={page.openFinding}
          onEvidenceOpen={page.onEvidenceOpen}
        />
      </TabPanel>
      <TabPanel value="span" className="overflow-y-auto">
        <SpanPanel
          traceId={trace.traceId}
          table={table}
          row={page.selectedRow}
          hue={hues[table.serviceIndex[page.selectedRow ?? 0] ?? 0] ?? 0}
          findings={findings}
          processes={processes}
          traceLogCount={trace.logCount}
          onFindingOpen={page.openFinding}
        />
      </TabPanel>
    </Tabs>
  );

  return (
    <>
      <TraceHeader
        trace={trace}
        settled={settled}
        processCount={processes.length}
        clockAheadMs={clockAheadMs}
        onHelp={() => page.setHelpOpen(true)}
      />
      <VerdictLine
        verdict={verdictOf(findings, trace, settled, processes)}
        trace={trace}
        findingCount={findings.length}
        findingAt={page.findingAt}
        onFinding={page.stepFinding}
      />
      <Minimap table={table} domain={domain} zoom={page.zoom} marks={marks} onZoom={page.setZoom} />
      <div className="flex min-h-0 min-w-0 flex-1">
        <Tabs
          label={t("tab.label")}
          value={page.tab}
          onChange={page.setTab}
          tabs={TABS.map((value) => ({ value, label: t(`tab.${value}`) }))}
          className="flex-1"
          aside={
            <>
              {page.zoom ? (
                <Button className="self-center" onClick={() => page.setZoom(null)}>
                  {t("minimap.reset")}
                </Button>
              ) : null}
              <SearchBox
                inputRef={page.search.ref}
                text={page.search.text}
                hitCount={hits.length}
                hitAt={page.search.hitAt}
                onText={page.search.setText}
                onHit={page.search.step}
              />
            </>
          }
        >
          <TabPanel value="waterfall" className="flex">
            <Waterfall
              table={table}
              shown={page.shown}
              collapsed={page.collapsed}
              view={view}
              hues={hues}
              selectedRow={page.selectedRow}
              target={page.target}
              matches={matches}
              findingKinds={findingKinds}
              onSelect={page.onRowSelect}
              onToggle={page.toggle}
            />
          </TabPanel>
          <TabPanel value="logs" className="overflow-y-auto">
            <LogList traceId={trace.traceId} traceLogCount={trace.logCount} onSpanSelect={page.showSpan} />
          </TabPanel>
          <TabPanel value="processes" className="overflow-y-auto">
            <ProcessList processes={processes} openId={page.evidenceId} />
          </TabPanel>
        </Tabs>
        {isWide ? (
          <aside aria-label={t("panel.label")} className="flex w-88 shrink-0 flex-col border-l bg-surface xl:w-100">
            {panel}
          </aside>
        ) : (
          <Dialog
            open={page.sheetOpen}
            onOpenChange={page.setSheetOpen}
            title={t("panel.label")}
            closeLabel={t("panel.close")}
            place="sheet"
            className="h-[70dvh]"
          >
            {panel}
          </Dialog>
        )}
      </div>
      <KeysHelp open={page.helpOpen} onOpenChange={page.setHelpOpen} />
    </>
  );
}

/** The worst finding about each span; findings come worst first. */
function kindsBySpan(findings: readonly FindingJson[]): Map<string, Kind> {
  const kinds = new Map<string, Kind>();
  for (const finding of findings) {
    if (finding.state !== "open") continue;
    for (const spanId of finding.missingSpanId === null ? finding.spanIds : [finding.missingSpanId, ...finding.spanIds]) {
      if (!kinds.has(spanId)) kinds.set(spanId, finding.kind);
    }
  }
  return kinds;
}

/** When the span of each open finding was last heard of, ms since the base. */
function marksOf(table: SpanTable, findings: readonly FindingJson[]): number[] {
  return findings.flatMap((finding) => {
    const row = finding.state === "open" && finding.severity !== "info" ? table.rowOf(finding.spanIds[0] ?? "") : null;
    if (row === null) return [];
    const activity = table.activityMs[row] ?? Number.NaN;
    return [Number.isNaN(activity) ? (table.startMs[row] ?? 0) : activity];
  });
}
