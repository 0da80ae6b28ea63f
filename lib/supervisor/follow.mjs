// Loaded into each part before its own code: when the supervisor is gone, killed or crashed, the part ends as if it had been told to.
const DRAIN_MS = 5_000;

// A part hands its node options on to what it forks (`next dev` its server), whose channel is another one and must stay as it is.
if (process.env.SPANWATCH_FOLLOWS === undefined) {
  process.env.SPANWATCH_FOLLOWS = "1";
  process.on("disconnect", () => {
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    process.kill(process.pid, "SIGTERM");
  });
  // Listening must not keep a part alive that has drained.
  process.channel?.unref();
}
