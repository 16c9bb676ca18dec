import type { IdentityView } from "../../contract/IdentityView";
import { figures } from "../../lib/amount";
import { m } from "../../words.svelte";

/** `12 tickets et 3 autres opérations`; nothing where nothing waits. */
export function waitsText({ tickets, others }: Pick<IdentityView, "tickets" | "others">): string {
  const sold = tickets > 0 ? m.identity_tickets({ n: tickets, text: figures(tickets) }) : "";
  const rest = others > 0 ? m.identity_others({ n: others, text: figures(others) }) : "";
  return sold && rest ? m.identity_and({ a: sold, b: rest }) : sold || rest;
}
