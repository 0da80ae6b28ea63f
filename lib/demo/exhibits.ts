// The exhibits of the gallery, one for each kind of finding. Long, because it is a list: each is a small story in traffic.
import { type DemoProcess, type DemoSpan, newSpanId } from "./wire";

/** One line in each language of the pages. */
export interface Words {
  en: string;
  zh: string;
}

/** What one process of the story sends, request by request, and what then becomes of its connection. */
interface Act {
  process: DemoProcess;
  batches: DemoSpan[][];
  connection: "close" | "hold";
}

interface Exhibit {
  kind: string;
  title: Words;
  explanation: Words;
  /** New ids each time, so that the gallery can be sent again and again. */
  acts(): Act[];
}

/** A host that is not this one, so that nobody looks for the made-up pids here. */
const HOST = "worker-host.demo";
const SHOP: DemoProcess = { service: "demo-shop", pid: 4100, host: HOST };
const IMPORTER: DemoProcess = { service: "demo-importer", pid: 4200, host: HOST };
const BILLING: DemoProcess = { service: "demo-billing", pid: 4300, host: HOST };
const HOUR_MS = 3_600_000;

export const EXHIBITS: readonly Exhibit[] = [
  {
    kind: "healthy",
    title: { en: "An order, as it should be", zh: "一笔正常的订单" },
    explanation: {
      en: "Every span ended and nothing is missing: the one to compare the others with.",
      zh: "所有 Span 都已结束，没有缺失：用来和其他示例对照。",
    },
    acts: () => {
      const [order, stock, card] = [newSpanId(), newSpanId(), newSpanId()];
      return [
        {
          process: SHOP,
          connection: "close",
          batches: [
            [
              { name: "reserve stock", spanId: stock, parentSpanId: order, startMs: -900, endMs: -640, attributes: { "order.id": 7730 } },
              { name: "charge card", spanId: card, parentSpanId: order, startMs: -620, endMs: -120 },
              { name: "fulfil order", spanId: order, startMs: -950, endMs: -80, kind: 2, attributes: { "order.id": 7730 } },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "ongoing-span",
    title: { en: "A nightly import that is still running", zh: "仍在运行的夜间导入" },
    explanation: {
      en: "Two spans have started and not ended, and their process is still connected: nothing is wrong yet. End the demo, and they become abandoned.",
      zh: "两个 Span 已开始但未结束，进程仍保持连接：暂时没有问题。结束演示程序后，它们会变为“已中断”。",
    },
    acts: () => {
      const [root, orders] = [newSpanId(), newSpanId()];
      return [
        {
          process: IMPORTER,
          connection: "hold",
          batches: [
            [
              { name: "nightly import", spanId: root, startMs: -4000 },
              { name: "import customers", spanId: newSpanId(), parentSpanId: root, startMs: -3900, endMs: -1500 },
              { name: "import orders", spanId: orders, parentSpanId: root, startMs: -1400 },
              { name: "read page", spanId: newSpanId(), parentSpanId: orders, startMs: -1300, endMs: -400, attributes: { page: 1 } },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "stale-span",
    title: { en: "A call that does not come back", zh: "一个一直不返回的调用" },
    explanation: {
      en: "The process is alive, but this call has been open for two hours: it hangs, or its end was forgotten.",
      zh: "进程还活着，但这个调用已经打开两个小时：要么卡住了，要么忘记结束。",
    },
    acts: () => {
      const root = newSpanId();
      return [
        {
          process: BILLING,
          connection: "hold",
          batches: [
            [
              { name: "collect payments", spanId: root, startMs: -2 * HOUR_MS },
              { name: "load accounts", spanId: newSpanId(), parentSpanId: root, startMs: -2 * HOUR_MS + 20, endMs: -2 * HOUR_MS + 900 },
              {
                name: "ask the bank",
                spanId: newSpanId(),
                parentSpanId: root,
                startMs: -2 * HOUR_MS + 950,
                kind: 3,
                attributes: { "code.filepath": "billing/bank.py", "code.lineno": 88 },
              },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "abandoned-span",
    title: { en: "A worker that was killed at its job", zh: "工作到一半被杀死的工作进程" },
    explanation: {
      en: "A worker opened `process job` and its connection was closed a moment later: its spans will never end.",
      zh: "工作进程打开了 `process job`，片刻之后它的连接就关闭了：这些 Span 永远不会结束。",
    },
    acts: () => {
      const [batch, job] = [newSpanId(), newSpanId()];
      return [
        {
          process: { ...IMPORTER, service: "demo-batch", pid: 4400 },
          connection: "close",
          batches: [
            [
              { name: "process batch", spanId: batch, startMs: -3000, endMs: -100 },
              { name: "worker 1", spanId: newSpanId(), parentSpanId: batch, startMs: -2800, endMs: -900 },
            ],
          ],
        },
        {
          process: { ...IMPORTER, service: "demo-batch", pid: 4403 },
          connection: "close",
          batches: [
            [
              {
                name: "process job",
                spanId: job,
                parentSpanId: batch,
                remoteParent: true,
                startMs: -2700,
                attributes: { worker: 3, "code.filepath": "worker.py", "code.lineno": 41 },
              },
              { name: "write report", spanId: newSpanId(), parentSpanId: job, startMs: -1900 },
              { name: "read input", spanId: newSpanId(), parentSpanId: job, startMs: -2600, endMs: -2000 },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "orphaned-span",
    title: { en: "Three uploads without the batch that started them", zh: "找不到父 Span 的三个上传任务" },
    explanation: {
      en: "Three spans name a parent that never arrived, and the process that should have sent it is gone.",
      zh: "三个 Span 指向同一个从未收到的父 Span，而本应发送它的进程已经不在了。",
    },
    acts: () => {
      const [root, missing] = [newSpanId(), newSpanId()];
      return [
        {
          process: { ...IMPORTER, service: "demo-uploader", pid: 4500 },
          connection: "close",
          batches: [
            [
              { name: "publish catalogue", spanId: root, startMs: -5000, endMs: -200 },
              ...[1, 2, 3].map((part) => ({
                name: "upload part",
                spanId: newSpanId(),
                parentSpanId: missing,
                startMs: -4800 + part * 900,
                endMs: -4100 + part * 900,
                attributes: { part },
              })),
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "rootless-trace",
    title: { en: "A trace that begins in the middle", zh: "从中间开始的追踪" },
    explanation: {
      en: "Nothing in this trace is a root: whatever started it sends nothing here.",
      zh: "这条追踪里没有根 Span：发起它的程序没有向这里发送数据。",
    },
    acts: () => {
      const outside = newSpanId();
      const handler = newSpanId();
      return [
        {
          process: { ...SHOP, service: "demo-checkout", pid: 4600 },
          connection: "close",
          batches: [
            [
              { name: "POST /checkout", spanId: handler, parentSpanId: outside, remoteParent: true, kind: 2, startMs: -700, endMs: -100 },
              { name: "insert order", spanId: newSpanId(), parentSpanId: handler, kind: 3, startMs: -500, endMs: -300 },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "several-roots",
    title: { en: "Two jobs under one trace id", zh: "两个任务共用一个 trace id" },
    explanation: {
      en: "Two spans say that they started this trace: unrelated work was given one id.",
      zh: "两个 Span 都声称自己是这条追踪的起点：不相关的工作用了同一个 id。",
    },
    acts: () => [
      {
        process: { ...BILLING, service: "demo-reports", pid: 4700 },
        connection: "close",
        batches: [
          [
            { name: "weekly report", spanId: newSpanId(), startMs: -6000, endMs: -4200 },
            { name: "monthly report", spanId: newSpanId(), startMs: -3900, endMs: -300 },
          ],
        ],
      },
    ],
  },
  {
    kind: "parent-cycle",
    title: { en: "Spans that are each other's parent", zh: "互为父 Span 的两个 Span" },
    explanation: {
      en: "Following the parents never ends: ids were repeated or rewritten on the way.",
      zh: "沿着父 Span 一直找下去永远没有尽头：id 在途中被重复使用或改写了。",
    },
    acts: () => {
      const [first, second] = [newSpanId(), newSpanId()];
      return [
        {
          process: { ...SHOP, service: "demo-recommender", pid: 4800 },
          connection: "close",
          batches: [
            [
              { name: "rank products", spanId: first, parentSpanId: second, startMs: -800, endMs: -200 },
              { name: "load features", spanId: second, parentSpanId: first, startMs: -700, endMs: -400 },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "duplicate-span-id",
    title: { en: "Two spans with one id", zh: "两个 Span 用了同一个 id" },
    explanation: {
      en: "Two processes sent different spans under the same ids: their random generators were seeded alike.",
      zh: "两个进程用相同的 id 发送了不同的 Span：它们的随机数生成器使用了相同的种子。",
    },
    acts: () => {
      const [root, cloned] = [newSpanId(), newSpanId()];
      const trainer = { ...BILLING, service: "demo-trainer" };
      return [
        {
          process: { ...trainer, pid: 4901 },
          connection: "close",
          batches: [
            [
              { name: "train models", spanId: root, startMs: -5000, endMs: -100 },
              { name: "train model A", spanId: cloned, parentSpanId: root, startMs: -4900, endMs: -3000, attributes: { seed: 42 } },
            ],
          ],
        },
        {
          process: { ...trainer, pid: 4902 },
          connection: "close",
          batches: [
            [
              {
                name: "train model B",
                spanId: cloned,
                parentSpanId: root,
                remoteParent: true,
                startMs: -2800,
                endMs: -400,
                attributes: { seed: 42 },
              },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "impossible-times",
    title: { en: "A span that ends before it starts", zh: "结束早于开始的 Span" },
    explanation: {
      en: "The end is 40 seconds before the start: the clock of that machine was set back in between.",
      zh: "结束时间比开始时间早 40 秒：这台机器的时钟在中途被调回了。",
    },
    acts: () => {
      const root = newSpanId();
      return [
        {
          process: { ...BILLING, service: "demo-ledger", pid: 5000 },
          connection: "close",
          batches: [
            [
              { name: "close the books", spanId: root, startMs: -2000, endMs: -100 },
              { name: "sum accounts", spanId: newSpanId(), parentSpanId: root, startMs: -1500, endMs: -41_500 },
            ],
          ],
        },
      ];
    },
  },
];
