import { nowNs } from '../core/clock.js';
import type { Progress } from '../core/progress.js';
import { formatNumber, formatSeconds, nsPerS } from '../core/units.js';

/** Where progress is written. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const redrawNs = 100_000_000;
const plainEveryNs = 5_000_000_000;

/**
 * Progress for a person: one line that is drawn again on a terminal, plain lines every five
 * seconds elsewhere. Phases under a second leave no line there.
 */
export function terminalProgress(terminal: Terminal): Progress {
  return new Lines(terminal);
}

class Lines implements Progress {
  readonly #terminal: Terminal;
  #name = '';
  #total: number | undefined;
  #beganNs = 0;
  #drawnNs = 0;
  #open = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  phase(name: string, total?: number): void {
    this.#clear();
    this.#name = name;
    this.#total = total;
    this.#beganNs = nowNs();
    this.#drawnNs = this.#terminal.isTTY === true ? 0 : this.#beganNs;
    this.update(0);
  }

  update(done: number, detail = ''): void {
    const now = nowNs();
    const tty = this.#terminal.isTTY === true;
    if (now - this.#drawnNs < (tty ? redrawNs : plainEveryNs)) return;
    this.#drawnNs = now;
    const line = this.#line(done, detail, (now - this.#beganNs) / nsPerS);
    if (!tty) {
      this.#terminal.write(`${line}\n`);
      return;
    }
    const width = (this.#terminal.columns ?? 80) - 1;
    this.#terminal.write(`\r\u001b[2K${line.slice(0, width)}`);
    this.#open = true;
  }

  note(line: string): void {
    this.#clear();
    this.#terminal.write(`${line}\n`);
  }

  end(): void {
    this.#clear();
  }

  #line(done: number, detail: string, elapsedS: number): string {
    const parts = [this.#name];
    const total = this.#total;
    if (total !== undefined && total > 0) {
      parts.push(`${formatNumber(done)}/${formatNumber(total)}`);
      if (done > 0 && elapsedS > 0.2) {
        parts.push(`${formatNumber(done / elapsedS)}/s`);
        parts.push(`${formatSeconds(((total - done) * elapsedS) / done)} left`);
      }
    } else if (elapsedS >= 1) {
      parts.push(formatSeconds(elapsedS));
    }
    if (detail !== '') parts.push(detail);
    return parts.join('  ');
  }

  #clear(): void {
    if (this.#open) this.#terminal.write('\r\u001b[2K');
    this.#open = false;
  }
}
