import { call } from "../../../backend";
import type { ConflictView } from "../../../contract/ConflictView";
import type { MergeArgs } from "../../../contract/MergeArgs";
import type { MergePreview } from "../../../contract/MergePreview";
import type { MergeSide } from "../../../contract/MergeSide";
import { Latest } from "../../../lib/latest";
import { asProblem, problemText } from "../../../words.svelte";

/** Twins that are one: which two, which of them stays, and what would become of them. Nothing is chosen in advance. */
export class Joining {
  /** The row pointed at among those that the new one may be. */
  at = $state(0);
  /** It is this one that the new row is the same as. */
  paired = $state(false);
  /** The row that stays. */
  kept = $state<string | null>(null);
  preview = $state.raw<MergePreview | null>(null);
  /** Why nothing can be foretold, in words. */
  fault = $state<string | null>(null);

  #asked = new Latest(
    (args: MergeArgs) => call("preview_merge", args),
    (preview) => (this.preview = preview),
    (error) => (this.fault = problemText(asProblem(error))),
  );

  private constructor(
    readonly conflict: ConflictView,
    /** Each with the new row as the one that goes. */
    readonly candidates: MergePreview[],
  ) {
    this.paired = candidates.length === 1;
  }

  /** Reads the rows that the new one may be; those that are it already are left out. Rejects where none is left. */
  static async of(conflict: ConflictView): Promise<Joining> {
    const { uid, row: loser } = conflict.summary;
    const alike: unknown = conflict.fields[0]?.hub;
    const uids = Array.isArray(alike) ? alike.map(String) : [];
    const asked = await Promise.allSettled(
      uids.map((winner) => call("preview_merge", { uid, winner, loser })),
    );
    const read = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const distinct = read.filter(
      (one, at) => read.findIndex(({ winner }) => winner.uid === one.winner.uid) === at,
    );
    const refused = asked.find((one) => one.status === "rejected");
    if (distinct.length === 0 && refused) throw refused.reason;
    return new Joining(conflict, distinct);
  }

  /** The new row, and the one pointed at. */
  get pair(): MergeSide[] {
    const candidate = this.candidates[this.at];
    return candidate ? [candidate.loser, candidate.winner] : [];
  }

  get label(): string {
    return this.candidates[0]?.loser.label ?? "";
  }

  /** What to send, once what would move was shown and nothing stands against it. */
  get ready(): MergeArgs | null {
    if (!this.preview || this.preview.problem) return null;
    const { winner, loser } = this.preview;
    return { uid: this.conflict.summary.uid, winner: winner.uid, loser: loser.uid };
  }

  /** Points at a row of the step under way: a candidate, or the one of two that stays. */
  point(at: number): void {
    if (this.paired) this.#keep(at);
    else if (at in this.candidates) this.at = at;
  }

  /** To the row before or after. */
  turn(step: number): void {
    if (!this.paired) return this.point(Math.max(0, Math.min(this.candidates.length - 1, this.at + step)));
    const at = this.pair.findIndex(({ uid }) => uid === this.kept);
    this.point(at < 0 ? (step > 0 ? 0 : 1) : Math.max(0, Math.min(1, at + step)));
  }

  #keep(at: number): void {
    const winner = this.pair[at]?.uid;
    const loser = this.pair[1 - at]?.uid;
    if (!winner || !loser || winner === this.kept) return;
    this.#forget();
    this.kept = winner;
    void this.#asked.run({ uid: this.conflict.summary.uid, winner, loser });
  }

  /** One step back; false where there is none. */
  back(): boolean {
    if (!this.paired || this.candidates.length === 1) return false;
    this.#forget();
    this.paired = false;
    return true;
  }

  #forget(): void {
    this.#asked.forget();
    this.kept = null;
    this.preview = null;
    this.fault = null;
  }
}
