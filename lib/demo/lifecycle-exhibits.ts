// The exhibits about ends and clocks: spans that were ended oddly, and moments that cannot be. Long for the same reason as exhibits.ts.
import type { Exhibit } from "./exhibits";
import { type DemoProcess, newSpanId } from "./wire";

const HOST = "worker-host.demo";
const mainOf = (service: string, pid: number): DemoProcess => ({ service, pid, host: HOST });

export const LIFECYCLE_EXHIBITS: readonly Exhibit[] = [
  {
    kind: "divergent-ends",
    title: { en: "A span that ended twice", zh: "结束了两次的 Span" },
    explanation: {
      en: "`charge card` was reported to end, and a second later reported again with another end: code that exports spans by hand did it twice.",
      zh: "`charge card` 已上报结束，一秒后又带着另一个结束时间再次上报：自己导出 Span 的代码做了两遍。",
    },
    acts: () => {
      const [order, charge] = [newSpanId(), newSpanId()];
      const payments = mainOf("demo-payments", 7000);
      const charging = { name: "charge card", spanId: charge, parentSpanId: order, startMs: -3000 };
      return [
        {
          process: payments,
          connection: "close",
          requests: [
            [{ ...charging, endMs: -2200 }],
            [
              { ...charging, endMs: -1200 },
              { name: "POST /pay", spanId: order, startMs: -3100, endMs: -1000, kind: 2 },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "closed-by-sweeper",
    title: { en: "A span that a sweeper ended", zh: "被清理程序结束的 Span" },
    explanation: {
      en: "`read page` was forgotten; after ten minutes the SDK's own sweeper ended it, and says so in an attribute. The end is the sweeper's, not the work's.",
      zh: "`read page` 被忘在那里；十分钟后 SDK 自带的清理程序关闭了它，并在属性里写明。这个结束时间是清理程序的，不是工作的。",
    },
    acts: () => {
      const [crawl, page] = [newSpanId(), newSpanId()];
      return [
        {
          process: mainOf("demo-sweeper", 7100),
          connection: "close",
          requests: [
            [
              { name: "crawl site", spanId: crawl, startMs: -640_000, endMs: -20_000 },
              {
                name: "read page",
                spanId: page,
                parentSpanId: crawl,
                startMs: -630_000,
                endMs: -30_000,
                attributes: { finished_by_sweeper: true },
              },
            ],
          ],
        },
      ];
    },
  },
];
