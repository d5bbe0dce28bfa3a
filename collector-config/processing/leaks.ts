/** Where a corpus entry is put before it is sent. */
export type Place = "attribute" | "number" | "nested" | "json" | "line" | "map" | "text";

/** A record with something in it that may not be stored. */
export interface Leak {
  readonly place: Place;
  /** Name of the field; a text has none. */
  readonly key?: string;
  readonly value: string;
  /** What may not come out. Without it, the value. */
  readonly secret?: string;
}

const secret = "Hunter2-correct-horse";
const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";

function fields(place: Place, keys: readonly string[]): Leak[] {
  return keys.map((key) => ({ place, key, value: secret }));
}

/** As applications leak them. Cards are the issuers' published test numbers. */
export const leaks: readonly Leak[] = [
  ...fields("attribute", [
    "authorization",
    "Authorization",
    "http.request.header.authorization",
    "proxy-authorization",
    "http.request.header.cookie",
    "http.response.header.set-cookie",
    "password",
    "db.password",
    "userPassword",
    "PASSWORD",
    "DB_PASSWORD",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "client_secret",
    "clientSecret",
    "AWS_SECRET_ACCESS_KEY",
    "aws_secret_access_key",
    "token",
    "accessToken",
    "refresh_token",
    "id_token",
    "X-CSRF-Token",
    "GITHUB_TOKEN",
    "api_key",
    "apiKey",
    "x-api-key",
    "OPENAI_API_KEY",
    "private_key",
    "privateKey",
    "signing_key",
    "encryption_key",
    "credentials",
    "aws.credentials",
    "jwt",
    "card_number",
    "cardNumber",
    "cvv",
  ]),
  { place: "number", key: "password", value: "471182" },
  { place: "number", key: "cvc", value: "4711829" },
  ...fields("nested", ["authorization", "password", "accessToken", "apiKey", "cookie"]),
  ...fields("line", ["password", "accessToken", "api_key", "authorization", "clientSecret"]),
  ...fields("json", [
    "password",
    "accessToken",
    "api_key",
    "authorization",
    "clientSecret",
    "cookie",
  ]),
  ...fields("map", ["password", "accessToken", "api_key", "authorization", "cookie"]),
  { place: "json", key: "credentials", value: `{"user":"ada","pass":"${secret}"}`, secret },
  { place: "json", key: "tokens", value: `{"access_token":"${secret}"}`, secret },
  {
    place: "attribute",
    key: "url.full",
    value: `https://shop.example.com/?q=1&access_token=${secret}`,
    secret,
  },
  { place: "attribute", key: "http.request.body", value: `{"password":"${secret}"}`, secret },
  {
    place: "attribute",
    key: "db.connection_string",
    value: `postgres://ada:${secret}@db/shop`,
    secret,
  },
  { place: "attribute", key: "note", value: jwt },
  { place: "attribute", key: "note", value: "4111 1111 1111 1111" },
  {
    place: "attribute",
    key: "note",
    value: "card 5555555555554444 refused",
    secret: "5555555555554444",
  },
  { place: "text", value: `login failed for ada password=${secret}`, secret },
  { place: "text", value: `calling with Authorization: Bearer ${secret}`, secret },
  { place: "text", value: `header "Bearer ${jwt}" is out of date`, secret: jwt },
  { place: "text", value: `GET /reset?token=${secret} HTTP/1.1`, secret },
  { place: "text", value: `connecting to redis://:${secret}@cache:6379`, secret },
  { place: "text", value: `payload {"apiKey":"${secret}","n":1} refused`, secret },
  { place: "text", value: `payload "{\\"password\\":\\"${secret}\\"}" refused`, secret },
  { place: "text", value: "paid with 4012888888881881", secret: "4012888888881881" },
  { place: "text", value: "paid with 3782-822463-10005", secret: "3782-822463-10005" },
  {
    place: "text",
    value: "order 1000200030004000 paid with 6011 1111 1111 1117",
    secret: "6011 1111 1111 1117",
  },
  { place: "text", value: `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END`, secret },
  { place: "text", value: `export DB_PASSWORD=${secret}`, secret },
  { place: "text", value: `the password is ${secret}`, secret },
  { place: "text", value: `Cookie: session=${secret}; theme=dark`, secret },
];
