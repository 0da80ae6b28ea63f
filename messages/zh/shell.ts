import type { Catalogue } from "../catalogue";

export const shell: Catalogue["shell"] = {
  tagline: "哪些 Span 没有结束，原因是什么",
  skip: "跳到正文",
  navigation: "主导航",
  overview: "总览",
  traces: "追踪",
  findings: "问题",
  open: "未结束",
  setup: "接入",
  collapse: "收起导航",
  expand: "展开导航",
  live: {
    live: "实时",
    connecting: "连接中",
    lost: "连接已断开",
    paused: "已暂停",
    pause: "暂停实时更新",
    resume: "恢复实时更新",
  },
  jump: {
    label: "打开追踪",
    placeholder: "粘贴追踪 ID",
    wrong: "没有找到追踪 ID。追踪 ID 是 32 位十六进制数。",
  },
};
