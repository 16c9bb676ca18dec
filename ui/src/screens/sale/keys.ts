import { looksLikeCode } from "../../lib/quantity";
import { shell } from "../../state/shell.svelte";
import { toasts } from "../../state/toasts.svelte";
import { m, problemText } from "../../words.svelte";
import type { Till } from "./till.svelte";

/** F12: exact cash, from the sale and from the payment dialog alike. */
function payExact(till: Till): void {
  if (till.cart?.blocker) toasts.say("warn", problemText(till.cart.blocker));
  else void till.pay(null);
}

/** F6: takes the shorter lot that the line speaks of, or lists the lots. */
function otherLot(till: Till): void {
  const line = till.line;
  if (!line || !shell.may("choose_lot")) return;
  if (line.nudge?.kind === "shorterLot") void till.chooseLot(line.line, line.nudge.batch, "");
  else till.dialog = "lot";
}

function inHand(till: Till): void {
  const line = till.blocking;
  if (line && shell.may("in_hand")) void till.markInHand(line.line, true);
}

async function enterWithText(till: Till): Promise<void> {
  const { search } = till;
  if (looksLikeCode(search.text) && !search.pointed && !till.attaching) return till.scan(search.text.trim());
  const hit = await search.settled();
  if (hit) await till.choose(hit);
}

/** Enter in an empty field: the one thing that the screen offers now. */
function enterAlone(till: Till): void {
  const blocking = till.blocking;
  if (till.note?.kind === "unknown" && shell.may("attach_code")) {
    till.attaching = till.note.code;
    till.note = null;
  } else if (blocking) void till.keepAvailable(blocking);
  else if (till.cart?.blocker) toasts.say("warn", problemText(till.cart.blocker));
  else if (till.cart?.lines.length) till.dialog = "pay";
}

/** Puts on the field one letter of what there is to leave: text, then a code to attach, then a note. */
function escape(till: Till): void {
  if (till.search.text || till.search.offered || till.search.count) till.search.clear();
  else if (till.attaching) till.attaching = null;
  else till.note = null;
}

function arrows(till: Till, step: 1 | -1): void {
  if (till.search.open) till.search.move(step);
  else till.select(step);
}

type Act = (till: Till) => void;

const ANYWHERE: Record<string, Act> = { F12: payExact };

const ON_SALE: Record<string, Act> = {
  F2: (till) => till.line && (till.dialog = "quantity"),
  F6: otherLot,
  F7: (till) => void till.hold(),
  F9: (till) => (till.dialog = "held"),
  Escape: escape,
  ArrowDown: (till) => arrows(till, 1),
  ArrowUp: (till) => arrows(till, -1),
};

function withAlt(event: KeyboardEvent, till: Till): boolean {
  if (event.code === "KeyB") inHand(till);
  else if (event.code === "KeyR" && till.cart?.last) till.dialog = "receipt";
  else return false;
  return true;
}

function inField(event: KeyboardEvent, till: Till): boolean {
  const empty = till.search.text === "" && !till.search.offered;
  if (event.key === "Enter" && empty) enterAlone(till);
  else if (event.key === "Enter") void enterWithText(till);
  else if (event.key === "Delete" && empty && till.line) void till.remove(till.line.line);
  else if (event.key === "Backspace" && empty && till.search.count) till.search.count = null;
  else return false;
  return true;
}

/** A key of the sale; true when it was used. Keys on a button are the button's, except the function keys. */
export function saleKey(event: KeyboardEvent, till: Till, onButton: boolean): boolean {
  const anywhere = ANYWHERE[event.key];
  if (anywhere && !shell.covered) {
    anywhere(till);
    return true;
  }
  if (till.dialog || shell.covered || event.ctrlKey || event.metaKey) return false;
  if (event.altKey) return withAlt(event, till);
  const act = ON_SALE[event.key];
  if (act) act(till);
  else return onButton ? false : inField(event, till);
  return true;
}

/** The key caps under the lines, only for what this person may do. */
export function keyBar(): [string, string][] {
  return [
    ["F2", m.keys_quantity()],
    ...(shell.may("choose_lot") ? [["F6", m.keys_lot()] as [string, string]] : []),
    [m.key_delete(), m.keys_remove()],
    ["F7", m.keys_hold()],
    ["F9", m.keys_recall()],
  ];
}
