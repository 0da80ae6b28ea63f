import type { Catalogue } from "../catalogue";

export const open: Catalogue["open"] = {
  title: "未结束",
  sentence: {
    none: "没有未结束的 Span：开始了的都已结束。",
    some: "有 {count, number} 个{more, select, yes {以上的} other {}} Span 尚未结束；最久的是 <name></name>，已经 {age}{dead, plural, =0 {。} other {。其中 # 个不会自己结束。}}",
    missing: "有 {count} 个父 Span 从未收到。",
  },
  filters: "筛选",
  filter: { service: "服务", state: "状态", minAge: "至少持续" },
  column: { state: "状态", span: "Span", age: "已持续", usual: "通常", process: "进程", activity: "最后的活动迹象" },
  usual: "{time}（{count, number} 次）",
  unseen: "Span {id}，只能从子 Span 得知",
  noUsual: "没有历史",
  times: "通常的 {times, number} 倍",
  pid: "pid {pid}",
  ago: "{age}前",
  empty: {
    title: "没有未结束的 Span",
    body: "这里开始过的每个 Span 都已结束，或者它的结束是可信的。如果 SDK 会报告 Span 的开始，运行中的 Span 就会出现在这里。",
    filtered: "没有未结束的 Span 符合这些条件",
  },
};
