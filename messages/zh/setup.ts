import type { Catalogue } from "../catalogue";

export const setup: Catalogue["setup"] = {
  title: "接入",
  sentence: {
    waiting: "还没有收到任何数据。让 SDK 指向这里，本页会自动察觉第一个 Span。",
    arrived: "已经收到 Span。下面的内容同样适用于下一个程序。",
  },
  waiting: "正在等待你的第一个 Span……",
  arrived: "你的第一条追踪到了。",
  open: "打开",
  endpoint: { title: "发送到哪里", http: "OTLP（HTTP）", grpc: "OTLP（gRPC）" },
  key: "这台服务端需要写入密钥：请用它替换 {key}。",
  snippets: {
    title: "如何发送",
    label: "语言或 SDK",
    logfire: "Python · Logfire",
    python: "Python · OTel",
    node: "Node.js",
    go: "Go",
    java: "Java",
    dotnet: ".NET",
    rust: "Rust",
    collector: "Collector",
    pending: "Logfire 在 Span 开始时就会上报，因此运行中的和永不结束的 Span 在这里都看得到。",
    endOnly:
      "这个 SDK 只在 Span 结束时上报。永不结束的 Span 只能从它的子 Span 得知，所以进程信息很重要：请设置 service.name；SDK 没有自动设置时，也请设置 process.pid。",
  },
  demo: {
    title: "只想看看？",
    body: "载入一组故意弄坏的追踪，每一条都说明坏在哪里，以及 Spanwatch 是怎么知道的。",
    action: "载入演示",
    loading: "正在发送……",
    sent: "已通过真实端口发送 {count} 条追踪。等它们稳定之后，缺失的部分才会被断言为缺失。",
    open: "打开",
  },
};
