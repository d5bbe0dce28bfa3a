import type { Place } from "./leaks.ts";

/** A record that only sounds as if it held a secret: it must come out as it came in. */
export interface NearMiss {
  readonly place: Place;
  readonly key?: string;
  readonly value: string;
}

function fields(place: Place, keys: readonly string[]): NearMiss[] {
  return keys.map((key) => ({ place, key, value: "hello" }));
}

export const nearMisses: readonly NearMiss[] = [
  ...fields("attribute", [
    "gen_ai.usage.input_tokens",
    "output_tokens",
    "max_tokens",
    "token.count",
    "token_type",
    "tokenizer",
    "author",
    "authority",
    "authorization.result",
    "authenticated",
    "auth.method",
    "keyboard",
    "key",
    "monkey",
    "cache.key",
    "partition_key",
    "primaryKey",
    "foreign_key",
    "routing_key",
    "messaging.kafka.message.key",
    "cookie_consent",
    "cookies_enabled",
    "secretary.name",
    "k8s.secret.name",
    "password_reset_url",
    "password.length",
    "passwordless",
    "passport",
    "compass",
    "crossword",
    "keyword",
    "confidential",
    "credential_type",
    "next_page_token",
    "pageToken",
    "time_to_first_token",
    "has_password",
    "discount_code",
    "card_type",
    "account.name",
    "session.count",
    "wildcard",
  ]),
  ...fields("line", ["input_tokens", "author", "cache_key", "next_page_token"]),
  ...fields("json", [
    "input_tokens",
    "author",
    "cache_key",
    "next_page_token",
    "tokenCount",
    "secretary",
  ]),
  ...fields("map", ["input_tokens", "author", "cache_key"]),
  ...fields("nested", ["author", "keyboard", "cache_key"]),
  {
    place: "attribute",
    key: "url.full",
    value: "https://shop.example.com/tokens?page=2&keyword=red",
  },
  { place: "attribute", key: "note", value: "order 4111111111111112 written" },
  { place: "attribute", key: "note", value: "1234567890123456" },
  { place: "text", value: "order 1234567812345678 was written" },
  { place: "text", value: "order 4929123412341234 was written" },
  { place: "text", value: "at 1700000000000 to 1700000000000000000" },
  { place: "text", value: "trace 4bf92f3577b34da6a3ce929d0e0e4736 was dropped" },
  { place: "text", value: "the token has ended, ask for a new one" },
  { place: "text", value: "password reset mail sent to 3 users" },
  { place: "text", value: "keyboard=de author=ada tokens=12" },
  { place: "text", value: "cookie jar emptied: 7 removed" },
  { place: "text", value: "see https://example.com:8443/a@b for more" },
  { place: "text", value: "basic training done" },
  { place: "text", value: "SELECT token_type FROM tokens WHERE key_id IS NOT NULL" },
];
