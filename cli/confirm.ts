import { createInterface } from 'node:readline';

/** Asks a person a question that is answered by yes or no. */
export type Confirm = (question: string) => Promise<boolean>;

/** What asks the person at the terminal; undefined where nobody can be asked. */
export function terminalConfirm(): Confirm | undefined {
  const isPerson = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return isPerson ? askPerson : undefined;
}

/** Whether the person answers yes; an answer that is cut off (Ctrl-C, Ctrl-D) is a no. */
function askPerson(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    lines.once('close', () => resolve(false));
    lines.question(`${question} [y/N] `, (answer) => {
      resolve(['y', 'yes'].includes(answer.trim().toLowerCase()));
      lines.close();
    });
  });
}
