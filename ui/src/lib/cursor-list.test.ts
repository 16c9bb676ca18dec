import { describe, expect, it } from "vitest";
import { CursorList } from "./cursor-list.svelte";

const PAGE = 10;

function listOf(count: number) {
  const asked: (number | null)[] = [];
  const source = Array.from({ length: count }, (_, at) => at);
  const failures: unknown[] = [];
  const list = new CursorList<number, number>(
    (after) => {
      asked.push(after);
      const from = after ?? 0;
      const next = from + PAGE < source.length ? from + PAGE : null;
      return Promise.resolve({ rows: source.slice(from, from + PAGE), next });
    },
    (error) => failures.push(error),
  );
  return { list, asked, source, failures };
}

describe("a list read by pages", () => {
  it("reads one page until more comes into sight, then no page twice", async () => {
    const { list, asked } = listOf(35);
    await list.restart();
    expect(list.rows).toHaveLength(10);
    await Promise.all([list.need(25), list.need(25)]);
    expect(list.rows).toHaveLength(30);
    await list.need(1_000);
    expect(list.rows).toHaveLength(35);
    expect(list.next).toBeNull();
    expect(asked).toEqual([null, 10, 20, 30]);
  });

  it("read again keeps its place and shows what changed", async () => {
    const { list, source } = listOf(35);
    await list.restart();
    await list.need(30);
    source.shift();
    await list.reload();
    expect(list.rows).toHaveLength(30);
    expect(list.rows[0]).toBe(1);
  });

  it("forgets the page under way when another question is asked", async () => {
    const { list } = listOf(35);
    await list.restart();
    const more = list.need(20);
    await list.restart();
    await more;
    expect(list.rows).toHaveLength(10);
    await list.need(20);
    expect(list.rows).toHaveLength(20);
  });

  it("says a failure and can be asked again", async () => {
    let broken = true;
    const failures: unknown[] = [];
    const list = new CursorList<number, number>(
      () => (broken ? Promise.reject(new Error("down")) : Promise.resolve({ rows: [1], next: null })),
      (error) => failures.push(error),
    );
    await list.restart();
    expect(failures).toHaveLength(1);
    expect(list.loaded).toBe(false);
    broken = false;
    await list.restart();
    expect(list.rows).toEqual([1]);
  });
});
