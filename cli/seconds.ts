import { InvalidArgumentError } from 'commander';

/** What reads the value of an option as seconds min..max. @throws InvalidArgumentError */
export function seconds(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be seconds ${min}..${max}.`);
  };
}
