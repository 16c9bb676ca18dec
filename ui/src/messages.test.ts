import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Catalogue = Record<string, unknown>;
const read = (locale: string): Catalogue =>
  JSON.parse(readFileSync(`messages/${locale}.json`, "utf8")) as Catalogue;
const fr = read("fr");
const en = read("en");

const RUST = ["../src-tauri/till/src", "../src-tauri/src", "../hub/src"];

/** How the Rust sources name a code that ends on the screen. */
const NAMED = [
  /refuse!?\(\s*"([a-z_]+)"/g,
  /Error::(?:refused|hub)\(\s*"([a-z_]+)"/g,
  /Problem::(?:new|with)\([^")]*"([a-z_]+)"/g,
  /\bbad\((?:[^()"]|\([^()"]*\))*"([a-z_]+)"/g,
  /\bproblem\("([a-z_]+)"/g,
  /\bcode:\s*"([a-z_]+)"/g,
  /=>\s*(?:return\s+)?(?:Some\()?\(?(?:StatusCode::\w+,\s*)?"([a-z]+(?:_[a-z]+)+)"/g,
  /let code =[^;]*?"([a-z]+(?:_[a-z]+)+)"/g,
];
/** Arms of a `match` give codes in these files only; elsewhere they are other words. */
const ARMS = /(?:error|errors|problem|layers|body)\.rs$/;

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".rs") && !/(^|\/)tests?(\/|\.rs)|harness/.test(file))
    .map((file) => `${folder}/${file}`);
}

function codes(file: string): string[] {
  const text = readFileSync(file, "utf8").split("#[cfg(test)]")[0] ?? "";
  const named = ARMS.test(file) ? NAMED : NAMED.slice(0, 6);
  return named.flatMap((pattern) => [...text.matchAll(pattern)].map((found) => found[1] ?? ""));
}

const CODES = [
  ...new Set(
    RUST.filter((folder) => existsSync(folder))
      .flatMap(sources)
      .flatMap(codes),
  ),
].sort();

function names(message: unknown): string[] {
  return [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();
}

describe("the catalogues", () => {
  it("have the same messages with the same figures in both languages", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(fr).sort());
    const differ = Object.keys(fr).filter((key) => String(names(fr[key])) !== String(names(en[key])));
    expect(differ).toEqual([]);
  });

  it("say something everywhere", () => {
    for (const catalogue of [fr, en]) {
      expect(Object.entries(catalogue).filter(([, message]) => message === "")).toEqual([]);
    }
  });

  it("never lets a line of French begin with a sign or end with an open quote", () => {
    const loose = Object.entries(fr).filter(([, message]) => / [:;!?»]|« /.test(JSON.stringify(message)));
    expect(loose.map(([key]) => key)).toEqual([]);
  });

  it("word every code that engine and hub name in their sources", () => {
    expect(CODES.length).toBeGreaterThan(80);
    for (const catalogue of [fr, en]) {
      expect(CODES.filter((code) => !(`problem_${code}` in catalogue))).toEqual([]);
    }
  });

  it("word every short reason of a field", () => {
    const text = ["value", "record"].map((name) => readFileSync(`../protocol/src/${name}.rs`, "utf8")).join();
    const reasons = [...text.matchAll(/(?:refuse\(|why: )"([^"]+)"/g)].map((found) => found[1] ?? "");
    expect(reasons.length).toBeGreaterThan(10);
    const key = (why: string): string => `why_${why.toLowerCase().replace(/\W+/g, "_")}`;
    expect(reasons.filter((why) => !(key(why) in fr) || !(key(why) in en))).toEqual([]);
  });
});
