/** How far a step of a run is. */
export interface Progress {
  step: string;
  done: number;
  of: number | null;
}

/** Too little was done to foretell the rest. */
const TELLING_MS = 1_500;

/** The pace of the step under way: what is left of it, from what was done since it began. */
export class Pace {
  #step = "";
  #from = 0;
  #base = 0;

  /** Milliseconds left at `now`, or `null` while nobody can tell. */
  left(progress: Progress | null, now: number): number | null {
    if (!progress) {
      this.#step = "";
      return null;
    }
    if (progress.step !== this.#step || progress.done < this.#base) {
      this.#step = progress.step;
      this.#from = now;
      this.#base = progress.done;
      return null;
    }
    const took = now - this.#from;
    const done = progress.done - this.#base;
    if (progress.of === null || took < TELLING_MS || done <= 0) return null;
    return Math.max(0, Math.round(((progress.of - progress.done) * took) / done));
  }
}
