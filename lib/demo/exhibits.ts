// The exhibits of the gallery, one for each kind of finding. Long, because it is a list: each is a small story in traffic.
import { type DemoProcess, type DemoRequest, type DemoSpan, mainOf, newSpanId } from "./wire";

/** One line in each language of the pages. */
export interface Words {
  en: string;
  zh: string;
}

/** What one process of the story sends, request by request, and what then becomes of its connection: `keep` until its next act. */
export interface Act {
  process: DemoProcess;
  /** Name of the trace, where it is not the exhibit's main one. */
  trace?: string;
  requests: DemoRequest[];
  connection: "close" | "keep" | "hold";
  /** Sent so long after everything else, as far as the sender still lives then. */
  afterMs?: number;
}

export interface Exhibit {
  kind: string;
  title: Words;
  explanation: Words;
  /** New ids each time, so that the gallery can be sent again and again. */
  acts(): Act[];
  /** Ids of the traces by name, where there are several; `main` is the one with the finding. */
  traceIds?(): Record<string, string>;
}

const SHOP = mainOf("demo-shop", 4100);
const IMPORTER = mainOf("demo-importer", 4200);
const BILLING = mainOf("demo-billing", 4300);
const HOUR_MS = 3_600_000;

export const SINGLE_EXHIBITS: readonly Exhibit[] = [
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
          requests: [
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
          requests: [
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
      en: "The process is alive, but this call started two hours ago. Once ten more minutes have passed without a sign of it, it is stale: it hangs, or its end was forgotten.",
      zh: "进程还活着，但这个调用两小时前就开始了。再过十分钟仍无动静，它就会变为“停滞”：要么卡住了，要么忘记结束。",
    },
    acts: () => {
      const root = newSpanId();
      return [
        {
          process: BILLING,
          connection: "hold",
          requests: [
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
          requests: [
            [
              { name: "process batch", spanId: batch, startMs: -3000, endMs: -100 },
              { name: "worker 1", spanId: newSpanId(), parentSpanId: batch, startMs: -2800, endMs: -900 },
            ],
          ],
        },
        {
          process: { ...IMPORTER, service: "demo-batch", pid: 4403 },
          connection: "close",
          requests: [
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
          // Two batches: what sends one only and closes behind it has flushed and left, and may have been forked from the parent's process.
          requests: [
            [1, 2, 3].map((part) => ({
              name: "upload part",
              spanId: newSpanId(),
              parentSpanId: missing,
              startMs: -4800 + part * 900,
              endMs: -4100 + part * 900,
              attributes: { part },
            })),
            [{ name: "publish catalogue", spanId: root, startMs: -5000, endMs: -200 }],
          ],
        },
      ];
    },
  },
  {
    kind: "rootless-trace",
    title: { en: "A trace that begins in the middle", zh: "从中间开始的追踪" },
    explanation: {
      en: "It came in two pieces, and nothing in it is a root: neither of the spans that they name ever arrived.",
      zh: "它分成两段到达，里面没有根 Span：两段各自指向的父 Span 都没有收到。",
    },
    acts: () => {
      const crawler = { ...SHOP, service: "demo-crawler", pid: 4600 };
      return [1, 2].map((piece) => ({
        process: { ...crawler, pid: crawler.pid + piece },
        connection: "close",
        requests: [
          [
            {
              name: "fetch page",
              spanId: newSpanId(),
              parentSpanId: newSpanId(),
              remoteParent: true,
              startMs: -3000 + piece * 1000,
              endMs: -2600 + piece * 1000,
              attributes: { page: piece },
            },
          ],
        ],
      }));
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
        requests: [
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
          requests: [
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
          requests: [
            [
              { name: "train models", spanId: root, startMs: -5000, endMs: -100 },
              { name: "train model A", spanId: cloned, parentSpanId: root, startMs: -4900, endMs: -3000, attributes: { seed: 42 } },
            ],
          ],
        },
        {
          process: { ...trainer, pid: 4902 },
          connection: "close",
          requests: [
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
          requests: [
            [
              { name: "close the books", spanId: root, startMs: -2000, endMs: -100 },
              { name: "sum accounts", spanId: newSpanId(), parentSpanId: root, startMs: -1500, endMs: -41_500 },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "false-close",
    title: { en: "A forked child that ended its parent's span", zh: "子进程结束了父进程的 Span" },
    explanation: {
      en: "A forked child left in good order and sent an end for its copy of a span that its parent was still working in. The true end came later and is shown.",
      zh: "fork 出来的子进程正常退出时，替父进程仍在使用的 Span 发送了结束记录。真正的结束后来才到，页面显示的是后者。",
    },
    acts: () => {
      const frame = newSpanId();
      const main = { ...BILLING, service: "demo-renderer", pid: 5100 };
      const child = { ...main, pid: 5101 };
      const rendering = { name: "render frame", spanId: frame, startMs: -4000 };
      return [
        { process: main, connection: "keep", requests: [[rendering]] },
        {
          process: child,
          connection: "close",
          requests: [
            [
              { name: "tile 0", spanId: newSpanId(), parentSpanId: frame, startMs: -3800, endMs: -2500 },
              { ...rendering, endMs: -2490, process: main },
            ],
          ],
        },
        {
          process: main,
          connection: "close",
          requests: [
            [
              { name: "write file", spanId: newSpanId(), parentSpanId: frame, startMs: -1900, endMs: -300 },
              { ...rendering, endMs: -200 },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "closed-at-exit",
    title: { en: "Spans that only the exit handler ended", zh: "退出时才被关闭的 Span" },
    explanation: {
      en: "Three nested spans end within a few milliseconds, parents first, as the last thing that their process sent: nobody ended them, the exit did.",
      zh: "三个嵌套的 Span 在几毫秒内依次结束，父 Span 在先，而且是进程最后发送的记录：没有代码结束它们，是退出处理程序关闭的。",
    },
    acts: () => {
      const [read, decode, split] = [newSpanId(), newSpanId(), newSpanId()];
      const reader = { ...BILLING, service: "demo-reader", pid: 5200, userAgent: "logfire/4.41.0" };
      const starts: DemoSpan[] = [
        { name: "read file", spanId: read, startMs: -3000 },
        { name: "decode", spanId: decode, parentSpanId: read, startMs: -2900 },
        { name: "split", spanId: split, parentSpanId: decode, startMs: -2800 },
      ];
      return [
        { process: reader, connection: "keep", requests: [starts] },
        { process: reader, connection: "close", requests: [starts.map((span, order) => ({ ...span, endMs: -200 + order }))] },
      ];
    },
  },
  {
    kind: "stale-carrier",
    title: { en: "Workers below the wrong span", zh: "挂错位置的工作进程" },
    explanation: {
      en: "Two workers are children of `set up`, which had ended before they began; `nightly job` was open around both. The context was captured too early.",
      zh: "两个工作进程挂在 `set up` 下面，但它们开始之前 `set up` 已经结束；真正包含它们的是 `nightly job`。上下文捕获得太早了。",
    },
    acts: () => {
      const [night, setUp] = [newSpanId(), newSpanId()];
      const main = { ...IMPORTER, service: "demo-exporter", pid: 5300 };
      return [
        {
          process: main,
          connection: "close",
          requests: [
            [
              { name: "night", spanId: night, startMs: -6000, endMs: -100 },
              { name: "set up", spanId: setUp, parentSpanId: night, startMs: -5900, endMs: -5000 },
              { name: "nightly job", spanId: newSpanId(), parentSpanId: night, startMs: -4900, endMs: -200 },
            ],
          ],
        },
        ...[1, 2].map(
          (worker): Act => ({
            process: { ...main, pid: main.pid + worker },
            connection: "close",
            requests: [
              [
                {
                  name: `export ${worker}`,
                  spanId: newSpanId(),
                  parentSpanId: setUp,
                  remoteParent: true,
                  startMs: -4600 + worker * 50,
                  endMs: -1500 + worker * 400,
                  attributes: { worker },
                },
              ],
            ],
          }),
        ),
      ];
    },
  },
  {
    kind: "context-leak",
    title: { en: "Messages that hang below each other", zh: "一条挂在另一条下面的消息" },
    explanation: {
      en: "Each message is a child of the one before, which had ended: a context was attached and never detached.",
      zh: "每条消息都成了上一条已结束消息的子 Span：上下文附加之后没有解除。",
    },
    acts: () => {
      const ids = [newSpanId(), newSpanId(), newSpanId(), newSpanId()];
      return [
        {
          process: { ...SHOP, service: "demo-consumer", pid: 5400 },
          connection: "close",
          requests: [
            ids.map((spanId, order) => ({
              name: "handle message",
              spanId,
              parentSpanId: ids[order - 1],
              startMs: -5000 + order * 1000,
              endMs: -4500 + order * 1000,
              attributes: { message: order + 1 },
            })),
          ],
        },
      ];
    },
  },
  {
    kind: "parent-already-closed",
    title: { en: "A mail that is sent after the answer", zh: "回复之后才发送的邮件" },
    explanation: {
      en: "`send mail` began after its parent had ended. That is often meant so, and worth a note only.",
      zh: "`send mail` 在父 Span 结束之后才开始。这往往是有意为之，只作提示。",
    },
    acts: () => {
      const order = newSpanId();
      return [
        {
          process: { ...SHOP, service: "demo-signup", pid: 5500 },
          connection: "close",
          requests: [
            [
              { name: "POST /sign-up", spanId: order, startMs: -3000, endMs: -2800, kind: 2 },
              { name: "send mail", spanId: newSpanId(), parentSpanId: order, startMs: -2600, endMs: -1200 },
            ],
          ],
        },
      ];
    },
  },
];
