import { expect } from "vitest";

/** Resolves once `check` passes; the test fails with what it said last when it does not within `timeoutMs`. */
export const eventually = (check: () => Promise<void>, timeoutMs = 15_000) =>
  expect
    .poll(
      () =>
        check().then(
          () => "yes",
          (error: Error) => error.message,
        ),
      { timeout: timeoutMs },
    )
    .toBe("yes");
