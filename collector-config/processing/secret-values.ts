/** A string of JSON, ended or cut off. */
const jsonString = String.raw`"(?:[^"\\]|\\.)*(?:"|$)`;

function jsonNested(levels: number): string {
  const inner = levels === 0 ? "" : `|${jsonNested(levels - 1)}`;
  return String.raw`[{\[](?:[^{}\[\]"]|${jsonString}${inner})*[}\]]`;
}

/** A value of JSON. What lies deeper than three levels is taken with all that follows it. */
const jsonValue = String.raw`(?:${jsonString}|${jsonNested(2)}|[{\[][\s\S]*|[^\s",{}\[\]]+)`;

/** A field of JSON whose name ends in one of the words, with what stays in the first group. */
export function pairInJson(words: string): string {
  return String.raw`("[^"\\]{0,64}(?i:${words})"\s*:\s*)${jsonValue}`;
}

/** The same in JSON that is a string of JSON. */
export function pairInEscapedJson(words: string): string {
  return String.raw`(\\"[^"\\]{0,64}(?i:${words})\\"\s*:\s*)(?:\\"[^"\\]*\\"|[^\s",{}\[\]\\]+)`;
}

/** `password=…` of a query, a form, a command line or a log line. */
export function pairWithEqualSign(words: string): string {
  return String.raw`((?i:\b[a-z0-9_.-]*(?:${words}))=)(?:"[^"]*"|'[^']*'|[^\s&;,"'<>]+)`;
}

/** `Authorization: …` of a header block. */
export const pairInHeader = String.raw`((?i:\b(?:proxy-)?authorization|\b(?:set-)?cookie|\bx-api-key|\bpassword)["']?: ?)[^\r\n"'{\[][^\r\n"']*`;

interface SecretValue {
  /** Stands in every text that has one. */
  readonly mark: string;
  readonly pattern: string;
}

/** Values that are secrets whatever their field is called. What stays is the first group. */
export const secretValues: readonly SecretValue[] = [
  { mark: "earer ", pattern: String.raw`([Bb]earer )[A-Za-z0-9._~+/=-]{8,}` },
  { mark: "asic ", pattern: String.raw`(\b[Bb]asic )[A-Za-z0-9+/]{12,}={0,2}(?:\s|$|")` },
  {
    mark: "eyJ",
    pattern: String.raw`()\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)?`,
  },
  {
    mark: "-----BEGIN ",
    pattern: String.raw`(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?:-----END|$)`,
  },
];

/** `://user:password@`, with what stays in two groups. Too many texts hold `://` for it to be a mark. */
export const passwordInAddress = String.raw`(://[^\s/:@]*:)[^\s/@]+(@)`;

export const emailAddress = String.raw`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`;

/** What may be a card number: 13 to 19 digits, in groups or not. */
export const cardCandidate = String.raw`\b[2-6]\d(?:[ -]?\d){11,17}\b`;

/** Number ranges of the issuers: Visa, Mastercard, American Express, Diners, JCB, Discover, UnionPay, Maestro. */
export const cardIssuers = String.raw`^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|6(?:011|4[4-9]\d|5\d\d)\d{12}|62\d{14,17}|(?:50|5[6-9]|67)\d{11,17})$`;

/** Where a number may be a card's, by its first digit: to look for one digit is far cheaper than to look for any. */
export const cardMarks = ["2", "3", "4", "5", "6"].map(
  (digit) => String.raw`${digit}\d{3}[ -]?\d{4,6}[ -]?\d{4}`,
);
