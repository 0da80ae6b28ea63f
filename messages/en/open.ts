export const open = {
  title: "Open now",
  sentence: {
    none: "No span is open: everything that began has ended.",
    some: "{count, plural, one {1 span is} other {# spans are}} open{more, select, yes { or more} other {}}; the oldest, <name></name>, for {age}{dead, plural, =0 {.} one {. 1 of them will never end by itself.} other {. # of them will never end by themselves.}}",
    missing: "{count, plural, one {1 parent was} other {# parents were}} never received.",
  },
  filters: "Filters",
  filter: { service: "Service", state: "State", minAge: "Open for at least" },
  column: { state: "State", span: "Span", age: "Open for", usual: "Usual", process: "Process", activity: "Last sign of life" },
  usual: "{time} (of {count, number})",
  unseen: "Span {id}, known only by its children",
  noUsual: "no history",
  times: "{times, number}× the usual",
  pid: "pid {pid}",
  ago: "{age} ago",
  empty: {
    title: "Nothing is open",
    body: "Every span that began here has ended, or its end is believed. Spans appear here while they run, when their SDK says that they began.",
    filtered: "No open span matches these filters",
  },
} as const;
