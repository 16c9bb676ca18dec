/** Runs questions whose older answers no longer matter: only the answer to the last question is delivered. */
export class Latest<A, R> {
  #asked = 0;
  #pending: Promise<void> = Promise.resolve();

  constructor(
    private readonly ask: (argument: A) => Promise<R>,
    private readonly deliver: (answer: R, argument: A) => void,
    private readonly fail: (error: unknown) => void = () => {},
  ) {}

  /** Asks, and forgets whatever was still under way. */
  run(argument: A): Promise<void> {
    const turn = ++this.#asked;
    this.#pending = this.ask(argument).then(
      (answer) => {
        if (turn === this.#asked) this.deliver(answer, argument);
      },
      (error: unknown) => {
        if (turn === this.#asked) this.fail(error);
      },
    );
    return this.#pending;
  }

  /** Nothing still under way will be delivered. */
  forget(): void {
    this.#asked += 1;
  }

  /** Resolves once the last question is answered. */
  settled(): Promise<void> {
    return this.#pending;
  }
}
