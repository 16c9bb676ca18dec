import type { FlagView } from "../../contract/FlagView";
import type { PaymentView } from "../../contract/PaymentView";
import type { ToSettleView } from "../../contract/ToSettleView";
import { francs } from "../../lib/amount";
import { m, word } from "../../words.svelte";

/** `280 000 GNF en espèces + 20 000 GNF sur Orange Money`; nothing where nothing was paid. */
export function moneyBack(payments: PaymentView[]): string {
  const sums = payments.filter((payment) => payment.amount > 0);
  if (sums.length === 0) return m.settle_nothing();
  return sums
    .map(({ means, amount }) => `${francs(amount)} ${word(`settle_means_${means}`) ?? means}`)
    .join(" + ");
}

/** The products that lack, which keeping the ticket has recounted; all of them where none lacks any more. */
export function recounted(ticket: ToSettleView): string {
  const short = ticket.lines.filter((line) => line.short > 0);
  const names = (short.length > 0 ? short : ticket.lines).map((line) => line.name);
  return [...new Set(names)].join(", ");
}

/** Why a ticket is to be looked at; what took it back goes by its own number. */
export function flagText({ number, code }: FlagView, ticket: string): string {
  const why = word(`flag_${code}`) ?? m.flag_unsaid();
  return number === ticket ? why : m.flag_of_return({ number, why });
}
