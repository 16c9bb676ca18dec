import { describe, expect, it } from "vitest";
import type { ActivityHour } from "../../contract/ActivityHour";
import { plot, round, WIDTH } from "./plot";

const HOUR = 3_600_000;
const day = (figures: Partial<ActivityHour>[]): ActivityHour[] =>
  Array.from({ length: 24 }, (_, index) => ({
    from: index * HOUR,
    runs: 0,
    failed: 0,
    up: 0,
    down: 0,
    refused: 0,
    bytesUp: 0,
    bytesDown: 0,
    ...figures[index],
  }));

describe("the plot of the last 24 hours", () => {
  it("rounds the scale up to 1, 2 or 5 times a power of ten", () => {
    expect([0, 1, 3, 14, 51, 148, 17_184].map(round)).toEqual([1, 1, 5, 20, 100, 200, 20_000]);
  });

  it("keeps a scale for each side, shows the little there is, and says its highest figures only", () => {
    const { columns, most, peak } = plot(day([{ up: 20 }, { up: 1, down: 17_184 }, { down: 1 }]));
    expect(most).toEqual({ up: 20, down: 20_000 });
    expect(columns[0]?.up).toBeGreaterThan(50);
    expect(columns[1]?.up).toBeGreaterThanOrEqual(2);
    expect(columns[2]?.down).toBe(2);
    expect(columns[3]?.up).toBe(0);
    expect([peak.up, peak.down]).toEqual([columns[0], columns[1]]);
  });

  it("stays within its frame, names every other hour, and has no peak on a day without anything", () => {
    const { columns, peak } = plot(day([]));
    const last = columns.at(-1);
    expect((last?.x ?? 0) + (last?.width ?? 0)).toBeCloseTo(WIDTH);
    expect(columns.filter((column) => column.label !== null)).toHaveLength(12);
    expect(peak).toEqual({ up: null, down: null });
  });
});
