import { describe, expect, it } from "vitest";
import { asked, rowsOf, type Question } from "./question";

const range: Question = { by: "range", document: "", from: "2026-11-01", to: "2026-11-20", force: false };

describe("what is compared", () => {
  it("is a range of days, both included, or one document and no days", () => {
    expect(asked(range, false)).toEqual({
      ...{ document: null, from: "2026-11-01", to: "2026-11-20", force: false, resume: false },
    });
    const one = asked({ ...range, by: "document", document: " 2-004 317 ", force: true }, false);
    expect(one).toEqual({ document: "2-004 317", from: null, to: null, force: true, resume: false });
  });

  it("is not asked while a number or a day is missing, or the days are the wrong way round", () => {
    expect(asked({ ...range, by: "document", document: "  " }, false)).toBe("document");
    expect(asked({ ...range, from: "" }, false)).toBe("days");
    expect(asked({ ...range, from: "2026-11-21" }, false)).toBe("days");
  });

  it("goes on with the last one whatever the form says meanwhile", () => {
    expect(asked({ ...range, from: "" }, true)).toMatchObject({ document: null, from: null, resume: true });
  });
});

it("shows what failed first, then what was made equal, and leaves out what was not seen", () => {
  const of = (total: number, synced: number, failed: number) => ({ total, synced, skipped: 0, failed });
  const entities = { user: of(5, 0, 0), product: of(9, 2, 0), sale: of(4, 0, 1), expense: of(0, 0, 0) };
  expect(rowsOf({ entities } as never).map(([name]) => name)).toEqual(["sale", "product", "user"]);
});
