import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import report from '../../reports/html.js';
import { makeCapacityRun } from '../fixtures/make-capacity.js';
import { makeFilteredRun } from '../fixtures/make-filtered-run.js';
import { makeOpenRun } from '../fixtures/make-open-run.js';
import { readRun } from '../fixtures/read-run.js';

const executablePath = process.env.BENCH_CHROMIUM ?? '/usr/bin/chromium';
const folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
const given = process.env.BENCH_REPORT;
const made = {
  fixture: readRun,
  open: makeOpenRun,
  capacity: makeCapacityRun,
  filtered: makeFilteredRun,
} as const;
const reports = [...Object.keys(made), ...(given === undefined ? [] : ['BENCH_REPORT'])];
let browser: Browser | undefined;

before(async () => {
  assert.ok(
    existsSync(executablePath),
    `no browser at ${executablePath}: install Debian's chromium or set BENCH_CHROMIUM`,
  );
  for (const [name, make] of Object.entries(made)) {
    writeFileSync(join(folder, `${name}.html`), await report.render([make()]));
  }
  const off = ['gpu', 'quic', 'background-networking', 'component-update', 'sync'];
  const args = ['--no-sandbox', '--no-first-run', ...off.map((each) => `--disable-${each}`)];
  browser = await chromium.launch({ executablePath, args });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

function fileOf(name: string): string {
  return name in made ? join(folder, `${name}.html`) : resolve(given ?? '');
}

interface View {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly script?: boolean;
}

/** Opens a report, does something with it, and fails on any error or request it made. */
async function withPage(
  name: string,
  view: View,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  assert.ok(browser !== undefined);
  const context = await browser.newContext({
    viewport: { width: view.width ?? 1280, height: 900 },
    colorScheme: view.scheme ?? 'light',
    javaScriptEnabled: view.script ?? true,
  });
  const address = pathToFileURL(fileOf(name)).href;
  const errors: string[] = [];
  try {
    const page = await context.newPage();
    page.on('console', (message) => errors.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => errors.push(`page: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== address) errors.push(`request: ${request.url()}`);
    });
    await page.goto(address);
    await use(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(errors, []);
}

/** In the page: the least contrast of some kinds of text, by WCAG 2.2, relative luminance. */
const leastContrast = `(() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const part = (value) => {
      const s = value / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const backgroundOf = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const found = rgb(getComputedStyle(each).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const kinds = 'h1, h2, p, a, td, small, dt, dd, .tag, .badge, figure text, code, caption';
  const contrasts = [...document.querySelectorAll(kinds)].map((element) => {
    const style = getComputedStyle(element);
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [luminance(rgb(ink)), luminance(backgroundOf(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return { ratio, what: element.tagName + ' ' + element.textContent.slice(0, 40) };
  });
  return contrasts.sort((a, b) => a.ratio - b.ratio)[0];
})()`;

/** In the page: texts of one chart that lie over each other. */
const overlaps = `[...document.querySelectorAll('figure > svg')].flatMap((chart) => {
  const texts = [...chart.querySelectorAll('text')].filter((text) => text.textContent.trim());
  const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect()]);
  return boxes.flatMap(([a, one], index) =>
    boxes.slice(index + 1).flatMap(([b, other]) => {
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      // The box of a text is higher than its letters.
      return wide > 1 && high > 4 ? [a + ' over ' + b] : [];
    }),
  );
})`;

/** In the page: texts of charts that reach out of their drawing. */
const cutOff = `[...document.querySelectorAll('figure > svg')].flatMap((chart) => {
  const whole = chart.getBoundingClientRect();
  return [...chart.querySelectorAll('text')].flatMap((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    const isIn = left >= whole.left - 1 && right <= whole.right + 1;
    return isIn && top >= whole.top - 1 && bottom <= whole.bottom + 1 ? [] : [text.textContent];
  });
})`;

for (const name of reports) {
  for (const script of [true, false]) {
    const how = script ? 'with' : 'without';
    test(`${name}: opens ${how} script, shows its charts, asks for nothing`, async () => {
      await withPage(name, { script }, async (page) => {
        const charts = await page.locator('figure > svg').all();
        assert.ok(charts.length >= 2, `${charts.length} charts`);
        for (const chart of charts) {
          const box = await chart.boundingBox();
          assert.ok(box !== null && box.width > 300 && box.height > 60);
          assert.ok((await chart.locator('path, line').count()) > 10);
        }
      });
    });
  }

  for (const width of [1280, 400]) {
    test(`${name}: fits a window of ${width} pixels`, async () => {
      await withPage(name, { width }, async (page) => {
        const wide = await page.evaluate('document.documentElement.scrollWidth');
        assert.ok(Number(wide) <= width, `${wide} pixels wide`);
      });
    });
  }

  for (const scheme of ['light', 'dark'] as const) {
    test(`${name}: text has a contrast of at least 4.5 when ${scheme}`, async () => {
      await withPage(name, { scheme }, async (page) => {
        const least = (await page.evaluate(leastContrast)) as { ratio: number; what: string };
        assert.ok(least.ratio >= 4.5, `${least.ratio.toFixed(2)}: ${least.what}`);
      });
    });
  }

  test(`${name}: no text of a chart lies over another or is cut off`, async () => {
    await withPage(name, {}, async (page) => {
      assert.deepEqual(await page.evaluate(overlaps), []);
      assert.deepEqual(await page.evaluate(cutOff), []);
    });
  });

  test(`${name}: dark differs from light`, async () => {
    const background = 'getComputedStyle(document.body).backgroundColor';
    const seen: unknown[] = [];
    for (const scheme of ['light', 'dark'] as const) {
      await withPage(name, { scheme }, async (page) => {
        seen.push(await page.evaluate(background));
      });
    }
    assert.equal(new Set(seen).size, 2);
  });

  // A search for the highest rate has trials, and no points.
  if (name === 'capacity') continue;

  test(`${name}: a click on a heading sorts, a second one turns the order round`, async () => {
    await withPage(name, {}, async (page) => {
      const cells = '#points tbody tr > [data-label^="Throughput"]';
      const values = async () =>
        (await page.evaluate(
          `[...document.querySelectorAll('${cells}')].map((cell) => Number(cell.dataset.sort))`,
        )) as number[];
      const button = page.locator('#points thead button', { hasText: 'Throughput' });
      const ascending = (await values()).sort((a, b) => a - b);
      await button.click();
      assert.deepEqual(await values(), ascending);
      await button.click();
      assert.deepEqual(await values(), ascending.toReversed());
    });
  });
}

test('capacity: the limit of the SLO and the confirmed rate are seen in the chart', async () => {
  await withPage('capacity', {}, async (page) => {
    const chart = page.locator('#capacity figure', { hasText: 'p99 by offered rate' });
    for (const name of ['SLO: p99 ≤ 20 ms', 'confirmed 2,181', 'knee 2,378']) {
      assert.ok(await chart.locator('text', { hasText: name }).first().isVisible(), name);
    }
  });
});

test('fixture: the filter leaves the rows that hold all its words', async () => {
  await withPage('fixture', {}, async (page) => {
    await page.locator('#points input').fill('ivf-flat nprobe=64');
    assert.equal(await page.locator('#points tbody tr:visible').count(), 1);
  });
});

test('fixture: on paper it is A4 and keeps light colours in a dark browser', async () => {
  await withPage('fixture', { scheme: 'dark' }, async (page) => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const ink = await page.evaluate('getComputedStyle(document.body).color');
    assert.equal(ink, 'rgb(23, 27, 34)');
    const pdf = await page.pdf({ preferCSSPageSize: true });
    // A4 in points: 210 by 297 mm at 72 points an inch.
    assert.match(pdf.toString('latin1'), /\/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/);
  });
});
