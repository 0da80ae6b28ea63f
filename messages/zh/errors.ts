import type { Catalogue } from "../catalogue";

export const errors: Catalogue["errors"] = {
  title: "没有成功",
  noAnswer: "服务端没有应答。它还在运行吗？本页会自动重试。",
  busy: "服务端繁忙，或者数据库暂时不可用。本页会自动重试。",
  wrong: "请求有误：{detail}",
  notFound: "这里什么都没有。",
  signedOut: "你已退出登录。",
  signIn: "登录",
  request: "请求 {id}",
  traceNotFound: {
    title: "没有这条追踪",
    body: "这里从未收到过它，或者已经过了保留期限。如果程序刚刚启动，第一个 Span 到达后本页会自动显示。",
    action: "所有追踪",
  },
  page: {
    title: "页面出错了",
    body: "这是页面自身的错误，与你的数据无关。重新加载通常就好。",
    action: "重新加载",
  },
  pageNotFound: { title: "没有这个页面", action: "去看追踪" },
};
