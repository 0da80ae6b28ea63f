import type { Catalogue } from "../catalogue";

export const findings: Catalogue["findings"] = {
  title: "问题",
  howSure: "有多确定",
  howWeKnow: "证据",
  why: "原因",
  fix: "修复",
  changeMind: "什么会改变这个判断",
  noEvidence: "没有记录到证据。",
  closedBecause: "已关闭：{reason}",
  since: "自 {at} 起存在",
  language: "适用于 {language}",
  openTrace: "打开追踪",
  about: "这个问题的含义",
  place: { span: "查看 Span", trace: "打开追踪", process: "查看进程", connection: "查看连接", request: "查看记录", log: "查看日志" },
};
