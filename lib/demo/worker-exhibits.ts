// The exhibits about programs that spread their work over several processes. Long for the same reason as exhibits.ts.
import type { Act, Exhibit } from "./exhibits";
import { type DemoProcess, type DemoSpan, mainOf, newSpanId, newTraceId } from "./wire";

/** A log line as the Logfire SDKs send it: a span without duration. */
const log = (message: string, parentSpanId: string, atMs: number): DemoSpan => ({
  name: message,
  spanId: newSpanId(),
  parentSpanId,
  startMs: atMs,
  endMs: atMs,
  attributes: { "logfire.span_type": "log", "logfire.msg": message, "logfire.msg_template": message, "logfire.level_num": 9 },
});

/** One worker's act: all it has to say in one request, over a connection that is then closed. */
const workerOf = (main: DemoProcess, worker: number, spans: DemoSpan[]): Act => ({
  process: { ...main, pid: main.pid + 1 + worker },
  connection: "close",
  requests: [spans],
});

export const WORKER_EXHIBITS: readonly Exhibit[] = [
  {
    kind: "silent-worker",
    title: { en: "Worker 2 was never heard of", zh: "从未出现的 2 号工作进程" },
    explanation: {
      en: "Workers 0, 1, 3 and 4 reported below `fetch all`; of number 2 nothing came.",
      zh: "`fetch all` 下面收到了 0、1、3、4 号工作进程的数据，唯独 2 号什么都没有。",
    },
    acts: () => {
      const main = mainOf("demo-fetcher", 6000);
      const all = newSpanId();
      return [
        ...[0, 1, 3, 4].map((worker) =>
          workerOf(main, worker, [
            {
              name: `fetch ${worker}`,
              spanId: newSpanId(),
              parentSpanId: all,
              remoteParent: true,
              startMs: -4000,
              endMs: -2500 + worker * 200,
              attributes: { worker },
            },
          ]),
        ),
        { process: main, connection: "close", requests: [[{ name: "fetch all", spanId: all, startMs: -4200, endMs: -500 }]] },
      ];
    },
  },
  {
    kind: "worker-without-logs",
    title: { en: "A worker whose logs did not arrive", zh: "日志没有到达的工作进程" },
    explanation: {
      en: "Workers 0, 1 and 3 wrote four lines each. Of worker 2 the spans are here and not one line.",
      zh: "0、1、3 号工作进程各写了四行日志；2 号的 Span 都在，日志一行也没有。",
    },
    acts: () => {
      const main = mainOf("demo-packer", 6100);
      const pack = newSpanId();
      return [
        ...[0, 1, 2, 3].map((worker) => {
          const own = newSpanId();
          const span: DemoSpan = {
            name: `pack ${worker}`,
            spanId: own,
            parentSpanId: pack,
            remoteParent: true,
            startMs: -4000,
            endMs: -1500 + worker * 100,
          };
          const lines = ["opened", "read", "packed", "closed"].map((line, order) => log(line, own, -3800 + order * 500));
          return workerOf(main, worker, worker === 2 ? [span] : [...lines, span]);
        }),
        { process: main, connection: "close", requests: [[{ name: "pack all", spanId: pack, startMs: -4200, endMs: -500 }]] },
      ];
    },
  },
  {
    kind: "lost-batch",
    title: { en: "A batch that never arrived", zh: "一批没有到达的数据" },
    explanation: {
      en: "The SDK announces every span at its start and sends in order. `read file` came and names a parent that was never announced: the batch in between was lost.",
      zh: "SDK 会在每个 Span 开始时上报，并按顺序发送。`read file` 到了，它的父 Span 却从未上报过：中间有一批数据丢了。",
    },
    acts: () => {
      const main = { ...mainOf("demo-archiver", 6150), userAgent: "logfire/4.41.0" };
      const [job, lost, store] = [newSpanId(), newSpanId(), newSpanId()];
      const archive: DemoSpan = { name: "archive", spanId: job, startMs: -6000 };
      const read: DemoSpan = { name: "read file", spanId: newSpanId(), parentSpanId: lost, startMs: -4500, endMs: -3600 };
      const stored: DemoSpan = { name: "store", spanId: store, parentSpanId: job, startMs: -3000, endMs: -2000 };
      return [{ process: main, connection: "close", requests: [[archive], [read], [stored], [{ ...archive, endMs: -400 }]] }];
    },
  },
  {
    kind: "stale-process-identity",
    title: { en: "A forked worker under its parent's name", zh: "顶着父进程身份的 fork 子进程" },
    explanation: {
      en: "The span of the worker says that it ran in the parent; its logs, sent with it, say who it really was.",
      zh: "工作进程的 Span 自称运行在父进程里；和它一起发来的日志说出了它真正的身份。",
    },
    acts: () => {
      const [all, one] = [newSpanId(), newSpanId()];
      const main = { ...mainOf("demo-mailer", 6170), userAgent: "logfire/4.20.0", instanceId: newSpanId() };
      const child = { ...main, pid: main.pid + 1 };
      const work: DemoSpan = { name: "send batch", spanId: one, parentSpanId: all, startMs: -2600, endMs: -1400, process: main };
      return [
        { process: main, connection: "keep", requests: [[{ name: "send all", spanId: all, startMs: -3000 }]] },
        { process: child, connection: "close", requests: [[log("40 letters sent", one, -2000), log("batch done", one, -1500), work]] },
        { process: main, connection: "close", requests: [[{ name: "send all", spanId: all, startMs: -3000, endMs: -1000 }]] },
      ];
    },
  },
  {
    kind: "orphaned-log",
    title: { en: "Log lines of a span that is not here", zh: "没有 Span 的日志" },
    explanation: {
      en: "`upload` wrote two lines and never arrived: its program ended before the span was sent.",
      zh: "`upload` 写了两行日志，自己却没有到达：程序在它发出之前就结束了。",
    },
    acts: () => {
      const [backup, upload] = [newSpanId(), newSpanId()];
      return [
        {
          process: mainOf("demo-backup", 6160),
          connection: "close",
          requests: [
            [log("upload begins", upload, -3000), log("upload: 40 % done", upload, -1500)],
            [{ name: "back up", spanId: backup, startMs: -4000, endMs: -500 }],
          ],
        },
      ];
    },
  },
  {
    kind: "span-without-logs",
    title: { en: "A row that logged nothing", zh: "一行没有日志的导入" },
    explanation: {
      en: "24 of 25 `import row` wrote a line. The last one wrote none: its line was lost, or the code took another way.",
      zh: "25 个 `import row` 中有 24 个写了一行日志，唯独最后一个没有：要么日志丢了，要么代码走了别的路。",
    },
    acts: () => {
      const table = newSpanId();
      const rows = Array.from({ length: 25 }, (_, order) => {
        const row = newSpanId();
        const startMs = -4000 + order * 100;
        const span: DemoSpan = { name: "import row", spanId: row, parentSpanId: table, startMs, endMs: startMs + 80 };
        return order === 24 ? [span] : [log(`row ${order} stored`, row, startMs + 60), span];
      });
      const whole: DemoSpan = { name: "import table", spanId: table, startMs: -4200, endMs: -1000 };
      return [{ process: mainOf("demo-rows", 6170), connection: "close", requests: [[...rows.flat(), whole]] }];
    },
  },
  {
    kind: "truncated-worker",
    title: { en: "A worker that stops in the middle", zh: "中途戛然而止的工作进程" },
    explanation: {
      en: "Its siblings all end with the line `all batches stored, closing`. Worker 2 has no such line, and its records end half a minute before theirs.",
      zh: "其他工作进程都以 `all batches stored, closing` 收尾；2 号没有这一行，记录也早结束了半分钟。",
    },
    acts: () => {
      const main = mainOf("demo-loader", 6200);
      const load = newSpanId();
      return [
        ...[0, 1, 2, 3].map((worker) => {
          const batches = Array.from({ length: worker === 2 ? 3 : 9 }, (_, order) => ({
            name: "load batch",
            spanId: newSpanId(),
            parentSpanId: load,
            remoteParent: true,
            startMs: -60_000 + order * 6000,
            endMs: -55_000 + order * 6000,
            attributes: { worker, batch: order },
          }));
          const last = batches.at(-1)?.spanId ?? load;
          return workerOf(main, worker, worker === 2 ? batches : [...batches, log("all batches stored, closing", last, -6000)]);
        }),
        { process: main, connection: "close", requests: [[{ name: "load tables", spanId: load, startMs: -61_000, endMs: -2000 }]] },
      ];
    },
  },
  {
    kind: "shared-connection",
    title: { en: "Two processes on one connection", zh: "两个进程共用一条连接" },
    explanation: {
      en: "A program had connected before it forked, and parent and child now write into one connection: sooner or later one request lies inside the other.",
      zh: "程序先建立连接再 fork，父子进程往同一条连接里写数据：迟早会有一个请求混进另一个请求里。",
    },
    acts: () => {
      const main = mainOf("demo-forker", 6300);
      const child = { ...main, pid: 6301 };
      const [batch, part] = [newSpanId(), newSpanId()];
      const own: DemoSpan = { name: "process batch", spanId: batch, startMs: -4000 };
      const forked: DemoSpan = { name: "process part", spanId: part, parentSpanId: batch, startMs: -3500, process: child };
      return [
        { process: main, connection: "close", requests: [[own], [forked], [{ ...forked, endMs: -1500 }], [{ ...own, endMs: -500 }]] },
      ];
    },
  },
  {
    kind: "rewritten-traceparent",
    title: { en: "A proxy that replaced the parent", zh: "替换了父 Span 的代理" },
    explanation: {
      en: "`GET /stock` names a parent that nobody sent, while a call of another service lies tightly around it and has no child: something between them changed the id.",
      zh: "`GET /stock` 指向一个没人发送过的父 Span，而另一个服务的调用恰好把它包在里面、自己却没有子 Span：中间有东西改写了 id。",
    },
    acts: () => {
      const [page, call] = [newSpanId(), newSpanId()];
      return [
        {
          process: mainOf("demo-front", 6400),
          connection: "close",
          requests: [
            [
              { name: "GET /", spanId: page, startMs: -2000, endMs: -500, kind: 2 },
              { name: "GET stock service", spanId: call, parentSpanId: page, startMs: -1800, endMs: -900, kind: 3 },
            ],
          ],
        },
        {
          process: mainOf("demo-stock", 6410),
          connection: "close",
          requests: [
            [
              {
                name: "GET /stock",
                spanId: newSpanId(),
                parentSpanId: newSpanId(),
                remoteParent: true,
                startMs: -1700,
                endMs: -1000,
                kind: 2,
              },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "disconnected-worker",
    title: { en: "Workers that began traces of their own", zh: "各自开了新追踪的工作进程" },
    explanation: {
      en: "Three workers ran within `build index` and are not below it: no context was handed to them, so each has a trace of its own.",
      zh: "三个工作进程在 `build index` 期间运行，却不在它下面：没有把上下文交给它们，于是各自成了一条追踪。",
    },
    traceIds: () => ({ main: newTraceId(), second: newTraceId(), third: newTraceId(), spawner: newTraceId() }),
    acts: () => {
      // A program of its own each time: workers of several runs within a minute would be taken for one fleet.
      const main = mainOf(`demo-indexer-${newSpanId().slice(0, 4)}`, 6500);
      const parts = ["main", "second", "third"].map((trace, worker) => ({
        ...workerOf(main, worker, [
          { name: `index part ${worker}`, spanId: newSpanId(), startMs: -4000 + worker * 50, endMs: -2000 + worker * 300 },
        ]),
        trace,
      }));
      const spawner: DemoSpan = { name: "build index", spanId: newSpanId(), startMs: -4500, endMs: -800 };
      return [...parts, { process: main, trace: "spawner", connection: "close", requests: [[spawner]] }];
    },
  },
  {
    kind: "truncated-trace-id",
    title: { en: "A trace id that was cut in half", zh: "被截掉一半的 trace id" },
    explanation: {
      en: "One hop passed on 64 of the 128 bits of the id, so one request became two traces, and this half has no parent.",
      zh: "途中某一跳只传了 128 位 id 中的 64 位，于是一个请求变成了两条追踪，这一半没有父 Span。",
    },
    traceIds: () => {
      const whole = newTraceId();
      return { whole, main: whole.slice(16).padStart(32, "0") };
    },
    acts: () => {
      const [page, call] = [newSpanId(), newSpanId()];
      const image: DemoSpan = {
        name: "GET /image",
        spanId: newSpanId(),
        parentSpanId: call,
        remoteParent: true,
        startMs: -1700,
        endMs: -1100,
        kind: 2,
      };
      return [
        {
          process: mainOf("demo-pages", 6600),
          trace: "whole",
          connection: "close",
          requests: [
            [
              { name: "GET /page", spanId: page, startMs: -2000, endMs: -500, kind: 2 },
              { name: "GET images", spanId: call, parentSpanId: page, startMs: -1800, endMs: -1000, kind: 3 },
            ],
          ],
        },
        { process: mainOf("demo-images", 6610), connection: "close", requests: [[image]] },
      ];
    },
  },
  {
    kind: "clock-skew",
    title: { en: "Two clocks that differ by four seconds", zh: "相差四秒的两个时钟" },
    explanation: {
      en: "The call was served four seconds before it was made: the clocks of the two hosts differ. Nothing is moved, it is only said.",
      zh: "调用还没发出，四秒之前就已经被处理了：两台主机的时钟不一致。数据不会被改动，只是说明。",
    },
    acts: () => {
      const [page, call] = [newSpanId(), newSpanId()];
      const shop = { ...mainOf("demo-shop-rates", 6700), host: "shop-1.demo" };
      const rates = { ...mainOf("demo-rates", 6710), host: "rates-2.demo" };
      const served: DemoSpan = {
        name: "GET /rate",
        spanId: newSpanId(),
        parentSpanId: call,
        remoteParent: true,
        startMs: -5700,
        endMs: -5300,
        kind: 2,
      };
      return [
        {
          process: shop,
          connection: "close",
          requests: [
            [
              { name: "GET /cart", spanId: page, startMs: -2000, endMs: -800, kind: 2 },
              { name: "GET rates", spanId: call, parentSpanId: page, startMs: -1800, endMs: -1200, kind: 3 },
            ],
          ],
        },
        { process: rates, connection: "close", requests: [[served]] },
      ];
    },
  },
];
