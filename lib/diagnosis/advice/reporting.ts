import type { Cure } from "./cure";

/** Cures for telemetry that does not arrive (wire.md §12, A7, A9 to A16, A25). */
export const REPORTING_CURES: Readonly<Record<string, Cure>> = {
  A7: {
    en: "Report spans when they start too, so that what never ends is seen",
    zh: "在 Span 开始时也上报，没有结束的才看得见",
    snippets: {
      "python-logfire": `# the Logfire route carries span starts; plain OTLP does not
export LOGFIRE_BASE_URL=http://localhost:4318
export LOGFIRE_TOKEN=pylf_v1_local_anything`,
      python: `# pip install logfire: it reports starts, and instruments OpenTelemetry spans as well
export LOGFIRE_BASE_URL=http://localhost:4318
export LOGFIRE_TOKEN=pylf_v1_local_anything
# or pip install partial-span-processor, which sends heartbeats`,
      nodejs: `import { PendingSpanProcessor } from "@pydantic/logfire-api";

new NodeSDK({ spanProcessors: [new PendingSpanProcessor(otlpProcessor), otlpProcessor] });`,
    },
  },
  A9: {
    en: "Look for batches that the exporter gave up, and give its queue room",
    zh: "查看导出器放弃的批次，并给队列留出余量",
    snippets: {
      python: `# in the program's own log: "Failed to export span batch code", "Queue full, dropping"
export OTEL_BSP_MAX_QUEUE_SIZE=8192
export OTEL_BSP_SCHEDULE_DELAY=500`,
      nodejs: `diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);
// OTEL_BSP_MAX_QUEUE_SIZE=8192  OTEL_BSP_SCHEDULE_DELAY=500`,
      shell: `export OTEL_BSP_MAX_QUEUE_SIZE=8192
export OTEL_BSP_SCHEDULE_DELAY=500`,
    },
  },
  A10: {
    en: "Decide at the edge whose trace context is believed",
    zh: "在边界上决定信任谁的追踪上下文",
    snippets: {
      "python-logfire": `logfire.configure(distributed_tracing=False)  # «service:this service» begins its own traces at the public edge`,
      python: `# take no context from outside
with tracer.start_as_current_span("request", context=Context(), kind=SpanKind.SERVER):
    ...`,
      nginx: `# strip a context that nobody reports, or keep it untouched between your own services
proxy_set_header traceparent "";
proxy_set_header tracestate "";`,
    },
  },
  A11: {
    en: "Do not begin spans under a root that tail sampling has already dropped",
    zh: "不要在尾部采样已丢弃的根 Span 之下再开 Span",
    snippets: {
      "python-logfire": `# start background work in a trace of its own
with attach_context({}):
    with logfire.span("background"):
        ...`,
    },
  },
  A12: {
    en: "Let the filter keep parents, or drop their children with them",
    zh: "让过滤器保留父 Span，或连同子 Span 一起丢弃",
    snippets: {
      collector: `processors:
  filter:
    traces:
      span:
        - 'name == "health"'   # its children will have no parent: filter them by the same rule`,
    },
  },
  A13: {
    en: "Set up logging inside the worker, and flush it",
    zh: "在工作进程内配置日志并刷新",
    snippets: {
      python: `def worker(...):
    provider = LoggerProvider()
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    _logs.set_logger_provider(provider)
    try:
        ...
    finally:
        provider.shutdown()`,
      nodejs: `new NodeSDK({ logRecordProcessors: [new BatchLogRecordProcessor(new OTLPLogExporter())] });`,
    },
  },
  A14: {
    en: "Make room: raise the limits that dropped it",
    zh: "腾出余量：调高丢弃数据的限额",
    snippets: {
      shell: `export OTEL_BSP_MAX_QUEUE_SIZE=8192
export OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=512
export SPANWATCH_MAX_BODY_MIB=128`,
    },
  },
  A15: {
    en: "Do not share the exporter's connection with forked children",
    zh: "不要让 fork 出的子进程共用导出器的连接",
    snippets: {
      "python-logfire": `def worker(...):
    logfire.configure()  # a session of its own`,
      python: `# fork before the first export, or make the exporter in the child`,
    },
  },
  A16: {
    en: "Configure the SDK in the worker",
    zh: "在工作进程里配置 SDK",
    snippets: {
      "python-logfire": `def worker(...):
    logfire.configure()`,
      python: `def worker(...):
    configure_opentelemetry()`,
      nodejs: `// first line of the worker's own entry file
import "./instrumentation.js";`,
    },
  },
  A40: {
    en: "Give the program a service name",
    zh: "给程序起一个服务名",
    snippets: {
      shell: `export OTEL_SERVICE_NAME=my-service`,
      "python-logfire": `logfire.configure(service_name="my-service")`,
    },
  },
  A41: {
    en: "Let every process say which one it is",
    zh: "让每个进程说明自己是哪一个",
    snippets: {
      shell: `export OTEL_RESOURCE_ATTRIBUTES="process.pid=$$,host.name=$(hostname)"
# Python: export OTEL_EXPERIMENTAL_RESOURCE_DETECTORS=process,host`,
    },
  },
  A42: {
    en: "Upgrade to a version that knows when it was forked",
    zh: "升级到能识别 fork 的版本",
    snippets: {
      "python-logfire": `# the spans of a forked child carry its own pid from 4.40 on
pip install --upgrade "logfire>=4.40"`,
      python: `# fork before the SDK is set up, or set it up again in the child
os.register_at_fork(after_in_child=configure_opentelemetry)`,
    },
  },
  A25: {
    en: "Send the caller's spans here too",
    zh: "让调用方的 Span 也发到这里",
    snippets: {
      shell: `# in the program that calls «service:this service»
export OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318`,
    },
  },
};
