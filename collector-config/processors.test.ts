import { describe, expect, it } from "vitest";
import { secretKeyPattern } from "./processors.ts";

describe("secretKeyPattern", () => {
  // The collector's regular expressions carry the flag inside.
  const pattern = new RegExp(secretKeyPattern.replace("(?i)", ""), "i");

  it.each([
    "authorization",
    "http.request.header.authorization",
    "http.request.header.cookie",
    "http.response.header.set-cookie",
    "password",
    "db.password",
    "userPasswd",
    "passphrase",
    "client_secret",
    "clientSecret",
    "aws.credentials",
    "token",
    "accessToken",
    "X-CSRF-Token",
    "api_key",
    "apiKey",
    "x-api-key",
    "aws_secret_access_key",
    "private.key",
  ])("masks %s", (key) => {
    expect(key).toMatch(pattern);
  });

  it.each([
    "gen_ai.usage.input_tokens",
    "token.count",
    "authorization.result",
    "cookie_consent",
    "secretary.name",
    "k8s.secret.name",
    "key",
    "cache.key",
    "monkey",
    "service.name",
    "password_reset_url",
  ])("leaves %s", (key) => {
    expect(key).not.toMatch(pattern);
  });
});
