import { InvalidArgumentError } from 'commander';

/** What reads the value of an option as a whole number min..max. @throws InvalidArgumentError */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number ${min}..${max}.`);
  };
}
