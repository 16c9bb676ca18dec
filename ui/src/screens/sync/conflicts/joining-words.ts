import type { MergeCount } from "../../../contract/MergeCount";
import type { MergePreview } from "../../../contract/MergePreview";
import type { Problem } from "../../../contract/Problem";
import { figures } from "../../../lib/amount";
import { dateOf, time } from "../../../lib/dates";
import { entityText } from "../../../state/value-text";
import { language, m, word } from "../../../words.svelte";

/** Of a product, the lines of a ticket name it; of anybody else, the ticket itself. */
function movedText(of: string, { entity, count }: MergeCount): string {
  const counted = { n: count, text: figures(count) };
  const lines = of === "product" ? word(`moved_${entity}_lines`, counted) : null;
  return lines ?? word(`moved_${entity}`, counted) ?? `${figures(count)} × ${entityText(entity)}`;
}

/** « 3 lots, 12 lignes de tickets et 1 commande passeront à … ». */
export function movesText({ entity, moves, winner, loser }: MergePreview): string {
  if (moves.length === 0) return m.join_moves_none({ label: loser.label });
  const list = new Intl.ListFormat(language.current, { type: "conjunction" });
  const n = moves.reduce((sum, { count }) => sum + count, 0);
  return m.join_moves({
    n,
    list: list.format(moves.map((one) => movedText(entity, one))),
    label: winner.label,
  });
}

/** « 7 + 2 = 9 », where the two have a stock. */
export function sumText({ winner, loser, stock }: MergePreview): string | null {
  if (winner.stock === null || loser.stock === null || stock === null) return null;
  return m.join_sum({ kept: figures(winner.stock), gone: figures(loser.stock), sum: figures(stock) });
}

export const keepsText = ({ entity, winner: { label } }: MergePreview): string =>
  word(`join_keeps_${entity}`, { label }) ?? m.join_keeps({ label });

export const madeText = (at: number): string => m.join_made({ day: dateOf(at), time: time(at) });

/** What to do first, where the two cannot be made one. */
export const nextText = ({ code }: Problem): string => word(`join_next_${code}`) ?? m.join_next();
