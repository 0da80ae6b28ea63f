export const overview = {
  title: "Overview",
  sentence: {
    loading: "Counting …",
    nothing: "No span was received in the last {range}.",
    well: "0 findings over {spans, plural, one {1 span} other {# spans}}; {checks, plural, one {1 check is} other {# checks are}} running.",
    open: "{findings, plural, one {1 finding is} other {# findings are}} open; {spans, plural, one {1 span} other {# spans}} received in the last {range}, {open, plural, =0 {none is open now.} one {1 is open now.} other {# are open now.}}",
  },
  checks: "What the checks look for",
  filters: "Range",
  range: "Range",
  ranges: { "1h": "Last hour", "6h": "Last 6 hours", "24h": "Last 24 hours", "7d": "Last 7 days" },
  span: { "1h": "hour", "6h": "6 hours", "24h": "24 hours", "7d": "7 days" },
  findings: {
    title: "Findings by family",
    hint: "By when their traces began. Click a bar, or drag over several, for the traces.",
    none: "Nothing was found in this time.",
    table: "The same as a table",
    at: "Time",
  },
  ages: { title: "Open spans by age", none: "No span is open.", count: "{count, plural, one {1 span} other {# spans}}" },
  services: {
    title: "Services",
    none: "No service has sent anything in this time.",
    column: { service: "Service", findings: "Findings", open: "Open", spans: "Spans", errors: "Errors", sent: "Over time" },
    trend: "Spans received over time, from {least, number} to {most, number} in each part of the range",
  },
  ingest: {
    title: "Received",
    hint: "Drag over a time for its traces.",
    line: { spans: "spans", logs: "logs", rejected: "rejected" },
    sums: "{spans, plural, one {1 span} other {# spans}}, {logs, plural, one {1 log} other {# logs}}, {rejected, plural, =0 {nothing rejected} one {1 record rejected} other {# records rejected}}",
  },
  empty: {
    title: "Nothing has arrived yet",
    body: "Point an SDK at Spanwatch, or load the gallery of broken traces, and this page fills by itself.",
    setup: "Set up an SDK",
  },
} as const;
