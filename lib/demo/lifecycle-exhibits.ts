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
];
