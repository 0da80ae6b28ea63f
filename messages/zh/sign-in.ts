import type { Catalogue } from "../catalogue";

export const signIn: Catalogue["signIn"] = {
  title: "登录",
  why: "这台服务器可以从网络访问，因此需要确认您的身份。请粘贴只读密钥或管理密钥。",
  where: "首次启动时会打印第一个管理密钥，它也保存在数据目录的 <file>admin-key</file> 文件中。",
  label: "密钥",
  placeholder: "sw_adm_…",
  action: "登录",
  busy: "正在登录",
  ingestKey: "这是接入密钥：只能发送数据，不能读取。请使用只读密钥或管理密钥。",
  unknownKey: "这里没有这个密钥，或者它已被吊销。",
  tooMany: "错误的密钥太多，请一分钟后再试。",
  already: { title: "您已登录", out: "退出登录", go: "查看追踪" },
};
