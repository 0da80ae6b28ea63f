import { parseArgs } from "node:util";
import { readConfig, webUrlOf } from "@/lib/config";
import { sendGallery } from "@/lib/demo/gallery";

// `npm run demo`: sends the gallery of broken traces to a running Spanwatch and prints where to look.
//
//   npm run demo -- [--endpoint http://127.0.0.1:4318] [--web http://127.0.0.1:3000] [--token KEY] [--lang en|zh] [--exit]
const config = readConfig();
const { values: options } = parseArgs({
  options: {
    endpoint: { type: "string", default: `http://127.0.0.1:${config.otlpHttpPort}` },
    web: { type: "string", default: webUrlOf(config) },
    token: { type: "string" },
    lang: { type: "string", default: /^zh/i.test(process.env.LC_ALL || process.env.LANG || "") ? "zh" : "en" },
    exit: { type: "boolean", default: false },
  },
});
const language = options.lang === "zh" ? "zh" : "en";

try {
  const { items } = await sendGallery({ httpEndpoint: options.endpoint, token: options.token });
  for (const { kind, traceId, title, explanation } of items) {
    console.log(`\n${title[language]}  (${kind})\n  ${explanation[language]}\n  ${options.web}/traces/${traceId}`);
  }
} catch (error) {
  const cause =
    error instanceof Error && "code" in error && error.code === "ECONNREFUSED" ? "nobody listens there; is `npm start` running?" : error;
  console.error(`The gallery could not be sent to ${options.endpoint}: ${cause instanceof Error ? cause.message : cause}`);
  process.exit(1);
}

const settleMs = config.settleMs / 1000;
if (process.stdout.isTTY && !options.exit) {
  console.log(
    language === "zh"
      ? `\n“缺失”类的发现要等追踪静默 ${settleMs} 秒后才会出现。\n本程序还保持着几个仍在运行的进程的连接；按 Ctrl-C 结束，看它们的 Span 变为“已中断”。`
      : `\nWhat is missing is told once a trace has been quiet for ${settleMs} s.\nThis program still holds the connections of those that live on: end it with Ctrl-C, and watch their spans become abandoned.`,
  );
  setInterval(() => {}, 60_000); // the connections alone would not keep it alive
} else {
  console.log(
    language === "zh"
      ? `\n“缺失”类的发现要等追踪静默 ${settleMs} 秒后才会出现。`
      : `\nWhat is missing is told once a trace has been quiet for ${settleMs} s.`,
  );
  process.exit(0);
}
