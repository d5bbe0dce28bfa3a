/** Ends of names whose values are secrets: `http.request.header.authorization`, `db.password`, `accessToken`. */
export const secretWords = [
  "authorization",
  "cookie",
  "passw(?:or)?d",
  "passphrase",
  "passcode",
  "pwd",
  "secret",
  "credentials?",
  "token",
  "jwt",
  "(?:api|access|private|secret|signing|encryption|auth|master)[._-]?key",
  "cvv2?",
  "cvc2?",
  "card[._-]?(?:number|no)",
].join("|");

/**
 * What the text of every record holds in which such a name has a value. Each begins with letters that stand for
 * themselves, from inside the word: Go then looks for those at the speed of memory, and both `token` and `Token` are found.
 * One pattern of all words, without regard to case, costs a hundred times as much.
 */
export const secretMarks = [
  ...[
    "k(?:en|ie)",
    "ey",
    "ass(?:w(?:or)?d|phrase|code)",
    "w[dt]",
    "cre(?:t|dentials?)",
    "uthorization",
    "cv[vc]2?",
    "ard[._-]?[nN](?:umber|o)",
  ].map((word) => String.raw`${word}["'\\]*\s?[=:\x1f]`),
  // Names of the environment, in texts and as names of attributes.
  "_(?:PASSW|TOKEN|KEY|SECRET)",
  String.raw`\x1e[A-Z0-9_.-]+\x1f`,
] as const;

/** Names that sound like secrets and are none: where a list goes on, and what language models count. */
export const harmlessKeys = [
  "page_token",
  "pageToken",
  "next_page_token",
  "nextPageToken",
  "prev_page_token",
  "next_token",
  "nextToken",
  "continuation_token",
  "continuationToken",
  "cancellation_token",
  "cancellationToken",
  "sync_token",
  "syncToken",
  "resume_token",
  "resumeToken",
  "cursor_token",
  "stop_token",
  "eos_token",
  "bos_token",
  "pad_token",
  "unk_token",
  "mask_token",
  "first_token",
  "last_token",
  "time_to_first_token",
  "time_per_output_token",
  "cost_per_token",
  "has_password",
  "hasPassword",
  "is_secret",
  "has_token",
  "hasToken",
] as const;
