import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { canReach, type Owner, pickOwner } from "./owner";

const NEW = "/nonexistent/postgres";
const account = (name: string, uid: number): Owner => ({ name, uid, gid: uid });
const top = mkdtempSync(join(tmpdir(), "spanwatch-owner-"));
afterAll(() => rmSync(top, { recursive: true, force: true }));

test.runIf(process.getuid?.() === 0)("root's database is run by nobody, or where there is none by another account, never by root", () => {
  expect(pickOwner(NEW, [account("root", 0), account("daemon", 1), account("nobody", 65_534)])?.name).toBe("nobody");
  expect(pickOwner(NEW, [account("root", 0), account("node", 1000)])?.name).toBe("node");
  expect(() => pickOwner(NEW, [account("root", 0)])).toThrow(/^PostgreSQL does not run as root and \/etc\/passwd names no other user/);
});

test.skipIf(process.getuid?.() === 0)("an ordinary user's database is run by that user", () => {
  expect(pickOwner(NEW)).toBeNull();
});

test("an account reaches a directory only if every directory above lets it pass", () => {
  const inner = join(top, "home/clone");
  mkdirSync(inner, { recursive: true });
  chmodSync(top, 0o755);
  const stranger = account("stranger", 4_000_000);
  for (const [mode, reaches] of [
    [0o755, true],
    [0o711, true],
    [0o750, false],
    [0o700, false],
  ] as const) {
    chmodSync(join(top, "home"), mode);
    expect(canReach(inner, stranger), mode.toString(8)).toBe(reaches);
  }
  expect(canReach(inner, null)).toBe(true);
});
