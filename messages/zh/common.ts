import type { Catalogue } from "../catalogue";

export const common: Catalogue["common"] = {
  copy: "复制",
  copied: "已复制",
  close: "关闭",
  clearAll: "全部清除",
  any: "不限",
  retry: "重试",
  loading: "加载中",
  unnamed: "（无名称）",
  ago: "{age}前",
  docs: "详细说明",
  more: "显示更多",
  settings: {
    menu: "菜单",
    theme: "主题",
    language: "语言",
    light: "浅色",
    dark: "深色",
    system: "跟随系统",
  },
};
