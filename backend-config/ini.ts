/** Sections of an ini file, each with its keys. */
export type IniSections = Readonly<
  Record<string, Readonly<Record<string, string | number | boolean>>>
>;

/** Text of an ini file, sections and keys in their order by name, so that equal values give equal bytes. */
export function toIni(sections: IniSections): string {
  const texts = Object.entries(sections)
    .sort(byName)
    .map(([section, keys]) => {
      const lines = Object.entries(keys)
        .sort(byName)
        .map(([key, value]) => `${key} = ${String(value)}`);
      return [`[${section}]`, ...lines].join("\n");
    });
  return `${texts.join("\n\n")}\n`;
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
