/** Requests of one writer. The number of a request and its time are all that must be kept to make it again. */
export interface Requests {
  readonly signal: "logs" | "traces" | "metrics";
  /** Records in each request. */
  readonly records: number;
  /** The request's bytes: a buffer of its own, which the sender may keep. */
  readonly encode: (request: number, atMs: number) => Buffer;
}
