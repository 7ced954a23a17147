// Only syntax that old releases of Node parse: the check of the version has to run there too.
const floor = [20, 19];

function demandNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > floor[0] || (major === floor[0] && minor >= floor[1])) return;
  process.stderr.write(
    `set-up: Node ${floor.join('.')} or later is needed, this is ${process.versions.node}\n` +
      'hint: install it from https://nodejs.org, or run: nvm install 20\n',
  );
  process.exit(3);
}

demandNode();

/**
 * Settles once the package is ready to run. Where it cannot be made so the process ends: with 3
 * where something is missing, with 4 where the sources do not compile.
 */
export const ready = import('./setup/steps.mjs').then((steps) => steps.setUpOrExit());
