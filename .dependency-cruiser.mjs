// The import table of docs/architecture.md as rules: the room on the left may import only the rooms on the right, and itself.
// scripts/checks/import-map.test.ts proves that every rule bites and that no file escapes the map.
const shared = "lib/*"; // lib/config.ts, lib/errors.ts, lib/logger.ts

export const rooms = {
  "lib/otel": [],
  "lib/otlp": ["lib/otel"],
  "lib/span-tree": ["lib/otel"],
  "lib/diagnosis": ["lib/otel", "lib/span-tree"],
  db: ["lib/otel", shared],
  "lib/auth": ["lib/otel", "db", shared],
  "lib/projects": ["lib/auth", "db", shared],
  "lib/traces": ["lib/otel", "lib/otlp", "lib/span-tree", "lib/diagnosis", "lib/api", "lib/auth", "db", shared],
  "lib/alerts": ["lib/otel", "lib/diagnosis", "lib/traces", "lib/auth", "db", shared],
  "lib/shares": ["lib/traces", "lib/auth", "db", shared],
  "lib/ingest": ["lib/otel", "lib/otlp", "lib/auth", "db", shared],
  "lib/scheduler": ["lib/otel", "lib/span-tree", "lib/diagnosis", "lib/traces", "lib/alerts", "lib/auth", "db", shared],
  "lib/supervisor": ["lib/auth", "db", shared],
  "lib/status": ["lib/auth", "db", shared],
  "lib/http": ["lib/auth", "db", shared],
  "lib/api": ["lib/otel", "lib/span-tree", "lib/diagnosis"],
  "lib/testing": ["lib/otel", "lib/otlp", "lib/span-tree", "lib/diagnosis"],
  "lib/demo": ["lib/otel", "lib/testing", "lib/otlp"],
  components: ["lib/otel", "lib/span-tree", "lib/diagnosis", "lib/api"],
  app: [
    "components",
    "lib/api",
    "lib/http",
    "lib/auth",
    "lib/projects",
    "lib/traces",
    "lib/alerts",
    "lib/shares",
    "lib/status",
    "lib/demo",
    shared,
  ],
  e2e: ["lib/testing"],
};

const test = "[.]test[.]tsx?$";
const inside = (room) => (room === shared ? "^lib/[^/]+[.]ts$" : `^${room}/`);

export default {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room} imports only its neighbours`,
      severity: "error",
      from: { path: inside(room), pathNot: test },
      to: { path: "^(app|components|lib|db|e2e|scripts)/|^server[.]ts$", pathNot: [room, ...allowed].map(inside) },
    })),
    {
      name: "what every room shares imports no room",
      severity: "error",
      from: { path: inside(shared), pathNot: test },
      to: { path: "^(app|components|lib/[^/]+|db|e2e|scripts)/" },
    },
    {
      name: "every folder of lib is a room of the table",
      severity: "error",
      from: { path: "^lib/[^/]+/", pathNot: Object.keys(rooms).map(inside) },
      to: {},
    },
    {
      name: "the pure rooms do no I/O",
      severity: "error",
      from: { path: "^lib/(otel|otlp|span-tree|diagnosis)/", pathNot: test },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "the alert decision is pure",
      severity: "error",
      from: { path: "^lib/alerts/evaluate[.]ts$" },
      to: { path: "^(db/|lib/[^/]+[.]ts$)" },
    },
    { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
  ],
  required: [
    {
      name: "every JSON route goes through lib/http/route",
      severity: "error",
      module: { path: "^app/api/.+/route[.]ts$" },
      to: { path: "^lib/http/route[.]ts$" },
    },
  ],
  options: { doNotFollow: { path: "node_modules" }, tsPreCompilationDeps: true, tsConfig: { fileName: "tsconfig.json" } },
};
