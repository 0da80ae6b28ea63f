import { expect, test } from "vitest";
import { SignInAttempts, sourceOf } from "./sign-in-attempts";

test("ten wrong keys a minute, then a pause; others are not slowed down", () => {
  const attempts = new SignInAttempts();
  for (let count = 0; count < 10; count++) {
    attempts.check("a", 0);
    attempts.noteFailure("a", 0);
  }
  expect(() => attempts.check("a", 59_999)).toThrow(/Try again/);
  expect(() => attempts.check("b", 0)).not.toThrow();
  expect(() => attempts.check("a", 60_000)).not.toThrow();
});

test("however many places try, only the latest ten thousand are remembered", () => {
  const attempts = new SignInAttempts();
  for (let count = 0; count < 10; count++) attempts.noteFailure("first", 0);
  for (let count = 0; count < 9_999; count++) attempts.noteFailure(String(count), 0);
  expect(() => attempts.check("first", 0)).toThrow();
  attempts.noteFailure("one more", 0);
  expect(() => attempts.check("first", 0)).not.toThrow();
});

test("one machine is one place, however it spells its address", () => {
  const of = (address: string) => sourceOf(new Headers({ "x-forwarded-for": address }));
  expect(of("1.2.3.4")).toBe("1.2.3.4");
  expect(of("6.6.6.6, 1.2.3.4")).toBe("1.2.3.4");
  expect(of("::ffff:1.2.3.4")).toBe("1.2.3.4");
  expect(of("2001:db8:0:1:aaaa::1")).toBe(of("2001:0DB8::1:bbbb:0:0:2"));
  expect(of("2001:db8:0:1::1")).not.toBe(of("2001:db8:0:2::1"));
  expect(of("::1")).toBe("0:0:0:0");
});
