import type { SetupResponse } from "@/lib/api/contract/status";

export const SENDERS = ["logfire", "python", "node", "go", "java", "dotnet", "rust", "collector"] as const;
export type Sender = (typeof SENDERS)[number];

/** What stands where an ingest key belongs in server mode. */
export const KEY_PLACE = "YOUR_INGEST_KEY";

type Endpoints = Pick<SetupResponse, "mode" | "httpEndpoint" | "grpcEndpoint">;

/** Lines to copy, with this server's address in them. Local mode needs no key, but the Logfire SDK wants to see a token. */
export function snippetOf(sender: Sender, { mode, httpEndpoint, grpcEndpoint }: Endpoints): string {
  const needsKey = mode === "server";
  const key = needsKey ? KEY_PLACE : "local";
  const variables = [
    `OTEL_EXPORTER_OTLP_ENDPOINT=${httpEndpoint}`,
    "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    ...(needsKey ? [`OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${key}`] : []),
    "OTEL_SERVICE_NAME=my-service",
  ];
  const environment = variables.map((line) => `export ${line}`).join("\n");
  switch (sender) {
    case "logfire":
      return `pip install logfire\n\nexport LOGFIRE_BASE_URL=${httpEndpoint}\nexport LOGFIRE_TOKEN=${key}\npython app.py\n\n# app.py\nimport logfire\n\nlogfire.configure(service_name="my-service")\nwith logfire.span("hello"):\n    logfire.info("it works")`;
    case "python":
      return `pip install opentelemetry-distro opentelemetry-exporter-otlp\n\n${environment}\nexport OTEL_RESOURCE_ATTRIBUTES=process.pid=$$\nexec opentelemetry-instrument python app.py`;
    case "node":
      return `npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node\n\n${environment}\nnode --require @opentelemetry/auto-instrumentations-node/register app.js`;
    case "go":
      return `// go get go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp\n// ${variables.join(" ")}\n\nexporter, err := otlptracehttp.New(ctx) // reads the variables above\nprovider := sdktrace.NewTracerProvider(\n\tsdktrace.WithBatcher(exporter),\n\tsdktrace.WithResource(resource.Default()),\n)\notel.SetTracerProvider(provider)\ndefer provider.Shutdown(ctx) // without it the last spans are lost`;
    case "java":
      return `curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar\n\n${environment}\njava -javaagent:opentelemetry-javaagent.jar -jar app.jar`;
    case "dotnet":
      return `// dotnet add package OpenTelemetry.Extensions.Hosting\n// dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol\n// ${variables.join(" ")}\n\nbuilder.Services.AddOpenTelemetry()\n    .ConfigureResource(r => r.AddService("my-service"))\n    .WithTracing(t => t.AddSource("*").AddAspNetCoreInstrumentation().AddOtlpExporter())\n    .WithLogging(l => l.AddOtlpExporter());`;
    case "rust":
      return `# cargo add opentelemetry opentelemetry_sdk\n# cargo add opentelemetry-otlp --features http-proto,reqwest-blocking-client\n# ${variables.join(" ")}\n\nlet exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build()?;\nlet provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()\n    .with_batch_exporter(exporter)\n    .build();\nopentelemetry::global::set_tracer_provider(provider.clone());\n// at the end of main, or the last spans are lost:\nprovider.shutdown()?;`;
    case "collector":
      return `exporters:\n  otlp/spanwatch:\n    endpoint: ${grpcEndpoint.replace(/^https?:\/\//, "")}\n    tls:\n      insecure: true${needsKey ? `\n    headers:\n      authorization: Bearer ${key}` : ""}\n\nservice:\n  pipelines:\n    traces:\n      exporters: [otlp/spanwatch]\n    logs:\n      exporters: [otlp/spanwatch]`;
    default:
      return sender satisfies never;
  }
}
