// Longer than most files: snippets are its content.
import type { Cure } from "./cure";

/** Cures for spans that are not ended or ended twice, and for processes that end before their telemetry is sent (wire.md §12, A1 to A6, A8, A24, A28). */
export const ENDING_CURES: Readonly<Record<string, Cure>> = {
  A1: {
    en: "End the span on every path",
    zh: "让 Span 在每条路径上都结束",
    snippets: {
      python: `# opened at «callSite»
with tracer.start_as_current_span("«spanName:work»"):
    ...  # ends on return, exception and break

# a generator that may be left early
with contextlib.closing(rows()) as stream:  # contextlib.aclosing for async ones
    for row in stream:
        ...`,
      "python-logfire": `# opened at «callSite»
with logfire.span("«spanName:work»"):
    ...  # ends on return, exception and break

# a generator that may be left early
with contextlib.closing(rows()) as stream:  # contextlib.aclosing for async ones
    for row in stream:
        ...`,
      nodejs: `// opened at «callSite»
tracer.startActiveSpan("«spanName:work»", async (span) => {
  try {
    // …
  } finally {
    span.end();
  }
});`,
      go: `ctx, span := tracer.Start(ctx, "«spanName:work»")
defer span.End()`,
      java: `Span span = tracer.spanBuilder("«spanName:work»").startSpan();
try (Scope scope = span.makeCurrent()) {
  // …
} finally {
  span.end();
}`,
      dotnet: `using var activity = source.StartActivity("«spanName:work»");`,
    },
  },
  A2: {
    en: "Flush before the process ends",
    zh: "进程结束前先刷新缓冲区",
    snippets: {
      python: `# «callSite»
def worker(...):
    try:
        ...
    finally:
        trace.get_tracer_provider().force_flush()
        _logs.get_logger_provider().force_flush()`,
      "python-logfire": `# «callSite»
def worker(...):
    try:
        ...
    finally:
        logfire.force_flush()`,
      nodejs: `// before process.exit(), and on SIGTERM
await sdk.shutdown();`,
      "nodejs-logfire": `// before process.exit()
await logfire.forceFlush();`,
      go: `// os.Exit skips deferred calls: return from main instead, or shut down by hand
defer tp.Shutdown(ctx)`,
      java: `// Runtime.halt() skips shutdown hooks
openTelemetrySdk.close();`,
      dotnet: `tracerProvider.ForceFlush();
tracerProvider.Dispose();`,
    },
  },
  A3: {
    en: "Let the workers finish before their parent goes on",
    zh: "父进程继续之前先等工作进程完成",
    snippets: {
      python: `# leaving \`with Pool()\` terminates its workers; close and join it instead
pool = multiprocessing.Pool(4)
try:
    results = pool.map(work, items)
finally:
    pool.close()
    pool.join()

# daemon processes are terminated when the parent exits
process = multiprocessing.Process(target=work, daemon=False)
process.start()
process.join(timeout=60)`,
      nodejs: `// wait for the child to end by itself instead of child.kill()
await once(child, "exit");`,
    },
  },
  A4: {
    en: "Turn signals into an orderly exit, and find out what kills the process",
    zh: "把信号变成有序退出，并查明是谁杀死了进程",
    snippets: {
      python: `# SIGTERM ends Python without exit handlers; this lets spans end and the queue be flushed
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

# killed for memory?  dmesg | grep -i "killed process"`,
      nodejs: `process.once("SIGTERM", async () => {
  await sdk.shutdown();
  process.exit(0);
});
// killed for memory?  dmesg | grep -i "killed process"`,
      go: `ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
defer stop()
defer tp.Shutdown(context.Background())`,
      kubernetes: `terminationGracePeriodSeconds: 60   # time to end spans and to flush
resources:
  limits:
    memory: 1Gi                     # OOMKilled? kubectl describe pod`,
    },
  },
  A5: {
    en: "Give a forked child an SDK of its own, or spawn instead of fork",
    zh: "让 fork 出的子进程拥有自己的 SDK，或改用 spawn",
    snippets: {
      "python-logfire": `# before Python 3.14, Linux forks by default
multiprocessing.set_start_method("spawn")

# or, first thing in the forked child:
def worker(...):
    logfire.configure()  # its own connection, its own identity, and a flush when it leaves`,
      python: `multiprocessing.set_start_method("spawn")

# or, first thing in the forked child (gunicorn: post_fork, Celery: worker_process_init, uWSGI: postfork):
def worker(...):
    configure_opentelemetry()`,
    },
  },
  A6: {
    en: "Exhaust or close generators and streams",
    zh: "把生成器和流跑完或关闭",
    snippets: {
      python: `with contextlib.closing(rows()) as stream:  # contextlib.aclosing for async generators
    for row in stream:
        ...`,
    },
  },
  A8: {
    en: "Begin a new trace for each request or iteration, and link it to the long-lived span",
    zh: "为每次请求或迭代开启新的追踪，并用链接指向长期存在的 Span",
    snippets: {
      python: `daemon = trace.get_current_span().get_span_context()
with tracer.start_as_current_span("iteration", context=Context(), links=[trace.Link(daemon)]):
    ...`,
      nodejs: `tracer.startActiveSpan("iteration", { root: true, links: [{ context: daemonSpan.spanContext() }] }, (span) => {
  // …
});`,
    },
  },
  A28: {
    en: "End each span once, and export it once",
    zh: "每个 Span 只结束一次、只导出一次",
    snippets: {
      python: `# the SDK ends a span once; look for code that builds spans by hand, or calls an exporter or on_end() itself

# an update of a span that is over belongs into a span of its own
with tracer.start_as_current_span("«spanName:work», again", links=[trace.Link(span.get_span_context())]):
    ...`,
      shell: `# hand-made spans, exporters and span processors of your own are where it happens
grep -rn "export(\\|onEnd(\\|endTime" .`,
    },
  },
  A24: {
    en: "Put a time-out on the call that does not return",
    zh: "给没有返回的调用加上超时",
    snippets: {
      python: `# «callSite»
async with asyncio.timeout(30):
    ...
requests.get(url, timeout=30)`,
      nodejs: `await fetch(url, { signal: AbortSignal.timeout(30_000) });`,
      go: `ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
defer cancel()`,
    },
  },
};
