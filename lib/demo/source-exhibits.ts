// The exhibits about senders rather than traces. Long for the same reason as exhibits.ts.
import type { Exhibit } from "./exhibits";
import { type DemoProcess, newSpanId, newTraceId } from "./wire";

const HOST = "worker-host.demo";
/** Workers are told by their program's SDK; that of the demo is nobody else's. */
const LOGFIRE = "logfire/4.41.0 (spanwatch-demo)";
const logfireOf = (service: string, pid: number): DemoProcess => ({ service, pid, host: HOST, userAgent: LOGFIRE });

export const SOURCE_EXHIBITS: readonly Exhibit[] = [
  {
    kind: "silent-worker",
    title: { en: "Workers that only shook hands", zh: "只打过招呼的工作进程" },
    explanation: {
      en: "Four workers configured Logfire within `sum of squares` and were terminated with it. One had sent its span by then; of the others there is nothing but their hand-shakes.",
      zh: "四个工作进程在 `sum of squares` 期间配置了 Logfire，随后一起被终止。只有一个赶在之前发出了 Span，其余的只留下了握手。",
    },
    traceIds: () => ({ main: newTraceId(), worker: newTraceId(), after: newTraceId() }),
    acts: () => {
      const main = logfireOf("demo-squares", 8000);
      const sum = newSpanId();
      const own = { name: "sum of squares", spanId: sum, startMs: 0 };
      return [
        { process: main, connection: "keep", requests: [{ handshakes: 1 }, [own], { pauseMs: 400 }, { handshakes: 4 }, { pauseMs: 100 }] },
        {
          process: { ...main, pid: 8003 },
          trace: "worker",
          connection: "close",
          requests: [[{ name: "square 3", spanId: newSpanId(), startMs: 420, endMs: 460 }]],
        },
        { process: main, connection: "keep", requests: [[{ ...own, endMs: 500 }]] },
        {
          process: main,
          trace: "after",
          connection: "close",
          requests: [[{ name: "publish result", spanId: newSpanId(), startMs: 501, endMs: 502 }]],
        },
      ];
    },
  },
];
