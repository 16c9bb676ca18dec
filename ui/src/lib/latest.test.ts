import { describe, expect, it } from "vitest";
import { Latest } from "./latest";

function answersByHand() {
  const waiting = new Map<string, (value: string) => void>();
  const seen: string[] = [];
  const latest = new Latest<string, string>(
    (text) => new Promise((resolve) => waiting.set(text, resolve)),
    (answer) => seen.push(answer),
  );
  return { latest, seen, answer: (text: string) => waiting.get(text)?.(`hits for ${text}`) };
}

describe("the latest question", () => {
  it("drops a stale answer that comes after a newer question", async () => {
    const { latest, seen, answer } = answersByHand();
    const first = latest.run("am");
    const second = latest.run("amo");
    answer("amo");
    answer("am");
    await Promise.all([first, second]);
    expect(seen).toEqual(["hits for amo"]);
  });

  it("delivers nothing once forgotten", async () => {
    const { latest, seen, answer } = answersByHand();
    const asked = latest.run("am");
    latest.forget();
    answer("am");
    await asked;
    expect(seen).toEqual([]);
  });
});
