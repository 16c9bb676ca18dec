import type { ActivityHour } from "../../contract/ActivityHour";

export const WIDTH = 1240;
export const HEIGHT = 176;
const LEFT = 64;
/** Where nothing went up nor down, and how far each side may go from there. */
export const AXIS = 76;
const UP = 58;
const DOWN = 58;
/** Part of an hour's width that its bars take. */
const BAR = 0.62;

export interface Column {
  hour: ActivityHour;
  x: number;
  width: number;
  centre: number;
  barX: number;
  barWidth: number;
  up: number;
  down: number;
  /** Every other hour is named. */
  label: string | null;
}

export interface Plot {
  columns: Column[];
  /** What the ends of both sides stand for. */
  most: { up: number; down: number };
  /** The highest bar of each side: the only ones that say their figure. */
  peak: { up: Column | null; down: Column | null };
}

/** The next round figure: 1, 2 or 5 times a power of ten. */
export function round(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

/** Where each hour's bars stand. Both sides have their own scale: a first reading would hide a day of sales. */
export function plot(hours: ActivityHour[]): Plot {
  const most = {
    up: round(Math.max(1, ...hours.map((hour) => hour.up))),
    down: round(Math.max(1, ...hours.map((hour) => hour.down))),
  };
  const width = (WIDTH - LEFT) / Math.max(1, hours.length);
  const columns = hours.map((hour, index): Column => {
    const x = LEFT + index * width;
    const of = new Date(hour.from).getHours();
    return {
      hour,
      x,
      width,
      centre: x + width / 2,
      barX: x + (width * (1 - BAR)) / 2,
      barWidth: width * BAR,
      up: height(hour.up, most.up, UP),
      down: height(hour.down, most.down, DOWN),
      label: of % 2 === 0 ? String(of) : null,
    };
  });
  return { columns, most, peak: { up: highest(columns, "up"), down: highest(columns, "down") } };
}

/** What there is can be seen, however little. */
function height(value: number, most: number, room: number): number {
  return value === 0 ? 0 : Math.max(2, (value / most) * room);
}

function highest(columns: Column[], side: "up" | "down"): Column | null {
  const [first, ...rest] = columns.filter((column) => column.hour[side] > 0);
  if (!first) return null;
  return rest.reduce((best, column) => (column.hour[side] > best.hour[side] ? column : best), first);
}
