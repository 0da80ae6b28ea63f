// The exhibits about senders rather than traces. Long for the same reason as exhibits.ts.
import type { Exhibit } from "./exhibits";
import { type DemoProcess, mainOf, newSpanId, newTraceId } from "./wire";

/** Workers are told by their program's SDK; that of the demo is nobody else's. */
const LOGFIRE = "logfire/4.41.0 (spanwatch-demo)";
const logfireOf = (service: string, pid: number): DemoProcess => ({ ...mainOf(service, pid), userAgent: LOGFIRE });

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
  {
    kind: "dropped-by-sdk",
    title: { en: "A queue that was too small", zh: "容量太小的队列" },
    explanation: {
      en: "The trace looks whole. But the SDK counts what it lets go: 22 spans did not fit into its queue.",
      zh: "追踪看上去是完整的，但 SDK 会统计自己丢弃的数据：有 22 个 Span 没能放进队列。",
    },
    acts: () => {
      const batching = { "otel.component.name": "batching_span_processor/0" };
      const processed = "otel.sdk.processor.span.processed";
      return [
        {
          process: mainOf("demo-search-index", 8100),
          connection: "close",
          requests: [
            [{ name: "rebuild search index", spanId: newSpanId(), startMs: -4000, endMs: -100 }],
            {
              metrics: [
                { name: processed, value: 481, attributes: batching },
                { name: processed, value: 22, attributes: { ...batching, "error.type": "queue_full" } },
              ],
            },
          ],
        },
      ];
    },
  },
  {
    kind: "interleaved-requests",
    title: { en: "Two requests in one another", zh: "混在一起的两个请求" },
    explanation: {
      en: "Parent and forked child wrote into the inherited connection at the same moment, and the bytes of one request lie inside the other. It was refused once, so that it is sent again.",
      zh: "父进程和 fork 出的子进程同时写入继承来的连接，一个请求的字节混进了另一个。它先被拒收一次，好让发送方重发。",
    },
    acts: () => [
      {
        process: mainOf("demo-prefork", 8200),
        connection: "close",
        requests: [[{ name: "warm up", spanId: newSpanId(), startMs: -900, endMs: -200 }], { interleaved: true }],
      },
    ],
  },
  {
    kind: "count-mismatch",
    title: { en: "More sent than arrived", zh: "发出的比到达的多" },
    explanation: {
      en: "Its exporter counted 12 spans as sent; 2 are here. Something on the way took the others and lost them.",
      zh: "它的导出器统计发出了 12 个 Span，这里只有 2 个：途中有东西收下了其余的，又弄丢了。",
    },
    acts: () => [
      {
        process: mainOf("demo-nightly-report", 8300),
        connection: "close",
        requests: [
          [
            { name: "nightly report", spanId: newSpanId(), startMs: -3000, endMs: -1000 },
            { name: "send mail", spanId: newSpanId(), startMs: -900, endMs: -700 },
          ],
          {
            metrics: [
              { name: "otel.sdk.exporter.span.exported", value: 12, attributes: { "otel.component.name": "otlp_http_span_exporter/0" } },
            ],
          },
        ],
      },
    ],
  },
  {
    kind: "pipeline-loss",
    title: { en: "A batch that was refused", zh: "被拒收的一批数据" },
    explanation: {
      en: "One request of this program could not be read and was refused; no SDK sends that again, so what it carried is lost.",
      zh: "这个程序有一个请求无法读取而被拒收；SDK 不会重发，里面的数据就丢了。",
    },
    acts: () => [
      {
        process: mainOf("demo-exporter", 8400),
        connection: "close",
        requests: [[{ name: "export rows", spanId: newSpanId(), startMs: -900, endMs: -200 }], { unreadable: true }],
      },
    ],
  },
  {
    kind: "unnamed-service",
    title: { en: "A program without a name", zh: "没有名字的程序" },
    explanation: {
      en: "Nobody gave this program a service name, so its SDK calls it unknown_service, as it calls every other one.",
      zh: "没有人给这个程序起服务名，SDK 就叫它 unknown_service，和其他没名字的程序混在一起。",
    },
    acts: () => [
      {
        process: mainOf("unknown_service:python", 8500),
        connection: "close",
        requests: [[{ name: "work", spanId: newSpanId(), startMs: -900, endMs: -200 }]],
      },
    ],
  },
  {
    kind: "missing-identity",
    title: { en: "A process that does not say which one it is", zh: "不说明自己是哪一个的进程" },
    explanation: {
      en: "It sends neither its pid nor an instance id: of several such processes nobody can tell which one sent what.",
      zh: "它既没有上报 pid，也没有实例 ID：这样的进程一多，就分不清哪条数据来自哪一个。",
    },
    acts: () => [
      {
        process: { ...mainOf("demo-nameless", 8600), isNameless: true },
        connection: "close",
        requests: [[{ name: "work", spanId: newSpanId(), startMs: -900, endMs: -200 }]],
      },
    ],
  },
];
