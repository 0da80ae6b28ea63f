// The exhibits about ends and clocks: spans that were ended oddly, and moments that cannot be. Long for the same reason as exhibits.ts.
import type { Exhibit } from "./exhibits";
import { type DemoProcess, mainOf, newSpanId } from "./wire";

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
  {
    kind: "endless-root",
    title: { en: "A service that does all its work in one trace", zh: "把所有工作都放进一条追踪的服务" },
    explanation: {
      en: "`main` was opened when the service began and is open still; hundreds of requests of two hours hang below it. Each should have a trace of its own.",
      zh: "`main` 在服务启动时打开，至今未结束；两小时里的数百个请求都挂在它下面。每个请求都应该有自己的追踪。",
    },
    acts: () => {
      const main = newSpanId();
      const service = mainOf("demo-monolith", 7400);
      const requests = Array.from({ length: 240 }, (_, order) => ({
        name: order % 3 === 0 ? "GET /cart" : "GET /item",
        spanId: newSpanId(),
        parentSpanId: main,
        startMs: -7_190_000 + order * 30_000,
        endMs: -7_189_900 + order * 30_000,
        kind: 2,
      }));
      return [{ process: service, connection: "hold", requests: [[{ name: "main", spanId: main, startMs: -7_200_000 }], requests] }];
    },
  },
  {
    kind: "mass-stop",
    title: { en: "A worker that froze with three downloads", zh: "带着三个下载一起僵住的工作进程" },
    explanation: {
      en: "Worker 1 is still connected, but since one moment nothing comes of its three downloads, while worker 2 goes on. Once ten minutes have passed without a sign of it, that is told as one thing.",
      zh: "1 号工作进程仍保持连接，但从某一刻起，它的三个下载都没了动静，而 2 号照常继续。再过十分钟仍无动静，就会作为一件事报告出来。",
    },
    acts: () => {
      const mirror = newSpanId();
      const main = mainOf("demo-mirror", 7500);
      const [first, second] = [1, 2].map((worker) => ({ ...main, pid: main.pid + worker }));
      const download = (order: number) => ({
        name: `download ${order}`,
        spanId: newSpanId(),
        parentSpanId: mirror,
        remoteParent: true,
        startMs: -9_000 + order * 2_000,
      });
      const [finished, other] = [download(0), download(9)];
      return [
        { process: main, connection: "hold", requests: [[{ name: "mirror archive", spanId: mirror, startMs: -10_000 }]] },
        { process: second as DemoProcess, connection: "keep", requests: [[{ ...other, startMs: -8_500 }]] },
        {
          process: first as DemoProcess,
          connection: "hold",
          requests: [[finished], [{ ...finished, endMs: -7_500 }], [download(1)], [download(2)], [download(3)]],
        },
        { process: second as DemoProcess, connection: "hold", afterMs: 20_000, requests: [[{ ...other, startMs: -8_500, endMs: 19_000 }]] },
      ];
    },
  },
  {
    kind: "absurd-clock",
    title: { en: "A host that lives three hours ahead", zh: "时钟快了三小时的主机" },
    explanation: {
      en: "Its spans end three hours after they arrived. That cannot be: the clock of the host is wrong. Nothing is moved, it is only said.",
      zh: "它的 Span 在到达三小时之后才“结束”。这不可能：主机的时钟不对。数据不会被改动，只是说明。",
    },
    acts: () => {
      const probe = newSpanId();
      const [hour, host] = [3_600_000, "probe-7.demo"];
      return [
        {
          process: { ...mainOf("demo-probe", 7200), host },
          connection: "close",
          requests: [
            [
              { name: "read sensor", spanId: newSpanId(), parentSpanId: probe, startMs: 3 * hour - 900, endMs: 3 * hour - 400 },
              { name: "probe", spanId: probe, startMs: 3 * hour - 1000, endMs: 3 * hour - 200 },
            ],
          ],
        },
      ];
    },
  },
  {
    kind: "late-data",
    title: { en: "Two uploads that arrived twenty minutes late", zh: "迟到二十分钟的两个上传" },
    explanation: {
      en: "They ended twenty minutes before they arrived, while the rest of the same process came at once: an exporter that tried again. A note, no fault.",
      zh: "它们结束二十分钟之后才到达，而同一进程的其他数据立即就到了：导出器重试过。只作提示，不算故障。",
    },
    acts: () => {
      const sync = newSpanId();
      const upload = (order: number) => ({
        name: `upload ${order}`,
        spanId: newSpanId(),
        parentSpanId: sync,
        startMs: -1_300_000 + order * 20_000,
        endMs: -1_290_000 + order * 20_000,
      });
      return [
        {
          process: mainOf("demo-syncer", 7300),
          connection: "close",
          requests: [[upload(1), upload(2)], [{ name: "sync photos", spanId: sync, startMs: -1_400_000, endMs: -300 }]],
        },
      ];
    },
  },
];
