import { BenchError } from '../core/errors.js';
import { shownUrl } from '../core/server/connection-error.js';
import { fromFolder } from './own-file.js';

/** A target as a command line or a suite names it: `NAME`, `NAME:TRANSPORT`, `NAME=ADDRESS`. */
export interface TargetName {
  /** The name of an adapter, of a target of a file, or the path of an adapter. */
  readonly base: string;
  /** What results add to the name. */
  readonly suffix: string;
  /** What it says of the settings. */
  readonly options: Readonly<Record<string, string>>;
}

const secretName = /pass|pwd|secret|token|key|auth|credential/i;
const form =
  /^(?<base>.+?)(?::(?<transport>client|raw|grpc))?(?:=(?<url>[a-z][a-z0-9+.-]*:\/\/.*))?$/s;

/**
 * The parts of a target's name.
 *
 * @throws BenchError BAD_ARGUMENT for an address alone, and for one with a password or the like,
 *   which would be kept in results
 */
export function parseTargetName(given: string): TargetName {
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(given)) throw nameless(given);
  const { base = given, transport, url } = form.exec(given)?.groups ?? {};
  const secret = url === undefined ? undefined : secretIn(url);
  if (url !== undefined && secret !== undefined) {
    const what = `target ${base}=${shownUrl(url)}: an address with ${secret} on the command line`;
    throw new BenchError('BAD_ARGUMENT', `${what} would be kept in results`, {
      hint: 'name the target in a file (--targets) with what is secret from a variable',
    });
  }
  return {
    base,
    suffix: transport === undefined ? '' : `-${transport}`,
    options: { ...(transport !== undefined && { transport }), ...(url !== undefined && { url }) },
  };
}

function nameless(given: string): BenchError {
  return new BenchError('BAD_ARGUMENT', `target ${shownUrl(given)}: an address needs a name`, {
    hint: 'write NAME=ADDRESS with a name of bench list targets',
  });
}

/** What of an address may be secret, in words. */
function secretIn(text: string): string | undefined {
  // What cannot be taken apart may hold anything before its last at sign.
  if (!URL.canParse(text)) return text.includes('@') ? 'what may be a password' : undefined;
  const { protocol, username, password, searchParams } = new URL(text);
  if (password !== '') return 'a password';
  // Over HTTP a name alone is a token; elsewhere it is a user without a password.
  if (/^https?:$/.test(protocol) && username !== '') return 'a name';
  const parameter = [...searchParams.keys()].find((name) => secretName.test(name));
  return parameter === undefined ? undefined : `the parameter ${parameter}`;
}

/** A target's name whose path, if it is one, is absolute. */
export function targetFromFolder(folder: string, given: string): string {
  const { base } = parseTargetName(given);
  return `${fromFolder(folder, base)}${given.slice(base.length)}`;
}
