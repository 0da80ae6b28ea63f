import type { Catalogue } from "../catalogue";

export const overview: Catalogue["overview"] = {
  title: "总览",
  sentence: {
    loading: "正在统计……",
    nothing: "最近{range}没有收到 Span。",
    well: "检查了 {spans, number} 个 Span，发现 0 个问题；{checks} 项检查正在运行。",
    open: "有 {findings} 个未解决的问题；最近{range}收到 {spans, number} 个 Span，{open, plural, =0 {目前都已结束。} other {目前有 # 个未结束。}}",
  },
  checks: "各项检查在找什么",
  filters: "时间范围",
  range: "时间范围",
  ranges: { "1h": "最近 1 小时", "6h": "最近 6 小时", "24h": "最近 24 小时", "7d": "最近 7 天" },
  span: { "1h": " 1 小时", "6h": " 6 小时", "24h": " 24 小时", "7d": " 7 天" },
  findings: {
    title: "各类问题",
    hint: "按追踪开始的时间统计；点击柱子或拖选一段时间，查看这些追踪。",
    none: "这段时间没有发现问题。",
    table: "以表格查看",
    at: "时间",
  },
  ages: { title: "未结束的 Span（按时长）", none: "没有未结束的 Span。", count: "{count, number} 个 Span" },
  services: {
    title: "服务",
    none: "这段时间没有服务发送数据。",
    column: { service: "服务", findings: "问题", open: "未结束", spans: "Span", errors: "错误", sent: "走势" },
    trend: "收到的 Span 随时间的变化，每段 {least, number} 到 {most, number} 个",
  },
  ingest: {
    title: "接收",
    hint: "拖选一段时间，查看其中的追踪。",
    line: { spans: "Span", logs: "日志", rejected: "被拒绝" },
    sums: "{spans, number} 个 Span，{logs, number} 条日志，{rejected, plural, =0 {没有被拒绝的记录} other {# 条记录被拒绝}}",
  },
  empty: {
    title: "还没有收到数据",
    body: "把 SDK 指向 Spanwatch，或载入损坏追踪的示例，本页会自动出现内容。",
    setup: "接入 SDK",
  },
};
