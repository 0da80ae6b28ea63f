export const shell = {
  tagline: "Which spans never closed, and why",
  skip: "Skip to content",
  navigation: "Main navigation",
  traces: "Traces",
  findings: "Findings",
  open: "Open now",
  setup: "Setup",
  collapse: "Narrow the navigation",
  expand: "Widen the navigation",
  live: {
    live: "Live",
    connecting: "Connecting",
    lost: "Connection lost",
    paused: "Paused",
    pause: "Pause live updates",
    resume: "Resume live updates",
  },
  jump: {
    label: "Go to a trace",
    placeholder: "Paste a trace id",
    wrong: "No trace id in there. A trace id has 32 hex digits.",
  },
} as const;
