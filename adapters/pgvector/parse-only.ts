import type { PgSubmittable, PgWire } from './package.js';

/** A statement under its name. */
interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A statement that is parsed under its name and not run. */
export class ParseOnly implements PgSubmittable {
  readonly name: string;
  readonly text: string;
  readonly #done: (thrown?: Error) => void;

  constructor({ name, text }: Statement, done: (thrown?: Error) => void) {
    this.name = name;
    this.text = text;
    this.#done = done;
  }

  submit(wire: PgWire): void {
    const { name, text } = this;
    wire.submittedNamedStatements[name] = text;
    wire.parse({ name, text });
    wire.sync();
  }

  handleError(error: Error): void {
    this.#done(error);
  }

  handleReadyForQuery(): void {
    this.#done();
  }
}
