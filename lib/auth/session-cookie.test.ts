import { expect, test } from "vitest";
import { cookieOf, openSession, sessionCookieName, setSessionCookie, signSession } from "./session-cookie";

const SECRET = "s".repeat(43);
const session = { keyId: "abc", expiresMs: 2_000 };

test("a session opens with the secret it was signed with, until it expires", () => {
  const text = signSession(session, SECRET);
  expect(openSession(text, SECRET, 1_999)).toEqual(session);
  expect(openSession(text, SECRET, 2_000)).toBeNull();
  expect(openSession(text, `${SECRET}x`, 0)).toBeNull();
});

test("no change of a session's cookie is believed", () => {
  const text = signSession(session, SECRET);
  const longer = Buffer.from(JSON.stringify(["abc", 9e15])).toString("base64url");
  expect(openSession(`${longer}.${text.split(".")[1]}`, SECRET, 0)).toBeNull();
  for (const broken of ["", ".", "a.b", text.slice(1), `${text}.x`, `${text.split(".")[0]}.`, `${text.split(".")[0]}`]) {
    expect(openSession(broken, SECRET, 0), broken).toBeNull();
  }
});

test("scripts cannot read the cookie, and over https it goes nowhere else", () => {
  expect(setSessionCookie("v", false)).toBe("spanwatch=v; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
  expect(setSessionCookie("v", true)).toBe("__Host-spanwatch=v; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure");
  expect(setSessionCookie("", false)).toContain("Max-Age=0");
  expect(sessionCookieName(true)).toMatch(/^__Host-/);
});

test("a cookie is found by its whole name", () => {
  expect(cookieOf("xspanwatch=1; spanwatch=2; spanwatchx=3", "spanwatch")).toBe("2");
  expect(cookieOf("a=1;b=x=y ;c", "b")).toBe("x=y");
  expect(cookieOf(null, "a")).toBeNull();
  expect(cookieOf("a", "a")).toBeNull();
});
