import { expect, test } from "./fixtures";
import { eventually, type FindingView } from "./spanwatch-api";

interface Item {
  kind: string;
  traceId: string;
  title: string;
}

/** A span is stale after ten minutes by this server's clock, whatever its sender says: nobody waits for that here. */
const TOO_SLOW = new Set(["stale-span", "mass-stop"]);

test("the gallery shows of each exhibit what its label says, and nothing of the healthy one", async ({ spanwatch, api }) => {
  test.setTimeout(120_000);
  const send = async () => {
    const answer = await fetch(`${spanwatch.web}/api/demo`, { method: "POST", headers: { origin: spanwatch.web } });
    expect(answer.ok).toBe(true);
    return ((await answer.json()) as { items: Item[] }).items;
  };
  /** Findings about connections belong to no trace. */
  const withoutTrace = async (kind: string) => {
    const { items } = await api.get<{ items: FindingView[] }>(`/api/findings?kind=${kind}&limit=200`);
    return items.filter((finding) => finding.traceId === null);
  };
  await send();
  const items = await send(); // as clear the second time
  expect(items.length).toBeGreaterThanOrEqual(10);

  for (const { kind, traceId, title } of items.filter((item) => item.kind !== "healthy" && !TOO_SLOW.has(item.kind))) {
    await test.step(title, async () => {
      const finding = await eventually(
        async () => [...(await api.findings(traceId, "open")), ...(await withoutTrace(kind))].find((one) => one.kind === kind),
        {
          withinMs: 30_000,
          everyMs: 250,
          what: `${kind} to be found in "${title}" (${traceId})`,
        },
      );
      expect(finding.title.length).toBeGreaterThan(10);
    });
  }
  const healthy = items.find((item) => item.kind === "healthy") as Item;
  await api.settledTrace(healthy.traceId);
  expect(await api.findings(healthy.traceId)).toEqual([]);
});
