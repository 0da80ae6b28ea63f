export const errors = {
  title: "That did not work",
  noAnswer: "The server does not answer. Is it still running? This page asks again by itself.",
  busy: "The server is busy or its database is away. This page asks again by itself.",
  wrong: "The question was wrong: {detail}",
  notFound: "There is nothing here.",
  signedOut: "You are signed out.",
  signIn: "Sign in",
  request: "Request {id}",
  traceNotFound: {
    title: "No such trace",
    body: "It was never received here, or its time of keeping has passed. If its program just started, this page shows it as soon as the first span arrives.",
    action: "All traces",
  },
  page: {
    title: "This page broke",
    body: "An error in the page itself, not in your data. Loading it again usually helps.",
    action: "Load again",
  },
  pageNotFound: { title: "There is no such page", action: "Go to traces" },
} as const;
