import type { Cure } from "./cure";

/** Cures for parents, ids and clocks that are wrong (wire.md §12, A17 to A23, A26, A27). */
export const LINKING_CURES: Readonly<Record<string, Cure>> = {
  A17: {
    en: "Hand the context over to the worker",
    zh: "把上下文交给工作进程",
    snippets: {
      "python-logfire": `# «callSite»
from logfire.propagate import attach_context, get_context

process = multiprocessing.Process(target=worker, args=(get_context(), ...))

def worker(context, ...):
    with attach_context(context):
        with logfire.span("..."):
            ...`,
      python: `carrier = {}
propagate.inject(carrier)
process = multiprocessing.Process(target=worker, args=(carrier, ...))

def worker(carrier, ...):
    with tracer.start_as_current_span("...", context=propagate.extract(carrier)):
        ...`,
      nodejs: `const carrier = {};
propagation.inject(context.active(), carrier);
const worker = new Worker(file, { workerData: { carrier } });

// in the worker
const parent = propagation.extract(ROOT_CONTEXT, workerData.carrier);
tracer.startActiveSpan("...", {}, parent, (span) => { /* … */ });`,
    },
  },
  A18: {
    en: "Detach what was attached, on every path",
    zh: "attach 之后在每条路径上都要 detach",
    snippets: {
      python: `token = context.attach(ctx)
try:
    ...
finally:
    context.detach(token)  # and no yield in between`,
    },
  },
  A19: {
    en: "Capture the context inside the span that owns the workers",
    zh: "在真正拥有工作进程的 Span 内捕获上下文",
    snippets: {
      "python-logfire": `with logfire.span("«spanName:work»"):
    context = get_context()  # here, not before
    pool.map(partial(worker, context), items)`,
      python: `with tracer.start_as_current_span("«spanName:work»"):
    propagate.inject(carrier)  # here, not before`,
    },
  },
  A20: {
    en: "Take start and end from one clock, and synchronise the hosts' clocks",
    zh: "开始与结束取自同一时钟，并同步各主机的时钟",
    snippets: {
      shell: `timedatectl status          # "System clock synchronized: yes"?
chronyc tracking            # how far off is it?`,
      python: `# do not pass a start_time that another host measured
with tracer.start_as_current_span("«spanName:work»"):
    ...`,
    },
  },
  A21: {
    en: "Pass the context to subprocesses in their environment",
    zh: "通过环境变量把上下文传给子进程",
    snippets: {
      python: `carrier = {}
propagate.inject(carrier)
subprocess.run(command, env={**os.environ, "TRACEPARENT": carrier["traceparent"]})`,
      nodejs: `propagation.inject(context.active(), carrier);
spawn(command, { env: { ...process.env, TRACEPARENT: carrier.traceparent } });`,
    },
  },
  A22: {
    en: "Use 128-bit trace ids and W3C trace context on every hop",
    zh: "每一跳都使用 128 位追踪 ID 和 W3C Trace Context",
    snippets: { shell: `export OTEL_PROPAGATORS=tracecontext,baggage` },
  },
  A23: {
    en: "Give the id generator randomness of its own",
    zh: "给 ID 生成器独立的随机源",
    snippets: {
      python: `# OpenTelemetry takes ids from the global generator, so random.seed(…) repeats them
class Ids(IdGenerator):
    def generate_span_id(self):
        return secrets.randbits(64) or 1

    def generate_trace_id(self):
        return secrets.randbits(128) or 1

TracerProvider(id_generator=Ids())`,
    },
  },
  A26: {
    en: "Give each piece of work its own trace id, and link them",
    zh: "让每件工作使用自己的追踪 ID，再用链接关联",
    snippets: {
      python: `# put the order number into an attribute, not into the trace id
with tracer.start_as_current_span("«spanName:work»", links=[trace.Link(earlier)]) as span:
    span.set_attribute("order.id", order_id)`,
    },
  },
  A27: {
    en: "Find the code or the hop that writes the parent id",
    zh: "找出写入父 ID 的代码或中间环节",
    snippets: {
      shell: `# custom span processors, exporters, Collector transforms and hand-made span ids are where it happens
grep -rn "parent_span_id\\|parentSpanId\\|setParent" .`,
    },
  },
};
