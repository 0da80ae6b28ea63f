// A program under test: sends what it is told to, over one kept-alive connection, and stays until it is killed.
// node sender.mjs <port> <service> [pid to name, or "none"]
import { randomBytes } from "node:crypto";
import { connect } from "node:net";

const [port, service, named = String(process.pid)] = process.argv.slice(2);
const attribute = (key, value) => ({ key, value });
const resource = {
  attributes: [
    attribute("service.name", { stringValue: service }),
    attribute("telemetry.sdk.language", { stringValue: "nodejs" }),
    ...(named === "none" ? [] : [attribute("process.pid", { intValue: named })]),
  ],
};

export function send(socket) {
  const span = {
    traceId: randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    name: "work",
    kind: 1,
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now()}000000`,
  };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  socket.write(
    `POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const open = () => {
  const socket = connect(Number(port), "127.0.0.1", () => send(socket));
  socket.on("data", (data) => data.includes("HTTP/1.1 200") && process.send?.({ sent: true }));
  socket.on("error", () => {});
  return socket;
};
let socket = open();
process.on("message", (order) => {
  if (order === "send") send(socket);
  if (order === "close") socket.end();
  if (order === "reopen") socket = open();
});
