// The exhibits about spans that hang in the wrong place. Long for the same reason as exhibits.ts.
import type { Exhibit } from "./exhibits";
import { type DemoSpan, mainOf, newSpanId, newTraceId } from "./wire";

export const PARENT_EXHIBITS: readonly Exhibit[] = [
  {
    kind: "parent-changed",
    title: { en: "A span that moved while it ran", zh: "运行途中换了父 Span 的 Span" },
    explanation: {
      en: "The start of `handle request` names `accept` as its parent, its end names `GET /orders`: something set another parent in between.",
      zh: "`handle request` 的开始记录写明父 Span 是 `accept`，结束记录却写的是 `GET /orders`：中途有代码换了父 Span。",
    },
    acts: () => {
      const [accept, call, handle] = [newSpanId(), newSpanId(), newSpanId()];
      const server = mainOf("demo-orders", 6800);
      const handling: DemoSpan = { name: "handle request", spanId: handle, parentSpanId: accept, startMs: -1900 };
      return [
        {
          process: server,
          connection: "close",
          requests: [
            [handling],
            [
              { ...handling, parentSpanId: call, endMs: -600 },
              { name: "GET /orders", spanId: call, parentSpanId: accept, startMs: -1950, endMs: -550, kind: 2 },
              { name: "accept", spanId: accept, startMs: -2000, endMs: -500 },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "child-before-parent",
    title: { en: "A wait that began before its job", zh: "早于任务开始的等待" },
    explanation: {
      en: "`wait in queue` hangs below `handle job` and began three seconds before it: its start was given by hand.",
      zh: "`wait in queue` 挂在 `handle job` 之下，却早三秒开始：它的开始时间是手工指定的。",
    },
    acts: () => {
      const job = newSpanId();
      return [
        {
          process: mainOf("demo-queue", 6810),
          connection: "close",
          requests: [
            [
              { name: "wait in queue", spanId: newSpanId(), parentSpanId: job, startMs: -5000, endMs: -1900 },
              { name: "do the work", spanId: newSpanId(), parentSpanId: job, startMs: -1800, endMs: -700 },
              { name: "handle job", spanId: job, startMs: -2000, endMs: -500 },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "child-outlives-parent",
    title: { en: "Thumbnails that nobody waited for", zh: "没人等待的缩略图任务" },
    explanation: {
      en: "`handle upload` ended while three thumbnails were still being made. Often that is meant so: it is only said.",
      zh: "`handle upload` 结束时，三张缩略图还在生成。这往往是有意为之，这里只是说明。",
    },
    acts: () => {
      const upload = newSpanId();
      return [
        {
          process: mainOf("demo-uploads", 6820),
          connection: "close",
          requests: [
            [
              { name: "handle upload", spanId: upload, startMs: -3000, endMs: -2500, kind: 2 },
              ...[1, 2, 3].map((size) => ({
                name: `make thumbnail ${size}`,
                spanId: newSpanId(),
                parentSpanId: upload,
                startMs: -2700 + size * 20,
                endMs: -2100 + size * 400,
              })),
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "inherited-over-fork",
    title: { en: "Forked workers with their parent's context", zh: "继承了父进程上下文的 fork 子进程" },
    explanation: {
      en: "Two workers call `resize all` their own process's span, and it ran in another: fork copied the context. Spawned, they would have traces of their own.",
      zh: "两个工作进程把 `resize all` 称作本进程的 Span，可它运行在另一个进程里：上下文是 fork 复制来的。换成 spawn，它们就会各成一条追踪。",
    },
    acts: () => {
      const resize = newSpanId();
      const main = mainOf("demo-resizer", 6830);
      return [
        ...[1, 2].map((worker) => ({
          process: { ...main, pid: main.pid + worker },
          connection: "close" as const,
          requests: [
            [
              {
                name: `resize ${worker}`,
                spanId: newSpanId(),
                parentSpanId: resize,
                startMs: -3000 + worker * 100,
                endMs: -1500 + worker * 300,
              },
            ],
          ],
        })),
        { process: main, connection: "close", requests: [[{ name: "resize all", spanId: resize, startMs: -3200, endMs: -500 }]] },
      ];
    },
  },
  {
    kind: "better-parent",
    title: { en: "A tool below the agent instead of its call", zh: "挂在智能体下面而不是调用下面的工具" },
    explanation: {
      en: "`search` hangs below `run agent`, though the call `tools/call search` lies tightly around it and reached nothing else: the client took its context when it connected.",
      zh: "`search` 挂在 `run agent` 下面，但正好包住它的是调用 `tools/call search`，而那之下什么也没有：客户端在建立连接时就取了上下文。",
    },
    acts: () => {
      const [run, plan] = [newSpanId(), newSpanId()];
      const agent = mainOf("demo-agent", 6840);
      return [
        {
          process: agent,
          connection: "close",
          requests: [
            [
              { name: "run agent", spanId: run, startMs: -3000, endMs: -400 },
              { name: "plan", spanId: plan, parentSpanId: run, startMs: -2900, endMs: -600 },
              { name: "tools/call search", spanId: newSpanId(), parentSpanId: plan, startMs: -2500, endMs: -1200, kind: 3 },
            ],
          ],
        },
        {
          process: mainOf("demo-tools", 6841),
          connection: "close",
          requests: [
            [{ name: "search", spanId: newSpanId(), parentSpanId: run, remoteParent: true, startMs: -2400, endMs: -1300, kind: 2 }],
          ],
        },
      ];
    },
  },
  {
    kind: "parent-in-other-trace",
    title: { en: "A proxy that made up a new trace id", zh: "换了追踪 ID 的代理" },
    explanation: {
      en: "`POST /pay` names a parent that is in another trace: the parent's id came through, the trace id did not, so one request became two traces.",
      zh: "`POST /pay` 的父 Span 在另一条追踪里：父 Span ID 传了过来，追踪 ID 却换了，于是一个请求变成了两条追踪。",
    },
    traceIds: () => ({ main: newTraceId(), before: newTraceId() }),
    acts: () => {
      const [page, call] = [newSpanId(), newSpanId()];
      return [
        {
          process: mainOf("demo-checkout", 6850),
          trace: "before",
          connection: "close",
          requests: [
            [
              { name: "GET /checkout", spanId: page, startMs: -2000, endMs: -500, kind: 2 },
              { name: "call pay", spanId: call, parentSpanId: page, startMs: -1800, endMs: -900, kind: 3 },
            ],
          ],
        },
        {
          process: mainOf("demo-pay", 6860),
          connection: "close",
          requests: [
            [{ name: "POST /pay", spanId: newSpanId(), parentSpanId: call, remoteParent: true, startMs: -1700, endMs: -1000, kind: 2 }],
          ],
        },
      ];
    },
  },
];
