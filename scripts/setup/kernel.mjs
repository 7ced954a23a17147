import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashOf, isStamped, kernelOutput, kernelSource, putStamp } from './stamp.mjs';
import { runProgram, SetUpError } from './step.mjs';

const features = ['--enable', 'simd', '--enable', 'relaxed-simd'];
const options = ['-O3', '--noAssert', '--runtime', 'stub', ...features];

/**
 * Compiles the WebAssembly kernel, unless what lies in `dist` was made from the same source.
 *
 * @param {string} root the folder of the package
 * @throws SetUpError with exit code 4 when it does not compile
 */
export async function compileKernel(root) {
  const output = join(root, kernelOutput);
  const stampFile = join(root, 'dist', '.kernel-setup');
  const stamp = kernelStamp(root);
  if (existsSync(output) && isStamped(stampFile, stamp)) return;
  mkdirSync(dirname(output), { recursive: true });
  const compiler = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
  const args = [compiler, kernelSource, '--outFile', kernelOutput, ...options];
  const { code, output: said } = await runProgram(process.execPath, args, root);
  if (code !== 0) {
    const hint = 'correct the source named above, or return to a commit that compiles';
    throw new SetUpError('the kernel does not compile', { hint, output: said, exitCode: 4 });
  }
  putStamp(stampFile, stamp);
}

/** The source, the options, and the version of the compiler. */
function kernelStamp(root) {
  const compiler = join(root, 'node_modules', 'assemblyscript', 'package.json');
  const { version } = JSON.parse(readFileSync(compiler, 'utf8'));
  return hashOf([version, ...options, readFileSync(join(root, kernelSource), 'utf8')].join('\n'));
}
